"""The one database."""

import os
import shutil
import signal
import sqlite3
import subprocess
import sys
from contextlib import closing

import anyio
import pytest

from triaged.channels.journal import Journal
from triaged.clients import sqlite
from triaged.core.model import Delivery
from triaged.errors import JournalBroken, Unavailable, WrongUse
from triaged.stores.sqlite import Store
from world import NOON, TurnedClock

pytestmark = pytest.mark.anyio


@pytest.fixture
def database(tmp_path):
    opened = sqlite.Database(tmp_path / "triaged.db")
    yield opened
    opened.close()


async def test_nobody_else_can_read_the_database_or_what_stands_beside_it(tmp_path):
    path = tmp_path / "triaged.db"
    path.touch(0o644)  # as an older one left it
    opened = sqlite.Database(path)
    await opened.write(put("a"))
    modes = {file.name: file.stat().st_mode & 0o777 for file in tmp_path.iterdir()}
    opened.close()
    assert modes == {"triaged.db": 0o600, "triaged.db-wal": 0o600, "triaged.db-shm": 0o600}


def put(name):
    return lambda connection: connection.execute("INSERT INTO cursors VALUES (?, '1')", (name,))


def names(path):
    with sqlite3.connect(path) as other:
        found = [row[0] for row in other.execute("SELECT source FROM cursors ORDER BY source")]
    other.close()
    return found


async def test_a_write_is_on_the_disk_when_it_returns(database):
    await database.write(put("a"))
    assert names(database.path) == ["a"]


async def test_many_writes_at_once_all_happen_and_each_gets_its_own_answer(database):
    answers = {}

    async def one(number):
        answers[number] = await database.write(lambda connection: (put(f"{number:03}")(connection), number * 2)[1])

    async with anyio.create_task_group() as tasks:
        for number in range(500):
            tasks.start_soon(one, number)
    assert answers == {number: number * 2 for number in range(500)}
    assert len(names(database.path)) == 500


async def test_a_write_that_raises_is_undone_alone(database):
    outcomes = {}

    async def one(name, work):
        try:
            outcomes[name] = await database.write(work)
        except sqlite3.IntegrityError as error:
            outcomes[name] = error

    def half_done(connection):
        put("half")(connection)
        put("half")(connection)  # not unique: raises

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(one, "good", put("good"))
        tasks.start_soon(one, "bad", half_done)
        tasks.start_soon(one, "later", put("later"))
    assert isinstance(outcomes["bad"], sqlite3.IntegrityError)
    assert names(database.path) == ["good", "later"]


async def test_a_caller_that_goes_away_does_not_undo_its_write(database):
    with anyio.move_on_after(0):
        await database.write(put("kept"))
    await database.write(put("next"))
    assert names(database.path) == ["kept", "next"]


async def test_a_full_disk_refuses_the_write_and_works_again_when_there_is_room(database):
    await database.write(lambda connection: connection.execute("PRAGMA max_page_count = 40"))
    big = lambda connection: connection.execute("INSERT INTO cursors VALUES ('big', ?)", ("x" * 1_000_000,))  # noqa: E731
    with pytest.raises(Unavailable):
        await database.write(big)
    assert names(database.path) == []
    await database.write(lambda connection: connection.execute("PRAGMA max_page_count = 1000000"))
    await database.write(big)
    assert names(database.path) == ["big"]


async def test_after_a_failure_of_unknown_outcome_nothing_is_written_any_more(database):
    def torn(connection):
        raise sqlite3.OperationalError("disk I/O error")

    with pytest.raises(JournalBroken):
        await database.write(torn)
    with pytest.raises(JournalBroken):
        await database.write(put("a"))
    assert "disk I/O error" in database.broken


def test_a_file_of_a_newer_version_is_refused_in_plain_words(tmp_path):
    path = tmp_path / "triaged.db"
    sqlite.migrate(path)
    with sqlite3.connect(path) as other:
        other.execute("PRAGMA user_version = 99")
    other.close()
    with pytest.raises(WrongUse, match="newer triaged"):
        sqlite.Database(path)


def test_a_file_that_is_no_database_is_refused_in_plain_words(tmp_path):
    path = tmp_path / "triaged.db"
    path.write_bytes(b"not a database, surely" * 100)
    with pytest.raises(WrongUse, match="cannot be opened"):
        sqlite.Database(path)


async def test_a_file_that_was_deleted_is_written_to_no_more(database):
    await database.write(put("a"))
    database.path.unlink()
    with pytest.raises(JournalBroken, match="deleted or replaced"):
        await database.write(put("b"))


async def test_a_file_that_was_replaced_by_a_backup_is_written_to_no_more(database, tmp_path):
    sqlite.migrate(tmp_path / "backup.db")
    (tmp_path / "backup.db").rename(database.path)
    with pytest.raises(JournalBroken, match="deleted or replaced"):
        await database.write(put("a"))
    assert names(database.path) == []


# Opens a database in a process that is killed just before the statement with that number of that migration.
KILLED = """
import os, signal, sys
from pathlib import Path
from triaged.clients import sqlite

def statements(migration, at):
    for number, statement in enumerate([*migration, None]):
        if number == at:
            os.kill(os.getpid(), signal.SIGKILL)
        yield statement

path, dies_in, at = Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
sqlite.migrate(path, [statements(one, at if number == dies_in else -1) for number, one in enumerate(sqlite.MIGRATIONS)])
"""


def killed_at(path, migration, statement):
    """Whether there was such a statement to be killed at."""
    command = [sys.executable, "-c", KILLED, str(path), str(migration), str(statement)]
    return subprocess.run(command, env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}).returncode == -signal.SIGKILL


@pytest.mark.parametrize("migration", range(len(sqlite.MIGRATIONS)))
async def test_a_kill_at_any_statement_of_a_migration_loses_nothing_of_what_the_version_before_stored(tmp_path, migration):
    before = tmp_path / "before.db"
    sqlite.migrate(before, sqlite.MIGRATIONS[:migration])
    if migration:
        with sqlite3.connect(before) as other:
            other.execute("INSERT INTO pending (source, key, at, headers, body, checksum) VALUES ('sentry', 'k', 0, '{}', x'7b7d', 0)")
        other.close()
    for statement in range(len(sqlite.MIGRATIONS[migration]) + 1):
        path = tmp_path / f"{statement}.db"
        shutil.copy(before, path)
        assert killed_at(path, migration, statement)
        database = sqlite.Database(path)
        assert database.read("PRAGMA user_version") == [(len(sqlite.MIGRATIONS),)]
        assert database.read("SELECT key FROM pending") == [("k",)] * bool(migration)
        await database.write(put("a"))
        database.close()


async def test_nothing_that_is_asked_at_a_start_each_second_or_for_a_page_reads_a_table_from_end_to_end(database):
    asked = set()
    database._reader.set_trace_callback(asked.add)
    channel, store = Journal(database, TurnedClock()), Store(database)
    await channel.put([Delivery("sentry", "k", NOON, b"{}")])
    (taken,) = await Journal(database, TurnedClock()).take(1)
    await channel.retry(taken, NOON, "later")
    store.group("v1:00")
    store.due(NOON, 50)
    store.grown(NOON, 50)
    store.groups(100)
    store.by_short("00")
    store.open_intents()
    store.states()
    store.waiting()
    store.umbrellas()
    store.sweeps(NOON)
    store.sent("github", "acme/shop", NOON)
    store.withheld("github", "acme/shop", NOON, 1)
    store.known("github", "acme/shop")
    channel.balance()
    database._reader.set_trace_callback(None)
    assert len(asked) >= 17
    tables = {name for (name,) in database.read("SELECT name FROM sqlite_schema WHERE type = 'table'")} - {"balance", "sqlite_sequence"}
    for sql in asked:
        plan = [row[3].split() for row in database.read(f"EXPLAIN QUERY PLAN {sql}")]
        assert [step for step in plan if step[0] == "SCAN" and step[1] in tables and "USING" not in step] == [], sql


@pytest.mark.parametrize("at", range(4))
def test_a_migration_that_dies_at_any_statement_is_done_again_whole(tmp_path, at):
    path = tmp_path / "triaged.db"
    steps = [["CREATE TABLE a (x)"], ["CREATE TABLE b (x)", "CREATE TABLE c (x)", "INSERT INTO c VALUES (1)"]]
    statements = [(step, statement) for step, statements in enumerate(steps) for statement in statements]
    died = [list(step) for step in steps]
    step, statement = statements[at]
    died[step][died[step].index(statement)] = "this is where the process died"
    with pytest.raises(sqlite3.OperationalError):
        sqlite.migrate(path, died)
    sqlite.migrate(path, steps)
    with sqlite3.connect(path) as other:
        assert other.execute("SELECT count(*) FROM c").fetchone() == (1,)
        assert other.execute("PRAGMA user_version").fetchone() == (2,)
    other.close()


def test_what_is_committed_is_flushed_to_the_disk(database):
    assert database.read("PRAGMA journal_mode") == [("wal",)]
    assert database.read("PRAGMA synchronous") == [(2,)]  # FULL


def test_a_page_with_more_errors_than_a_statement_may_have_values_is_remembered(tmp_path):
    sqlite.migrate(tmp_path / "triaged.db")
    with closing(sqlite.connect(tmp_path / "triaged.db")) as connection:
        connection.setlimit(sqlite3.SQLITE_LIMIT_VARIABLE_NUMBER, 32_766)  # as in builds with SQLite's own default
        keys = [(f"event {number}".encode(), 1.0) for number in range(20_000)]
        assert len(sqlite.new_keys(connection, keys)) == 20_000
        assert sqlite.new_keys(connection, keys) == set()
