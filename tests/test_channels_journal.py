"""Deliveries in SQLite."""

import sqlite3

import anyio
import pytest

from triaged.channels import journal
from triaged.channels.journal import Journal
from triaged.clients.sqlite import MIGRATIONS, Database, connect, migrate
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


async def buried(channel, number, body=b"{}"):
    """So many dead letters, one after the other; how many older ones they displaced."""
    await channel.put([delivery(f"{body[:9]} {key}", body) for key in range(number)])
    return sum([await channel.bury(one, "not a JSON object") for one in await take_all(channel, number)])


async def older_ones(database, number, size):
    """So many dead letters of that size, a second apart."""
    row = "INSERT INTO dead (sequence, source, at, died_at, headers, body, reason) VALUES (?1 - 2000, 'sentry', 0, ?1, '{}', zeroblob(?2), '')"
    await database.write(lambda connection: connection.executemany(row, [(at, size) for at in range(number)]))


async def test_dead_letters_are_bounded_by_number_and_the_oldest_have_to_go(database, clock):
    await older_ones(database, journal.MOST_DEAD, 10)
    channel = Journal(database, clock)
    assert await buried(channel, 3) == 3
    assert channel.dead() == journal.MOST_DEAD
    assert database.read("SELECT min(died_at) FROM dead") == [(3.0,)]


async def test_dead_letters_are_bounded_by_size(database, clock):
    await older_ones(database, 8, 10_000_000)
    channel = Journal(database, clock)
    assert await buried(channel, 1) == 2
    assert database.read("SELECT min(died_at), sum(length(body)) FROM dead") == [(2.0, 60_000_002)]


async def test_a_dead_letter_that_nobody_sees_to_is_dropped_after_a_month(database, clock):
    channel = Journal(database, clock)
    await buried(channel, 2)
    clock.turn(29 * 86_400)
    assert await channel.tidy() == 0
    clock.turn(2 * 86_400)
    assert await channel.tidy() == 2
    assert channel.dead() == 0


async def test_a_dead_letter_that_another_process_revives_is_taken_by_the_one_that_runs(database, clock):
    channel = Journal(database, clock)
    await buried(channel, 1, b"dead")
    other = connect(database.path)
    (letter,) = journal.dead_letters(other)
    journal.revive(other, letter, clock.now())
    other.close()
    assert (channel.dead(), channel.pending()) == (0, 1)
    (again,) = await take_all(channel, 1)
    assert (again.body, again.source, again.headers, again.damage) == (b"dead", "sentry", {"sentry-hook-resource": "error"}, "")
    await Store(database).record([Settled(again, ())], NOON)
    await channel.done([again])
    assert channel.pending() == 0


async def test_many_that_wait_for_a_peer_do_not_delay_fresh_ones_after_a_restart(database, clock):
    channel = Journal(database, clock)
    await channel.put([delivery(number) for number in range(200)])
    for one in await take_all(channel, 200):
        await channel.retry(one, clock.now() + journal.timedelta(seconds=60), "the API is away")
    await channel.put([delivery("fresh")])
    again = Journal(database, clock)
    assert again.pending() == 201
    with anyio.fail_after(0.5):
        assert [one.key for one in await again.take(64)] == ["fresh"]


async def test_headers_that_cannot_be_read_any_more_cost_one_delivery(database, clock):
    channel = Journal(database, clock)
    await channel.put([delivery(1), delivery(2)])
    await database.write(lambda connection: connection.execute("UPDATE pending SET headers = '{\"' WHERE key = '1'"))
    assert [bool(one.damage) for one in await take_all(Journal(database, clock), 2)] == [True, False]


async def test_what_is_done_twice_is_counted_once(database, clock):
    channel = Journal(database, clock)
    await channel.put([delivery(1), delivery(2)])
    first, _ = await take_all(channel, 2)
    await Store(database).record([Settled(first, ())], NOON)
    for _ in range(2):
        await channel.done([first])
    assert channel.pending() == 1


async def test_what_is_done_of_a_delivery_is_not_done_again_after_a_restart(database, clock):
    channel = Journal(database, clock)
    await channel.put([delivery(1)])
    (taken,) = await take_all(channel, 1)
    await Store(database).record([Settled(taken, (), left=(2, 5))], NOON)
    (again,) = await take_all(Journal(database, clock), 1)
    assert again.only == (2, 5)


async def test_what_was_accepted_is_settled_pending_dead_or_dropped_and_nothing_else(database, clock):
    channel = Journal(database, clock)
    await channel.put([delivery(number) for number in range(6)])
    await channel.put([delivery(0)])  # a repeat
    taken = await take_all(channel, 6)
    await Store(database).record([Settled(taken[0], ()), Settled(taken[1], ())], NOON)
    await Store(database).record([Settled(taken[0], ())], NOON)  # a second time
    await channel.done(taken[:2])
    for one in taken[2:5]:
        await channel.bury(one, "poison")
    letters = await database.write(lambda connection: list(journal.dead_letters(connection)))
    await database.write(lambda connection: journal.drop(connection, letters[0]))
    await database.write(lambda connection: journal.drop(connection, letters[0]))
    await database.write(lambda connection: journal.revive(connection, letters[1], NOON))
    assert channel.balance() == {"accepted": 6, "settled": 2, "dropped": 1, "pending": 2, "dead": 1}


async def test_the_balance_of_a_database_of_an_earlier_version_begins_with_what_it_has_settled(tmp_path, clock):
    older = tmp_path / "older.db"
    migrate(older, MIGRATIONS[:1])
    connection = connect(older)
    insert = "INSERT INTO pending (source, key, at, headers, body, checksum) VALUES ('sentry', ?, 0, '{}', x'', 0)"
    for number in range(5):
        connection.execute(insert, (str(number),))
    connection.execute("DELETE FROM pending WHERE sequence < 4")
    connection.close()
    database = Database(older)
    assert Journal(database, clock).balance() == {"accepted": 5, "settled": 3, "dropped": 0, "pending": 2, "dead": 0}
    database.close()
