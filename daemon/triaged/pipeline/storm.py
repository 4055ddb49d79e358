"""More new errors than a repository is to have at once: some get their tickets, the rest waits its turn and one umbrella names it.

A deploy that breaks everything makes a handful of issues, not five thousand. Nothing is lost: what waits is counted on, and gets its
ticket when its turn comes: the commonest and oldest first, every third time the newest, so that what happens now is not buried.
"""

import json
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime, timedelta
from functools import partial
from hashlib import blake2b
from typing import Any

from triaged import logs
from triaged.core import settle
from triaged.core.decide import Limits, Rate
from triaged.core.model import Report
from triaged.core.settle import Intent
from triaged.errors import Refused, Unavailable, Unknown
from triaged.ports import Clock, Sink, Store, Withheld

NAMED = 100
"""Errors that an umbrella lists; of the others it says how many."""
_EVERY = 3

Rendered = Callable[[str, str, Sequence[Withheld], int, Rate], Report]


class Storms:
    """``limits`` are those that hold now; ``umbrella`` renders one: fingerprint, repository, some of those that wait, how many do, the limit."""

    def __init__(
        self, store: Store, sinks: dict[str, Sink], limits: Callable[[], Limits], umbrella: Rendered, clock: Clock, interval: timedelta
    ) -> None:
        self._store = store
        self._sinks = sinks
        self._limits = limits
        self._umbrella = umbrella
        self._clock = clock
        self._interval = interval
        self._open = {(intent.sink, intent.report.repository) for intent in store.umbrellas() if self._noted(intent).get("open")}
        """Where an umbrella is open."""

    def refuses(self, intent: Intent, now: datetime) -> str:
        """Why an issue has to wait for its turn; empty: it may be sent."""
        limit = self._limits().new_issues
        sent = self._store.sent(intent.sink, intent.report.repository, now - timedelta(seconds=limit.seconds))
        return "" if sent < limit.count else f"{sent} new tickets in the last {limit.seconds / 60:g} minutes: more wait for their turn"

    def due(self) -> list[Callable[[], Awaitable[None]]]:
        """A piece for each place in which something waits, or did."""
        places = [place for place in self._places() if place[0] in self._sinks]
        return [partial(self._weather, *place) for place in places]

    def _places(self) -> list[tuple[str, str, int]]:
        """Sinks and repositories in which something waits, or an umbrella is still open, and how much waits."""
        waiting = {(sink, repository): count for sink, repository, count in self._store.waiting()}
        return [(*place, waiting.get(place, 0)) for place in sorted({*waiting, *self._open})]

    async def _weather(self, sink: str, repository: str, waiting: int) -> None:
        now = self._clock.now()
        limit = self._limits().new_issues
        sent = self._store.sent(sink, repository, now - timedelta(seconds=limit.seconds))
        for turn in range(sent, limit.count):
            if not await self._release(sink, repository, newest=turn % _EVERY == _EVERY - 1):
                break
        await self._tell(sink, repository, waiting, limit)

    async def _release(self, sink: str, repository: str, *, newest: bool) -> bool:
        now = self._clock.now()
        found = self._store.withheld(sink, repository, now, 1, newest=newest)
        if not found or (found[0].intent.due_at or now) > now:
            return False
        await self._store.save(settle.released(found[0].intent), now)
        return True

    async def _tell(self, sink: str, repository: str, waiting: int, limit: Rate) -> None:
        """Plans the umbrella, or brings it up to date; closes it once nothing waits any more."""
        now = self._clock.now()
        intent = next((one for one in self._store.umbrellas() if (one.sink, one.report.repository) == (sink, repository)), None)
        storm = self._noted(intent) if intent else {}
        if storm.get("told_at", 0) > (now - self._interval).timestamp() and storm.get("open") == (waiting > 0):
            return
        named = self._store.withheld(sink, repository, now, NAMED)
        report = self._umbrella(fingerprint(sink, repository), repository, named, waiting, limit)
        if intent is None:
            logs.warning("a storm: some errors wait for their turn", sink=sink, repository=repository, waiting=waiting)
            await self._store.plan([Intent(id=0, kind="umbrella", sink=sink, report=report, leads=False, accepted_at=now)])
        elif intent.ticket is None:
            return  # it is under way
        elif not await self._rewritten(intent, report, waiting, begins=not storm.get("open")):
            return
        await self._store.keep(_name(sink, repository), json.dumps({"open": waiting > 0, "told_at": now.timestamp()}))
        (self._open.add if waiting else self._open.discard)((sink, repository))

    def _noted(self, intent: Intent) -> dict[str, Any]:
        noted: dict[str, Any] = json.loads(self._store.note(_name(intent.sink, intent.report.repository)) or "{}")
        return noted

    async def _rewritten(self, intent: Intent, report: Report, waiting: int, *, begins: bool) -> bool:
        """False where it has to be done again."""
        assert intent.ticket is not None
        try:
            await self._sinks[intent.sink].rewrite(intent.ticket, report, open=True if waiting and begins else None if waiting else False)
        except (Unknown, Unavailable) as error:
            logs.warning("the umbrella of a storm cannot be written now", ticket=intent.ticket.key, reason=str(error))
            return False
        except Refused as error:
            logs.error("the umbrella of a storm is refused", ticket=intent.ticket.key, reason=str(error))
        return True


def _name(sink: str, repository: str) -> str:
    return f"storm {sink} {repository}"


def fingerprint(sink: str, repository: str) -> str:
    """Of the umbrella of a repository: the same for each storm."""
    return "v1:" + blake2b(f"storm\0{sink}\0{repository}".encode(), digest_size=16).hexdigest()
