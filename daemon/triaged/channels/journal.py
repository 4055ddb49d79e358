"""Deliveries in SQLite, with the newest also in memory.

What is accepted flows to the workers through memory, within a bound; beyond it the journal runs ahead and memory is refilled
from it by sequence number, so that the bound refuses nothing. Rows leave in the store's transaction that counts their events.

What cannot be processed becomes a dead letter. ``triaged dead`` works on those through a connection of its own, while the daemon runs
or not: one that is to be tried again is put back as a delivery that is due, which the daemon looks for every second.
"""

import json
import sqlite3
import zlib
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from hashlib import blake2b
from typing import Any

import anyio

from triaged.clients.sqlite import Database
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


# Of the next ?2 rows after ?1: how many there are, and how many of them to read at once, so that large bodies do not fill memory.
_NEXT = """SELECT count(*), max(1, count(*) FILTER (WHERE total <= ?3)) FROM (
    SELECT sum(size) OVER (ORDER BY sequence) AS total FROM (
        SELECT sequence, length(body) AS size FROM pending WHERE sequence > ?1 ORDER BY sequence LIMIT ?2))"""


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
        self._fresh = database.read("SELECT count(*) FROM pending WHERE attempts = 0")[0][0]
        """Deliveries that were never put back. Those that were are few and counted when asked for: `triaged dead` adds to them."""

    async def put(self, deliveries: Sequence[Delivery], cursor: tuple[str, str] | None = None) -> Sequence[bool]:
        """See ``ports.Channel``. A caller that goes away does not undo it."""
        with anyio.CancelScope(shield=True):
            sequences = await self._database.write(lambda connection: _insert(connection, deliveries, cursor))
            for delivery, sequence in zip(deliveries, sequences, strict=True):
                if sequence:
                    self._fresh += 1
                    self._remember(replace(delivery, sequence=sequence))
            self._wake()
        return [bool(sequence) for sequence in sequences]

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

    def _remember(self, delivery: Delivery) -> None:
        if delivery.sequence <= self._up_to:
            return  # a refill was faster
        after_a_gap = delivery.sequence != self._up_to + 1  # what was stored before it has yet to come here
        if self._behind or after_a_gap or len(self._memory) >= _MOST or self._bytes + len(delivery.body) > _MOST_BYTES:
            self._behind = True
            return
        self._memory.append(delivery)
        self._bytes += len(delivery.body)
        self._up_to = delivery.sequence

    def _refill(self) -> None:
        if self._memory:
            return
        if self._behind:
            ((there, number),) = self._database.read(_NEXT, (self._up_to, _REFILLED, _REFILLED_BYTES))
            rows = self._database.read(
                f"SELECT {_COLUMNS} FROM pending WHERE sequence > ? ORDER BY sequence LIMIT ?", (self._up_to, number)
            )
            self._behind = number < there or there == _REFILLED
            self._up_to = max([self._up_to, *(row[0] for row in rows)])
            fresh = [row for row in rows if row[7] == 0]
        else:
            fresh = []
        now = self._clock.now().timestamp()
        retried = self._database.read(f"SELECT {_COLUMNS} FROM pending WHERE attempts > 0 AND due_at <= ? ORDER BY due_at LIMIT 16", (now,))
        for row in [*fresh, *retried]:
            if row[0] not in self._held:
                self._memory.append(_delivery(row))
                self._bytes += len(row[5])

    def _wake(self) -> None:
        self._news.set()
        self._news = anyio.Event()


def _insert(connection: sqlite3.Connection, deliveries: Sequence[Delivery], cursor: tuple[str, str] | None) -> list[int]:
    """The sequence of each, 0 for a repeat."""
    sequences = []
    for delivery in deliveries:
        at = delivery.at.timestamp()
        new = connection.execute("INSERT OR IGNORE INTO seen VALUES (?, ?)", (digest(delivery.source, delivery.key), at)).rowcount
        if not new:
            sequences.append(0)
            continue
        values = (delivery.source, delivery.key, at, json.dumps(dict(delivery.headers)), delivery.body, zlib.crc32(delivery.body))
        inserted = connection.execute("INSERT INTO pending (source, key, at, headers, body, checksum) VALUES (?, ?, ?, ?, ?, ?)", values)
        sequences.append(inserted.lastrowid or 0)
    if cursor is not None:
        connection.execute("INSERT INTO cursors VALUES (?, ?) ON CONFLICT (source) DO UPDATE SET cursor = excluded.cursor", cursor)
    return sequences


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
