"""Does what was planned: sends intents, and settles those whose answer was lost. ``upkeep`` looks after what is filed.

``core.settle`` alone says whether an intent is sent, looked for or done.
"""

import traceback
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial

import anyio
import anyio.lowlevel

from triaged import logs
from triaged.core import settle
from triaged.core.model import Ticket
from triaged.core.settle import Intent
from triaged.errors import JournalBroken, Refused, TriagedError, Unavailable, Unknown
from triaged.metrics import Metrics
from triaged.pipeline.finishing import Finishing
from triaged.pipeline.storm import Storms
from triaged.pipeline.upkeep import Upkeep
from triaged.ports import Clock, Sink, Store

_MOST = 50
_POLL = 1.0
_AFTER_STUMBLE = 5.0
_LONGEST_WAIT = timedelta(minutes=10)
_LONGEST_DISTRUST = timedelta(minutes=20)
_SWEEPS = (timedelta(minutes=15), timedelta(hours=1), timedelta(hours=24))
"""After something was filed: when it is looked whether it was filed twice."""


class Publisher:
    """One for each process: sinks are asked one thing at a time."""

    def __init__(
        self,
        store: Store,
        sinks: Mapping[str, Sink],
        upkeep: Upkeep,
        storms: Storms,
        clock: Clock,
        metrics: Metrics,
        attempt: Callable[[], str],
        fitted: Callable[[Intent], Awaitable[Intent]],
        *,
        quiet: timedelta,
    ) -> None:
        """``fitted`` gives an intent as those who can read its repository now may see it."""
        self._store = store
        self._sinks = sinks
        self._upkeep = upkeep
        self._storms = storms
        self._clock = clock
        self._metrics = metrics
        self._attempt = attempt
        self._fitted = fitted
        self._quiet = quiet
        self._news = anyio.Event()
        self.finishing = Finishing()

    def wake(self) -> None:
        """Something was planned."""
        self._news.set()
        self._news = anyio.Event()

    async def run(self) -> None:
        """Until it is cancelled, and then it finishes the piece in hand. A restart finds what was being sent as *sending*: its answer is lost."""
        while True:
            news = self._news
            pieces = self._due()
            for piece in pieces:
                with self.finishing.piece():
                    await self._done(piece)
                await anyio.lowlevel.checkpoint()
            with anyio.move_on_after(_POLL if len(pieces) < _MOST else 0):
                await news.wait()

    async def _done(self, piece: Callable[[], Awaitable[None]]) -> None:
        """A disk that takes nothing now, or a sink that stumbles, costs a turn: what was sent meanwhile counts as an answer that was lost."""
        try:
            with self._metrics.taking("publish", self._clock):
                await piece()
        except Unavailable as error:
            logs.error("what was filed cannot be stored now", reason=str(error))
        except JournalBroken:
            raise
        except Exception as error:  # one report that a sink stumbles over must not stop the others
            where = traceback.extract_tb(error.__traceback__)[-1]
            logs.error("a report could not be worked on", reason=f"{type(error).__name__} at {where.name}:{where.lineno}")
            await self._clock.sleep(_AFTER_STUMBLE)

    async def once(self) -> None:
        """Everything that is due now."""
        for piece in self._due():
            await piece()

    def _due(self) -> list[Callable[[], Awaitable[None]]]:
        now = self._clock.now()
        intents = [partial(self._advance, intent) for intent in self._store.due(now, _MOST)]
        return [*intents, *self._storms.due(), *self._upkeep.due(now, _MOST)]

    async def _advance(self, intent: Intent) -> None:
        now = self._clock.now()
        sink = self._sinks.get(intent.sink)
        if sink is None:
            await self._store.save(settle.parked(intent, f"no sink is called {intent.sink!r} now"), now)
            return
        step = settle.step(intent, now, self._quiet)
        if step.what == "send":
            await self._send(intent, sink)
        elif step.what == "look":
            await self._look(intent, sink)
        elif step.what == "wait":
            await self._store.save(replace(intent, due_at=step.at, reason=step.reason), now)

    async def _send(self, intent: Intent, sink: Sink) -> None:
        if not intent.attempt and intent.change is None and await self._adopted(intent, sink):
            return
        if intent.kind == "issue" and (why := self._storms.refuses(intent, self._clock.now())):
            await self._keep(settle.withheld(intent, why))
            return
        intent, attempt = await self._fitted(intent), self._attempt()
        intent = settle.stamped(intent, self._clock.now(), attempt, self._witness(intent, sink))
        intent = replace(intent, report=replace(intent.report, marker=replace(intent.report.marker, attempt=attempt)))
        await self._store.save(intent, self._clock.now())
        try:
            ticket = await _made(intent, sink)
        except Unknown as error:
            await self._keep(settle.lost(intent, str(error)))
        except Unavailable as error:
            await self._keep(settle.not_applied(intent, self._again_at(intent, error), str(error)))
        except Refused as error:
            await self._keep(settle.parked(intent, str(error)))
        else:
            await self._filed(intent, ticket, "filed")

    async def _adopted(self, intent: Intent, sink: Sink) -> bool:
        """Whether it was filed before, by us or by another instance. True, too, where the sink cannot be asked: then nothing is sent now."""
        try:
            ticket = await self._there(intent, sink)
        except (Unknown, Unavailable) as error:
            return await self._distrusted(intent, error)
        except Refused as error:
            await self._keep(settle.parked(intent, str(error)))
            return True
        if ticket is not None:
            await self._keep(settle.done(intent, ticket, "found: it had been filed before"))
        return ticket is not None

    async def _distrusted(self, intent: Intent, error: Unknown | Unavailable) -> bool:
        """What is there cannot be told: it is tried again, and after twenty minutes an umbrella says that something waits."""
        now = self._clock.now()
        late = isinstance(error, Unknown) and intent.accepted_at is not None and now > intent.accepted_at + _LONGEST_DISTRUST
        if late and intent.kind == "umbrella":
            return False
        if late and intent.kind == "issue":
            await self._keep(settle.withheld(intent, f"what is there already cannot be told: {error}", now + _LONGEST_WAIT))
        else:
            await self._keep(settle.not_applied(intent, self._again_at(intent, error), f"cannot be looked for before it is sent: {error}"))
        return True

    async def _there(self, intent: Intent, sink: Sink) -> Ticket | None:
        """Its ticket, where one of an earlier life or of another instance is there."""
        repository, fingerprint = intent.report.repository, intent.report.marker.fingerprint
        if intent.kind != "comment":
            known = self._store.known(sink.name, repository)
            if known is None:
                owned = await sink.owned(repository)
                await self._store.remember(sink.name, repository, sink.witness(intent), owned, self._clock.now())
                logs.info("looked at what is there already", sink=sink.name, repository=repository, tickets=len(owned))
            group = self._store.group(fingerprint)
            if (
                intent.leads
                and group
                and group.ticket
                and (group.ticket.sink, group.generation) == (sink.name, intent.report.marker.generation)
            ):
                return group.ticket
            intent = replace(intent, witness=known.listed if known else sink.witness(intent))
        ticket = await sink.find(intent)
        await self._note_witness(intent, sink)
        return ticket

    def _witness(self, intent: Intent, sink: Sink) -> int:
        known = self._store.known(sink.name, intent.report.repository) if intent.kind != "comment" else None
        return max(sink.witness(intent), known.listed if known else 0)

    async def _note_witness(self, intent: Intent, sink: Sink) -> None:
        """The newest number a listing has shown outlives us: a listing that lacks it later is not believed."""
        known, listed = self._store.known(sink.name, intent.report.repository), sink.witness(intent)
        if intent.kind != "comment" and listed > (known.listed if known else 0):
            await self._store.remember(sink.name, intent.report.repository, listed, (), self._clock.now())

    def _again_at(self, intent: Intent, error: TriagedError) -> datetime:
        backoff = self._clock.now() + min(timedelta(seconds=2 ** min(intent.failures, 10)), _LONGEST_WAIT)
        until = error.until if isinstance(error, Unavailable) else None
        return max(backoff, until) if until else backoff

    async def _look(self, intent: Intent, sink: Sink) -> None:
        try:
            ticket = await sink.find(intent)
        except (Unknown, Unavailable, Refused) as error:
            await self._keep(settle.unseen(intent, self._clock.now(), str(error)))
            return
        if ticket is None:
            await self._keep(settle.absent(intent, self._clock.now()))
        else:
            await self._filed(intent, ticket, "found: it had been filed")

    async def _keep(self, intent: Intent, sweeps: tuple[datetime, ...] = ()) -> None:
        await self._store.save(intent, self._clock.now(), sweeps)
        say = logs.info if intent.state == "done" else logs.warning
        say(
            "intent",
            what=intent.kind,
            state=intent.state,
            sink=intent.sink,
            repository=intent.report.repository,
            fingerprint=intent.report.marker.fingerprint,
            ticket=intent.ticket.key if intent.ticket else None,
            reason=intent.reason,
        )

    async def _filed(self, intent: Intent, ticket: Ticket, reason: str) -> None:
        if intent.kind in ("comment", "pull_request"):
            await self._keep(settle.done(intent, ticket, reason))
            return
        now = self._clock.now()
        await self._keep(settle.done(intent, ticket, reason), tuple(now + after for after in _SWEEPS))
        if intent.kind == "umbrella":
            return
        self._metrics.issues.labels(intent.report.repository).inc()
        if intent.accepted_at is not None:
            self._metrics.processing.observe(max(0.0, (self._clock.now() - intent.accepted_at).total_seconds()))


async def _made(intent: Intent, sink: Sink) -> Ticket:
    if intent.change is not None:
        return await sink.propose(intent.report, intent.change)
    return await (sink.comment(intent.on, intent.report) if intent.on else sink.create(intent.report))
