"""Tickets of ours as a listing shows them: which of them leads, and which say the same twice."""

from collections import defaultdict
from collections.abc import Sequence

from triaged.core.model import Owned


def leading(owned: Sequence[Owned]) -> list[Owned]:
    """One for each error: the open one, of several the newest generation, of those the lowest number."""
    return [min(same, key=lambda one: (not one.open, -one.marker.generation, _number(one))) for same in _by_error(owned).values()]


def twice(owned: Sequence[Owned]) -> list[tuple[Owned, tuple[Owned, ...]]]:
    """Open tickets with one marker: the one that stays, which is the lowest, and those that are closed as duplicates of it."""
    found = []
    for same in _by_error([one for one in owned if one.open]).values():
        first, *others = sorted(same, key=_number)
        if others:
            found.append((first, tuple(others)))
    return found


def _by_error(owned: Sequence[Owned]) -> dict[str, list[Owned]]:
    found: defaultdict[str, list[Owned]] = defaultdict(list)
    for one in owned:
        found[one.marker.fingerprint].append(one)
    return found


def _number(one: Owned) -> tuple[int, str]:
    key = one.ticket.key
    return (int(key), "") if key.isascii() and key.isdigit() else (0, key)
