"""In front of GitHub: budgets and forbidden windows."""

import itertools
from datetime import timedelta

import anyio
import pytest
from anyio import wait_all_tasks_blocked

from triaged.clients.limiter import Limiter, Urgency
from triaged.errors import Unavailable
from triaged.ports import Forgetful
from world import Impatient, TurnedClock

pytestmark = pytest.mark.anyio


def limiter_on(clock, notes=None):
    return Limiter(clock, notes or Forgetful(), "ab12")


async def test_writes_come_at_most_one_a_second_and_eighty_a_minute():
    clock = Impatient()
    limiter = limiter_on(clock)
    times = []
    for _ in range(100):
        await limiter.ready("core", Urgency.CREATE, writes=True)
        times.append(clock.monotonic())
    assert min(later - sooner for sooner, later in itertools.pairwise(times)) >= 0.999
    assert sum(at <= 60 for at in times) <= 80


async def test_beyond_the_hours_budget_a_write_is_told_when():
    clock = Impatient()
    limiter = limiter_on(clock)
    written = 0
    with pytest.raises(Unavailable) as refused:  # noqa: PT012
        for _ in range(2000):
            await limiter.ready("core", Urgency.CREATE, writes=True)
            written += 1
    assert 400 <= written <= 460  # the hour's budget, and what it gained meanwhile
    assert clock.now() < refused.value.until < clock.now() + timedelta(minutes=1)


async def test_reading_needs_little_of_the_budget():
    clock = Impatient()
    limiter = limiter_on(clock)
    for _ in range(900):
        await limiter.ready("core", Urgency.CREATE, writes=False)
    assert clock.monotonic() <= 60.001


async def test_inside_a_forbidden_window_nothing_is_asked_of_that_resource():
    clock = TurnedClock()
    limiter = limiter_on(clock)
    until = clock.now() + timedelta(seconds=30)
    await limiter.forbid("search", until)
    with pytest.raises(Unavailable) as refused:
        await limiter.ready("search", Urgency.CREATE, writes=False)
    assert refused.value.until == until
    await limiter.ready("core", Urgency.CREATE, writes=False)
    clock.turn(30)
    await limiter.ready("search", Urgency.CREATE, writes=False)


async def test_a_secondary_limit_stops_the_whole_credential_and_a_shorter_one_does_not_shorten_it():
    clock = TurnedClock()
    limiter = limiter_on(clock)
    await limiter.forbid("", clock.now() + timedelta(seconds=60))
    await limiter.forbid("", clock.now() + timedelta(seconds=5))
    clock.turn(30)
    for resource in ("core", "search", "graphql"):
        with pytest.raises(Unavailable):
            await limiter.ready(resource, Urgency.CREATE, writes=False)


async def test_a_forbidden_window_holds_across_a_restart_and_for_its_credential_alone():
    clock, notes = TurnedClock(), Forgetful()
    await limiter_on(clock, notes).forbid("", clock.now() + timedelta(seconds=60))
    again = limiter_on(clock, notes)
    with pytest.raises(Unavailable):
        await again.ready("core", Urgency.CREATE, writes=False)
    await Limiter(clock, notes, "another").ready("core", Urgency.CREATE, writes=False)
    clock.turn(60)
    await again.ready("core", Urgency.CREATE, writes=False)


async def test_the_last_requests_of_the_hour_are_left_for_new_errors():
    clock = TurnedClock()
    limiter = limiter_on(clock)
    limiter.told("core", 600, 5000, clock.now() + timedelta(minutes=20))
    await limiter.ready("core", Urgency.UPDATE, writes=False)
    with pytest.raises(Unavailable, match="600 of 5000"):
        await limiter.ready("core", Urgency.ENRICH, writes=False)
    limiter.told("core", 1, 5000, clock.now() + timedelta(minutes=20))
    with pytest.raises(Unavailable):
        await limiter.ready("core", Urgency.UPDATE, writes=False)
    await limiter.ready("core", Urgency.CREATE, writes=False)
    limiter.told("core", 0, 5000, clock.now() + timedelta(minutes=20))
    with pytest.raises(Unavailable) as refused:
        await limiter.ready("core", Urgency.CREATE, writes=False)
    assert refused.value.until == clock.now() + timedelta(minutes=20)


async def test_of_those_who_wait_the_most_urgent_is_next_and_one_who_gives_up_holds_up_nobody():
    limiter = limiter_on(TurnedClock())
    order = []

    async def ask(urgency, cancelled=False):
        with anyio.CancelScope() as scope:
            if cancelled:
                scopes.append(scope)
            async with limiter.turn(urgency):
                order.append(urgency.name)

    scopes = []
    async with anyio.create_task_group() as tasks, limiter.turn(Urgency.ENRICH):
        for urgency in (Urgency.ENRICH, Urgency.UPDATE, Urgency.CREATE, Urgency.UPDATE):
            tasks.start_soon(ask, urgency)
        tasks.start_soon(ask, Urgency.CREATE, True)
        await wait_all_tasks_blocked()
        scopes[0].cancel()
        await wait_all_tasks_blocked()
    assert order == ["CREATE", "UPDATE", "UPDATE", "ENRICH"]


async def test_a_window_that_a_full_disk_did_not_take_is_written_once_there_is_room():
    class Full(Forgetful):
        full = True

        async def keep(self, name, text):
            if self.full:
                raise Unavailable("the disk is full")
            await super().keep(name, text)

    clock, notes = TurnedClock(), Full()
    limiter = limiter_on(clock, notes)
    await limiter.forbid("", clock.now() + timedelta(seconds=60))
    notes.full = False
    with pytest.raises(Unavailable):
        await limiter.ready("core", Urgency.CREATE, writes=False)
    with pytest.raises(Unavailable):
        await limiter_on(clock, notes).ready("core", Urgency.CREATE, writes=False)
