"""Slack, through its Events API: https://docs.slack.dev/apis/events-api

The one thing to know: an app sees what it says itself. What we or our issues' links put into a channel is not read again.

What Slack could not deliver is read from the channels' histories, with a bot token: https://docs.slack.dev/reference/methods/conversations.history
Replies in threads are not in them.
"""

import json
import re
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any, ClassVar
from urllib.parse import urlsplit

import msgspec
from msgspec import structs

from triaged import boundary
from triaged.boundary import Payload
from triaged.clients import fields, signatures, slack_api, slack_messages
from triaged.clients.fields import Many, One, line
from triaged.clients.slack_messages import Message
from triaged.core.model import Delivery, Record
from triaged.errors import BadSignature, Refused, Rejected
from triaged.ports import Gap, PushSource, Sweep, Tools, Webhook

_WINDOW = 300
"""Seconds that a signed time may be off: https://docs.slack.dev/authentication/verifying-requests-from-slack"""
_LONGEST_CHALLENGE = 500

_SPEAKING = (None, "", "bot_message", "file_share", "thread_broadcast", "me_message")
"""The subtypes of a message in which somebody says something; the others tell of joins, topics, deletions."""

# 1531420618
_TIMESTAMP = re.compile(r"[0-9]{1,12}")
# Ev012AB3CDEF
_EVENT_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")
# C012AB3CD
_CHANNEL = re.compile(r"[A-Z0-9]{1,32}")
# 1531420618.000200
_TS = re.compile(r"[0-9]{1,12}\.[0-9]{1,9}")
# <!-- triaged:v1 ... -->, triaged-3f9a0c1d, [Auto] Error: ValueError: no stock; in the bytes, so that no part of a message hides it
_OURS = re.compile(rb"!-- triaged:|triaged[#-][0-9a-f]{8}|\[Auto\] Error|\[Auto Fix\]")


class Config(boundary.Config):
    example: ClassVar = {"signing_secret": "s3cret"}

    signing_secret: signatures.Secret
    """Of the app."""
    api_url: str = "https://slack.com/api"
    bot_token: signatures.Secret | None = None
    """With ``channels:history`` (and ``groups:history`` for private ones). Reading what Slack sends needs none; fetching what was missed does."""
    channels: str = ""
    """Ids such as ``C012AB3CD``, separated by commas; where given, only these are read."""


class Authorization(Payload, frozen=True):
    user_id: Any = None
    bot_id: Any = None
    is_bot: Any = None


class Envelope(Payload, frozen=True):
    type: Any = None
    challenge: Any = None
    event_id: Any = None
    event_time: Any = None
    team_id: Any = None
    api_app_id: Any = None
    authorizations: Many[Authorization] = None
    event: One[Message] = None


class Page(msgspec.Struct, frozen=True):
    """How far a look for what was missed has come."""

    places: tuple[tuple[str, str], ...]
    """Team (empty: the token's own) and channel of what is still to be looked at."""
    cursor: str = ""
    """Within the first of them."""
    refused: tuple[str, ...] = ()
    """Why some could not be looked at."""


class Slack(PushSource):
    """A push source of messages; what it has missed is asked of Slack's API."""

    name = "slack"
    most = 1_000_000
    proofs = ("x-slack-signature",)

    def __init__(self, config: Config, tools: Tools) -> None:
        self._config = config
        self._clock = tools.clock
        token = signatures.values(config.bot_token)[0] if config.bot_token else ""
        self._api = slack_api.Api(tools.http, tools.clock, config.api_url, token)
        self.catches_up = bool(token)
        self._channels = frozenset(filter(None, (name.strip().lstrip("#") for name in config.channels.split(","))))
        api = urlsplit(config.api_url)
        self._archives = f"{api.scheme}://{api.netloc}/archives"

    def verify(self, webhook: Webhook) -> None:
        timestamp, signature = (webhook.headers.get(name, "") for name in ("x-slack-request-timestamp", "x-slack-signature"))
        if not _TIMESTAMP.fullmatch(timestamp):
            raise BadSignature("x-slack-request-timestamp is missing or no number of seconds")
        version, _, digest = signature.partition("=")
        if version != "v0" or not signatures.fits(self._config.signing_secret, b"v0:%b:%b" % (timestamp.encode(), webhook.body), digest):
            raise BadSignature("x-slack-signature does not fit the body; the signing secret has to be that app's")
        if abs(webhook.at.timestamp() - int(timestamp)) > _WINDOW:
            raise BadSignature(f"it was signed more than {_WINDOW} s from now: a replay, or a clock is wrong")

    def key(self, webhook: Webhook) -> str:
        """Where a message stands, which is the same in its channel's history; of an edit Slack's id of the event, which its retries keep."""
        try:
            envelope = Envelope.read(webhook.body)
        except Rejected:
            return super().key(webhook)
        said = envelope.event if isinstance(envelope.event, Message) and envelope.event.subtype in _SPEAKING else Message()
        place = _place(envelope, said)
        event_id = envelope.event_id
        return place or (event_id if isinstance(event_id, str) and _EVENT_ID.fullmatch(event_id) else super().key(webhook))

    def answer(self, webhook: Webhook) -> str | None:
        """The challenge with which Slack tries a new address."""
        if b"url_verification" not in webhook.body:
            return None
        try:
            envelope = Envelope.read(webhook.body)
        except Rejected:
            return None
        challenge = envelope.challenge if envelope.type == "url_verification" else None
        return challenge if isinstance(challenge, str) and 0 < len(challenge) <= _LONGEST_CHALLENGE else None

    def read(self, delivery: Delivery) -> tuple[Record, ...]:
        envelope = Envelope.read(delivery.body)
        if not isinstance(envelope.type, str):
            raise Rejected("it has no 'type': this is not what Slack's Events API sends")
        if envelope.type != "event_callback":
            return ()
        if not isinstance(envelope.event, Message):
            raise Rejected("it has no object 'event': this is not what Slack's Events API sends")
        message = _message(envelope.event)
        if message is None or _OURS.search(delivery.body) or _is_by_us(message, envelope) or not self._is_watched(message):
            return ()
        record = self._record(message, envelope, delivery)
        return (record,) if record.text else ()

    def _is_watched(self, message: Message) -> bool:
        return not self._channels or line(message.channel) in self._channels

    def _record(self, message: Message, envelope: Envelope, delivery: Delivery) -> Record:
        said = slack_messages.said(message)
        channel, ts, place = line(message.channel), line(message.ts), _place(envelope, message)
        return Record(
            source=self.name,
            at=fields.instant(message.ts, delivery.at) or fields.instant(envelope.event_time, delivery.at) or delivery.at,
            text=slack_messages.without_signs(said),
            labels=fields.labels(channel=channel, **slack_messages.labels(message)),
            key=place,
            level=slack_messages.level(message, said),
            links={"Slack": f"{self._archives}/{channel}/p{ts.replace('.', '')}"} if place else {},
        )

    def origin(self, delivery: Delivery) -> str:
        """Team and channel."""
        return delivery.records[0].key.rpartition(":")[0] if delivery.records else ""

    async def missed(self, gap: Gap, known: Callable[[str], bool]) -> Sweep:
        """A channel that cannot be read does not hold up the others."""
        page = msgspec.json.decode(gap.page, type=Page) if gap.page else Page(self._places(gap.origins))
        if not page.places:
            if page.refused:
                raise Refused("; ".join(page.refused))
            return Sweep((), "")
        us = await self._api.us()
        (team, channel), *rest = page.places
        try:
            messages, then = await self._api.history(channel, gap.since, gap.until, page.cursor)
        except Refused as error:
            messages, then = (), ""
            page = structs.replace(page, refused=(*page.refused, f"channel {channel}: {error}"))
        found = tuple(self._delivery(message, team or line(us.team_id), channel, us) for message in messages)
        page = Page(page.places if then else tuple(rest), then, page.refused)
        return Sweep(found, msgspec.json.encode(page).decode(), bool(page.places or page.refused))

    def _places(self, origins: frozenset[str]) -> tuple[tuple[str, str], ...]:
        """The channels that are configured, else those that were heard of."""
        heard = {channel: team for team, _, channel in (origin.partition(":") for origin in sorted(origins))}
        return tuple((heard.get(channel, ""), channel) for channel in sorted(self._channels or heard))

    def _delivery(self, message: dict[str, Any], team: str, channel: str, us: slack_api.Identity) -> Delivery:
        said = {**message, "channel": channel}
        ours = [{"user_id": us.user_id, "bot_id": us.bot_id, "is_bot": True}]
        told = {"type": "event_callback", "team_id": team, "authorizations": ours, "event": said}
        return Delivery(self.name, f"{team}:{channel}:{line(said.get('ts'))}", self._clock.now(), msgspec.json.encode(told))


def signed(config: Config, body: bytes, at: datetime) -> dict[str, str]:
    """The headers that Slack sends with a body."""
    timestamp = str(int(at.timestamp()))
    digest = signatures.made(signatures.values(config.signing_secret)[0], b"v0:" + timestamp.encode() + b":" + body)
    return {"X-Slack-Request-Timestamp": timestamp, "X-Slack-Signature": f"v0={digest}"}


def sample(at: datetime) -> bytes:
    """An alert that another app posts."""
    ts = f"{at.timestamp():.6f}"
    text = "FireDrill: sent by `triaged send slack`\n```Error: ring\n    at ring (/app/fire/drill.js:1:7)```"
    message = {"type": "message", "subtype": "bot_message", "bot_id": "B0DRILL", "channel": "C0DRILL", "ts": ts, "text": text}
    event_id = f"Ev{int(at.timestamp() * 1000):X}"
    return json.dumps(
        {"type": "event_callback", "team_id": "T0DRILL", "api_app_id": "A0TRIAGED", "event_id": event_id, "event": message}
    ).encode()


@asynccontextmanager
async def connect(config: Config, tools: Tools) -> AsyncIterator[Slack]:
    yield Slack(config, tools)


def _place(envelope: Envelope, message: Message) -> str:
    """Team, channel and time, which are one message; empty where it does not say them."""
    channel, ts = line(message.channel), line(message.ts)
    return f"{line(envelope.team_id)}:{channel}:{ts}" if _CHANNEL.fullmatch(channel) and _TS.fullmatch(ts) else ""


def _message(event: Message) -> Message | None:
    """What was said. An edit is of the message it edits, unless Slack only added the view of a link."""
    if event.type not in ("message", "app_mention"):
        return None
    if event.subtype in _SPEAKING:
        return event
    now, before = event.message, event.previous_message
    if event.subtype != "message_changed" or not isinstance(now, Message) or now.subtype not in _SPEAKING:
        return None
    if isinstance(before, Message) and slack_messages.said(before) == slack_messages.said(now):
        return None
    return structs.replace(now, channel=event.channel)


def _is_by_us(message: Message, envelope: Envelope) -> bool:
    profile = message.bot_profile
    apps = (message.app_id, profile.app_id if isinstance(profile, slack_messages.Bot) else None)
    if envelope.api_app_id and envelope.api_app_id in apps:
        return True
    ours = [a for a in fields.objects(envelope.authorizations, Authorization) if a.is_bot is True]
    return any((a.user_id and a.user_id == message.user) or (a.bot_id and a.bot_id == message.bot_id) for a in ours)
