"""A look at GitHub with the configured credential, for `triaged doctor`: reads only, and what an App needs to be let in.

What a fine-grained token may write is shown nowhere: https://github.com/orgs/community/discussions/36441
"""

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import Any, Literal
from urllib.parse import quote

from triaged.clients.github import Config, GitHub, NotThere
from triaged.core import checkup
from triaged.core.checkup import Line, mend, ok, warn
from triaged.errors import Unavailable, Unknown, WrongUse
from triaged.ports import Answer, Http, Tools

Kind = Literal["classic token", "fine-grained token", "App", "token of GitHub Actions"]

_WRITES = "Issues: read and write"
_FIRE_DRILL = "`triaged send sentry` has a test issue filed by the running daemon"


class Visit:
    """One credential. ``is_taken`` once GitHub has let it in."""

    def __init__(self, config: Config, tools: Tools) -> None:
        self._config = config
        self._clock = tools.clock
        self._heard = _Heard(tools.http)
        self._github = GitHub(config, replace(tools, http=self._heard))
        self._kind: Kind = "App"
        self._installations: set[int] = set()
        self.is_taken = False

    async def credential(self) -> AsyncIterator[Line]:
        """Whose it is, what it may do as far as that is not a repository's to say, how long and how often it may be used."""
        try:
            login = await self._github.login()
        except (WrongUse, NotThere) as error:
            yield mend(
                "the App's id or key does not fit", f"TRIAGED_GITHUB_APP_ID is its number, the key a whole PEM ({type(error).__name__})"
            )
            return
        except (Unavailable, Unknown) as error:
            for line in self._not_taken(error):
                yield line
            return
        self.is_taken = True
        headers = self._heard.last.headers
        self._kind = self._kind_of(login, headers)
        yield ok(f"it is the {self._kind} of {login}" if self._kind.endswith("token") else f"it is the {self._kind}, {login}")
        for line in (*self._times(headers), *(checkup.scopes(headers["x-oauth-scopes"]) if self._kind == "classic token" else ())):
            yield line
        if self._kind != "App":
            async for line in self._budget(""):
                yield line

    async def repository(self, name: str, labels: Sequence[str], assignees: Sequence[str] = ()) -> AsyncIterator[Line]:
        """``labels`` are those that are put on its issues, ``assignees`` the logins that are assigned to them."""
        if self._config.app_id:
            there = await self._installation(name)
            if isinstance(there, Line):
                yield there
                return
            async for line in self._installed(there, name):
                yield line
        try:
            seen = await self._github.get(f"/repos/{name}", name)
        except NotThere as error:
            yield mend(f"{name} is not there for this credential", f"{self._reach(name)} ({error})")
            return
        for line in checkup.repository(name, seen):
            yield line
        if self._kind.endswith("token"):
            for line in checkup.role(name, seen["permissions"]):
                yield line
        yield await self._code(name, seen["default_branch"])
        if seen["has_issues"]:
            async for line in self._issues(name, labels, assignees):
                yield line

    def _not_taken(self, error: Exception) -> list[Line]:
        if self._heard.last.status != 401:
            return [mend("GitHub cannot be asked", f"{error}; see TRIAGED_GITHUB_API_URL")]
        what = "the key of the App" if self._config.app_id else "the token"
        return [mend(f"GitHub does not take {what} ({error})", "it is revoked, expired or mistyped: make a new one"), *self._times({})]

    def _kind_of(self, login: str, headers: Mapping[str, str]) -> Kind:
        if self._config.app_id:
            return "App"
        if "x-oauth-scopes" in headers:
            return "classic token"
        return "token of GitHub Actions" if login.endswith("[bot]") else "fine-grained token"

    def _times(self, headers: Mapping[str, str]) -> list[Line]:
        now = self._clock.now()
        try:
            theirs: datetime = parsedate_to_datetime(self._heard.last.headers.get("date", ""))
        except ValueError:
            return []
        return [checkup.clock(theirs, now), *checkup.expiry(headers.get("github-authentication-token-expiration", ""), now)]

    async def _budget(self, repository: str) -> AsyncIterator[Line]:
        """Asking costs nothing: https://docs.github.com/en/rest/rate-limit/rate-limit"""
        try:
            limits = await self._github.get("/rate_limit", repository)
        except NotThere:
            return  # an Enterprise Server that has none
        yield checkup.budget(limits["resources"]["core"], self._clock.now())

    async def _installation(self, name: str) -> Mapping[str, Any] | Line:
        """That of the App on a repository, or what is wrong with it."""
        try:
            seen: Any = await self._github.getitem(f"/repos/{name}/installation", jwt=self._github.app_jwt())
        except NotThere:
            return mend(
                f"the App is not installed on {name}", "install it there: Settings, GitHub Apps, Install App; see how the name is spelled"
            )
        if seen.get("suspended_at"):
            return mend(f"the App's installation on {name} is suspended", "lift that under Settings, GitHub Apps, Configure")
        return dict(seen)

    async def _installed(self, there: Mapping[str, Any], name: str) -> AsyncIterator[Line]:
        """One installation may have many repositories: what it may do is said once."""
        if there["id"] not in self._installations:
            self._installations.add(there["id"])
            for line in checkup.permissions(there["permissions"]):
                yield line
            async for line in self._budget(name):
                yield line

    def _reach(self, name: str) -> str:
        if self._kind == "classic token":
            return "see how it is spelled, that the token's user may see it, and for a private one that the token has the scope `repo`"
        if self._kind == "fine-grained token":
            return (
                f"see how it is spelled, that the token's resource owner is {name.partition('/')[0]} and that it is among its repositories"
            )
        return "see how it is spelled; this credential reaches only what it was made for"

    async def _code(self, name: str, branch: str) -> Line:
        try:
            return checkup.protection(name, await self._github.get(f"/repos/{name}/branches/{quote(branch, safe='')}", name))
        except NotThere:
            if self._heard.last.status == 404:
                return warn(f"{name} has no branch {branch}", "push one: until then errors are filed without their code")
            return mend(f"{name}: its code cannot be read", "give the credential Contents: read")

    async def _issues(self, name: str, labels: Sequence[str], assignees: Sequence[str]) -> AsyncIterator[Line]:
        try:
            await self._github.get(f"/repos/{name}/issues", name, per_page=1)
        except NotThere:
            yield mend(f"{name}: its issues cannot be read", f"give the credential {_WRITES}")
            return
        if self._kind in ("fine-grained token", "token of GitHub Actions"):
            yield warn(f"{name}: its issues can be read; whether also written, GitHub does not show", f"it needs {_WRITES}; {_FIRE_DRILL}")
        missing = [label for label in labels if not await self._has(name, "labels", label)]
        strangers = [login for login in assignees if not await self._has(name, "assignees", login)]
        for line in (*checkup.labels(name, labels, missing), *checkup.assignees(name, strangers)):
            yield line

    async def _has(self, name: str, kind: str, what: str) -> bool:
        try:
            await self._github.get(f"/repos/{name}/{kind}/{quote(what, safe='')}", name)
        except NotThere:
            return False
        return True


class _Heard:
    """HTTP that keeps the last answer, for the headers that the client does not hand on."""

    def __init__(self, http: Http) -> None:
        self._http = http
        self.last = Answer(0, {}, b"")

    async def send(
        self, method: str, url: str, *, headers: Mapping[str, str], body: bytes | None = None, seconds: float = 10, most: int = 8_000_000
    ) -> Answer:
        self.last = Answer(0, {}, b"")
        self.last = await self._http.send(method, url, headers=headers, body=body, seconds=seconds, most=most)
        return self.last
