"""In front of GitHub: one for each credential, shared by everything that uses it. Nothing is asked inside a forbidden window.

https://docs.github.com/en/rest/using-the-rest-api/best-practices-for-using-the-rest-api
"""

from datetime import datetime, timedelta

import anyio

from triaged.core import bucket
from triaged.errors import Unavailable
from triaged.ports import Clock

_LONGEST_WAIT = 5.0
"""Seconds that a caller waits here; what takes longer is Unavailable until then."""

# Content creation: at most 1 a second, 80 a minute, 400 an hour, below what GitHub allows
_CONTENT = ((1, 1.0), (80, 80 / 60), (400, 400 / 3600))


class Limiter:
    """Buckets and forbidden windows of one credential."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._content = [bucket.full(most, per_second) for most, per_second in _CONTENT]
        self._windows: dict[str, datetime] = {}
        self._one_at_a_time = anyio.Lock()

    @property
    def lock(self) -> anyio.Lock:
        """Requests of one credential are made one after the other."""
        return self._one_at_a_time

    async def ready(self, resource: str, *, writes: bool) -> None:
        """Returns when a request may be made. Raises Unavailable, with ``until``, where that is not soon."""
        until = max((at for name, at in self._windows.items() if name in ("", resource)), default=None)
        now = self._clock.now()
        if until is not None and now < until:
            raise Unavailable("GitHub has asked us to wait", until)
        if writes:
            await self._content_budget()

    def forbid(self, resource: str, until: datetime) -> None:
        """Nothing of ``resource`` before then; an empty name: nothing at all."""
        self._windows[resource] = max(until, self._windows.get(resource, until))

    def windows(self) -> dict[str, datetime]:
        """The forbidden windows, to be kept across a restart."""
        return dict(self._windows)

    async def _content_budget(self) -> None:
        now = self._clock.monotonic()
        wait = max(bucket.wait(one, now) for one in self._content)
        if wait > _LONGEST_WAIT:
            raise Unavailable("our own budget for writing to GitHub is used up", self._clock.now() + timedelta(seconds=wait))
        self._content = [bucket.taken(one, now) for one in self._content]
        if wait:
            await self._clock.sleep(wait)
