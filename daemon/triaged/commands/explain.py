"""One recorded delivery through the whole pipeline, nothing sent: each step's result and reason, then the text that would be filed.

FILE holds a recorded delivery, a JSON line {"id", "source", "at", "headers", "body"}, or plain log text.
"""

import argparse
import json
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from typing import IO

import anyio

from triaged import app, parsers, plugins, settings
from triaged.clients.clock import SystemClock
from triaged.clients.http import Client
from triaged.core import marker
from triaged.core.model import Delivery
from triaged.errors import Rejected, WrongUse
from triaged.metrics import Metrics
from triaged.pipeline import dry
from triaged.pipeline.code import Code
from triaged.pipeline.triage import Triaged, World
from triaged.pipeline.visibility import Visibility
from triaged.ports import Clock, Tools
from triaged.stores.memory import Store


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", metavar="FILE|-", help="a recorded delivery or plain log text; - reads standard input")
    parser.add_argument("--json", action="store_true", help="one JSON object instead of text")


def run(arguments: argparse.Namespace) -> int:
    return anyio.run(_explain, arguments.file, arguments.json)


async def _explain(file: str, as_json: bool) -> int:
    async with world() as (asked, store, clock):
        with opened(file) as lines:
            given = _one(lines.read(), clock)
        answer, found = await dry.answer(given, asked, store)
        if as_json:
            print(json.dumps(answer))
            return 0
        for one in found:
            _print(one)
        if not found:
            print(f"{answer['action']}: {'; '.join(answer['reasons'])}")
    return 0


def _one(text: str, clock: Clock) -> Delivery:
    """The first recorded delivery in the text; plain text is taken as a log."""
    first = text.lstrip().partition("\n")[0]
    if first.startswith("{") and ('"body"' in first or '"text"' in first):
        try:
            return dry.delivery(first, clock.now())
        except Rejected:
            pass  # a log of JSON lines
    return Delivery(source="file", key="stdin", at=clock.now(), body=text.encode("utf-8", "surrogateescape"), id="stdin")


def _print(one: Triaged) -> None:
    for step in one.journey.steps:
        print(f"{step.name:<12} {step.result}")
        if step.reason:
            print(f"{'':<12}   {step.reason}")
    decision = one.counted.decision
    for intent in decision.intents if decision else ():
        report = intent.report
        print(
            f"\nwould be filed by {intent.sink} in {report.repository}, labels {', '.join(report.labels)}\n\n{report.title}\n\n{marker.marked(report)}"
        )


@asynccontextmanager
async def world() -> AsyncIterator[tuple[World, Store, Clock]]:
    """The pipeline with the operator's settings and rules, an empty memory, and sources that ask nobody."""
    loaded = settings.load()
    rules = app.rules(loaded)
    clock, store = SystemClock(), Store()
    async with AsyncExitStack() as stack:
        http = Client()
        stack.push_async_callback(http.close)
        tools = Tools(http, clock, Metrics())
        sources = {}
        for name in plugins.names("sources"):
            module = plugins.load("sources", name)
            config = loaded.plugin(name, module.Config) or module.Config(**module.Config.example)
            sources[name] = dry.ReadsOnly(await stack.enter_async_context(module.connect(config, tools)))
        home = app.home(loaded, tools)
        code = Code(home.codehost, clock) if home.codehost else None
        strict = Visibility(home.sinks, clock).known
        asked = World(sources, rules.rulebook, parsers.parse, store.group, code, rules.renderer, home.sink, home.repository, strict)
        yield asked, store, clock


@contextmanager
def opened(file: str) -> Iterator[IO[str]]:
    if file == "-":
        sys.stdin.reconfigure(encoding="utf-8", errors="surrogateescape")  # type: ignore[union-attr]
        yield sys.stdin
        return
    try:
        lines = open(file, encoding="utf-8", errors="surrogateescape")  # noqa: SIM115
    except OSError as error:
        raise WrongUse(f"{file}: cannot be read ({error.strerror})") from error
    with lines:
        yield lines
