"""A group with one more event."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from triaged.core.model import MOST_TELLINGS, Group, Tally

MOST_TOLD = 20
"""Releases, environments and services that a group remembers: the newest."""


def counted(
    group: Group | None,
    fingerprint: str,
    source: str,
    at: datetime,
    *,
    release: str = "",
    environment: str = "",
    service: str = "",
    telling: str = "",
) -> Group:
    """``group`` is None for the first event of its fingerprint."""
    group = group or Group(fingerprint, Tally(0, at, at))
    tally = group.tally
    return replace(
        group,
        tally=Tally(
            count=tally.count + 1,
            first_seen=min(tally.first_seen, at),
            last_seen=max(tally.last_seen, at),
            sources={**tally.sources, source: tally.sources.get(source, 0) + 1},
            releases=_with(tally.releases, release),
            environments=_with(tally.environments, environment),
            services=_with(tally.services, service),
            tellings=_with(tally.tellings, telling) if len(tally.tellings) < MOST_TELLINGS else tally.tellings,
        ),
    )


def _with(known: Sequence[str], value: str) -> tuple[str, ...]:
    return tuple(known) if not value or value in known else (*known, value)[-MOST_TOLD:]
