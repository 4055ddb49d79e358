"""The one database: a writer thread that puts many writes into one durable transaction, and a connection for short reads.

A write returns after its commit has reached the disk (WAL, ``synchronous=FULL``). Journal and store share the database, so
that counting an event and removing its delivery are one transaction. https://sqlite.org/wal.html
"""

import asyncio
import os
import queue
import sqlite3
import threading
from collections.abc import Callable, Generator, Sequence
from contextlib import closing, suppress
from functools import partial
from pathlib import Path
from typing import Any, Protocol, TypeVar

from triaged.errors import JournalBroken, Unavailable, WrongUse

_T = TypeVar("_T")

MOST_PER_COMMIT = 256
_FULL = ("SQLITE_FULL", "SQLITE_IOERR_WRITE", "SQLITE_BUSY", "SQLITE_LOCKED")  # surely nothing was committed: ask again later

# One list for the whole file; a migration is never changed, the next one is appended. `user_version` counts them.
MIGRATIONS: tuple[tuple[str, ...], ...] = (
    (
        # What was accepted and is not settled. Rows leave in the transaction that counts their events.
        """CREATE TABLE pending (
            sequence INTEGER PRIMARY KEY AUTOINCREMENT, source TEXT NOT NULL, key TEXT NOT NULL, at REAL NOT NULL,
            headers TEXT NOT NULL, body BLOB NOT NULL, checksum INTEGER NOT NULL,
            attempts INTEGER NOT NULL DEFAULT 0, due_at REAL NOT NULL DEFAULT 0, reason TEXT NOT NULL DEFAULT '') STRICT""",
        "CREATE INDEX pending_retries ON pending (due_at) WHERE attempts > 0",
        # The keys of deliveries and of events, so that a repeat has no effect.
        "CREATE TABLE seen (key BLOB PRIMARY KEY, at REAL NOT NULL) STRICT, WITHOUT ROWID",
        "CREATE INDEX seen_at ON seen (at)",
        """CREATE TABLE dead (
            sequence INTEGER PRIMARY KEY, source TEXT NOT NULL, at REAL NOT NULL, died_at REAL NOT NULL,
            headers TEXT NOT NULL, body BLOB NOT NULL, reason TEXT NOT NULL) STRICT""",
        "CREATE TABLE cursors (source TEXT PRIMARY KEY, cursor TEXT NOT NULL) STRICT, WITHOUT ROWID",
        """CREATE TABLE groups (
            fingerprint TEXT PRIMARY KEY, short TEXT NOT NULL, count INTEGER NOT NULL, first_seen REAL NOT NULL, last_seen REAL NOT NULL,
            told TEXT NOT NULL, repository TEXT NOT NULL, generation INTEGER NOT NULL, ticket TEXT, view TEXT,
            decided_by TEXT NOT NULL, written_count INTEGER NOT NULL DEFAULT 0, written_at REAL NOT NULL DEFAULT 0) STRICT""",
        "CREATE INDEX groups_short ON groups (short)",
        "CREATE INDEX groups_grown ON groups (written_at) WHERE ticket IS NOT NULL AND count > written_count",
        """CREATE TABLE intents (
            id INTEGER PRIMARY KEY, kind TEXT NOT NULL, sink TEXT NOT NULL, repository TEXT NOT NULL, fingerprint TEXT NOT NULL,
            generation INTEGER NOT NULL, state TEXT NOT NULL, due_at REAL NOT NULL DEFAULT 0, body TEXT NOT NULL,
            UNIQUE (kind, sink, repository, fingerprint, generation)) STRICT""",
        "CREATE INDEX intents_open ON intents (due_at) WHERE state IN ('planned', 'sending', 'unknown')",
    ),
    (
        "ALTER TABLE groups ADD COLUMN outcome TEXT NOT NULL DEFAULT '{}'",
        # Where we have looked at what there is, and the newest number that a listing has shown.
        """CREATE TABLE repositories (
            sink TEXT NOT NULL, name TEXT NOT NULL, listed INTEGER NOT NULL, PRIMARY KEY (sink, name)) STRICT, WITHOUT ROWID""",
        # When duplicates are looked for.
        """CREATE TABLE sweeps (
            due_at REAL NOT NULL, sink TEXT NOT NULL, repository TEXT NOT NULL, PRIMARY KEY (due_at, sink, repository)) STRICT, WITHOUT ROWID""",
        "ALTER TABLE intents ADD COLUMN sent_at REAL NOT NULL DEFAULT 0",
        "CREATE INDEX intents_sent ON intents (sink, repository, sent_at)",
        "ALTER TABLE intents ADD COLUMN waited INTEGER NOT NULL DEFAULT 0",
        "CREATE INDEX intents_waiting ON intents (sink, repository) WHERE waited AND state NOT IN ('done', 'parked')",
        "CREATE INDEX intents_umbrellas ON intents (sink) WHERE kind = 'umbrella'",
        "CREATE TABLE notes (name TEXT PRIMARY KEY, text TEXT NOT NULL) STRICT, WITHOUT ROWID",
    ),
    (
        # Of a delivery with many records: those that are still to be done, or that died; [] is all.
        "ALTER TABLE pending ADD COLUMN only TEXT NOT NULL DEFAULT '[]'",
        "ALTER TABLE dead ADD COLUMN only TEXT NOT NULL DEFAULT '[]'",
        "ALTER TABLE dead ADD COLUMN key TEXT NOT NULL DEFAULT ''",
        "ALTER TABLE dead ADD COLUMN attempts INTEGER NOT NULL DEFAULT 0",
        "CREATE INDEX dead_by_age ON dead (died_at)",
        "CREATE INDEX pending_again ON pending (attempts)",  # of all rows, so that counting them reads no bodies
    ),
    (
        # How many deliveries have left for good: what was accepted is one of these, pending, or dead.
        "CREATE TABLE balance (name TEXT PRIMARY KEY, count INTEGER NOT NULL) STRICT, WITHOUT ROWID",
        """INSERT INTO balance SELECT 'settled', coalesce((SELECT seq FROM sqlite_sequence WHERE name = 'pending'), 0)
            - (SELECT count(*) FROM pending) - (SELECT count(*) FROM dead)""",
        "INSERT INTO balance VALUES ('dropped', 0)",
        "CREATE INDEX intents_by_state ON intents (state) WHERE state <> 'done'",
        "CREATE INDEX groups_seen ON groups (last_seen) WHERE view IS NOT NULL",
    ),
    (
        # Apart from the counts: an update writes the whole row, and a view is twenty times as long as the rest of it.
        "CREATE TABLE views (fingerprint TEXT PRIMARY KEY, view TEXT NOT NULL) STRICT",
        "INSERT INTO views SELECT fingerprint, view FROM groups WHERE view IS NOT NULL",
        "DROP INDEX groups_seen",
        "ALTER TABLE groups DROP COLUMN view",
        "CREATE INDEX groups_seen ON groups (last_seen) WHERE decided_by <> ''",
    ),
    (
        # By what else a group is found than by its fingerprint: other tellings of its error.
        "CREATE TABLE names (name TEXT PRIMARY KEY, fingerprint TEXT NOT NULL) STRICT, WITHOUT ROWID",
    ),
)


Asked = tuple[Callable[[sqlite3.Connection], Any], Callable[[Any, BaseException | None], None]]
"""A caller's part of a transaction, and whom to tell what came of it: a result or an error."""
Commit = Callable[[Sequence[Asked]], None]
"""Does these in one transaction and tells each caller."""


_MOST_ROWS = 1_000
"""In one statement: a build of SQLite may take no more than 32,766 values. https://www.sqlite.org/limits.html#max_variable_number"""


class Writer(Protocol):
    """Hands what is put to a ``Commit``: in order, one batch at a time."""

    def put(self, asked: Asked) -> None: ...

    def close(self) -> None:
        """Returns once everything that was put is done."""


class WriterThread:
    """What is put while a commit is under way goes into the next one together."""

    def __init__(self, commit: Commit) -> None:
        self._commit = commit
        self._asked: queue.SimpleQueue[Asked | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._run, name="sqlite", daemon=True)
        self._thread.start()

    def put(self, asked: Asked) -> None:
        self._asked.put(asked)

    def close(self) -> None:
        self._asked.put(None)
        self._thread.join()

    def _run(self) -> None:
        ending = False
        while not ending:
            batch = [self._asked.get()]
            while len(batch) < MOST_PER_COMMIT:
                try:
                    batch.append(self._asked.get_nowait())
                except queue.Empty:
                    break
            ending = None in batch
            self._commit([asked for asked in batch if asked is not None])


class Database:
    """Opened by ``app``, handed to journal and store. Opening it creates and migrates it; raises WrongUse with plain words."""

    def __init__(self, path: Path, writer: Callable[[Commit], Writer] = WriterThread) -> None:
        self.path = path
        self.broken: str = ""
        """Why writing has ended for good; empty while all is well."""
        try:
            _for_us_alone(path)
            migrate(path)
            self._reader = connect(path)
            self._connection = connect(path)
        except (sqlite3.Error, OSError) as error:
            raise WrongUse(f"{path}: the database cannot be opened ({error}); is the folder writable and the file ours?") from error
        self._files = self._on_disk()
        self._writer = writer(self._commit)

    def read(self, sql: str, parameters: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """A short query over what is committed. A broken file raises JournalBroken."""
        return list(self.rows(sql, parameters))

    def rows(self, sql: str, parameters: Sequence[Any] = ()) -> Generator[tuple[Any, ...], None, None]:
        """As ``read``, row by row: what is not asked for is not read either. To be closed before anything is awaited."""
        try:
            with closing(self._reader.execute(sql, parameters)) as cursor:
                yield from cursor
        except sqlite3.DatabaseError as error:
            raise JournalBroken(f"{self.path}: cannot be read: {error}") from error

    async def write(self, work: Callable[[sqlite3.Connection], _T]) -> _T:
        """Runs ``work`` in a transaction and returns what it returned, once that is on the disk. It may be run twice, undone in between.

        What ``work`` raises undoes its part alone and is raised here. Raises Unavailable where the disk took nothing (it is
        full), JournalBroken where it is unknown what it took. Cancelling the caller does not undo the write.
        """
        future: asyncio.Future[_T] = asyncio.get_running_loop().create_future()
        self.ask(work, partial(resolve, future))
        return await future

    def ask(self, work: Callable[[sqlite3.Connection], Any], told: Callable[[Any, BaseException | None], None]) -> None:
        """As ``write``, for a caller that does not wait: ``told`` is called in the loop, with a result or with an error."""
        if self.broken:
            raise JournalBroken(self.broken)
        loop = asyncio.get_running_loop()

        def tell(result: Any, error: BaseException | None) -> None:
            with suppress(RuntimeError):  # the loop has ended: nobody waits for the answer any more
                loop.call_soon_threadsafe(told, result, error)

        self._writer.put((work, tell))

    def close(self) -> None:
        """Finishes what was asked for, then closes."""
        self._writer.close()
        self._connection.close()
        self._reader.close()

    def _commit(self, batch: Sequence[Asked]) -> None:
        if not batch:
            return
        connection = self._connection
        try:
            self._demand_files()
            results = _together(connection, batch) or _apart(connection, batch)
        except Exception as error:
            results = [(None, self._failure(error, _rolled_back(connection)))] * len(batch)
        for (_, tell), outcome in zip(batch, results, strict=True):
            tell(*outcome)

    def _demand_files(self) -> None:
        """What is written to a file that was deleted meanwhile, or replaced by a backup, would be gone with us."""
        if not self.broken and self._on_disk() != self._files:
            self.broken = f"{self.path}: was deleted or replaced while we ran; what we accept now would not be found again"
        if self.broken:
            raise JournalBroken(self.broken)

    def _on_disk(self) -> list[int]:
        """Which files lie there: the database and its log; 0 for none."""
        return [_inode(str(self.path)), _inode(f"{self.path}-wal")]

    def _failure(self, error: Exception, rolled_back: bool) -> Exception:
        """Unavailable where surely nothing was committed; else the database counts as broken from here on."""
        name = getattr(error, "sqlite_errorname", "")
        if rolled_back and name.startswith(_FULL):
            return Unavailable(f"{self.path}: {error}")
        self.broken = self.broken or f"{self.path}: {error} ({name or type(error).__name__})"
        return JournalBroken(self.broken)


def many(connection: sqlite3.Connection, insert: str, rows: Sequence[Sequence[Any]], after: str = "") -> sqlite3.Cursor:
    """One statement for many rows: between two statements other threads run. ``insert`` ends with VALUES."""
    places = ", ".join([f"({', '.join('?' * len(rows[0]))})"] * len(rows))
    return connection.execute(f"{insert} {places} {after}", [value for row in rows for value in row])


def new_keys(connection: sqlite3.Connection, keys: Sequence[tuple[bytes, float]]) -> set[bytes]:
    """Those that were not known; from now on they are. Each with its instant, seconds since the epoch."""
    parts = (keys[start : start + _MOST_ROWS] for start in range(0, len(keys), _MOST_ROWS))
    return {key for part in parts for (key,) in many(connection, "INSERT OR IGNORE INTO seen VALUES", part, "RETURNING key")}


def _for_us_alone(path: Path) -> None:
    """Nobody else reads the file: deliveries wait in it as they came. Its -wal and -shm get the rights it has: https://sqlite.org/wal.html"""
    os.close(os.open(path, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600))
    for file in (path, Path(f"{path}-wal"), Path(f"{path}-shm")):
        with suppress(FileNotFoundError, PermissionError):  # another's file keeps the rights that its owner gave it
            file.chmod(0o600)


def connect(path: Path) -> sqlite3.Connection:
    """A connection with our settings, in autocommit: transactions are said, not guessed."""
    connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False, timeout=5)
    try:
        for setting in ("journal_mode=WAL", "synchronous=FULL", "cache_size=-8000", "journal_size_limit=16000000", "secure_delete=ON"):
            connection.execute(f"PRAGMA {setting}")
    except sqlite3.Error:
        connection.close()
        raise
    return connection


def migrate(path: Path, migrations: Sequence[Sequence[str]] = MIGRATIONS) -> None:
    """Brings the file to the newest version, a transaction for each step. Raises WrongUse for a file of a newer triaged."""
    connection = connect(path)
    try:
        (version,) = connection.execute("PRAGMA user_version").fetchone()
        if version > len(migrations):
            raise WrongUse(
                f"{path}: written by a newer triaged (schema {version}, this one knows {len(migrations)}); run that version or another TRIAGED_DATA_DIR"
            )
        for number, statements in enumerate(migrations[version:], version + 1):
            connection.execute("BEGIN IMMEDIATE")
            for statement in statements:
                connection.execute(statement)
            connection.execute(f"PRAGMA user_version = {number}")
            connection.execute("COMMIT")
    finally:
        connection.close()


def _together(connection: sqlite3.Connection, batch: Sequence[Asked]) -> list[tuple[Any, BaseException | None]]:
    """What came of each, in one transaction; nothing, and nothing done, where one of them raises."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        results: list[tuple[Any, BaseException | None]] = [(work(connection), None) for work, _ in batch]
    except sqlite3.OperationalError:
        raise  # of the disk, not of one part
    except Exception:
        connection.execute("ROLLBACK")
        return []
    connection.execute("COMMIT")
    return results


def _apart(connection: sqlite3.Connection, batch: Sequence[Asked]) -> list[tuple[Any, BaseException | None]]:
    """As ``_together``, but what raises undoes its own part alone. Takes longer: SQLite keeps what each part has changed."""
    connection.execute("BEGIN IMMEDIATE")
    results = [_one(connection, work) for work, _ in batch]
    connection.execute("COMMIT")
    return results


def _inode(path: str) -> int:
    try:
        return os.stat(path).st_ino  # pathlib's takes ten times as long, and this is before each commit
    except FileNotFoundError:
        return 0


def _one(connection: sqlite3.Connection, work: Callable[[sqlite3.Connection], Any]) -> tuple[Any, BaseException | None]:
    """One caller's part of a transaction, undone alone if it raises."""
    connection.execute("SAVEPOINT part")
    try:
        result = work(connection)
    except sqlite3.OperationalError:
        raise  # of the disk, not of this part
    except Exception as error:
        connection.execute("ROLLBACK TO part")
        connection.execute("RELEASE part")
        return None, error
    connection.execute("RELEASE part")
    return result, None


def _rolled_back(connection: sqlite3.Connection) -> bool:
    try:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
    except sqlite3.Error:
        return False
    return not connection.in_transaction


def resolve(future: "asyncio.Future[Any]", result: Any, error: BaseException | None) -> None:
    """Tells whoever awaits ``future`` what came of it."""
    if future.done():  # the caller was cancelled; the write stands
        return
    if error is None:
        future.set_result(result)
    else:
        future.set_exception(error)
