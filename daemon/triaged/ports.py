"""What the pipeline asks of the outside. Protocols and plain defaults; does nothing itself."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import blake2b
from types import MappingProxyType
from typing import Any, Protocol

from triaged.core import tally
from triaged.core.model import Change, Commit, Delivery, Group, Outcome, Owned, Record, Report, Ticket
from triaged.core.regression import Standing
from triaged.core.settle import Intent
from triaged.errors import Refused
from triaged.metrics import Metrics


class Clock(Protocol):
    """Time, so that tests can turn it."""

    def now(self) -> datetime:
        """The wall clock, aware UTC."""

    def monotonic(self) -> float:
        """Seconds, for durations."""

    async def sleep(self, seconds: float) -> None: ...


@dataclass(frozen=True, slots=True)
class Answer:
    """What a peer answered. Header names in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class Http(Protocol):
    """HTTP as a client. Redirects are not followed, a body is cut off at its limit, every call has a timeout."""

    async def send(
        self, method: str, url: str, *, headers: Mapping[str, str], body: bytes | None = None, seconds: float = 10, most: int = 8_000_000
    ) -> Answer:
        """Raises Unavailable where surely nothing was applied (no connection), Unknown where the answer was lost."""


class Notes(Protocol):
    """Small things that have to outlive the process, by name, such as how long a peer has asked us to wait."""

    def note(self, name: str) -> str:
        """Empty where there is none."""

    async def keep(self, name: str, text: str) -> None:
        """Durable when it returns. Raises Unavailable."""


class Forgetful:
    """Notes of a process that leaves nothing behind."""

    def __init__(self) -> None:
        self._notes: dict[str, str] = {}

    def note(self, name: str) -> str:
        return self._notes.get(name, "")

    async def keep(self, name: str, text: str) -> None:
        self._notes[name] = text


@dataclass(frozen=True, slots=True)
class Tools:
    """What plugins share."""

    http: Http
    clock: Clock
    metrics: Metrics
    notes: Notes = field(default_factory=Forgetful)


# ---------------------------------------------------------------- sources


@dataclass(frozen=True, slots=True)
class Webhook:
    """A request as the listener hands it over: no header twice, names in lower case, the body within its limit and unread."""

    headers: Mapping[str, str]
    body: bytes
    at: datetime


@dataclass(frozen=True, slots=True)
class Sweep:
    """What one look at a source gave. A pull source's cursor is stored with the deliveries, in one transaction."""

    deliveries: tuple[Delivery, ...]
    cursor: str
    more: bool = False
    """There is more to be had at once."""


@dataclass(frozen=True, slots=True)
class Gap:
    """A time in which a push may have missed something."""

    since: datetime
    until: datetime
    lost_since: datetime | None
    """From when on what was sent to us was surely lost: we were down, or could store nothing. None: nothing surely was."""
    origins: frozenset[str]
    """Where the push has told from so far; see ``PushSource.origin``."""
    page: str = ""
    """Where the look before left off; empty for the first."""


class PushSource:
    """A source that calls us. The plain defaults suit one that has no quirks; ``verify`` and ``read`` are its own."""

    name: str
    most = 1_000_000
    """Bytes a body may have."""
    keeps: tuple[str, ...] = ()
    """The headers that ``read`` needs later, in lower case."""
    proofs: tuple[str, ...] = ()
    """Headers, in lower case, without any of which ``verify`` always fails; empty: it may do without."""

    def verify(self, webhook: Webhook) -> None:
        """Raises BadSignature. Looks at the raw bytes only: nothing is parsed before."""
        raise NotImplementedError

    def key(self, webhook: Webhook) -> str:
        """What makes a repeat a repeat: the digest of the body, or the sender's id where the sender keeps it."""
        return blake2b(webhook.body, digest_size=16).hexdigest()

    def read(self, delivery: Delivery) -> tuple[Record, ...]:
        """Pure: also used after a restart, by explain and by replay. Raises Rejected; empty where there is nothing to do."""
        raise NotImplementedError

    def answer(self, webhook: Webhook) -> str | None:
        """What the sender wants to hear instead of a plain 202, such as Slack's challenge; then nothing is stored."""
        return None

    async def complete(self, record: Record) -> Record:
        """Asks the source's API for what the delivery lacks; called by a worker, never before the answer. Raises Unavailable."""
        return record

    catches_up = False
    """Its API can be asked for what the push has missed."""

    def origin(self, delivery: Delivery) -> str:
        """Where in the source a delivery (with its records) comes from, such as a channel: ``missed`` looks there. Few different ones."""
        return ""

    async def missed(self, gap: Gap, known: Callable[[str], bool]) -> Sweep:
        """One look at its API for what happened in ``gap``, as the push would have told it; its cursor is the next look's ``gap.page``.

        ``known`` says whether a record of that key has been counted: it need not be fetched. Raises Unavailable, Refused.
        """
        return Sweep((), "")


class PullSource:
    """A source that is asked. It does not loop, sleep or retry: ``pipeline.intake`` does."""

    name: str
    every: tuple[float, float] = (5.0, 60.0)
    """Seconds between two looks: while it gives much, and while it gives nothing."""
    failing: Mapping[str, str] = MappingProxyType({})
    """What of it could not be read last time (a log group among many), and why."""

    async def sweep(self, cursor: str) -> Sweep:
        """One look, from where ``cursor`` says (empty: the first ever). Raises Unavailable."""
        raise NotImplementedError

    def read(self, delivery: Delivery) -> tuple[Record, ...]:
        """Pure: also used after a restart, by explain and by replay. Raises Rejected."""
        raise NotImplementedError

    def rewound(self, cursor: str, since: datetime, only: Collection[str] = ()) -> str:
        """A cursor that looks again at what came after ``since``, of these log groups (empty: of all); as it is where that is not possible."""
        return cursor

    async def complete(self, record: Record) -> Record:
        return record


# --------------------------------------------------- channels and stores


class Channel(Protocol):
    """Holds deliveries until they are settled."""

    async def put(self, deliveries: Sequence[Delivery], cursor: tuple[str, str] | None = None) -> Sequence[bool]:
        """Stores them durably, together with (source, cursor); True for each that is new. Raises Unavailable when it cannot take them."""

    async def take(self, most: int) -> Sequence[Delivery]:
        """Waits for at least one delivery that no other worker holds; by sequence."""

    async def retry(self, delivery: Delivery, at: datetime, reason: str) -> None:
        """Puts one back, to be taken again at ``at``."""

    async def bury(self, delivery: Delivery, reason: str) -> int:
        """A dead letter: kept with its reason, not tried again unless a person asks. How many older ones it displaced."""

    async def done(self, deliveries: Sequence[Delivery]) -> None:
        """They were settled by the store."""

    def cursor(self, source: str) -> str:
        """Where a pull source goes on; empty for the first time."""

    def pending(self) -> int: ...

    def dead(self) -> int: ...


@dataclass(frozen=True, slots=True)
class Decision:
    """What was decided about a group that is new, or about which something has changed."""

    decided_by: str
    """A digest of the rules that decided."""
    view: Mapping[str, Any]
    """What its report is rendered from: plain JSON, redacted."""
    repository: str
    """Empty where nothing is to be filed."""
    intents: tuple[Intent, ...]
    """What is to be done, unless it was planned already."""


@dataclass(frozen=True, slots=True)
class Counted:
    """One event of a group."""

    fingerprint: str
    source: str
    at: datetime
    key: str = ""
    """The event's own id; the same key counts once. Empty: its delivery is all that makes it one."""
    release: str = ""
    environment: str = ""
    service: str = ""
    telling: str = ""
    """A digest of its stack and of its message's template."""
    names: tuple[str, ...] = ()
    """By what else its group is found from now on."""
    decision: Decision | None = None
    """None for a group that is known and about which nothing has changed."""

    def onto(self, group: Group | None) -> Group:
        """The group with this event; what was decided is not in it."""
        told = {"release": self.release, "environment": self.environment, "service": self.service, "telling": self.telling}
        return tally.counted(group, self.fingerprint, self.source, self.at, **told)


@dataclass(frozen=True, slots=True)
class Settled:
    """What came of one delivery."""

    delivery: Delivery
    counted: tuple[Counted, ...]
    left: tuple[int, ...] = ()
    """The places of the records in it that are still to be done; empty: none, and it leaves the channel."""


@dataclass(frozen=True, slots=True)
class Known:
    """What was seen of a repository before."""

    listed: int
    """The newest number that a listing has shown; 0: none."""


@dataclass(frozen=True, slots=True)
class Withheld:
    """A ticket that waits for its turn."""

    intent: Intent
    group: Group
    view: Mapping[str, Any]


class Store(Notes, Protocol):
    """What is remembered."""

    def group(self, name: str) -> Group | None:
        """Of that fingerprint; else of what was counted with that name."""

    async def record(self, settled: Sequence[Settled], now: datetime) -> None:
        """Counts, plans and removes what is done of the deliveries from the channel, all or nothing; a second time it does nothing."""

    def due(self, now: datetime, most: int) -> Sequence[Intent]:
        """Intents that are neither done nor parked and are due: oldest first, the repositories in turn."""

    def seen(self, fingerprint: str) -> tuple[Group, Mapping[str, Any]] | None:
        """The group and its view; None where it has none."""

    async def save(self, intent: Intent, now: datetime, sweeps: Sequence[datetime] = ()) -> None:
        """Durable when it returns. An issue that is done gives its group the ticket; ``sweeps`` says when duplicates of it are looked for."""

    async def plan(self, intents: Sequence[Intent]) -> None:
        """What was not planned yet is planned."""

    def sent(self, sink: str, repository: str, since: datetime) -> int:
        """How many new tickets were sent since then."""

    def waiting(self) -> Sequence[tuple[str, str, int]]:
        """Sinks and repositories in which tickets are or were withheld that are not settled yet, and how many."""

    def withheld(self, sink: str, repository: str, now: datetime, most: int, *, newest: bool = False) -> Sequence[Withheld]:
        """Those that wait for their turn: the commonest and oldest first, or the newest."""

    def umbrellas(self) -> Sequence[Intent]:
        """The tickets that name what is withheld, planned or filed: one for each sink and repository that had a storm."""

    def grown(self, before: datetime, most: int) -> Sequence[tuple[Group, Mapping[str, Any]]]:
        """Groups with a ticket that says less than we know and was last written before then, with their views."""

    async def written(self, group: Group, outcome: Outcome, now: datetime, *, shown: bool = True) -> None:
        """The group's ticket was looked at: this became of it, and it now shows the group's numbers, or does not."""

    async def moved(self, fingerprint: str, ticket: Ticket) -> None:
        """The group's ticket is this one now; what it shows is not known."""

    async def lost(self, group: Group, again: Intent | None) -> None:
        """The group's ticket is gone: it has none, and ``again`` is planned in its place."""

    def known(self, sink: str, repository: str) -> Known | None:
        """None before the first look at what is there already."""

    async def remember(self, sink: str, repository: str, listed: int, owned: Sequence[Owned], now: datetime) -> None:
        """What was there already: groups that have no ticket get theirs, with what it counts; ``listed`` is the newest number seen."""

    def sweeps(self, now: datetime) -> Sequence[tuple[str, str]]:
        """Sinks and repositories whose duplicates are to be looked for now."""

    async def swept(self, sink: str, repository: str, now: datetime, again: datetime | None = None) -> None:
        """The looks that were due are done; ``again``: they were not, and are due then."""


# -------------------------------------------------------- code, sinks


class CodeHost(Protocol):
    """Where the code is. Reads trees and blobs; never unpacks, never follows links."""

    async def commit(self, repository: str, release: str) -> Commit | None:
        """The commit of a release, tag or sha; of the default branch where ``release`` is empty or unknown (then not ``certain``)."""

    async def paths(self, commit: Commit) -> Sequence[str]:
        """Every regular file at that commit."""

    async def text(self, commit: Commit, path: str) -> str | None:
        """A file that stands in ``paths``; None where it is too large or no text."""

    def permalink(self, commit: Commit, path: str, line: int | None) -> str: ...


class Sink:
    """Where reports go. Does one thing or raises: Unknown where an answer was lost, Unavailable, Refused."""

    name: str

    async def create(self, report: Report) -> Ticket:
        raise NotImplementedError

    async def find(self, intent: Intent) -> Ticket | None:
        """None is an absence that can be trusted: a success that also shows ``intent.witness``. Else Unknown is raised."""
        raise NotImplementedError

    async def update(self, ticket: Ticket, report: Report, *, reopen: bool = False) -> None:
        """Our part of the ticket alone; what says less than is there is not written."""
        raise NotImplementedError

    async def standing(self, ticket: Ticket) -> Standing | None:
        """How a ticket stands; None where it is gone. The plain default suits a sink whose tickets nobody closes."""
        return Standing(ticket)

    async def owned(self, repository: str, since: datetime | None = None) -> Sequence[Owned]:
        """Our tickets there, newest first, of those made after ``since`` (None: of all)."""
        return ()

    async def public(self, repository: str) -> bool:
        """Whether strangers can read what is filed there. The plain default suits a sink of one's own. Raises Unknown, Unavailable, Refused."""
        return False

    async def rewrite(self, ticket: Ticket, report: Report, *, open: bool | None) -> None:
        """Title and body of a ticket that is ours alone; opens or closes it, None: leaves it as it is."""
        raise NotImplementedError

    async def fold(self, ticket: Ticket, into: Ticket) -> None:
        """Closes a ticket that says the same as ``into``, with a link."""
        raise NotImplementedError

    async def comment(self, ticket: Ticket, report: Report) -> Ticket:
        """The report's body beneath a ticket; its key is the comment's."""
        raise Refused(f"{self.name} takes no comments")

    async def propose(self, report: Report, change: Change) -> Ticket:
        """A pull request; the same again does nothing twice."""
        raise Refused(f"{self.name} takes no pull requests")

    def witness(self, intent: Intent) -> int:
        """The newest number beside which the intent's would stand that a listing has shown; 0 where listings here cannot lag or lie."""
        return 0
