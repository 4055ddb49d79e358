"""Groups and intents in the database that the journal uses too: counting an event and removing its delivery are one transaction."""

import json
import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from datetime import UTC, datetime
from hashlib import blake2b
from typing import Any

from triaged.clients.sqlite import Database
from triaged.core import settle
from triaged.core.model import Group, Marker, Report, Tally, Ticket
from triaged.core.settle import Intent
from triaged.ports import Counted, Decision, Settled

_GROUP = "fingerprint, count, first_seen, last_seen, told, repository, generation, ticket, decided_by"
_INSTANTS = ("accepted_at", "sent_at", "looked_at", "due_at")
_UNSETTLED = "state IN ('planned', 'sending', 'unknown')"


class Store:
    """The embedded store. One for each database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def group(self, fingerprint: str) -> Group | None:
        rows = self._database.read(f"SELECT {_GROUP} FROM groups WHERE fingerprint = ?", (fingerprint,))
        return _group(rows[0]) if rows else None

    async def record(self, settled: Sequence[Settled], now: datetime) -> None:
        await self._database.write(lambda connection: _record(connection, settled, now))

    def due(self, now: datetime, most: int) -> Sequence[Intent]:
        sql = f"SELECT id, body FROM intents WHERE {_UNSETTLED} AND due_at <= ? ORDER BY id LIMIT ?"
        return [_intent(*row) for row in self._database.read(sql, (now.timestamp(), most))]

    async def save(self, intent: Intent, now: datetime) -> None:
        await self._database.write(lambda connection: _save(connection, intent, now))

    def grown(self, before: datetime, most: int) -> Sequence[tuple[Group, Mapping[str, Any]]]:
        sql = f"SELECT {_GROUP}, view FROM groups WHERE ticket IS NOT NULL AND count > written_count AND written_at <= ? ORDER BY written_at LIMIT ?"
        return [(_group(row[:-1]), json.loads(row[-1])) for row in self._database.read(sql, (before.timestamp(), most))]

    async def written(self, group: Group, now: datetime) -> None:
        change = "UPDATE groups SET written_count = ?, written_at = ? WHERE fingerprint = ?"
        values = (group.tally.count, now.timestamp(), group.fingerprint)
        await self._database.write(lambda connection: connection.execute(change, values))

    def groups(self, most: int) -> Sequence[tuple[Group, Mapping[str, Any]]]:
        """The groups last seen, newest first, with their views."""
        sql = f"SELECT {_GROUP}, view FROM groups WHERE view IS NOT NULL ORDER BY last_seen DESC LIMIT ?"
        return [(_group(row[:-1]), json.loads(row[-1])) for row in self._database.read(sql, (most,))]

    def by_short(self, short: str) -> tuple[Group, Mapping[str, Any]] | None:
        """The group of a short id and its view."""
        rows = self._database.read(f"SELECT {_GROUP}, view FROM groups WHERE short = ? AND view IS NOT NULL LIMIT 1", (short,))
        return (_group(rows[0][:-1]), json.loads(rows[0][-1])) if rows else None

    def knows(self, source: str, key: str) -> bool:
        """Whether an event of that key has been counted, within the time that keys are remembered."""
        return bool(self._database.read("SELECT 1 FROM seen WHERE key = ?", (_event(source, key),)))

    def open_intents(self) -> int:
        """Intents that are neither done nor parked."""
        return int(self._database.read(f"SELECT count(*) FROM intents WHERE {_UNSETTLED}")[0][0])

    def states(self) -> Mapping[str, int]:
        """How many intents are in each state."""
        return dict(self._database.read("SELECT state, count(*) FROM intents GROUP BY state"))


def _record(connection: sqlite3.Connection, settled: Sequence[Settled], now: datetime) -> None:
    for one in settled:
        if one.delivery.sequence and not _removed(connection, one):
            continue  # settled before
        for counted in one.counted:
            if _first_time(connection, counted, now):
                _count(connection, counted)


def _removed(connection: sqlite3.Connection, one: Settled) -> int:
    """What is done of a delivery; 0 where it was done before."""
    of = (one.delivery.sequence, json.dumps(one.delivery.only))
    if not one.left:
        return connection.execute("DELETE FROM pending WHERE sequence = ? AND only = ?", of).rowcount
    return connection.execute("UPDATE pending SET only = ?3 WHERE sequence = ?1 AND only = ?2", (*of, json.dumps(one.left))).rowcount


def _first_time(connection: sqlite3.Connection, counted: Counted, now: datetime) -> bool:
    """False for an event that was told before, in another delivery of the same source."""
    if not counted.key:
        return True
    key = _event(counted.source, counted.key)
    return bool(connection.execute("INSERT OR IGNORE INTO seen VALUES (?, ?)", (key, now.timestamp())).rowcount)


def _event(source: str, key: str) -> bytes:
    """An event's key as it is remembered: 16 bytes."""
    return blake2b(f"event\0{source}\0{key}".encode("utf-8", "surrogatepass"), digest_size=16).digest()


def _count(connection: sqlite3.Connection, counted: Counted) -> None:
    row = connection.execute(f"SELECT {_GROUP} FROM groups WHERE fingerprint = ?", (counted.fingerprint,)).fetchone()
    group = counted.onto(_group(row) if row else None)
    tally = group.tally
    told = {"sources": tally.sources, "releases": tally.releases, "environments": tally.environments, "services": tally.services}
    numbers = (tally.count, tally.first_seen.timestamp(), tally.last_seen.timestamp(), json.dumps(told))
    if row:
        change = "UPDATE groups SET count = ?, first_seen = ?, last_seen = ?, told = ? WHERE fingerprint = ?"
        connection.execute(change, (*numbers, group.fingerprint))
    else:
        insert = "INSERT INTO groups VALUES (?, ?, ?, ?, ?, ?, '', 0, NULL, NULL, '', 0, 0)"
        connection.execute(insert, (group.fingerprint, group.short, *numbers))
    if counted.decision is not None:
        _decide(connection, counted.fingerprint, counted.decision)


def _decide(connection: sqlite3.Connection, fingerprint: str, decision: Decision) -> None:
    # a poorer telling of the error (an alert without its stack trace) does not replace a richer one
    connection.execute(
        """UPDATE groups SET repository = ?2, decided_by = ?3, written_count = 0,
            view = CASE WHEN view IS NULL OR json_extract(view, '$.weight') <= ?4 THEN ?1 ELSE view END WHERE fingerprint = ?5""",
        (json.dumps(decision.view), decision.repository, decision.decided_by, decision.view["weight"], fingerprint),
    )
    for intent in decision.intents:
        report = intent.report
        values = (intent.kind, intent.sink, report.repository, fingerprint, report.marker.generation, intent.state, 0.0, _body(intent))
        planned = connection.execute(
            "INSERT OR IGNORE INTO intents (kind, sink, repository, fingerprint, generation, state, due_at, body) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            values,
        ).rowcount
        if planned:
            connection.execute(
                "UPDATE groups SET generation = max(generation, ?) WHERE fingerprint = ?", (report.marker.generation, fingerprint)
            )


def _save(connection: sqlite3.Connection, intent: Intent, now: datetime) -> None:
    due = intent.due_at.timestamp() if intent.due_at else 0.0
    connection.execute("UPDATE intents SET state = ?, due_at = ?, body = ? WHERE id = ?", (intent.state, due, _body(intent), intent.id))
    if intent.state == "done" and intent.ticket is not None and intent.leads:
        # what was filed shows the count of its rendering: written_count stays, so that the next update brings it up to date
        values = (json.dumps(asdict(intent.ticket)), now.timestamp(), intent.report.marker.fingerprint)
        connection.execute("UPDATE groups SET ticket = ?, written_at = ? WHERE fingerprint = ?", values)


def _body(intent: Intent) -> str:
    plain = asdict(replace(intent, id=0))
    for name in _INSTANTS:
        plain[name] = plain[name].timestamp() if plain[name] else None
    return json.dumps(plain)


def _intent(number: int, body: str) -> Intent:
    plain = json.loads(body)
    for name in _INSTANTS:
        plain[name] = datetime.fromtimestamp(plain[name], UTC) if plain[name] else None
    report = plain["report"]
    plain["report"] = Report(**{**report, "marker": Marker(**report["marker"]), "labels": tuple(report["labels"])})
    plain["ticket"] = Ticket(**plain["ticket"]) if plain["ticket"] else None
    return Intent(**{**plain, "id": number})


def _group(row: Sequence[Any]) -> Group:
    fingerprint, count, first_seen, last_seen, told, repository, generation, ticket, decided_by = row
    seen = json.loads(told)
    return Group(
        fingerprint=fingerprint,
        tally=Tally(
            count=count,
            first_seen=datetime.fromtimestamp(first_seen, UTC),
            last_seen=datetime.fromtimestamp(last_seen, UTC),
            sources=seen.get("sources", {}),
            releases=tuple(seen.get("releases", ())),
            environments=tuple(seen.get("environments", ())),
            services=tuple(seen.get("services", ())),
        ),
        repository=repository,
        generation=generation,
        ticket=Ticket(**json.loads(ticket)) if ticket else None,
        decided_by=decided_by,
    )


# ------------------------------------- for `triaged dead`, which has a connection of its own


def parked(connection: sqlite3.Connection) -> list[Intent]:
    """What was refused for good, the oldest first."""
    return [_intent(*row) for row in connection.execute("SELECT id, body FROM intents WHERE state = 'parked' ORDER BY id")]


def retry_parked(connection: sqlite3.Connection, intent: Intent, now: datetime) -> None:
    """It is due at once."""
    _save(connection, settle.again(intent), now)


def drop_parked(connection: sqlite3.Connection, intent: Intent) -> None:
    """It is not filed. If other rules decide about its error later, it may be planned again."""
    connection.execute("DELETE FROM intents WHERE id = ? AND state = 'parked'", (intent.id,))
