"""What stands in CloudWatch Logs: groups, their streams, and events with the order in which they came.

What may be put: https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutLogEvents.html
"""

import itertools
import re
from bisect import insort
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

HOUR = 3_600_000
DAY = 24 * HOUR
MOST_BATCH = 10_000
LONGEST_MESSAGE = 1_048_576
OVERHEAD = 26
"""Bytes that each event weighs beside its message."""

# /ecs/checkout
_GROUP = re.compile(r"[.\-_/#A-Za-z0-9]{1,512}")
# ecs/web/0f1e2d3c
_STREAM = re.compile(r"[^:*]{1,512}")


@dataclass(frozen=True, slots=True, order=True)
class Event:
    """Times in milliseconds since the epoch. The order of its first four fields is the order in which events are listed."""

    timestamp: int
    ingested: int
    request: int
    place: int
    stream: str = field(compare=False)
    message: str = field(compare=False)
    id: str = field(compare=False)
    visible: int = field(compare=False)
    """When a listing may show it first."""

    @property
    def key(self) -> tuple[int, int, int, int]:
        return self.timestamp, self.ingested, self.request, self.place

    @property
    def weight(self) -> int:
        return len(self.message.encode()) + OVERHEAD

    def shown(self) -> dict[str, str | int]:
        return {
            "logStreamName": self.stream,
            "timestamp": self.timestamp,
            "message": self.message,
            "ingestionTime": self.ingested,
            "eventId": self.id,
        }


@dataclass(eq=False)
class Group:
    """One log group. A new one of the same name is another one."""

    name: str
    arn: str
    created: int
    streams: set[str] = field(default_factory=set)
    events: list[Event] = field(default_factory=list)
    denied: set[str] = field(default_factory=set)
    """Operations that the caller's policy does not allow here."""

    def described(self) -> dict[str, str | int]:
        return {
            "logGroupName": self.name,
            "creationTime": self.created,
            "metricFilterCount": 0,
            "arn": f"{self.arn}:*",
            "logGroupArn": self.arn,
            "storedBytes": 0,
            "logGroupClass": "STANDARD",
        }


class World:
    """Groups of one account in one region."""

    def __init__(self, region: str, account: str) -> None:
        self.region = region
        self.account = account
        self.groups: dict[str, Group] = {}
        self._requests = itertools.count(1)
        self._ids = itertools.count(1)

    def create(self, name: str, now: int) -> Group:
        assert _GROUP.fullmatch(name), f"{name!r} is no name of a log group"
        assert name not in self.groups, f"{name} is there"
        self.groups[name] = Group(name, f"arn:aws:logs:{self.region}:{self.account}:log-group:{name}", now)
        return self.groups[name]

    def put(self, name: str, stream: str, events: Sequence[tuple[int, str]], now: int, lag: int) -> list[Event]:
        """One PutLogEvents. Those too old or too far in the future are not taken, as the service does; what it refuses asserts here."""
        assert _STREAM.fullmatch(stream), f"{stream!r} is no name of a log stream"
        times = [timestamp for timestamp, _ in events]
        assert times == sorted(times), "the events of a batch are in the order of their time"
        assert len(events) <= MOST_BATCH, "a batch has 10,000 events at most"
        assert not times or times[-1] - times[0] < DAY, "a batch spans less than 24 hours"
        assert all(0 < len(message.encode()) <= LONGEST_MESSAGE for _, message in events), "a message has 1 byte to 1 MiB"
        group, request = self.groups[name], next(self._requests)
        group.streams.add(stream)
        taken = []
        for place, (timestamp, message) in enumerate(events):
            if now - 14 * DAY <= timestamp <= now + 2 * HOUR:
                taken.append(Event(timestamp, now, request, place, stream, message, self._id(timestamp), now + lag))
        for event in taken:
            if not group.events or group.events[-1] < event:
                group.events.append(event)
            else:
                insort(group.events, event)
        return taken

    def _id(self, timestamp: int) -> str:
        """56 digits that grow with the time, as the service's do."""
        return f"{timestamp << 144 | next(self._ids):056d}"


def matching(pattern: str) -> "tuple[list[str], list[str], list[str]] | None":
    """The terms of a filter pattern: all of these, one of these, none of these. None for a pattern that is more than terms.

    https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntax.html
    """
    if pattern.strip()[:1] in ("{", "[", "%"):
        return None
    every, some, none = [], [], []
    for sign, term in _terms(pattern):
        {"?": some, "-": none, "": every}[sign].append(term)
    return every, some if not every else [], none  # beside a term that must be there, the optional ones say nothing


def _terms(pattern: str) -> Iterator[tuple[str, str]]:
    # ?ERROR -"not an error" timeout
    for m in re.finditer(r"([?-]?)(?:\"([^\"]*)\"|(\S+))", pattern):
        yield m[1], m[2] if m[2] is not None else m[3]
