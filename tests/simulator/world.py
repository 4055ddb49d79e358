"""One history: the whole daemon, process after process, against the model of GitHub, on virtual time.

The daemon is the real one: listener, journal, workers, publisher, sink, code host, limiter and client, over real SQLite.
"""

import itertools
import logging
import os
import tempfile
import traceback
from collections.abc import Callable, Iterator, Sequence
from contextlib import AsyncExitStack, contextmanager
from functools import cache
from pathlib import Path
from random import Random
from typing import Any

import anyio
from anyio.abc import TaskGroup

from models.github import GitHub, GitRepo, Issue, Limits, Person
from simulator import history, senders
from simulator.disk import Disk
from simulator.loop import BEGINNING, Time
from simulator.manners import Manners
from simulator.network import Network
from simulator.process import Process
from simulator.scenario import Fates, Hand, Kill, Scenario
from simulator.trace import Trace
from triaged import app, demo, settings
from triaged.clients.sqlite import Database
from triaged.errors import JournalBroken
from triaged.metrics import Metrics
from triaged.ports import Sink

REPOSITORY = "acme/shop"
_STRIDE, _LONGEST_STRIDE = 30.0, 3600.0
"""Seconds by which timers may be late while nothing is under way, and long after all trouble: what waits for its time has it pass faster."""
_LATER = 20.0
_ENDS_WITHIN = 10.0
"""Seconds that a daemon has after SIGTERM."""
_SHOWN_WITHIN = 60.0
"""Seconds; the default quiet period is longer."""
_MEMORY = Path("/dev/shm")
_SETTINGS = {
    "TRIAGED_GITHUB_REPOSITORY": REPOSITORY,
    "TRIAGED_SENTRY_CLIENT_SECRET": "sentry-client-secret",
    "TRIAGED_SLACK_SIGNING_SECRET": "slack-signing-secret",
}


class Still(GitRepo):
    """A repository that nobody pushes to: git is asked once."""

    @cache  # noqa: B019  there is one for each process
    def refs(self) -> dict[str, str]:
        return super().refs()


class World:
    """Everything that outlives a process of the daemon."""

    def __init__(self, scenario: Scenario, seed: int, folder: Path, sink: Callable[[Sink], Sink] = lambda sink: sink) -> None:
        self.scenario = scenario
        self.time = Time()
        self.trace = Trace(self.time)
        self.memory = 0
        self._memories, self._numbers = itertools.count(1), itertools.count()
        self._elsewhere: tuple[int, Path] | None = None
        """The memory and the folder of another instance, which rests."""
        self.manners = Manners()
        self.left: dict[str, int] = {}
        self._excused: set[str] = set()
        self._forgot_at: list[float] = []
        self._hands = list(scenario.hands)
        self._acts: dict[str, history.Act] = {}
        self._folder = folder
        self._sink = sink
        self._random = Random(f"world {seed}")
        self._fates = Fates(scenario, Random(f"fates {seed}"))
        self._posts = senders.errors(Random(f"errors {seed}"), scenario.errors, scenario.seconds, self.time)
        self.senders = senders.Senders(self.time, self._posts)
        self.calm_at = max(post.at for post in self._posts) + scenario.after
        self.ends_at = self.calm_at + scenario.settles
        self.github = _github(self.time, seed)
        self.github.lag.lists = scenario.lag
        self.token = self.github.classic_token("triage-bot", "repo").value

    @property
    def calls(self) -> list[str]:
        """The kinds of the I/O calls so far."""
        return self._fates.calls

    def run(self) -> history.Verdict:
        data = self._fresh()
        kills = list(self.scenario.kills)
        while self.time.seconds < self.ends_at:
            kill = kills.pop(0) if kills and self.time.seconds < self.calm_at else None
            process = Process(self.time, Random(self._random.random()), self.trace)
            disk = Disk(data, self.manners, process, self._random, self._fate)
            if kill is not None:
                self._prepare(process, kill)
            self._live(process, disk)
            if self.time.seconds < self.ends_at:
                data = self._next(disk, kill.then if kill else "again")
                self.time.seconds += kill.down if kill else 5.0
        self.github.settle()
        return history.judge(self.senders.told, self._end())

    def _fresh(self) -> Path:
        data = self._folder / str(next(self._numbers))
        data.mkdir()
        return data

    def _next(self, disk: Disk, then: str) -> Path:
        """The folder of the next process."""
        self.manners.ends(forgets=then != "again")
        if then != "again":
            self._forgot_at.append(self.time.seconds)
            self.trace(f"the next one: {then}")
        if then == "lost":
            self.memory = next(self._memories)
            return self._fresh()
        data = self._fresh()
        disk.left(data)
        if then == "elsewhere":
            resting = (self.memory, data)
            self.memory, data = self._elsewhere or (next(self._memories), self._fresh())
            self._elsewhere = resting
        return data

    def _end(self) -> history.End:
        (repository,) = self.github.repositories.values()
        issues = repository.filed()
        manners = self.manners
        return history.End(issues, manners.violations, manners.unavoidable, self.left, self.memory, self._unavoidable(issues), self._acts)

    def _unavoidable(self, issues: Sequence[Issue]) -> set[str] | None:
        """Errors that no client could have kept from being filed twice: the request came twice or too late, or the folder was lost while
        an issue was so new that a listing need not show it. All of them where listings lag for longer than the quiet period."""
        if max(self.scenario.lag) > _SHOWN_WITHIN:
            return None
        new = {
            history.name(issue.title)
            for issue in issues
            for at in self._forgot_at
            if issue.created_at >= self.time.at(at - max(self.scenario.lag) - 1)
        }
        return self._excused | new

    def _fate(self, kind: str) -> str:
        return self._fates.next(kind, self.time.seconds, self.time.seconds >= self.calm_at)

    def _prepare(self, process: Process, kill: Kill) -> None:
        process.loses_power = kill.power and kill.what != "stopped"
        if kill.what == "stopped":
            process.stops_after = kill.after
        elif kill.what == "step":
            process.loop.last_step = kill.after
        else:
            self._fates.kill_at(kill.after, kill.what)

    def _live(self, process: Process, disk: Disk) -> None:
        """One process from its start to its end."""
        self.trace(f"the daemon starts, memory {self.memory}")
        with _open(disk, self.token) as (loaded, database):
            try:
                process.loop.run(self._daemon(process, disk, loaded, database))
            except* JournalBroken as broken:
                self.trace(f"the daemon ends: {broken.exceptions[0]}")
        self._excused |= {history.name(title) for title in process.beyond}
        self._fates.spare()
        if process.loop.errors:
            raise AssertionError(f"in this process: {process.loop.errors}")

    async def _daemon(self, process: Process, disk: Disk, loaded: settings.Loaded, database: Database) -> None:
        network = Network(self.github, self.manners, process, self._random, self._fate)
        process.loop.stride = lambda: 0.0 if network.in_flight or disk.busy or self.senders.busy() else self._stride()
        process.loop.call_at(max(self.time.seconds, self.calm_at), self._calm, process)
        for hand in self._hands:
            process.loop.call_at(max(self.time.seconds, hand.at), self._act, process, hand)
        async with AsyncExitStack() as stack, anyio.create_task_group() as everything:
            daemon = app.Daemon(loaded, _rules(), database, self.time, Metrics())
            await daemon.open(network, stack)
            daemon.sinks["github"] = self._sink(daemon.sinks["github"])
            self.senders.connect(process.loop, daemon.door(_nowhere), self.memory)
            daemon.start(everything)
            if process.stops_after is not None:
                process.loop.watch(process.loop.create_task(self._stop(process, daemon, everything, process.stops_after)))
            await self.time.sleep(self.ends_at - self.time.seconds)
            self.left = _left(daemon)
            process.kill("for the history ends")
            await self.time.sleep(0)

    async def _stop(self, process: Process, daemon: app.Daemon, everything: TaskGroup, after: float) -> None:
        await self.time.sleep(after)
        self.trace("the daemon is asked to stop")
        process.loop.stride = lambda: 0.0
        process.loop.call_later(_ENDS_WITHIN, process.fails, f"P21 it goes on for {_ENDS_WITHIN:.0f} s after it was asked to stop")
        await daemon.stop(everything)

    def _act(self, process: Process, hand: Hand) -> None:
        """A person does it, or comes again later where there is nothing to do it to yet."""
        self.github.settle()
        (repository,) = self.github.repositories.values()
        found = [issue for issue in repository.filed() if issue.state == "open" and history.name(issue.title) not in self._acts]
        if not found:
            if self.time.seconds < self.calm_at:
                process.loop.call_later(_LATER, self._act, process, hand)
            return
        issue = found[hand.which % len(found)]
        self._hands.remove(hand)
        self._acts[history.name(issue.title)] = history.Act(hand.what, self.time.seconds)
        self.trace(f"a person: #{issue.number} is {hand.what}")
        if hand.what == "deleted":
            self.github.delete_issue(repository, issue.number)
        else:
            reason = hand.what.replace(" ", "_")
            self.github.change_issue(repository, issue.number, by="ann", state="closed", state_reason=reason)

    def _stride(self) -> float:
        now = self.time.seconds
        longest = min(max(_STRIDE, (now - self.calm_at) / 20), _LONGEST_STRIDE)
        return max(0.0, min(longest, self.senders.due() - now, self.ends_at - now))

    def _calm(self, process: Process) -> None:
        self.trace("all trouble ends")
        process.loop.last_step = None
        self.github.lag.lists = (0.0,)


def run(scenario: Scenario, seed: int, sink: Callable[[Sink], Sink] = lambda sink: sink) -> tuple[history.Verdict, World]:
    """The history of a seed, judged."""
    with tempfile.TemporaryDirectory(dir=_MEMORY if _MEMORY.is_dir() else None) as folder:
        world = World(scenario, seed, Path(folder), sink)
        with _logged(world.trace):
            try:
                verdict = world.run()
            except Exception as error:
                world.trace("".join(traceback.format_exception(error)))
                verdict = history.Verdict(wrong=[f"{type(error).__name__}: {error}"])
    return verdict, world


@contextmanager
def _open(disk: Disk, token: str) -> Iterator[tuple[settings.Loaded, Database]]:
    """The settings and the database of one process, which is not asked whether it is ready to end."""
    database = Database(disk.folder / "triaged.db", disk.writer)
    try:
        yield _settings(disk.folder, token), database
    finally:
        database.close()


def _settings(folder: Path, token: str) -> settings.Loaded:
    kept = {name: value for name, value in os.environ.items() if name.startswith(("TRIAGED_", "GITHUB_"))}
    for name in kept:
        del os.environ[name]
    os.environ |= {**_SETTINGS, "TRIAGED_GITHUB_TOKEN": token, "TRIAGED_DATA_DIR": str(folder)}
    try:
        return settings.load()
    finally:
        for name in (*_SETTINGS, "TRIAGED_GITHUB_TOKEN", "TRIAGED_DATA_DIR"):
            del os.environ[name]
        os.environ |= kept


@cache
def _rules() -> app.Rules:
    return app.rules(_settings(Path(), "ghp_none"))


@cache
def _shop() -> Still:
    folder = Path(tempfile.mkdtemp(prefix="shop"))
    git = Still.create(folder)
    sha = git.write("main", dict(demo.FILES), "A small shop", author=Person("shop", "shop@example.com"), at=BEGINNING)
    git.set_ref("refs/tags/v1.0", sha)
    git.refs.cache_clear()
    return git


def _github(time: Time, seed: int) -> GitHub:
    github = GitHub(time.now, seed=seed, limits=Limits(ban_after=1))
    github.user("triage-bot")
    github.user("ann")
    github.organization("acme", "triage-bot")
    github.repository(REPOSITORY, _shop(), roles={"triage-bot": "write"})
    return github


def _left(daemon: app.Daemon) -> dict[str, int]:
    health = daemon.health()
    unfinished = {state: number for state, number in health["intents"].items() if state != "done"}
    return {"pending": health["pending"], "dead letters": health["dead_letters"], **unfinished}


@contextmanager
def _logged(trace: Trace) -> Iterator[None]:
    logger = logging.getLogger("triaged")
    level, propagates = logger.level, logger.propagate
    logger.addHandler(trace)
    logger.setLevel(logging.INFO)
    logger.propagate = False
    try:
        yield
    finally:
        logger.removeHandler(trace)
        logger.setLevel(level)
        logger.propagate = propagates


async def _nowhere(scope: Any, receive: Any, send: Any) -> None:
    raise AssertionError("the simulator asks for webhooks alone")
