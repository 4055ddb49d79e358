"""The power fails: what was written and not flushed is lost, whole or in part. Acknowledged is only what is found all the same.

strace shows each write, flush and answer of one run in their order. For each moment of it the files are put together as a disk may have
kept them, what was flushed and of the rest any part, in sectors; and the database is opened. Needs strace.
"""

import re
import sqlite3
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

from chaos import load, strace
from chaos.steps import living

_SECTOR = 512
_AT_REST = 0.3
"""Seconds after the last answer, whose writes belong to the trace, too. What is written then has no sign of its own, and asking would write."""

# strace -xx writes paths in hexadecimal, too: 17<\x2f\x64\x61\x74\x61>
_HEX = re.compile(r"<((?:\\x[0-9a-f]{2})+)>")

# 4711 pwrite64(17</data/triaged.db-wal>, "\x00\x0d", 24, 103032) = 24
_WRITE = re.compile(r'pwrite64\(\d+<(?P<path>[^>]+)>, "(?P<data>(?:\\x[0-9a-f]{2})*)", \d+, (?P<at>\d+)')
# 4711 fdatasync(17</data/triaged.db-wal>) = 0        4711 <... fdatasync resumed>) = 0
_FLUSH = re.compile(r"(?P<thread>\d+) +(?:\S+ )?(?:fdatasync|fsync)\(\d+<(?P<path>[^>]+)>")
_FLUSHED = re.compile(r"(?P<thread>\d+) .*(?:fdatasync|fsync)\b.* = 0$")
# 4711 ftruncate(17</data/triaged.db-wal>, 0) = 0
_CUT = re.compile(r"ftruncate\(\d+<(?P<path>[^>]+)>, (?P<size>\d+)")
_ANSWER = "".join(f"\\x{byte:02x}" for byte in b"HTTP/1.1 202")


@dataclass
class Power:
    """What came of it."""

    moments: int = 0
    acked: int = 0
    lost: int = 0
    wrong: list[str] = field(default_factory=list)


@dataclass
class _File:
    kept: bytearray
    """As it is on the disk for sure."""
    written: list[tuple[int, bytes]] = field(default_factory=list)
    """Since the last flush."""

    def flush(self) -> None:
        for at, data in self.written:
            _put(self.kept, at, data)
        self.written.clear()

    def after(self, chance: Random) -> bytes:
        """As the disk may have it when the power is back: any of the sectors that were not flushed."""
        found = bytearray(self.kept)
        most = chance.choice((0.0, 0.5, 0.9, 1.0))
        for at, data in self.written:
            for start in range(0, len(data), _SECTOR):
                if chance.random() < most:
                    _put(found, at + start, data[start : start + _SECTOR])
        return bytes(found)


def fails(folder: Path, deliveries: int, seed: int) -> Power:
    """One run of so many new errors, and the power failing at each moment of it."""
    chance, power = Random(seed), Power()
    trace, data = folder / "trace", folder / "data"
    with living(folder) as (daemon, sender):
        words = ("-f", "-y", "-xx", "-s", "1000000", "-o", str(trace), "-e", "trace=pwrite64,fdatasync,fsync,ftruncate,write")
        with strace.attached(daemon.child.pid, *words):
            files = {name: _File(bytearray((data / name).read_bytes())) for name in ("triaged.db", "triaged.db-wal")}
            for number in range(deliveries):
                name = f"{number}"
                assert sender.tell(load.delivery(name, name, f"Broken{number:03}")) == 202
            time.sleep(_AT_REST)
    for moment in _moments(trace.read_text().splitlines(), files):
        power.acked = max(power.acked, moment)
        power.moments += 1
        _look(folder / "after", files, moment, chance, power)
    assert power.acked == deliveries, "strace has not shown every answer"
    return power


def _moments(lines: list[str], files: dict[str, _File]) -> Iterator[int]:
    """Goes through a trace and stops after each call that changed something; how many answers had left by then."""
    acked = 0
    flushing: dict[str, str] = {}
    for line in (_HEX.sub(lambda m: f"<{_bytes(m[1]).decode()}>", line) for line in lines):
        if m := _WRITE.search(line):
            if file := files.get(Path(m["path"]).name):
                file.written.append((int(m["at"]), _bytes(m["data"])))
                yield acked
        elif m := _CUT.search(line):
            if file := files.get(Path(m["path"]).name):
                file.flush()
                del file.kept[int(m["size"]) :]
                yield acked
        elif _ANSWER in line:
            acked += 1
            yield acked
        if m := _FLUSH.search(line):
            flushing[m["thread"]] = Path(m["path"]).name
        if (m := _FLUSHED.search(line)) and (file := files.get(flushing.pop(m["thread"], ""))):
            file.flush()
            yield acked


def _look(folder: Path, files: dict[str, _File], acked: int, chance: Random, power: Power) -> None:
    folder.mkdir(exist_ok=True)
    for name, file in files.items():
        (folder / name).write_bytes(file.after(chance))
    (folder / "triaged.db-shm").unlink(missing_ok=True)
    connection = sqlite3.connect(folder / "triaged.db")
    try:
        (sound,) = connection.execute("PRAGMA integrity_check").fetchone()
        found = connection.execute("SELECT body FROM pending UNION ALL SELECT view FROM views").fetchall()
    except sqlite3.DatabaseError as error:
        power.wrong.append(f"after {acked} answers it cannot be opened: {error}")
        return
    finally:
        connection.close()
    if sound != "ok":
        power.wrong.append(f"after {acked} answers it is damaged: {sound}")
    there = {m[0] for (text,) in found for m in re.finditer(r"Broken\d{3}", text if isinstance(text, str) else text.decode())}
    missing = {f"Broken{number:03}" for number in range(acked)} - there
    if missing:
        power.lost += len(missing)
        power.wrong.append(f"after {acked} answers {sorted(missing)} are not there")


def _bytes(text: str) -> bytes:
    return bytes.fromhex(text.replace("\\x", ""))


def _put(content: bytearray, at: int, data: bytes) -> None:
    content.extend(bytes(max(0, at + len(data) - len(content))))
    content[at : at + len(data)] = data
