"""What the pipeline asks of the outside. Protocols and plain defaults; does nothing itself."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import blake2b
from types import MappingProxyType
from typing import Any, Protocol

from triaged.core import tally
from triaged.core.model import Commit, Delivery, Group, Record, Report, Ticket
from triaged.core.settle import Intent
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


@dataclass(frozen=True, slots=True)
class Tools:
    """What plugins share."""

    http: Http
    clock: Clock
    metrics: Metrics


# ---------------------------------------------------------------- sources


@dataclass(frozen=True, slots=True)
class Webhook:
    """A request as the listener hands it over: no header twice, names in lower case, the body within its limit and unread."""

    headers: Mapping[str, str]
    body: bytes
    at: datetime


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


@dataclass(frozen=True, slots=True)
class Sweep:
    """What one look at a pull source gave. The cursor is stored with the deliveries, in one transaction."""

    deliveries: tuple[Delivery, ...]
    cursor: str
    more: bool = False
    """There is more to be had at once."""


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

    async def bury(self, delivery: Delivery, reason: str) -> None:
        """A dead letter: kept with its reason, not tried again."""

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
    decision: Decision | None = None
    """None for a group that is known and about which nothing has changed."""

    def onto(self, group: Group | None) -> Group:
        """The group with this event; what was decided is not in it."""
        told = {"release": self.release, "environment": self.environment, "service": self.service}
        return tally.counted(group, self.fingerprint, self.source, self.at, **told)


@dataclass(frozen=True, slots=True)
class Settled:
    """What came of one delivery."""

    delivery: Delivery
    counted: tuple[Counted, ...]


class Store(Protocol):
    """What is remembered."""

    def group(self, fingerprint: str) -> Group | None: ...

    async def record(self, settled: Sequence[Settled], now: datetime) -> None:
        """Counts, plans and removes the deliveries from the channel, all or nothing; a second time it does nothing."""

    def due(self, now: datetime, most: int) -> Sequence[Intent]:
        """Intents that are neither done nor parked and are due, oldest first."""

    async def save(self, intent: Intent, now: datetime) -> None:
        """Durable when it returns. An intent that is done gives its group the ticket."""

    def grown(self, before: datetime, most: int) -> Sequence[tuple[Group, Mapping[str, Any]]]:
        """Groups with a ticket that says less than we know and was last written before then, with their views."""

    async def written(self, group: Group, now: datetime) -> None:
        """The group's ticket now shows its numbers."""


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

    async def update(self, ticket: Ticket, report: Report) -> None:
        raise NotImplementedError

    def witness(self, repository: str) -> int:
        """The newest ticket of the repository that a listing has shown us; 0 where a listing of this sink cannot lag or lie."""
        return 0
