"""The one database."""

import sqlite3

import anyio
import pytest

from triaged.clients import sqlite
from triaged.errors import JournalBroken, Unavailable, WrongUse

pytestmark = pytest.mark.anyio


@pytest.fixture
def database(tmp_path):
    opened = sqlite.Database(tmp_path / "triaged.db")
    yield opened
    opened.close()


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
