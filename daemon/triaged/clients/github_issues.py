"""Which issues of a repository are ours, and whether a listing can be trusted to lack one.

GitHub's lists lag, each replica by its own time, and have been empty for twenty minutes without an error: so an absence counts only in
a listing that also shows an issue which is surely there. https://docs.github.com/en/rest/issues/issues#list-repository-issues
"""

from collections.abc import AsyncIterator, Collection, Mapping
from datetime import datetime
from typing import Any

from triaged.clients.github import GitHub, NotThere
from triaged.clients.limiter import Urgency
from triaged.core import marker
from triaged.core.model import Marker, Owned, Ticket
from triaged.core.regression import Resolution
from triaged.errors import Refused, Unavailable, Unknown

PAGE = 100
_MOST_PAGES = 1_000
_NEWEST_FIRST: Mapping[str, str | int] = {"state": "all", "sort": "created", "direction": "desc", "per_page": PAGE}
_RESOLUTIONS: Mapping[Any, Resolution] = {"not_planned": "not_planned", "duplicate": "duplicate"}


class Listings:
    """What listings have shown, repository by repository. ``keys``: of them one has signed our markers; empty: nobody has."""

    def __init__(self, github: GitHub, keys: Collection[str] = ()) -> None:
        self._github = github
        self._keys = tuple(keys)
        self._login = ""
        self._newest: dict[str, int] = {}
        """Of ours, else of anyone's."""
        self._ours: dict[str, int] = {}

    def newest(self, repository: str) -> int:
        """The newest number that a listing has shown; 0: none has shown any."""
        return self._ours.get(repository) or self._newest.get(repository, 0)

    async def named(self, repository: str, wanted: Marker, witness: int) -> Ticket | None:
        """The issue with this marker, or a newer generation of it; None is an absence that can be trusted. Raises Unknown, Unavailable, Refused."""
        mine = not witness or witness == self._ours.get(repository)
        found: list[Owned] = []
        reached = shows_ours = False
        async for issue in self.walk(repository, mine=mine, down_to=witness):
            one = await self.owned(issue, repository)
            shows_ours = shows_ours or one is not None
            if one and one.marker.fingerprint == wanted.fingerprint and one.marker.generation >= wanted.generation:
                found.append(one)
            reached = reached or not witness or int(issue["number"]) <= witness  # where there is no witness, any of ours is one
        if found:
            return min(found, key=lambda one: (not one.open, int(one.ticket.key))).ticket
        if not reached:
            await self._trust(repository, witness, shows_ours=shows_ours)
        return None

    async def all(self, repository: str, since: datetime | None = None) -> list[Owned]:
        """Our issues, newest first: of those made after ``since``, or of all."""
        owned = []
        async for issue in self.walk(repository, mine=True, since=since):
            if one := await self.owned(issue, repository):
                owned.append(one)
        if not owned and since is None:
            await self._trust(repository, 0, shows_ours=False)
        return owned

    async def owned(self, issue: Mapping[str, Any], repository: str) -> Owned | None:
        """An issue of ours from GitHub's JSON: made by us, with our marker, with its signature where we sign."""
        body = str(issue.get("body") or "")
        mark = marker.read(body)
        if mark is None or "pull_request" in issue or issue["user"]["login"] != await self.who():
            return None
        if self._keys and mark.signature not in [marker.signature(key, repository, mark) for key in self._keys]:
            return None
        number = int(issue["number"])
        self._ours[repository] = max(self._ours.get(repository, 0), number)
        made = datetime.fromisoformat(str(issue["created_at"]).replace("Z", "+00:00"))
        return Owned(ticket(issue, repository), mark, marker.occurrences(body), issue["state"] == "open", made)

    async def walk(
        self, repository: str, *, mine: bool, down_to: int = 0, since: datetime | None = None
    ) -> AsyncIterator[Mapping[str, Any]]:
        """Issues and pull requests, newest first, page by page, to the end or down to a number or a time."""
        query = {"creator": await self.who(), **_NEWEST_FIRST} if mine else _NEWEST_FIRST
        for page in range(1, _MOST_PAGES + 1):
            issues = await self._page(repository, {**query, "page": page} if page > 1 else query)
            for issue in issues:
                yield issue
            last = issues[-1] if issues else None
            if last is None or len(issues) < PAGE or int(last["number"]) <= down_to or (since and _made(last) < since):
                return

    async def _trust(self, repository: str, witness: int, *, shows_ours: bool) -> None:
        """Whether a listing that does not show ``witness`` may be believed. Raises Unknown where it may not."""
        if witness and await self._is_there(repository, witness):
            raise Unknown(f"the listing of {repository} does not show #{witness}, which is there: it lags")
        shown = await self._page(repository, _NEWEST_FIRST)
        if not shows_ours and any([await self.owned(issue, repository) for issue in shown]):
            raise Unknown(f"the listing of what is ours in {repository} lacks what another one shows: it lags")
        if shown:
            return  # it shows what others have made: it is no empty answer
        if await self._is_there(repository, 1):
            raise Unknown(f"the listing of {repository} is empty, and #1 is there: it lags")

    async def _is_there(self, repository: str, number: int) -> bool:
        try:
            await self._github.get(f"/repos/{repository}/issues/{number}", repository, urgency=Urgency.CREATE)
        except NotThere:
            return False
        return True

    async def _page(self, repository: str, query: Mapping[str, str | int]) -> list[dict[str, Any]]:
        try:
            issues = await self._github.get(f"/repos/{repository}/issues", repository, urgency=Urgency.CREATE, **query)
        except NotThere as error:
            raise Refused(f"issues of {repository} cannot be listed: {error}") from error
        if not isinstance(issues, list):
            raise Unavailable(f"the listing of {repository} is no list")
        self._newest[repository] = max([self._newest.get(repository, 0), *(int(issue["number"]) for issue in issues)])
        return issues

    async def who(self) -> str:
        """The login that our issues are made by."""
        if not self._login:
            self._login = await self._github.login()
        return self._login


def ticket(issue: Mapping[str, Any], repository: str) -> Ticket:
    """Where an issue is now: a transferred one has another repository than it was asked for in."""
    now_in = str(issue.get("repository_url") or "").partition("/repos/")[2] or repository
    return Ticket("github", now_in, str(int(issue["number"])), str(issue["html_url"]))


def resolution(issue: Mapping[str, Any]) -> Resolution:
    """Why it was closed; a server that gives no reason means completed."""
    return _RESOLUTIONS.get(issue.get("state_reason"), "completed") if issue["state"] == "closed" else ""


def closed_at(issue: Mapping[str, Any]) -> datetime | None:
    at = issue.get("closed_at")
    return datetime.fromisoformat(str(at).replace("Z", "+00:00")) if at else None


def _made(issue: Mapping[str, Any]) -> datetime:
    return datetime.fromisoformat(str(issue["created_at"]).replace("Z", "+00:00"))
