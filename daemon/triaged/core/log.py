"""Which blocks of a log are errors: what a source of log text delivers."""

from collections.abc import Iterable

from triaged.core import normalize
from triaged.core.assemble import Block

OURS = '"log": "triaged"'
"""Stands in every line that this daemon prints: a triaged that reads its own log must not answer itself."""


def errors(blocks: Iterable[Block]) -> list[Block]:
    """Those of one log that are errors, in order. A line right above a trace that announces it is told by the trace."""
    ordered = sorted(blocks, key=_first)
    found = []
    for at in normalize.suspects([block.text for block in ordered]):
        block, below = ordered[at], next(iter(ordered[at + 1 : at + 2]), None)
        told_below = below is not None and below.lines > 1 and below.before[-1:] == (block.text,) and normalize.is_error(below.text)
        if OURS not in block.text and not told_below and normalize.is_error(block.text):
            found.append(block)
    return found


def _first(block: Block) -> int:
    return block.first
