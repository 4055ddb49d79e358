"""The disk under the database: real SQLite files; commits take time, fail, are torn by a kill, or lost with the power.

A power loss takes what was not committed with ``synchronous=FULL``, as SQLite's documentation has it:
https://sqlite.org/pragma.html#pragma_synchronous
"""

import shutil
import sqlite3
from collections.abc import Callable, Sequence
from pathlib import Path
from random import Random
from typing import Any

from simulator.manners import Manners
from simulator.process import Process
from triaged.clients.sqlite import MOST_PER_COMMIT, Asked, Commit

FATES = ("full", "broken", "broken but committed", "slow", "killed before", "killed after", "torn")
_FULL = 2
_FILES = ("triaged.db", "triaged.db-wal")


class Disk:
    """One process's folder, and the ``Writer`` of its database. ``fate`` says what happens to each commit: one of ``FATES``, or nothing."""

    def __init__(self, folder: Path, manners: Manners, process: Process, random: Random, fate: Callable[[str], str]) -> None:
        self.folder = folder
        self._manners = manners
        self._process = process
        self._random = random
        self._fate = fate
        self._asked: list[Asked] = []
        self.busy = False
        self._level = 0
        self._kept: Path | None = None
        """What a power loss leaves; None: everything that is there."""

    def writer(self, commit: Commit) -> "Disk":
        self._commit = commit
        self._keep()
        return self

    def put(self, asked: Asked) -> None:
        self._asked.append(asked)
        if not self.busy:
            self.busy = True
            fate = self._fate("commit")
            self._process.loop.call_later(20.0 if fate == "slow" else self._random.expovariate(1 / 0.002), self._turn, fate)

    def close(self) -> None:
        """Nothing is finished here: a simulated process ends by being killed."""

    def left(self, folder: Path) -> None:
        """Copies to ``folder``, which is empty, what the next process finds."""
        lost = self._kept is not None and self._process.loses_power
        _copy(self._kept if lost and self._kept else self.folder, folder)

    def _turn(self, fate: str) -> None:
        batch, self._asked = self._asked[:MOST_PER_COMMIT], self._asked[MOST_PER_COMMIT:]
        if fate == "killed before":
            self._process.kill("before a commit")
        elif fate == "torn":
            self._torn(batch)
        elif fate in ("full", "broken", "broken but committed"):
            self._failed(batch, fate)
        else:
            self._done(batch)
            if fate == "killed after":
                self._process.kill("after a commit")
        self.busy = False
        if self._asked:
            again, self._asked = self._asked, []
            for asked in again:
                self.put(asked)

    def _done(self, batch: Sequence[Asked]) -> None:
        self._commit([*batch, (_level, self._synced)])

    def _synced(self, level: Any, error: BaseException | None) -> None:
        if error is None and level >= _FULL:
            self._kept = None
            self._manners.commits(self._process.now(), succeeds=True)

    def _failed(self, batch: Sequence[Asked], fate: str) -> None:
        self._process.trace(f"a commit fails: {fate}")
        self._manners.commits(self._process.now(), succeeds=False)
        if fate == "broken but committed":
            self._done([(work, _nobody) for work, _ in batch])
        self._commit([(_failing("SQLITE_FULL" if fate == "full" else "SQLITE_IOERR_FSYNC"), _nobody), *batch])

    def _torn(self, batch: Sequence[Asked]) -> None:
        """The process ends in the middle of the commit: a part of what it adds to the log reaches the disk."""
        before = self.folder / "before"
        _copy(self.folder, before)
        self._commit(batch)
        wal, old = self.folder / _FILES[1], before / _FILES[1]
        start = old.stat().st_size if old.exists() else 0
        if wal.stat().st_size > start:
            shutil.copy(wal, old)
            with old.open("r+b") as file:
                file.truncate(self._random.randrange(start, wal.stat().st_size))
        self._kept = before
        self._process.loses_power = True
        self._process.kill("in the middle of a commit")

    def _keep(self) -> None:
        self._kept = self.folder / "kept"
        _copy(self.folder, self._kept)


def _copy(there: Path, to: Path) -> None:
    to.mkdir(exist_ok=True)
    for name in _FILES:
        if (there / name).exists():
            shutil.copy(there / name, to / name)


def _level(connection: sqlite3.Connection) -> int:
    return int(connection.execute("PRAGMA synchronous").fetchone()[0])


def _failing(name: str) -> Callable[[sqlite3.Connection], Any]:
    def work(connection: sqlite3.Connection) -> None:
        error = sqlite3.OperationalError("disk I/O error")
        error.sqlite_errorname = name
        raise error

    return work


def _nobody(result: Any, error: BaseException | None) -> None:
    pass
