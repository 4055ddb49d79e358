"""Deliveries through the workers: one bad one stops nothing else."""

from dataclasses import replace
from datetime import timedelta

import anyio
import pytest
from prometheus_client import generate_latest

from triaged import parsers, rulebook, settings
from triaged.channels import journal
from triaged.channels.journal import Journal
from triaged.clients.sqlite import Database
from triaged.core import redact
from triaged.core.grouping import Explicit, Grouping
from triaged.core.model import Delivery, Record
from triaged.core.rules import ALWAYS
from triaged.errors import Rejected, Unavailable
from triaged.metrics import Metrics
from triaged.pipeline.render import Renderer
from triaged.pipeline.triage import World
from triaged.pipeline.workers import Workers
from triaged.stores.sqlite import Store
from world import NOON, TurnedClock, nobody_reads

pytestmark = pytest.mark.anyio

BOOK = rulebook.load([settings.data("rules")])
REDACTOR = redact.compile(BOOK.redaction, [])
RENDERER = Renderer([settings.data("templates")], REDACTOR)


class Source:
    """A body says what becomes of it; each of its lines is a record."""

    def __init__(self):
        self.away = True
        self.answers = anyio.Event()

    def read(self, delivery):
        text = delivery.body.decode()
        if text == "junk":
            raise Rejected("not an alert")
        if text == "bug":
            raise ZeroDivisionError
        if text == "away" and self.away:
            raise Unavailable("its API is away")
        return tuple(
            Record("alerts", NOON, f"ValueError: {line}", level="error", missing=line if line in ("poison", "hangs") else "")
            for line in text.splitlines()
        )

    async def complete(self, record):
        if record.missing == "poison":
            raise ZeroDivisionError
        if record.missing == "hangs":
            await self.answers.wait()
        return replace(record, missing="")


@pytest.fixture
async def desk(tmp_path):
    database = Database(tmp_path / "triaged.db")
    yield Desk(database)
    database.close()


class Desk:
    def __init__(self, database):
        self.clock = TurnedClock()
        self.database = database
        self.journal = Journal(database, self.clock)
        self.store = Store(database)
        self.source = Source()
        self.book = BOOK
        self.planned = anyio.Event()
        self.metrics = Metrics()
        self.workers = Workers(self.journal, self.store, self.world, self.clock, self.metrics, lambda: REDACTOR, self.plan)

    def plan(self):
        self.planned.set()

    def world(self):
        return World({"alerts": self.source}, self.book, parsers.parse, self.store.group, None, RENDERER, "local", "shop", nobody_reads)

    async def deliver(self, *bodies):
        await self.journal.put([Delivery("alerts", f"{body} {number}", NOON, body.encode()) for number, body in enumerate(bodies)])

    async def work(self):
        """Until nothing is there to be taken."""
        while True:
            with anyio.move_on_after(0.2) as idle:
                deliveries = await self.journal.take(64)
            if idle.cancelled_caught:
                return
            await self.workers.batch(deliveries)

    async def work_once(self):
        """What is due now and was put back before."""
        await self.workers.batch(await self.journal.take(64))

    def messages(self):
        return [view["event"]["message"] for _, view in self.store.groups(100)]

    def counts(self):
        return {view["event"]["message"]: group.tally.count for group, view in self.store.groups(100)}

    def reasons(self):
        return [reason for (reason,) in self.database.read("SELECT reason FROM dead ORDER BY died_at")]


async def test_a_bad_delivery_becomes_a_dead_letter_and_its_neighbours_are_counted(desk):
    await desk.deliver("one", "junk", "two")
    await desk.work()
    assert sorted(desk.messages()) == ["one", "two"]
    assert (desk.journal.dead(), desk.journal.pending()) == (1, 0)
    assert desk.database.read("SELECT reason FROM dead") == [("not an alert",)]


async def test_one_that_makes_us_stumble_is_tried_again_later_and_later_and_then_buried_with_its_reason(desk):
    await desk.deliver("bug", "one")
    await desk.work()
    assert desk.messages() == ["one"]
    assert desk.journal.pending() == 1
    for seconds in (2, 11, 61, 301):
        desk.clock.turn(seconds)
        await desk.work()
    assert (desk.journal.dead(), desk.journal.pending()) == (1, 0)
    ((reason,),) = desk.database.read("SELECT reason FROM dead")
    assert "ZeroDivisionError at read" in reason
    assert "after 5 attempts" in reason


async def test_one_bad_record_among_many_in_a_delivery_neither_delays_nor_kills_the_others(desk):
    await desk.deliver("one\npoison\ntwo\none")
    await desk.work()
    assert desk.counts() == {"one": 2, "two": 1}
    assert (desk.journal.dead(), desk.journal.pending()) == (0, 1)
    for seconds in (2, 11, 61, 301):
        desk.clock.turn(seconds)
        await desk.work()
    assert desk.counts() == {"one": 2, "two": 1}
    assert (desk.journal.dead(), desk.journal.pending()) == (1, 0)
    ((body, only),) = desk.database.read("SELECT body, only FROM dead")
    assert (body, only) == (b"one\npoison\ntwo\none", "[1]")


async def test_a_dead_record_that_is_tried_again_does_not_count_its_neighbours_once_more(desk):
    await desk.deliver("one\npoison")
    for seconds in (0, 2, 11, 61, 301):
        desk.clock.turn(seconds)
        await desk.work()
    desk.source.complete = lambda record: _at_once(replace(record, missing=""))
    await desk.database.write(lambda connection: revive_all(connection, desk.clock.now()))
    await desk.work()
    assert desk.counts() == {"one": 1, "poison": 1}
    assert (desk.journal.dead(), desk.journal.pending()) == (0, 0)


async def _at_once(record):
    return record


def revive_all(connection, now):
    for letter in list(journal.dead_letters(connection)):
        journal.revive(connection, letter, now)


async def test_a_source_whose_api_hangs_does_not_hold_up_what_needs_none(desk):
    await desk.deliver("hangs", "one")
    deliveries = await desk.journal.take(64)
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(desk.workers.batch, deliveries)
        with anyio.fail_after(5):
            await desk.planned.wait()
        assert desk.messages() == ["one"]
        desk.source.answers.set()
    assert desk.counts() == {"one": 1, "hangs": 1}


async def test_while_an_api_is_away_nothing_dies_for_a_day(desk):
    await desk.deliver("away")
    for _ in range(50):
        await desk.work_once()
        desk.clock.turn(301)
    assert desk.journal.dead() == 0
    for _ in range(250):
        await desk.work_once()
        desk.clock.turn(301)
    assert desk.reasons() == ["its API is away (after 300 attempts)"]


async def test_what_makes_the_store_stumble_is_told_from_its_neighbours(desk):
    record = desk.store.record

    async def stumbles(settled, now):
        if any("two" in one.delivery.body.decode() for one in settled):
            raise ValueError("cannot be stored")
        await record(settled, now)

    desk.store.record = stumbles
    await desk.deliver("one", "two", "three")
    await desk.work()
    assert sorted(desk.messages()) == ["one", "three"]
    assert desk.journal.pending() == 1


async def test_one_that_needs_an_api_waits_until_it_is_back(desk):
    await desk.deliver("away")
    await desk.work()
    assert desk.messages() == []
    desk.source.away = False
    desk.clock.turn(2)
    await desk.work()
    assert desk.messages() == ["away"]


async def test_a_dead_letter_is_kept_redacted(desk):
    await desk.deliver("junk")
    token = "ghp_" + "A1b2C3d4E5" * 3 + "F6g7H8"
    desk.source.read = lambda delivery: (_ for _ in ()).throw(Rejected("no"))
    await desk.journal.put([Delivery("alerts", "k", NOON, f"token {token}".encode())])
    await desk.work()
    bodies = [body for (body,) in desk.database.read("SELECT body FROM dead")]
    assert token.encode() not in b"".join(bodies)


async def test_a_thousand_events_of_one_error_in_one_batch_make_one_group_with_an_exact_count(desk):
    await desk.deliver(*["boom"] * 1000)
    await desk.work()
    ((group, _),) = desk.store.groups(10)
    assert group.tally.count == 1000
    assert len(desk.store.due(NOON + timedelta(days=1), 10)) == 1


async def test_a_group_that_swallows_many_different_messages_is_proposed_for_a_split_once(desk):
    words = ["red", "blue", "green", "grey", "pink", "black", "white", "brown", "amber", "azure", "ivory", "olive", "coral", "beige"]
    said = [f"the {word} of {word[::-1]} went {word}" for word in words]
    desk.book = replace(BOOK, grouping=Grouping((Explicit("all", ALWAYS, "all"),)))
    await desk.deliver(*said, *said)
    await desk.work()
    ((group, _),) = desk.store.groups(10)
    assert group.tally.mixed
    assert b"triaged_splits_proposed_total 1.0" in generate_latest(desk.metrics.registry)
