"""What to do with all that: nothing, an issue, or a pull request."""

from dataclasses import dataclass
from typing import Literal

from triaged.core.facts import Facts
from triaged.core.route import Routed


@dataclass(frozen=True, slots=True)
class Rate:
    """So many within a time."""

    count: int
    seconds: float


@dataclass(frozen=True, slots=True)
class Limits:
    """How much we write to a repository at most, whatever is decided; what is over it waits."""

    new_issues: Rate = Rate(20, 600)
    pull_requests: Rate = Rate(1, 3600)
    open_pull_requests: int = 3


@dataclass(frozen=True, slots=True)
class Decision:
    """What to do about an event."""

    action: Literal["drop", "issue", "pull_request"]
    reason: str
    draft: bool = True
    """Whether the pull request is a draft."""


def decide(facts: Facts, routed: Routed) -> Decision:
    """A pull request where there is a diff and the route's rule for one holds (unless it says otherwise: confidence above 0.8)."""
    if routed.action == "drop":
        return Decision("drop", routed.reasons[0])
    if not facts["fix.present"]:
        return Decision("issue", "there is no fix to propose")
    if not routed.pull_request(facts):
        return Decision("issue", f"not sure enough for a pull request: {routed.pull_request.why(facts)}")
    return Decision("pull_request", routed.pull_request.why(facts), routed.draft)
