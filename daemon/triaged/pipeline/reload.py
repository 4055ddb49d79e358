"""Rules and templates while the daemon runs: what is written into their folders holds from the next record on, or is refused as a whole.

The folders are looked at again and again, so a file that is replaced and a symlink that is swapped (as Kubernetes does it with a
ConfigMap) are seen alike. What changes is read once it has kept still, so half of an edit is not.
"""

import os
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import Generic, TypeVar

import anyio
import anyio.to_thread

from triaged import logs
from triaged.errors import TriagedError
from triaged.metrics import Metrics
from triaged.ports import Clock

_EVERY = 2.0
_MOST_FILES = 1_000

_T = TypeVar("_T")
Signature = frozenset[tuple[str, int, int, int]]


class Reload(Generic[_T]):
    """``load`` reads the whole set and raises for a mistake, in a thread; ``take`` puts it in the place of the old one."""

    def __init__(
        self,
        folders: Sequence[Path],
        load: Callable[[], _T],
        take: Callable[[_T], Awaitable[None]],
        clock: Clock,
        metrics: Metrics,
    ) -> None:
        self._folders = tuple(folders)
        self._load = load
        self._take = take
        self._clock = clock
        self._metrics = metrics
        self._asked = anyio.Event()
        self._taken = signature(self._folders)
        self.refused = ""
        """Why the set that lies there now is not the one that holds; empty: it is."""

    def wake(self) -> None:
        """Reads everything anew, changed or not."""
        self._taken = frozenset()
        self._asked.set()
        self._asked = anyio.Event()

    async def run(self) -> None:
        """Until it is cancelled."""
        seen = self._taken
        while True:
            with anyio.move_on_after(_EVERY):
                await self._asked.wait()
            now = signature(self._folders)
            if now == seen and now != self._taken:
                self._taken = now
                await self.once()
            seen = now

    async def once(self) -> None:
        """Reads what lies there and takes it, or says why not."""
        started = self._clock.monotonic()
        try:
            loaded = await anyio.to_thread.run_sync(self._load)
            await self._take(loaded)
        except TriagedError as error:
            self._refuse(str(error))
        except Exception as error:  # a set that nobody foresaw must not end the daemon
            self._refuse(f"{type(error).__name__}: {error}")
        else:
            self.refused = ""
            self._metrics.rules_reloads.labels("taken").inc()
            self._metrics.rules_refused.set(0)
            logs.info("new rules hold", seconds=round(self._clock.monotonic() - started, 3))

    def _refuse(self, why: str) -> None:
        self.refused = why
        self._metrics.rules_reloads.labels("refused").inc()
        self._metrics.rules_refused.set(1)
        logs.error("new rules are refused, the old ones stay", reason=why)


def signature(folders: Sequence[Path]) -> Signature:
    """What lies in these folders: every file with its inode, size and time, through symlinks. Changes when any of it does."""
    found: list[tuple[str, int, int, int]] = []
    for folder in folders:
        for place, below, names in os.walk(folder, followlinks=True):
            below[:] = [name for name in below if not name.startswith(".")]
            for name in names:
                path = os.path.join(place, name)
                try:
                    stat = os.stat(path)
                except OSError:
                    continue
                found.append((path, stat.st_ino, stat.st_size, stat.st_mtime_ns))
            if len(found) > _MOST_FILES:
                return frozenset(found)
    return frozenset(found)
