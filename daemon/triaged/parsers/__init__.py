"""One language a file. ``parse(text)`` tries each; the trace with most frames wins where several languages see one.

A parser defines ``LANGUAGE`` and ``parse(text) -> StackTrace | None``, which reads the first trace in the text. Parsers are
pure, and bounded: a pattern must not backtrack over more than a line.
"""

from collections.abc import Callable
from dataclasses import replace
from functools import cache

from triaged import plugins
from triaged.core.model import StackTrace

Parse = Callable[[str], StackTrace | None]

MOST_TRACES = 20


@cache
def languages() -> dict[str, Parse]:
    """Language to its parse function, one for each file in this folder."""
    modules = [plugins.load("parsers", name) for name in plugins.names("parsers")]
    return {module.LANGUAGE: module.parse for module in modules}


def parse(text: str) -> tuple[StackTrace, ...]:
    """Every stack trace in ``text``, in its order; empty when there is none. Offsets count from where the one before it ends."""
    found: list[StackTrace] = []
    at = 0
    seen = [(one, _moved(one(text), 0)) for one in languages().values()]
    while len(found) < MOST_TRACES:
        # what a language found behind ``at`` still stands; one that found nothing is not asked again
        seen = [(one, trace if trace.start >= at else _moved(one(text[at:]), at)) for one, trace in seen if trace is not None]
        traces = [trace for _, trace in seen if trace is not None]
        if not traces:
            break
        first = min(traces, key=lambda t: t.end)
        best = max((t for t in traces if t.start < first.end), key=lambda t: len(t.frames), default=first)
        found.append(replace(best, start=best.start - at, end=best.end - at))
        if best.end <= at:
            break
        at = best.end
    return tuple(found)


def _moved(trace: StackTrace | None, by: int) -> StackTrace | None:
    return trace and replace(trace, start=trace.start + by, end=trace.end + by)
