"""Log files, followed as they grow, through rotation by rename and by truncation.

A cursor knows for each file how far its errors are handled. It stands before a stack trace that may still go on; one is closed
three seconds after its last line.
"""

import glob
import json
import os
from collections.abc import AsyncIterator, Collection, Iterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from hashlib import blake2b
from pathlib import Path
from typing import Any, ClassVar

import anyio.to_thread

from triaged import boundary
from triaged.core import assemble, log
from triaged.core.assemble import Block
from triaged.core.model import Delivery, Record
from triaged.errors import Unavailable
from triaged.ports import PullSource, Sweep, Tools

CLOSED_AFTER = 3.0
"""Seconds after its last line in which a trace may still go on."""
_AT_ONCE = 1_000_000
_MOST_FILES = 200


class Config(boundary.Config):
    example: ClassVar[dict[str, Any]] = {"paths": "/var/log/shop/*.log"}

    paths: str
    """Files to follow, separated by commas; `*` and `**` as a shell has them."""


@dataclass(frozen=True, slots=True)
class Position:
    """How far one file is read. Offsets in bytes."""

    inode: int
    done: int
    """Blocks that begin before it are handled."""
    start: int
    """Where reading goes on: some lines before ``done``, for the context of what comes next."""


class Files(PullSource):
    """What a file holds when it is first seen is old, unless it appeared while we were watching."""

    name = "file"
    every = (0.5, 2.0)

    def __init__(self, config: Config, tools: Tools) -> None:
        self._patterns = [pattern.strip() for pattern in config.paths.split(",") if pattern.strip()]
        self._clock = tools.clock

    async def sweep(self, cursor: str) -> Sweep:
        return await anyio.to_thread.run_sync(self._sweep, cursor)

    def read(self, delivery: Delivery) -> tuple[Record, ...]:
        """One record: what stands in its text is found when it is normalized, also of plain log text with ordinary lines in it."""
        lines = delivery.body[:_AT_ONCE].decode("utf-8", "replace").split("\n")
        text = "\n".join(line for line in lines if log.OURS not in line)
        labels = {name: delivery.headers[name] for name in ("service", "file") if name in delivery.headers}
        return (Record(delivery.source, delivery.at, text, labels),)

    def rewound(self, cursor: str, since: datetime, only: Collection[str] = ()) -> str:
        """From their start, the files that have changed since then: their lines have no time that we know."""
        positions = _positions(cursor)
        for path in self._paths():
            told = path.stat()
            if told.st_mtime >= since.timestamp():
                positions[str(path)] = Position(told.st_ino, 0, 0)
            else:
                positions.setdefault(str(path), Position(told.st_ino, told.st_size, told.st_size))
        return _cursor(positions)

    def _sweep(self, cursor: str) -> Sweep:
        known = _positions(cursor)
        now = self._clock.now()
        deliveries: list[Delivery] = []
        positions: dict[str, Position] = {}
        more = False
        for path in self._paths():
            try:
                position, found, cut = _grown(path, known.get(str(path)), now, first_ever=not cursor)
            except FileNotFoundError:
                continue  # rotated away between the listing and the reading: looked at again next time
            except OSError as error:
                raise Unavailable(f"{path}: cannot be read ({error.strerror})") from error
            positions[str(path)] = position
            deliveries += [_delivery(path, position, block, now) for block in found]
            more = more or cut
        return Sweep(tuple(deliveries), _cursor(positions), more)

    def _paths(self) -> Iterator[Path]:
        found = dict.fromkeys(path for pattern in self._patterns for path in sorted(glob.glob(pattern, recursive=True)))
        yield from (Path(path) for path in list(found)[:_MOST_FILES] if os.path.isfile(path))


def _positions(cursor: str) -> dict[str, Position]:
    return {path: Position(**position) for path, position in json.loads(cursor).items()} if cursor else {}


def _cursor(positions: Mapping[str, Position]) -> str:
    return json.dumps({path: asdict(position) for path, position in positions.items()})


def _grown(path: Path, position: Position | None, now: datetime, *, first_ever: bool) -> tuple[Position, list[Block], bool]:
    """Where a file is read to now, the errors that came, and whether there is more at once."""
    with path.open("rb") as file:
        told = os.fstat(file.fileno())
        if position is None:
            begin = told.st_size if first_ever else 0
            position = Position(told.st_ino, begin, begin)
        elif position.inode != told.st_ino or told.st_size < position.done:
            position = Position(told.st_ino, 0, 0)  # another file of that name, or the same one cut short
        file.seek(position.start)
        content = file.read(_AT_ONCE)
    at_rest = now.timestamp() - told.st_mtime >= CLOSED_AFTER and position.start + len(content) == told.st_size
    cut = len(content) == _AT_ONCE
    if cut and b"\n" not in content:  # one line of more than that: it is read in pieces
        return replace(position, done=position.start + _AT_ONCE, start=position.start + _AT_ONCE), [], True
    return _read(content, position, at_rest=at_rest, cut=cut)


def _read(content: bytes, position: Position, *, at_rest: bool, cut: bool) -> tuple[Position, list[Block], bool]:
    lines = _lines(content, position.start, whole=at_rest)
    joined = assemble.join(lines)
    end = position.start + (len(content) if at_rest else content.rfind(b"\n") + 1)
    done = end if at_rest else min((block.first for block in joined.open), default=end)
    found = [block for block in log.errors((*joined.closed, *joined.open)) if position.done <= block.first < done]
    offsets = [offset for offset, _ in lines if offset < done]
    start = offsets[-assemble.CONTEXT] if len(offsets) >= assemble.CONTEXT else position.start
    moved = replace(position, done=max(done, position.done), start=start)
    return moved, found, cut and moved != position


def _lines(content: bytes, start: int, *, whole: bool) -> list[tuple[int, str]]:
    """Lines with their offsets; the last one only if it has its newline, or the file is at rest."""
    lines = []
    for line in content.split(b"\n"):
        lines.append((start, line.decode("utf-8", "surrogateescape")))
        start += len(line) + 1
    last = lines.pop()
    return [*lines, last] if whole and last[1] else lines


def _delivery(path: Path, position: Position, block: Block, now: datetime) -> Delivery:
    text = "\n".join((*block.before, block.text)).encode("utf-8", "replace")
    key = f"{path}:{position.inode}:{block.first}:{blake2b(text, digest_size=8).hexdigest()}"
    return Delivery(source="file", key=key, at=now, body=text, headers={"file": str(path), "service": path.name.partition(".")[0]})


@asynccontextmanager
async def connect(config: Config, tools: Tools) -> AsyncIterator[Files]:
    yield Files(config, tools)
