"""CloudWatch Logs, polled with FilterLogEvents.

https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_FilterLogEvents.html

CloudWatch finds events by when they happened and not by when they came, so each look goes back some minutes before the newest event
seen; what it shows again has the key it had before. What belongs together hangs on the log alone and not on where a look begins:
nothing is joined over a pause, and a look reads a little more than what it tells of.
"""

import json
import re
from collections import deque
from collections.abc import AsyncIterator, Collection, Iterable, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import blake2b
from typing import Any, ClassVar
from urllib.parse import quote

import anyio
import anyio.to_thread
import msgspec

from triaged import boundary, logs
from triaged.clients import aws
from triaged.core import assemble, log
from triaged.core.model import Delivery, Record
from triaged.errors import Refused, Unavailable, WrongUse
from triaged.ports import PullSource, Sweep, Tools

# Milliseconds, as CloudWatch counts.
LOOKBACK = 5 * 60_000
"""Events may come this long after they happened; the first look ever goes back as far."""
PAUSE = 3_000
"""Lines of one stream with more than this between them do not belong together; a trace is closed this long after its last line."""
_AROUND = 10_000
"""Read before what is told of: a trace whose first line stands there was told before."""

_MOST_PAGES = 20
"""Of one group in one look. Only if these do not get past one millisecond, more are read."""
_MOST_HELD = 1_000_000
"""Characters of one stream that wait for what may go on with them."""
_AT_ONCE = 4
"""Groups that are asked at the same time."""

# REPORT RequestId: 0d9e... Duration: 3000.00 ms ... Status: error Error Type: Runtime.ExitError
_PLATFORM = re.compile(r"(?:START|END|REPORT|INIT_START|INIT_REPORT) (?:RequestId|Runtime Version|Init Duration): ")


class Config(boundary.Config):
    example: ClassVar[dict[str, Any]] = {"groups": "/ecs/checkout,/aws/lambda/mailer"}

    groups: str
    """Names of log groups, separated by commas."""


class Line(boundary.Payload, frozen=True, rename={"id": "eventId", "stream": "logStreamName", "ingested": "ingestionTime"}):
    """An event, as FilterLogEvents gives it. Times in milliseconds since the epoch."""

    id: str = ""
    stream: str = ""
    timestamp: int = 0
    ingested: int = 0
    message: str = ""


class Page(boundary.Payload, frozen=True):
    """An answer of FilterLogEvents, or what we keep of some for one error."""

    events: tuple[Line, ...]
    before: tuple[str, ...] = ()
    """Ours: the lines of the stream before the error."""


class Position(msgspec.Struct, frozen=True):
    """How far one group is read, in milliseconds since the epoch."""

    seen: int
    """The newest event."""
    at: int = 0
    """Where a reading that was cut short goes on; 0: none was."""
    started: int = 0
    """When that reading began: what it passed since then, late events may still have come behind."""

    @property
    def begin(self) -> int:
        return self.at or max(self.seen - LOOKBACK, 1)


class Cursor(msgspec.Struct, frozen=True):
    groups: dict[str, Position] = {}
    looks: int = 0
    """Makes each cursor another one."""


@dataclass(frozen=True, slots=True)
class Error:
    """An error in a log."""

    lines: tuple[Line, ...]
    text: str
    before: tuple[str, ...]
    """Up to ``assemble.CONTEXT`` lines of its stream above it, oldest first."""

    def key(self, group: str) -> str:
        """The same however often it is read."""
        return f"{self.event(group)}/{blake2b(self.text.encode('utf-8', 'surrogatepass'), digest_size=8).hexdigest()}"

    def event(self, group: str) -> str:
        return f"{group}/{self.lines[0].stream}/{self.lines[0].id}"


class Stream:
    """The lines of one stream as they come; holds those that later ones may go on with."""

    def __init__(self) -> None:
        self._held: list[Line] = []
        self._weight = 0
        self._before: deque[str] = deque(maxlen=assemble.CONTEXT)

    def take(self, line: Line) -> None:
        message = line.message[: assemble.MOST_CHARACTERS].rstrip("\r\n")
        self._held.append(line if message == line.message else msgspec.structs.replace(line, message=message))
        self._weight += len(message)

    @property
    def since(self) -> int | None:
        """When the first line happened that is held; None: none is."""
        return self._held[0].timestamp if self._held else None

    def errors(self, until: int | None = None) -> list[Error]:
        """Those that nothing can go on with, now that all is read that happened before ``until``; None: all is read."""
        found: list[Error] = []
        held: list[Line] = []
        *past, last = [*_runs(self._held)] or [[]]
        for run in past:
            found += self._told(run, len(run))
        if last:
            closed = until is None or until - last[-1].timestamp > PAUSE or self._weight > _MOST_HELD
            units, settled = _units(last)
            settled = len(last) if closed else settled
            found += self._told(last, settled, units)
            held = last[settled:]
        self._held, self._weight = held, sum(len(line.message) for line in held)
        return found

    def _told(self, run: Sequence[Line], settled: int, units: "list[_Unit] | None" = None) -> Iterator[Error]:
        """Of the units that begin before ``settled``."""
        for unit in _units(run)[0] if units is None else units:
            if unit.first >= settled:
                return
            if unit.is_error:
                before = tuple(self._before) if "\n" in unit.text else ()
                self._before.clear()
                yield Error(tuple(run[unit.first : unit.last + 1]), unit.text, before)
            else:
                self._before.extend(unit.text.split("\n")[-assemble.CONTEXT :])


def _joined(streams: dict[str, Stream], lines: Iterable[Line], until: int | None) -> list[Error]:
    """``lines`` go to their ``streams``; see ``Stream.errors`` for what comes out."""
    for line in lines:
        if line.stream not in streams:
            streams[line.stream] = Stream()
        streams[line.stream].take(line)
    return [error for stream in streams.values() for error in stream.errors(until)]


@dataclass(slots=True)
class _Unit:
    """Blocks that share an event: one event is never told in parts."""

    text: str
    first: int
    last: int
    is_error: bool


def _runs(lines: Iterable[Line]) -> Iterator[list[Line]]:
    """Without a pause in each."""
    run: list[Line] = []
    for line in lines:
        if run and line.timestamp - run[-1].timestamp > PAUSE:
            yield run
            run = []
        run.append(line)
    if run:
        yield run


def _units(run: Sequence[Line]) -> tuple[list[_Unit], int]:
    """What belongs together, and the place before which nothing can change: the unit above an open one may announce it."""
    joined = assemble.join((at, line.message) for at, line in enumerate(run))
    blocks = sorted((*joined.closed, *joined.open), key=lambda block: block.first)
    errors = set(log.errors(blocks))
    units: list[_Unit] = []
    for block in blocks:
        is_error = block in errors and not _PLATFORM.match(block.text)
        if units and block.first == units[-1].last and "\n" in run[block.first].message:
            above = units[-1]
            text = f"{above.text}\n{block.text}"[: assemble.MOST_CHARACTERS]
            units[-1] = _Unit(text, above.first, max(block.last, above.last), above.is_error or is_error)
        else:
            units.append(_Unit(block.text, block.first, block.last, is_error))
    opened = min((block.first for block in joined.open), default=len(run))
    return units, max((unit.first for unit in units if unit.first < opened), default=opened)


@dataclass(slots=True)
class _Look:
    """What a look at one group gave."""

    position: Position
    newest: int
    found: list[Error] = field(default_factory=list)
    cut: bool = False
    """There is more at once."""
    failure: str = ""
    gained: bool = True
    """Something was read that need not be read again."""


class CloudWatch(PullSource):
    """All groups; one that cannot be read does not hold up the others. ``failing`` says which cannot, and why."""

    name = "cloudwatch"
    every = (5.0, 60.0)

    def __init__(self, config: Config, tools: Tools, client: aws.Client) -> None:
        self._groups = list(dict.fromkeys(name.strip() for name in config.groups.split(",") if name.strip()))
        if not self._groups:
            raise WrongUse("TRIAGED_LOG_GROUPS: names no log group, such as /ecs/checkout")
        self._clock = tools.clock
        self._metrics = tools.metrics
        self._aws = client
        self._handed = ""
        self._told: frozenset[str] = frozenset()
        """Keys of what the last look found: stored, if its cursor comes back."""
        self.failing: dict[str, str] = {}

    async def sweep(self, cursor: str) -> Sweep:
        now = round(self._clock.now().timestamp() * 1000)
        known = _cursor(cursor)
        told = self._told if cursor == self._handed else frozenset()
        looks = await self._looks(known, now)
        self._report(looks, now)
        if not any(look.gained for look in looks.values()):
            raise Unavailable("; ".join(dict.fromkeys(self.failing.values())))
        found = {error.key(group): (group, error) for group, look in looks.items() for error in look.found}
        moved = Cursor({group: look.position for group, look in looks.items()}, known.looks + 1)
        self._handed, self._told = msgspec.json.encode(moved).decode(), frozenset(found)
        deliveries = tuple(self._delivery(key, *one) for key, one in found.items() if key not in told)
        return Sweep(deliveries, self._handed, any(look.cut for look in looks.values()))

    def read(self, delivery: Delivery) -> tuple[Record, ...]:
        """Also of a whole answer of FilterLogEvents, with many streams and ordinary events in it."""
        page = Page.read(delivery.body)
        errors = sorted(_joined({}, page.events, None), key=lambda error: error.lines[0].timestamp)
        return tuple(_record(delivery, error, page.before) for error in errors)

    def rewound(self, cursor: str, since: datetime, only: Collection[str] = ()) -> str:
        known, at = _cursor(cursor), round(since.timestamp() * 1000)
        again = {}
        for group in self._groups:
            if not only or group in only:
                position = known.groups.get(group, Position(at))
                again[group] = msgspec.structs.replace(position, at=min(at, position.begin) if group in known.groups else at)
        return msgspec.json.encode(Cursor({**known.groups, **again}, known.looks + 1)).decode()

    async def _looks(self, known: Cursor, now: int) -> dict[str, _Look]:
        looks: dict[str, _Look] = {}
        at_once = anyio.CapacityLimiter(_AT_ONCE)

        async def look(group: str) -> None:
            async with at_once:
                looks[group] = await self._look(group, _sane(known.groups.get(group), now), now)

        async with anyio.create_task_group() as tasks:
            for group in self._groups:
                tasks.start_soon(look, group)
        return {group: looks[group] for group in self._groups}

    async def _look(self, group: str, position: Position, now: int) -> _Look:
        """From where ``position`` says, to now or until it is cut short: after enough pages, or by a failure."""
        begin = at = newest = position.begin
        asked: dict[str, Any] = {"logGroupName": group, "startTime": max(begin - _AROUND, 0), "endTime": now}
        streams: dict[str, Stream] = {}
        found: list[Error] = []
        pages, more, failure = 0, True, ""
        while more and (pages < _MOST_PAGES or at <= begin):
            try:
                lines, token = await self._page(group, asked)
            except (Unavailable, Refused) as error:
                failure = str(error)
                break
            pages, more = pages + 1, bool(token)
            asked["nextToken"] = token
            newest = max([newest, *(line.timestamp for line in lines)])
            joined = await anyio.to_thread.run_sync(_joined, streams, lines, newest if more else now)
            found += [error for error in joined if error.lines[0].timestamp >= begin]
            at = min([newest, *(stream.since for stream in streams.values() if stream.since is not None)])
        seen, started = max(position.seen, newest), position.started or now
        if not more:
            return _Look(Position(min(seen, started)), now, found)
        if at <= begin:
            return _Look(position, newest, found, failure=failure, gained=False)
        return _Look(Position(seen, at, started), newest, found, cut=not failure, failure=failure)

    async def _page(self, group: str, asked: dict[str, Any]) -> tuple[list[Line], str]:
        """Raises Unavailable, and Refused where CloudWatch does not take what we ask, such as a token that has expired."""
        answer = await self._aws.read("filter_log_events", f"log group {group}", "logs:FilterLogEvents", **asked)
        try:
            return msgspec.convert(answer.get("events", []), list[Line]), answer.get("nextToken", "")
        except msgspec.ValidationError as error:
            raise Unavailable(f"log group {group}: CloudWatch answers with what is no list of events: {error}") from error

    def _report(self, looks: dict[str, _Look], now: int) -> None:
        for group, look in looks.items():
            self._metrics.cloudwatch_lag.labels(group).set((now - look.newest) / 1000)
            if look.failure and self.failing.get(group) != look.failure:
                logs.warning("a log group cannot be read", log_group=group, reason=look.failure)
            if not look.failure and group in self.failing:
                logs.info("a log group can be read again", log_group=group)
        self.failing = {group: look.failure for group, look in looks.items() if look.failure}

    def _delivery(self, key: str, group: str, error: Error) -> Delivery:
        events = [
            {"eventId": line.id, "logStreamName": line.stream, "timestamp": line.timestamp}
            | {"ingestionTime": line.ingested, "message": line.message}
            for line in _kept(error.lines)
        ]
        body = json.dumps({"events": events, "before": error.before}).encode()
        at = _instant(error.lines[0].timestamp) or self._clock.now()
        headers = {"log-group": group, "region": self._aws.region}
        return Delivery(self.name, key, at, body, {name: value for name, value in headers.items() if value})


def _cursor(text: str) -> Cursor:
    """One that cannot be read is as good as none: what is then read again is a repeat."""
    if not text:
        return Cursor()
    try:
        return msgspec.json.decode(text, type=Cursor)
    except (ValueError, RecursionError):
        logs.warning("the stored cursor cannot be read: the log groups are read from some minutes ago", source=CloudWatch.name)
        return Cursor()


def _sane(position: Position | None, now: int) -> Position:
    """Never ahead of the clock, whatever it was before: nothing would be found there."""
    if position is None:
        return Position(now)
    return Position(*(min(max(each, 0), now) for each in (position.seen, position.at, position.started)))


def _kept(lines: Sequence[Line]) -> Sequence[Line]:
    """Both ends of a block that is too long: its beginning says where, its end may say what."""
    half = assemble.MOST_CHARACTERS // 2
    head = _fitting(lines, half)
    tail = _fitting(lines[:head:-1], half) if head < len(lines) else 0
    return [*lines[: max(head, 1)], *lines[len(lines) - tail :]]


def _fitting(lines: Sequence[Line], room: int) -> int:
    """How many of them have so many characters together."""
    for number, line in enumerate(lines):
        room -= len(line.message) + 1
        if room < 0:
            return number
    return len(lines)


def _record(delivery: Delivery, error: Error, before: tuple[str, ...]) -> Record:
    group, stream, region = delivery.headers.get("log-group", ""), error.lines[0].stream, delivery.headers.get("region", "")
    labels = {"log_group": group, "log_stream": stream, "service": group.rstrip("/").rpartition("/")[2]}
    return Record(
        source=delivery.source,
        at=_instant(error.lines[0].timestamp) or delivery.at,
        text=error.text,
        labels={name: value for name, value in labels.items() if value},
        key=error.event(group) if error.lines[0].id else "",
        links={"CloudWatch": link} if (link := _console(region, group, stream)) else {},
        logs=error.before or before,
    )


def _instant(milliseconds: int) -> datetime | None:
    """None where nothing says when, or what no calendar has."""
    try:
        return datetime.fromtimestamp(milliseconds / 1000, UTC) if milliseconds > 0 else None
    except (OverflowError, ValueError, OSError):
        return None


def _console(region: str, group: str, stream: str) -> str:
    """Where people read the stream; empty where that is not known, as in the other partitions, whose consoles have other hosts."""
    if not (region and group and stream) or region.startswith(("cn-", "us-gov-", "us-iso", "eu-isoe-", "eusc-")):
        return ""
    # the console encodes names twice, the second time with $ for %
    names = [quote(quote(name, safe=""), safe="").replace("%", "$") for name in (group, stream)]
    address = f"https://{region}.console.aws.amazon.com/cloudwatch/home?region={region}"
    return f"{address}#logsV2:log-groups/log-group/{names[0]}/log-events/{names[1]}"


@asynccontextmanager
async def connect(config: Config, tools: Tools) -> AsyncIterator[CloudWatch]:
    client = aws.Client("logs")
    try:
        yield CloudWatch(config, tools, client)
    finally:
        await client.close()
