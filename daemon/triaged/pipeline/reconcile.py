"""What a push has missed: while we were down, could store nothing or were not reached, the source's own API still knows it.

It is asked at the start, every hour, and after a time in which deliveries had to be refused. What it gives has the keys that the push
would have given it, so what was told before is a repeat. When each source was last heard of is remembered here as well.
"""

import json
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial

import anyio

from triaged import logs
from triaged.core.model import Delivery
from triaged.errors import JournalBroken, Rejected, TriagedError, Unavailable
from triaged.metrics import Metrics
from triaged.ports import Channel, Clock, Gap, PushSource, Sweep

LONGEST = timedelta(hours=24)
"""Further back nothing is looked for."""
EVERY = timedelta(hours=1)
OVERLAP = timedelta(minutes=10)
"""Looked at once more: an API may show an event late."""
IN_FLIGHT = timedelta(minutes=1)
"""What happened this recently the push may still tell of by itself."""

_TICK = 60.0
_AGAIN = 60.0
"""Seconds before an API is asked again that could not answer and did not say when it can."""
_LONGEST_BACKLOG = 30
_MOST_ORIGINS = 500
_ALIVE = "alive/"
"""A slash is in no source's name: what is remembered here stands beside the cursors of pull sources."""


class Reconciler:
    """One for each process. ``known(source, key)`` says whether an event of that key has been counted."""

    def __init__(
        self,
        channel: Channel,
        known: Callable[[str, str], bool],
        pushed: Mapping[str, PushSource],
        clock: Clock,
        metrics: Metrics,
    ) -> None:
        self._channel = channel
        self._known = known
        self._pushed = pushed
        self._clock = clock
        self._metrics = metrics
        self._origins: dict[str, set[str]] = {name: set(json.loads(channel.cursor(f"origins/{name}") or "[]")) for name in pushed}
        alive = _instant(channel.cursor(_ALIVE))
        self._lost = dict.fromkeys(pushed, alive) if alive else {}
        """Since when deliveries of a source were lost that were not looked for yet; at the start: since we were last alive."""
        self.failing: dict[str, str] = {}
        """Sources that could not be asked for what was missed, and why."""

    def recall(self, names: Collection[str]) -> None:
        """The metric of when these sources were last heard of goes on where it was before the restart."""
        for name in names:
            if heard := _instant(self._channel.cursor(f"heard/{name}")):
                self._metrics.last_delivery.labels(name).set(heard.timestamp())

    async def accept(self, deliveries: Sequence[Delivery]) -> Sequence[bool]:
        """Stores what was pushed (by one source), as ``Channel.put`` does. Raises Unavailable: then it is looked for later."""
        name, now = deliveries[0].source, self._clock.now()
        try:
            await self._learn(name, deliveries)
            return await self._channel.put(deliveries, (f"heard/{name}", now.isoformat()))
        except Unavailable:
            self._lost.setdefault(name, now)
            raise

    async def run(self) -> None:
        """Until it is cancelled."""
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(self._live)
            for source in self._pushed.values():
                if source.catches_up:
                    tasks.start_soon(self._watch, source)
                else:
                    logs.info("what a source misses while we are down is lost: its API is not configured", source=source.name)

    async def _live(self) -> None:
        while True:
            with suppress(Unavailable):
                await self._channel.put([], (_ALIVE, self._clock.now().isoformat()))
            await self._clock.sleep(_TICK)

    async def _watch(self, source: PushSource) -> None:
        await self._worked_off()
        while True:
            try:
                await self.catch_up(source)
            except JournalBroken:
                raise
            except Exception as error:  # one source's API must not stop the others
                self._fails(source.name, error)
            await self._idle(source.name)

    async def catch_up(self, source: PushSource) -> int:
        """Looks for what was missed since the last time; how many deliveries that were. Waits while the API cannot answer. Raises Refused."""
        lost_since = self._lost.pop(source.name, None)
        gap = self._gap(source.name, lost_since)
        try:
            missed = await self._closed(source, gap)
        except BaseException:
            if lost_since:
                self._lost[source.name] = lost_since
            raise
        self.failing.pop(source.name, None)
        if missed or lost_since:
            logs.info("a gap is closed", source=source.name, missed=missed, since=gap.since.isoformat(), until=gap.until.isoformat())
        return missed

    def _gap(self, name: str, lost_since: datetime | None) -> Gap:
        now = self._clock.now()
        until = now if lost_since else now - IN_FLIGHT
        before = _instant(self._channel.cursor(f"gap/{name}")) or lost_since
        earliest = now - LONGEST
        since = max(before - OVERLAP, earliest) if before else until  # the first time ever nothing was missed
        return Gap(since, until, max(lost_since, earliest) if lost_since else None, frozenset(self._origins[name]))

    async def _closed(self, source: PushSource, gap: Gap) -> int:
        missed, more = 0, True
        while more:
            sweep, new = await self._look(source, gap)
            missed, more = missed + new, sweep.more
            gap = replace(gap, page=sweep.cursor)
        await self._channel.put([], (f"gap/{source.name}", gap.until.isoformat()))
        return missed

    async def _look(self, source: PushSource, gap: Gap) -> tuple[Sweep, int]:
        """One look and how many new deliveries it gave, tried until the API answers and the journal takes them."""
        while True:
            try:
                sweep = await source.missed(gap, partial(self._known, source.name))
                return sweep, await self._take(source, sweep.deliveries)
            except Unavailable as error:
                if error.until is None:
                    self._fails(source.name, error)
                wait = (error.until - self._clock.now()).total_seconds() if error.until else _AGAIN
                await self._clock.sleep(min(max(wait, 1.0), EVERY.total_seconds()))

    async def _worked_off(self) -> None:
        """What was accepted before the restart is known once it is counted; it is not waited for long."""
        for _ in range(_LONGEST_BACKLOG):
            if not self._channel.pending():
                return
            await self._clock.sleep(1)

    async def _idle(self, name: str) -> None:
        """An hour, or a minute where something is lost."""
        for _ in range(int(EVERY.total_seconds() / _TICK)):
            await self._clock.sleep(_TICK)
            if name in self._lost:
                return

    async def _take(self, source: PushSource, deliveries: Sequence[Delivery]) -> int:
        took = await self._channel.put([one for one in deliveries if self._is_news(source, one)])
        self._metrics.missed.labels(source.name).inc(sum(took))
        return sum(took)

    def _is_news(self, source: PushSource, delivery: Delivery) -> bool:
        try:
            records = source.read(delivery)
        except Rejected:
            return False
        return any(not record.key or not self._known(source.name, record.key) for record in records)

    async def _learn(self, name: str, deliveries: Sequence[Delivery]) -> None:
        known = self._origins[name]
        told = {self._pushed[name].origin(delivery) for delivery in deliveries} - {""} - known
        if not told or len(known) >= _MOST_ORIGINS:
            return
        known |= told
        try:
            await self._channel.put([], (f"origins/{name}", json.dumps(sorted(known))))
        except Unavailable:
            known -= told
            raise

    def _fails(self, name: str, error: Exception) -> None:
        reason = str(error) if isinstance(error, TriagedError) else type(error).__name__
        said = f"what it has missed cannot be looked for: {reason}"
        if self.failing.get(name) != said:
            logs.warning("what a source has missed cannot be looked for", source=name, reason=reason)
        self.failing[name] = said


def _instant(text: str) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
