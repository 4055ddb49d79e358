"""Looks after what is filed: its numbers, what becomes of it, and whether it was filed twice."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from triaged import logs
from triaged.core import owned as ours
from triaged.core import regression
from triaged.core.model import Group, Outcome, Report
from triaged.core.regression import Standing, Verdict
from triaged.core.settle import Intent
from triaged.errors import Refused, Unavailable, Unknown
from triaged.ports import Clock, Sink, Store

_SURELY_GONE = timedelta(minutes=15)
"""A ticket that is not found for so long was deleted: replicas of a sink may lack it for a while."""
_MOST_LATE = timedelta(hours=25)
"""Duplicates are looked for among what was made since: the last look comes a day after."""

_SWEEP_AGAIN = timedelta(minutes=2)

View = Mapping[str, Any]


class Upkeep:
    """``report`` renders a group's ticket, ``comment`` what is said beneath it when its error has come back."""

    def __init__(
        self,
        store: Store,
        sinks: Mapping[str, Sink],
        report: Callable[[Group, View, str], Report],
        comment: Callable[[Group, View, Standing, Verdict], Report],
        clock: Clock,
        interval: timedelta,
    ) -> None:
        self._store = store
        self._sinks = sinks
        self._report = report
        self._comment = comment
        self._clock = clock
        self._interval = interval

    def due(self, now: datetime, most: int) -> list[Callable[[], Awaitable[None]]]:
        """What is to be done now, piece by piece."""
        grown = (partial(self._update, group, view) for group, view in self._store.grown(now - self._interval, most))
        return [*grown, *(partial(self._sweep, sink, repository) for sink, repository in self._store.sweeps(now))]

    async def _update(self, group: Group, view: View) -> None:
        assert group.ticket is not None
        sink = self._sinks.get(group.ticket.sink)
        outcome, shown = group.outcome, True
        if sink is not None:
            try:
                outcome, shown = await self._written(group, view, sink)
            except (Unknown, Unavailable) as error:
                logs.warning("a ticket's numbers could not be written", ticket=group.ticket.key, reason=str(error))
                shown = False  # says the same however often it is sent: tried again
            except Refused as error:
                logs.error("a ticket's numbers are refused", ticket=group.ticket.key, reason=str(error))
        await self._store.written(group, outcome, self._clock.now(), shown=shown)

    async def _written(self, group: Group, view: View, sink: Sink) -> tuple[Outcome, bool]:
        """What has become of the ticket, and whether it now shows the numbers."""
        assert group.ticket is not None
        standing = await sink.standing(group.ticket)
        if standing is None:
            return await self._gone(group, view), False
        if standing.ticket != group.ticket:
            await self._store.moved(group.fingerprint, standing.ticket)
        verdict = regression.verdict(group, standing, self._clock.now())
        note = "" if standing.open or verdict.what == "reopen" else verdict.reason
        await sink.update(standing.ticket, self._report(group, view, note), reopen=verdict.what == "reopen")
        if verdict.what != "write":
            await self._tell(group, view, standing, verdict)
        return replace(verdict.outcome, gone_at=None), True

    async def _tell(self, group: Group, view: View, standing: Standing, verdict: Verdict) -> None:
        """One comment for each time that an error comes back."""
        logs.info(
            "an error has come back", fingerprint=group.fingerprint, ticket=standing.ticket.key, does=verdict.what, reason=verdict.reason
        )
        report = self._comment(group, view, standing, verdict)
        await self._store.plan([Intent(id=0, kind="comment", sink=standing.ticket.sink, report=report, on=standing.ticket, leads=False)])

    async def _gone(self, group: Group, view: View) -> Outcome:
        """A ticket that a person has deleted is filed once more, and only once."""
        assert group.ticket is not None
        now = self._clock.now()
        since = group.outcome.gone_at or now
        if now < since + _SURELY_GONE:
            return replace(group.outcome, gone_at=since)
        again = None
        if group.generation < 2:
            report = self._report(replace(group, generation=group.generation + 1), view, "")
            again = Intent(id=0, kind="issue", sink=group.ticket.sink, report=report)
        logs.warning("a ticket was deleted", fingerprint=group.fingerprint, ticket=group.ticket.key, filed_again=again is not None)
        await self._store.lost(group, again)
        return Outcome()

    async def _sweep(self, name: str, repository: str) -> None:
        """Of open tickets with one marker the lowest stays."""
        now, sink = self._clock.now(), self._sinks.get(name)
        if sink is not None:
            try:
                for first, others in ours.twice(await sink.owned(repository, now - _MOST_LATE)):
                    await self._store.moved(first.marker.fingerprint, first.ticket)  # first: a folded one is not found any more
                    for other in others:
                        await sink.fold(other.ticket, first.ticket)
                        logs.warning(
                            "an issue was filed twice; the later one is closed",
                            repository=repository,
                            stays=first.ticket.key,
                            closed=other.ticket.key,
                        )
            except (Unknown, Unavailable) as error:
                logs.warning("duplicates cannot be looked for now", repository=repository, reason=str(error))
                await self._store.swept(name, repository, now, again=now + _SWEEP_AGAIN)
                return
            except Refused as error:
                logs.error("duplicates cannot be looked for", repository=repository, reason=str(error))
        await self._store.swept(name, repository, now)
