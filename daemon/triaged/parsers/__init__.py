"""One language a file. ``parse(text)`` tries each; the trace with most frames wins where several languages see one.

A parser defines ``LANGUAGE`` and ``parse(text) -> StackTrace | None``, which reads the first trace in the text. Parsers are
pure, and bounded: a pattern must not backtrack over more than a line.
"""

from collections.abc import Callable
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
    """Every stack trace in ``text``, in its order; empty when there is none."""
    found: list[StackTrace] = []
    while len(found) < MOST_TRACES:
        best = max(filter(None, (one(text) for one in languages().values())), key=lambda t: len(t.frames), default=None)
        if best is None:
            break
        found.append(best)
        if not best.end:
            break
        text = text[best.end :]
    return tuple(found)
