"""The lines of a text with their places, for parsers that walk a trace line by line."""

from collections.abc import Iterator
from typing import NamedTuple

from triaged.core.assemble import is_log

__all__ = ["LONGEST", "Line", "beginning", "down", "is_log", "up"]

LONGEST = 2_000
"""Characters of a line that a parser looks at: no frame is longer, and what a pattern costs stays bounded."""


class Line(NamedTuple):
    """One line without its newline; ``start`` and ``end`` are character offsets, ``end`` just after the newline."""

    text: str
    start: int
    end: int


def down(text: str, at: int = 0) -> Iterator[Line]:
    """Lines from offset ``at`` on, which is the beginning of one."""
    while at < len(text):
        end = text.find("\n", at)
        end = len(text) if end < 0 else end
        yield Line(text[at : min(end, at + LONGEST)], at, min(end + 1, len(text)))
        at = end + 1


def up(text: str, at: int, most: int = 30) -> Iterator[Line]:
    """Lines above offset ``at``, which is the beginning of one; nearest first, at most ``most``."""
    for _ in range(most):
        if at == 0:
            return
        start = text.rfind("\n", 0, at - 1) + 1
        yield Line(text[start : min(at - 1, start + LONGEST)], start, at)
        at = start


def beginning(text: str, at: int) -> int:
    """Where the line that holds offset ``at`` begins."""
    return text.rfind("\n", 0, at) + 1
