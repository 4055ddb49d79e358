"""A storm at the model of GitHub: 100,000 events a minute of one error, and 5,000 new errors within that minute.

Needs ``tests`` on the path. What is looked at: what GitHub gets to see, whether the counts are exact, how long the daemon is behind.
"""

import re
import sqlite3
import time
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from benchmarks import caller, payloads, processes
from benchmarks.figures import Figure
from benchmarks.pipeline import until_counted
from chaos.world import World
from models.github import served
from serving import serving

_A_MINUTE = 100_000
_NEW = 5_000
_INTERVAL = 20
"""Seconds: an issue's numbers are written at most so often."""
_OCCURRENCES = re.compile(r"^Occurrences: (\d+)$", re.MULTILINE)


def measured(folder: Path, *, seconds: float) -> Iterator[Figure]:
    """The storm's rates for so many seconds."""
    errors, world = payloads.Errors(payloads.SMALL), World(folder)
    common, new = int(_A_MINUTE * seconds / 60), int(_NEW * seconds / 60)
    settings = {"TRIAGED_UPDATE_INTERVAL_SECONDS": str(_INTERVAL)}
    with serving(served(world.github)) as url, processes.triaged(folder, **world.settings(url), **settings) as server:
        idle, at = server.memory, datetime.now(UTC)
        every = (common + new) // new
        kinds = (number // every + 1 if number % every == 0 and number // every < new else 0 for number in range(common + new))
        requests = [payloads.webhook(errors.body(number, error, at)) for number, error in enumerate(kinds)]
        began = time.monotonic()
        took = caller.sent(server.url, requests, len(requests) / seconds)
        ended, left = time.monotonic(), len(requests) - server.metric("triaged_events_total")
        lag = until_counted(server, len(requests)) - ended
        _issue_says(world, common, _INTERVAL * 2 + 10)
        lasted, peak = time.monotonic() - began, server.peak - idle
    _check(folder / "data" / "triaged.db", common, new)
    asked = Counter(entry.operation for entry in world.github.log if not entry.not_modified)
    yield Figure(
        f"storm: {common:,} events of one error and {new:,} new errors in {seconds:.0f} s: issues made",
        [asked["issues/create"]],
        at_most=21,
    )
    yield Figure(
        "requests to GitHub",
        [sum(asked.values())],
        note=f"in {lasted:.0f} s; " + ", ".join(f"{n} {what}" for what, n in asked.most_common(4)),
    )
    yield Figure("updates of an issue in each interval", [_busiest(world, lasted)], at_most=1)
    yield Figure("requests in a forbidden window", [len(world.github.violations)], at_most=0)
    yield Figure("from the last answer until all was counted", [lag], "s", at_most=300, note=f"{left:.0f} events were left")
    yield Figure("p99 of the answer in the storm", [took[int(len(took) * 0.99)] * 1e3], "ms", at_most=900)
    yield Figure("memory over idle in the storm", [peak], "MiB", at_most=60)


def _issue_says(world: World, events: int, seconds: float) -> None:
    """Returns once the common error's issue shows its count. Raises RuntimeError where it does not in that time."""
    ends = time.monotonic() + seconds
    while time.monotonic() < ends:
        shown = [int(m[1]) for issue in _issues(world) if (m := _OCCURRENCES.search(issue.body or ""))]
        if events in shown:
            return
        time.sleep(0.5)
    raise RuntimeError(f"no issue says that its error occurred {events:,} times, but {sorted(shown)[-3:]}")


def _issues(world: World) -> list:
    return [history.now for history in world.shop.issues.values() if history.now is not None]


def _busiest(world: World, seconds: float) -> float:
    """The most updates that one issue got, for each interval that passed."""
    updates = Counter(entry.target for entry in world.github.log if entry.operation == "issues/update" and "/issues/" in entry.target)
    return max(updates.values(), default=0) / max(1, seconds // _INTERVAL)


def _check(database: Path, common: int, new: int) -> None:
    """Raises RuntimeError where the counts are not exact."""
    connection = sqlite3.connect(database)
    counts = Counter(count for (count,) in connection.execute("SELECT count FROM groups WHERE count > 0"))
    connection.close()
    if counts != Counter({common: 1, 1: new}):
        raise RuntimeError(f"the counts are {counts.most_common(5)}, not {common:,} once and 1 {new:,} times")
