"""How long a caller is waited for, and which one goes first where there is no room for all.

A connection is in one stage after the other: ``head`` (of a request, from the first moment on), ``body``, ``answer`` (ours),
``idle`` until the next request. ``rest`` is what is left of a body that has its answer already. Seconds are since the stage began.
"""

from typing import Literal

Stage = Literal["head", "body", "answer", "rest", "idle", "gone"]

SECONDS: dict[str, float] = {
    "head": 5.0,
    "body": 10.0,
    "rest": 2.0,  # so that the answer is read before we hang up
    "idle": 75.0,  # longer than the 60 s of a load balancer, or it answers 502
}
"""The longest that each stage may take. An answer takes as long as it takes."""
UNREAD_SECONDS = 30.0
"""How long an answer may lie unread."""

_GRACE_SECONDS = 5.0
_LEAST_PER_SECOND = 1_000
"""Bytes a second that a body has to bring on average, once it has had its grace."""
_HEAD_START = 1_000
"""Bytes that everyone is credited with, so that who has only just come is not the slowest."""


def overdue(stage: Stage, seconds: float, received: int) -> str:
    """Why the caller is not waited for any longer; empty: it is. ``received``: the bytes of the body so far."""
    longest = SECONDS.get(stage)
    if longest is not None and seconds > longest:
        return f"the {stage} took longer than {longest:.0f} s"
    if stage == "body" and seconds > _GRACE_SECONDS and received < seconds * _LEAST_PER_SECOND:
        return f"the body came slower than {_LEAST_PER_SECOND:,} bytes a second"
    return ""


def pace(seconds: float, received: int) -> float:
    """Bytes a second: where there is no room for all, the smallest goes first. Who sends nothing gets slower with time."""
    return (_HEAD_START + received) / max(seconds, 0.001)
