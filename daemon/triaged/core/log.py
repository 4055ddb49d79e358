"""Which blocks of a log are errors: what a source of log text delivers."""

import itertools
from collections.abc import Iterable

from triaged.core import normalize
from triaged.core.assemble import Block

OURS = '"log": "triaged"'
"""Stands in every line that this daemon prints: a triaged that reads its own log must not answer itself."""


def errors(blocks: Iterable[Block]) -> list[Block]:
    """Those of one log that are errors, in order. A line right above a trace that announces it is told by the trace."""
    ordered = sorted(blocks, key=lambda block: block.first)
    found = []
    for block, below in itertools.zip_longest(ordered, ordered[1:]):
        announces = below is not None and below.lines > 1 and below.before[-1:] == (block.text,)
        if OURS not in block.text and normalize.is_error(block.text) and not (announces and normalize.is_error(below.text)):
            found.append(block)
    return found
