"""Slack's Web API, as far as its events can be missed: a channel's history, read with the app's bot token.

https://docs.slack.dev/reference/methods/conversations.history; whoever asks too often hears 429 with ``retry-after``.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, TypeVar
from urllib.parse import urlencode

from triaged.boundary import Payload
from triaged.clients.fields import One, line
from triaged.errors import Refused, Rejected, Unavailable, Unknown
from triaged.ports import Clock, Http

MESSAGES_AT_ONCE = 200
_LONGEST_PAUSE = timedelta(minutes=10)


class Answered(Payload, frozen=True):
    ok: Any = None
    error: Any = None
    needed: Any = None
    """The scope that is missing."""


class Identity(Answered, frozen=True):
    """Whose the token is."""

    team_id: Any = None
    user_id: Any = None
    bot_id: Any = None


class More(Payload, frozen=True):
    next_cursor: Any = None


class History(Answered, frozen=True):
    messages: tuple[dict[str, Any], ...] = ()
    response_metadata: One[More] = None


_T = TypeVar("_T", bound=Answered)


class Api:
    """``url`` is that of the methods, ``https://slack.com/api``."""

    def __init__(self, http: Http, clock: Clock, url: str, token: str) -> None:
        self._http = http
        self._clock = clock
        self._url = url.rstrip("/")
        self._token = token
        self._identity: Identity | None = None

    async def us(self) -> Identity:
        """Asked for once. Raises Unavailable, Refused."""
        if self._identity is None:
            self._identity = await self._ask("auth.test", {}, Identity)
        return self._identity

    async def history(self, channel: str, since: datetime, until: datetime, cursor: str) -> tuple[tuple[dict[str, Any], ...], str]:
        """Messages of that time, the newest first, and the next page's cursor, empty for the last. Raises Unavailable, Refused."""
        period = {"oldest": f"{since.timestamp():.6f}", "latest": f"{until.timestamp():.6f}", "inclusive": "true"}
        query = {"channel": channel, **period, "limit": str(MESSAGES_AT_ONCE)} | ({"cursor": cursor} if cursor else {})
        found = await self._ask("conversations.history", query, History)
        more = found.response_metadata
        return found.messages, line(more.next_cursor) if isinstance(more, More) else ""

    async def _ask(self, method: str, query: Mapping[str, str], kind: type[_T]) -> _T:
        url = f"{self._url}/{method}" + (f"?{urlencode(query)}" if query else "")
        try:
            answer = await self._http.send("GET", url, headers={"authorization": f"Bearer {self._token}"})
        except Unknown as error:
            raise Unavailable(f"Slack's answer was lost: {error}") from None
        if answer.status == 429 or answer.status >= 500:
            raise Unavailable(f"Slack's API answered {answer.status}", _until(answer.headers, self._clock.now()))
        try:
            told = kind.read(answer.body)
        except Rejected as error:
            raise Unavailable(f"Slack's API answers with something else: {error}") from None
        if told.ok is not True:
            needed = f", it needs the scope {line(told.needed)}" if told.needed else ""
            raise Refused(f"Slack's API refuses {method}: {line(told.error) or answer.status}{needed}")
        return told


def _until(headers: Mapping[str, str], now: datetime) -> datetime | None:
    after = headers.get("retry-after", "")
    return now + min(timedelta(seconds=int(after)), _LONGEST_PAUSE) if after.isascii() and after.isdigit() and len(after) < 9 else None
