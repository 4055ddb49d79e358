"""The create protocol: an intent and what is known of it, to the next step.

A sink's "create" is not idempotent and its answer can be lost. So what we mean to do is written down first (*planned*),
stamped before a byte goes out (*sending*), and sent once. A lost answer makes it *unknown*, never *failed*: after a quiet
period, in which a late request has had time to land, the sink is looked at; our marker there settles it, and only two
absences that can be trusted, some seconds apart, send it again.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Literal

from triaged.core.model import Change, Report, Ticket

Kind = Literal["issue", "comment", "umbrella", "pull_request"]
State = Literal["planned", "withheld", "sending", "unknown", "done", "parked"]

BETWEEN_LOOKS = timedelta(seconds=15)
ABSENCES_NEEDED = 2


@dataclass(frozen=True, slots=True)
class Intent:
    """One thing we mean to do to a sink."""

    id: int
    """Its row in the store; 0 before it has one."""
    kind: Kind
    sink: str
    report: Report
    on: Ticket | None = None
    """The ticket that a comment belongs to."""
    change: Change | None = None
    """What a pull request proposes."""
    leads: bool = True
    """Its ticket is the group's own; False for a receiver's copy."""
    state: State = "planned"
    waited: bool = False
    """It was withheld once, and counts as waiting until it is settled."""
    accepted_at: datetime | None = None
    """When the delivery that led to it was accepted."""
    attempt: str = ""
    """The id of the last attempt; a new one for each sending."""
    sent_at: datetime | None = None
    witness: int = 0
    """The newest number that a listing has shown before the sending, of a ticket or of a comment; 0 where there is none."""
    absences: int = 0
    """Trusted absences seen since the last sending."""
    looked_at: datetime | None = None
    due_at: datetime | None = None
    """Not before; None: now."""
    failures: int = 0
    """Sendings in a row that surely did not happen, for the backoff."""
    ticket: Ticket | None = None
    """What it became."""
    reason: str = ""

    @property
    def marker(self) -> str:
        return self.report.marker.short


@dataclass(frozen=True, slots=True)
class Step:
    """What to do next, and why. ``at`` says when a wait ends."""

    what: Literal["send", "look", "wait", "rest"]
    reason: str
    at: datetime | None = None


def step(intent: Intent, now: datetime, quiet: timedelta) -> Step:
    """The next step for an intent. ``quiet`` is how long a request may still land after we gave up on it."""
    if intent.state in ("done", "parked", "withheld"):
        return Step("rest", f"it is {intent.state}")
    if intent.due_at is not None and now < intent.due_at:
        return Step("wait", intent.reason or "not due yet", intent.due_at)
    if intent.state == "planned":
        return Step("send", "planned and never sent")
    assert intent.sent_at is not None
    if intent.kind == "pull_request":  # branch, head and pair of branches are unique: the same once more does nothing twice
        again = intent.sent_at + BETWEEN_LOOKS
        return Step("wait", "its answer was lost", again) if now < again else Step("send", "its keys are unique")
    if now < intent.sent_at + quiet:
        return Step("wait", "its answer was lost; it may still land", intent.sent_at + quiet)
    if intent.absences >= ABSENCES_NEEDED:
        return Step("send", f"absent {intent.absences} times in listings that can be trusted")
    if intent.absences and intent.looked_at is not None and now < intent.looked_at + BETWEEN_LOOKS:
        return Step("wait", "absent once; looked for again soon", intent.looked_at + BETWEEN_LOOKS)
    return Step("look", "its answer was lost")


def stamped(intent: Intent, now: datetime, attempt: str, witness: int) -> Intent:
    """As it is stored before the first byte of it leaves."""
    return replace(intent, state="sending", sent_at=now, attempt=attempt, witness=witness, absences=0, looked_at=None, due_at=None)


def done(intent: Intent, ticket: Ticket, reason: str) -> Intent:
    return replace(intent, state="done", ticket=ticket, due_at=None, failures=0, reason=reason)


def lost(intent: Intent, reason: str) -> Intent:
    """Its answer was lost."""
    return replace(intent, state="unknown", reason=reason)


def absent(intent: Intent, now: datetime) -> Intent:
    """A listing that can be trusted does not show it."""
    return replace(intent, state="unknown", absences=intent.absences + 1, looked_at=now, reason="not in a trusted listing")


def unseen(intent: Intent, now: datetime, reason: str) -> Intent:
    """The sink could not be looked at: that is not an absence."""
    return replace(intent, state="unknown", due_at=now + BETWEEN_LOOKS, reason=reason)


def not_applied(intent: Intent, due_at: datetime, reason: str) -> Intent:
    """The sending surely did not happen; it is due again at ``due_at``."""
    return replace(intent, state="planned", due_at=due_at, failures=intent.failures + 1, reason=reason)


def withheld(intent: Intent, reason: str, until: datetime | None = None) -> Intent:
    """Its turn comes when fewer new errors do, not before ``until``; meanwhile the umbrella names it."""
    return replace(intent, state="withheld", waited=True, due_at=until, reason=reason)


def released(intent: Intent) -> Intent:
    return replace(intent, state="planned", due_at=None, failures=0, reason="its turn has come")


def parked(intent: Intent, reason: str) -> Intent:
    """Refused for good: a person has to look."""
    return replace(intent, state="parked", reason=reason)


def again(intent: Intent) -> Intent:
    """A parked one that a person wants to be tried again. One that was sent is looked for before it is sent once more."""
    fresh = replace(
        intent, state="planned", due_at=None, failures=0, absences=0, looked_at=None, reason="tried again: a person asked for it"
    )
    return replace(fresh, state="unknown") if intent.sent_at else fresh
