"""Recorded deliveries through the pipeline, nothing sent: what ``explain`` and ``replay`` are made of.

A recorded delivery is a JSON line: ``{"id", "source", "at", "headers", "body"}`` as it was received (``body`` a string),
``{"id", "source": "cloudwatch", "at", "log_group", "body"}``, or ``{"id", "source": "text", "stream", "at", "text"}``.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import msgspec

from triaged.core.model import Delivery, Frame, Record, StackTrace
from triaged.errors import Rejected
from triaged.pipeline.triage import Reads, Triaged, World, triage
from triaged.ports import Store


class Recorded(msgspec.Struct, frozen=True):
    """One line as written; which fields it needs depends on its source."""

    id: str = ""
    source: str = "text"
    at: str = ""
    headers: dict[str, str] = {}
    body: str = ""
    log_group: str = ""
    stream: str = ""
    text: str = ""


class ReadsOnly:
    """A source that asks nobody: what a delivery lacks stays missing."""

    def __init__(self, source: Reads) -> None:
        self._source = source

    def read(self, delivery: Delivery) -> tuple[Record, ...]:
        return self._source.read(delivery)

    async def complete(self, record: Record) -> Record:
        return record


def delivery(line: bytes | str, now: datetime) -> Delivery:
    """A recorded delivery from its line; ``now`` stands where it says no time. Raises Rejected."""
    try:
        recorded = msgspec.json.decode(line, type=Recorded)
        at = datetime.fromisoformat(recorded.at.replace("Z", "+00:00")) if recorded.at else now
    except (ValueError, RecursionError) as error:
        raise Rejected(f"no recorded delivery: {str(error)[:200]}") from None
    headers = {name.lower(): value for name, value in recorded.headers.items()}
    headers |= {name: value for name, value in (("stream", recorded.stream), ("log-group", recorded.log_group)) if value}
    text = recorded.text or recorded.body
    return Delivery(
        source="file" if recorded.source == "text" else recorded.source,
        key=recorded.id,
        at=at if at.tzinfo else at.replace(tzinfo=UTC),
        body=text.encode("utf-8", "surrogatepass"),
        headers=headers,
        id=recorded.id,
    )


async def answer(given: Delivery, world: World, store: Store) -> tuple[dict[str, Any], tuple[Triaged, ...]]:
    """One delivery through the pipeline, remembered in ``store``; the answer as ``--json`` prints it."""
    try:
        settled, found = await triage(given, world)
    except Rejected as error:
        return {**_nothing(given), "action": "reject", "reasons": [str(error)]}, ()
    await store.record([settled], given.at)
    if not found:
        return {**_nothing(given), "reasons": ["nothing in it is an error"]}, ()
    main = max(found, key=lambda one: len(one.event.frames))
    return {
        "id": given.id,
        "events": [_event(one) for one in found],
        "group": main.fingerprint.value,
        "action": main.action,
        "confidence": main.score.value if main.score else None,
        "reasons": [reason for one in found for reason in one.journey.reasons],
    }, found


def _nothing(given: Delivery) -> dict[str, Any]:
    return {"id": given.id, "events": [], "group": None, "action": "none", "confidence": None, "reasons": []}


def _event(one: Triaged) -> dict[str, Any]:
    event = one.event
    causes: tuple[StackTrace, ...] = event.trace.causes if event.trace else ()
    return {
        "type": event.kind or None,
        "message": event.message,
        "language": event.language or None,
        "frames": [_frame(frame) for frame in event.frames],
        "culprit": _place(one.culprit),
        "chain": [
            {"type": event.kind or None, "message": event.message},
            *({"type": c.kind or None, "message": c.message} for c in causes),
        ],
        "category": event.category,
        "fingerprint": one.fingerprint.value,
    }


def _frame(frame: Frame) -> Mapping[str, Any]:
    return {"file": frame.path or None, "line": frame.line, "function": frame.function or None, "in_app": frame.in_app}


def _place(frame: Frame | None) -> Mapping[str, Any] | None:
    return {"file": frame.path or None, "line": frame.line, "function": frame.function or None} if frame else None
