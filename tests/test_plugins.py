"""To add a source, a sink or a language is one new file: throw-away ones are added to a copy of the package, and nothing else is touched."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from running import running, until

SOURCE = '''"""Bells that ring."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from typing import ClassVar

from triaged import boundary
from triaged.core.model import Delivery, Record
from triaged.errors import BadSignature
from triaged.ports import PushSource, Tools, Webhook


class Config(boundary.Config):
    example: ClassVar = {"name": "bell", "token": "ding"}

    name: str
    token: str


class Ring(boundary.Payload, frozen=True):
    text: str
    tower: str = ""


class Bell(PushSource):
    def __init__(self, config: Config) -> None:
        self.name = config.name
        self._token = config.token

    def verify(self, webhook: Webhook) -> None:
        if webhook.headers.get("x-triaged-token") != self._token:
            raise BadSignature("x-triaged-token does not match")

    def read(self, delivery: Delivery) -> tuple[Record, ...]:
        ring = Ring.read(delivery.body)
        return (Record(source=self.name, at=delivery.at, text=ring.text, labels={"service": ring.tower}),)


def signed(config: Config, body: bytes, at: datetime) -> dict[str, str]:
    return {"X-Triaged-Token": config.token}


def sample(at: datetime) -> bytes:
    return b\'{"tower": "west", "text": "@@ Cracked: the great bell @@ tower.bell:3 swing"}\'


@asynccontextmanager
async def connect(config: Config, tools: Tools) -> AsyncIterator[Bell]:
    yield Bell(config)
'''

PARSER = '''"""Traces of bells: `@@ Cracked: the great bell @@ tower.bell:3 swing`."""

import re

from triaged.core.model import Frame, StackTrace

LANGUAGE = "bellish"

_TRACE = re.compile(r"@@ (?P<kind>\\w+): (?P<message>[^@]*) @@ (?P<path>\\S+\\.bell):(?P<line>\\d+) (?P<function>\\w+)")


def parse(text: str) -> StackTrace | None:
    m = _TRACE.search(text)
    if m is None:
        return None
    frame = Frame(function=m["function"], path=m["path"], line=int(m["line"]))
    return StackTrace(language=LANGUAGE, kind=m["kind"], message=m["message"], frames=(frame,))
'''

SINK = '''"""A pinboard: one file for each report."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import ClassVar

from triaged import boundary
from triaged.core.model import Report, Ticket
from triaged.core.settle import Intent
from triaged.ports import Sink, Tools


class Config(boundary.Config):
    example: ClassVar = {"folder": "pins"}

    folder: Path


class Pinboard(Sink):
    name = "pinboard"

    def __init__(self, config: Config) -> None:
        self._folder = config.folder

    async def create(self, report: Report) -> Ticket:
        self._folder.mkdir(exist_ok=True)
        (self._folder / report.marker.short).write_text(report.title)
        return Ticket(self.name, report.repository, report.marker.short)

    async def find(self, intent: Intent) -> Ticket | None:
        there = (self._folder / intent.report.marker.short).exists()
        return Ticket(self.name, intent.report.repository, intent.report.marker.short) if there else None

    async def update(self, ticket: Ticket, report: Report) -> None:
        (self._folder / ticket.key).write_text(report.title + " again")


@asynccontextmanager
async def connect(config: Config, tools: Tools) -> AsyncIterator[Pinboard]:
    yield Pinboard(config)
'''


@pytest.fixture
def package(tmp_path):
    """A copy of the package with three more files."""
    top = Path(__file__).parent.parent
    copy = tmp_path / "copy"
    for folder in ("daemon", "rules", "templates"):
        shutil.copytree(top / folder, copy / folder, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(top / "pyproject.toml", copy)
    for place, text in (("sources/bell", SOURCE), ("parsers/bellish", PARSER), ("sinks/pinboard", SINK)):
        (copy / "daemon" / "triaged" / f"{place}.py").write_text(text)
    return copy / "daemon"


def test_a_source_a_language_and_a_sink_are_a_file_each_and_no_edit_elsewhere(tmp_path, package):
    rules = tmp_path / "rules"
    rules.mkdir()
    (rules / "receivers.yaml").write_text(f"receivers:\n  - {{name: board, type: pinboard, folder: {tmp_path / 'pins'}}}\n")
    (rules / "routing.yaml").write_text("routes:\n  - {name: bells, match: {language: bellish}, labels: [bell], receivers: [board]}\n")
    settings = {"TRIAGED_BELL_TOKEN": "ding", "TRIAGED_RULES_DIR": str(rules), "PYTHONPATH": str(package)}
    with running(tmp_path, **settings) as daemon:
        command = [sys.executable, "-m", "triaged", "send", "bell", "--url", daemon.address]
        sent = subprocess.run(command, env={**os.environ, **settings}, cwd=tmp_path, capture_output=True, text=True)
        assert sent.stdout.startswith("202"), sent.stderr
        (ticket,) = daemon.tickets(1)
        assert "Cracked in `swing`" in ticket
        assert "tower.bell:3" in ticket
        assert "`west`" in ticket
        (pin,) = until(lambda: list((tmp_path / "pins").glob("*")), daemon.child)
        assert pin.read_text().startswith("[Auto] Error: Cracked: the great bell")


def test_what_does_not_exist_is_said_with_what_there_is(tmp_path):
    rules = tmp_path / "rules"
    rules.mkdir()
    (rules / "receivers.yaml").write_text("receivers:\n  - {name: board, type: pinbord}\n")
    with running(tmp_path, TRIAGED_RULES_DIR=str(rules)) as daemon:
        assert daemon.child.wait(10) == 2
        assert "pinbord" in daemon.log()[-1]["reason"]
        assert "receivers.yaml:2:19" in daemon.log()[-1]["reason"]
