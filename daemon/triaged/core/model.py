"""The nouns. Frozen values that the steps of the pipeline hand to each other; none of them knows where it came from."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

import msgspec

Level = Literal["debug", "info", "warning", "error", "fatal", ""]


@dataclass(frozen=True, slots=True)
class Delivery:
    """What a source handed over, as it was received. ``Source.read`` turns it into records, now or after a restart."""

    source: str
    key: str
    """What makes a repeat a repeat: unique within the source for at least seven days."""
    at: datetime
    """When we received it."""
    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict)
    """Only those that reading needs, names in lower case."""
    id: str = ""
    """The id of a recorded delivery; empty for a live one."""
    sequence: int = 0
    """Its place in the journal; 0 until it is stored."""
    attempts: int = 0
    """How often working on it has failed."""
    only: tuple[int, ...] = ()
    """The places of the records in it that are still to be done; empty: all."""
    damage: str = ""
    """Why its stored bytes cannot be trusted; empty: they can. A damaged delivery is buried."""
    records: "tuple[Record, ...] | None" = field(default=None, compare=False, repr=False)
    """As read at the door; None after a restart: then they are read again from the body."""


class Frame(msgspec.Struct, frozen=True, gc=False):  # a dataclass takes five times as long to make, and a storm makes millions
    """One call of a stack trace, as the trace prints it."""

    function: str = ""
    path: str = ""
    """As printed: with container, build and bundler prefixes; empty where the trace names none."""
    line: int | None = None
    """1-based."""
    column: int | None = None
    """1-based."""
    in_app: bool = True
    """Our own code, not a library's or the runtime's."""
    module: str = ""
    """Dotted module or package, where the language prints one."""
    context: str = ""
    """The source line as the trace quotes it, stripped."""


@dataclass(frozen=True, slots=True)
class StackTrace:
    """One exception. ``frames`` innermost last."""

    language: str
    kind: str
    """The exception's type as printed; empty where the language has none (a Go panic of a string)."""
    message: str = ""
    frames: tuple[Frame, ...] = ()
    causes: tuple["StackTrace", ...] = ()
    """What led to it, nearest cause first; themselves without ``causes``."""
    start: int = 0
    """Where it begins in the text it was read from (a character offset)."""
    end: int = 0
    """Where it ends in the text it was read from (a character offset); 0 where that is not known."""


@dataclass(frozen=True, slots=True)
class Record:
    """One message in a delivery."""

    source: str
    at: datetime
    """When it happened, by the sender's clock."""
    text: str = ""
    """The message or log text; a stack trace may stand in it."""
    labels: Mapping[str, str] = field(default_factory=dict)
    """What the sender says about it: service, environment, release, host..."""
    key: str = ""
    """The sender's id of the event, so that one event told twice counts once; empty: its place in its delivery."""
    level: Level = ""
    trace: StackTrace | None = None
    """Where the source delivers it structured; else it is looked for in ``text``."""
    links: Mapping[str, str] = field(default_factory=dict)
    """Name to URL, as the sender gave them; shown as links only where their host is a configured one."""
    logs: tuple[str, ...] = ()
    """Related log lines that came along (breadcrumbs, the lines before the trace), oldest first."""
    missing: str = ""
    """What the delivery lacks and ``Source.complete`` can fetch, such as an issue's id; empty: nothing."""


@dataclass(frozen=True, slots=True)
class Event:
    """A record as understood."""

    source: str
    at: datetime
    kind: str
    """Exception type; empty for a plain message."""
    message: str
    level: Level
    language: str
    """Of the stack trace; empty without one."""
    trace: StackTrace | None
    category: str
    """One of ``core.category.CATEGORIES``."""
    labels: Mapping[str, str] = field(default_factory=dict)
    links: Mapping[str, str] = field(default_factory=dict)
    logs: tuple[str, ...] = ()
    key: str = ""
    """The sender's id of the event; see ``Record.key``."""
    text: str = ""
    """The record's text, out of its wrapping; empty where the source delivers it structured."""

    @property
    def frames(self) -> tuple[Frame, ...]:
        """Innermost last; empty without a stack trace."""
        return self.trace.frames if self.trace else ()


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """What makes two events the same error."""

    value: str
    """Its version, such as ``v2:``, and 32 hex digits."""
    evidence: str
    """What it was made of, for people."""
    reason: str
    """Why it was made of that."""
    apart: str = ""
    """What would have made it another error."""
    made_of: Literal["rule", "frames", "words"] = "words"
    """The same error told with its frames and told without them has two, and is one group all the same; see ``core.kin``."""
    templates: tuple[str, ...] = ()
    """Names of its message's template, and of templates that have become one with it."""

    @property
    def short(self) -> str:
        """The id people see and search for: eight hex digits."""
        return self.value.partition(":")[2][:8]


@dataclass(frozen=True, slots=True)
class Commit:
    """The code that ran."""

    repository: str
    """``owner/name``, or the folder's name of a local checkout."""
    sha: str
    """Full."""
    reason: str
    """How it was found: the release of the event, a tag, or the default branch."""
    certain: bool = False
    """False where it is only the default branch."""


@dataclass(frozen=True, slots=True)
class Place:
    """A culprit's place in the repository."""

    path: str
    """As the repository has it."""
    line: int | None
    function: str
    commit: Commit
    state: Literal["confirmed", "moved", "stale", "missing", "unchecked"]
    """What the file at that commit says about the frame's line."""
    reason: str
    quote: tuple[tuple[int, str], ...] = ()
    """Numbered lines around it."""
    url: str = ""
    """Permalink at the commit; empty where the code host has none."""


@dataclass(frozen=True, slots=True)
class Point:
    """One rule's share of a score."""

    rule: str
    value: float
    how: Literal["set", "add"]


@dataclass(frozen=True, slots=True)
class Score:
    """How sure we are, 0 to 1, and why."""

    value: float
    points: tuple[Point, ...]


@dataclass(frozen=True, slots=True)
class Suggestion:
    """What to do about the error."""

    hint: str
    rule: str
    """The name of the rule that gave it."""
    diff: str = ""
    """A unified diff against the commit; empty where there is only a hint."""
    verified: bool = False


@dataclass(frozen=True, slots=True)
class Marker:
    """What makes a ticket ours; enough to rebuild our memory from tickets alone."""

    fingerprint: str
    generation: int = 1
    """How many tickets this error has had in this repository."""
    attempt: str = ""
    """Of the sending; empty before it."""
    signature: str = ""
    """Over repository, fingerprint and generation; empty where no key is configured."""

    @property
    def short(self) -> str:
        return self.fingerprint.partition(":")[2][:8]

    @property
    def label(self) -> str:
        """For sinks that keep marks as labels."""
        return f"triaged-{self.fingerprint.partition(':')[2]}"


@dataclass(frozen=True, slots=True)
class Report:
    """What leaves: rendered, inert, redacted, within its sizes. Made by ``pipeline.render`` alone."""

    repository: str
    marker: Marker
    title: str
    """Plain text, at most 256 characters."""
    body: str
    """Markdown, without the marker's comments: ``core.marker`` puts them around it when it is sent."""
    labels: tuple[str, ...] = ()
    assignees: tuple[str, ...] = ()
    strict: bool = False
    """Redacted as strangers may see it."""


@dataclass(frozen=True, slots=True)
class Change:
    """Files of a repository as a fix leaves them, and where it is proposed."""

    base: str
    """The commit that it is made against, full."""
    branch: str
    """Made for it: a fixed prefix and hex digits (``core.inert.branch``)."""
    into: str
    """The branch that it is to be merged into."""
    files: Mapping[str, str]
    """Path to whole text."""
    message: str = ""
    """The body of the commit's message."""
    draft: bool = True


@dataclass(frozen=True, slots=True)
class Ticket:
    """What a sink filed."""

    sink: str
    repository: str
    key: str
    """The sink's id: an issue number, a file's name."""
    url: str = ""


@dataclass(frozen=True, slots=True)
class Owned:
    """A ticket of ours as a listing shows it: enough to remember its group by."""

    ticket: Ticket
    marker: Marker
    count: int
    """How often it says that its error was seen."""
    open: bool
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a group's ticket, as far as we have looked."""

    closed_at: datetime | None = None
    """None: it is open."""
    closed_count: int = 0
    """How often the error had been seen when it was closed."""
    told_at: datetime | None = None
    """The closing after which we said that the error has come back."""
    reopened_at: datetime | None = None
    regressions: int = 0
    """How often the error came back after its ticket was closed."""
    gone_at: datetime | None = None
    """When the ticket was first not found any more."""


MOST_TELLINGS = 12


@dataclass(frozen=True, slots=True)
class Tally:
    """The numbers of a group."""

    count: int
    first_seen: datetime
    last_seen: datetime
    sources: Mapping[str, int] = field(default_factory=dict)
    releases: tuple[str, ...] = ()
    environments: tuple[str, ...] = ()
    services: tuple[str, ...] = ()
    tellings: tuple[str, ...] = ()
    """What was told apart within it, other stacks and other messages, as digests: the first ``MOST_TELLINGS``."""

    @property
    def mixed(self) -> bool:
        """Whether it has so many different stacks or messages that it may hold several errors."""
        return len(self.tellings) >= MOST_TELLINGS


@dataclass(frozen=True, slots=True)
class Group:
    """All events of one fingerprint, as the store remembers them."""

    fingerprint: str
    tally: Tally
    repository: str = ""
    """Where it was sent; empty where it was dropped or withheld."""
    generation: int = 0
    """Tickets planned so far."""
    ticket: Ticket | None = None
    decided_by: str = ""
    """A digest of the rules that decided last: when it changes, the group is decided again."""
    outcome: Outcome = Outcome()

    @property
    def short(self) -> str:
        """The id people see and search for: eight hex digits."""
        return self.fingerprint.partition(":")[2][:8]
