"""Tickets as GitHub issues. https://docs.github.com/en/rest/issues/issues

GitHub has no key that would make a creation happen once, so an issue, or a comment, is found again by its marker.
"""

from collections.abc import AsyncIterator, Collection, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import datetime
from typing import Any, ClassVar

from triaged import logs
from triaged.clients import github_issues as issues
from triaged.clients.github import Config as Credential
from triaged.clients.github import GitHub, NotThere, Rejects
from triaged.clients.github_pulls import Proposal
from triaged.clients.limiter import Urgency
from triaged.core import inert, marker
from triaged.core.model import Change, Owned, Report, Ticket
from triaged.core.regression import Standing
from triaged.core.settle import Intent
from triaged.errors import Refused, Unknown
from triaged.ports import Sink, Tools

_MOST_BODY = 65_000
"""What GitHub takes, less the markers."""


class Config(Credential):
    example: ClassVar[dict[str, Any]] = {"token": "ghp_...", "repository": "acme/shop"}


class Issues(Sink):
    """One issue for each error and repository."""

    name = "github"

    def __init__(self, github: GitHub, marker_keys: Collection[str] = ()) -> None:
        self._github = github
        self._listings = issues.Listings(github, marker_keys)
        self._comments: dict[tuple[str, str], int] = {}
        """The newest comment that a listing has shown, of each issue."""

    async def create(self, report: Report) -> Ticket:
        """What GitHub refuses of it (a label, an assignee, a length) is left out once and said in the issue."""
        path = f"/repos/{report.repository}/issues"
        payload = {"title": report.title, "body": marker.marked(report), "labels": list(report.labels)}
        if report.assignees:
            payload["assignees"] = list(report.assignees)
        try:
            made = await self._github.write("POST", path, payload, report.repository, urgency=Urgency.CREATE)
        except Rejects as refused:
            mended = _mended(report, refused)
            made = await self._github.write("POST", path, mended, report.repository, urgency=Urgency.CREATE)
        return issues.ticket(made, report.repository)

    async def find(self, intent: Intent) -> Ticket | None:
        if intent.kind == "comment":
            return await self._commented(intent)
        return await self._listings.named(intent.report.repository, intent.report.marker, intent.witness)

    async def owned(self, repository: str, since: datetime | None = None) -> Sequence[Owned]:
        return await self._listings.all(repository, since)

    async def standing(self, ticket: Ticket) -> Standing | None:
        there = await self._there(ticket)
        if there is None:
            return None
        count = marker.occurrences(str(there.get("body") or ""))
        return Standing(
            issues.ticket(there, ticket.repository), there["state"] == "open", issues.resolution(there), issues.closed_at(there), count
        )

    async def update(self, ticket: Ticket, report: Report, *, reopen: bool = False) -> None:
        """Nothing is written where a person has taken our part out."""
        there = await self._there(ticket)
        body = str((there or {}).get("body") or "")
        mark = marker.read(body)
        if mark is None:
            raise Refused(f"#{ticket.key} has no marker any more: a person has taken our part out")
        text = marker.marked(replace(report, marker=replace(report.marker, attempt=mark.attempt)))
        changes: dict[str, Any] = {"state": "open"} if reopen else {}
        if marker.occurrences(body) <= marker.occurrences(text):  # else another instance has seen more of it
            spliced = marker.splice(body, text)
            changes |= {"body": spliced} if spliced != body else {}
        if changes:
            await self._github.write("PATCH", _path(ticket), changes, ticket.repository, urgency=Urgency.UPDATE)

    async def rewrite(self, ticket: Ticket, report: Report, *, open: bool | None) -> None:
        there = await self._there(ticket)
        mark = marker.read(str((there or {}).get("body") or ""))
        if there is None or mark is None:
            return  # a person has deleted it, or taken our part out
        text = marker.marked(replace(report, marker=replace(report.marker, attempt=mark.attempt)))
        changes: dict[str, Any] = {"title": report.title, "body": marker.splice(str(there["body"]), text)}
        if open is not None:
            changes["state"] = "open" if open else "closed"
        await self._github.write("PATCH", _path(ticket), changes, ticket.repository, urgency=Urgency.UPDATE)

    async def fold(self, ticket: Ticket, into: Ticket) -> None:
        """Its marker goes, so that it is no longer found as ours; GitHub shows the link from the other one, too."""
        there = await self._there(ticket)
        if there is None or there["state"] != "open":
            return
        body = marker.splice(str(there.get("body") or ""), f"Duplicate of #{into.key}: filed twice, because an answer was lost.")
        changes = {"state": "closed", "state_reason": "duplicate", "body": body}
        try:
            await self._github.write("PATCH", _path(ticket), changes, ticket.repository, urgency=Urgency.UPDATE)
        except Rejects:  # a server that does not know this reason yet
            changes["state_reason"] = "not_planned"
            await self._github.write("PATCH", _path(ticket), changes, ticket.repository, urgency=Urgency.UPDATE)

    async def comment(self, ticket: Ticket, report: Report) -> Ticket:
        payload = {"body": marker.marked(report)}
        made = await self._github.write("POST", f"{_path(ticket)}/comments", payload, ticket.repository, urgency=Urgency.UPDATE)
        return Ticket(self.name, ticket.repository, str(int(made["id"])), str(made["html_url"]))

    async def propose(self, report: Report, change: Change) -> Ticket:
        return await Proposal(self._github, report, change).made()

    async def public(self, repository: str) -> bool:
        """Internal repositories of an enterprise count as private: https://docs.github.com/en/rest/repos/repos#get-a-repository"""
        seen = await self._github.get(f"/repos/{repository}", repository, urgency=Urgency.CREATE)
        return seen.get("private") is not True

    def witness(self, intent: Intent) -> int:
        if intent.on is not None:
            return self._comments.get((intent.on.repository, intent.on.key), 0)
        return self._listings.newest(intent.report.repository)

    async def _there(self, ticket: Ticket) -> dict[str, Any] | None:
        """The issue; None where it is gone and its repository is not."""
        try:
            there: dict[str, Any] = await self._github.get(_path(ticket), ticket.repository, urgency=Urgency.UPDATE)
        except NotThere:
            await self._github.get(f"/repos/{ticket.repository}", ticket.repository, urgency=Urgency.UPDATE)
            return None
        return there

    async def _commented(self, intent: Intent) -> Ticket | None:
        """The comment with the intent's marker. They are listed oldest first, so all pages are read."""
        assert intent.on is not None
        on, wanted = intent.on, intent.report.marker
        me, newest = await self._listings.who(), 0
        for page in range(1, 100):
            query: dict[str, str | int] = {"per_page": issues.PAGE, **({"page": page} if page > 1 else {})}
            listed = await self._github.get(f"{_path(on)}/comments", on.repository, urgency=Urgency.UPDATE, **query)
            for comment in listed:
                newest = max(newest, int(comment["id"]))
                mark = marker.read(str(comment.get("body") or "")) if comment["user"]["login"] == me else None
                if mark and (mark.fingerprint, mark.generation) == (wanted.fingerprint, wanted.generation):
                    return Ticket(self.name, on.repository, str(comment["id"]), str(comment["html_url"]))
            if len(listed) < issues.PAGE:
                break
        if newest < intent.witness:
            raise Unknown(f"the comments of {on.repository}#{on.key} lack one that is there: the listing lags")
        self._comments[on.repository, on.key] = newest
        return None


def _path(ticket: Ticket) -> str:
    return f"/repos/{ticket.repository}/issues/{ticket.key}"


def _mended(report: Report, refused: Rejects) -> dict[str, Any]:
    """The payload without what GitHub does not take; the issue says what was left out."""
    left_out = []
    payload: dict[str, Any] = {"title": report.title}
    labels = _without(report.labels, refused.fields.get("labels", "" if not refused.fields else None))
    if len(labels) < len(report.labels):
        left_out.append("labels: " + ", ".join(label for label in report.labels if label not in labels))
    payload["labels"] = labels
    if report.assignees and "assignees" not in refused.fields:
        payload["assignees"] = list(report.assignees)
    elif report.assignees:
        left_out.append("assignees: " + ", ".join(report.assignees))
    body = report.body
    if "body" in refused.fields or "body is too long" in str(refused):
        left_out.append("the end of this text")
        body = inert.shortened(body, len(body) // 2)
    if "title" in refused.fields:
        left_out.append("the end of the title")
        payload["title"] = report.title[:120]
    if not left_out:
        raise refused
    logs.warning("GitHub refused a part of an issue, which is left out", repository=report.repository, left_out=left_out)
    note = f"\n\nLeft out, for GitHub did not take it: {'; '.join(left_out)}."
    payload["body"] = marker.marked(replace(report, body=inert.shortened(body, _MOST_BODY - len(note)) + note))
    return payload


def _without(labels: Sequence[str], bad: str | None) -> list[str]:
    """``bad`` is the one that is refused; empty: it is not known which; None: none is."""
    return [label for label in labels if bad is None or (bad and label != bad)]


@asynccontextmanager
async def connect(config: Config, tools: Tools) -> AsyncIterator[Issues]:
    yield Issues(GitHub(config, tools))
