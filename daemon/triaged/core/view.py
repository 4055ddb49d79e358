"""What a report is rendered from: one event and what we found out about it, as plain JSON.

Templates see these names (``docs/templates.md``), the store keeps them, so that numbers can be updated without the event. Made
of text that strangers chose: the caller redacts it before it is kept, and the gate makes it inert when it is rendered.
"""

from collections.abc import Mapping
from itertools import islice
from typing import Any

from triaged.core.model import Event, Fingerprint, Frame, Place, Score, StackTrace, Suggestion

MOST_FRAMES = 200
_CERTAIN = 0.2  # a commit that is known to have run says more than a line of related logs
MOST_MESSAGE = 20_000
MOST_TEXT = 40_000
MOST_LINE = 500
_MOST_LOGS = 100
_MOST_LABELS = 100
_LONGEST_LOG = 2_000
_LONGEST_WORD = 200


def view(
    event: Event,
    fingerprint: Fingerprint,
    *,
    culprit: Frame | None,
    why_culprit: str,
    place: Place | None,
    why_place: str,
    candidates: tuple[str, ...],
    score: Score,
    suggestion: Suggestion | None,
    labels: tuple[str, ...],
    assignees: tuple[str, ...],
    action: str,
    why_action: str,
) -> dict[str, Any]:
    """Plain JSON: dicts, lists, strings, numbers, None. ``weight`` is how much it tells: a poorer view does not replace a richer one."""
    return {
        "event": {
            "kind": _cut(event.kind),
            "message": _cut(event.message, MOST_MESSAGE),
            "level": event.level,
            "language": _cut(event.language),
            "category": event.category,
            "source": event.source,
            "at": event.at.isoformat(),
            "labels": _labels(event.labels),
            "text": _cut(event.text, MOST_TEXT),
        },
        "stack": _stack(event.trace) if event.trace else None,
        "culprit": {**_frame(culprit), "reason": why_culprit} if culprit else None,
        "place": _place(place) if place else None,
        "why_place": why_place,
        "candidates": list(candidates[:10]),
        "logs": [_cut(log, _LONGEST_LOG) for log in event.logs[-_MOST_LOGS:]],
        "links": _labels(event.links, _LONGEST_LOG),
        "suggestion": {"hint": suggestion.hint, "rule": suggestion.rule, "diff": suggestion.diff} if suggestion else None,
        "score": {"value": score.value, "points": [{"rule": p.rule, "value": p.value, "how": p.how} for p in score.points]},
        "weight": score.value + (_CERTAIN if place and place.commit.certain else 0),
        "group": {"fingerprint": fingerprint.value, "short": fingerprint.short, "reason": fingerprint.reason},
        "labels": list(labels),
        "assignees": list(assignees),
        "action": action,
        "why_action": why_action,
    }


def _stack(trace: StackTrace) -> dict[str, Any]:
    return {
        "kind": _cut(trace.kind),
        "message": _cut(trace.message, MOST_MESSAGE),
        "frames": [_frame(frame) for frame in trace.frames[-MOST_FRAMES:]],
        "left_out": max(0, len(trace.frames) - MOST_FRAMES),
        "causes": [
            {"kind": _cut(c.kind), "message": _cut(c.message, _LONGEST_LOG), "frames": [_frame(f) for f in c.frames[-50:]]}
            for c in trace.causes[:10]
        ],
    }


def _frame(frame: Frame) -> dict[str, Any]:
    return {
        "function": _cut(frame.function),
        "path": _cut(frame.path, 2 * MOST_LINE),
        "line": frame.line,
        "in_app": frame.in_app,
        "context": _cut(frame.context),
        "module": _cut(frame.module),
    }


def _place(place: Place) -> dict[str, Any]:
    return {
        "path": place.path,
        "line": place.line,
        "function": place.function,
        "state": place.state,
        "reason": place.reason,
        "quote": [{"number": number, "text": _cut(text)} for number, text in place.quote],
        "url": place.url,
        "commit": {"sha": place.commit.sha, "reason": place.commit.reason, "certain": place.commit.certain},
    }


def _labels(labels: Mapping[str, str], most: int = MOST_LINE) -> dict[str, str]:
    return {_cut(name): _cut(value, most) for name, value in islice(labels.items(), _MOST_LABELS)}


def _cut(text: str, most: int = MOST_LINE) -> str:
    """Without the word that would be cut in two: half a secret is not known as one."""
    if len(text) <= most:
        return text
    head = text[: most - 1]
    last = head[-_LONGEST_WORD:].replace("\n", " ").rpartition(" ")[2]
    return f"{head[: len(head) - len(last)]}…"
