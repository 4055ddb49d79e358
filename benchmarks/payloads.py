"""Signed Sentry webhooks of one size with 30 frames, all distinct, of as many errors as one likes; and an alert of the same size.

The shape is that of https://docs.sentry.io/organization/integrations/integration-platform/webhooks/issue-alerts/: what we read is in
it, and so is what we do not read (user, request, modules, the variables and neighbouring lines of each frame), which is most of a large one.
"""

import hmac
import json
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path

SECRET = "a-client-secret-of-an-integration"  # noqa: S105
FRAMES = 30
SMALL, LARGE = 6_000, 40_000
"""Bytes of a body."""

_EVENT, _ERROR, _AT, _FILL = "e0e0e0e0e0e0e0e0e0e0e0e0e0e0e0e0", "error_000000", "2001-01-01T00:00:00.000000Z", "FILL"


class Errors:
    """Webhooks of ``size`` bytes. The n-th error differs from the others in its functions' names, so that it has a fingerprint of its own."""

    def __init__(self, size: int = SMALL, frames: int = FRAMES) -> None:
        rich = size > 15_000
        plain = json.dumps(_envelope([_frame(place, rich=rich) for place in range(frames)]))
        fill = size - len(plain) + len(_FILL)
        if fill < 0:
            raise ValueError(f"{frames} frames need {len(plain)} bytes, more than {size}")
        self._template = plain.replace(_FILL, "x" * fill)

    def body(self, number: int, error: int, at: datetime) -> bytes:
        """The ``number``-th event: an occurrence of that error, now."""
        told = {_EVENT: f"{number:032x}", _ERROR: f"error_{error:06d}", _AT: f"{at:%Y-%m-%dT%H:%M:%S.%fZ}"}
        text = self._template
        for name, value in told.items():
            text = text.replace(name, value)
        return text.encode()


def webhook(body: bytes) -> bytes:
    """The whole request, as Sentry sends it."""
    head = (
        "POST /webhook/sentry HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nSentry-Hook-Resource: event_alert\r\n"
        f"Sentry-Hook-Signature: {hmac.new(SECRET.encode(), body, sha256).hexdigest()}\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


def alert(body: bytes) -> bytes:
    """A request to Alertmanager with one alert, as long as ``body`` and made of it: https://prometheus.io/docs/alerting/latest/clients/"""
    event = json.loads(body)["data"]["event"]
    labels = {"alertname": event["exception"]["values"][0]["stacktrace"]["frames"][-1]["function"], "severity": "error"}
    bare = json.dumps([{"labels": labels, "annotations": {"event": event["event_id"], "trace": ""}}])
    trace = json.dumps(event).replace('"', "'").replace("\\", "/")[: len(body) - len(bare)]
    whole = json.dumps([{"labels": labels, "annotations": {"event": event["event_id"], "trace": trace}}])
    head = f"POST /api/v2/alerts HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: {len(whole)}\r\n\r\n"
    return (head + whole).encode()


def distinct(errors: Errors, number: int, different: int, first: int = 0) -> Iterator[bytes]:
    """So many bodies, of ``different`` errors in turn."""
    at = datetime.now(UTC)
    return (errors.body(first + one, one % different, at) for one in range(number))


def kept(requests: Iterable[bytes], file: Path) -> int:
    """Writes requests of one length to a file, for `wrk`; the length."""
    length = 0
    with file.open("wb") as out:
        for request in requests:
            if length and len(request) != length:
                raise ValueError(f"a request has {len(request)} bytes where the others have {length}")
            length = out.write(request)
    return length


def _envelope(frames: list[dict[str, object]]) -> dict[str, object]:
    exception = {
        "type": "OutOfStock",
        "value": f"no stock left for the order {_EVENT}",
        "module": "shop.errors",
        "mechanism": {"type": "generic", "handled": False},
        "stacktrace": {"frames": frames},
    }
    event = {
        "event_id": _EVENT,
        "project": 4505281,
        "platform": "python",
        "level": "error",
        "datetime": _AT,
        "release": "shop@4.2.0",
        "environment": "production",
        "exception": {"values": [exception]},
        "tags": [["environment", "production"], ["service", "shop"], ["server_name", "web-7"], ["level", "error"]],
        "user": {"id": "81723"},
        "request": {"url": "https://shop.example/checkout", "method": "POST"},
        "extra": {"fill": _FILL},
        "issue_id": "1170820242",
        "web_url": f"https://sentry.io/organizations/acme/issues/1170820242/events/{_EVENT}/",
    }
    return {"action": "triggered", "installation": {"uuid": "a8e5d37a"}, "data": {"event": event, "triggered_rule": "every error"}}


def _frame(place: int, *, rich: bool) -> dict[str, object]:
    """``rich``: with its neighbouring lines and variables, as SDKs send frames by default."""
    own = place % 3 == 0
    folder = "shop" if own else "site-packages/framework"
    frame: dict[str, object] = {
        "filename": f"{folder}/part_{place}.py",
        "function": f"{_ERROR}_{place}" if own else f"dispatch_{place}",
        "lineno": 40 + place,
        "in_app": own,
        "context_line": "    return self.handle(order, *arguments)",
    }
    if rich:
        near = [
            f"    {side}_{line} = self.prepare(order, line={line}, retry=False, until=self.until)"
            for side in ("value", "other")
            for line in range(5)
        ]
        frame |= {"module": f"{folder.replace('/', '.')}.part_{place}", "abs_path": f"/srv/app/{frame['filename']}", "colno": 8}
        frame |= {"pre_context": near[:5], "post_context": near[5:], "vars": {"order": _EVENT, "arguments": ["'scone'", "3", "None"]}}
    return frame
