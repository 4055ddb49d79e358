"""Tickets as Markdown files in a folder, with an index: what people get who have configured nothing.

A ticket's file is named by its number and short id, so that an error has one file whatever happens between.
"""

import os
import re
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, ClassVar, TypeVar

import anyio.to_thread

from triaged import boundary
from triaged.core import inert, marker
from triaged.core.model import Owned, Report, Ticket
from triaged.core.settle import Intent
from triaged.errors import Unavailable
from triaged.ports import Sink, Tools

_T = TypeVar("_T")

# 0001-3fa9c1d2.md
_NAME = re.compile(r"(?P<number>\d{4,})-(?P<short>[0-9a-f]{8})(?:-(?P<generation>\d+))?\.md")


class Config(boundary.Config):
    example: ClassVar[dict[str, Any]] = {"folder": ".triaged/tickets"}

    folder: Path


class Local(Sink):
    """One file for each ticket; writing is atomic, so a reader never sees half of one."""

    name = "local"

    def __init__(self, config: Config) -> None:
        self._folder = config.folder

    async def create(self, report: Report) -> Ticket:
        return await _in_thread(self._create, report)

    async def find(self, intent: Intent) -> Ticket | None:
        return await _in_thread(self._find, intent.report)

    async def update(self, ticket: Ticket, report: Report, *, reopen: bool = False) -> None:
        await _in_thread(self._update, self._folder / ticket.key, report)

    async def rewrite(self, ticket: Ticket, report: Report, *, open: bool | None) -> None:
        """A file is neither open nor closed: its text says whether the storm is over."""
        await _in_thread(self._rewrite, self._folder / ticket.key, report)

    async def owned(self, repository: str, since: datetime | None = None) -> Sequence[Owned]:
        """Those of a life before this one: a file tells what the database would."""
        return await _in_thread(self._owned, repository) if since is None else ()

    def _create(self, report: Report) -> Ticket:
        there = self._find(report)
        if there is not None:
            return there
        number = 1 + max((int(m["number"]) for m in self._files()), default=0)
        generation = f"-{report.marker.generation}" if report.marker.generation > 1 else ""
        path = self._folder / f"{number:04d}-{report.marker.short}{generation}.md"
        self._write(path, _text(report))
        return self._ticket(path.name, report.repository)

    def _update(self, path: Path, report: Report) -> None:
        """Our part alone; a file that a person has removed stays away."""
        if path.is_file():
            self._write(path, marker.splice(path.read_text(encoding="utf-8"), marker.marked(report)))

    def _rewrite(self, path: Path, report: Report) -> None:
        if path.is_file():
            self._write(path, _text(report))

    def _find(self, report: Report) -> Ticket | None:
        wanted = (report.marker.short, str(report.marker.generation))
        found = [m[0] for m in self._files() if (m["short"], m["generation"] or "1") == wanted]
        return self._ticket(found[0], report.repository) if found else None

    def _owned(self, repository: str) -> list[Owned]:
        owned = []
        for m in self._files():
            text = (self._folder / m[0]).read_text(encoding="utf-8")
            mark = marker.read(text)
            if mark is not None:
                made = datetime.fromtimestamp((self._folder / m[0]).stat().st_mtime, UTC)
                owned.append(Owned(self._ticket(m[0], repository), mark, marker.occurrences(text), True, made))
        return owned

    def _files(self) -> list[re.Match[str]]:
        self._folder.mkdir(parents=True, exist_ok=True)
        return [m for name in sorted(os.listdir(self._folder)) if (m := _NAME.fullmatch(name))]

    def _write(self, path: Path, text: str) -> None:
        _replace(path, text)
        rows = [f"- [{_heading(self._folder / m[0])}]({m[0]})" for m in self._files()]
        _replace(self._folder / "index.md", "# Tickets\n\n" + "\n".join(rows) + "\n")

    def _ticket(self, name: str, repository: str) -> Ticket:
        return Ticket(sink=self.name, repository=repository, key=name)


@asynccontextmanager
async def connect(config: Config, tools: Tools) -> AsyncIterator[Local]:
    yield Local(config)


async def _in_thread(function: Callable[..., _T], *arguments: Any) -> _T:
    """A full or read-only disk is Unavailable: each of these steps can be done again."""
    try:
        return await anyio.to_thread.run_sync(function, *arguments)
    except OSError as error:
        raise Unavailable(f"the tickets' folder cannot be used: {error}") from error


def _text(report: Report) -> str:
    heading = inert.line(report.title.replace(inert.JOINT, ""), 300)
    return f"# {heading}\n\n{marker.marked(report)}\n"


def _heading(path: Path) -> str:
    with path.open(encoding="utf-8") as file:
        return file.readline().removeprefix("# ").strip()


def _replace(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(path.name + ".new")
    with beside.open("w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    beside.replace(path)
