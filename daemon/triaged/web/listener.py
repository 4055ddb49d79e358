"""Webhooks: verified over the raw bytes, read, stored, and only then answered.

A plain ASGI function, because these few requests are the only ones whose rate matters; everything else goes on to ``rest``.
How long a head or a body may take is the business of ``connection``.
"""

import math
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

from triaged import logs
from triaged.core import door
from triaged.core.door import Door
from triaged.core.model import Delivery, Record
from triaged.errors import BadSignature, JournalBroken, Rejected, TooLarge, Unavailable
from triaged.metrics import Metrics
from triaged.ports import Clock, PushSource, Webhook
from triaged.web.failures import Failures

Accept = Callable[[Sequence[Delivery]], Awaitable[Sequence[bool]]]
Asgi = Callable[[Any, Any, Any], Awaitable[None]]

_PREFIX = "/webhook/"
_RETRY_AFTER = (b"retry-after", b"10")

# Headers that proxies and browsers may well send twice and that no source reads.
_MANY = frozenset({"accept", "accept-encoding", "accept-language", "cache-control", "cookie", "forwarded", "via"})


class Listener:
    """``sources`` by the name in the path; one without its secret is not among them: 404."""

    def __init__(
        self, sources: Mapping[str, PushSource], accept: Accept, rest: Asgi, clock: Clock, metrics: Metrics, entrance: Door | None = None
    ) -> None:
        self._sources = sources
        self._accept = accept
        self._rest = rest
        self._clock = clock
        self._metrics = metrics
        self._door = entrance or Door()
        self._failures = Failures()
        self._last = {name: metrics.last_delivery.labels(name) for name in sources}
        self._counted = {(name, result): metrics.deliveries.labels(name, result) for name in sources for result in _RESULTS}

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        path = scope.get("path", "")
        if scope["type"] != "http" or not path.startswith(_PREFIX):
            await self._rest(scope, receive, send)
            return
        source = self._sources.get(path[len(_PREFIX) :])
        if source is None:
            await _respond(send, 404, "no source of that name has its secret configured")
        elif scope["method"] != "POST":
            await _respond(send, 405, "webhooks are sent with POST", (b"allow", b"POST"))
        else:
            await self._webhook(source, scope, receive, send)

    async def _webhook(self, source: PushSource, scope: Any, receive: Any, send: Any) -> None:
        result, status, text, header = "accepted", 202, "accepted", None
        try:
            webhook = await self._received(source, scope, receive)
            said = source.answer(webhook)
            if said is not None:
                await _respond(send, 200, said)
                return
            with self._metrics.taking("accept", self._clock):
                result = await self._store(source, webhook)
        except _No as no:
            result, status, text, header = no.result, no.status, str(no), no.header
        except TooLarge as error:
            result, status, text = "too_large", 413, str(error)
        except Rejected as error:
            result, status, text = "not_understood", 422, str(error)
        except (Unavailable, JournalBroken) as error:
            logs.error("a delivery could not be stored", source=source.name, reason=str(error))
            result, status, text, header = "unavailable", 503, "cannot be stored now", _RETRY_AFTER
        except _Gone:
            self._counted[source.name, "refused"].inc()
            return
        self._counted[source.name, result].inc()
        await _respond(send, status, text, header)

    async def _received(self, source: PushSource, scope: Any, receive: Any) -> Webhook:
        """A delivery whose sender has proven itself. What costs least is looked at first."""
        raw, peer = scope["headers"], (scope.get("client") or ("",))[0]
        asking = door.address(self._door, peer, [value.decode("latin-1") for name, value in raw if name == b"x-forwarded-for"])
        if not door.admits(self._door, asking):
            raise _No(403, "refused", "deliveries are not accepted from this address")
        try:
            headers = _headers(raw)
            if _lacks_proof(source, headers):
                self._is_patient_with(source, door.sender(asking, peer))
            webhook = Webhook(headers, await _body(headers, receive, source.most), self._clock.now())
            source.verify(webhook)
        except BadSignature as error:
            self._is_patient_with(source, door.sender(asking, peer))
            self._failures.count(source.name, door.sender(asking, peer), self._clock.monotonic())
            raise _No(401, "refused", str(error)) from None
        return webhook

    def _is_patient_with(self, source: PushSource, sender: str) -> None:
        """Who fails too often is not read without a signature. With one it is always verified first, and may be the right one:
        behind a proxy or a NAT strangers share an address with those we wait for.
        """
        wait = self._failures.wait(source.name, sender, self._clock.monotonic())
        if wait:
            retry_after = (b"retry-after", b"%d" % math.ceil(wait))
            raise _No(429, "refused", "too many deliveries from this address could not be verified", retry_after)

    async def _store(self, source: PushSource, webhook: Webhook) -> str:
        kept = {name: webhook.headers[name] for name in source.keeps if name in webhook.headers}
        delivery = Delivery(source=source.name, key=source.key(webhook), at=webhook.at, body=webhook.body, headers=kept)
        records = _read(source, delivery)
        self._last[source.name].set(webhook.at.timestamp())
        if records is not None and not records:
            return "accepted"
        (new,) = await self._accept([_with(delivery, records)])
        return "accepted" if new else "duplicate"


_RESULTS = ("accepted", "duplicate", "refused", "too_large", "not_understood", "unavailable")


class _No(Exception):
    """What a sender hears whose delivery is not even looked at."""

    def __init__(self, status: int, result: str, text: str, header: tuple[bytes, bytes] | None = None) -> None:
        super().__init__(text)
        self.status = status
        self.result = result
        self.header = header


class _Gone(Exception):
    """The caller went away, or was cut off, before its body was here."""


def _lacks_proof(source: PushSource, headers: Mapping[str, str]) -> bool:
    return bool(source.proofs) and not any(headers.get(name) for name in source.proofs)


def _read(source: PushSource, delivery: Delivery) -> tuple[Record, ...] | None:
    """None where we stumble over it: then it is stored as it is, and becomes a dead letter unless it can be read later."""
    try:
        return source.read(delivery)
    except Rejected:
        raise
    except Exception as error:
        logs.error("a delivery could not be read", source=source.name, reason=type(error).__name__)
        return None


def _with(delivery: Delivery, records: Any) -> Delivery:
    return Delivery(delivery.source, delivery.key, delivery.at, delivery.body, delivery.headers, records=records)


def _headers(raw: Sequence[tuple[bytes, bytes]]) -> dict[str, str]:
    """Names in lower case. One sent twice could be read in two ways, so it proves nothing."""
    headers: dict[str, str] = {}
    for name, value in raw:
        key = name.decode("latin-1")
        if key in headers and key not in _MANY and not key.startswith("x-forwarded-"):
            raise BadSignature(f"the header {key} was sent twice")
        headers[key] = value.decode("latin-1")
    return headers


async def _body(headers: Mapping[str, str], receive: Any, most: int) -> bytes:
    """As it was signed: a compressed one is not unpacked. What is a little over the limit is read to its end, so that the sender
    hears why; what is far over it is not.
    """
    if headers.get("content-encoding", "identity").strip().lower() not in ("identity", ""):
        raise _No(415, "not_understood", "send the body as it is, without a Content-Encoding", (b"accept-encoding", b"identity"))
    too_large = f"a body may have {most:,} bytes"
    told = headers.get("content-length", "")
    if told.isdecimal() and int(told[:20]) > 2 * most:
        raise TooLarge(too_large)
    chunks, size, more = [], 0, True
    while more and size <= 2 * most:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise _Gone
        chunk, more = message["body"], message["more_body"]
        size += len(chunk)
        if size <= most:
            chunks.append(chunk)
    if size > most:
        raise TooLarge(too_large)
    return chunks[0] if len(chunks) == 1 else b"".join(chunks)


async def _respond(send: Any, status: int, text: str, header: tuple[bytes, bytes] | None = None) -> None:
    body = text.encode("utf-8", "replace")
    headers = [
        (b"content-type", b"text/plain; charset=utf-8"),
        (b"content-length", b"%d" % len(body)),
        (b"x-content-type-options", b"nosniff"),
    ]
    await send({"type": "http.response.start", "status": status, "headers": [*headers, header] if header else headers})
    await send({"type": "http.response.body", "body": body})
