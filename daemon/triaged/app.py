"""Builds every object, owns the one task group, ends cleanly on SIGTERM."""

import fcntl
import os
import secrets
import signal
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any, cast

import anyio
from anyio.abc import TaskGroup
from starlette.applications import Starlette
from starlette.routing import Mount

from triaged import __version__, logs, parsers, plugins, rulebook, settings
from triaged.channels.journal import Journal
from triaged.clients.clock import SystemClock
from triaged.clients.http import Client
from triaged.clients.sqlite import Database
from triaged.core import redact
from triaged.core.decide import Rate
from triaged.core.model import Group, Report
from triaged.core.regression import Standing, Verdict
from triaged.core.rulebook import Rulebook
from triaged.core.settle import Intent
from triaged.core.templates import Templates
from triaged.errors import FolderInUse, JournalBroken, Unavailable, WrongConfig, WrongUse
from triaged.metrics import Metrics
from triaged.pipeline import samples, workers
from triaged.pipeline.code import Code
from triaged.pipeline.intake import Intake
from triaged.pipeline.publish import Publisher
from triaged.pipeline.reconcile import Reconciler
from triaged.pipeline.reload import Reload
from triaged.pipeline.render import Back, Renderer
from triaged.pipeline.storm import Storms
from triaged.pipeline.triage import Reads, World
from triaged.pipeline.upkeep import Upkeep
from triaged.pipeline.visibility import Visibility
from triaged.pipeline.workers import Workers
from triaged.ports import Clock, CodeHost, Http, PullSource, PushSource, Sink, Tools, Withheld
from triaged.stores.sqlite import Store
from triaged.web import monitor, trigger
from triaged.web.listener import Listener
from triaged.web.page import Page
from triaged.web.server import Server, bind

DURABILITY = "SQLite WAL, synchronous=FULL: survives a kill and a restart; lost with the disk that holds TRIAGED_DATA_DIR"
_TEMPLATES = "templates"  # the note that they are kept in
_SECONDS_BETWEEN_KEEPING = 300
_SECONDS_TO_FINISH = 6.0
_SECONDS_TO_KEEP = 1.0


@dataclass(frozen=True, slots=True)
class Rules:
    """What decides, as it holds now."""

    rulebook: Rulebook
    renderer: Renderer
    redactor: redact.Redactor


def rules(loaded: settings.Loaded) -> Rules:
    """Rules and templates: a user's folder before the shipped one. Raises WrongConfig."""
    own = loaded.settings
    folders = [folder for folder in (own.rules_dir, settings.data("rules")) if folder]
    book = rulebook.load(folders)
    try:
        redactor = redact.compile(book.redaction, loaded.secret_values())
    except ValueError as error:
        raise WrongConfig(f"{rulebook.files(folders)['redaction.yaml']}:1:1", str(error)) from None
    templates = [folder for folder in (own.templates_dir, settings.data("templates")) if folder]
    renderer = Renderer(templates, redactor, next(iter(own.marker_keys()), ""), loaded.link_hosts()).compiled()
    for mistake in samples.mistakes(renderer):
        raise mistake
    return Rules(book, renderer, redactor)


def tried(loaded: settings.Loaded) -> Rules:
    """Rules and templates of which every case comes out as it says. Raises WrongConfig, which counts the mistakes and shows the first."""
    folders = [folder for folder in (loaded.settings.rules_dir, settings.data("rules")) if folder]
    if found := rulebook.findings(folders):
        first, further = found[0], f" (and {len(found) - 1} more; `triaged check` lists them)" if len(found) > 1 else ""
        raise WrongConfig(first.place, f"{first.what}; {first.remedy}{further}")
    made = rules(loaded)
    for wrong in redact.wrong_cases(made.rulebook.redaction, made.redactor):
        raise WrongConfig("redaction.yaml", wrong)
    return made


@dataclass(frozen=True, slots=True)
class Home:
    """Where code is read and tickets go that no route sends elsewhere."""

    repository: str
    codehost: CodeHost | None
    sink: str
    """``github`` or ``local``."""
    sinks: Mapping[str, Sink]


def home(loaded: settings.Loaded, tools: Tools) -> Home:
    """GitHub where a credential and a repository are configured; else a local checkout and Markdown files. Raises WrongUse."""
    own = loaded.settings
    if own.github_repository and (loaded.has("github_token") or loaded.has("github_app_id")):
        return _github(loaded, tools)
    host, name = checkout(loaded)
    local = plugins.load("sinks", "local")
    return Home(own.github_repository or name, host, "local", {"local": local.Local(local.Config(folder=own.data_dir / "tickets"))})


def _github(loaded: settings.Loaded, tools: Tools) -> Home:
    from triaged.clients.github import Config, GitHub  # what is not configured is not imported
    from triaged.codehosts.github import Repositories
    from triaged.sinks.github import Issues

    own = loaded.settings
    client = GitHub(loaded.plugin("github", Config) or Config(), tools)
    if loaded.has("github_app_id"):
        client.app_jwt()  # a key that is none is said now
    host = checkout(loaded)[0] if own.checkout else Repositories(client)
    return Home(own.github_repository, host, "github", {"github": Issues(client, own.marker_keys())})


def checkout(loaded: settings.Loaded) -> tuple[CodeHost | None, str]:
    """The local checkout, if there is one, and its name."""
    from triaged.codehosts.checkout import Checkout

    folder = loaded.settings.checkout or Path()
    if not (folder / ".git").exists() and not (folder / "HEAD").is_file():
        if loaded.settings.checkout:
            raise WrongUse(f"TRIAGED_CHECKOUT={folder}: there is no git checkout")
        return None, "local"
    host = Checkout(folder)
    return host, host.repository


async def sources(loaded: settings.Loaded, tools: Tools, stack: AsyncExitStack) -> dict[str, PushSource | PullSource]:
    """Every source that is configured, by name; of the others the log says what would switch them on."""
    found: dict[str, PushSource | PullSource] = {}
    for name in plugins.names("sources"):
        module = plugins.load("sources", name)
        config = loaded.plugin(name, module.Config)
        if config is None:
            logs.info("a source is off", source=name, needs=", ".join(loaded.wanted(name, module.Config)))
        else:
            found[name] = await stack.enter_async_context(module.connect(config, tools))
    return found


async def receivers(loaded: settings.Loaded, book: Rulebook, tools: Tools, stack: AsyncExitStack) -> dict[str, Sink]:
    """The sinks that ``rules/receivers.yaml`` names."""
    found: dict[str, Sink] = {}
    for receiver in book.receivers:
        module = plugins.load("sinks", receiver.type)
        config = loaded.plugin(receiver.type, module.Config, **receiver.settings) or module.Config()
        found[receiver.name] = await stack.enter_async_context(module.connect(config, tools))
    return found


class Daemon:
    """Everything that ``triaged run`` consists of; made by ``opened``."""

    def __init__(self, loaded: settings.Loaded, decides: Rules, database: Database, clock: Clock, metrics: Metrics) -> None:
        self.loaded = loaded
        self.clock = clock
        self.metrics = metrics
        self.database = database
        self.journal = Journal(database, clock)
        self.store = Store(database)
        self.templates = Templates(self.store.note(_TEMPLATES))
        self._learned = 0
        self.rules = decides
        self.sources: dict[str, PushSource | PullSource] = {}
        self.intake = Intake(self.journal, clock, metrics, loaded.settings.scan_interval_seconds)

    async def open(self, http: Http, stack: AsyncExitStack) -> None:
        own, tools = self.loaded.settings, Tools(http, self.clock, self.metrics, self.store)
        self.home = home(self.loaded, tools)
        self.repository = self.home.repository
        self.code = Code(self.home.codehost, self.clock) if self.home.codehost else None
        self.sources = await sources(self.loaded, tools, stack)
        self.pushed = {name: source for name, source in self.sources.items() if isinstance(source, PushSource)}
        self.reconciler = Reconciler(self.journal, self.store.knows, self.pushed, self.clock, self.metrics)
        self.reconciler.recall(self.sources)
        self.sinks = {**self.home.sinks, **await receivers(self.loaded, self.rules.rulebook, tools, stack)}
        self.visibility = Visibility(self.sinks, self.clock)
        interval = timedelta(seconds=own.update_interval_seconds)
        upkeep = Upkeep(self.store, self.sinks, self.report, self.comment, self.clock, interval)
        storms = Storms(self.store, self.sinks, lambda: self.rules.rulebook.limits, self.umbrella, self.clock, interval)
        quiet = timedelta(seconds=own.quiet_seconds)
        self.publisher = Publisher(
            self.store, self.sinks, upkeep, storms, self.clock, self.metrics, lambda: secrets.token_hex(8), self.fitted, quiet=quiet
        )
        self.workers = Workers(
            self.journal, self.store, self.world, self.clock, self.metrics, lambda: self.rules.redactor, self.publisher.wake
        )
        watched = [folder for folder in (own.rules_dir, own.templates_dir) if folder]
        self.reload = Reload(watched, lambda: tried(self.loaded), self._take, self.clock, self.metrics)
        self._tools = tools
        self._stack = stack

    async def _take(self, new: Rules) -> None:
        """From the next record on these rules hold. Receivers that are new or changed are connected first. Raises where one cannot be."""
        there = {receiver.name: receiver for receiver in self.rules.rulebook.receivers}
        changed = tuple(receiver for receiver in new.rulebook.receivers if there.get(receiver.name) != receiver)
        connected = await receivers(self.loaded, replace(new.rulebook, receivers=changed), self._tools, self._stack)
        kept = {receiver.name for receiver in new.rulebook.receivers}
        for name in there.keys() - kept:
            self.sinks.pop(name, None)
        self.sinks.update(connected)
        self.rules = new

    def repositories(self) -> set[str]:
        """Where tickets may go."""
        return {self.repository, *(name for rule in self.rules.rulebook.routes for name in rule.repositories)}

    def listen(self) -> None:
        """Binds the listeners. Raises WrongUse."""
        self.servers = [Server(app, listening) for app, listening in self._listeners()]

    async def scan(self, since: timedelta | None, only: Sequence[str]) -> str:
        """Starts a sweep of every pull source; its id."""
        for source in self.sources.values():
            if isinstance(source, PullSource) and since is not None:
                await self.intake.rewind(source, self.clock.now() - since, only)
        self.intake.wake()
        number = secrets.token_hex(4)
        logs.info("a scan was asked for", id=number, since=str(since or ""))
        return number

    async def work_off(self, seconds: float) -> int:
        """Triages and files what is there; how much of it is left after that time."""
        with anyio.move_on_after(seconds):
            await self.visibility.all_known(self.repositories())
            while self.journal.pending():
                await self.workers.batch(await self.journal.take(workers.MOST))
            while self.store.open_intents():
                await self.publisher.once()
                await self.clock.sleep(0.2)
        return self.journal.pending() + self.store.open_intents()

    def world(self) -> World:
        reads = cast(Mapping[str, Reads], self.sources)
        book, renderer = self.rules.rulebook, self.rules.renderer
        strict = self.visibility.known
        return World(
            reads, book, parsers.parse, self.store.group, self.code, renderer, self.home.sink, self.repository, strict, self.templates
        )

    def report(self, group: Group, view: Mapping[str, Any], note: str = "") -> Report:
        repository, render = group.repository or self.repository, self.rules.renderer.report
        strict = self.visibility.strict(repository)
        return render(view, group.tally, repository=repository, generation=max(group.generation, 1), note=note, strict=strict)

    async def fitted(self, intent: Intent) -> Intent:
        """A report that was rendered for other readers than its repository has now is rendered anew."""
        report = intent.report
        strict = await self.visibility.known(report.repository)
        if strict == report.strict:
            return intent
        seen = self.store.seen(report.marker.fingerprint) if intent.kind == "issue" else None
        if seen is not None:
            fresh = replace(self.report(*seen), repository=report.repository, marker=report.marker)
            return replace(intent, report=fresh)
        return replace(intent, report=self.rules.renderer.for_strangers(report)) if strict else intent

    def comment(self, group: Group, view: Mapping[str, Any], standing: Standing, verdict: Verdict) -> Report:
        outcome = verdict.outcome
        since = group.tally.count - outcome.closed_count
        back = Back(standing.closed_at, since, verdict.what == "reopen", outcome.regressions, verdict.reason)
        repository = group.repository or self.repository
        return self.rules.renderer.comment(view, group.tally, back, repository=repository, strict=self.visibility.strict(repository))

    def umbrella(self, fingerprint: str, repository: str, named: Sequence[Withheld], waiting: int, limit: Rate) -> Report:
        errors = [(row.group, row.view) for row in named]
        strict = self.visibility.strict(repository)
        return self.rules.renderer.umbrella(fingerprint, errors, repository=repository, waiting=waiting, limit=limit, strict=strict)

    def health(self) -> dict[str, Any]:
        failing = {**self.reconciler.failing, **self._partly_failing(), **self.intake.failing}
        states, balance = self.store.states(), self.journal.balance()
        lost = balance["accepted"] - sum(count for name, count in balance.items() if name != "accepted")
        degraded = bool(failing or balance["dead"] or states.get("parked") or lost or self.reload.refused)
        return {
            "status": "broken" if self.database.broken else "degraded" if degraded else "ok",
            "version": __version__,
            "durability": DURABILITY,
            "pending": balance["pending"],
            "dead_letters": balance["dead"],
            "deliveries": {**balance, "lost": lost},
            "intents": dict(states),
            "sources": {name: {"degraded": name in failing, "reason": failing.get(name, "")} for name in self.sources},
            "sinks": {name: {"degraded": bool(states.get("parked"))} for name in self.sinks},
            "rules": {"degraded": bool(self.reload.refused), "reason": self.reload.refused},
            "journal": {"degraded": bool(self.database.broken), "reason": self.database.broken},
        }

    def _partly_failing(self) -> dict[str, str]:
        pulled = (source for source in self.sources.values() if isinstance(source, PullSource) and source.failing)
        return {source.name: "; ".join(source.failing.values()) for source in pulled}

    async def run(self) -> None:
        """Until SIGTERM or SIGINT. Raises JournalBroken where going on would mean guessing."""
        async with anyio.create_task_group() as everything:
            self.start(everything)
            everything.start_soon(self.reconciler.run)
            everything.start_soon(self.reload.run)
            for server in self.servers:
                everything.start_soon(server.serve)
            logs.info(
                "triaged listens",
                address=self.servers[0].address,
                monitor=self.servers[-1].address,
                version=__version__,
                durability=DURABILITY,
                sources=sorted(self.sources),
                repository=self.repository,
                sink=self.home.sink,
                data=str(self.loaded.settings.data_dir),
            )
            await _signalled(self.reload.wake)
            logs.info("triaged stops: what was accepted is kept")
            for server in self.servers:
                server.stop()
            await self.stop(everything)

    def start(self, everything: TaskGroup) -> None:
        """What becomes of deliveries: every task but those of the listeners and of what surrounds them."""
        for source in self.sources.values():
            if not isinstance(source, PushSource):
                everything.start_soon(self.intake.run, source)
        everything.start_soon(self.visibility.run, self.repositories)
        everything.start_soon(self.workers.run)
        if self.loaded.settings.dry_run:
            logs.warning("dry run: nothing is filed, what would be is kept for when it ends")
        else:
            everything.start_soon(self._publish)
        everything.start_soon(self._housekeeping)

    async def _keep_templates(self) -> None:
        """What was learned of messages outlives the process, but for the last minutes before a kill."""
        learned = self.templates.learned
        if learned != self._learned:
            with suppress(Unavailable, JournalBroken):  # who is broken is told of elsewhere
                await self.store.keep(_TEMPLATES, self.templates.state())
                self._learned = learned

    async def _publish(self) -> None:
        await self.visibility.all_known(self.repositories())
        await self.publisher.run()

    async def stop(self, everything: TaskGroup) -> None:
        """Ends every task within seconds; the pieces in hand are finished."""
        await anyio.sleep(0.2)  # answers under way leave before the workers stop
        for task in (self.workers, self.publisher):
            task.finishing.within(_SECONDS_TO_FINISH)
        with anyio.move_on_after(_SECONDS_TO_KEEP):  # a slow disk
            await self._keep_templates()
        everything.cancel_scope.cancel()

    def door(self, rest: Any) -> Listener:
        """Takes webhooks; every other request goes on to ``rest``."""
        return Listener(self.pushed, self.reconciler.accept, rest, self.clock, self.metrics, self.loaded.settings.entrance())

    def _listeners(self) -> Iterator[tuple[Any, Any]]:
        own = self.loaded.settings
        shared = own.monitor_port is None
        watched = own.host if shared else own.monitor_host
        loopback = watched in ("127.0.0.1", "::1", "localhost")
        page = Page(self.store.groups, self.store.by_short, self.report, self.health, tokens=own.tokens(), loopback=loopback)
        looked_at = Starlette(routes=[*monitor.routes(self.health, self._ready, self.metrics, self._scrape), *page.routes()])
        asked = trigger.routes(self.scan, own.tokens())
        rest = Starlette(routes=[*asked, Mount("/", looked_at)]) if shared else Starlette(routes=asked)
        yield self.door(rest), bind(own.host, own.port, "TRIAGED_PORT")
        if own.monitor_port is not None:
            yield looked_at, bind(own.monitor_host, own.monitor_port, "TRIAGED_MONITOR_PORT")

    async def _ready(self) -> bool:
        return await self.journal.commits()

    def _scrape(self) -> None:
        states = self.store.states()
        self.metrics.pending.set(self.journal.pending())
        self.metrics.dead_letters.set(self.journal.dead() + states.get("parked", 0))
        self.metrics.withheld.set(states.get("withheld", 0))
        for state, count in self.journal.balance().items():
            self.metrics.balance.labels(state).set(count)

    async def _housekeeping(self) -> None:
        while True:
            for second in range(3600):
                if self.database.broken:
                    raise JournalBroken(self.database.broken)
                await self.clock.sleep(1)
                if second % _SECONDS_BETWEEN_KEEPING == 0:
                    await self._keep_templates()
            with suppress(Unavailable):  # a full disk: next hour
                self.metrics.dropped.labels("dead_old").inc(await self.journal.tidy())


@asynccontextmanager
async def opened(loaded: settings.Loaded, *, listens: bool = True) -> AsyncIterator[Daemon]:
    """A daemon with everything open. Raises WrongUse, WrongConfig, FolderInUse."""
    async with AsyncExitStack() as stack:
        folder = loaded.settings.data_dir
        stack.enter_context(held(folder))
        database = Database(folder / "triaged.db")
        stack.callback(database.close)
        http = Client()
        stack.push_async_callback(http.close)
        daemon = Daemon(loaded, rules(loaded), database, SystemClock(), Metrics())
        logs.redact(lambda text: daemon.rules.redactor.text(text))
        await daemon.open(http, stack)
        if listens:
            daemon.listen()
        yield daemon


@contextmanager
def held(folder: Path) -> Iterator[None]:
    """The data folder, for this process alone; the kernel lets go of it however we end."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock = os.open(folder / "lock", os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise WrongUse(f"TRIAGED_DATA_DIR={folder}: cannot be written to ({error.strerror})") from error
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(lock)
        raise FolderInUse(f"TRIAGED_DATA_DIR={folder}: another triaged holds it; stop that one or choose another folder") from None
    try:
        yield
    finally:
        os.close(lock)


async def _signalled(hangup: Callable[[], None]) -> None:
    """Until we are told to end; SIGHUP reads the rules anew."""
    with anyio.open_signal_receiver(signal.SIGTERM, signal.SIGINT, signal.SIGHUP) as signals:
        async for number in signals:
            if number != signal.SIGHUP:
                return
            hangup()
