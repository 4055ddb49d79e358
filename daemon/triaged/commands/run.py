"""The daemon. With nothing configured it keeps its memory in ./.triaged, files tickets as Markdown files there, and reads code
from the git checkout in the current folder. Settings are environment variables; `triaged check` looks at them first.

Logs are JSON lines on stderr. SIGTERM ends it within ten seconds; what was accepted is kept.
"""

import argparse
import gc
import os
import resource
import signal
from types import FrameType

import anyio

from triaged import logs
from triaged.errors import TriagedError


def arguments(parser: argparse.ArgumentParser) -> None:
    """It has none: everything is a setting."""


def run(arguments: argparse.Namespace) -> int:
    signal.signal(signal.SIGTERM, _nothing_to_finish)  # until the daemon listens, to signals as to callers
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))  # a core dump would hold every secret and every delivery
    logs.configure()
    failed: TriagedError | None = None
    try:
        anyio.run(_daemon, backend_options={"use_uvloop": True})
    except* TriagedError as errors:
        failed = _first(errors)
    if failed is not None:
        raise failed  # here, for what is raised within becomes a group again
    return 0


async def _daemon() -> None:
    from triaged import app, settings  # half a second

    async with app.opened(settings.load()) as daemon:
        _collect_seldom()
        await daemon.run()


def _nothing_to_finish(number: int, frame: FrameType | None) -> None:
    """Told to end while it starts: nothing has been accepted yet."""
    os._exit(0)


def _collect_seldom() -> None:
    """What start-up made stays, and what a request makes goes by itself: to look through it all again and again for rings stops
    everyone for 50 ms at a time.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(10_000, 20, 20)


def _first(errors: BaseExceptionGroup[TriagedError]) -> TriagedError:
    inner = errors.exceptions[0]
    return _first(inner) if isinstance(inner, BaseExceptionGroup) else inner
