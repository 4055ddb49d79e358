"""Memory while a million events of ten thousand errors go through, and whether every one of them was counted."""

import sqlite3
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from benchmarks import caller, payloads, processes
from benchmarks.figures import Figure
from benchmarks.pipeline import until_counted

_DIFFERENT = 10_000
_LOOKS = 40
_AHEAD = 5_000
"""Deliveries that may wait for the workers when the next part is sent."""


def measured(folder: Path, *, events: int) -> Iterator[Figure]:
    errors, sizes = payloads.Errors(payloads.SMALL), []
    with processes.triaged(folder, core=None) as server:
        caller.sent(server.url, map(payloads.webhook, payloads.distinct(errors, 1, 1)))
        until_counted(server, 1)
        idle = server.memory
        server.forget_peak()
        for part in range(_LOOKS):
            numbers = range(1 + part * events // _LOOKS, 1 + (part + 1) * events // _LOOKS)
            at = datetime.now(UTC)
            caller.sent(server.url, (payloads.webhook(errors.body(number, number % _DIFFERENT, at)) for number in numbers))
            until_counted(server, numbers.stop - _AHEAD)
            sizes.append(server.memory - idle)
        until_counted(server, events + 1)
        peak = server.peak - idle
    _check(folder / "data" / "triaged.db", events + 1)
    early, late = max(sizes[_LOOKS // 4 : _LOOKS // 2]), max(sizes[_LOOKS * 3 // 4 :])
    yield Figure(f"memory over idle ({idle:.0f} MiB), {events:,} events of {_DIFFERENT:,} errors", [peak], "MiB", at_most=60)
    yield Figure("its growth from the second quarter to the last", [late - early], "MiB", at_most=5)
    yield Figure("its database", [sum(file.stat().st_size for file in (folder / "data").glob("triaged.db*")) / 2**20], "MiB")


def _check(database: Path, events: int) -> None:
    """Raises RuntimeError where the counts are not exact."""
    connection = sqlite3.connect(database)
    counts = [count for (count,) in connection.execute("SELECT count FROM groups")]
    connection.close()
    expected = min(events, _DIFFERENT)
    if sum(counts) != events or len(counts) != expected:
        raise RuntimeError(f"{sum(counts):,} events of {len(counts):,} errors were counted, not {events:,} of {expected:,}")
