"""Ready again with a large memory: the journal full of what waits, as many groups, intents and keys."""

import sqlite3
import time
import zlib
from dataclasses import dataclass
from pathlib import Path
from urllib.request import urlopen

from running import running
from triaged.clients import sqlite as ours

_BODY = '{"action":"triggered","data":{"event":{"event_id":"%032x","level":"error","exception":{"values":[{"type":"Old","value":"%s"}]}}}}'


@dataclass
class Started:
    """Seconds."""

    rows: int
    ready: float
    """From the start of the process to the 200 of /ready."""
    killed_ready: float
    """The same after a kill while it worked."""
    health: float
    """The answer of /health."""
    drained: float
    """Deliveries a second that were worked off of what waited."""


def again(folder: Path, rows: int, seconds: float = 3.0) -> Started:
    """Fills a data folder, starts a daemon on it, kills it after a while and starts it again."""
    fill(folder / "data", rows)
    first, health, drained = _once(folder, seconds)
    second, _, _ = _once(folder, 0.0)
    return Started(rows, first, second, health, drained)


def _once(folder: Path, seconds: float) -> tuple[float, float, float]:
    began = time.monotonic()
    with running(folder, TRIAGED_DRY_RUN="true") as daemon:
        _ask(daemon.address, "/ready")
        ready = time.monotonic() - began
        waiting = _waiting(daemon.address)
        asked = time.monotonic()
        _ask(daemon.address, "/health")
        health = time.monotonic() - asked
        time.sleep(seconds)
        drained = (waiting - _waiting(daemon.address)) / seconds if seconds else 0.0
    return ready, health, drained


def _ask(address: str, path: str) -> str:
    with urlopen(address + path, timeout=30) as answer:
        return str(answer.read().decode())


def _waiting(address: str) -> float:
    (line,) = (line for line in _ask(address, "/metrics").splitlines() if line.startswith("triaged_journal_pending "))
    return float(line.split()[1])


def fill(folder: Path, rows: int) -> None:
    """So many deliveries that wait, keys, groups and done intents."""
    folder.mkdir(parents=True)
    ours.migrate(folder / "triaged.db")
    connection = sqlite3.connect(folder / "triaged.db", isolation_level=None)
    connection.create_function("body", 1, lambda number: (_BODY % (number, "x" * 800)).encode())
    connection.create_function("crc", 1, zlib.crc32)
    numbers = f"WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {rows})"
    now = time.time()
    connection.execute("PRAGMA synchronous = OFF")
    connection.execute("BEGIN")
    connection.execute(
        f"""{numbers} INSERT INTO pending (source, key, at, headers, body, checksum)
            SELECT 'sentry', i, {now}, '{{}}', b, crc(b) FROM (SELECT i, body(i) AS b FROM n)"""
    )
    connection.execute(f"{numbers} INSERT INTO seen SELECT randomblob(16), {now} - i * 0.01 FROM n")
    connection.execute(
        f"""{numbers} INSERT INTO groups (fingerprint, short, count, first_seen, last_seen, told, repository, generation, ticket,
                decided_by, written_count, written_at) SELECT 'v1:' || printf('%032x', i), printf('%08x', i), 1, {now} - i, {now} - i,
            '{{}}', 'acme/shop', 1, '{{}}', 'r', 1, {now} FROM n"""
    )
    connection.execute(f"""{numbers} INSERT INTO views SELECT 'v1:' || printf('%032x', i), '{{"weight": 1}}' FROM n""")
    connection.execute(
        f"""{numbers} INSERT INTO intents (id, kind, sink, repository, fingerprint, generation, state, due_at, body)
            SELECT i, 'issue', 'local', 'acme/shop', 'v1:' || printf('%032x', i), 1, 'done', 0, printf('%.*c', 300, 'x') FROM n"""
    )
    connection.execute("COMMIT")
    connection.close()
