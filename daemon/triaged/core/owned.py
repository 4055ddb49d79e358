"""Tickets of ours as a listing shows them: which of them leads, and which say the same twice."""

from collections import defaultdict
from collections.abc import Sequence

from triaged.core.model import Owned


def leading(owned: Sequence[Owned]) -> list[Owned]:
    """One for each error: the open one, of several the newest generation, of those the lowest number."""
    return [min(same, key=lambda one: (not one.open, -one.marker.generation, _number(one))) for same in _by_error(owned).values()]


def twice(owned: Sequence[Owned]) -> list[tuple[Owned, tuple[Owned, ...]]]:
    """Of tickets with one marker the one that stays, and the open ones that are closed as duplicates of it.

    The lowest stays, but one that a person has closed before one that is open: what a person said of the error holds.
    """
    found = []
    for same in _by_error(owned).values():
        first, *others = sorted(same, key=lambda one: (one.open, _number(one)))
        if twins := tuple(one for one in others if one.open):
            found.append((first, twins))
    return found


def _by_error(owned: Sequence[Owned]) -> dict[str, list[Owned]]:
    found: defaultdict[str, list[Owned]] = defaultdict(list)
    for one in owned:
        found[one.marker.fingerprint].append(one)
    return found


def _number(one: Owned) -> tuple[int, str]:
    key = one.ticket.key
    return (int(key), "") if key.isascii() and key.isdigit() else (0, key)
