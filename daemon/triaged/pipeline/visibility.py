"""Which repositories strangers can read: what goes there is redacted strictly. What is not known counts as public.

It is asked at the start, before anything is filed in a repository, and every day: a private repository may turn public.
"""

from collections.abc import Callable, Collection, Mapping
from datetime import datetime, timedelta

from triaged import logs
from triaged.errors import Refused, Unavailable, Unknown
from triaged.ports import Clock, Sink

EVERY = timedelta(days=1)
_AGAIN = timedelta(minutes=1)
"""After a look that gave no answer."""


class Visibility:
    """One for each process. ``sinks`` are those that reports go to; one through which strangers can read is enough."""

    def __init__(self, sinks: Mapping[str, Sink], clock: Clock) -> None:
        self._sinks = sinks
        self._clock = clock
        self._public: dict[str, bool] = {}
        """As last seen."""
        self._looked: dict[str, datetime] = {}
        self._asked: set[str] = set()
        """Those that somebody wanted to know of."""

    def strict(self, repository: str) -> bool:
        """As far as it is known now."""
        self._asked.add(repository)
        return self._public.get(repository.lower(), True)

    async def known(self, repository: str) -> bool:
        """As ``strict``, once it has been looked at within a day."""
        name = repository.lower()
        again = self._looked[name] + (EVERY if name in self._public else _AGAIN) if name in self._looked else self._clock.now()
        if self._clock.now() >= again:
            await self._look(repository)
        return self.strict(repository)

    async def all_known(self, repositories: Collection[str]) -> None:
        """Looks at these, and at all that were asked for, where that is due."""
        for repository in sorted({*repositories, *self._asked}):
            await self.known(repository)

    async def run(self, repositories: Callable[[], Collection[str]]) -> None:
        """Looks every day, until it is cancelled."""
        while True:
            await self.all_known(repositories())
            await self._clock.sleep(_AGAIN.total_seconds())

    async def _look(self, repository: str) -> None:
        name = repository.lower()
        self._looked[name] = self._clock.now()
        try:
            public = any([await sink.public(repository) for sink in self._sinks.values()])
        except (Unavailable, Unknown, Refused) as error:
            logs.warning(
                "it is not known who can read a repository", repository=repository, strict=self.strict(repository), reason=str(error)
            )
            return
        if public != self._public.get(name):
            logs.info("who can read a repository is known", repository=repository, public=public, strict=public)
        self._public[name] = public
