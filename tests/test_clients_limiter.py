"""In front of GitHub: budgets and forbidden windows."""

import itertools
from datetime import timedelta

import pytest

from triaged.clients.limiter import Limiter
from triaged.errors import Unavailable
from world import TurnedClock

pytestmark = pytest.mark.anyio


class Impatient(TurnedClock):
    """A sleep is over at once, and the clock has been turned by it."""

    async def sleep(self, seconds):
        self.turn(seconds)


async def test_writes_come_at_most_one_a_second_and_eighty_a_minute():
    clock = Impatient()
    limiter = Limiter(clock)
    times = []
    for _ in range(100):
        await limiter.ready("core", writes=True)
        times.append(clock.monotonic())
    assert min(later - sooner for sooner, later in itertools.pairwise(times)) >= 0.999
    assert sum(at <= 60 for at in times) <= 80


async def test_beyond_the_hours_budget_a_write_is_told_when():
    clock = Impatient()
    limiter = Limiter(clock)
    written = 0
    with pytest.raises(Unavailable) as refused:  # noqa: PT012
        for _ in range(2000):
            await limiter.ready("core", writes=True)
            written += 1
    assert 400 <= written <= 460  # the hour's budget, and what it gained meanwhile
    assert clock.now() < refused.value.until < clock.now() + timedelta(minutes=1)


async def test_reading_needs_no_budget():
    clock = TurnedClock()
    limiter = Limiter(clock)
    for _ in range(1000):
        await limiter.ready("core", writes=False)


async def test_inside_a_forbidden_window_nothing_is_asked_of_that_resource():
    clock = TurnedClock()
    limiter = Limiter(clock)
    until = clock.now() + timedelta(seconds=30)
    limiter.forbid("search", until)
    with pytest.raises(Unavailable) as refused:
        await limiter.ready("search", writes=False)
    assert refused.value.until == until
    await limiter.ready("core", writes=False)
    clock.turn(30)
    await limiter.ready("search", writes=False)


async def test_a_secondary_limit_stops_the_whole_credential_and_a_shorter_one_does_not_shorten_it():
    clock = TurnedClock()
    limiter = Limiter(clock)
    limiter.forbid("", clock.now() + timedelta(seconds=60))
    limiter.forbid("", clock.now() + timedelta(seconds=5))
    clock.turn(30)
    for resource in ("core", "search", "graphql"):
        with pytest.raises(Unavailable):
            await limiter.ready(resource, writes=False)
