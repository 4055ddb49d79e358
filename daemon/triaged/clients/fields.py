"""Fields of payloads that may hold anything: what we need of them, or nothing. None of it raises.

A payload type says ``One[Frame]`` where an object should stand and ``Many[Frame]`` where a list of them should; both decode whatever
came instead, so that a field that is not understood costs itself and not its event.
"""

import re
from datetime import UTC, datetime, timedelta
from typing import Any, TypeAlias, TypeVar

_T = TypeVar("_T")
Scalar: TypeAlias = str | int | float | bool | None
One: TypeAlias = _T | list[Any] | Scalar
Many: TypeAlias = list[One[_T]] | dict[str, Any] | Scalar

_EARLIEST = datetime(2000, 1, 1, tzinfo=UTC)
# 1566248317.391
_EPOCH = re.compile(r"[0-9]{1,12}(?:\.[0-9]{1,9})?")
_WEB = re.compile(r"https?://[^\s<>\"\\^`{|}\x00-\x1f\x7f]{1,2000}")


def objects(value: Any, kind: type[_T]) -> list[_T]:
    """Those of a list that are of a payload type."""
    return [one for one in value if isinstance(one, kind)] if isinstance(value, list) else []


def text(value: Any) -> str:
    """Stripped. Numbers are text too."""
    if type(value) is str:
        return value.strip()
    return str(value) if type(value) in (int, float) else ""


def line(value: Any, most: int = 1_000) -> str:
    """As one line of at most so many characters."""
    if value is None:
        return ""
    found = value.strip() if type(value) is str else text(value)
    return found[:most] if found.isprintable() else " ".join(found.split())[:most]


def number(value: Any) -> int | None:
    """A line or column; 0 and -1 are said where it is not known."""
    if type(value) is int:
        return value if 0 < value < 1_000_000_000 else None
    if value is None:
        return None
    digits = text(value).removesuffix(".0")
    return int(digits) or None if digits.isascii() and digits.isdigit() and len(digits) < 10 else None


def instant(value: Any, now: datetime) -> datetime | None:
    """Aware UTC, of ISO text or of seconds since the epoch; None for what is neither, lies before 2000 or more than a day after ``now``."""
    try:
        if isinstance(value, str) and not _EPOCH.fullmatch(value):
            at = datetime.fromisoformat(value)
            at = at.astimezone(UTC) if at.tzinfo else at.replace(tzinfo=UTC)
        else:
            at = datetime.fromtimestamp(float(value), UTC)
    except (TypeError, ValueError, OverflowError, OSError):
        return None
    return at if _EARLIEST <= at <= now + timedelta(days=1) else None


def labels(**said: Any) -> dict[str, str]:
    """Those that say something."""
    lines = {name: line(value, most=200) for name, value in said.items() if value is not None}
    return {name: found for name, found in lines.items() if found}


def link(name: str, url: Any) -> dict[str, str]:
    """One link under its name; none where ``url`` is no web address."""
    return {name: url} if isinstance(url, str) and _WEB.fullmatch(url) else {}
