"""What one seed stands for: who tells what and when, how the network and the disk behave, when the process is killed."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from random import Random
from typing import Literal

from simulator import disk, network

# Shares of requests, in percent. A write's answer that is lost is what all this is about.
_WRITES: Mapping[str, float] = {
    "refused": 3, "dropped": 4, "lost": 4, "hangs": 2, "hangs unapplied": 2, "late": 4, "much later": 0.5, "twice": 0.2, "failed": 2, "failed but applied": 2,
    "page": 1, "truncated": 2, "slow": 0.5, "limited": 1.5, "exhausted": 0.3, "credential": 0.5,
}  # fmt: skip
_READS: Mapping[str, float] = {
    "refused": 2, "dropped": 3, "hangs": 1, "failed": 4, "page": 1, "truncated": 1, "slow": 0.5, "limited": 0.7, "exhausted": 0.2,
    "empty": 1, "moved": 1, "credential": 0.3,
}  # fmt: skip
_COMMITS: Mapping[str, float] = {"full": 0.7, "broken": 0.15, "broken but committed": 0.15, "slow": 0.2}


@dataclass(frozen=True, slots=True)
class Kill:
    """When a process ends. ``after`` counts its steps, or its I/O calls; of one that is stopped, its seconds."""

    what: str
    """``stopped`` as by SIGTERM, ``step``, or the fate of an I/O call: ``killed before``, ``killed after``, ``torn``."""
    after: int
    power: bool
    """The machine goes down with it."""
    down: float
    """Seconds until the next one starts."""
    then: Literal["again", "lost", "elsewhere"]
    """The next one starts on the same folder, on none, or is another instance with a folder of its own, old or new."""


@dataclass(frozen=True, slots=True)
class Incident:
    """A time in which every request may meet one fate."""

    fate: str
    begins: float
    ends: float
    chance: float


@dataclass(frozen=True, slots=True)
class Hand:
    """A person closes or deletes an issue: one of those that are open then, the ``which``-th."""

    what: Literal["completed", "not planned", "deleted"]
    at: float
    which: int


@dataclass(frozen=True, slots=True)
class Scenario:
    errors: int
    seconds: float
    """The time in which errors happen."""
    trouble: float
    """How many times the shares above."""
    lag: tuple[float, ...]
    kills: tuple[Kill, ...] = ()
    incidents: tuple[Incident, ...] = ()
    hands: tuple[Hand, ...] = ()
    after: float = 600
    """Seconds for which there is trouble after the last delivery."""
    settles: float = 26 * 3600
    """Seconds without trouble until the history is judged: the last look for duplicates comes a day after a creation."""
    exact: Mapping[int, str] = field(default_factory=dict)
    """The fate of single I/O calls, by their place from 1."""


def drawn(seed: int) -> Scenario:
    random = Random(f"scenario {seed}")
    seconds = random.choice([5.0, 60.0, 600.0])
    kills = random.choices([0, 1, 2, 4], [4, 4, 2, 1])[0]
    return Scenario(
        errors=random.choices([1, 2, 3, 5, 25], [6, 6, 6, 6, 1])[0],
        seconds=seconds,
        trouble=random.choice([0.0, 1.0, 1.0, 3.0]),
        lag=random.choice([(0.0,), (0.0, 2.0, 8.0), (0.0, 2.0, 8.0), (0.0, 30.0, 480.0)]),
        kills=tuple(_kill(random) for _ in range(kills)),
        incidents=tuple(_incident(random, seconds) for _ in range(random.choices([0, 1, 2], [6, 3, 1])[0])),
        after=random.uniform(60, 1200),
        hands=tuple(_hand(random, seconds) for _ in range(random.choices([0, 1, 2], [3, 1, 1])[0])),
    )


def crowded(seed: int, errors: int) -> Scenario:
    """The same with so many errors, one every five seconds: more than may be filed at once."""
    return replace(drawn(seed), errors=errors, seconds=errors * 5.0)


def unlisted(seed: int) -> Scenario:
    """Ten errors at a time when listings are mostly empty and answers are lost."""
    empty = Incident("empty", 0, 1200, 0.8)
    return replace(drawn(seed), errors=10, seconds=60.0, trouble=3.0, lag=(0.0,), incidents=(empty,), hands=(), after=1200)


def _kill(random: Random) -> Kill:
    what = random.choice(["step", "killed before", "killed after", "torn", "stopped"])
    after = {"step": int(10 ** random.uniform(0.5, 3.5)), "stopped": int(10 ** random.uniform(0, 2.5))}
    return Kill(
        what=what,
        after=after.get(what, random.randint(1, 40)),
        power=random.random() < 0.5,
        down=random.choice([0.5, 5.0, 60.0, 700.0]),
        then=random.choices(["again", "lost", "elsewhere"], [80, 10, 10])[0],
    )


def _hand(random: Random, seconds: float) -> Hand:
    return Hand(random.choice(["completed", "not planned", "deleted"]), random.uniform(0, seconds * 1.2), random.randrange(10))


def _incident(random: Random, seconds: float) -> Incident:
    begins = random.uniform(0, seconds + 120)
    return Incident(
        fate=random.choice(["empty", "empty", "failed", "refused", "lost"]),
        begins=begins,
        ends=begins + random.choice([20, 200, 1200]),
        chance=random.choice([0.5, 1.0]),
    )


class Fates:
    """Says what happens to each I/O call of the daemon, over all its processes."""

    def __init__(self, scenario: Scenario, random: Random) -> None:
        self._scenario = scenario
        self._random = random
        self.calls: list[str] = []
        """The kinds of the calls so far: ``commit``, ``GET``, ``POST``..."""
        self._fatal: tuple[int, str] | None = None

    def kill_at(self, call: int, fate: str) -> None:
        """The call after so many from now is the last one of its process."""
        self._fatal = (len(self.calls) + call, fate)

    def spare(self) -> None:
        self._fatal = None

    def next(self, kind: str, now: float, calm: bool) -> str:
        self.calls.append(kind)
        number = len(self.calls)
        if number in self._scenario.exact:
            return self._scenario.exact[number]
        if calm:
            return ""
        if self._fatal is not None and number >= self._fatal[0] and (self._fatal[1] != "torn" or kind == "commit"):
            fate, self._fatal = self._fatal[1], None
            return fate
        for incident in self._scenario.incidents:
            if kind != "commit" and incident.begins <= now < incident.ends and self._random.random() < incident.chance:
                return _fitting(incident.fate, kind)
        shares = _COMMITS if kind == "commit" else _READS if kind == "GET" else _WRITES
        drawn = self._random.random() * 100
        for fate, share in shares.items():
            drawn -= share * self._scenario.trouble
            if drawn < 0:
                return fate
        return ""


def _fitting(fate: str, kind: str) -> str:
    return "" if fate == "empty" and kind != "GET" else fate


def every_fate(kind: str) -> list[str]:
    """All that can happen to a call of that kind."""
    if kind == "commit":
        return list(disk.FATES)
    return ["refused", "killed before", "killed after", *network.FATES]
