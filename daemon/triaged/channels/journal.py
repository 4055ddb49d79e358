"""Deliveries in SQLite, with the newest also in memory.

What is accepted flows to the workers through memory, within a bound; beyond it the journal runs ahead and memory is refilled
from it by sequence number, so that the bound refuses nothing. Rows leave in the store's transaction that counts their events.

What cannot be processed becomes a dead letter. ``triaged dead`` works on those through a connection of its own, while the daemon runs
or not: one that is to be tried again is put back as a delivery that is due, which the daemon looks for every second.
"""

import asyncio
import json
import sqlite3
import zlib
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from hashlib import blake2b
from itertools import count
from typing import Any

import anyio

from triaged.clients.sqlite import Database, many, new_keys, resolve
from triaged.core.model import Delivery
from triaged.errors import JournalBroken, Unavailable
from triaged.ports import Clock

MEMORY = timedelta(days=8)
"""How long a delivery's key is remembered: seven days and a margin."""

MOST_DEAD = 1_000
MOST_DEAD_BYTES = 64_000_000
LONGEST_DEAD = timedelta(days=30)
"""A dead letter that nobody has seen to by then is dropped."""

_MOST = 1_000
_MOST_BYTES = 8_000_000
_AT_ONCE = 256
"""Rows in one statement."""
_RETRY_POLL = 1.0
_FORGOTTEN_AT_ONCE = 1_000
_REFILLED = 256
_REFILLED_BYTES = 1_000_000
_COLUMNS = "sequence, source, key, at, headers, body, checksum, attempts, only"
_DEAD_COLUMNS = "sequence, source, key, at, died_at, headers, body, reason, attempts, only"

_BALANCE = """SELECT coalesce((SELECT seq FROM sqlite_sequence WHERE name = 'pending'), 0),
    (SELECT count FROM balance WHERE name = 'settled'), (SELECT count FROM balance WHERE name = 'dropped'),
    (SELECT count(*) FROM pending), (SELECT count(*) FROM dead)"""

# The oldest beyond the bounds; the newest stays, however large it is.
_CROWDED_OUT = f"""DELETE FROM dead WHERE sequence IN (
    SELECT sequence FROM (
        SELECT sequence, row_number() OVER newest AS place, sum(length(body)) OVER newest AS bytes FROM dead
        WINDOW newest AS (ORDER BY died_at DESC, sequence DESC))
    WHERE place > 1 AND (place > {MOST_DEAD} OR bytes > {MOST_DEAD_BYTES}))"""


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """A delivery that could not be processed. Its body is redacted."""

    delivery: Delivery
    died_at: datetime
    reason: str


class Journal:
    """The embedded channel. One for each database."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        self._memory: deque[Delivery] = deque()
        self._bytes = 0
        self._up_to = 0
        """All deliveries up to this sequence have been in memory."""
        self._behind = True
        """There may be deliveries beyond ``_up_to`` that are not in memory."""
        self._held: set[int] = set()
        self._news = anyio.Event()
        self._asked: list[_Put] = []
        self._fresh = database.read("SELECT count(*) FROM pending WHERE attempts = 0")[0][0]
        """Deliveries that were never put back. Those that were are few and counted when asked for: `triaged dead` adds to them."""

    async def put(self, deliveries: Sequence[Delivery], cursor: tuple[str, str] | None = None) -> Sequence[bool]:
        """See ``ports.Channel``. A caller that goes away does not undo it."""
        loop = asyncio.get_running_loop()
        asked = _Put(deliveries, cursor, loop.create_future())
        self._asked.append(asked)
        if len(self._asked) == 1:
            loop.call_soon(self._store_asked)  # together with all else that comes in this turn of the loop
        return await asked.stored

    def _store_asked(self) -> None:
        asked, self._asked = self._asked, []
        self._store(asked)

    def _store(self, asked: Sequence["_Put"]) -> None:
        try:
            self._database.ask(lambda connection: _insert(connection, asked), partial(self._stored, asked))
        except JournalBroken as error:
            self._stored(asked, None, error)

    def _stored(self, asked: Sequence["_Put"], sequences: Sequence[int] | None, error: BaseException | None) -> None:
        if sequences is None:
            if len(asked) > 1 and not isinstance(error, Unavailable | JournalBroken):
                for put in asked:  # one of them is at fault, and the others need not suffer for it
                    self._store([put])
                return
            for put in asked:
                resolve(put.stored, None, error)
            return
        at = iter(sequences)
        for put in asked:
            new = [self._remember(delivery, next(at)) for delivery in put.deliveries]
            resolve(put.stored, new, None)
        self._wake()

    async def take(self, most: int) -> Sequence[Delivery]:
        while True:
            self._refill()
            taken = [self._memory.popleft() for _ in range(min(most, len(self._memory)))]
            if taken:
                self._bytes -= sum(len(delivery.body) for delivery in taken)
                self._held.update(delivery.sequence for delivery in taken)
                return taken
            news = self._news
            with anyio.move_on_after(_RETRY_POLL):
                await news.wait()

    async def retry(self, delivery: Delivery, at: datetime, reason: str) -> None:
        change = "UPDATE pending SET attempts = ?, due_at = ?, reason = ? WHERE sequence = ?"
        values = (delivery.attempts + 1, at.timestamp(), reason, delivery.sequence)
        await self._database.write(lambda connection: connection.execute(change, values))
        self._left([delivery])

    async def bury(self, delivery: Delivery, reason: str) -> int:
        letter = DeadLetter(delivery, self._clock.now(), reason)
        displaced = await self._database.write(lambda connection: _buried(connection, letter))
        self._left([delivery])
        return displaced

    async def done(self, deliveries: Sequence[Delivery]) -> None:
        self._left(deliveries)

    def cursor(self, source: str) -> str:
        found = self._database.read("SELECT cursor FROM cursors WHERE source = ?", (source,))
        return str(found[0][0]) if found else ""

    def pending(self) -> int:
        return int(self._fresh + self._database.read("SELECT count(*) FROM pending WHERE attempts > 0")[0][0])

    def dead(self) -> int:
        return int(self._database.read("SELECT count(*) FROM dead")[0][0])

    def balance(self) -> Mapping[str, int]:
        """Deliveries by what became of them: ``accepted`` is the sum of the others, or one has got lost."""
        (row,) = self._database.read(_BALANCE)
        return dict(zip(("accepted", "settled", "dropped", "pending", "dead"), row, strict=True))

    async def commits(self) -> bool:
        """Whether a commit reaches the disk now."""
        probe = "INSERT INTO cursors VALUES ('', ?1) ON CONFLICT (source) DO UPDATE SET cursor = ?1"
        try:
            with anyio.fail_after(5):
                await self._database.write(lambda connection: connection.execute(probe, (self._clock.now().isoformat(),)))
        except (Unavailable, JournalBroken, TimeoutError):
            return False
        return True

    async def tidy(self) -> int:
        """Forgets keys that are older than ``MEMORY``, a few at a time, and dead letters that are too old; how many of these."""
        before = (self._clock.now() - MEMORY).timestamp()
        some = f"DELETE FROM seen WHERE key IN (SELECT key FROM seen WHERE at < ? LIMIT {_FORGOTTEN_AT_ONCE})"
        while await self._database.write(lambda connection: connection.execute(some, (before,)).rowcount) == _FORGOTTEN_AT_ONCE:
            await self._clock.sleep(0.1)
        too_old = ((self._clock.now() - LONGEST_DEAD).timestamp(),)
        return await self._database.write(lambda connection: _dropped(connection, "DELETE FROM dead WHERE died_at < ?", too_old))

    def _left(self, deliveries: Sequence[Delivery]) -> None:
        for delivery in deliveries:
            if delivery.sequence in self._held:
                self._held.discard(delivery.sequence)
                self._fresh -= not delivery.attempts

    def _remember(self, delivery: Delivery, sequence: int) -> bool:
        """Whether it is new. In memory, too, if there is room and nothing that was stored before it has yet to come there."""
        if not sequence:
            return False
        self._fresh += 1
        if sequence <= self._up_to:
            return True  # a refill was faster
        after_a_gap = sequence != self._up_to + 1
        if self._behind or after_a_gap or len(self._memory) >= _MOST or self._bytes + len(delivery.body) > _MOST_BYTES:
            self._behind = True
            return True
        self._memory.append(replace(delivery, sequence=sequence))
        self._bytes += len(delivery.body)
        self._up_to = sequence
        return True

    def _refill(self) -> None:
        if self._memory:
            return
        if self._behind:
            self._refill_from_backlog()
        now = self._clock.now().timestamp()
        due = f"SELECT {_COLUMNS} FROM pending WHERE attempts > 0 AND due_at <= ? ORDER BY due_at LIMIT 16"
        for row in self._database.read(due, (now,)):
            if row[0] not in self._held:
                self._add(row)

    def _refill_from_backlog(self) -> None:
        """Up to a bound of bytes, so that a backlog of large bodies does not fill memory."""
        read, beyond = 0, f"SELECT {_COLUMNS} FROM pending WHERE sequence > ? ORDER BY sequence LIMIT {_REFILLED}"
        with closing(self._database.rows(beyond, (self._up_to,))) as rows:
            for row in rows:
                read += 1
                if self._memory and self._bytes + len(row[5]) > _REFILLED_BYTES:
                    return
                self._up_to = row[0]
                if not row[7] and row[0] not in self._held:
                    self._add(row)
        self._behind = read == _REFILLED

    def _add(self, row: tuple[Any, ...]) -> None:
        self._memory.append(_delivery(row))
        self._bytes += len(row[5])

    def _wake(self) -> None:
        self._news.set()
        self._news = anyio.Event()


@dataclass(frozen=True, slots=True)
class _Put:
    """What one caller wants stored."""

    deliveries: Sequence[Delivery]
    cursor: tuple[str, str] | None
    stored: "asyncio.Future[list[bool]]"


def _insert(connection: sqlite3.Connection, asked: Sequence[_Put]) -> list[int]:
    """The sequence of each delivery, 0 for a repeat."""
    deliveries = [delivery for put in asked for delivery in put.deliveries]
    sequences: list[int] = []
    for start in range(0, len(deliveries), _AT_ONCE):
        sequences += _insert_some(connection, deliveries[start : start + _AT_ONCE])
    for put in asked:
        if put.cursor is not None:
            connection.execute("INSERT INTO cursors VALUES (?, ?) ON CONFLICT (source) DO UPDATE SET cursor = excluded.cursor", put.cursor)
    return sequences


def _insert_some(connection: sqlite3.Connection, deliveries: Sequence[Delivery]) -> list[int]:
    keys = [digest(delivery.source, delivery.key) for delivery in deliveries]
    unknown = new_keys(connection, [(key, delivery.at.timestamp()) for key, delivery in zip(keys, deliveries, strict=True)])
    first = {key: place for place, key in reversed(list(enumerate(keys))) if key in unknown}
    rows = [_values(delivery) for place, delivery in enumerate(deliveries) if first.get(keys[place]) == place]
    if not rows:
        return [0] * len(keys)
    last = many(connection, "INSERT INTO pending (source, key, at, headers, body, checksum) VALUES", rows).lastrowid or 0
    sequence = count(last - len(rows) + 1)  # AUTOINCREMENT: the rows of one statement have them in a row
    return [next(sequence) if first.get(key) == place else 0 for place, key in enumerate(keys)]


def _values(delivery: Delivery) -> tuple[Any, ...]:
    headers = json.dumps(dict(delivery.headers))
    return (delivery.source, delivery.key, delivery.at.timestamp(), headers, delivery.body, zlib.crc32(delivery.body))


def digest(source: str, key: str) -> bytes:
    """A delivery's key as it is remembered: 16 bytes."""
    return blake2b(f"{source}\0{key}".encode("utf-8", "surrogatepass"), digest_size=16).digest()


def dead_letters(connection: sqlite3.Connection) -> Iterator[DeadLetter]:
    """All, the oldest first."""
    yield from map(_letter, connection.execute(f"SELECT {_DEAD_COLUMNS} FROM dead ORDER BY died_at, sequence"))


def revive(connection: sqlite3.Connection, letter: DeadLetter, now: datetime) -> None:
    """It is a delivery again, with one attempt behind it, and due now."""
    one = letter.delivery
    values = (one.sequence, one.source, one.key, one.at.timestamp(), json.dumps(dict(one.headers)), one.body, zlib.crc32(one.body))
    connection.execute(
        "INSERT INTO pending (sequence, source, key, at, headers, body, checksum, only, attempts, due_at, reason) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?, 1, ?, ?)",
        (*values, json.dumps(one.only), now.timestamp(), letter.reason),
    )
    connection.execute("DELETE FROM dead WHERE sequence = ?", (letter.delivery.sequence,))


def drop(connection: sqlite3.Connection, letter: DeadLetter) -> None:
    """Forgets it."""
    _dropped(connection, "DELETE FROM dead WHERE sequence = ?", (letter.delivery.sequence,))


def _dropped(connection: sqlite3.Connection, delete: str, values: Sequence[float] = ()) -> int:
    """How many dead letters are gone."""
    number = connection.execute(delete, values).rowcount
    connection.execute("UPDATE balance SET count = count + ? WHERE name = 'dropped'", (number,))
    return number


def _buried(connection: sqlite3.Connection, letter: DeadLetter) -> int:
    one = letter.delivery
    values = (one.sequence, one.source, one.key, one.at.timestamp(), letter.died_at.timestamp(), json.dumps(dict(one.headers)), one.body)
    connection.execute(
        f"INSERT OR REPLACE INTO dead ({_DEAD_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (*values, letter.reason, one.attempts + 1, json.dumps(one.only)),
    )
    connection.execute("DELETE FROM pending WHERE sequence = ?", (one.sequence,))
    return _dropped(connection, _CROWDED_OUT)


def _letter(row: tuple[Any, ...]) -> DeadLetter:
    sequence, source, key, at, died_at, headers, body, reason, attempts, only = row
    return DeadLetter(
        Delivery(
            source=source,
            key=key,
            at=datetime.fromtimestamp(at, UTC),
            body=body,
            headers=json.loads(headers),
            sequence=sequence,
            attempts=attempts,
            only=tuple(json.loads(only)),
        ),
        datetime.fromtimestamp(died_at, UTC),
        reason,
    )


def _delivery(row: tuple[Any, ...]) -> Delivery:
    sequence, source, key, at, headers, body, checksum, attempts, only = row
    damage = "" if zlib.crc32(body) == checksum else "its stored bytes have changed: the checksum does not fit"
    try:
        read = json.loads(headers)
    except ValueError:
        read, damage = {}, "its stored headers have changed: they cannot be read"
    return Delivery(
        source=source,
        key=key,
        at=datetime.fromtimestamp(at, UTC),
        body=body,
        headers=read,
        sequence=sequence,
        attempts=attempts,
        only=tuple(json.loads(only)),
        damage=damage,
    )
