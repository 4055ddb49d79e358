"""Deliveries in SQLite."""

import sqlite3

import anyio
import pytest

from triaged.channels import journal
from triaged.channels.journal import Journal
from triaged.clients.sqlite import Database
from triaged.core.model import Delivery
from triaged.ports import Settled
from triaged.stores.sqlite import Store
from world import NOON, TurnedClock

pytestmark = pytest.mark.anyio


@pytest.fixture
def clock():
    return TurnedClock()


@pytest.fixture
def database(tmp_path):
    opened = Database(tmp_path / "triaged.db")
    yield opened
    opened.close()


def delivery(key, body=b"{}"):
    return Delivery(source="sentry", key=str(key), at=NOON, body=body, headers={"sentry-hook-resource": "error"})


async def take_all(channel, number):
    taken = []
    with anyio.fail_after(5):
        while len(taken) < number:
            taken += await channel.take(64)
    return taken


async def test_what_is_put_is_taken_in_order(database, clock):
    channel = Journal(database, clock)
    assert await channel.put([delivery(1), delivery(2)]) == [True, True]
    first, second = await take_all(channel, 2)
    assert (first.key, second.key) == ("1", "2")
    assert first.headers == {"sentry-hook-resource": "error"}


async def test_a_repeat_is_not_taken_twice_not_even_after_it_was_settled(database, clock):
    channel = Journal(database, clock)
    await channel.put([delivery(1)])
    (taken,) = await take_all(channel, 1)
    await Store(database).record([Settled(taken, ())], NOON)
    await channel.done([taken])
    assert await channel.put([delivery(1)]) == [False]
    assert channel.pending() == 0


async def test_a_repeat_is_known_for_at_least_seven_days(database, clock):
    channel = Journal(database, clock)
    await channel.put([delivery(1)])
    clock.turn(7 * 86_400)
    await channel.tidy()
    assert await channel.put([delivery(1)]) == [False]
    clock.turn(2 * 86_400)
    await channel.tidy()
    assert await channel.put([delivery(1)]) == [True]


async def test_what_was_not_settled_is_taken_again_after_a_restart(database, clock):
    channel = Journal(database, clock)
    await channel.put([delivery(number) for number in range(100)])
    settled = (await take_all(channel, 64))[:10]
    await Store(database).record([Settled(one, ()) for one in settled], NOON)
    again = Journal(database, clock)
    assert again.pending() == 90
    assert [one.key for one in await take_all(again, 90)] == [str(number) for number in range(10, 100)]


async def test_a_full_memory_refuses_nothing_and_loses_nothing(database, clock):
    channel = Journal(database, clock)
    number = journal._MOST + 500
    for start in range(0, number, 100):
        assert all(await channel.put([delivery(key) for key in range(start, start + 100)]))
    taken = await take_all(channel, number)
    assert [one.key for one in taken] == [str(key) for key in range(number)]
    with anyio.move_on_after(0.05) as nothing_more:
        await channel.take(1)
    assert nothing_more.cancelled_caught


async def test_memory_holds_a_bounded_number_of_bytes(database, clock):
    channel = Journal(database, clock)
    for key in range(20):
        await channel.put([delivery(key, b"x" * 1_000_000)])
    assert sum(len(one.body) for one in channel._memory) <= 8_000_000
    assert len(await take_all(channel, 20)) == 20


async def test_a_backlog_is_read_back_by_its_size_in_order_and_whole(database, clock):
    channel = Journal(database, clock)
    large, small = b"x" * 600_000, b"{}"
    await channel.put([delivery(key, large if key < 5 else small) for key in range(600)])
    again = Journal(database, clock)
    taken = [await again.take(1_000)]
    while again.pending() > sum(map(len, taken)):
        taken.append(await again.take(1_000))
    assert [one.key for some in taken for one in some] == [str(key) for key in range(600)]
    assert [len(some) for some in taken[:4]] == [1, 1, 1, 1]  # a second one would make it more than a million bytes
    assert max(len(some) for some in taken) >= 200
    with anyio.move_on_after(0.05) as nothing_more:
        await again.take(1)
    assert nothing_more.cancelled_caught


async def test_one_that_failed_comes_again_when_it_is_due_and_not_before(database, clock):
    channel = Journal(database, clock)
    await channel.put([delivery(1), delivery(2)])
    first, second = await take_all(channel, 2)
    await channel.retry(first, clock.now() + journal.timedelta(seconds=10), "the API is away")
    with anyio.move_on_after(0.05) as too_early:
        await channel.take(1)
    assert too_early.cancelled_caught
    clock.turn(11)
    (again,) = await take_all(channel, 1)
    assert (again.key, again.attempts) == ("1", 1)
    assert second.attempts == 0


async def test_a_dead_letter_is_kept_with_its_reason_and_not_taken_again(database, clock, tmp_path):
    channel = Journal(database, clock)
    await channel.put([delivery(1)])
    (taken,) = await take_all(channel, 1)
    await channel.bury(taken, "not a JSON object")
    assert (channel.dead(), channel.pending()) == (1, 0)
    assert Journal(database, clock).dead() == 1
    assert database.read("SELECT reason FROM dead") == [("not a JSON object",)]


async def test_a_flipped_bit_costs_one_delivery(database, clock, tmp_path):
    channel = Journal(database, clock)
    await channel.put([delivery(1, b"good"), delivery(2, b"bad!"), delivery(3, b"good")])
    with sqlite3.connect(database.path) as other:
        other.execute("UPDATE pending SET body = ? WHERE key = '2'", (b"bed!",))
    other.close()
    taken = await take_all(Journal(database, clock), 3)
    assert [bool(one.damage) for one in taken] == [False, True, False]


async def test_a_cursor_is_stored_with_its_deliveries(database, clock):
    channel = Journal(database, clock)
    assert channel.cursor("file") == ""
    await channel.put([delivery(1)], ("file", "42"))
    await channel.put([], ("file", "43"))
    assert Journal(database, clock).cursor("file") == "43"


async def test_a_caller_that_hangs_up_does_not_undo_the_delivery(database, clock):
    channel = Journal(database, clock)
    with anyio.move_on_after(0):
        await channel.put([delivery(1)])
    assert [one.key for one in await take_all(channel, 1)] == ["1"]


async def test_it_says_whether_it_can_commit(database, clock):
    channel = Journal(database, clock)
    assert await channel.commits()
    await database.write(lambda connection: connection.execute("PRAGMA query_only = 1"))
    assert not await channel.commits()
