"""Many histories over all cores."""

import multiprocessing
import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass
from typing import TypeVar

from simulator import history, index, scenario, world
from simulator.blind import BlindRetry

T = TypeVar("T")
R = TypeVar("R")
_CHUNK = 10
_TOLD = 60
"""Lines of a failed history that are kept."""


@dataclass(frozen=True, slots=True)
class Outcome:
    name: str
    verdict: history.Verdict
    told: tuple[str, ...] = ()
    """The end of the history, where it failed."""
    blind: history.Verdict | None = None
    """What blind retry makes of the same."""

    def __str__(self) -> str:
        return "\n".join([*self.told, *self.verdict.wrong, self.name])


def seed(number: int) -> Outcome:
    return _outcome(f"seed {number}", *world.run(scenario.drawn(number), number))


def seed_and_blind(number: int) -> Outcome:
    """The same history with blind retry, too."""
    ours = seed(number)
    blind, _ = world.run(scenario.drawn(number), number, BlindRetry)
    return Outcome(ours.name, ours.verdict, ours.told, blind)


def crowded_seed(case: tuple[int, int]) -> Outcome:
    """A seed with so many errors."""
    number, errors = case
    return _outcome(f"seed {number}", *world.run(scenario.crowded(number, errors), number))


def unlisted_seed(number: int) -> Outcome:
    return _outcome(f"seed {number}, unlisted", *world.run(scenario.unlisted(number), number))


def fault(case: tuple[int, str]) -> Outcome:
    number, fate = case
    return _outcome(f"call {number}: {fate}", *index.tried(number, fate))


def each(work: Callable[[T], R], cases: Sequence[T]) -> Iterator[R]:
    """What ``work`` makes of the cases, in any order; each process is a new interpreter."""
    chunks = [cases[start : start + _CHUNK] for start in range(0, len(cases), _CHUNK)]
    with ProcessPoolExecutor(os.cpu_count(), multiprocessing.get_context("spawn")) as processes:
        for done in as_completed([processes.submit(_chunk, work, chunk) for chunk in chunks]):
            yield from done.result()


def _chunk(work: Callable[[T], R], cases: Sequence[T]) -> list[R]:
    return [work(case) for case in cases]


def _outcome(name: str, verdict: history.Verdict, told: world.World) -> Outcome:
    return Outcome(name, verdict, tuple(told.trace.lines)[-_TOLD:] if verdict.wrong else ())
