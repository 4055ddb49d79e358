"""In front of GitHub: one for each credential, shared by everything that uses it. Nothing is asked inside a forbidden window.

https://docs.github.com/en/rest/using-the-rest-api/best-practices-for-using-the-rest-api
"""

import heapq
import itertools
import json
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime, timedelta
from enum import IntEnum

import anyio

from triaged.core import bucket
from triaged.errors import Unavailable
from triaged.ports import Clock, Notes

_LONGEST_WAIT = 5.0
"""Seconds that a caller waits here; what takes longer is Unavailable until then."""

# Writes: at most 1 a second, 80 a minute, 400 an hour, below what GitHub allows. Requests of any kind, in points: GitHub allows 900 a minute
_BUDGETS = {"second": (1, 1.0), "minute": (80, 80 / 60), "hour": (400, 400 / 3600), "points": (300, 10.0)}
_WRITE_POINTS = 5.0


class Urgency(IntEnum):
    """Whose turn it is first."""

    CREATE = 0
    """An error that has no ticket yet."""
    UPDATE = 1
    """Numbers of a ticket that is there."""
    ENRICH = 2
    """Code to read."""


# Of a budget, the share that is left for what is more urgent
_SPARED: Mapping[Urgency, float] = {Urgency.CREATE: 0.0, Urgency.UPDATE: 0.1, Urgency.ENRICH: 0.2}


class Limiter:
    """Buckets and forbidden windows of one credential, whose name is ``credential``: nothing that is secret."""

    def __init__(self, clock: Clock, notes: Notes, credential: str) -> None:
        self._clock = clock
        self._notes = notes
        self._name = f"forbidden windows of {credential}"
        self._buckets = {name: bucket.full(most, per_second) for name, (most, per_second) in _BUDGETS.items()}
        self._windows = _read(notes.note(self._name))
        self._unwritten = False
        self._left: dict[str, tuple[int, int, datetime]] = {}
        """What GitHub has last said of each resource: how many requests are left, of how many, until when."""
        self._waiting: list[tuple[int, int, anyio.Event]] = []
        self._arrivals = itertools.count()
        self._busy = False

    @asynccontextmanager
    async def turn(self, urgency: Urgency) -> AsyncIterator[None]:
        """Requests of one credential are made one after the other, the most urgent first."""
        if self._busy:
            mine = (int(urgency), next(self._arrivals), anyio.Event())
            heapq.heappush(self._waiting, mine)
            try:
                await mine[2].wait()
            except BaseException:
                self._gave_up(mine)
                raise
        self._busy = True
        try:
            yield
        finally:
            self._next()

    async def ready(self, resource: str, urgency: Urgency, *, writes: bool) -> None:
        """Returns when a request may be made. Raises Unavailable, with ``until``, where that is not soon."""
        now = self._clock.now()
        if self._unwritten:
            await self._write_down()
        until = max((at for name, at in self._windows.items() if name in ("", resource)), default=now)
        if now < until:
            raise Unavailable("GitHub has asked us to wait", until)
        left, limit, reset = self._left.get(resource, (1, 1, now))
        if now < reset and left <= limit * _SPARED[urgency]:
            raise Unavailable(f"{left} of {limit} requests are left, for what is more urgent", reset)
        wanted = [("points", _WRITE_POINTS if writes else 1.0), *((name, 1.0) for name in self._buckets if writes and name != "points")]
        await self._spend(wanted, urgency)

    def told(self, resource: str, left: int, limit: int, reset: datetime) -> None:
        """What an answer's headers say; ``reset`` on our clock."""
        self._left[resource] = (left, limit, reset)

    async def forbid(self, resource: str, until: datetime) -> None:
        """Nothing of ``resource`` before then; an empty name: nothing at all. Holds across a restart."""
        self._windows[resource] = max(until, self._windows.get(resource, until))
        self._unwritten = True
        await self._write_down()

    async def _write_down(self) -> None:
        """A full disk: it holds as long as we live, and is written once there is room."""
        kept = {name: at.timestamp() for name, at in self._windows.items() if at > self._clock.now()}
        with suppress(Unavailable):
            await self._notes.keep(self._name, json.dumps(kept))
            self._unwritten = False

    async def _spend(self, wanted: Sequence[tuple[str, float]], urgency: Urgency) -> None:
        now, spared = self._clock.monotonic(), _SPARED[urgency]
        wait = max(bucket.wait(self._buckets[name], now, cost, spared) for name, cost in wanted)
        if wait > _LONGEST_WAIT:
            raise Unavailable("our own budget for GitHub is used up", self._clock.now() + timedelta(seconds=wait))
        for name, cost in wanted:
            self._buckets[name] = bucket.taken(self._buckets[name], now, cost)
        if wait:
            await self._clock.sleep(wait)

    def _next(self) -> None:
        self._busy = bool(self._waiting)
        if self._waiting:
            heapq.heappop(self._waiting)[2].set()

    def _gave_up(self, waiting: tuple[int, int, anyio.Event]) -> None:
        if waiting[2].is_set():
            self._next()  # it was its turn
        else:
            self._waiting.remove(waiting)
            heapq.heapify(self._waiting)


def _read(kept: str) -> dict[str, datetime]:
    return {name: datetime.fromtimestamp(at, UTC) for name, at in json.loads(kept or "{}").items()}
