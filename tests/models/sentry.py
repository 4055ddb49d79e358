"""The part of Sentry's API that is asked for what webhooks have missed, and the webhooks themselves as far as they carry an event.

https://docs.sentry.io/api/events/, https://docs.sentry.io/api/pagination, https://docs.sentry.io/api/ratelimits
"""

import json
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime

from aiohttp import web
from aiohttp.test_utils import TestServer

TOKEN = "sentry-api-token"


@dataclass
class Issue:
    id: str
    project: str
    status: str = "unresolved"
    events: list = field(default_factory=list)
    """Oldest first."""

    def within(self, start, end):
        """The newest first."""
        return sorted((event for event in self.events if start <= event["at"] <= end), key=lambda event: event["at"], reverse=True)


class Sentry:
    """One organization, ``acme``."""

    def __init__(self):
        self.issues = {}
        self.asked = []
        self.limited = 0
        """So many requests to come hear 429."""
        self.limit = {"Retry-After": "1"}
        self.away = False
        self.page = 100
        """The most that a page has, whatever is asked for."""

    def happened(self, issue, at, *, project="shop", kind="KeyError", environment="production"):
        """One more event of an issue; what a webhook would tell of it."""
        known = self.issues.setdefault(issue, Issue(issue, project))
        number = sum(len(one.events) for one in self.issues.values()) + 1
        event = {"id": f"{number:032x}", "at": at, "kind": kind, "environment": environment, "issue": issue, "project": project}
        known.events.append(event)
        return event

    def webhook(self, event, kind="error"):
        """The body of a delivery of this resource."""
        frame = {"filename": "shop/cart.py", "function": event["kind"], "lineno": 7, "in_app": True}
        told = {
            "event_id": event["id"],
            "issue_id": event["issue"],
            "platform": "python",
            "level": "error",
            "datetime": event["at"].isoformat(),
            "url": f"https://sentry.io/api/0/projects/acme/{event['project']}/events/{event['id']}/",
            "tags": [["environment", event["environment"]]],
            "exception": {"values": [{"type": event["kind"], "value": "'scone'", "stacktrace": {"frames": [frame]}}]},
        }
        return json.dumps({"action": "created", "data": {"error" if kind == "error" else "event": told}}).encode()

    def created(self, issue):
        """The body of a delivery that tells that an issue was created."""
        told = {**self._issue(self.issues[issue]), "url": f"https://sentry.io/api/0/issues/{issue}/", "metadata": {"type": "Error"}}
        return json.dumps({"action": "created", "data": {"issue": told}, "installation": {"uuid": "a8e5d37a"}}).encode()

    def app(self):
        app = web.Application(middlewares=[self._door])
        at = "/api/0/organizations/acme/issues/"
        app.router.add_get(at, self._issues)
        app.router.add_get(at + "{issue}/events/", self._events)
        app.router.add_get(at + "{issue}/events/{which:oldest|latest}/", self._one)
        app.router.add_get("/api/0/issues/{issue}/events/{which:oldest|latest}/", self._one)
        return app

    @web.middleware
    async def _door(self, request, handler):
        self.asked.append(request.path_qs)
        if self.away:
            return web.json_response({"detail": "Internal Error"}, status=503)
        if request.headers.get("Authorization") != f"Bearer {TOKEN}":
            return web.json_response({"detail": "Invalid token"}, status=401)
        if self.limited:
            self.limited -= 1
            return web.json_response({"detail": "You are attempting to use this endpoint too frequently."}, status=429, headers=self.limit)
        return await handler(request)

    async def _issues(self, request):
        start, end = period(request)
        assert request.query["sort"] == "date"
        assert request.query["project"] == "-1"
        found = [issue for issue in self.issues.values() if issue.within(start, end)]
        if request.query["query"] == "is:unresolved":
            found = [issue for issue in found if issue.status == "unresolved"]
        found.sort(key=lambda issue: issue.within(start, end)[0]["at"], reverse=True)
        return self._paged(request, [self._issue(issue) for issue in found], int(request.query.get("limit", 25)))

    async def _events(self, request):
        issue = self.issues.get(request.match_info["issue"])
        if issue is None:
            return web.json_response({"detail": "The requested resource does not exist"}, status=404)
        whole = request.query.get("full") in ("1", "true")
        found = [self._event(event, whole=whole) for event in issue.within(*period(request))]
        return self._paged(request, found, int(request.query.get("per_page", 100)))

    async def _one(self, request):
        issue = self.issues.get(request.match_info["issue"])
        if issue is None:
            return web.json_response({"detail": "The requested resource does not exist"}, status=404)
        return web.json_response(self._event(issue.events[0 if request.match_info["which"] == "oldest" else -1], whole=True))

    def _paged(self, request, found, most):
        most = min(most, self.page)
        begin = int(request.query.get("cursor", "0:0:0").split(":")[1])
        url = request.url.with_query({})
        links = [
            f'<{url}?&cursor=0:{at}:{before}>; rel="{name}"; results="{str(there).lower()}"; cursor="0:{at}:{before}"'
            for name, at, before, there in (
                ("previous", max(begin - most, 0), 1, begin > 0),
                ("next", begin + most, 0, begin + most < len(found)),
            )
        ]
        return web.json_response(found[begin : begin + most], headers={"Link": ", ".join(links)})

    def _issue(self, issue):
        first, last = issue.events[0], issue.events[-1]
        return {
            "id": issue.id,
            "shortId": f"{issue.project.upper()}-{issue.id}",
            "title": f"{first['kind']}: 'scone'",
            "status": issue.status,
            "level": "error",
            "platform": "python",
            "project": {"id": "1", "slug": issue.project, "name": issue.project},
            "firstSeen": moment(first["at"]),
            "lastSeen": moment(last["at"]),
        }

    def _event(self, event, *, whole):
        told = {
            "id": event["id"],
            "eventID": event["id"],
            "groupID": event["issue"],
            "projectID": "1",
            "platform": "python",
            "title": f"{event['kind']}: 'scone'",
            "message": "",
            "dateCreated": moment(event["at"]),
            "tags": [{"key": "environment", "value": event["environment"]}, {"key": "level", "value": "error"}],
        }
        if not whole:
            return told
        frame = {"filename": "shop/cart.py", "function": event["kind"], "lineNo": 7, "inApp": True}
        values = [{"type": event["kind"], "value": "'scone'", "stacktrace": {"frames": [frame]}}]
        return {**told, "entries": [{"type": "exception", "data": {"values": values}}], "contexts": {}, "release": None}


def period(request):
    """Without an offset it is UTC."""
    return tuple(datetime.fromisoformat(request.query[name]).replace(tzinfo=UTC) for name in ("start", "end"))


def moment(at):
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


@asynccontextmanager
async def served(sentry):
    async with TestServer(sentry.app()) as server:
        yield str(server.make_url("")).rstrip("/")
