"""Groups in memory: for ``replay`` and ``explain``, which start from nothing, and for tests."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from triaged.core.model import Group
from triaged.core.settle import Intent
from triaged.ports import Counted, Settled


class Store:
    """See ``ports.Store``."""

    def __init__(self) -> None:
        self._groups: dict[str, Group] = {}
        self._views: dict[str, Mapping[str, Any]] = {}
        self._intents: dict[tuple[str, str, str, int], Intent] = {}
        self._seen: set[tuple[str, str]] = set()
        self._written: dict[str, tuple[int, datetime]] = {}

    def group(self, fingerprint: str) -> Group | None:
        return self._groups.get(fingerprint)

    async def record(self, settled: Sequence[Settled], now: datetime) -> None:
        for one in settled:
            for counted in one.counted:
                if counted.key and (counted.source, counted.key) in self._seen:
                    continue
                self._seen.add((counted.source, counted.key))
                self._count(counted)

    def due(self, now: datetime, most: int) -> Sequence[Intent]:
        open_ones = (intent for intent in self._intents.values() if intent.state not in ("done", "parked"))
        return [intent for intent in open_ones if intent.due_at is None or intent.due_at <= now][:most]

    async def save(self, intent: Intent, now: datetime) -> None:
        mark = intent.report.marker
        self._intents[intent.sink, intent.report.repository, mark.fingerprint, mark.generation] = intent
        if intent.state == "done" and intent.leads:
            self._groups[mark.fingerprint] = replace(self._groups[mark.fingerprint], ticket=intent.ticket)
            self._written[mark.fingerprint] = (0, now)

    def grown(self, before: datetime, most: int) -> Sequence[tuple[Group, Mapping[str, Any]]]:
        found = []
        for fingerprint, (count, at) in self._written.items():
            group = self._groups[fingerprint]
            if group.tally.count > count and at <= before:
                found.append((group, self._views[fingerprint]))
        return found[:most]

    async def written(self, group: Group, now: datetime) -> None:
        self._written[group.fingerprint] = (group.tally.count, now)

    def _count(self, counted: Counted) -> None:
        group = counted.onto(self._groups.get(counted.fingerprint))
        if counted.decision is not None:
            group = replace(group, repository=counted.decision.repository, decided_by=counted.decision.decided_by)
            there = self._views.get(counted.fingerprint)
            if there is None or there["weight"] <= counted.decision.view["weight"]:
                self._views[counted.fingerprint] = counted.decision.view
            for intent in counted.decision.intents:
                mark = intent.report.marker
                self._intents.setdefault((intent.sink, intent.report.repository, mark.fingerprint, mark.generation), intent)
                group = replace(group, generation=max(group.generation, mark.generation))
        self._groups[counted.fingerprint] = group
