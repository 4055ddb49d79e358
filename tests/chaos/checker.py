"""What was acknowledged against the issues there are. Shares no code with the daemon."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

_ERROR = re.compile(r"\bBroken\d{3}\b")
_OCCURRENCES = re.compile(r"^Occurrences: (\d+)$", re.MULTILINE)


@dataclass
class Verdict:
    """The figures, and what is wrong in words."""

    acked: int = 0
    """Different deliveries with a 2xx."""
    judged: int = 0
    """Acknowledged events of which nothing was sent again after their 2xx: no repeat could hide their loss."""
    events: int = 0
    """Different events among the acknowledged."""
    errors: int = 0
    lost: int = 0
    """Acknowledged events that no issue counts."""
    duplicates: int = 0
    """Open issues beyond the first of their error."""
    refused: int = 0
    """Answers that were no 2xx."""
    wrong: list[str] = field(default_factory=list)


def check(log: Iterable[str], issues: Sequence[Any]) -> Verdict:
    """``log`` has the lines of ``load``; ``issues`` have a ``number``, ``title``, ``body`` and ``state``."""
    verdict = Verdict()
    deliveries: set[str] = set()
    told: dict[str, set[str]] = defaultdict(set)  # events by error
    again: dict[str, bool] = {}  # acknowledged events, and whether something of them was sent after that
    for line in log:
        what, *rest = line.split()
        if what == "sent" and rest[1] in again:
            again[rest[1]] = True
        elif what == "acked":
            deliveries.add(rest[0])
            told[rest[2]].add(rest[1])
            again.setdefault(rest[1], False)
        elif what == "refused":
            verdict.refused += 1
            verdict.wrong.append(f"a delivery was answered {rest[0]}")
    verdict.acked, verdict.errors, verdict.events = len(deliveries), len(told), len(again)
    verdict.judged = sum(not repeated for repeated in again.values())
    _compare(verdict, {error: len(events) for error, events in told.items()}, issues)
    return verdict


def _compare(verdict: Verdict, expected: dict[str, int], issues: Sequence[Any]) -> None:
    found = Counter(_error(issue) for issue in issues if issue.state == "open")
    shown = {_error(issue): _count(issue) for issue in issues if issue.state == "open"}
    for error, events in sorted(expected.items()):
        if error not in found:
            verdict.wrong.append(f"{error} was acknowledged {events} times and has no open issue")
        elif shown[error] != events:
            verdict.wrong.append(f"{error} was acknowledged {events} times, its issue says {shown[error]}")
        verdict.lost += max(0, events - shown.get(error, 0))
    for error, number in found.items():
        if number > 1:
            verdict.wrong.append(f"{error} has {number} open issues")
            verdict.duplicates += number - 1
        if error not in expected:
            verdict.wrong.append(f"an issue is about {error or 'nothing that was sent'}")


def _error(issue: Any) -> str:
    m = _ERROR.search(issue.title)
    return m[0] if m else ""


def _count(issue: Any) -> int:
    m = _OCCURRENCES.search(issue.body or "")
    return int(m[1]) if m else 0
