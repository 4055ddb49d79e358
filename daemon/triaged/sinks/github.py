"""Tickets as GitHub issues. https://docs.github.com/en/rest/issues/issues

GitHub has no key that would make a creation happen once, so an issue is found again by its marker; lists lag and can be empty
for a while, so an absence counts only in a listing that also shows an issue we know of.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from typing import Any, ClassVar

from triaged import logs
from triaged.clients.github import Config as Credential
from triaged.clients.github import GitHub, NotThere, Rejects
from triaged.core import marker
from triaged.core.model import Report, Ticket
from triaged.core.settle import Intent
from triaged.errors import Refused, Unavailable, Unknown
from triaged.ports import Sink, Tools

_PAGE = 100
_MOST_PAGES = 10


class Config(Credential):
    example: ClassVar[dict[str, Any]] = {"token": "ghp_...", "repository": "acme/shop"}


@dataclass(slots=True)
class _Known:
    """What listings of one repository have shown."""

    ours: int = 0
    """The newest issue of ours."""
    anyones: int = 0
    """The newest issue or pull request, anyone's."""


class Issues(Sink):
    """One issue for each error and repository."""

    name = "github"

    def __init__(self, github: GitHub, marker_key: str = "") -> None:
        self._github = github
        self._marker_key = marker_key
        self._login = ""
        self._known: dict[str, _Known] = {}

    async def create(self, report: Report) -> Ticket:
        """What GitHub refuses of it (labels, a length) is left out once and said in the issue."""
        payload = {"title": report.title, "body": marker.marked(report), "labels": list(report.labels)}
        try:
            made = await self._github.write("POST", f"/repos/{report.repository}/issues", payload, report.repository)
        except Rejects as refused:
            payload = _mended(report, refused)
            made = await self._github.write("POST", f"/repos/{report.repository}/issues", payload, report.repository)
        ticket = _ticket(made, report.repository)
        known = self._known.setdefault(report.repository, _Known())
        known.anyones = max(known.anyones, int(ticket.key))
        return ticket

    async def find(self, intent: Intent) -> Ticket | None:
        report = intent.report
        found = await self._listed(report, intent.witness)
        if isinstance(found, Ticket):
            return found
        if not found:
            raise Unknown(f"the listing of {report.repository} does not show #{intent.witness}, which is there: it lags")
        return None

    async def update(self, ticket: Ticket, report: Report) -> None:
        """Our part of the body alone. Nothing is written where a person has removed it, or has closed the issue for good."""
        path = f"/repos/{ticket.repository}/issues/{ticket.key}"
        there = await self._github.get(path, ticket.repository)
        body = str(there.get("body") or "")
        if marker.read(body) is None:
            raise Refused(f"#{ticket.key} has no marker any more: a person has taken our part out")
        if marker.occurrences(body) > marker.occurrences(report.body):
            return  # another instance has seen more of it
        spliced = marker.splice(body, marker.marked(replace(report, marker=replace(report.marker, attempt=marker.read(body).attempt))))  # type: ignore[union-attr]
        if spliced != body:
            await self._github.write("PATCH", path, {"body": spliced}, ticket.repository)

    def witness(self, repository: str) -> int:
        known = self._known.get(repository, _Known())
        return known.ours or known.anyones

    async def _listed(self, report: Report, witness: int) -> Ticket | bool:
        """The issue with the report's marker; else whether the listing could be trusted to show it."""
        login = await self._who()
        known = self._known.setdefault(report.repository, _Known())
        mine = {"creator": login} if not witness or witness == known.ours else {}
        reached = witness == 0
        for page in range(1, _MOST_PAGES + 1):
            issues = await self._page(report.repository, page, mine)
            for issue in issues:
                number = int(issue["number"])
                known.anyones = max(known.anyones, number)
                if issue["user"]["login"] == login and marker.read(str(issue.get("body") or "")):
                    known.ours = max(known.ours, number)
                    if self._is(issue, report):
                        return _ticket(issue, report.repository)
                reached = reached or number <= witness
            if len(issues) < _PAGE or (witness and reached):
                break
        return reached

    async def _page(self, repository: str, page: int, mine: dict[str, str]) -> list[dict[str, Any]]:
        query: dict[str, str | int] = {**mine, "state": "all", "sort": "created", "direction": "desc", "per_page": _PAGE}
        if page > 1:
            query["page"] = page
        try:
            issues = await self._github.get(f"/repos/{repository}/issues", repository, **query)
        except NotThere as error:
            raise Refused(f"issues of {repository} cannot be listed: {error}") from error
        if not isinstance(issues, list):
            raise Unavailable(f"the listing of {repository} is no list")
        return issues

    def _is(self, issue: dict[str, Any], report: Report) -> bool:
        there = marker.read(str(issue.get("body") or ""))
        if there is None or (there.fingerprint, there.generation) != (report.marker.fingerprint, report.marker.generation):
            return False
        return not report.marker.signature or there.signature == report.marker.signature

    async def _who(self) -> str:
        if not self._login:
            self._login = await self._github.login()
        return self._login


def _mended(report: Report, refused: Rejects) -> dict[str, Any]:
    """The payload without what GitHub does not take; the issue says what was left out."""
    left_out = []
    payload: dict[str, Any] = {"title": report.title}
    bad = refused.fields.get("labels", "" if "labels" in refused.fields or not refused.fields else None)
    payload["labels"] = [label for label in report.labels if bad is None or (bad and label != bad)]
    if len(payload["labels"]) < len(report.labels):
        left_out.append("labels: " + ", ".join(label for label in report.labels if label not in payload["labels"]))
    body = report.body
    if "body" in refused.fields or "body is too long" in str(refused):
        left_out.append("the end of this text")
        body = body[: len(body) // 2]
    if "title" in refused.fields:
        left_out.append("the end of the title")
        payload["title"] = report.title[:120]
    if not left_out:
        raise refused
    logs.warning("GitHub refused a part of an issue, which is left out", repository=report.repository, left_out=left_out)
    note = f"\n\nLeft out, for GitHub did not take it: {'; '.join(left_out)}."
    payload["body"] = marker.marked(replace(report, body=body + note))
    return payload


def _ticket(issue: dict[str, Any], repository: str) -> Ticket:
    return Ticket(sink="github", repository=repository, key=str(int(issue["number"])), url=str(issue["html_url"]))


@asynccontextmanager
async def connect(config: Config, tools: Tools) -> AsyncIterator[Issues]:
    yield Issues(GitHub(config, tools))
