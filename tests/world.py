"""What several tests build the world from: a clock they turn, and a git repository with a known bug."""

import os
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path

import anyio

NOON = datetime(2026, 3, 4, 12, 0, tzinfo=UTC)


class TurnedClock:
    """Stands still until it is turned; a sleep returns when the clock has been turned past it."""

    def __init__(self, now: datetime = NOON) -> None:
        self._now = now
        self._seconds = 0.0
        self._turned = anyio.Event()

    def now(self) -> datetime:
        return self._now

    def monotonic(self) -> float:
        return self._seconds

    async def sleep(self, seconds: float) -> None:
        until = self._seconds + seconds
        while self._seconds < until:
            await self._turned.wait()

    def turn(self, seconds: float) -> None:
        self._now += timedelta(seconds=seconds)
        self._seconds += seconds
        self._turned.set()
        self._turned = anyio.Event()


class Impatient(TurnedClock):
    """A sleep is over at once, and the clock has been turned by it."""

    async def sleep(self, seconds: float) -> None:
        self.turn(seconds)


def git(folder: Path, *words: str) -> str:
    environment = {
        "PATH": os.environ["PATH"],
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_CONFIG_NOSYSTEM": "1",
        **{
            f"GIT_{who}_{what}": value
            for who in ("AUTHOR", "COMMITTER")
            for what, value in (("NAME", "shop"), ("EMAIL", "shop@example.com"))
        },
    }
    done = subprocess.run(["git", "-C", str(folder), *words], env=environment, capture_output=True, text=True, check=True)
    return done.stdout.strip()


def repository(folder: Path, files: dict[str, str], tag: str = "") -> str:
    """A git repository with one more commit of these files; its sha."""
    folder.mkdir(parents=True, exist_ok=True)
    if not (folder / ".git").exists():
        git(folder, "init", "--quiet", "--initial-branch=main")
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "--message", "change")
    if tag:
        git(folder, "tag", tag)
    return git(folder, "rev-parse", "HEAD")
