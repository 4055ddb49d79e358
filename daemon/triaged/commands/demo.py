"""The whole story in one minute, no account needed.

Makes a small git repository with real bugs, starts `triaged run` over its public settings, and lets the same error come in three
ways: as a signed Sentry webhook, as a signed Slack alert and in a log file that grows. It becomes one ticket; two other errors
become two more. Shows what was filed, and serves the page to look at until Ctrl-C; with --once it exits, 0 if all came true.
"""

import argparse
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from types import ModuleType
from typing import Protocol, TypeVar

from triaged import demo, plugins
from triaged.commands import send
from triaged.errors import TriagedError
from triaged.web import terminal

_T = TypeVar("_T")

_SECONDS = 30
_SENTRY = {"client_secret": "demo-sentry-client-secret"}
_SLACK = {"signing_secret": "demo-slack-signing-secret"}


class NotTrue(TriagedError):
    """Something that the demo promises did not happen."""


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--once", action="store_true", help="exit afterwards: 0 if all of it came true")
    parser.add_argument(
        "--github", metavar="URL", help="file issues in acme/shop at this GitHub API, with the token in TRIAGED_GITHUB_TOKEN"
    )
    parser.add_argument("--port", type=int, default=0, help="where the page is served (default: a free port)")


def run(arguments: argparse.Namespace) -> int:
    if shutil.which("git") is None:
        print("triaged demo needs git", file=sys.stderr)
        return 2
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # whoever ends us ends the daemon and the folder, too
    with tempfile.TemporaryDirectory(prefix="triaged-demo-") as folder:
        place = Path(folder)
        sha = demo.make(place / "shop")
        _say(f"A shop with bugs, as a git repository at commit {sha[:12]}.")
        filed: Filed = _Issues(arguments.github) if arguments.github else _Files(place, sha)
        with _daemon(place, {"TRIAGED_PORT": str(arguments.port), **filed.settings}) as url:
            started = time.monotonic()
            _tell(place, url, filed.release)
            _show(filed)
            print(f"\nThree errors, five deliveries, three tickets, in {time.monotonic() - started:.1f} s.")
            if not arguments.once:
                print(f"Look at them: {url}/   (Ctrl-C ends it and removes everything)", flush=True)
                _wait_for_the_end()
    return 0


def _wait_for_the_end() -> None:
    try:
        signal.pause()
    except KeyboardInterrupt:
        print()


class Filed(Protocol):
    """Where the demo's tickets go."""

    settings: dict[str, str]
    release: str
    place: str
    every: float
    """Seconds between two looks."""

    def tickets(self) -> list[tuple[str, str]]:
        """Name and text of each; the text begins with its title."""


class _Files:
    """Markdown files, and code from the shop's checkout: what needs no account."""

    every = 0.05

    def __init__(self, place: Path, sha: str) -> None:
        self._folder = place / "data" / "tickets"
        self.settings = {"TRIAGED_CHECKOUT": str(place / "shop")}
        self.release = sha
        self.place = str(self._folder)

    def tickets(self) -> list[tuple[str, str]]:
        return [(path.name, path.read_text(encoding="utf-8").removeprefix("# ")) for path in sorted(self._folder.glob("0*.md"))]


class _Issues:
    """Issues of acme/shop at a GitHub that holds the shop, tagged 1.0."""

    release = "1.0"
    every = 1.0

    def __init__(self, api: str) -> None:
        self._url = f"{api}/repos/acme/shop/issues?state=all&sort=created&direction=asc"
        self._token = os.environ.get("TRIAGED_GITHUB_TOKEN", "")
        self.settings = {"TRIAGED_GITHUB_API_URL": api, "TRIAGED_GITHUB_TOKEN": self._token, "TRIAGED_GITHUB_REPOSITORY": "acme/shop"}
        self.place = f"acme/shop at {api}"

    def tickets(self) -> list[tuple[str, str]]:
        headers = {"Authorization": f"Bearer {self._token}", "User-Agent": "triaged demo"}
        with urllib.request.urlopen(urllib.request.Request(self._url, headers=headers), timeout=10) as answer:  # noqa: S310
            return [(issue["html_url"], f"{issue['title']}\n\n{issue['body']}") for issue in json.load(answer)]


@contextmanager
def _daemon(place: Path, given: Mapping[str, str]) -> Iterator[str]:
    """`triaged run` as a child process; gives its address."""
    settings = {
        "TRIAGED_DATA_DIR": str(place / "data"),
        "TRIAGED_SENTRY_CLIENT_SECRET": _SENTRY["client_secret"],
        "TRIAGED_SLACK_SIGNING_SECRET": _SLACK["signing_secret"],
        "TRIAGED_LOG_FILES": str(place / "shop.log"),
        "TRIAGED_UPDATE_INTERVAL_SECONDS": "1",
        **given,
    }
    kept = {name: value for name, value in os.environ.items() if not name.startswith("TRIAGED_") and "GITHUB" not in name}
    (place / "shop.log").touch()
    log = place / "triaged.log"
    with log.open("wb") as stderr:
        child = subprocess.Popen([sys.executable, "-m", "triaged", "run"], env={**kept, **settings}, cwd=place, stderr=stderr)
    try:
        url = _until("triaged run does not start", lambda: _address(log), child)
        _say(f"triaged run listens at {url}, with a Sentry secret, a Slack secret and a log file to follow.")
        yield url
    finally:
        child.send_signal(signal.SIGTERM)
        try:
            child.wait(10)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()


def _address(log: Path) -> str:
    for line in log.read_text(encoding="utf-8").splitlines():
        said = json.loads(line)
        if said["message"] == "triaged listens":
            return str(said["address"])
        if said["level"] in ("error", "critical"):
            raise NotTrue(f"triaged run: {said.get('reason', said['message'])}")
    return ""


def _tell(place: Path, url: str, release: str) -> None:
    """Five deliveries of three errors."""
    shop = place / "shop"
    unknown, empty = demo.crash(shop, "unknown item"), demo.crash(shop, "empty cart")
    sentry, slack = plugins.load("sources", "sentry"), plugins.load("sources", "slack")

    def told(source: ModuleType, secret: dict[str, str], body: bytes) -> str:
        status, text = send.deliver(url, source, source.Config(**secret), body, datetime.now(UTC))
        if status != 202:
            raise NotTrue(f"a signed delivery is accepted: it was answered {status} {text}")
        return f"signed, answered {status}"

    print()
    answer = told(sentry, _SENTRY, demo.sentry_event(unknown, release, datetime.now(UTC)))
    _say(f"1  a {unknown.kind} in the shop, told by Sentry's webhook: {answer}")
    answer = told(slack, _SLACK, demo.slack_alert(f"Checkout is failing:\n```{unknown.text}```", datetime.now(UTC)))
    _say(f"2  the same {unknown.kind}, told by an alert in Slack: {answer}")
    with (place / "shop.log").open("a", encoding="utf-8") as log:
        log.write(f"2026-03-04 12:00:01 INFO checkout order 4711\n2026-03-04 12:00:01 ERROR checkout failed\n{unknown.text}\n")
        log.write(f"2026-03-04 12:00:02 INFO statistics of order 4712\n2026-03-04 12:00:02 ERROR statistics failed\n{empty.text}\n")
        log.write("2026-03-04 12:00:03 INFO checkout order 4713\n")
    _say(f"3  the same {unknown.kind}, in a log file that grows")
    _say(f"4  a {empty.kind}, further down in the same file, between ordinary lines")
    answer = told(slack, _SLACK, demo.slack_alert(f"Basket page:\n```{demo.BROWSER}```", datetime.now(UTC)))
    _say(f"5  a TypeError of a browser, told by Slack: {answer}")


def _show(filed: Filed) -> None:
    tickets = _until("three tickets, the first with three occurrences", lambda: _complete(filed.tickets()), every=filed.every)
    print()
    _say(f"{len(tickets)} tickets in {filed.place}, the first one told three times:")
    width = min(shutil.get_terminal_size().columns, 110)
    colour = sys.stdout.isatty() and "NO_COLOR" not in os.environ
    title, _, body = tickets[0][1].partition("\n")
    print("─" * width)
    print(terminal.shown(f"# {title}\n{body}", width, colour))
    print("─" * width)
    for name, text in tickets[1:]:
        print(f"and  {name}  {text.partition(chr(10))[0].replace(chr(92), '')}")


def _complete(tickets: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """The tickets, the one that was told three times first; empty while they are not all there."""
    thrice = [ticket for ticket in tickets if "Occurrences: 3\n" in ticket[1]]
    return [*thrice, *(ticket for ticket in tickets if ticket not in thrice)] if len(thrice) == 1 and len(tickets) == 3 else []


def _until(what: str, look: Callable[[], _T], child: "subprocess.Popen[bytes] | None" = None, every: float = 0.05) -> _T:
    ends = time.monotonic() + _SECONDS
    while time.monotonic() < ends:
        found = look()
        if found:
            return found
        if child is not None and child.poll() is not None:
            raise NotTrue(f"{what}: it ended with exit code {child.returncode}")
        time.sleep(every)
    raise NotTrue(f"{what}: not within {_SECONDS} s")


def _say(text: str) -> None:
    print(text, flush=True)
