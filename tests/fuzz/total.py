"""What must hold of every text, whatever it is: each parser, the joining of lines, the unwrapping and the event answer, in time and in bounds."""

import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import msgspec

from triaged import parsers
from triaged.core import log
from triaged.core.assemble import join
from triaged.core.fingerprint import fingerprint
from triaged.core.model import Frame, Record, StackTrace
from triaged.core.normalize import blame, normalize

SECONDS = 0.050
"""For 64 KB; a shorter text has no less than a tenth of it."""
MOST_FRAMES = 20_000
MOST_NUMBER = 2**31 - 1

_AT = datetime(2026, 3, 4, 7, tzinfo=UTC)


def findings(text: str, slack: float = 1.0) -> list[str]:
    """What is wrong; empty where all holds. ``slack``: how many times the seconds are allowed."""
    return [finding for name, step in _STEPS.items() for finding in _tried(name, step, text, slack)]


def _tried(name: str, step: Callable[[str], Any], text: str, slack: float) -> Iterator[str]:
    allowed = slack * SECONDS * max(len(text.encode("utf-8", "replace")) / 65_536, 0.1)
    try:
        given, seconds = _timed(step, text)
        again, more = _timed(step, text)
        seconds = min(seconds, more)
        if seconds > allowed:
            seconds = min(seconds, *(_timed(step, text)[1] for _ in range(3)))
    except Exception as error:  # anything at all is a finding
        yield f"{name} raises {type(error).__name__}: {error}"[:300]
        return
    if given != again:
        yield f"{name} says another thing the second time"
    if seconds > allowed:
        yield f"{name} takes {1000 * seconds:.0f} ms for {len(text):,} characters"
    yield from (f"{name}: {wrong}" for wrong in _wrong(given, text))


def _timed(step: Callable[[str], Any], text: str) -> tuple[Any, float]:
    began = time.process_time()
    given = step(text)
    return given, time.process_time() - began


def _wrong(given: Any, text: str) -> Iterator[str]:
    """Traces within the bounds of their type, no larger than the text allows, and fit for JSON."""
    try:
        written = msgspec.json.encode(given)
    except (ValueError, TypeError, OverflowError) as error:
        yield f"cannot be written as JSON: {error}"
        return
    if len(written) > 40 * len(text) + 10_000:
        yield f"{len(written):,} bytes came of {len(text):,} characters"
    for trace in _traces(given):
        if len(trace.frames) > MOST_FRAMES:
            yield f"{len(trace.frames)} frames"
        if trace.end < trace.start or trace.start < 0 or trace.end > len(text) + 1:
            yield f"from {trace.start} to {trace.end} of {len(text)}"
        yield from (f"{frame}"[:200] for frame in trace.frames if not _in_bounds(frame))


def _in_bounds(frame: Frame) -> bool:
    return all(number is None or 0 <= number <= MOST_NUMBER for number in (frame.line, frame.column))


def _traces(given: Any) -> Iterator[StackTrace]:
    if isinstance(given, StackTrace):
        yield given
        yield from (inner for cause in given.causes for inner in _traces(cause) if inner.end)
    elif isinstance(given, tuple | list):
        yield from (trace for each in given for trace in _traces(each))


def _understood(text: str) -> Any:
    events = normalize(Record(source="text", at=_AT, text=text), parsers.parse)
    return [(event, fingerprint(event), blame(event.trace)) for event in events]


def _joined(text: str) -> Any:
    joined = join(enumerate(text.split("\n")))
    return joined, log.errors((*joined.closed, *joined.open))


_STEPS: dict[str, Callable[[str], Any]] = {
    **parsers.languages(),
    "parse": parsers.parse,
    "normalize": _understood,
    "join": _joined,
}
