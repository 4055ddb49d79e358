"""Sentry, through the webhooks of an integration: https://docs.sentry.io/organization/integrations/integration-platform/webhooks/

The one thing to know: only the body is signed. So the body alone makes a repeat a repeat, the body has to agree with what the
``Sentry-Hook-Resource`` header says it is, and the time inside the body is what an old capture is known by.
"""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, ClassVar

from msgspec import UNSET

from triaged import boundary
from triaged.boundary import Payload
from triaged.clients import fields, sentry_events, signatures
from triaged.clients.fields import One, line
from triaged.clients.sentry_events import Event, Issue, MetricAlert
from triaged.core.model import Delivery, Record
from triaged.errors import BadSignature, Rejected, Unavailable, Unknown
from triaged.ports import PushSource, Tools, Webhook

_REMEMBERED = timedelta(days=7)
"""How long a repeat is known as one; what happened before that is a replay."""


class Config(boundary.Config):
    example: ClassVar = {"client_secret": "s3cret"}

    client_secret: signatures.Secret
    """Of the integration: signs its webhooks."""
    api_url: str = "https://sentry.io"
    auth_token: signatures.Secret | None = None
    """With ``event:read``. An ``issue`` webhook comes without a stack trace; with a token it is fetched."""
    organization: str = ""
    """Its slug, for links to issues that come without one."""
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


class Sentry(PushSource):
    """A push source; what its ``issue`` deliveries lack is asked of Sentry's API."""

    name = sentry_events.SOURCE
    most = 4_000_000
    keeps = ("sentry-hook-resource",)

    def __init__(self, config: Config, tools: Tools) -> None:
        self._config = config
        self._tools = tools
        self._url = config.api_url.rstrip("/")
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
        happened = _happened(webhook)
        if happened is not None and happened < webhook.at - _REMEMBERED:
            raise BadSignature(f"it tells of {happened:%Y-%m-%d}, more than {_REMEMBERED.days} days ago: a replay")

    def read(self, delivery: Delivery) -> tuple[Record, ...]:
        envelope = Envelope.read(delivery.body)
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
        token = signatures.values(self._config.auth_token)[0]
        url = f"{self._url}/api/0/issues/{record.missing}/events/latest/"
        try:
            answer = await self._tools.http.send("GET", url, headers={"authorization": f"Bearer {token}", "accept": "application/json"})
        except Unknown as error:
            raise Unavailable(f"Sentry's answer was lost: {error}") from None
        if answer.status == 429 or answer.status >= 500:
            raise Unavailable(f"Sentry's API answered {answer.status}")
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


def _happened(webhook: Webhook) -> datetime | None:
    """The latest moment that a body speaks of; None where it says none, or where nothing would come of it anyway."""
    try:
        envelope = Envelope.read(webhook.body)
    except Rejected:
        return None
    data = envelope.data if isinstance(envelope.data, Data) else Data()
    parts = (data.event, data.error, data.metric_alert, data.issue if envelope.action in _TELLING else None)
    said = [moment for part in parts if isinstance(part, Event | MetricAlert | Issue) for moment in part.moments]
    return max(filter(None, (fields.instant(moment, webhook.at) for moment in said)), default=None)


def _incomplete(record: Record, why: str) -> Record:
    return replace(record, labels={**record.labels, "incomplete": why})
