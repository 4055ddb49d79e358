"""GitHub's limits, as clients meet them.

- primary and secondary limits and their headers: https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api
- of search: https://docs.github.com/en/rest/search/search#rate-limit
- of GraphQL, which says so in a 200: https://docs.github.com/en/graphql/overview/rate-limits-and-node-limits-for-the-graphql-api
- what becomes of who goes on: https://docs.github.com/en/rest/using-the-rest-api/best-practices-for-using-the-rest-api
"""

import math
from collections import deque
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from .access import Caller
from .wire import RATE_LIMIT_DOCS, Refusal

FREE = frozenset({"rate-limit/get"})
CONTENT = frozenset({"issues/create", "issues/update", "issues/create-comment", "issues/update-comment"}) | frozenset(
    {"pulls/create", "pulls/update", "pulls/request-reviewers"}
)
"""Writes that people read. GitHub does not say which count; these are the strictest reading."""
_SECONDARY_DOCS = "https://docs.github.com/rest/overview/rate-limits-for-the-rest-api#about-secondary-rate-limits"
_RESOURCES = {"search/issues-and-pull-requests": "search", "search/code": "code_search", "graphql": "graphql"}
_MINUTE, _HOUR = 60.0, 3600.0


@dataclass(frozen=True, slots=True)
class Limits:
    """Numbers. Hourly: core (by kind of caller) and graphql; by the minute: the searches and the secondary ones but for one."""

    user: int = 5000
    installation: int = 5000
    actions: int = 1000
    anonymous: int = 60
    graphql: int = 5000
    search: int = 30
    code_search: int = 9
    points: int = 900
    """For one REST endpoint; a read costs 1, a write 5."""
    graphql_points: int = 2000
    content: int = 80
    content_an_hour: int = 500
    in_flight: int = 100
    pause: int | None = 60
    """What ``retry-after`` says at a secondary limit, in seconds; None: the header is missing, and 60 s it is."""
    status: int = 403
    """The status of a refusal; GitHub also uses 429."""
    ban_after: int = 10
    """Requests inside a forbidden window after which a credential is suspended."""


@dataclass(frozen=True, slots=True)
class Violation:
    """A request that came although GitHub had said to wait until ``until``."""

    at: datetime
    who: str
    operation: str
    until: datetime
    why: str


@dataclass(slots=True)
class _Window:
    used: int
    resets_at: datetime


@dataclass(frozen=True, slots=True)
class _Pause:
    until: datetime
    why: str
    status: int
    says: int | None
    """``retry-after`` at the time of the refusal."""


@dataclass(slots=True)
class Meter:
    """Counts. ``limits`` None: nothing is limited, as on an Enterprise Server whose administrator set nothing."""

    limits: Limits | None
    violations: list[Violation] = field(default_factory=list)
    _windows: dict[tuple[str, str], _Window] = field(default_factory=dict)
    _recent: dict[tuple[str, ...], deque[tuple[datetime, int]]] = field(default_factory=dict)
    _pauses: dict[tuple[str, str], _Pause] = field(default_factory=dict)

    def admit(self, caller: Caller, operation: str, *, write: bool, now: datetime, in_flight: int) -> None:
        """Raises Refusal where a limit is reached, and notes who came although told to wait."""
        if self.limits is None:
            return
        resource = _RESOURCES.get(operation, "core")
        self._stop_the_told(caller, operation, resource, now)
        window = self._window(caller, resource, now)
        if operation not in FREE and window.used >= self._most(caller, resource):
            self._pauses[caller.name, resource] = _Pause(window.resets_at, "primary", self.limits.status, None)
            raise self._exceeded(caller)
        if in_flight > self.limits.in_flight:
            raise self.pause(caller, now, self.limits.pause)
        self._spend(caller, operation, write, now)

    def count(self, caller: Caller, operation: str, now: datetime) -> None:
        """One answer that counts against the primary limit: any but a 304 and a refusal for the limit itself."""
        if self.limits is not None and operation not in FREE:
            self._window(caller, _RESOURCES.get(operation, "core"), now).used += 1

    def headers(self, caller: Caller, operation: str, now: datetime) -> dict[str, str]:
        if self.limits is None:
            return {}
        resource = _RESOURCES.get(operation, "core")
        return {f"x-ratelimit-{name}": str(value) for name, value in self.state(caller, resource, now).items()} | {
            "x-ratelimit-resource": resource
        }

    def state(self, caller: Caller, resource: str, now: datetime) -> dict[str, int]:
        """As the headers and ``GET /rate_limit`` tell it; ``reset`` in seconds since the epoch on GitHub's clock."""
        window, most = self._window(caller, resource, now), self._most(caller, resource)
        used = min(window.used, most)
        return {"limit": most, "remaining": most - used, "used": used, "reset": math.ceil(window.resets_at.timestamp())}

    def pause(self, caller: Caller, now: datetime, seconds: float | None, status: int = 0) -> Refusal:
        """A secondary limit begins; the refusal that says so. Seconds None: without ``retry-after``, for a minute."""
        assert self.limits is not None
        says = None if seconds is None else math.ceil(seconds)
        until = now + timedelta(seconds=_MINUTE if seconds is None else seconds)
        self._pauses[caller.name, "*"] = _Pause(until, "secondary", status or self.limits.status, says)
        return _secondary(self._pauses[caller.name, "*"])

    def exhaust(self, caller: Caller, operation: str, now: datetime, seconds: float) -> None:
        """As if the primary limit were used up, for so many seconds."""
        resource = _RESOURCES.get(operation, "core")
        self._windows[caller.name, resource] = _Window(self._most(caller, resource), now + timedelta(seconds=seconds))

    def _stop_the_told(self, caller: Caller, operation: str, resource: str, now: datetime) -> None:
        assert self.limits is not None
        if sum(one.who == caller.name for one in self.violations) >= self.limits.ban_after:
            raise Refusal(403, "Sorry. Your account was suspended")
        for scope in ("*", resource):
            told = self._pauses.get((caller.name, scope))
            if told is None or now >= told.until or (scope != "*" and operation in FREE):
                continue
            self.violations.append(Violation(now, caller.name, operation, told.until, told.why))
            if told.status == 200 and operation != "graphql":  # only GraphQL says it in a 200
                told = replace(told, status=self.limits.status)
            raise self._exceeded(caller) if told.why == "primary" else _secondary(told)

    def _spend(self, caller: Caller, operation: str, write: bool, now: datetime) -> None:
        """Counts towards the secondary limits. Raises Refusal where one is reached."""
        assert self.limits is not None
        points = self.limits.graphql_points if operation == "graphql" else self.limits.points
        budgets: list[tuple[tuple[str, ...], int, int, float]] = [(("points", operation), 5 if write else 1, points, _MINUTE)]
        if operation in CONTENT or (operation == "graphql" and write):
            budgets += [(("content",), 1, self.limits.content, _MINUTE), (("content an hour",), 1, self.limits.content_an_hour, _HOUR)]
        for name, cost, most, seconds in budgets:
            recent = self._recent.setdefault((caller.name, *name), deque())
            while recent and recent[0][0] <= now - timedelta(seconds=seconds):
                recent.popleft()
            if sum(spent for _, spent in recent) + cost > most:
                raise self.pause(caller, now, self.limits.pause)
            recent.append((now, cost))

    def _most(self, caller: Caller, resource: str) -> int:
        assert self.limits is not None
        if resource != "core":
            return {"search": self.limits.search, "code_search": self.limits.code_search, "graphql": self.limits.graphql}[resource]
        kind = caller.token.kind if caller.token else ""
        by_kind = {"installation": self.limits.installation, "actions": self.limits.actions}
        return by_kind.get(kind, self.limits.user) if caller.token or caller.app else self.limits.anonymous

    def _window(self, caller: Caller, resource: str, now: datetime) -> _Window:
        window = self._windows.get((caller.name, resource))
        if window is None or now >= window.resets_at:
            seconds = _MINUTE if resource.endswith("search") else _HOUR
            window = self._windows[caller.name, resource] = _Window(0, now.replace(microsecond=0) + timedelta(seconds=seconds))
        return window

    def _exceeded(self, caller: Caller) -> Refusal:
        assert self.limits is not None
        more = "" if caller.token or caller.app else " (But here's the good news: Authenticated requests get a higher rate limit.)"
        return Refusal(self.limits.status, f"API rate limit exceeded for {caller.name}.{more}", docs=RATE_LIMIT_DOCS)


def _secondary(told: _Pause) -> Refusal:
    message = "You have exceeded a secondary rate limit. Please wait a few minutes before you try again."
    headers = {} if told.says is None else {"retry-after": str(told.says)}
    return Refusal(told.status, message, docs=_SECONDARY_DOCS, headers=headers)
