"""One sweep over the pull sources (log groups, log files), then exit: for GitHub Actions and cron.

What is found is triaged and filed as `triaged run` would. With a repository on GitHub it needs no memory of its own: what was
filed before is found there again. Exit 0; 1 where a source or GitHub could not be reached in time.
"""

import argparse
import sys
from datetime import timedelta

import anyio

from triaged import app, logs, settings
from triaged.core import duration
from triaged.errors import Rejected, TriagedError, WrongUse
from triaged.ports import PushSource

_LONGEST = 600.0
"""Seconds that filing may take, after which what is left is said."""


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--since", default="1h", help="how far back to look (default 1h; 90s, 15m, 7d...)")
    parser.add_argument("--log-group", action="append", default=[], metavar="NAME", help="only this log group; may be given several times")


def run(arguments: argparse.Namespace) -> int:
    try:
        since = duration.read(arguments.since)
    except Rejected as error:
        raise WrongUse(f"--since {error}") from None
    logs.configure()
    return anyio.run(_scan, settings.load(), since, arguments.log_group)


async def _scan(loaded: settings.Loaded, since: timedelta, only: list[str]) -> int:
    failed = False
    async with app.opened(loaded, listens=False) as daemon:
        for source in daemon.sources.values():
            if isinstance(source, PushSource):
                continue
            _progress(f"{source.name}: looking back {since}")
            try:
                await daemon.intake.rewind(source, daemon.clock.now() - since, only)
                new = await daemon.intake.sweep(source)
                _progress(f"{source.name}: {new} errors")
            except TriagedError as error:
                failed = True
                _progress(daemon.rules.redactor.text(f"{source.name}: {error}"))
        left = await daemon.work_off(_LONGEST)
    if left:
        _progress(f"{left} not filed within {_LONGEST:.0f} s: the next scan finds them again")
    return 1 if failed or left else 0


def _progress(text: str) -> None:
    print(text, file=sys.stderr, flush=True)
