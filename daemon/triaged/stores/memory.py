"""Groups in memory: for ``replay`` and ``explain``, which start from nothing, and for tests."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from triaged.core import owned as ours
from triaged.core.model import Group, Outcome, Owned, Tally, Ticket
from triaged.core.settle import Intent
from triaged.ports import Counted, Forgetful, Known, Settled, Withheld


class Store(Forgetful):
    """See ``ports.Store``."""

    def __init__(self) -> None:
        super().__init__()
        self._groups: dict[str, Group] = {}
        self._views: dict[str, Mapping[str, Any]] = {}
        self._names: dict[str, str] = {}
        self._intents: dict[tuple[str, str, str, str, int], Intent] = {}
        self._seen: set[tuple[str, str]] = set()
        self._written: dict[str, tuple[int, datetime]] = {}
        self._known: dict[tuple[str, str], int] = {}
        self._sweeps: set[tuple[datetime, str, str]] = set()

    def group(self, name: str) -> Group | None:
        return self._groups.get(name) or self._groups.get(self._names.get(name, ""))

    async def record(self, settled: Sequence[Settled], now: datetime) -> None:
        for one in settled:
            for counted in one.counted:
                if counted.key and (counted.source, counted.key) in self._seen:
                    continue
                self._seen.add((counted.source, counted.key))
                self._count(counted)

    def due(self, now: datetime, most: int) -> Sequence[Intent]:
        queues: defaultdict[str, list[Intent]] = defaultdict(list)
        for intent in self._intents.values():
            if intent.state not in ("done", "parked", "withheld") and (intent.due_at is None or intent.due_at <= now):
                queues[intent.report.repository].append(intent)
        turns = [(turn, intent) for queue in queues.values() for turn, intent in enumerate(queue)]
        return [intent for _, intent in sorted(turns, key=lambda one: one[0])][:most]

    def seen(self, fingerprint: str) -> tuple[Group, Mapping[str, Any]] | None:
        return (self._groups[fingerprint], self._views[fingerprint]) if fingerprint in self._views else None

    async def save(self, intent: Intent, now: datetime, sweeps: Sequence[datetime] = ()) -> None:
        mark = intent.report.marker
        self._intents[_key(intent)] = intent
        if intent.state == "done" and intent.leads and intent.kind == "issue":
            self._groups[mark.fingerprint] = replace(self._groups[mark.fingerprint], ticket=intent.ticket)
            self._written[mark.fingerprint] = (0, now)
        self._sweeps |= {(at, intent.sink, intent.report.repository) for at in sweeps}

    async def plan(self, intents: Sequence[Intent]) -> None:
        for intent in intents:
            mark = intent.report.marker
            self._intents.setdefault(_key(intent), intent)
            if intent.kind == "issue":
                group = self._groups[mark.fingerprint]
                self._groups[mark.fingerprint] = replace(group, generation=max(group.generation, mark.generation))

    def sent(self, sink: str, repository: str, since: datetime) -> int:
        there = (intent for intent in self._intents.values() if intent.kind == "issue")
        return sum(_place(intent) == (sink, repository) and bool(intent.sent_at and intent.sent_at >= since) for intent in there)

    def waiting(self) -> Sequence[tuple[str, str, int]]:
        waiting = Counter(_place(one) for one in self._intents.values() if one.waited and one.state not in ("done", "parked"))
        return [(*place, count) for place, count in waiting.items()]

    def withheld(self, sink: str, repository: str, now: datetime, most: int, *, newest: bool = False) -> Sequence[Withheld]:
        there = [intent for intent in self._intents.values() if intent.state == "withheld" and _place(intent) == (sink, repository)]
        of = [intent.report.marker.fingerprint for intent in there]
        rows = [Withheld(intent, self._groups[mark], self._views[mark]) for intent, mark in zip(there, of, strict=True)]
        if newest:
            return rows[::-1][:most]
        weighed = sorted(rows, key=lambda row: -row.group.tally.count * ((now - row.group.tally.first_seen).total_seconds() + 600))
        return weighed[:most]

    def umbrellas(self) -> Sequence[Intent]:
        return [intent for intent in self._intents.values() if intent.kind == "umbrella"]

    def grown(self, before: datetime, most: int) -> Sequence[tuple[Group, Mapping[str, Any]]]:
        found = []
        for fingerprint, (count, at) in self._written.items():
            group = self._groups[fingerprint]
            if group.ticket is not None and group.tally.count > count and at <= before and fingerprint in self._views:
                found.append((group, self._views[fingerprint]))
        return found[:most]

    async def written(self, group: Group, outcome: Outcome, now: datetime, *, shown: bool = True) -> None:
        self._written[group.fingerprint] = (group.tally.count if shown else self._written[group.fingerprint][0], now)
        self._groups[group.fingerprint] = replace(self._groups[group.fingerprint], outcome=outcome)

    async def moved(self, fingerprint: str, ticket: Ticket) -> None:
        if fingerprint in self._groups:
            self._groups[fingerprint] = replace(self._groups[fingerprint], ticket=ticket)
        if fingerprint in self._written:
            self._written[fingerprint] = (0, self._written[fingerprint][1])
        for key, intent in self._intents.items():
            if intent.kind == "umbrella" and intent.report.marker.fingerprint == fingerprint:
                self._intents[key] = replace(intent, ticket=ticket)

    async def lost(self, group: Group, again: Intent | None) -> None:
        self._groups[group.fingerprint] = replace(self._groups[group.fingerprint], ticket=None, outcome=Outcome())
        await self.plan([again] if again else [])

    def known(self, sink: str, repository: str) -> Known | None:
        listed = self._known.get((sink, repository))
        return None if listed is None else Known(listed)

    async def remember(self, sink: str, repository: str, listed: int, owned: Sequence[Owned], now: datetime) -> None:
        self._known[sink, repository] = max(listed, self._known.get((sink, repository), 0))
        for one in ours.leading(owned):
            mark = one.marker
            group = self._groups.get(mark.fingerprint) or Group(mark.fingerprint, Tally(0, one.created_at, one.created_at), repository)
            if group.ticket is None:
                tally = replace(group.tally, count=group.tally.count + one.count, first_seen=min(group.tally.first_seen, one.created_at))
                generation = max(group.generation, mark.generation)
                self._groups[mark.fingerprint] = replace(group, tally=tally, ticket=one.ticket, generation=generation)
                self._written[mark.fingerprint] = (one.count, now)

    def sweeps(self, now: datetime) -> Sequence[tuple[str, str]]:
        return sorted({(sink, repository) for at, sink, repository in self._sweeps if at <= now})

    async def swept(self, sink: str, repository: str, now: datetime, again: datetime | None = None) -> None:
        self._sweeps = {one for one in self._sweeps if one[0] > now or one[1:] != (sink, repository)}
        self._sweeps |= {(again, sink, repository)} if again else set()

    def _count(self, counted: Counted) -> None:
        group = counted.onto(self._groups.get(counted.fingerprint))
        if counted.decision is not None:
            group = replace(group, repository=counted.decision.repository, decided_by=counted.decision.decided_by)
            there = self._views.get(counted.fingerprint)
            if there is None or there["weight"] <= counted.decision.view["weight"]:
                self._views[counted.fingerprint] = counted.decision.view
            for intent in counted.decision.intents:
                self._intents.setdefault(_key(intent), intent)
                group = replace(group, generation=max(group.generation, intent.report.marker.generation))
        self._groups[counted.fingerprint] = group
        for name in counted.names:
            self._names.setdefault(name, counted.fingerprint)


def _place(intent: Intent) -> tuple[str, str]:
    return intent.sink, intent.report.repository


def _key(intent: Intent) -> tuple[str, str, str, str, int]:
    mark = intent.report.marker
    return intent.kind, intent.sink, intent.report.repository, mark.fingerprint, mark.generation
