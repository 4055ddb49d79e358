"""CloudWatch Logs itself: a request goes in, its answer comes out; time and chance come from outside, and no socket is needed.

logs = CloudWatch(now)
logs.group("/ecs/checkout")
logs.put_events("/ecs/checkout", "web/1", [(milliseconds, "KeyError: 'scone'")])
logs.handle("FilterLogEvents", {"logGroupName": "/ecs/checkout"})

The facts: https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_FilterLogEvents.html
"""

import re
from bisect import bisect_left, bisect_right
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from random import Random
from typing import Any

from . import schema
from .faults import BAD_TOKEN, Faults, Refusal, Response
from .state import Event, Group, World, matching

MOST_EVENTS = 10_000
MOST_BYTES = 1_000_000
TOKEN_LIVES = timedelta(hours=24)

QUOTA = {"us-east-1": 25} | dict.fromkeys(("ap-northeast-3", "ap-southeast-3", "ca-west-1", "eu-central-1", "il-central-1"), 5)
"""FilterLogEvents a second: https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/cloudwatch_limits_cwl.html"""
_QUOTA_ELSEWHERE = 10
_QUOTA_DESCRIBE = 10

# AWS4-HMAC-SHA256 Credential=test/20260304/eu-central-1/logs/aws4_request, SignedHeaders=..., Signature=...
_SIGNED = re.compile(
    r"AWS4-HMAC-SHA256 Credential=[^/]+/\d{8}/(?P<region>[\w-]+)/logs/aws4_request, ?SignedHeaders=\S+, ?Signature=[0-9a-f]{64}"
)


@dataclass(frozen=True, slots=True)
class Entry:
    """One request of the log."""

    at: datetime
    operation: str
    asked: Mapping[str, Any]
    status: int
    """0 where no answer was given."""
    code: str
    """Of an error; empty for a success."""
    events: int
    """How many the answer held."""


@dataclass(frozen=True, slots=True)
class Violation:
    """A call over the quota of its second."""

    at: datetime
    operation: str
    calls: int


@dataclass(frozen=True, slots=True)
class _Token:
    """Where a listing goes on: after an event that was looked at, or from the start."""

    issued: datetime
    group: Group | None
    asked: Mapping[str, Any]
    after: Any


class CloudWatch(World):
    """One account in one region. ``now`` is the service's own clock, aware UTC.

    ``findings`` are requests that botocore would not send or that the model does not do; a test fails by them.
    """

    def __init__(self, now: Callable[[], datetime], *, seed: int = 0, region: str = "eu-central-1", account: str = "123456789012") -> None:
        super().__init__(region, account)
        self._clock = now
        self._random = Random(seed)
        self.faults = Faults(self._random)
        self.log: list[Entry] = []
        self.findings: list[str] = []
        self.violations: list[Violation] = []
        self.throttles = False
        """Whether a call over the quota is also refused, and not only written down."""
        self.lag = (0.0, 0.0)
        """Seconds from a put until a listing shows it: at least and at most, drawn for each put."""
        self.page = MOST_EVENTS
        """Events that a page holds at most; the service may always give fewer than are asked for."""
        self.sparse = 0.0
        """The chance that a page ends where it began, with a token."""
        self._recent: dict[str, deque[datetime]] = {}
        self._tokens: dict[str, _Token] = {}

    # ------------------------------------------------------------- what happens in the account

    @property
    def milliseconds(self) -> int:
        """Now."""
        return round(self._clock().timestamp() * 1000)

    def group(self, name: str) -> Group:
        """A new group."""
        return self.create(name, self.milliseconds)

    def delete(self, name: str) -> None:
        del self.groups[name]

    def deny(self, name: str, operation: str = "FilterLogEvents") -> None:
        """The caller's policy no longer allows this."""
        self.groups[name].denied.add(operation)

    def put_events(self, name: str, stream: str, events: Sequence[tuple[int, str]]) -> list[Event]:
        """One PutLogEvents, now; events as (milliseconds, message)."""
        return self.put(name, stream, events, self.milliseconds, round(self._random.uniform(*self.lag) * 1000))

    def say(self, name: str, stream: str, *messages: str) -> list[Event]:
        """Messages that happen and arrive now."""
        return self.put_events(name, stream, [(self.milliseconds, message) for message in messages])

    @property
    def pages(self) -> int:
        """FilterLogEvents that were answered with a page."""
        return sum(entry.operation == "FilterLogEvents" and entry.status == 200 for entry in self.log)

    # ------------------------------------------------------------------------------- requests

    def handle(self, operation: str, asked: Mapping[str, Any], authorization: str | None = None) -> Response:
        """The answer to one request; ``authorization`` is its header, None where no socket is between. Raises WrongModel."""
        model = schema.operation(operation)
        if model is None or operation not in _OPERATIONS:
            self.findings.append(f"{operation} is nothing that the model does")
            return self._logged(operation, asked, Refusal("UnknownOperationException", "", 400).response())
        if wrong := schema.misfit(asked, model):
            self.findings.append(f"{operation}: {wrong}")
        if "Invalid type" in wrong or "Unknown parameter" in wrong:
            return self._logged(operation, asked, Refusal("SerializationException", wrong).response())
        try:
            self._count(operation)
            self._signed(authorization)
            response = self._answer(operation, asked)
        except Refusal as no:
            response = no.response()
        if response.status == 200:
            schema.check_answer(response.payload, model)
        elif response.status:
            schema.check_error(response.code, model)
        return self._logged(operation, asked, response)

    def _answer(self, operation: str, asked: Mapping[str, Any]) -> Response:
        model = schema.operation(operation)
        assert model is not None
        if refused := schema.constraints(asked, model):
            what = "1 validation error" if len(refused) == 1 else f"{len(refused)} validation errors"
            raise Refusal("InvalidParameterException", f"{what} detected: {'; '.join(refused)}")
        name = str(asked.get("logGroupName") or asked.get("logGroupIdentifier") or "").removesuffix(":*").rpartition(":")[2]
        fault = self.faults.pick(operation, name)

        def apply() -> Response:
            return Response(200, _OPERATIONS[operation](self, asked))

        return fault(_Moment(self, asked), apply) if fault else apply()

    def _logged(self, operation: str, asked: Mapping[str, Any], response: Response) -> Response:
        status = 0 if response.lost else response.status
        self.log.append(Entry(self._clock(), operation, dict(asked), status, response.code, len(response.payload.get("events", ()))))
        return response

    def _count(self, operation: str) -> None:
        now, recent = self._clock(), self._recent.setdefault(operation, deque())
        recent.append(now)
        while recent[0] <= now - timedelta(seconds=1):
            recent.popleft()
        quota = QUOTA.get(self.region, _QUOTA_ELSEWHERE) if operation == "FilterLogEvents" else _QUOTA_DESCRIBE
        if len(recent) > quota:
            self.violations.append(Violation(now, operation, len(recent)))
            if self.throttles:
                raise Refusal("ThrottlingException", "Rate exceeded")

    def _signed(self, authorization: str | None) -> None:
        if authorization is None:
            return
        signed = _SIGNED.fullmatch(authorization)
        if signed is None:
            raise Refusal("MissingAuthenticationTokenException", "Missing Authentication Token")
        if signed["region"] != self.region:
            raise Refusal("UnrecognizedClientException", f"Credential should be scoped to a valid region, not '{signed['region']}'.")

    # ------------------------------------------------------------------------- FilterLogEvents

    def filter_log_events(self, asked: Mapping[str, Any]) -> dict[str, Any]:
        group = self._group(asked, "FilterLogEvents")
        after = self._where(asked, group)
        for name in asked.get("logStreamNames", ()):
            if name not in group.streams:
                raise Refusal("ResourceNotFoundException", "The specified log stream does not exist.")
        wanted = self._wanted(asked)
        first = bisect_left(group.events, asked.get("startTime", 0), key=lambda event: event.timestamp)
        if after is not None:
            first = max(first, bisect_right(group.events, after, key=lambda event: event.key))
        most = min(asked.get("limit", MOST_EVENTS), self.page)
        if self._random.random() < self.sparse:
            return {"events": [], "searchedLogStreams": [], "nextToken": self._token(group, asked, after)}
        now, end, events, weight = self.milliseconds, asked.get("endTime"), [], 0
        for event in islice(group.events, first, None):
            if end is not None and event.timestamp > end:
                break
            if event.visible > now or not wanted(event):
                continue
            weight += event.weight
            if len(events) == most or (events and weight > MOST_BYTES):
                return self._page(events, self._token(group, asked, events[-1].key))
            events.append(event)
        return self._page(events, None)

    def _group(self, asked: Mapping[str, Any], operation: str) -> Group:
        name, identifier = asked.get("logGroupName"), asked.get("logGroupIdentifier")
        if (name is None) == (identifier is None):
            raise Refusal("InvalidParameterException", "Exactly one of logGroupName and logGroupIdentifier must be specified.")
        if identifier is not None and identifier.endswith("*"):
            raise Refusal("InvalidParameterException", "The specified logGroupIdentifier is invalid.")
        given = name or identifier
        group = next((one for one in self.groups.values() if given == one.name or (identifier and given == one.arn)), None)
        if group is None:
            raise Refusal("ResourceNotFoundException", "The specified log group does not exist.")
        if operation in group.denied:
            raise Refusal(
                "AccessDeniedException",
                f"User: arn:aws:sts::{self.account}:assumed-role/triaged/session is not authorized to perform: logs:{operation} on resource: "
                f"{group.arn}:log-stream: because no identity-based policy allows the logs:{operation} action",
            )
        return group

    def _wanted(self, asked: Mapping[str, Any]) -> Callable[[Event], bool]:
        names, prefix = asked.get("logStreamNames"), asked.get("logStreamNamePrefix")
        if names is not None and prefix is not None:
            raise Refusal("InvalidParameterException", "logStreamNames and logStreamNamePrefix are mutually exclusive.")
        if asked.get("startFromHead") is False or asked.get("unmask"):
            self.findings.append("FilterLogEvents: the model neither lists from the end nor unmasks")
        terms = matching(asked.get("filterPattern", ""))
        if terms is None:
            self.findings.append(f"FilterLogEvents: the model knows terms only, not {asked['filterPattern']!r}")
            terms = ([], [], [])
        every, some, none = terms

        def wanted(event: Event) -> bool:
            message = event.message
            return (
                (names is None or event.stream in names)
                and (prefix is None or event.stream.startswith(prefix))
                and all(term in message for term in every)
                and (not some or any(term in message for term in some))
                and not any(term in message for term in none)
            )

        return wanted

    @staticmethod
    def _page(events: Sequence[Event], token: str | None) -> dict[str, Any]:
        shown = {"events": [event.shown() for event in events], "searchedLogStreams": []}
        return {**shown, "nextToken": token} if token is not None else shown

    # ------------------------------------------------------------------------------- tokens

    def _token(self, group: Group | None, asked: Mapping[str, Any], after: Any) -> str:
        token = f"Bxkq6kVGFtq2y_{len(self._tokens):08d}_{self._random.getrandbits(64):016x}"
        self._tokens[token] = _Token(self._clock(), group, {k: v for k, v in asked.items() if k != "nextToken"}, after)
        return token

    def _where(self, asked: Mapping[str, Any], group: Group | None) -> Any:
        """What a token says; None at the start. A token is good for a day, for its own group and for the listing that it comes from."""
        if "nextToken" not in asked:
            return None
        token = self._tokens.get(asked["nextToken"])
        if token is None or self._clock() - token.issued >= TOKEN_LIVES or token.group is not group:
            raise Refusal("InvalidParameterException", BAD_TOKEN)
        if token.asked != {k: v for k, v in asked.items() if k != "nextToken"}:
            self.findings.append(f"a token of the listing {token.asked} was given to another: {dict(asked)}")
        return token.after

    # ------------------------------------------------------------------------ DescribeLogGroups

    def describe_log_groups(self, asked: Mapping[str, Any]) -> dict[str, Any]:
        prefix, part = asked.get("logGroupNamePrefix"), asked.get("logGroupNamePattern")
        if prefix is not None and part is not None:
            raise Refusal("InvalidParameterException", "LogGroup name prefix and LogGroup name pattern are mutually exclusive parameters.")
        only = asked.get("logGroupIdentifiers")
        after, most = self._where(asked, None) or "", asked.get("limit", 50)
        found = [
            group
            for name, group in sorted(self.groups.items())
            if name > after
            and name.startswith(prefix or "")
            and (part or "") in name
            and (only is None or name in only or group.arn in only)
        ]
        shown: dict[str, Any] = {"logGroups": [group.described() for group in found[:most]]}
        if part:
            shown["logGroups"] = [{key: one[key] for key in ("arn", "creationTime", "logGroupName")} for one in shown["logGroups"]]
        return {**shown, "nextToken": self._token(None, asked, found[most - 1].name)} if len(found) > most else shown


@dataclass(frozen=True)
class _Moment:
    logs: CloudWatch
    asked: Mapping[str, Any]

    def token_here(self) -> str:
        group = self.logs._group(self.asked, "FilterLogEvents")
        return self.logs._token(group, self.asked, self.logs._where(self.asked, group))


_OPERATIONS = {"FilterLogEvents": CloudWatch.filter_log_events, "DescribeLogGroups": CloudWatch.describe_log_groups}
