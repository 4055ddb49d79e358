"""Sentry's API, as far as webhooks lack or miss something: https://docs.sentry.io/api/events/

Lists come in pages, with a cursor in the ``Link`` header (https://docs.sentry.io/api/pagination); limits are by endpoint, and each answer
says when the window of its limit ends (https://docs.sentry.io/api/ratelimits). A token of an integration with ``event:read`` will do.
"""

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import TypeVar
from urllib.parse import quote, urlencode

import msgspec

from triaged import boundary
from triaged.errors import Refused, Rejected, Unavailable, Unknown
from triaged.ports import Answer, Clock, Http

_T = TypeVar("_T")

ISSUES_AT_ONCE = 100
EVENTS_AT_ONCE = 25
_MOST_BYTES = 32_000_000
"""Of a page with whole events: one may have a megabyte."""
_LONGEST_PAUSE = timedelta(minutes=10)

# <https://sentry.io/api/0/organizations/acme/issues/?cursor=0:100:0>; rel="next"; results="true"; cursor="0:100:0"
_LINK = re.compile(r'<[^>]*>((?:\s*;\s*\w+="[^"]*")+)')
_PARAMETER = re.compile(r'(\w+)="([^"]*)"')
# 1772607598.25
_SECONDS = re.compile(r"[0-9]{1,12}(?:\.[0-9]+)?")


class Api:
    """``url`` is Sentry's, without a slash at its end."""

    def __init__(self, http: Http, clock: Clock, url: str, organization: str, token: str) -> None:
        self._http = http
        self._clock = clock
        self._url = url
        self._organization = organization
        self._within = f"organizations/{quote(organization, safe='')}"
        self._token = token

    async def latest(self, issue: str) -> Answer:
        """An issue's latest event, whatever the answer is. Raises Unavailable."""
        return await self._get(f"issues/{issue}/events/latest/", {})

    async def oldest(self, issue: str) -> msgspec.Raw | None:
        """An issue's first event; None where the issue is gone. Raises Unavailable, Refused."""
        answer = await self._get(f"{self._within}/issues/{issue}/events/oldest/", {})
        return None if answer.status == 404 else _read(answer, msgspec.Raw)

    async def issues(self, since: datetime, until: datetime, cursor: str) -> tuple[list[msgspec.Raw], str]:
        """Unresolved issues with events in that time, and the next page's cursor, empty for the last. Raises Unavailable, Refused."""
        query = {"query": "is:unresolved", "project": "-1", "sort": "date", "limit": str(ISSUES_AT_ONCE)}
        answer = await self._get(f"{self._within}/issues/", query | _period(since, until) | _at(cursor))
        if answer.status == 404:
            raise Refused(f"Sentry knows no organization {self._organization!r}, or not with this token")
        return _read(answer, list[msgspec.Raw]), _next(answer)

    async def events(self, issue: str, since: datetime, until: datetime, cursor: str, *, whole: bool) -> tuple[list[msgspec.Raw], str]:
        """Of one issue, the newest first; without their stack traces unless ``whole``. As ``issues``."""
        query = {"per_page": str(EVENTS_AT_ONCE)} | ({"full": "true"} if whole else {})
        path = f"{self._within}/issues/{issue}/events/"
        answer = await self._get(path, query | _period(since, until) | _at(cursor), most=_MOST_BYTES)
        return ([], "") if answer.status == 404 else (_read(answer, list[msgspec.Raw]), _next(answer))

    async def _get(self, path: str, query: Mapping[str, str], *, most: int = 8_000_000) -> Answer:
        url = f"{self._url}/api/0/{path}" + (f"?{urlencode(query)}" if query else "")
        headers = {"authorization": f"Bearer {self._token}", "accept": "application/json"}
        try:
            answer = await self._http.send("GET", url, headers=headers, most=most)
        except Unknown as error:
            raise Unavailable(f"Sentry's answer was lost: {error}") from None
        if answer.status == 429 or answer.status >= 500:
            raise Unavailable(f"Sentry's API answered {answer.status}", _until(answer, self._clock.now()) if answer.status == 429 else None)
        return answer


def _period(since: datetime, until: datetime) -> dict[str, str]:
    """Without an offset it is UTC."""
    return {name: at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%f") for name, at in (("start", since), ("end", until))}


def _at(cursor: str) -> dict[str, str]:
    return {"cursor": cursor} if cursor else {}


def _read(answer: Answer, kind: type[_T]) -> _T:
    if answer.status != 200:
        raise Refused(f"Sentry's API answered {answer.status}; the token needs event:read, and the organization has to be its own")
    try:
        return boundary.decode(answer.body, kind)
    except Rejected as error:
        raise Unavailable(f"Sentry's API answers with something else: {error}") from None


def _next(answer: Answer) -> str:
    links = [dict(_PARAMETER.findall(m[1])) for m in _LINK.finditer(answer.headers.get("link", ""))]
    return next((link.get("cursor", "") for link in links if link.get("rel") == "next" and link.get("results") == "true"), "")


def _until(answer: Answer, now: datetime) -> datetime | None:
    """When it may be asked again, as far as it says so."""
    after, reset = (answer.headers.get(name, "") for name in ("retry-after", "x-sentry-rate-limit-reset"))
    if _SECONDS.fullmatch(after):
        return now + min(timedelta(seconds=float(after)), _LONGEST_PAUSE)
    return min(datetime.fromtimestamp(float(reset), UTC), now + _LONGEST_PAUSE) if _SECONDS.fullmatch(reset) else None
