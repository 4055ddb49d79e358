"""An error that comes back after its ticket was closed: is it opened again, spoken of, or only counted?

Closed as completed it is opened again, once for each closing and at most once a day, so that two bots do not keep each other busy;
within the day the ticket is told once. Closed as not planned or as a duplicate it stays closed, until it comes far more often.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Literal

from triaged.core.model import Group, Outcome, Ticket

Resolution = Literal["", "completed", "not_planned", "duplicate"]

COOL_DOWN = timedelta(hours=24)
MANY = 100
TIMES = 10


@dataclass(frozen=True, slots=True)
class Standing:
    """A ticket as its sink has it now."""

    ticket: Ticket
    """Where it is now: it may have been moved to another repository."""
    open: bool = True
    resolution: Resolution = ""
    """Why it was closed; empty while it is open."""
    closed_at: datetime | None = None
    count: int = 0
    """How often it says that its error was seen."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What is done with the ticket beside writing its numbers."""

    what: Literal["write", "reopen", "tell"]
    reason: str
    outcome: Outcome
    """As it is once that is done."""


def verdict(group: Group, standing: Standing, now: datetime) -> Verdict:
    """What to do about a group that has grown, whose ticket stands like this."""
    known, tally = group.outcome, group.tally
    if standing.open or standing.closed_at is None:
        return Verdict("write", "it is open", replace(known, closed_at=None, closed_count=0))
    if known.closed_at != standing.closed_at:
        known = replace(known, closed_at=standing.closed_at, closed_count=standing.count)
    if tally.last_seen <= standing.closed_at:
        return Verdict("write", "not seen since it was closed", known)
    if standing.resolution in ("not_planned", "duplicate"):
        enough = max(MANY, TIMES * known.closed_count)
        if tally.count < enough:
            return Verdict("write", f"closed as {_said(standing)}: it stays closed until the error has come {enough} times", known)
        return _reopened(known, f"closed as {_said(standing)} after {known.closed_count}; it has come {tally.count} times", now)
    if known.reopened_at is None or now >= known.reopened_at + COOL_DOWN:
        return _reopened(known, "closed as completed, and the error has come back", now)
    if known.told_at == standing.closed_at:
        return Verdict("write", "closed again within a day of being reopened: it stays closed for that day", known)
    told = replace(known, told_at=standing.closed_at, regressions=known.regressions + 1)
    return Verdict("tell", "closed again within a day of being reopened, and the error has come back", told)


def _reopened(known: Outcome, reason: str, now: datetime) -> Verdict:
    outcome = replace(known, told_at=known.closed_at, reopened_at=now, regressions=known.regressions + 1)
    return Verdict("reopen", reason, outcome)


def _said(standing: Standing) -> str:
    return {"not_planned": "not planned", "duplicate": "a duplicate"}[standing.resolution]
