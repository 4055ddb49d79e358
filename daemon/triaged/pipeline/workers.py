"""Takes deliveries from the channel, triages them and stores what came of it, many in one transaction.

One bad record stops nothing else, in its delivery or out of it: it alone is tried again later and later, then buried with its reason.
"""

import traceback
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta

import anyio
import anyio.lowlevel

from triaged import logs
from triaged.core.model import Delivery, Group, Record
from triaged.core.redact import Redactor
from triaged.errors import JournalBroken, Rejected, TriagedError, Unavailable
from triaged.metrics import Metrics
from triaged.pipeline import triage
from triaged.pipeline.finishing import Finishing
from triaged.pipeline.triage import Triaged, World
from triaged.ports import Channel, Clock, Counted, Settled, Store

MOST = 64
"""Deliveries settled in one transaction."""
ATTEMPTS = 5
ATTEMPTS_WHILE_AWAY = 300
"""Of what needs a peer that cannot be asked: for about a day."""
_BACKOFF = (1, 10, 60, 300)
"""Seconds before each further attempt; the last holds for all that follow."""
_FULL_SECONDS = 2.0
_ASKED_AT_ONCE = 8
_LONGEST_ASKED = 10.0
"""Seconds that a batch waits for what its records lack."""


@dataclass(slots=True, eq=False)
class _Work:
    """One delivery in hand."""

    delivery: Delivery
    records: dict[int, Record] = field(default_factory=dict)
    """Those that are still to be done, by their place in it."""
    found: list[Triaged] = field(default_factory=list)
    failed: dict[int | None, Exception] = field(default_factory=dict)
    """What went wrong, by place; None: with the whole of it."""

    @contextmanager
    def trying(self, place: int | None) -> Iterator[None]:
        """What goes wrong in here is that record's failure and stops nothing else."""
        try:
            yield
        except JournalBroken:
            raise
        except Exception as error:
            self.failed[place] = error

    @property
    def left(self) -> tuple[int, ...]:
        """The places of the records that failed."""
        return tuple(sorted(place for place in self.failed if place is not None))

    @property
    def is_settled(self) -> bool:
        """Something came of it: of a part of its records, or of none because there are none."""
        return None not in self.failed and (len(self.failed) < len(self.records) or not self.records)

    @property
    def settled(self) -> Settled:
        return Settled(self.delivery, tuple(one.counted for one in self.found), self.left)


class Workers:
    """``world`` is asked for at each batch, so that new rules hold from the next one on."""

    def __init__(
        self,
        channel: Channel,
        store: Store,
        world: Callable[[], World],
        clock: Clock,
        metrics: Metrics,
        redactor: Callable[[], Redactor],
        planned: Callable[[], None],
    ) -> None:
        self._channel = channel
        self._store = store
        self._world = world
        self._clock = clock
        self._metrics = metrics
        self._redactor = redactor
        self._planned = planned
        self.finishing = Finishing()

    async def run(self) -> None:
        """Until it is cancelled, and then it finishes the batch in hand."""
        while True:
            deliveries = await self._channel.take(MOST)
            while not await self._stored(deliveries):
                await self._clock.sleep(_FULL_SECONDS)

    async def _stored(self, deliveries: Sequence[Delivery]) -> bool:
        """False where the disk takes nothing now: what is in hand is worked on again."""
        with self.finishing.piece():
            try:
                await self.batch(deliveries)
            except Unavailable as error:
                logs.error("what came of deliveries cannot be stored now", deliveries=len(deliveries), reason=str(error))
                return False
        return True

    async def batch(self, deliveries: Sequence[Delivery]) -> None:
        """Triages and settles these; what cannot be done now goes back to the channel."""
        groups = _Groups(self._store.group)
        world = replace(self._world(), group=groups)
        hand: list[_Work] = []
        lacking: list[_Work] = []
        with self._metrics.taking("triage", self._clock):
            for delivery in deliveries:
                work = _opened(delivery, world)
                if any(record.missing for record in work.records.values()):
                    lacking.append(work)  # the others need not wait for what it lacks
                else:
                    hand.append(work)
                    await _triage(work, world, groups)
                await anyio.lowlevel.checkpoint()  # callers are answered in between: a batch takes longer than they should wait
        await self._settle(hand)
        if lacking:
            with self._metrics.taking("complete", self._clock):
                await _complete(lacking, world)
            groups = _Groups(self._store.group)
            world = replace(world, group=groups)
            for work in lacking:
                await _triage(work, world, groups)
            await self._settle(lacking)

    async def _settle(self, hand: Sequence[_Work]) -> None:
        stored = await self._record([work for work in hand if work.is_settled])
        await self._channel.done([work.delivery for work in stored if not work.failed])
        for work in hand:
            if work.failed:
                await self._again(replace(work.delivery, only=work.left or work.delivery.only), list(work.failed.values()))
        self._observe([one for work in stored for one in work.found])

    async def _record(self, hand: list[_Work]) -> list[_Work]:
        """Those that were stored: all at once, or one by one where one of them makes the store stumble."""
        if not hand:
            return []
        try:
            with self._metrics.taking("record", self._clock):
                await self._store.record([work.settled for work in hand], self._clock.now())
        except (JournalBroken, Unavailable):
            raise
        except Exception as error:
            if len(hand) > 1:
                return [stored for work in hand for stored in await self._record([work])]
            hand[0].failed = {None: error}
            return []
        return hand

    async def _again(self, delivery: Delivery, errors: Sequence[Exception]) -> None:
        attempts, reason = delivery.attempts + 1, _reason(errors)
        if attempts >= max(map(_most, errors)):
            await self._bury(delivery, f"{reason} (after {attempts} attempts)" if attempts > 1 else reason)
            return
        at = self._clock.now() + timedelta(seconds=_BACKOFF[min(delivery.attempts, len(_BACKOFF) - 1)])
        until = [error.until for error in errors if isinstance(error, Unavailable) and error.until]
        logs.warning(
            "a delivery is tried again later", source=delivery.source, sequence=delivery.sequence, attempts=attempts, reason=reason
        )
        await self._channel.retry(delivery, max([at, *until]), reason)

    async def _bury(self, delivery: Delivery, reason: str) -> None:
        logs.error("a delivery became a dead letter", source=delivery.source, sequence=delivery.sequence, reason=reason)
        displaced = await self._channel.bury(replace(delivery, body=self._redactor().body(delivery.body)), reason)
        if displaced:
            logs.error("there are too many dead letters: the oldest are dropped", dropped=displaced)
            self._metrics.dropped.labels("dead_crowded").inc(displaced)

    def _observe(self, found: Sequence[Triaged]) -> None:
        for result in found:
            self._metrics.events.labels(result.event.source, result.event.category).inc()
            if result.counted.onto(result.group).tally.mixed and not (result.group and result.group.tally.mixed):
                self._metrics.splits.inc()
            if result.action == "drop":
                self._metrics.dropped.labels("route").inc()
            if result.group is None and result.counted.decision:
                repository = result.counted.decision.repository
                self._metrics.groups.labels(repository).inc()
                logs.info(
                    "a new error",
                    fingerprint=result.fingerprint.value,
                    source=result.event.source,
                    action=result.action,
                    repository=repository,
                )
        if any(result.counted.decision for result in found):
            self._planned()


class _Groups:
    """What one batch knows: a group is looked up once, and is known as soon as its first event is triaged."""

    def __init__(self, stored: Callable[[str], Group | None]) -> None:
        self._stored = stored
        self._known: dict[str, Group] = {}
        self._names: dict[str, str] = {}

    def __call__(self, name: str) -> Group | None:
        group = self._known.get(name) or self._known.get(self._names.get(name, "")) or self._stored(name)
        if group is None:
            return None
        if group.fingerprint != name:
            self._names[name] = group.fingerprint
        return self._known.setdefault(group.fingerprint, group)

    def add(self, counted: Counted) -> None:
        """A known group about which nothing has changed decides as before, whatever its count."""
        group, decision = self._known.get(counted.fingerprint), counted.decision
        if decision is not None or group is None or (not group.tally.mixed and counted.telling not in group.tally.tellings):
            told = counted.onto(group)
            self._known[counted.fingerprint] = (
                replace(told, decided_by=decision.decided_by, repository=decision.repository) if decision else told
            )
        for name in counted.names:
            self._names.setdefault(name, counted.fingerprint)


async def _triage(work: _Work, world: World, groups: _Groups) -> None:
    """``groups`` is what ``world`` looks groups up in."""
    for place in [place for place in work.records if place not in work.failed]:
        with work.trying(place):
            found = await triage.errors(work.records[place], work.delivery, world)
            for one in found:
                groups.add(one.counted)
            work.found += found


def _opened(delivery: Delivery, world: World) -> _Work:
    work = _Work(delivery)
    with work.trying(None):
        if delivery.damage:
            raise Rejected(delivery.damage)
        records = dict(enumerate(triage.records(delivery, world)))
        work.records = {place: records[place] for place in delivery.only or records if place in records}
    return work


async def _complete(hand: Sequence[_Work], world: World) -> None:
    """What the records lack is asked for, of several at the same time and not for ever."""
    at_once = anyio.CapacityLimiter(_ASKED_AT_ONCE)

    async def complete(work: _Work, place: int) -> None:
        async with at_once:
            with work.trying(place):
                work.records[place] = await triage.completed(work.records[place], work.delivery, world)
                del work.failed[place]

    for work in hand:
        for place in work.records:
            work.failed[place] = Unavailable("its source's API took too long to say what it lacks")
    with anyio.move_on_after(_LONGEST_ASKED):
        async with anyio.create_task_group() as tasks:
            for work in hand:
                for place in work.records:
                    tasks.start_soon(complete, work, place)


def _most(error: Exception) -> int:
    """Attempts that are worth making."""
    if isinstance(error, Rejected):
        return 1
    return ATTEMPTS_WHILE_AWAY if isinstance(error, Unavailable) else ATTEMPTS


def _reason(errors: Sequence[Exception]) -> str:
    error, others = errors[0], len(errors) - 1
    if isinstance(error, TriagedError):
        said = str(error)
    else:
        where = traceback.extract_tb(error.__traceback__)[-1]
        said = f"{type(error).__name__} at {where.name}:{where.lineno}"
    return f"{said}; {others} more of its records failed" if others else said
