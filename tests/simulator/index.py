"""Every fault at every I/O call of one small history: the k-th request or commit fails, is lost, comes late, is torn, kills the process..."""

from collections.abc import Iterator
from dataclasses import replace

from simulator import history, world
from simulator.scenario import Scenario, every_fate

SMALL = Scenario(errors=1, seconds=5.0, trouble=0.0, lag=(0.0, 2.0, 8.0), after=60, settles=7200)
SEED = 3


def calls() -> list[str]:
    """The kinds of I/O calls of the small history while all goes well."""
    verdict, told = world.run(SMALL, SEED)
    assert not verdict.wrong, verdict.wrong
    return told.calls


def cases() -> Iterator[tuple[int, str]]:
    """Each call, from 1, with each of its fates."""
    for number, kind in enumerate(calls(), 1):
        for fate in every_fate(kind):
            yield number, fate


def tried(number: int, fate: str) -> tuple[history.Verdict, world.World]:
    return world.run(replace(SMALL, exact={number: fate}), SEED)
