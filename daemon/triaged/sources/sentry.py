"""Sentry, through the webhooks of an integration: https://docs.sentry.io/organization/integrations/integration-platform/webhooks/

The one thing to know: only the body is signed. So the body alone makes a repeat a repeat, the body has to agree with what the
``Sentry-Hook-Resource`` header says it is, and the time inside the body is what an old capture is known by.

What the webhooks have missed is asked of Sentry's API. Where each error is told, that is every event of the time; where new issues are
told, it is the issues that began in it. Which alerts Sentry would have sent is kept nowhere: of an integration that is told of alerts
alone, it is the issues that began, where alerts came from, while they were surely lost.
"""

import json
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, ClassVar

import msgspec
from msgspec import UNSET

from triaged import boundary
from triaged.boundary import Payload
from triaged.clients import fields, sentry_api, sentry_events, signatures
from triaged.clients.fields import One, line
from triaged.clients.sentry_events import Event, Issue, MetricAlert
from triaged.core.model import Delivery, Record
from triaged.errors import BadSignature, Rejected
from triaged.ports import Gap, PushSource, Sweep, Tools, Webhook

_REMEMBERED = timedelta(days=7)
"""How long a repeat is known as one; what happened before that is a replay."""


class Config(boundary.Config):
    example: ClassVar = {"client_secret": "s3cret"}

    client_secret: signatures.Secret
    """Of the integration: signs its webhooks."""
    api_url: str = "https://sentry.io"
    auth_token: signatures.Secret | None = None
    """With ``event:read``. An ``issue`` webhook comes without a stack trace; with a token it is fetched, and so is what was missed."""
    organization: str = ""
    """Its slug, for links to issues that come without one and to ask for what was missed."""
    dangerously_allow_unsigned_legacy_plugin: bool = False
    """Also accept the old WebHooks plugin of a project, which signs nothing: whoever reaches the port can then make up errors."""


class Data(Payload, frozen=True):
    event: One[Event] = None
    error: One[Event] = None
    issue: One[Issue] = None
    metric_alert: One[MetricAlert] = None
    installation: Any = None
    comment: Any = None
    description_title: Any = None
    description_text: Any = None
    web_url: Any = None


class Envelope(Payload, frozen=True):
    """An integration's, with ``data``; or the legacy plugin's, with the event and its issue at the top:
    https://github.com/getsentry/sentry/blob/master/src/sentry/plugins/sentry_webhooks/plugin.py"""

    action: Any = None
    data: One[Data] = None
    event: One[Event] = None
    triggering_rules: Any = UNSET
    id: Any = None
    project_slug: Any = None
    project: Any = None
    message: Any = None
    url: Any = None

    @property
    def legacy(self) -> Event | None:
        """The event, where it is the legacy plugin's."""
        return (
            self.event if isinstance(self.event, Event) and self.triggering_rules is not UNSET and not isinstance(self.data, Data) else None
        )


_BODIES: dict[str, tuple[str, type]] = {
    "event_alert": ("event", Event),
    "error": ("error", Event),
    "issue": ("issue", Issue),
    "metric_alert": ("metric_alert", MetricAlert),
    "installation": ("installation", dict),
    "comment": ("comment", str),
}
"""What stands in ``data``, for the resources whose body we know."""

_TELLING = ("created", "unresolved")
"""What happens to an issue because of an error; the rest is what people do with it."""


@dataclass(frozen=True, slots=True)
class Told:
    """What the webhooks tell of, by what they have told so far: ``error shop production``."""

    origins: frozenset[str]

    @property
    def each_error(self) -> bool:
        return any(origin.startswith("error ") for origin in self.origins)

    @property
    def everywhere(self) -> bool:
        """Errors and issues are told of all projects; alerts of those that have a rule for them."""
        return self.each_error or any(origin.startswith("issue ") for origin in self.origins)

    def within(self, project: str, environment: str | None = None) -> bool:
        """Whether it has told of that project (and environment; one that says no environment stands for all)."""
        parts = (origin.split(" ", 2) for origin in self.origins)
        return self.everywhere or any(p == project and (not e or environment in (None, e)) for _, p, e in parts)


class Page(msgspec.Struct, frozen=True):
    """How far a look for what was missed has come."""

    issues: tuple[tuple[str, str], ...] = ()
    """Ids and projects of issues that are still to be looked at."""
    next: str | None = None
    """The cursor of the issues after them; None: none were asked for yet, empty: there are no more."""
    events: str = ""
    """The cursor of the events of the first of ``issues``."""


class Sentry(PushSource):
    """A push source; what its ``issue`` deliveries lack is asked of Sentry's API."""

    name = sentry_events.SOURCE
    most = 4_000_000
    keeps = ("sentry-hook-resource",)

    def __init__(self, config: Config, tools: Tools) -> None:
        self._config = config
        self._tools = tools
        self._url = config.api_url.rstrip("/")
        self._decoded: tuple[bytes, Envelope] | None = None
        """The body that was verified last: ``key`` and ``read`` follow, and decoding is the dearest part of all three."""
        token = signatures.values(config.auth_token)[0] if config.auth_token else ""
        self._api = sentry_api.Api(tools.http, tools.clock, self._url, config.organization, token)
        self.catches_up = bool(token and config.organization)
        self.proofs = () if config.dangerously_allow_unsigned_legacy_plugin else ("sentry-hook-signature",)

    def verify(self, webhook: Webhook) -> None:
        """A signature does not say when it was made, so what happened before repeats are remembered is refused as well."""
        digest = webhook.headers.get("sentry-hook-signature")
        if digest is None:
            if not (self._config.dangerously_allow_unsigned_legacy_plugin and _is_legacy(webhook.body)):
                raise BadSignature("the header sentry-hook-signature is missing; an integration of Sentry sends it")
            return
        if not signatures.fits(self._config.client_secret, webhook.body, digest):
            raise BadSignature("sentry-hook-signature does not fit the body; the client secret has to be that integration's")
        try:
            self._decoded = webhook.body, Envelope.read(webhook.body)
        except Rejected:
            return  # `read` says so
        happened = _happened(self._decoded[1], webhook.at)
        if happened is not None and happened < webhook.at - _REMEMBERED:
            raise BadSignature(f"it tells of {happened:%Y-%m-%d}, more than {_REMEMBERED.days} days ago: a replay")

    def key(self, webhook: Webhook) -> str:
        """The digest of the body. An issue is created once: it is known by its id, so that it is the same when the API tells of it."""
        try:
            issue = _created_issue(self._envelope(webhook.body))
        except Rejected:
            issue = ""
        return _created(issue) if issue else super().key(webhook)

    def _envelope(self, body: bytes) -> Envelope:
        """Raises Rejected."""
        decoded = self._decoded
        return decoded[1] if decoded and decoded[0] is body else Envelope.read(body)

    def read(self, delivery: Delivery) -> tuple[Record, ...]:
        envelope, self._decoded = self._envelope(delivery.body), None
        if envelope.legacy is not None:
            return (self._linked(self._legacy(envelope, envelope.legacy, delivery.at)),)
        if not isinstance(envelope.data, Data):
            raise Rejected("it has no object 'data': this is not what an integration of Sentry sends")
        resource = _resource(delivery.headers.get("sentry-hook-resource", ""), envelope.action, envelope.data)
        record = _record(resource, envelope.action, envelope.data, delivery.at)
        return () if record is None else (self._linked(record),)

    def _legacy(self, envelope: Envelope, event: Event, received: datetime) -> Record:
        if not self._config.dangerously_allow_unsigned_legacy_plugin:
            raise Rejected("it is of the legacy WebHooks plugin, which signs nothing; use an internal integration of Sentry")
        record = sentry_events.of_event(event, received)
        project = line(envelope.project_slug) or line(envelope.project)
        told = fields.labels(service=project, project=project, sentry_issue=sentry_events.issue_id(envelope.id))
        links = record.links or fields.link("Sentry", envelope.url)
        return replace(record, text=record.text or fields.text(envelope.message), labels={**told, **record.labels}, links=links)

    def _linked(self, record: Record) -> Record:
        issue = record.labels.get("sentry_issue")
        if record.links or not issue or not self._config.organization:
            return record
        return replace(record, links={"Sentry": f"{self._url}/organizations/{self._config.organization}/issues/{issue}/"})

    async def complete(self, record: Record) -> Record:
        """With the latest event of the issue ``record.missing``; where that cannot be had, as it is, with a label that says why."""
        whole = replace(record, missing="")
        if not sentry_events.issue_id(record.missing) or self._config.auth_token is None:
            return whole
        answer = await self._api.latest(record.missing)
        if answer.status == 404:
            return whole
        if answer.status != 200:
            return _incomplete(whole, f"Sentry's API answered {answer.status}; the token needs event:read")
        try:
            found = sentry_events.of_event(Event.read(answer.body), record.at)
        except Rejected:
            return _incomplete(whole, "Sentry's API answered with what is no event")
        labels, links = {**whole.labels, **found.labels}, whole.links or found.links
        return replace(found, labels=labels, links=links, text=found.text or whole.text, trace=found.trace or whole.trace)

    def origin(self, delivery: Delivery) -> str:
        labels = delivery.records[0].labels if delivery.records else {}
        kind = delivery.headers.get("sentry-hook-resource", "")
        return f"{kind} {labels.get('project', '')} {labels.get('environment', '')}" if kind in ("error", "issue", "event_alert") else ""

    async def missed(self, gap: Gap, known: Callable[[str], bool]) -> Sweep:
        told = Told(gap.origins)
        since = gap.since if told.everywhere else gap.lost_since
        if since is None or not gap.origins:
            return Sweep((), "")
        page = msgspec.json.decode(gap.page, type=Page) if gap.page else Page()
        found: list[Delivery] = []
        if not page.issues:
            listed, then = await self._api.issues(since, gap.until, page.next or "")
            due = list(self._due(listed, since, told))
            if told.everywhere and not told.each_error:
                found, due = [self._begun(issue, number) for issue, number, _ in due], []
            page = Page(tuple((number, project) for _, number, project in due), then)
        elif told.each_error:
            (number, project), *rest = page.issues
            found, then = await self._events(number, project, gap, page.events, known)
            page = Page(page.issues if then else tuple(rest), page.next, then)
        else:
            (number, project), *rest = page.issues
            found = await self._first(number, project, told, known)
            page = Page(tuple(rest), page.next)
        return Sweep(tuple(found), msgspec.json.encode(page).decode(), bool(page.issues or page.next))

    def _due(self, listed: list[msgspec.Raw], since: datetime, told: Told) -> Iterator[tuple[msgspec.Raw, str, str]]:
        """The issues, with their ids and projects, that webhooks would have told something of."""
        now = self._tools.clock.now()
        for raw in listed:
            issue = Issue.read(bytes(raw))
            number = sentry_events.issue_id(issue.id)
            project = line(issue.project.slug) if isinstance(issue.project, sentry_events.Project) else ""
            began = fields.instant(issue.first_seen, now)
            if number and told.within(project) and (told.each_error or (began is not None and began >= since)):
                yield raw, number, project

    def _begun(self, issue: msgspec.Raw, number: str) -> Delivery:
        body = b'{"action":"created","data":{"issue":%b}}' % bytes(issue)
        return Delivery(self.name, _created(number), self._tools.clock.now(), body, {"sentry-hook-resource": "issue"})

    async def _events(self, issue: str, project: str, gap: Gap, cursor: str, known: Callable[[str], bool]) -> tuple[list[Delivery], str]:
        """A page of an issue's events. Only where one is not known are they fetched whole."""
        events, then = await self._api.events(issue, gap.since, gap.until, cursor, whole=False)
        if all(known(key) for key in map(_key, events) if key):
            return [], then
        events, then = await self._api.events(issue, gap.since, gap.until, cursor, whole=True)
        found = ((_key(event), event) for event in events)
        return [self._delivery("error", key, event, issue, project) for key, event in found if key and not known(key)], then

    async def _first(self, issue: str, project: str, told: Told, known: Callable[[str], bool]) -> list[Delivery]:
        """An issue's first event, which is what a webhook about a new issue is about."""
        event = await self._api.oldest(issue)
        key = _key(event) if event is not None else ""
        if event is None or not key or known(key):
            return []
        delivery = self._delivery("event_alert", key, event, issue, project)
        (record,) = self.read(delivery)
        return [delivery] if told.within(project, record.labels.get("environment", "")) else []

    def _delivery(self, kind: str, key: str, event: msgspec.Raw, issue: str, project: str) -> Delivery:
        """As a webhook would have told of it, which knows the event's project and place where the API does not say them."""
        part = _BODIES[kind][0]
        where = f"{self._config.organization}/{project}/events/{key}/"
        web = f"{self._url}/organizations/{self._config.organization}/issues/{issue}/events/{key}/"
        told = {**boundary.decode(bytes(event), dict), "issue_id": issue, "url": f"{self._url}/api/0/projects/{where}", "web_url": web}
        body = msgspec.json.encode({"action": "created", "data": {part: told}})
        return Delivery(self.name, f"missed {key}", self._tools.clock.now(), body, {"sentry-hook-resource": kind})


def _created(issue: str) -> str:
    return f"issue {issue}"


def _created_issue(envelope: Envelope) -> str:
    """Its id, where a body tells that an issue was created; else empty."""
    issue = envelope.data.issue if isinstance(envelope.data, Data) else None
    return sentry_events.issue_id(issue.id) if envelope.action == "created" and isinstance(issue, Issue) else ""


def _key(event: msgspec.Raw) -> str:
    """The key of its record; empty for what is no event."""
    try:
        return Event.read(bytes(event)).key
    except Rejected:
        return ""


def signed(config: Config, body: bytes, at: datetime) -> dict[str, str]:
    """The headers that Sentry sends with a body."""
    key = signatures.values(config.client_secret)[0]
    try:
        data = json.loads(body)["data"]
        kind = next((name for name in ("error", "issue", "metric_alert", "installation", "comment") if name in data), "event_alert")
    except (ValueError, TypeError, KeyError, RecursionError):
        kind = "event_alert"
    return {"Sentry-Hook-Resource": kind, "Sentry-Hook-Signature": signatures.made(key, body)}


def sample(at: datetime) -> bytes:
    """An alert about an error of a program that does not exist."""
    frame = {"filename": "fire/drill.py", "function": "ring", "lineno": 1, "context_line": "raise FireDrill()", "in_app": True}
    exception = {"type": "FireDrill", "value": "sent by `triaged send sentry`", "stacktrace": {"frames": [frame]}}
    event = {"event_id": f"{int(at.timestamp() * 1000):032x}", "platform": "python", "level": "error", "datetime": at.isoformat()}
    return json.dumps({"action": "triggered", "data": {"event": {**event, "exception": {"values": [exception]}}}}).encode()


@asynccontextmanager
async def connect(config: Config, tools: Tools) -> AsyncIterator[Sentry]:
    yield Sentry(config, tools)


def _resource(header: str, action: Any, data: Data) -> str:
    """What a delivery is about. A header is not signed: it may name what the body is, or something that nothing is done about."""
    if header:
        part, kind = _BODIES.get(header, ("", object))
        if part and not isinstance(getattr(data, part), kind):
            raise Rejected(f"its header says {header}, but its body has no such data.{part}")
        return header
    found = next((name for name, (part, kind) in _BODIES.items() if isinstance(getattr(data, part), kind)), "")
    if not found and not isinstance(action, str):
        raise Rejected("neither its header nor its body says what it is about: this is not what an integration of Sentry sends")
    return found


def _record(resource: str, action: Any, data: Data, received: datetime) -> Record | None:
    match resource, data:
        case "event_alert", Data(event=Event() as event):
            return sentry_events.of_event(event, received)
        case "error", Data(error=Event() as event):
            return sentry_events.of_event(event, received)
        case "issue", Data(issue=Issue() as issue) if action in _TELLING:
            return sentry_events.of_issue(issue, received)
        case "metric_alert", Data(metric_alert=MetricAlert() as alert) if action == "critical":
            return sentry_events.of_metric_alert(alert, data.description_title, data.description_text, data.web_url, received)
    return None


def _is_legacy(body: bytes) -> bool:
    try:
        return Envelope.read(body).legacy is not None
    except Rejected:
        return False


def _happened(envelope: Envelope, received: datetime) -> datetime | None:
    """The latest moment that a body speaks of; None where it says none, or where nothing would come of it anyway."""
    data = envelope.data if isinstance(envelope.data, Data) else Data()
    parts = (data.event, data.error, data.metric_alert, data.issue if envelope.action in _TELLING else None)
    said = [moment for part in parts if isinstance(part, Event | MetricAlert | Issue) for moment in part.moments if moment is not None]
    return max(filter(None, (fields.instant(moment, received) for moment in said)), default=None)


def _incomplete(record: Record, why: str) -> Record:
    return replace(record, labels={**record.labels, "incomplete": why})
