"""The daemon under load, killed again and again at moments drawn from a seed, filing to the model of GitHub.

One run is one data folder and some lives of a daemon. Each ends by a kill or by SIGTERM, some are stopped for a while, and the next goes
on with what the last one left; GitHub loses answers, applies late, fails and limits. The last life is not harmed, and what came of
it all is compared (``checker``).
"""

import json
import signal
import socket
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from urllib.error import URLError
from urllib.request import urlopen

from chaos import checker
from chaos.world import World
from models.github import Lag, Response, faults, served
from running import SECRETS, Daemon, running
from serving import serving

_QUIET = 4
"""Seconds; what the model applies late, and how far its lists lag, stays below."""
_EACH = 100
"""Deliveries after which there is one more error."""
_SETTLE_SECONDS = 180.0
_STOP_SECONDS = 10.0


@dataclass
class Outcome:
    """What one run came to."""

    seed: int
    verdict: checker.Verdict = field(default_factory=checker.Verdict)
    ended: Counter[str] = field(default_factory=Counter)
    """How often the daemon was killed, told to end, stopped for a while."""
    ready: list[float] = field(default_factory=list)
    """Seconds from each start to readiness."""
    stopped: list[float] = field(default_factory=list)
    """Seconds from each SIGTERM to the end."""
    requests: int = 0
    violations: int = 0
    wrong: list[str] = field(default_factory=list)

    @property
    def good(self) -> bool:
        return not (self.wrong or self.verdict.wrong)


Say = Callable[[str], None]
Kill = Callable[[], None]


class Storm:
    """So many ``lives``, of seconds ``between``, with so many different errors, at a rate of deliveries a second."""

    def __init__(
        self,
        folder: Path,
        seed: int,
        *,
        lives: int,
        errors: int,
        rate: float,
        between: tuple[float, float],
        say: Say = print,
        quiet: float = _QUIET,
        harm: Callable[[faults.Faults, Kill], None] | None = None,
    ) -> None:
        self._folder = folder
        self._chance = Random(seed)
        self._between = between
        self._say = say
        self._quiet = quiet
        self._harm = harm or everything
        self._lives, self._errors, self._rate = lives, errors, rate
        self._log = folder / "load.log"
        self._daemon: Daemon | None = None
        self._world = World(folder, seed=seed, lag=Lag((0.0, 0.5, 2.0), (0.0, 0.0), (0.0, 0.0)))
        self.github = self._world.github
        self._port = free_port()
        self.outcome = Outcome(seed)

    def run(self) -> Outcome:
        self._harm(self.github.faults, self._kill)
        with serving(served(self.github)) as url, self._load() as load:
            for _ in range(self._lives):
                self._one_life(url)
            self.github.faults.clear()
            load.terminate()
            with self._started(url) as daemon:
                self._settle(daemon, load)
                self._end(daemon)
        self.outcome.requests = len(self.github.log)
        self.outcome.violations = len(self.github.violations)
        self.outcome.wrong += [
            f"GitHub: {one.operation} was asked for although it had said to wait ({one.why})" for one in self.github.violations
        ]
        return self.outcome

    def _one_life(self, url: str) -> None:
        how = self._chance.choices(("kill", "end", "pause"), (7, 2, 1))[0]
        lives = self._chance.choice((self._chance.uniform(0, 1.0), self._chance.uniform(*self._between)))
        with self._started(url, wait=lives > 1.0) as daemon:
            self._sleep(lives, daemon)
            if how == "pause":
                daemon.child.send_signal(signal.SIGSTOP)
                time.sleep(self._chance.uniform(0.2, 3.0))
                daemon.child.send_signal(signal.SIGCONT)
                self._sleep(lives, daemon)
                self.outcome.ended["pause"] += 1
            if daemon.child.poll() is not None:
                pass  # a fault was faster
            elif how == "end":
                self._end(daemon)
            else:
                daemon.child.kill()
                self.outcome.ended["kill"] += 1
        self._report()

    @contextmanager
    def _started(self, url: str, *, wait: bool = True) -> Iterator[Daemon]:
        settings = {
            **self._world.settings(url),
            "TRIAGED_PORT": str(self._port),
            "TRIAGED_QUIET_SECONDS": str(self._quiet),
            "TRIAGED_UPDATE_INTERVAL_SECONDS": "3",
        }
        began = time.monotonic()
        with running(self._folder, **settings) as daemon:
            self._daemon = daemon
            if wait:
                while not self._asked("/ready"):
                    assert daemon.child.poll() is None, f"it did not start: exit code {daemon.child.returncode}"
                    time.sleep(0.01)
                self.outcome.ready.append(time.monotonic() - began)
            yield daemon

    def _sleep(self, seconds: float, daemon: Daemon) -> None:
        """The daemon may be killed by a fault meanwhile; it may not end by itself."""
        ends = time.monotonic() + seconds
        while time.monotonic() < ends and daemon.child.poll() is None:
            time.sleep(0.01)
        if daemon.child.poll() == -signal.SIGKILL:
            self.outcome.ended["killed by a fault"] += 1
        elif daemon.child.poll() is not None:
            self.outcome.wrong.append(f"it ended by itself with exit code {daemon.child.returncode}")

    def _kill(self) -> None:
        if self._daemon is not None and self._daemon.child.poll() is None:
            self._daemon.child.kill()

    def _end(self, daemon: Daemon) -> None:
        began = time.monotonic()
        daemon.child.terminate()
        try:
            code = daemon.child.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.outcome.wrong.append(f"it did not end within {_STOP_SECONDS:.0f} s of SIGTERM")
            return
        self.outcome.ended["end"] += 1
        self.outcome.stopped.append(time.monotonic() - began)
        if code and (daemon.log() or code != -signal.SIGTERM):  # the interpreter itself takes some milliseconds to start
            self.outcome.wrong.append(f"SIGTERM ended it with exit code {code}")

    @contextmanager
    def _load(self) -> Iterator[subprocess.Popen[bytes]]:
        told = {
            "url": f"http://127.0.0.1:{self._port}",
            "secret": SECRETS["TRIAGED_SENTRY_CLIENT_SECRET"],
            "log": str(self._log),
            "seed": self.outcome.seed,
            "errors": self._errors,
            "each": _EACH,
            "rate": self._rate,
        }
        self._log.touch()
        child = subprocess.Popen([sys.executable, "-m", "chaos.load", json.dumps(told)], cwd=Path(__file__).parent.parent)
        try:
            yield child
        finally:
            child.kill()
            child.wait()

    def _settle(self, daemon: Daemon, load: subprocess.Popen[bytes]) -> None:
        """Until nothing is left to do and the issues say what was acknowledged; what then is still wrong is wrong."""
        ends = time.monotonic() + _SETTLE_SECONDS
        while time.monotonic() < ends:
            time.sleep(0.5)
            health = self._asked("/health")
            states = health.get("intents", {}) if health else {}
            self.github.settle()
            self.outcome.verdict = checker.check(self._log.read_text().splitlines(), self._world.shop.filed())
            self._report()
            quiet = bool(health) and not health["pending"] and set(states) <= {"done", "parked"}
            if load.poll() == 0 and quiet and not self.outcome.verdict.wrong:
                break
        health = self._asked("/health") or {}
        if health.get("dead_letters") or set(health.get("intents", {})) - {"done"}:
            self.outcome.wrong.append(f"left over: {health.get('dead_letters')} dead letters, intents {health.get('intents')}")
        if load.poll() != 0:
            self.outcome.wrong.append("not everything that was sent had an answer")

    def _asked(self, path: str) -> dict[str, object] | None:
        try:
            with urlopen(f"http://127.0.0.1:{self._port}{path}", timeout=2) as answer:
                text = answer.read()
                return json.loads(text) if path == "/health" else {"ready": text}
        except (URLError, OSError):
            return None

    def _report(self) -> None:
        acked = sum(line.startswith("acked") for line in self._log.read_text().splitlines())
        ended = ", ".join(f"{number} x {how}" for how, number in self.outcome.ended.items())
        self._say(f"seed {self.outcome.seed}: {acked} acknowledged; {ended}; {len(self._world.shop.filed())} issues")


def everything(harm: faults.Faults, kill: Kill) -> None:
    """All that a model of GitHub does wrong on the way of an issue, and deaths while an answer is waited for."""
    for what, chance in (
        (dies(kill, faults.lost()), 0.08),
        (dies(kill, faults.dropped()), 0.08),
        (faults.lost(), 0.08),
        (faults.dropped(), 0.05),
        (faults.late(2.5), 0.05),
        (faults.error(502, applied=True), 0.05),
        (faults.error(500), 0.05),
        (faults.truncated(), 0.03),
        (faults.html(200), 0.03),
    ):
        harm.on("issues/create", what, times=None, chance=chance)
    harm.on("issues/create", faults.secondary(403, retry_after=3), times=2, chance=0.05)
    harm.on("issues/list-for-repo", faults.empty_list(), times=None, chance=0.05)
    harm.on("issues/list-for-repo", faults.error(502), times=None, chance=0.1)
    harm.on("issues/update", faults.lost(), times=None, chance=0.1)
    harm.on("issues/update", dies(kill, faults.lost()), times=None, chance=0.03)
    harm.on("*", faults.error(503, html=True), times=None, chance=0.03)


def dies(kill: Kill, fault: faults.Fault) -> faults.Fault:
    """The daemon dies while it waits for this answer."""

    def killed(moment: faults.Moment, apply: faults.Apply) -> Response:
        response = fault(moment, apply)
        kill()
        return response

    return killed


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
