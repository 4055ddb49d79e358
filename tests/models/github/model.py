"""The model itself: a request goes in, its answer comes out.

    github = GitHub()
    github.user("ada")
    shop = github.repository("ada/shop", GitRepo.create(path))
    token = github.classic_token("ada", "repo")
    github.handle(Request("GET", "/repos/ada/shop", {"authorization": f"Bearer {token.value}", "user-agent": "test"}))

Time and chance come from outside, and no socket is needed.
"""

import heapq
import itertools
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from functools import cache
from hashlib import sha256
from random import Random
from typing import Any, ClassVar, TypeVar

from . import access, accounts, code, graphql, issues, pulls, search  # noqa: F401  they register their routes
from .access import Caller
from .faults import Apply, Faults
from .limits import Limits, Meter, Violation
from .routes import PLACE, ROUTES, Call, accepted_form, below_repository, moved
from .schema import Description, Operation
from .state import History, Issue, Repository, World
from .wire import Refusal, Request, Response, answer, not_found, raw

T = TypeVar("T")

VERSION, OTHER_VERSIONS = "2022-11-28", frozenset({"2026-03-10"})
"""https://docs.github.com/en/rest/about-the-rest-api/api-versions; the model speaks the first."""
NO_AGENT = (
    b"Request forbidden by administrative rules. Please make sure your request has a User-Agent header "
    b"(https://docs.github.com/en/rest/overview/resources-in-the-rest-api#user-agent-required). "
    b"Check https://developer.github.com for other possible causes.\n"
)
_NEUTRAL = frozenset({"", "json", "text-match"})
_NOBODY = Caller("127.0.0.1")


@dataclass(slots=True)
class Lag:
    """How late things are seen, in seconds. A test may change it at any time.

    Lists: https://github.com/judell/bram/issues/252 and /254 (seconds, once 8 minutes, and another replica at each call); search:
    https://github.com/Tracer-Cloud/opensre/pull/5269 and https://github.com/marcusquinn/aidevops/issues/20322; search by a fresh label:
    https://github.com/guettli/agentloop/issues/204. One issue by its number is always seen as it is.
    """

    lists: tuple[float, ...] = (0.0, 2.0, 8.0)
    """One number for each replica; each call meets any of them."""
    search: tuple[float, float] = (2.0, 10.0)
    """At least and at most, drawn for each version of each issue."""
    labels: tuple[float, float] = (600.0, 720.0)

    @classmethod
    def none(cls) -> "Lag":
        return cls((0.0,), (0.0, 0.0), (0.0, 0.0))


@dataclass(frozen=True, slots=True)
class Entry:
    """One request of the log."""

    at: datetime
    method: str
    route: str
    """The template: ``/repos/{owner}/{repo}/issues``; the path itself where no operation is meant."""
    operation: str
    target: str
    status: int
    """0 where no answer was given."""
    conditional: bool
    who: str

    @property
    def not_modified(self) -> bool:
        return self.status == 304


class GitHub(World):
    """github.com, or an Enterprise Server of the version that ``enterprise`` names: then no limits unless they are given.

    ``now`` is GitHub's own clock, aware UTC; a test that wants it to be wrong gives one that is.
    ``findings`` are requests that GitHub would not understand as they are meant, or that the model does not know; a test fails by them.
    """

    secrets: ClassVar[frozenset[str]] = frozenset()
    """What no request may hold, besides the tokens, which stand in its Authorization header alone."""

    def __init__(
        self, now: Callable[[], datetime] | None = None, *, seed: int = 0, limits: Limits | None = None, enterprise: str = ""
    ) -> None:
        super().__init__(now or _wall_clock)
        self.lag = Lag()
        self.enterprise = enterprise
        self.meter = Meter(limits or (None if enterprise else Limits()))
        self.findings: list[str] = []
        self.log: list[Entry] = []
        self._seed = seed
        self._random = Random(seed)
        self.faults = Faults(self._random)
        self._pending: list[tuple[datetime, int, Apply]] = []
        self._order = itertools.count()
        self._requests = itertools.count(1)
        if enterprise:
            self.move_to("https://github.example.com")

    @property
    def violations(self) -> list[Violation]:
        """Who came although told to wait."""
        return self.meter.violations

    def move_to(self, url: str) -> None:
        """Where it is reached: scheme, host and port. An Enterprise Server has its pages there too."""
        self.api = f"{url}/api/v3" if self.enterprise else url
        self.web = url if self.enterprise else self.web

    @property
    def graphql(self) -> str:
        return f"{self.api.removesuffix('/v3')}/graphql"

    def handle(self, request: Request, *, in_flight: int = 1) -> Response:
        """The answer to one request; ``in_flight`` is how many are under way, this one included. Raises WrongModel."""
        self.settle()
        self._overhear(request)
        found = self._match(request)
        if not request.header("user-agent").strip():
            return self._logged(request, found, raw(NO_AGENT, "text/html; charset=utf-8", 403))
        if found is None:
            self.findings.append(f"{request.method} {request.path} is nothing that the model knows")
            return self._logged(request, found, self._finished(_NOBODY, request, None, not_found().response()))
        operation, params = found
        fault = self.faults.pick(operation.id)

        def apply(asked: Request = request) -> Response:
            return self._answer(asked, operation, params, in_flight)

        response = fault(_Moment(self, request, operation, params, apply), apply) if fault else apply()
        return self._logged(request, found, response)

    def _overhear(self, request: Request) -> None:
        """Of every byte that is sent here: is one of them of a secret?"""
        headers = "\n".join(value for name, value in request.headers.items() if name != "authorization")
        sent = f"{request.target}\n{headers}\n".encode() + request.body
        for secret in (*self.secrets, *self.tokens):
            if secret.encode() in sent:
                self.findings.append(f"{request.method} {request.path} holds a secret that begins {secret[:4]!r}")

    def settle(self) -> None:
        """Applies what a fault held back until now; before a look at the state, too."""
        while self._pending and self._pending[0][0] <= self._clock():
            self._pretended, _, apply = heapq.heappop(self._pending)
            try:
                apply()
            finally:
                self._pretended = None

    def later(self, seconds: float, apply: Apply) -> None:
        heapq.heappush(self._pending, (self.now() + timedelta(seconds=seconds), next(self._order), apply))

    def replica(self, histories: Mapping[int, History[T]]) -> list[T]:
        """Things as one of the replicas has them."""
        instant = self.now() - timedelta(seconds=self._random.choice(self.lag.lists))
        return [seen for history in histories.values() if (seen := history.at(instant)) is not None]

    def index(self, histories: Mapping[int, History[Issue]], *, by_label: bool) -> list[Issue]:
        """Issues as search has them."""
        shortest, longest = self.lag.labels if by_label else self.lag.search
        found = []
        for number, history in histories.items():
            for place, at, value in history.versions():
                delay = Random(f"{self._seed} {number} {place} {by_label}").uniform(shortest, longest)
                if at + timedelta(seconds=delay) <= self.now():
                    found += [value] if value is not None else []
                    break
        return found

    def inside(self, path: str) -> str:
        """A path of a request, below the API's root."""
        return path.removeprefix("/api/v3") if self.enterprise else path

    def by_id(self, repo: Repository, request: Request) -> str:
        """The address of a request by the id of the repository that it names."""
        query = request.target[len(request.path) :]
        return f"{self.api}/repositories/{repo.id}{below_repository(self.inside(request.path))}{query}"

    # -- one request

    def _match(self, request: Request) -> tuple[Operation, dict[str, str]] | None:
        path = request.path
        if self.enterprise:
            if path == "/api/graphql":
                path = "/graphql"
            elif not path.startswith("/api/v3/"):
                return None
            path = self.inside(path)
        if (m := PLACE.fullmatch(path)) and m["id"]:
            repo = self.repositories.get(int(m["id"]))
            path = f"/repos/{repo.full_name if repo else '0/0'}{m['rest'] or ''}"
        if (request.method, path) == ("POST", "/graphql"):
            return _graphql(), {}
        return _description().match(request.method, path)

    def _answer(self, request: Request, operation: Operation, params: dict[str, str], in_flight: int) -> Response:
        """Applies a request: who asks, whether they may now, what they ask for."""
        caller, admitted = _NOBODY, False
        try:
            caller = access.identify(self, request)
            write = request.method != "GET"
            self.meter.admit(caller, operation.id, write=write, now=self.now(), in_flight=in_flight)
            admitted = True
            response = self._dispatch(request, operation, params, caller)
        except Refusal as refusal:
            response = self._refusal(refusal, operation, admitted)
        response = self._conditional(request, response)
        if admitted and response.status != 304:
            self.meter.count(caller, operation.id, self.now())
        response = self._finished(caller, request, operation, response)
        operation.check(response)
        return response

    def _dispatch(self, request: Request, operation: Operation, params: dict[str, str], caller: Caller) -> Response:
        route = ROUTES[operation.id]
        form = accepted_form(request)
        if form is None:
            wrong = f"Unsupported 'Accept' header: '{request.header('accept')}'. Must accept 'application/json'."
            raise Refusal(415, wrong, docs="https://docs.github.com/v3/media")
        call = Call(self, request, operation, params, caller, form=form if form in route.forms else "")
        self._demand_version(call)
        if form not in route.forms | _NEUTRAL:
            call.gap(f"the media type {form!r}")
        if "owner" in params:
            call.repo = self._repository(call)
            access.permit(self, caller, call.repo, route.needs)
        call.body = _body(request, operation)
        self.findings += operation.findings(request, params, call.body)
        if errors := operation.body_errors(call.body) if call.body is not None else []:
            raise Refusal(422, "Invalid request.\n\n" + "\n".join(map(_said, errors)))
        return route.handler(call)

    def _demand_version(self, call: Call) -> None:
        version = call.request.header("x-github-api-version")
        if version in OTHER_VERSIONS:
            call.gap(f"version {version} of the API")
        elif version not in ("", VERSION):
            raise Refusal(
                400, f"{version!r} is not a supported API version.", docs="https://docs.github.com/rest/about-the-rest-api/api-versions"
            )

    def _repository(self, call: Call) -> Repository:
        """The one that the path names. Raises Refusal where the caller does not see it, and where it has another name now."""
        owner, name = call.params["owner"], call.params["repo"]
        repo = self.find(owner, name)
        former = self.moved.get(f"{owner}/{name}".lower()) if repo is None else None
        there = repo or former
        if there is None or not (access.sees(self, call.caller, there) or call.caller.app):
            raise not_found()
        if former:
            raise moved(301 if call.request.method == "GET" else 307, self.by_id(former, call.request))
        return there

    def _refusal(self, refusal: Refusal, operation: Operation, admitted: bool) -> Response:
        """GraphQL says in a 200 that the primary limit is reached, and sometimes the secondary one."""
        told = "rate limit exceeded" in refusal.message or refusal.status == 200
        if operation.id == "graphql" and not admitted and told:
            return answer({"errors": [{"type": "RATE_LIMITED", "message": refusal.message}]}, headers=refusal.headers)
        return refusal.response(operation.docs)

    def _conditional(self, request: Request, response: Response) -> Response:
        """A 304 where the client has it already.

        The tag hangs on the credential too: https://www.bored-engineer.com/posts/github-etag-algorithm/. Another token, another tag.
        """
        if request.method != "GET" or response.status != 200:
            return response
        varying = "".join(request.header(name) for name in ("accept", "authorization"))
        tag = f'"{sha256(varying.encode() + response.body).hexdigest()}"'
        response.headers |= {"etag": f"W/{tag}", "vary": "Accept, Authorization, Cookie, X-GitHub-OTP, Accept-Encoding, Accept"}
        known = [one.strip().removeprefix("W/") for one in request.header("if-none-match").split(",")]
        if tag not in known:
            return response
        kept = {name: value for name, value in response.headers.items() if name != "content-type"}
        return Response(304, headers=kept)

    def _finished(self, caller: Caller, request: Request, operation: Operation | None, response: Response) -> Response:
        """With the headers that every answer has."""
        known = operation.id if operation else ""
        response.headers |= {
            "server": "github.com",
            "date": format_datetime(self.now().astimezone(UTC), usegmt=True),
            "x-github-request-id": f"{next(self._requests):04X}:{self._seed:04X}",
            "x-github-media-type": "github.v3; format=json",
            "x-github-api-version-selected": VERSION,
            **({"x-github-enterprise-version": self.enterprise} if self.enterprise else {}),
            **access.headers(caller, ROUTES[known].needs if known else ()),
            **self.meter.headers(caller, known, self.now()),
        }
        return response

    def _logged(self, request: Request, found: tuple[Operation, Any] | None, response: Response) -> Response:
        template, known = (found[0].template, found[0].id) if found else (request.path, "")
        conditional = bool(request.header("if-none-match"))
        who = self.who(request)
        self.log.append(Entry(self.now(), request.method, template, known, request.target, response.status, conditional, who))
        return response

    def who(self, request: Request) -> str:
        """The login behind a request's credential; empty where there is none."""
        token = self.tokens.get(request.header("authorization").partition(" ")[2])
        return token.account.login if token else ""


@dataclass(frozen=True, slots=True)
class _Moment:
    """What a fault knows of its request."""

    github: GitHub
    request: Request
    operation: Operation
    params: dict[str, str]
    apply: Callable[[Request], Response]

    @property
    def caller(self) -> Caller:
        try:
            return access.identify(self.github, self.request)
        except Refusal:
            return _NOBODY

    def later(self, seconds: float, apply: Apply) -> None:
        self.github.later(seconds, apply)

    def anew(self) -> Response:
        headers = {name: value for name, value in self.request.headers.items() if name != "if-none-match"}
        return self.apply(replace(self.request, headers=headers))

    def refused(self, refusal: Refusal) -> Response:
        response = self.github._refusal(refusal, self.operation, admitted=False)
        return self.github._finished(self.caller, self.request, self.operation, response)

    def pause(self, seconds: float | None, status: int) -> Refusal:
        return self.github.meter.pause(self.caller, self.github.now(), seconds, status)

    def exhaust(self, seconds: float) -> None:
        self.github.meter.exhaust(self.caller, self.operation.id, self.github.now(), seconds)

    def elsewhere(self) -> str:
        repo = self.github.find(self.params.get("owner", ""), self.params.get("repo", ""))
        return self.github.by_id(repo, self.request) if repo else f"{self.github.api}{self.request.target}"


@cache
def _description() -> Description:
    return Description()


@cache
def _graphql() -> Operation:
    """GraphQL is not in the description: one address, whose errors are 200s."""
    node = {"operationId": "graphql", "responses": {"200": {}}, "requestBody": {"content": {"application/json": {"schema": _GRAPHQL_BODY}}}}
    return Operation("graphql", "POST", "/graphql", "https://docs.github.com/graphql", re.compile("/graphql"), node, _description())


_GRAPHQL_BODY = {
    "type": "object",
    "properties": {
        "query": {"type": "string"},
        "variables": {"type": "object", "nullable": True},
        "operationName": {"type": "string", "nullable": True},
    },
}


def _body(request: Request, operation: Operation) -> Any:
    """The JSON object of a request; None where there is none. Raises Refusal for anything else."""
    if not request.body:
        return {} if operation.node.get("requestBody", {}).get("required") else None
    try:
        body = json.loads(request.body)
        json.dumps(body, ensure_ascii=False).encode()  # a lone surrogate is no text
    except (ValueError, RecursionError):
        raise Refusal(400, "Problems parsing JSON") from None
    if not isinstance(body, dict):
        raise Refusal(400, "Body should be a JSON object")
    return body


def _said(error: Any) -> str:
    """A schema's complaint in GitHub's words."""
    missing = getattr(error.kind, "property", None)
    if missing:
        return f'"{missing}" wasn\'t supplied.'
    return f"For 'properties/{'/'.join(map(str, error.instance_path))}', {error.message}."


def _wall_clock() -> datetime:
    return datetime.now(UTC)
