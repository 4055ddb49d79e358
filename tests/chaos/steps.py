"""What happens between two system calls: the daemon is killed at each of them on the way of a delivery to its ticket, or the call fails."""

import os
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from urllib.request import urlopen

from chaos import checker, load, strace
from chaos.world import calm
from running import SECRETS, Daemon, running, until

# What a waiting daemon does all the time, and what changes nothing.
_IDLE = "getpid,epoll_pwait,epoll_wait,newfstatat,getsockname,getpeername,clock_nanosleep"
_SETTLE_SECONDS = 90.0
_REST_SECONDS = 3.0
_AT_REST = 0.1
"""Seconds in which what follows a ticket is stored. Nothing tells that it is: asking the daemon would be calls of its own among those that are counted."""
_THREADS = 3
_LATE = 50
"""Calls after its ticket is there, in which a thread has done all that is left to do."""

# Each call for the disk, how it fails in turns, and whether the daemon may end: after a failed flush nobody knows what is on the disk.
_FAILURES = (("pwrite64", ("ENOSPC", "EIO"), False), ("fdatasync", ("EIO",), True), ("pread64", ("EIO",), True))


@dataclass
class Steps:
    """What came of it."""

    calls: int = 0
    """At how many something was done."""
    answers: Counter[int] = field(default_factory=Counter)
    """By status; 0 where there was none."""
    verdict: checker.Verdict = field(default_factory=checker.Verdict)
    wrong: list[str] = field(default_factory=list)

    @property
    def good(self) -> bool:
        return not (self.wrong or self.verdict.wrong)


def killed(folder: Path) -> Steps:
    """Killed before each call of each of its threads (the loop, the database, the tickets' files): one new error, one call at a time."""
    steps, sent = Steps(), []
    for thread in range(_THREADS):
        call, late, died = 0, 0, True
        while died and late < _LATE:
            call += 1
            with living(folder) as (daemon, sender):
                ids = _threads(daemon, sender, sent)
                sent.append(_new(len(sent)))
                with strace.attached(ids[thread], "-o", os.devnull, "-e", f"inject=!{_IDLE}:signal=SIGKILL:when={call}"):
                    steps.answers[sender.tell(sent[-1])] += 1
                    _rest(folder, sent[-1].error, daemon)
                    died = daemon.child.poll() is not None
                    late += _filed(folder, sent[-1].error)
            steps.calls += died
    return _judged(folder, steps, sent)


def _threads(daemon: Daemon, sender: load.Sender, sent: list[load.Delivery]) -> list[int]:
    """Their ids, in the order in which they began. The last one begins with the first ticket, which is of an error that comes each time."""
    name = f"again-{len(sent)}"
    sent.append(load.delivery(name, name, "Broken000"))
    assert sender.tell(sent[-1]) == 202
    tasks = Path(f"/proc/{daemon.child.pid}/task")
    until(lambda: len(os.listdir(tasks)) >= _THREADS, daemon.child)
    return sorted(map(int, os.listdir(tasks)))


def failing(folder: Path) -> Steps:
    """Each call for the disk fails once. The daemon answers 503 or does it again; where it cannot know what is on the disk, it ends."""
    steps, sent = Steps(), []
    seen = folder / "seen"
    with ExitStack() as lives:
        daemon, sender = lives.enter_context(living(folder))
        for call, errors, ends in _FAILURES:
            number, met = 0, True
            while met:
                number += 1
                error = errors[number % len(errors)]
                sent.append(_new(len(sent)))
                fails = f"inject={call}:error={error}:when={number}"
                with strace.attached(daemon.child.pid, "-f", "-o", str(seen), "-e", f"trace={call}", "-e", fails):
                    status = sender.tell(sent[-1])
                    if status == 202:
                        _rest(folder, sent[-1].error, daemon)
                met = "(INJECTED)" in seen.read_text()
                steps.calls += met
                steps.answers[status] += 1
                until(lambda daemon=daemon: daemon.child.poll() is not None or _ready(daemon))
                code = daemon.child.poll()
                if code is not None:
                    daemon, sender = lives.enter_context(living(folder))
                if status not in (202, 503, 0) or code not in ((None, 1) if ends else (None,)) or (status == 0 and code is None):
                    steps.wrong.append(f"{error} at {call} number {number}: answered {status}, exit code {code}")
    return _judged(folder, steps, sent)


@contextmanager
def living(folder: Path) -> Iterator[tuple[Daemon, load.Sender]]:
    """A daemon that writes its tickets to files, and who sends to it."""
    with running(folder, TRIAGED_QUIET_SECONDS="0", **calm(folder)) as daemon:
        sender = load.Sender(daemon.address, SECRETS["TRIAGED_SENTRY_CLIENT_SECRET"], folder / "load.log")
        yield daemon, sender
        sender.close()


def _judged(folder: Path, steps: Steps, sent: list[load.Delivery]) -> Steps:
    """What had no good answer is sent again; then everything is to be there once."""
    log = folder / "load.log"
    with living(folder) as (_, sender):
        for one in sent:
            if f"acked {one.name} " not in log.read_text():
                assert sender.tell(one) == 202
        ends = time.monotonic() + _SETTLE_SECONDS
        while time.monotonic() < ends:
            answered = [line for line in log.read_text().splitlines() if not line.startswith("refused 503")]
            steps.verdict = checker.check(answered, issues(folder / "data"))
            if not steps.verdict.wrong:
                break
            time.sleep(0.5)
    return steps


def _rest(folder: Path, error: str, daemon: Daemon) -> None:
    """Until an error has its ticket and what comes after it is done, or the daemon has ended; what is looked for again is not waited for."""
    ends = time.monotonic() + _REST_SECONDS
    while time.monotonic() < ends and daemon.child.poll() is None and not _filed(folder, error):
        time.sleep(0.02)
    time.sleep(_AT_REST)


def _filed(folder: Path, error: str) -> bool:
    return any(error in one.title for one in issues(folder / "data"))


def _new(number: int) -> load.Delivery:
    """A new error."""
    return load.delivery(f"{number}", f"{number}", f"Broken{number:03}")


def _ready(daemon: Daemon) -> bool:
    try:
        with urlopen(f"{daemon.address}/ready", timeout=5) as answer:
            return answer.status == 200
    except OSError:
        return False


def issues(folder: Path) -> list[SimpleNamespace]:
    """The tickets of a data folder as ``checker`` wants them."""
    texts = [file.read_text() for file in sorted((folder / "tickets").glob("0*.md"))]
    return [SimpleNamespace(title=text.partition("\n")[0], body=text, state="open") for text in texts]
