"""A disk without room: deliveries are refused, nothing that was accepted is lost, and it goes on by itself when there is room. A slow disk:
who does not wait for the answer is counted all the same.
"""

import os
import resource
import subprocess
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import urlopen

from chaos import checker, load, strace
from chaos.steps import issues
from running import SECRETS, Daemon, running, until

_PADDING = 20_000
"""Bytes that a delivery has more than it needs, so that a page or two of room are soon used up."""
_MOST = 400
"""Deliveries until the disk has to be full."""


@dataclass
class Full:
    """What came of it."""

    rounds: int = 0
    refused: int = 0
    verdict: checker.Verdict = field(default_factory=checker.Verdict)


@dataclass
class Disk:
    """``fill`` leaves no room for this daemon, ``free`` makes room again."""

    folder: Path
    fill: Callable[[Daemon], None]
    free: Callable[[Daemon], None]


def full(folder: Path, disk: Disk, rounds: int) -> Full:
    """Fills the disk and frees it again, so many times. Raises AssertionError where the daemon is not as it should be."""
    found, numbers = Full(), iter(range(1_000_000))
    with running(folder, TRIAGED_DATA_DIR=str(disk.folder / "data"), TRIAGED_QUIET_SECONDS="0") as daemon:
        sender = load.Sender(daemon.address, SECRETS["TRIAGED_SENTRY_CLIENT_SECRET"], folder / "load.log")
        for _ in range(rounds):
            assert [sender.tell(large(next(numbers))) for _ in range(5)] == [202] * 5
            disk.fill(daemon)
            assert any(sender.tell(large(next(numbers))) == 503 for _ in range(_MOST)), "it took whatever came"
            assert sender.retry_after == "10"
            assert [sender.tell(large(next(numbers))) for _ in range(3)] == [503] * 3
            assert get(daemon, "/health")[0] == 200
            disk.free(daemon)
            until(lambda: sender.tell(large(next(numbers))) == 202, daemon.child)
            assert get(daemon, "/ready")[0] == 200
            found.rounds += 1
        lines = (folder / "load.log").read_text().splitlines()
        found.refused = sum(line.startswith("refused 503") for line in lines)
        accepted = [line for line in lines if line.startswith("acked")]

        def counted() -> bool:
            found.verdict = checker.check(accepted, issues(disk.folder / "data"))
            return not found.verdict.wrong

        with suppress(AssertionError):
            until(counted, daemon.child)
        assert daemon.stop() == 0
        sender.close()
    return found


@dataclass
class Slow:
    """What came of it."""

    answers: Counter[int] = field(default_factory=Counter)
    """By status; 0 for those that hung up."""
    wrong: list[str] = field(default_factory=list)


def slow(folder: Path, seconds: float, deliveries: int) -> Slow:
    """Each flush takes so many seconds, and each sender hangs up after one, as Sentry does. Needs strace."""
    found = Slow()
    with running(folder) as daemon:
        threads = [threading.Thread(target=_impatient, args=(daemon.address, folder, number, found)) for number in range(deliveries)]
        with strace.attached(daemon.child.pid, "-f", "-o", os.devnull, "-e", f"inject=fdatasync:delay_enter={seconds:g}s"):
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            # nobody waits any more for the flush under way and for the one of what came meanwhile: they are slow to their end, too
            time.sleep(2 * seconds)
        sent = [line.replace("sent", "acked", 1) for line in (folder / "load.log").read_text().splitlines() if line.startswith("sent")]

        def counted() -> bool:
            found.wrong = checker.check(sent, issues(folder / "data")).wrong
            return not found.wrong

        with suppress(AssertionError):
            until(counted, daemon.child)
    return found


def _impatient(url: str, folder: Path, number: int, found: Slow) -> None:
    sender = load.Sender(url, SECRETS["TRIAGED_SENTRY_CLIENT_SECRET"], folder / "load.log", patience=1.0)
    found.answers[sender.tell(load.delivery(f"{number}", f"{number}", f"Broken{number % 3:03}"))] += 1
    sender.close()


def limited(folder: Path) -> Disk:
    """The database's log may not grow. https://man7.org/linux/man-pages/man2/getrlimit.2.html"""

    def allow(daemon: Daemon, size: int) -> None:
        resource.prlimit(daemon.child.pid, resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))

    def fill(daemon: Daemon) -> None:
        allow(daemon, (folder / "data" / "triaged.db-wal").stat().st_size)

    return Disk(folder, fill, lambda daemon: allow(daemon, resource.RLIM_INFINITY))


@contextmanager
def small(folder: Path, megabytes: int) -> Iterator[Disk]:
    """A file system in memory, which root may mount."""
    folder.mkdir(parents=True)
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={megabytes}m", "tmpfs", str(folder)], check=True)
    ballast = folder / "ballast"

    def fill(daemon: Daemon) -> None:
        with suppress(OSError), ballast.open("wb", buffering=0) as file:
            while True:
                file.write(bytes(4096))

    try:
        yield Disk(folder, fill, lambda daemon: ballast.unlink())
    finally:
        subprocess.run(["umount", str(folder)], check=True)


def large(number: int) -> load.Delivery:
    """A delivery of one of seven errors that needs some pages."""
    small = load.delivery(f"{number}", f"{number}", f"Broken{number % 7:03}")
    return load.Delivery(small.name, small.event, small.error, small.body[:-1] + b', "padding": "' + b"x" * _PADDING + b'"}')


def get(daemon: Daemon, path: str) -> tuple[int, str]:
    """Status and Retry-After."""
    try:
        with urlopen(daemon.address + path, timeout=10) as answer:
            return answer.status, ""
    except HTTPError as error:
        with error:
            return error.code, error.headers.get("Retry-After", "")
