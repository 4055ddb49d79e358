"""Judges a history by what the senders were answered and what stands on GitHub in the end. Shares no code with the daemon.

What was answered with 2xx has to be in exactly one open issue (P1, P2), counted once (P3, P4); and nobody came to GitHub when told to wait (P8).
"""

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import datetime, timedelta
from typing import Protocol

# [Auto] Error: TeapotError: no teapot for order <number>
_TITLE = re.compile(r"\[Auto\] Error: (\w+)Error: ")
_STORM = "[Auto] Error storm: "
_MOST_AT_ONCE, _AT_ONCE = 20, timedelta(minutes=10)
"""So many new issues within that time, the one of a storm aside."""
_COUNT = re.compile(r"^Occurrences: (\d+)$", re.MULTILINE)


class Told(Protocol):
    """One try of a sender."""

    error: str
    event: str
    answer: int | None
    memory: int


class Issue(Protocol):
    title: str
    body: str | None
    state: str
    created_at: datetime


@dataclass
class Verdict:
    """What was found. ``wrong`` is empty where all promises were kept."""

    errors: int = 0
    """Different errors of which at least one telling was accepted."""
    accepted: int = 0
    """Different events that were accepted."""
    created: int = 0
    duplicates: int = 0
    """Open issues in the end beyond one for each error."""
    transient: int = 0
    """Issues ever made beyond one for each error."""
    lost: int = 0
    """Accepted events that no issue counts."""
    violations: int = 0
    wrong: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class End:
    """How a history ended, beside what was told."""

    issues: Sequence[Issue]
    violations: Sequence[object] = ()
    left: Mapping[str, int] = field(default_factory=dict)
    """What the daemon says is unfinished, such as dead letters: all of it has to be 0."""
    memory: int = 0
    """The daemon's last memory."""
    excused: Collection[str] | None = ()
    """Errors that may have been filed twice meanwhile, for GitHub did what no client can know; None: all of them."""


def judge(told: Iterable[Told], end: End) -> Verdict:
    verdict = Verdict()
    accepted, perhaps = _told(told)
    by_error: dict[str, list[Issue]] = defaultdict(list)
    for issue in end.issues:
        by_error[name(issue.title)].append(issue)
    storms = by_error.pop(_STORM, [])
    if end.memory == 0:  # one that lost its folder has lost count, too
        verdict.wrong += _too_many([issue.created_at for filed in by_error.values() for issue in filed], storms)
    verdict.errors = len(accepted)
    verdict.accepted = sum(map(len, accepted.values()))
    verdict.created = sum(map(len, by_error.values()))
    for error, filed in by_error.items():
        verdict.transient += len(filed) - 1
        if len(filed) > 1 and end.excused is not None and error not in end.excused:
            verdict.wrong.append(f"P2 {len(filed)} issues were made of {error}")
        if error not in perhaps:
            verdict.wrong.append(f"P3 an issue of {error!r}, of which nobody told")
    for error, events in accepted.items():
        _judge_error(verdict, error, events, len(perhaps[error]), by_error[error], end.memory)
    verdict.violations = len(end.violations)
    verdict.wrong += [f"P8 {violation}" for violation in end.violations]
    verdict.wrong += [f"P3 {number} {what}" for what, number in end.left.items() if number]
    return verdict


def _told(told: Iterable[Told]) -> tuple[dict[str, dict[str, set[int]]], dict[str, set[tuple[str, int]]]]:
    """By error: the events that were accepted, with the memories that accepted them; those that may have been, in each memory."""
    accepted: dict[str, dict[str, set[int]]] = defaultdict(lambda: defaultdict(set))
    perhaps: dict[str, set[tuple[str, int]]] = defaultdict(set)
    for one in told:
        if one.answer is not None and 200 <= one.answer < 300:
            accepted[one.error][one.event].add(one.memory)
        if one.answer is None or one.answer < 300 or one.answer >= 500:
            perhaps[one.error].add((one.event, one.memory))
    return accepted, perhaps


def _judge_error(verdict: Verdict, error: str, events: Mapping[str, set[int]], most: int, filed: list[Issue], last: int) -> None:
    """An event is owed by the last memory: what an earlier one knew may be gone with its disk, also that it was told before."""
    owed = sum(last in memories for memories in events.values())
    open_ones = [issue for issue in filed if issue.state == "open"]
    verdict.duplicates += max(0, len(open_ones) - 1)
    if len(open_ones) > 1:
        verdict.wrong.append(f"P2 {len(open_ones)} open issues of {error}")
    if not open_ones:
        verdict.lost += owed
        if owed:
            verdict.wrong.append(f"P1 no open issue of {error}, of which {owed} were accepted")
        return
    shown = max(_shown(issue) for issue in open_ones)
    verdict.lost += max(0, owed - shown)
    if not owed <= shown <= most:
        verdict.wrong.append(f"P4 {shown} occurrences of {error}, of which {owed} were accepted and at most {most} told")


def _too_many(created: Sequence[datetime], storms: Sequence[Issue]) -> list[str]:
    ordered = sorted(created)
    wrong = [
        f"P8 more than {_MOST_AT_ONCE} new issues from {a}"
        for a, b in zip(ordered, ordered[_MOST_AT_ONCE:], strict=False)
        if b - a < _AT_ONCE
    ]
    number = sum(issue.state == "open" for issue in storms)
    return wrong + ([f"P9 {number} open issues of storms"] if number > 1 else [])


def _shown(issue: Issue) -> int:
    m = _COUNT.search(issue.body or "")
    return int(m[1]) if m else 0


def name(title: str) -> str:
    """The error that an issue's title speaks of."""
    m = _TITLE.match(title)
    return m[1] if m else _STORM if title.startswith(_STORM) else title


def summed(verdicts: Iterable[Verdict]) -> Verdict:
    total = Verdict()
    for verdict in verdicts:
        for one in fields(Verdict):
            setattr(total, one.name, getattr(total, one.name) + getattr(verdict, one.name))
    return total
