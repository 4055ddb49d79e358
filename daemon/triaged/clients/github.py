"""GitHub's REST and GraphQL API: gidgethub, with what it leaves open closed.

Each answer is classified (``core.github``) before gidgethub sees it; limits are kept for each resource; a write is never sent
on to another address, and one whose answer is lost is Unknown. https://docs.github.com/en/rest
"""

from collections import OrderedDict
from collections.abc import Iterator, Mapping, MutableMapping
from contextvars import ContextVar
from datetime import datetime, timedelta
from hashlib import blake2b
from typing import Any, ClassVar
from urllib.parse import urlsplit

import gidgethub.abc
import jwt
from gidgethub import apps
from pydantic import SecretStr

from triaged import __version__, boundary
from triaged.clients.limiter import Limiter, Urgency
from triaged.core import github
from triaged.errors import Refused, Unavailable, Unknown, WrongUse
from triaged.ports import Clock, Http, Tools

_CACHED = 256
_REFRESH_BEFORE = timedelta(minutes=5)
"""Installation tokens live an hour."""
_MOST_REDIRECTS = 3
_OF_ACTIONS = "Resource not accessible by integration"
"""What the token of GitHub Actions hears when it asks who it is."""
_urgency: ContextVar[Urgency] = ContextVar("urgency", default=Urgency.ENRICH)
"""Of the request under way: gidgethub hands nothing through."""


class Config(boundary.Config):
    example: ClassVar[dict[str, Any]] = {"token": "ghp_...", "repository": "acme/shop"}

    token: SecretStr | None = None
    """A fine-grained or classic token, or the one of GitHub Actions."""
    app_id: str = ""
    app_private_key: SecretStr | None = None
    """PEM, of the App; with its id instead of a token."""
    api_url: str = "https://api.github.com"
    """Of GitHub Enterprise Server: ``https://HOST/api/v3``."""
    repository: str = ""

    @property
    def is_there(self) -> bool:
        return bool(self.token or (self.app_id and self.app_private_key))


class NotThere(Refused):
    """404 on a read, or a write that GitHub will not do for us: the thing is not there, or not for this credential."""


class Rejects(Refused):
    """422 and its like: GitHub does not take the data. ``fields`` are those that it names, with the value at fault."""

    def __init__(self, what: str, fields: Mapping[str, str]) -> None:
        super().__init__(what)
        self.fields = fields


class Exists(Refused):
    """422: what was to be made is there already."""


class GitHub(gidgethub.abc.GitHubAPI):
    """One credential. Requests are made one after the other, through its limiter."""

    def __init__(self, config: Config, tools: Tools) -> None:
        if not config.is_there:
            raise WrongUse("TRIAGED_GITHUB_TOKEN, or TRIAGED_GITHUB_APP_ID and TRIAGED_GITHUB_APP_PRIVATE_KEY: needed to reach GitHub")
        super().__init__(f"triaged/{__version__}", cache=_Cache(), base_url=config.api_url.rstrip("/"))
        self._config = config
        self._http: Http = tools.http
        self._clock: Clock = tools.clock
        self._metrics = tools.metrics
        self._token = config.token.get_secret_value().split()[0] if config.token else ""
        self._installation: tuple[str, datetime] | None = None
        self._limited = 0
        """Answers in a row that were secondary limits."""
        # https://docs.github.com/en/enterprise-server/graphql/guides/forming-calls-with-graphql#the-graphql-endpoint
        self._graphql = config.api_url.rstrip("/").removesuffix("/v3") + "/graphql"
        self.limiter = Limiter(tools.clock, tools.notes, _name(config))
        self.scopes: str | None = None
        """What ``x-oauth-scopes`` last said; None: never, as for fine-grained tokens."""

    async def sleep(self, seconds: float) -> None:
        await self._clock.sleep(seconds)

    async def get(self, path: str, repository: str = "", urgency: Urgency = Urgency.ENRICH, **query: str | int) -> Any:
        """Raises NotThere, Unavailable."""
        _urgency.set(urgency)
        url = path + ("?" + "&".join(f"{name}={{{name}}}" for name in query) if query else "")
        return await self.getitem(url, {name: str(value) for name, value in query.items()}, oauth_token=await self._credential(repository))

    async def write(self, method: str, path: str, payload: Mapping[str, Any], repository: str, urgency: Urgency = Urgency.UPDATE) -> Any:
        """POST or PATCH. Raises Unknown where the answer is lost, Unavailable where surely nothing happened, Refused."""
        _urgency.set(urgency)
        token = await self._credential(repository)
        made, _, _ = await self._make_request(method, path, {}, dict(payload), "application/vnd.github+json", oauth_token=token)
        return made

    async def graphql_write(self, query: str, variables: Mapping[str, Any], repository: str) -> Any:
        """A mutation; its answer with ``data`` and ``errors``. Raises as ``write`` does."""
        return await self.write("POST", self._graphql, {"query": query, "variables": variables}, repository, Urgency.CREATE)

    async def login(self) -> str:
        """The identity that writes: a user's login, or an App's bot. Raises Refused, Unavailable."""
        if self._config.app_id:
            app: Any = await self.getitem("/app", jwt=self.app_jwt())
            return f"{app['slug']}[bot]"
        try:
            user: Any = await self.getitem("/user", oauth_token=self._token)
        except NotThere as refused:
            if _OF_ACTIONS not in str(refused):
                raise
            return "github-actions[bot]"
        return str(user["login"])

    async def _credential(self, repository: str) -> str:
        if not self._config.app_id:
            return self._token
        if self._installation is None or self._clock.now() > self._installation[1] - _REFRESH_BEFORE:
            self._installation = await self._new_installation_token(repository or self._config.repository)
        return self._installation[0]

    async def _new_installation_token(self, repository: str) -> tuple[str, datetime]:
        jwt = self.app_jwt()
        found: Any = await self.getitem(f"/repos/{repository}/installation", jwt=jwt)
        made, _, _ = await self._make_request(
            "POST", f"/app/installations/{int(found['id'])}/access_tokens", {}, {}, "application/vnd.github+json", jwt=jwt
        )
        token: Any = made
        return str(token["token"]), datetime.fromisoformat(str(token["expires_at"]).replace("Z", "+00:00"))

    def app_jwt(self) -> str:
        """What the App itself asks with. Raises WrongUse for a key that is none."""
        assert self._config.app_private_key is not None
        key = self._config.app_private_key.get_secret_value().replace("\\n", "\n")
        try:
            return apps.get_jwt(app_id=self._config.app_id, private_key=key)
        except (ValueError, TypeError, jwt.PyJWTError):
            raise WrongUse("TRIAGED_GITHUB_APP_PRIVATE_KEY: is no RSA key in PEM form; download one in the App's settings") from None

    async def _request(self, method: str, url: str, headers: Mapping[str, str], body: bytes = b"") -> tuple[int, Mapping[str, str], bytes]:
        sent = {**headers, "X-GitHub-Api-Version": "2022-11-28"}
        async with self.limiter.turn(_urgency.get()):
            for _ in range(_MOST_REDIRECTS):
                answer = await self._once(method, url, sent, body)
                if isinstance(answer, str):
                    url = answer
                    continue
                return answer
        raise Refused(f"GitHub redirects {_route(url)} again and again")

    async def _once(self, method: str, url: str, headers: Mapping[str, str], body: bytes) -> tuple[int, Mapping[str, str], bytes] | str:
        """The answer, or the address it has moved to. Raises for every answer that is not what was asked for."""
        resource = "search" if urlsplit(url).path.startswith("/search/") else "graphql" if url.endswith("/graphql") else "core"
        await self.limiter.ready(resource, _urgency.get(), writes=method != "GET")
        answer = await self._http.send(method, url, headers=headers, body=body or None)
        self._observe(url, answer.status, answer.headers)
        verdict = github.classify(method, answer.status, answer.headers, answer.body, self._clock.now())
        meaning, why = verdict.meaning, f"GitHub, {method} {_route(url)}: {verdict.reason}"
        self._limited = self._limited + 1 if meaning == "limited" else 0
        if meaning in ("done", "unchanged"):
            return answer.status, answer.headers, answer.body
        if meaning == "moved":
            return self._moved(url, verdict.reason, answer.status, method)
        if meaning == "limited":
            assert verdict.until is not None
            until = verdict.until
            secondary = answer.headers.get("x-ratelimit-remaining") != "0"
            if secondary and "retry-after" not in answer.headers:
                until += github.SECONDARY * (2 ** min(self._limited - 1, 5) - 1)  # a minute, two, four...
            await self.limiter.forbid("" if secondary else answer.headers.get("x-ratelimit-resource", resource), until)
            raise Unavailable(why, until)
        if meaning == "unknown":
            raise Unknown(why)
        if meaning in ("transient", "credential"):
            self._installation = None
            raise Unavailable(why)
        if meaning == "exists":
            raise Exists(why)
        if meaning == "data":
            raise Rejects(why, github.refused_fields(answer.body))
        raise NotThere(why)

    def _moved(self, url: str, location: str, status: int, method: str) -> str:
        """A renamed repository keeps the method and stays on the same host: a credential is not carried elsewhere."""
        if urlsplit(location).netloc != urlsplit(url).netloc or not location.startswith(("http://", "https://")):
            raise Refused(f"GitHub, {method} {_route(url)}: redirected ({status}) to another host")
        return location

    def _observe(self, url: str, status: int, headers: Mapping[str, str]) -> None:
        self._metrics.github_requests.labels(_route(url), str(status)).inc()
        remaining, resource = headers.get("x-ratelimit-remaining", ""), headers.get("x-ratelimit-resource", "core")
        if remaining.isascii() and remaining.isdigit() and resource in _RESOURCES:
            self._metrics.github_remaining.labels(resource).set(int(remaining))
            limit, reset = headers.get("x-ratelimit-limit", ""), github.reset(headers, self._clock.now())
            if reset and limit.isascii() and limit.isdigit():
                self.limiter.told(resource, int(remaining), int(limit), reset)
        if "x-oauth-scopes" in headers:
            self.scopes = headers["x-oauth-scopes"]


_RESOURCES = frozenset({"core", "search", "code_search", "graphql", "integration_manifest"})


def _name(config: Config) -> str:
    """A credential's name: a digest of it."""
    secret = config.app_id or (config.token.get_secret_value() if config.token else "")
    return blake2b(secret.encode(), digest_size=8).hexdigest()


def _route(url: str) -> str:
    """A request's kind for people and metrics: no names, no numbers."""
    parts = urlsplit(url).path.removeprefix("/api/v3").strip("/").split("/")
    if parts[:1] == ["repos"] and len(parts) > 3:
        return "repos/" + "/".join(parts[3:5] if parts[3] == "git" else parts[3:4])
    return "repos" if parts[:1] == ["repos"] else parts[0][:20]


class _Cache(MutableMapping[str, Any]):
    """The answers last given, with their ETags: what has not changed costs nothing of the limit."""

    def __init__(self) -> None:
        self._kept: OrderedDict[str, Any] = OrderedDict()

    def __getitem__(self, key: str) -> Any:
        self._kept.move_to_end(key)
        return self._kept[key]

    def __setitem__(self, key: str, value: Any) -> None:
        self._kept[key] = value
        self._kept.move_to_end(key)
        if len(self._kept) > _CACHED:
            self._kept.popitem(last=False)

    def __delitem__(self, key: str) -> None:
        del self._kept[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._kept)

    def __len__(self) -> int:
        return len(self._kept)
