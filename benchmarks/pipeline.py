"""From accepted to counted: how many known events a second one core works off, and what a known error costs among a million."""

import asyncio
import random
import statistics
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from benchmarks import caller, payloads, processes
from benchmarks.figures import Figure
from benchmarks.processes import Server
from triaged.clients.sqlite import Database
from triaged.core.model import Delivery
from triaged.ports import Counted, Settled
from triaged.stores.sqlite import Store

_DIFFERENT = 100
_BATCH = 64
_AT = datetime(2026, 3, 4, 12, tzinfo=UTC)


def measured(folder: Path, *, rounds: int, events: int) -> Iterator[Figure]:
    """``events`` are sent as fast as they are taken; what is left by then is worked off alone."""
    errors = payloads.Errors(payloads.SMALL)
    first = list(map(payloads.webhook, payloads.distinct(errors, _DIFFERENT, _DIFFERENT)))
    more = list(map(payloads.webhook, payloads.distinct(errors, events, _DIFFERENT, first=_DIFFERENT)))
    worked_off, whole = [], []
    for _ in range(rounds):
        with processes.triaged(Path(tempfile.mkdtemp(dir=folder))) as server:
            caller.sent(server.url, first)
            until_counted(server, _DIFFERENT)
            began = time.monotonic()
            caller.sent(server.url, more, connections=64)
            sent, left = time.monotonic(), events + _DIFFERENT - server.metric("triaged_events_total")
            ended = until_counted(server, events + _DIFFERENT)
            worked_off.append(left / (ended - sent))
            whole.append(events / (ended - began))
    yield Figure("known events, accepted to counted, one core", worked_off, "/s", at_least=2_000)
    yield Figure("the same with their acceptance", whole, "/s")


def until_counted(server: Server, number: int, seconds: float = 1_200) -> float:
    """The moment at which so many events were counted. Raises RuntimeError where more were, or it takes too long."""
    ends = time.monotonic() + seconds
    while (counted := server.metric("triaged_events_total")) < number or server.metric("triaged_journal_pending"):
        if time.monotonic() > ends:
            raise RuntimeError(f"{counted:.0f} of {number} events were counted within {seconds:.0f} s")
        time.sleep(0.1)
    if counted > number:
        raise RuntimeError(f"{counted:.0f} events were counted, but {number} sent")
    return time.monotonic()


# --------------------------------------------------------------- look-ups


def looked_up(folder: Path, *, many: int, batches: int = 200) -> Iterator[Figure]:
    """What a known fingerprint costs among a thousand groups and among ``many``: look-up, and its share of a batch's update."""
    few = asyncio.run(_costs(folder / "few.db", 1_000, batches))
    lots = asyncio.run(_costs(folder / "many.db", many, batches))
    names = ("look-up of a known fingerprint", "its update, in a batch of 64")
    for name, small, large in zip(names, few, lots, strict=True):
        note = f"{small:.0f} and {large:.0f} µs"
        yield Figure(f"{name}: {many:,} groups beside 1,000", [large / small], "x", at_most=2, note=note)


async def _costs(path: Path, groups: int, batches: int) -> tuple[float, float]:
    """Microseconds, the median of the batches."""
    database = Database(path)
    try:
        _fill(database, groups)
        store, chance = Store(database), random.Random(groups)  # noqa: S311
        looks, updates = [], []
        for number in range(batches):
            names = [_fingerprint(chance.randrange(groups)) for _ in range(_BATCH)]
            began = time.perf_counter()
            found = [store.group(name) for name in names]
            looked = time.perf_counter()
            if None in found:
                raise RuntimeError("a group is not there")
            events = tuple(Counted(name, "sentry", _AT, key=f"{number} {place}", release="1.0") for place, name in enumerate(names))
            await store.record([Settled(Delivery("sentry", "", _AT, b""), events)], _AT)
            updates.append((time.perf_counter() - looked) / _BATCH * 1e6)
            looks.append((looked - began) / _BATCH * 1e6)
        return statistics.median(looks), statistics.median(updates)
    finally:
        database.close()


def _fill(database: Database, groups: int) -> None:
    insert = """INSERT INTO groups (fingerprint, short, count, first_seen, last_seen, told, repository, generation, decided_by)
        VALUES (?, ?, 1, ?, ?, '{"sources": {"sentry": 1}, "releases": ["1.0"], "environments": ["production"], "services": ["shop"]}',
        'acme/shop', 1, 'rules')"""
    connection = database._connection
    connection.execute("BEGIN")
    moments = (_AT.timestamp(), _AT.timestamp())
    connection.executemany(insert, ((_fingerprint(one), _fingerprint(one)[3:11], *moments) for one in range(groups)))
    connection.execute("COMMIT")


def _fingerprint(number: int) -> str:
    return f"v1:{random.Random(number).getrandbits(128):032x}"  # noqa: S311
