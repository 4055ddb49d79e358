"""What a report is rendered from: one event and what we found out about it, as plain JSON.

Templates see these names (``docs/templates.md``), the store keeps them, so that numbers can be updated without the event. Made
of text that strangers chose: the caller redacts it before it is kept, and the gate makes it inert when it is rendered.
"""

from typing import Any

from triaged.core.model import Event, Fingerprint, Frame, Place, Score, StackTrace, Suggestion

MOST_FRAMES = 200
_CERTAIN = 0.2  # a commit that is known to have run says more than a line of related logs
MOST_MESSAGE = 20_000
MOST_TEXT = 40_000


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
            "kind": event.kind,
            "message": event.message[:MOST_MESSAGE],
            "level": event.level,
            "language": event.language,
            "category": event.category,
            "source": event.source,
            "at": event.at.isoformat(),
            "labels": dict(event.labels),
            "text": event.text[:MOST_TEXT],
        },
        "stack": _stack(event.trace) if event.trace else None,
        "culprit": {**_frame(culprit), "reason": why_culprit} if culprit else None,
        "place": _place(place) if place else None,
        "why_place": why_place,
        "candidates": list(candidates[:10]),
        "logs": list(event.logs),
        "links": dict(event.links),
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
        "kind": trace.kind,
        "message": trace.message[:MOST_MESSAGE],
        "frames": [_frame(frame) for frame in trace.frames[-MOST_FRAMES:]],
        "left_out": max(0, len(trace.frames) - MOST_FRAMES),
        "causes": [
            {"kind": c.kind, "message": c.message[:2_000], "frames": [_frame(f) for f in c.frames[-50:]]} for c in trace.causes[:10]
        ],
    }


def _frame(frame: Frame) -> dict[str, Any]:
    return {
        "function": frame.function[:500],
        "path": frame.path[:1000],
        "line": frame.line,
        "in_app": frame.in_app,
        "context": frame.context[:500],
        "module": frame.module[:500],
    }


def _place(place: Place) -> dict[str, Any]:
    return {
        "path": place.path,
        "line": place.line,
        "function": place.function,
        "state": place.state,
        "reason": place.reason,
        "quote": [{"number": number, "text": text} for number, text in place.quote],
        "url": place.url,
        "commit": {"sha": place.commit.sha, "reason": place.commit.reason, "certain": place.commit.certain},
    }
