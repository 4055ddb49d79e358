"""Is everything there that triaged needs? Settings, rules, data folder, the running daemon, GitHub, sources: a line each.

`ok` is well; `warn` works, but could be better; `MEND` does not work, with what to do; `-` is not configured. Peers are only asked what
changes nothing there. Exit 0, or 1 where something is to be mended.
"""

import argparse
import fcntl
import glob
import json
import os
import shutil
import tempfile
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from dataclasses import asdict, replace
from datetime import timedelta
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from types import ModuleType
from typing import Any

import anyio
import anyio.to_thread

from triaged import __version__, app, plugins, rulebook, settings
from triaged.clients import signatures
from triaged.clients.clock import SystemClock
from triaged.clients.github import Config
from triaged.clients.github_visit import Visit
from triaged.clients.http import Client
from triaged.core import checkup, route
from triaged.core.checkup import Line, mend, off, ok, warn
from triaged.errors import TriagedError, Unavailable, Unknown, WrongConfig
from triaged.metrics import Metrics
from triaged.ports import Answer, PushSource, Tools

Check = AsyncIterator[Line]

_LOCAL_SECONDS = 4
_MINUTE = timedelta(minutes=1)


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="one JSON object instead of text")


def run(arguments: argparse.Namespace) -> int:
    loaded = settings.load()
    told = [(section, _harmless(line, loaded.secret_values())) for section, line in anyio.run(look, loaded)]
    states = Counter(line.state for _, line in told)
    if arguments.json:
        print(json.dumps({"ok": not states["mend"], "checks": [{"section": section, **asdict(line)} for section, line in told]}))
    else:
        _print(told)
        print(f"{states['mend'] or 'nothing'} to mend, {states['warn'] or 'nothing'} to think about")
    return 1 if states["mend"] else 0


async def look(loaded: settings.Loaded) -> list[tuple[str, Line]]:
    """What every check says, with its section. The sections are gone through at the same time."""
    http = Client()
    doctor = _Doctor(loaded, Tools(http, SystemClock(), Metrics()))
    sections: dict[str, Callable[[], Check]] = {
        "settings": doctor.rules,
        "data folder": doctor.folder,
        "daemon": doctor.daemon,
        "GitHub": doctor.github,
        "sources": doctor.sources,
    }
    lines: dict[str, list[Line]] = {}

    async def go(name: str, check: Callable[[], Check]) -> None:
        lines[name] = await _told(name, check())

    try:
        async with anyio.create_task_group() as tasks:
            for name, check in sections.items():
                tasks.start_soon(go, name, check)
    finally:
        await http.close()
    return [(name, line) for name in sections for line in lines[name]]


async def _told(what: str, check: Check) -> list[Line]:
    """All lines of a check, and why it ended before its time: one that fails is a finding, and hides no other."""
    found = []
    try:
        async for line in check:
            found.append(line)
    except (TriagedError, OSError) as error:
        found.append(mend(what, str(error)))
    except Exception as error:
        # its text is unknown to us and may hold a secret, such as a token that is no header's value
        found.append(mend(what, f"it could not be looked at ({type(error).__name__})"))
    return found


class _Doctor:
    def __init__(self, loaded: settings.Loaded, tools: Tools) -> None:
        self._loaded = loaded
        self._own = loaded.settings
        self._tools = tools
        self._folders = [folder for folder in (self._own.rules_dir, settings.data("rules")) if folder]

    # ---------------------------------------------------------------- this machine

    async def rules(self) -> Check:
        yield ok("the settings can be read")
        mistakes = [mend(found.place, "; ".join(filter(None, (found.what, found.remedy)))) for found in rulebook.findings(self._folders)]
        try:
            if not mistakes:
                app.rules(self._loaded)
        except WrongConfig as mistake:
            mistakes.append(mend(mistake.place, mistake.what))
        for line in mistakes or [ok("rules and templates load, and the rules' cases come out")]:
            yield line

    async def folder(self) -> Check:
        for line in await anyio.to_thread.run_sync(lambda: list(_folder(self._own.data_dir))):
            yield line

    async def daemon(self) -> Check:
        url = settings.url(self._own, monitor=True)
        held = _held(self._own.data_dir)
        try:
            answer = await self._local("GET", f"{url}/health")
        except (Unavailable, Unknown):
            where = "TRIAGED_HOST and TRIAGED_PORT (or TRIAGED_MONITOR_HOST and _PORT)"
            if held:
                yield mend(f"a daemon holds the data folder, but does not answer at {url}", f"give doctor its {where}, or else restart it")
            else:
                yield off("it does not run", "`triaged run` starts it")
            return
        told = _health(answer)
        if told is None:
            yield mend(f"something that is not triaged answers at {url}", "stop it, or choose another TRIAGED_PORT")
            return
        for line in checkup.health(told, __version__):
            yield line
        if not held:
            yield warn(f"it holds another data folder than {self._own.data_dir}", "give doctor the TRIAGED_DATA_DIR that it has")
        if (await self._local("GET", f"{url}/ready")).status != 200:
            yield mend("it cannot store deliveries", "see to the data folder, above, then restart it")
        for name, module in self._modules():
            for line in await _told(name, self._webhook(name, module)):
                yield line

    async def _webhook(self, name: str, module: ModuleType) -> Check:
        """Where it is sent to, a delivery that nobody signed has to be refused."""
        config = self._loaded.plugin(name, module.Config)
        if config is None:
            return
        async with module.connect(config, self._tools) as source:
            if not isinstance(source, PushSource):
                return
        status = (await self._local("POST", f"{settings.url(self._own)}/webhook/{name}", b"{}")).status
        if status == 401:
            yield ok(f"/webhook/{name} is there, and refuses what is not signed")
        elif status == 404:
            needed = ", ".join(self._loaded.wanted(name, module.Config))
            yield mend(f"/webhook/{name} is not there", f"the daemon was started without {needed}: restart it with what doctor has")
        else:
            yield mend(f"/webhook/{name} answers {status} to what nobody signed", "it should be 401: see what stands before the daemon")

    async def _local(self, method: str, url: str, body: bytes | None = None) -> Answer:
        return await self._tools.http.send(method, url, headers={"Content-Type": "application/json"}, body=body, seconds=_LOCAL_SECONDS)

    # --------------------------------------------------------------------- peers

    async def github(self) -> Check:
        try:
            routes = rulebook.load(self._folders).routes
        except WrongConfig:
            routes = ()  # said above
        repositories = route.repositories(routes, self._own.github_repository)
        credential = self._loaded.has("github_token") or self._loaded.has("github_app_id")
        if not credential and not repositories:
            needed = "TRIAGED_GITHUB_TOKEN and TRIAGED_GITHUB_REPOSITORY"
            yield off("GitHub", f"not configured, tickets are files in {self._own.data_dir / 'tickets'}; needs {needed}")
            return
        if not credential:
            yield mend(f"there is no credential for {', '.join(repositories)}", "set TRIAGED_GITHUB_TOKEN, or an App's id and key")
            return
        if not self._own.github_repository:
            yield mend("there is a credential, but no repository", "set TRIAGED_GITHUB_REPOSITORY: until then tickets are files")
        visit = Visit(self._loaded.plugin("github", Config) or Config(), self._tools)
        lines = await _told("the credential", visit.credential())
        for repository in repositories if visit.is_taken else ():
            rules = [rule for rule in routes if repository in (rule.repositories or repositories)]
            labels = dict.fromkeys(label for rule in rules for label in rule.labels)
            assignees = dict.fromkeys(login for rule in rules for login in rule.assignees)
            lines += await _told(repository, visit.repository(repository, ["triaged", *labels], tuple(assignees)))
        for line in lines:
            yield line

    async def sources(self) -> Check:
        further = {"sentry": self._sentry, "slack": self._slack, "cloudwatch": self._cloudwatch, "file": self._files}
        for name, module in self._modules():
            for line in await _told(name, self._source(name, module, further.get(name))):
                yield line

    async def _source(self, name: str, module: ModuleType, further: Callable[[Any], Check] | None) -> Check:
        config = self._loaded.plugin(name, module.Config)
        if config is None:
            yield off(name, f"not configured; needs {', '.join(self._loaded.wanted(name, module.Config))}")
            return
        yield ok(f"{name} is configured")
        if further:
            async for line in further(config):
                yield line

    async def _sentry(self, config: Any) -> Check:
        if config.auth_token is None:
            return
        if not config.organization:
            yield off("sentry, its token", "to be tried it needs TRIAGED_SENTRY_ORGANIZATION")
            return
        url = f"{config.api_url.rstrip('/')}/api/0/organizations/{config.organization}/"
        answer = await self._tools.http.send("GET", url, headers=_bearer(config.auth_token))
        said = f"sentry: {config.organization}, asked with the token, answers {answer.status}"
        if answer.status == 200:
            yield ok(f"sentry: its token reaches {config.organization}")
        elif answer.status == 403:
            yield warn(said, "the token is taken but may not read the organization; event:read is all that triaged needs")
        elif answer.status == 401:
            yield mend(said, "the token is revoked or mistyped: put one with event:read in TRIAGED_SENTRY_AUTH_TOKEN")
        else:
            yield mend(said, "see TRIAGED_SENTRY_ORGANIZATION (its slug) and TRIAGED_SENTRY_API_URL")

    async def _slack(self, config: Any) -> Check:
        """https://docs.slack.dev/reference/methods/auth.test"""
        if config.bot_token is None:
            return
        answer = await self._tools.http.send("POST", f"{config.api_url.rstrip('/')}/auth.test", headers=_bearer(config.bot_token))
        told = json.loads(answer.body) if answer.status == 200 else {"error": f"it answers {answer.status}"}
        if told.get("ok"):
            yield ok(f"slack: its bot token is that of {told.get('user')} in {told.get('team')}")
        else:
            yield mend(
                f"slack: its bot token is not taken ({told.get('error')})", "TRIAGED_SLACK_BOT_TOKEN is the app's Bot User OAuth Token"
            )

    async def _cloudwatch(self, config: Any) -> Check:
        from triaged.clients import aws

        client = aws.Client("logs")
        try:
            for group in filter(None, map(str.strip, config.groups.split(","))):
                for line in await _told("cloudwatch", self._group(client, group)):
                    yield line
        finally:
            await client.close()

    async def _group(self, client: Any, group: str) -> Check:
        since = round((self._tools.clock.now() - _MINUTE).timestamp() * 1000)
        await client.read("filter_log_events", f"log group {group}", "logs:FilterLogEvents", logGroupName=group, startTime=since, limit=1)
        yield ok(f"log group {group} can be read")

    async def _files(self, config: Any) -> Check:
        for line in await anyio.to_thread.run_sync(lambda: list(_log_files(config.paths))):
            yield line

    def _modules(self) -> Iterator[tuple[str, ModuleType]]:
        return ((name, plugins.load("sources", name)) for name in plugins.names("sources"))


def _folder(folder: Path) -> Iterator[Line]:
    """Where it is not there yet, the one that it would be made in is looked at."""
    place = next(place for place in (folder.absolute(), *folder.absolute().parents) if place.exists())
    if place != folder.absolute():
        yield ok(f"{folder} is not there yet: the first start makes it")
    try:
        with tempfile.TemporaryFile(dir=place) as file:
            file.write(b"triaged")
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        yield mend(f"{place} cannot be written to ({error.strerror})", f"give it to the user that runs triaged (uid {os.getuid()})")
    else:
        yield ok(f"{place} can be written to")
    mounts = Path("/proc/mounts")
    kind = checkup.filesystem(mounts.read_text(errors="replace"), str(place.resolve())) if mounts.exists() else ""
    yield checkup.durability(str(folder), kind, app.DURABILITY)
    yield checkup.space(shutil.disk_usage(place).free)


def _held(folder: Path) -> bool:
    """Whether a daemon holds it. The lock is tried for an instant, and never made."""
    try:
        lock = os.open(folder / "lock", os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return False
    try:
        fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(lock)
    return False


def _log_files(paths: str) -> Iterator[Line]:
    for pattern in filter(None, map(str.strip, paths.split(","))):
        found = sorted(path for path in glob.glob(pattern, recursive=True) if os.path.isfile(path))
        closed = [path for path in found if not os.access(path, os.R_OK)]
        if closed:
            yield mend(f"{', '.join(closed[:5])} cannot be read", f"let the user that runs triaged (uid {os.getuid()}) read it")
        elif found:
            yield ok(f"{pattern}: {len(found)} {'file' if len(found) == 1 else 'files'}")
        else:
            yield warn(f"{pattern}: there is no such file", "well if it is still to come; else see TRIAGED_LOG_FILES")


def _health(answer: Answer) -> Mapping[str, Any] | None:
    """What a daemon of ours says; None where it is none."""
    try:
        told = json.loads(answer.body)
    except ValueError:
        return None
    return told if isinstance(told, dict) and {"status", "version", "durability"} <= told.keys() else None


def _bearer(token: Any) -> dict[str, str]:
    return {"Authorization": f"Bearer {signatures.values(token)[0]}", "Accept": "application/json"}


def _harmless(line: Line, secrets: tuple[str, ...]) -> Line:
    """As a terminal may be given it, whoever wrote it."""

    def clean(text: str) -> str:
        for secret in secrets:
            text = text.replace(secret, "[secret]")
        return "".join(character if character.isprintable() else " " for character in text)

    return replace(line, what=clean(line.what), do=clean(line.do))


def _print(told: list[tuple[str, Line]]) -> None:
    for section, lines in groupby(told, key=itemgetter(0)):
        print(section, *(f"  {line}" for _, line in lines), sep="\n")
        print()
