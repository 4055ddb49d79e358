"""Webhooks: verified over the raw bytes, read, stored, and only then answered.

A plain ASGI function, because these few requests are the only ones whose rate matters; everything else goes on to ``rest``.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

import anyio

from triaged import logs
from triaged.core.model import Delivery, Record
from triaged.errors import BadSignature, JournalBroken, Rejected, TooLarge, Unavailable
from triaged.metrics import Metrics
from triaged.ports import Clock, PushSource, Webhook

Accept = Callable[[Sequence[Delivery]], Awaitable[Sequence[bool]]]
Asgi = Callable[[Any, Any, Any], Awaitable[None]]

_PREFIX = "/webhook/"
_BODY_SECONDS = 10.0
_RETRY_AFTER = (b"retry-after", b"10")

# Headers that proxies and browsers may well send twice and that no source reads.
_MANY = frozenset({"accept", "accept-encoding", "accept-language", "cache-control", "cookie", "forwarded", "via"})


class Listener:
    """``sources`` by the name in the path; one without its secret is not among them: 404."""

    def __init__(self, sources: Mapping[str, PushSource], accept: Accept, rest: Asgi, clock: Clock, metrics: Metrics) -> None:
        self._sources = sources
        self._accept = accept
        self._rest = rest
        self._clock = clock
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
            webhook = Webhook(_headers(scope["headers"]), await _body(scope["headers"], receive, source.most), self._clock.now())
            source.verify(webhook)
            said = source.answer(webhook)
            if said is not None:
                await _respond(send, 200, said)
                return
            result = await self._store(source, webhook)
        except BadSignature as error:
            result, status, text = "refused", 401, str(error)
        except TooLarge as error:
            result, status, text = "too_large", 413, str(error)
        except Rejected as error:
            result, status, text = "not_understood", 422, str(error)
        except (Unavailable, JournalBroken) as error:
            logs.error("a delivery could not be stored", source=source.name, reason=str(error))
            result, status, text, header = "unavailable", 503, "cannot be stored now", _RETRY_AFTER
        except _Gone:
            return
        self._counted[source.name, result].inc()
        await _respond(send, status, text, header)

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


class _Gone(Exception):
    """The caller went away, or was too slow, before its body was here."""


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
        key = name.decode("latin-1").lower()
        if key in headers and key not in _MANY and not key.startswith("x-forwarded-"):
            raise BadSignature(f"the header {key} was sent twice")
        headers[key] = value.decode("latin-1")
    return headers


async def _body(headers: Sequence[tuple[bytes, bytes]], receive: Any, most: int) -> bytes:
    told = _length(headers)
    too_large = f"a body may have {most:,} bytes"
    if told > 2 * most:
        raise TooLarge(too_large)
    message = await _first(receive)
    if not message.get("more_body") and len(message["body"]) <= most:
        return bytes(message["body"])
    chunks, size = [message["body"]], len(message["body"])
    with anyio.move_on_after(_BODY_SECONDS) as scope:
        # a little over the limit is read to its end, so that the sender hears why; what is far over it is cut off
        while message.get("more_body") and size <= 2 * most:
            message = await receive()
            if message["type"] == "http.disconnect":
                raise _Gone
            size += len(message["body"])
            if size <= most:
                chunks.append(message["body"])
    if scope.cancelled_caught:
        raise Rejected(f"the body did not come within {_BODY_SECONDS:.0f} s")
    if size > most:
        raise TooLarge(too_large)
    return b"".join(chunks)


def _length(headers: Sequence[tuple[bytes, bytes]]) -> int:
    """What the sender says; the server has seen to it that it is a number."""
    return next((int(value) for name, value in headers if name == b"content-length" and value.isdigit() and len(value) < 16), 0)


async def _first(receive: Any) -> Any:
    with anyio.move_on_after(_BODY_SECONDS):
        message = await receive()
        if message["type"] == "http.request":
            return message
    raise _Gone


async def _respond(send: Any, status: int, text: str, header: tuple[bytes, bytes] | None = None) -> None:
    body = text.encode("utf-8", "replace")
    headers = [
        (b"content-type", b"text/plain; charset=utf-8"),
        (b"content-length", b"%d" % len(body)),
        (b"x-content-type-options", b"nosniff"),
    ]
    await send({"type": "http.response.start", "status": status, "headers": [*headers, header] if header else headers})
    await send({"type": "http.response.body", "body": body})
