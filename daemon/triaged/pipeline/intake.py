"""Runs the pull sources: asks each in turn, stores what it gives together with its cursor, and waits.

A source that fails is asked again later; it does not disturb the others.
"""

from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import datetime

import anyio

from triaged import logs
from triaged.errors import JournalBroken, TriagedError
from triaged.metrics import Metrics
from triaged.ports import Channel, Clock, PullSource

_AFTER_FAILURE = 15.0


class Intake:
    """One for each process."""

    def __init__(self, channel: Channel, clock: Clock, metrics: Metrics, interval: float | None) -> None:
        self._channel = channel
        self._clock = clock
        self._metrics = metrics
        self._interval = interval
        self.failing: dict[str, str] = {}
        """Sources that could not be asked last time, and why."""
        self._asked = anyio.Event()
        self._one_at_a_time: defaultdict[str, anyio.Lock] = defaultdict(anyio.Lock)

    async def run(self, source: PullSource) -> None:
        """Until it is cancelled."""
        shortest, longest = source.every
        wait = self._interval or shortest
        while True:
            asked = self._asked
            try:
                got = await self.sweep(source)
                self.failing.pop(source.name, None)
                wait = self._interval or (shortest if got else min(wait * 1.5, longest))
            except JournalBroken:
                raise
            except Exception as error:  # a failing source is asked again later
                said = str(error) if isinstance(error, TriagedError) else type(error).__name__
                logs.warning("a source could not be asked", source=source.name, reason=said)
                self.failing[source.name] = said
                wait = _AFTER_FAILURE
            with anyio.move_on_after(wait):
                await asked.wait()

    async def sweep(self, source: PullSource) -> int:
        """Everything there is now; how many deliveries were new."""
        new = 0
        more = True
        async with self._one_at_a_time[source.name]:
            while more:
                sweep = await source.sweep(self._channel.cursor(source.name))
                took = await self._channel.put(sweep.deliveries, (source.name, sweep.cursor))
                self._count(source.name, took)
                if any(took):
                    await self._channel.put([], (f"heard/{source.name}", self._clock.now().isoformat()))
                new += sum(took)
                more = sweep.more
        return new

    async def rewind(self, source: PullSource, since: datetime, only: Collection[str] = ()) -> None:
        """Its next sweep looks again at what came after ``since``; what was taken before is a repeat."""
        async with self._one_at_a_time[source.name]:
            cursor = source.rewound(self._channel.cursor(source.name), since, only)
            await self._channel.put([], (source.name, cursor))

    def wake(self) -> None:
        """Every source is asked now."""
        self._asked.set()
        self._asked = anyio.Event()

    def _count(self, source: str, took: Sequence[bool]) -> None:
        for result, number in (("accepted", sum(took)), ("duplicate", len(took) - sum(took))):
            if number:
                self._metrics.deliveries.labels(source, result).inc(number)
                self._metrics.last_delivery.labels(source).set(self._clock.now().timestamp())
