"""Durations as people write them: ``90s``, ``15m``, ``1h``, ``30d``."""

import re
from datetime import timedelta

from triaged.errors import Rejected

_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86_400}
# 15m
_WRITTEN = re.compile(r"(?P<number>[0-9]{1,7})(?P<unit>[smhd])")


def read(text: str) -> timedelta:
    """Raises Rejected."""
    m = _WRITTEN.fullmatch(text.strip())
    if m is None:
        raise Rejected(f"{text[:40]!r} is no duration; write such as 90s, 15m, 1h or 7d")
    return timedelta(seconds=int(m["number"]) * _UNITS[m["unit"]])
