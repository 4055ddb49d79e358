"""Groups and intents in the database that the journal uses too: counting an event and removing its delivery are one transaction."""

import json
import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from datetime import UTC, datetime
from hashlib import blake2b
from typing import Any

from triaged.clients.sqlite import Database, new_keys
from triaged.core import owned as ours
from triaged.core import settle
from triaged.core.model import Change, Group, Marker, Outcome, Owned, Report, Tally, Ticket
from triaged.core.settle import Intent
from triaged.ports import Counted, Decision, Known, Settled, Withheld

_GROUP = "fingerprint, count, first_seen, last_seen, told, repository, generation, ticket, decided_by, outcome"
_INSTANTS = ("accepted_at", "sent_at", "looked_at", "due_at")
_UNSETTLED = "state IN ('planned', 'sending', 'unknown')"
_WAITING = "waited AND state NOT IN ('done', 'parked')"
_SWEEPS = "SELECT DISTINCT sink, repository FROM sweeps WHERE due_at <= ?"


class Store:
    """The embedded store. One for each database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def group(self, name: str) -> Group | None:
        rows = self._database.read(f"SELECT {_GROUP} FROM groups WHERE fingerprint = ?", (name,))
        if not rows:
            named = "(SELECT fingerprint FROM names WHERE name = ?)"
            rows = self._database.read(f"SELECT {_GROUP} FROM groups WHERE fingerprint = {named}", (name,))
        return _group(rows[0]) if rows else None

    async def record(self, settled: Sequence[Settled], now: datetime) -> None:
        await self._database.write(lambda connection: _record(connection, settled, now))

    def due(self, now: datetime, most: int) -> Sequence[Intent]:
        # a repository with a thousand new errors does not keep the others waiting
        turns = (
            f"SELECT id, row_number() OVER (PARTITION BY repository ORDER BY id) AS turn FROM intents WHERE {_UNSETTLED} AND due_at <= ?"
        )
        sql = f"SELECT intents.id, body FROM ({turns} ORDER BY turn, id LIMIT ?) AS next JOIN intents ON intents.id = next.id ORDER BY turn, next.id"
        return [_intent(*row) for row in self._database.read(sql, (now.timestamp(), most))]

    def seen(self, fingerprint: str) -> tuple[Group, Mapping[str, Any]] | None:
        rows = self._database.read(
            f"SELECT {_GROUP}, view FROM groups JOIN views USING (fingerprint) WHERE fingerprint = ?", (fingerprint,)
        )
        return (_group(rows[0][:-1]), json.loads(rows[0][-1])) if rows else None

    async def save(self, intent: Intent, now: datetime, sweeps: Sequence[datetime] = ()) -> None:
        await self._database.write(lambda connection: _save(connection, intent, now, sweeps))

    async def plan(self, intents: Sequence[Intent]) -> None:
        def plan(connection: sqlite3.Connection) -> None:
            for intent in intents:
                _plan(connection, intent)

        await self._database.write(plan)

    def sent(self, sink: str, repository: str, since: datetime) -> int:
        sql = "SELECT count(*) FROM intents WHERE sink = ? AND repository = ? AND sent_at >= ? AND kind = 'issue'"
        return int(self._database.read(sql, (sink, repository, since.timestamp()))[0][0])

    def waiting(self) -> Sequence[tuple[str, str, int]]:
        sql = f"SELECT sink, repository, count(*) FROM intents WHERE {_WAITING} GROUP BY sink, repository"
        return [(str(sink), str(repository), int(count)) for sink, repository, count in self._database.read(sql)]

    def withheld(self, sink: str, repository: str, now: datetime, most: int, *, newest: bool = False) -> Sequence[Withheld]:
        order = "intents.id DESC" if newest else f"count * ({now.timestamp()} - first_seen + 600) DESC, intents.id"
        both = "intents JOIN groups ON groups.fingerprint = intents.fingerprint JOIN views ON views.fingerprint = intents.fingerprint"
        which = f"SELECT intents.id FROM {both} WHERE {_WAITING} AND state = 'withheld' AND sink = ?1 AND intents.repository = ?2"
        columns = ", ".join(f"groups.{name}" for name in _GROUP.split(", "))
        sql = (
            f"SELECT intents.id, body, {columns}, view FROM {both} WHERE intents.id IN ({which} ORDER BY {order} LIMIT ?3) ORDER BY {order}"
        )
        rows = self._database.read(sql, (sink, repository, most))
        return [Withheld(_intent(*row[:2]), _group(row[2:-1]), json.loads(row[-1])) for row in rows]

    def umbrellas(self) -> Sequence[Intent]:
        return [_intent(*row) for row in self._database.read("SELECT id, body FROM intents WHERE kind = 'umbrella'")]

    def grown(self, before: datetime, most: int) -> Sequence[tuple[Group, Mapping[str, Any]]]:
        grown = "ticket IS NOT NULL AND count > written_count AND written_at <= ?"
        sql = f"SELECT {_GROUP}, view FROM groups JOIN views USING (fingerprint) WHERE {grown} ORDER BY written_at LIMIT ?"
        return [(_group(row[:-1]), json.loads(row[-1])) for row in self._database.read(sql, (before.timestamp(), most))]

    async def written(self, group: Group, outcome: Outcome, now: datetime, *, shown: bool = True) -> None:
        change = "UPDATE groups SET written_count = coalesce(?, written_count), written_at = ?, outcome = ? WHERE fingerprint = ?"
        values = (group.tally.count if shown else None, now.timestamp(), _plain(outcome), group.fingerprint)
        await self._database.write(lambda connection: connection.execute(change, values))

    async def moved(self, fingerprint: str, ticket: Ticket) -> None:
        values = (json.dumps(asdict(ticket)), fingerprint)

        def move(connection: sqlite3.Connection) -> None:
            connection.execute("UPDATE groups SET ticket = ?, written_count = 0 WHERE fingerprint = ?", values)
            of_storm = "UPDATE intents SET body = json_set(body, '$.ticket', json(?)) WHERE kind = 'umbrella' AND fingerprint = ?"
            connection.execute(of_storm, values)

        await self._database.write(move)

    async def lost(self, group: Group, again: Intent | None) -> None:
        def lose(connection: sqlite3.Connection) -> None:
            connection.execute("UPDATE groups SET ticket = NULL, outcome = '{}' WHERE fingerprint = ?", (group.fingerprint,))
            if again is not None:
                _plan(connection, again)

        await self._database.write(lose)

    def known(self, sink: str, repository: str) -> Known | None:
        rows = self._database.read("SELECT listed FROM repositories WHERE sink = ? AND name = ?", (sink, repository))
        return Known(*rows[0]) if rows else None

    async def remember(self, sink: str, repository: str, listed: int, owned: Sequence[Owned], now: datetime) -> None:
        await self._database.write(lambda connection: _remember(connection, sink, repository, listed, owned, now))

    def sweeps(self, now: datetime) -> Sequence[tuple[str, str]]:
        return [(str(sink), str(name)) for sink, name in self._database.read(_SWEEPS, (now.timestamp(),))]

    async def swept(self, sink: str, repository: str, now: datetime, again: datetime | None = None) -> None:
        def sweep(connection: sqlite3.Connection) -> None:
            past = "DELETE FROM sweeps WHERE sink = ? AND repository = ? AND due_at <= ?"
            connection.execute(past, (sink, repository, now.timestamp()))
            if again is not None:
                connection.execute("INSERT OR IGNORE INTO sweeps VALUES (?, ?, ?)", (again.timestamp(), sink, repository))

        await self._database.write(sweep)

    def note(self, name: str) -> str:
        """See ``ports.Notes``."""
        rows = self._database.read("SELECT text FROM notes WHERE name = ?", (name,))
        return str(rows[0][0]) if rows else ""

    async def keep(self, name: str, text: str) -> None:
        keep = "INSERT INTO notes VALUES (?1, ?2) ON CONFLICT (name) DO UPDATE SET text = ?2"
        await self._database.write(lambda connection: connection.execute(keep, (name, text)))

    def groups(self, most: int) -> Sequence[tuple[Group, Mapping[str, Any]]]:
        """The groups last seen, newest first, with their views."""
        sql = f"SELECT {_GROUP}, view FROM groups JOIN views USING (fingerprint) WHERE decided_by <> '' ORDER BY last_seen DESC LIMIT ?"
        return [(_group(row[:-1]), json.loads(row[-1])) for row in self._database.read(sql, (most,))]

    def by_short(self, short: str) -> tuple[Group, Mapping[str, Any]] | None:
        """The group of a short id and its view."""
        rows = self._database.read(f"SELECT {_GROUP}, view FROM groups JOIN views USING (fingerprint) WHERE short = ? LIMIT 1", (short,))
        return (_group(rows[0][:-1]), json.loads(rows[0][-1])) if rows else None

    def knows(self, source: str, key: str) -> bool:
        """Whether an event of that key has been counted, within the time that keys are remembered."""
        return bool(self._database.read("SELECT 1 FROM seen WHERE key = ?", (_event(source, key),)))

    def open_intents(self) -> int:
        """Intents that are neither done nor parked."""
        return int(self._database.read(f"SELECT count(*) FROM intents WHERE {_UNSETTLED}")[0][0])

    def states(self) -> Mapping[str, int]:
        """How many intents are in each state but done."""
        return dict(self._database.read("SELECT state, count(*) FROM intents WHERE state <> 'done' GROUP BY state"))


def _record(connection: sqlite3.Connection, settled: Sequence[Settled], now: datetime) -> None:
    removed = _removed(connection, settled)
    done = [one for one in settled if not one.delivery.sequence or one.delivery.sequence in removed]
    counted: dict[str, list[Counted]] = {}
    for event in _first_times(connection, [event for one in done for event in one.counted], now):
        counted.setdefault(event.fingerprint, []).append(event)
    for fingerprint, events in counted.items():
        _count(connection, fingerprint, events)
    ended = sum(1 for one in done if one.delivery.sequence and not one.left)
    connection.execute("UPDATE balance SET count = count + ? WHERE name = 'settled'", (ended,))


def _removed(connection: sqlite3.Connection, settled: Sequence[Settled]) -> set[int]:
    """The sequences of the deliveries that are done now, in whole or in part; of those that were done before: not."""
    whole = [one.delivery.sequence for one in settled if one.delivery.sequence and not one.left and not one.delivery.only]
    delete = f"DELETE FROM pending WHERE sequence IN ({', '.join('?' * len(whole))}) AND only = '[]' RETURNING sequence"
    removed = {sequence for (sequence,) in connection.execute(delete, whole)}
    for one in settled:
        if one.left or one.delivery.only:
            of = (one.delivery.sequence, json.dumps(one.delivery.only))
            if not one.left:
                done = connection.execute("DELETE FROM pending WHERE sequence = ? AND only = ?", of)
            else:
                done = connection.execute("UPDATE pending SET only = ?3 WHERE sequence = ?1 AND only = ?2", (*of, json.dumps(one.left)))
            if done.rowcount:
                removed.add(one.delivery.sequence)
    return removed


def _first_times(connection: sqlite3.Connection, events: Sequence[Counted], now: datetime) -> list[Counted]:
    """Without those that were told before, in another delivery of the same source."""
    keys = [_event(event.source, event.key) if event.key else b"" for event in events]
    unknown = new_keys(connection, [(key, now.timestamp()) for key in keys if key])
    first = {key: place for place, key in reversed(list(enumerate(keys))) if key in unknown}
    return [event for place, event in enumerate(events) if not keys[place] or first.get(keys[place]) == place]


def _event(source: str, key: str) -> bytes:
    """An event's key as it is remembered: 16 bytes."""
    return blake2b(f"event\0{source}\0{key}".encode("utf-8", "surrogatepass"), digest_size=16).digest()


def _count(connection: sqlite3.Connection, fingerprint: str, events: Sequence[Counted]) -> None:
    """Events of one group, in one update."""
    row = connection.execute(f"SELECT {_GROUP} FROM groups WHERE fingerprint = ?", (fingerprint,)).fetchone()
    group = _group(row) if row else None
    for event in events:
        group = event.onto(group)
    assert group is not None
    tally = group.tally
    told = {
        "sources": tally.sources,
        "releases": tally.releases,
        "environments": tally.environments,
        "services": tally.services,
        "tellings": tally.tellings,
    }
    numbers = (tally.count, tally.first_seen.timestamp(), tally.last_seen.timestamp(), json.dumps(told))
    if row:
        change = "UPDATE groups SET count = ?, first_seen = ?, last_seen = ?, told = ? WHERE fingerprint = ?"
        connection.execute(change, (*numbers, fingerprint))
    else:
        insert = """INSERT INTO groups (fingerprint, short, count, first_seen, last_seen, told, repository, generation, decided_by)
            VALUES (?, ?, ?, ?, ?, ?, '', 0, '')"""
        connection.execute(insert, (fingerprint, group.short, *numbers))
    for event in events:
        for name in event.names:
            connection.execute("INSERT OR IGNORE INTO names VALUES (?, ?)", (name, fingerprint))
        if event.decision is not None:
            _decide(connection, fingerprint, event.decision)


def _decide(connection: sqlite3.Connection, fingerprint: str, decision: Decision) -> None:
    change = "UPDATE groups SET repository = ?, decided_by = ?, written_count = 0 WHERE fingerprint = ?"
    connection.execute(change, (decision.repository, decision.decided_by, fingerprint))
    # a poorer telling of the error (an alert without its stack trace) does not replace a richer one
    connection.execute(
        """INSERT INTO views VALUES (?1, ?2) ON CONFLICT (fingerprint) DO UPDATE SET view = ?2 WHERE json_extract(view, '$.weight') <= ?3""",
        (fingerprint, json.dumps(decision.view), decision.view["weight"]),
    )
    for intent in decision.intents:
        _plan(connection, intent)


def _plan(connection: sqlite3.Connection, intent: Intent) -> None:
    report, mark = intent.report, intent.report.marker
    insert = "INSERT OR IGNORE INTO intents (kind, sink, repository, fingerprint, generation, state, due_at, body) VALUES (?, ?, ?, ?, ?, ?, 0, ?)"
    values = (intent.kind, intent.sink, report.repository, mark.fingerprint, mark.generation, intent.state, _body(intent))
    if connection.execute(insert, values).rowcount and intent.kind == "issue":
        connection.execute("UPDATE groups SET generation = max(generation, ?) WHERE fingerprint = ?", (mark.generation, mark.fingerprint))


def _save(connection: sqlite3.Connection, intent: Intent, now: datetime, sweeps: Sequence[datetime]) -> None:
    due = intent.due_at.timestamp() if intent.due_at else 0.0
    sent = intent.sent_at.timestamp() if intent.sent_at else 0.0
    change = "UPDATE intents SET state = ?, due_at = ?, sent_at = ?, waited = ?, body = ? WHERE id = ?"
    connection.execute(change, (intent.state, due, sent, intent.waited, _body(intent), intent.id))
    if intent.state == "done" and intent.ticket is not None and intent.leads and intent.kind == "issue":
        # what was filed shows the count of its rendering: written_count stays, so that the next update brings it up to date
        values = (json.dumps(asdict(intent.ticket)), now.timestamp(), intent.report.marker.fingerprint)
        connection.execute("UPDATE groups SET ticket = ?, written_at = ? WHERE fingerprint = ?", values)
    for at in sweeps:
        minute = at.timestamp() // 60 * 60 + 60  # one look for all that was filed within a minute
        connection.execute("INSERT OR IGNORE INTO sweeps VALUES (?, ?, ?)", (minute, intent.sink, intent.report.repository))


def _remember(connection: sqlite3.Connection, sink: str, repository: str, listed: int, found: Sequence[Owned], now: datetime) -> None:
    insert = "INSERT INTO repositories VALUES (?1, ?2, ?3) ON CONFLICT (sink, name) DO UPDATE SET listed = max(listed, ?3)"
    connection.execute(insert, (sink, repository, listed))
    for one in ours.leading(found):
        mark, first = one.marker, one.created_at.timestamp()
        connection.execute(
            """INSERT OR IGNORE INTO groups (fingerprint, short, count, first_seen, last_seen, told, repository, generation, decided_by)
            VALUES (?1, ?2, 0, ?3, ?3, '{}', ?4, 0, '')""",
            (mark.fingerprint, mark.short, first, repository),
        )
        # what this process has counted meanwhile comes on top of what the ticket says
        connection.execute(
            """UPDATE groups SET ticket = ?2, count = count + ?3, written_count = ?3, written_at = ?4, first_seen = min(first_seen, ?5),
            generation = max(generation, ?6) WHERE fingerprint = ?1 AND ticket IS NULL""",
            (mark.fingerprint, json.dumps(asdict(one.ticket)), one.count, now.timestamp(), first, mark.generation),
        )


def _plain(outcome: Outcome) -> str:
    return json.dumps(
        {name: value.timestamp() if isinstance(value, datetime) else value for name, value in asdict(outcome).items() if value}
    )


def _outcome(text: str) -> Outcome:
    if text == "{}":
        return Outcome()
    plain: dict[str, Any] = json.loads(text)
    for name in plain:
        if name.endswith("_at"):
            plain[name] = datetime.fromtimestamp(plain[name], UTC)
    return Outcome(**plain)


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
    plain["report"] = Report(
        **{
            **report,
            "marker": Marker(**report["marker"]),
            "labels": tuple(report["labels"]),
            "assignees": tuple(report.get("assignees", ())),
        }
    )
    plain["on"] = Ticket(**plain["on"]) if plain.get("on") else None
    plain["change"] = Change(**plain["change"]) if plain.get("change") else None
    plain["ticket"] = Ticket(**plain["ticket"]) if plain["ticket"] else None
    return Intent(**{**plain, "id": number})


def _group(row: Sequence[Any]) -> Group:
    fingerprint, count, first_seen, last_seen, told, repository, generation, ticket, decided_by, outcome = row
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
            tellings=tuple(seen.get("tellings", ())),
        ),
        repository=repository,
        generation=generation,
        ticket=Ticket(**json.loads(ticket)) if ticket else None,
        decided_by=decided_by,
        outcome=_outcome(outcome),
    )


# ------------------------------------- for `triaged dead`, which has a connection of its own


def parked(connection: sqlite3.Connection) -> list[Intent]:
    """What was refused for good, the oldest first."""
    return [_intent(*row) for row in connection.execute("SELECT id, body FROM intents WHERE state = 'parked' ORDER BY id")]


def retry_parked(connection: sqlite3.Connection, intent: Intent, now: datetime) -> None:
    """It is due at once."""
    _save(connection, settle.again(intent), now, ())


def drop_parked(connection: sqlite3.Connection, intent: Intent) -> None:
    """It is not filed. If other rules decide about its error later, it may be planned again."""
    connection.execute("DELETE FROM intents WHERE id = ? AND state = 'parked'", (intent.id,))
