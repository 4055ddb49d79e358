"""Judges a history by what the senders were answered and what stands on GitHub in the end. Shares no code with the daemon.

What was answered with 2xx has to be in exactly one open issue (P1, P2), or in the closed one that a person wants closed, counted once
(P3, P4); and nobody came to GitHub when told to wait, or with more at once than is polite (P8).
"""

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import datetime, timedelta
from typing import Literal, Protocol

# [Auto] Error: TeapotError: no teapot for order <number>
_TITLE = re.compile(r"\[Auto\] Error: (\w+)Error: ")
_COUNT = re.compile(r"^Occurrences: (\d+)$", re.MULTILINE)
_STORM = "[Auto] Error storm: "
_MOST_AT_ONCE, _AT_ONCE = 20, timedelta(minutes=9)
"""So many new issues within ten minutes of sending them, the one of a storm aside; they may land a minute later."""


class Told(Protocol):
    """One try of a sender. ``happened`` is in seconds, as ``Act.at``."""

    error: str
    event: str
    happened: float
    answer: int | None
    memory: int


class Issue(Protocol):
    title: str
    body: str | None
    state: str
    comments: int
    created_at: datetime


@dataclass(frozen=True)
class Act:
    """What a person did to an error's issue."""

    what: Literal["completed", "not planned", "deleted"]
    at: float


@dataclass(frozen=True)
class End:
    """How a history ended, beside what was told."""

    issues: Sequence[Issue]
    violations: Sequence[object] = ()
    unavoidable: Sequence[object] = ()
    """Violations of a daemon that could not know better."""
    left: Mapping[str, int] = field(default_factory=dict)
    """What the daemon says is unfinished, such as dead letters: all of it has to be 0."""
    memory: int = 0
    """The daemon's last memory: another one after its folder was lost."""
    excused: Collection[str] | None = ()
    """Errors that may have been filed twice meanwhile, for GitHub did what no client can know; None: all of them."""
    acts: Mapping[str, Act] = field(default_factory=dict)


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
    unavoidable: list[str] = field(default_factory=list)
    """What no daemon could have kept from happening."""


@dataclass
class _Error:
    """What was told of one error, and what became of it."""

    name: str
    accepted: dict[str, set[int]] = field(default_factory=lambda: defaultdict(set))
    """Events, with the memories that accepted them."""
    perhaps: set[tuple[str, int]] = field(default_factory=set)
    """Events that may have been accepted, in each memory: one that is lost forgets also what was told before."""
    happened: dict[str, float] = field(default_factory=dict)
    filed: list[Issue] = field(default_factory=list)

    def owed(self, memory: int) -> int:
        """Events that the last memory accepted; what an earlier one knew may be gone with its disk."""
        return sum(memory in memories for memories in self.accepted.values())


def judge(told: Collection[Told], end: End) -> Verdict:
    verdict = Verdict()
    errors = _told(told)
    storms: list[Issue] = []
    for issue in end.issues:
        (storms if name(issue.title) == _STORM else errors[name(issue.title)].filed).append(issue)
    for error in errors.values():
        _count(verdict, error)
        verdict.wrong += _made(error, end)
        if error.accepted:
            verdict.wrong += _stands(verdict, error, end)
    verdict.violations = len(end.violations)
    verdict.wrong += [f"P8 {violation}" for violation in end.violations]
    verdict.unavoidable += [f"P8 {violation}, for the disk was full when it heard" for violation in end.unavoidable]
    verdict.wrong += [f"P3 {number} {what}" for what, number in end.left.items() if number]
    late = end.excused
    if late is not None and all(
        memory == 0 for memory in (end.memory, *(one.memory for one in told))
    ):  # one with another folder counts for itself
        verdict.wrong += _too_many([_first(error) for error in errors.values() if error.filed and error.name not in late], storms)
    return verdict


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


def _told(told: Iterable[Told]) -> defaultdict[str, _Error]:
    errors = _Errors()
    for one in told:
        error = errors[one.error]
        error.happened[one.event] = one.happened
        if one.answer is not None and 200 <= one.answer < 300:
            error.accepted[one.event].add(one.memory)
        if one.answer is None or one.answer < 300 or one.answer >= 500:
            error.perhaps.add((one.event, one.memory))
    return errors


class _Errors(defaultdict[str, _Error]):
    def __missing__(self, key: str) -> _Error:
        return self.setdefault(key, _Error(key))


def _count(verdict: Verdict, error: _Error) -> None:
    verdict.errors += bool(error.accepted)
    verdict.accepted += len(error.accepted)
    verdict.created += len(error.filed)
    verdict.transient += max(0, len(error.filed) - 1)
    verdict.duplicates += max(0, _open(error) - 1)


def _made(error: _Error, end: End) -> list[str]:
    """Whether its issues should be there at all."""
    wrong = []
    if error.filed and not error.perhaps:
        wrong.append(f"P3 an issue of {error.name!r}, of which nobody told")
    if len(error.filed) > 1 and end.excused is not None and error.name not in end.excused:
        wrong.append(f"P2 {len(error.filed)} issues were made of {error.name}")
    return wrong


def _stands(verdict: Verdict, error: _Error, end: End) -> list[str]:
    """Whether it has the one issue that it should have, and what that says."""
    owed, act = error.owed(end.memory), end.acts.get(error.name)
    if _open(error) > 1:
        return [f"P2 {_open(error)} open issues of {error.name}"]
    if not error.filed and (act is None or act.what != "deleted" or _since(error, act) == {True}):
        verdict.lost += owed
        return [f"P1 no issue of {error.name}, of which {owed} were accepted"] if owed else []
    if not error.filed:
        return []
    twice = act is not None and len(error.filed) > 1  # a person may have closed the other one
    wrong = [] if twice else _state(error, act, owed)
    shown = max(_shown(issue) for issue in error.filed if issue.state == "open" or twice or not _open(error))
    verdict.lost += max(0, owed - shown)
    if not owed <= shown <= len(error.perhaps):
        wrong.append(f"P4 {shown} occurrences of {error.name}, of which {owed} were accepted and at most {len(error.perhaps)} told")
    return wrong


def _state(error: _Error, act: Act | None, owed: int) -> list[str]:
    """Whether it is open or closed as it should be."""
    is_open = bool(_open(error))
    if act is None or act.what == "deleted":
        return [] if is_open or not owed else [f"P1 no open issue of {error.name}, of which {owed} were accepted"]
    may_be = {False} if act.what == "not planned" else _since(error, act)
    stands = f"P2 the issue of {error.name}, closed as {act.what} at {act.at:.0f} s, is {'open' if is_open else 'closed'}"
    return [] if is_open in may_be else [stands]


def _since(error: _Error, act: Act) -> set[bool]:
    """Whether it came back after the act; both where that cannot be told: GitHub keeps whole seconds."""
    came = {event for event, at in error.happened.items() if at > act.at + 1}
    perhaps = {event for event, at in error.happened.items() if at > act.at - 1 and any(event == one for one, _ in error.perhaps)}
    return {True} if came & set(error.accepted) else {False, True} if perhaps else {False}


def _too_many(created: Sequence[datetime], storms: Sequence[Issue]) -> list[str]:
    ordered = sorted(created)
    pairs = zip(ordered, ordered[_MOST_AT_ONCE:], strict=False)
    wrong = [f"P8 more than {_MOST_AT_ONCE} new issues from {first}" for first, last in pairs if last - first < _AT_ONCE]
    number = sum(issue.state == "open" for issue in storms)
    return wrong + ([f"P9 {number} open issues of storms"] if number > 1 else [])


def _first(error: _Error) -> datetime:
    """One made twice does not count as two errors that were let through; that it was made twice is said elsewhere."""
    return min(issue.created_at for issue in error.filed)


def _open(error: _Error) -> int:
    return sum(issue.state == "open" for issue in error.filed)


def _shown(issue: Issue) -> int:
    m = _COUNT.search(issue.body or "")
    return int(m[1]) if m else 0
