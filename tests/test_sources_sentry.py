"""Sentry's webhooks: who may knock, what comes of what they say, and what is asked of the API afterwards."""

import hmac
import json
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from triaged import parsers, rulebook, settings
from triaged.core import fingerprint, normalize, redact
from triaged.core.model import Delivery, Record
from triaged.errors import BadSignature, Rejected, Unavailable, Unknown
from triaged.metrics import Metrics
from triaged.ports import Answer, Tools, Webhook
from triaged.sources import sentry
from world import NOON, TurnedClock

DELIVERIES = {
    row["id"]: row for row in map(json.loads, (Path(__file__).parent / "data/deliveries/sentry.jsonl").read_text("utf-8").splitlines())
}
REDACTOR = redact.compile(rulebook.load([settings.data("rules")]).redaction)
EVENT_ID = "5d0c1a64c6e84b0ab7a5b7a3f5d1c2e4"
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)


def source(http=None, **config):
    tools = Tools(http=http, clock=TurnedClock(), metrics=Metrics())
    return sentry.Sentry(sentry.Config(**{"client_secret": "s3cret", **config}), tools)


def read(body, resource="", **config):
    body = body if isinstance(body, bytes) else json.dumps(body).encode()
    headers = {"sentry-hook-resource": resource} if resource else {}
    return source(**config).read(Delivery("sentry", "k", NOON, body, headers))


def errors(body):
    """What makes an error the same one: its key, its time, its fingerprint."""
    found = [event for record in read(body) for event in normalize.normalize(record, parsers.parse)]
    return [(event.key, event.at, fingerprint.fingerprint(event).value) for event in found]


def recorded(name):
    return DELIVERIES[name]["body"].encode()


def envelope(**data):
    return {"action": "created", "actor": {}, "installation": {}, "data": data}


def signed(body, secret="s3cret"):
    return {"sentry-hook-signature": hmac.new(secret.encode(), body, "sha256").hexdigest()}


# ------------------------------------------------------------------ the door


def test_a_signature_over_the_raw_bytes_lets_in():
    """The digest is openssl's: ``openssl dgst -sha256 -hmac s3cret``."""
    body = b'{"action":"created","data":{"note":"caf\\u00e9"}}'
    headers = {"sentry-hook-signature": "3e578792cf9d05361a08f6224778555292bb2d326d2ca3ed73914671d761aa3e"}
    source().verify(Webhook(headers, body, NOON))
    with pytest.raises(BadSignature, match="does not fit"):
        source().verify(Webhook(headers, json.dumps(json.loads(body)).encode(), NOON))


def test_while_the_secret_is_rotated_both_are_accepted():
    body = recorded("sentry-event-alert")
    for secret in ("old-one", "new-one"):
        source(client_secret="new-one old-one").verify(Webhook(signed(body, secret), body, NOON))


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"x-sentry-hook-signature": "0" * 64},
        {"sentry-hook-signature": ""},
        {"sentry-hook-signature": "\u00e9" * 64},
        {"sentry-hook-signature": "0" * 64},
    ],
)
def test_whoever_cannot_sign_stays_outside(headers):
    with pytest.raises(BadSignature):
        source().verify(Webhook(headers, recorded("sentry-event-alert"), NOON))


@given(st.dictionaries(st.sampled_from(["sentry-hook-signature", "sentry-hook-resource"]), st.text()), st.binary(max_size=200))
def test_no_header_and_no_body_makes_the_door_crash(headers, body):
    with pytest.raises(BadSignature):
        source(dangerously_allow_unsigned_legacy_plugin=True).verify(Webhook(headers, body, NOON))


@pytest.mark.parametrize("name", ["sentry-event-alert", "sentry-error", "sentry-issue-created", "sentry-metric-alert"])
def test_a_capture_that_is_older_than_repeats_are_remembered_is_refused(name):
    body = recorded(name)
    source().verify(Webhook(signed(body), body, NOON + timedelta(days=6)))
    with pytest.raises(BadSignature, match=r"2026-03-04.*a replay"):
        source().verify(Webhook(signed(body), body, NOON + timedelta(days=8)))


def test_an_app_that_was_offline_may_tell_of_an_old_error():
    body = json.dumps(envelope(error={"datetime": "2026-01-01T00:00:00Z", "received": NOON.timestamp()})).encode()
    source().verify(Webhook(signed(body), body, NOON))


def test_what_people_do_with_an_old_issue_is_no_replay():
    body = json.dumps({"action": "resolved", "data": {"issue": {"id": "1", "lastSeen": "2026-01-01T00:00:00Z"}}}).encode()
    source().verify(Webhook(signed(body), body, NOON))


def test_the_body_alone_makes_a_repeat_a_repeat_for_its_headers_are_not_signed():
    body = recorded("sentry-event-alert")
    keys = {
        source().key(Webhook({"request-id": f"{i}", "sentry-hook-resource": r}, body, NOON)) for i, r in enumerate(["error", "event_alert"])
    }
    assert len(keys) == 1
    assert keys != {source().key(Webhook({}, body + b" ", NOON))}


def test_an_issue_is_created_once_in_whatever_words_it_is_told():
    def key(**said):
        return source().key(Webhook({}, json.dumps({"action": "created", "data": {"issue": {"id": "7"}}, **said}).encode(), NOON))

    assert key() == key(actor={"name": "Sentry"})
    assert key() != key(data={"issue": {"id": "8"}})
    assert key(action="unresolved") != key(action="unresolved", actor={})
    assert key(action="unresolved") != key()


@pytest.mark.parametrize("blank", ["", "  "])
@pytest.mark.parametrize("name", ["client_secret", "auth_token"])
def test_a_blank_secret_is_refused_with_its_name(name, blank):
    with pytest.raises(ValidationError, match=rf"(?s){name}.*empty secret"):
        sentry.Config(**{"client_secret": "s3cret", name: blank})


# ------------------------------------------------------- what is read of it


@pytest.mark.parametrize("row", [pytest.param(row, id=name) for name, row in DELIVERIES.items()])
def test_a_recorded_delivery_that_is_kept_redacted_is_the_same_error_when_it_is_read_again(row):
    kept = REDACTOR.body(row["body"].encode())
    assert errors(kept) == errors(row["body"].encode())


@pytest.mark.parametrize("row", [pytest.param(row, id=name) for name, row in DELIVERIES.items()])
def test_a_recorded_delivery_is_one_record_with_and_without_its_header(row):
    (record,) = read(row["body"].encode(), row["headers"]["sentry-hook-resource"])
    assert read(row["body"].encode()) == (record,)
    assert record.source == "sentry"


def test_an_event_told_by_two_resources_counts_once():
    (alert,), (error,) = read(recorded("sentry-event-alert")), read(recorded("sentry-error"))
    assert alert == error
    assert alert.key == EVENT_ID


def test_an_alert_says_what_failed_where_and_for_whom():
    (record,) = read(recorded("sentry-event-alert"), "event_alert")
    assert (record.trace.kind, record.trace.message, record.level) == ("ZeroDivisionError", "division by zero", "error")
    assert [(f.path, f.line, f.in_app) for f in record.trace.frames] == [
        ("django/core/handlers/base.py", 197, False),
        ("shop/cart.py", 41, True),
    ]
    assert record.at.isoformat() == "2026-03-04T06:59:58.120000+00:00"
    assert record.labels == {
        "service": "shop",
        "project": "shop",
        "environment": "production",
        "release": "shop@1.4.2",
        "host": "web-1",
        "sentry_issue": "4118",
    }
    assert record.links == {"Sentry": "https://sentry.io/organizations/acme/issues/4118/events/5d0c1a64c6e84b0ab7a5b7a3f5d1c2e4/"}
    assert record.logs == ("2026-03-04T06:59:57.500+00:00 info cart cart 17 loaded",)
    assert not any(private in repr(record) for private in ("someone", "203.0.113.9", "5e55"))


@pytest.mark.parametrize(
    ("action", "told"),
    [("created", 1), ("unresolved", 1), ("resolved", 0), ("assigned", 0), ("archived", 0), ("ignored", 0), (None, 0), (["created"], 0)],
)
def test_an_issue_is_an_error_when_it_comes_or_comes_back(action, told):
    body = json.loads(recorded("sentry-issue-created"))
    assert len(read({**body, "action": action}, "issue")) == told


@pytest.mark.parametrize(("action", "told"), [("critical", 1), ("warning", 0), ("resolved", 0), (None, 0)])
def test_only_a_critical_metric_alert_is_an_error(action, told):
    body = json.loads(recorded("sentry-metric-alert"))
    assert len(read({**body, "action": action}, "metric_alert")) == told


@pytest.mark.parametrize(
    ("resource", "data"),
    [
        ("installation", {"installation": {"uuid": "a"}}),
        ("comment", {"comment": "hm", "issue_id": 1}),
        ("seer", {"run_id": 5}),
        ("activity_alert", {"issue": {"id": "1"}}),
        ("preprod_artifact", {}),
    ],
)
def test_resources_that_are_no_errors_are_accepted_and_ignored(resource, data):
    assert read(envelope(**data), resource) == ()
    assert read({**envelope(**data), "action": "triggered"}) == ()


@pytest.mark.parametrize("resource", ["error", "issue", "metric_alert", "installation", "comment"])
def test_a_body_that_is_relabelled_is_rejected(resource):
    with pytest.raises(Rejected, match=resource):
        read(recorded("sentry-event-alert"), resource)


def test_a_body_under_an_unknown_label_does_nothing():
    assert read(recorded("sentry-event-alert"), "Event_Alert\n") == ()


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b'"text"',
        b"null",
        b"7",
        b"{}",
        b'{"data": null}',
        b'{"data": {}}',
        b'{"data": [1]}',
        b'{"action": "created"}',
        b'{"event": {}}',
        b"\xff\xfe",
        b"[" * 100_000,
        b'{"data":' * 100_000,
    ],
)
def test_what_no_integration_sends_is_rejected(body):
    with pytest.raises(Rejected):
        read(body)


@pytest.mark.parametrize("resource", ["event_alert", "error"])
@pytest.mark.parametrize("event", [None, [], "text", 7])
def test_an_event_that_is_no_object_is_rejected(resource, event):
    with pytest.raises(Rejected):
        read(envelope(event=event, error=event), resource)


def test_a_cut_emoji_does_not_cost_the_error():
    body = recorded("sentry-event-alert").replace(b'"value": "division by zero"', b'"value": "division by \\ud83d"')
    (record,) = read(body, "event_alert")
    assert record.trace.message == "division by \ufffd"


def test_a_link_is_made_where_none_came_along():
    body = envelope(event={"issue_id": 4118})
    (record,) = read(body, "event_alert", organization="acme", api_url="https://sentry.example/")
    assert record.links == {"Sentry": "https://sentry.example/organizations/acme/issues/4118/"}
    assert read(body, "event_alert")[0].links == {}


def acceptable(body, resource=""):
    try:
        records = read(body, resource)
    except Rejected:
        return
    assert all(isinstance(record, Record) for record in records)
    assert all(isinstance(text, str) for record in records for text in (record.text, record.key, *record.labels.values(), *record.logs))


@given(st.sampled_from(sorted(DELIVERIES)), st.data())
def test_whatever_stands_in_a_field_there_is_a_record_or_a_refusal(name, data):
    body = json.loads(DELIVERIES[name]["body"])
    place = body["data"]
    for _ in range(data.draw(st.integers(0, 9))):
        keys = range(len(place)) if isinstance(place, list) else sorted(place)
        key = data.draw(st.sampled_from(keys))
        if not isinstance(place[key], dict | list) or not place[key]:
            break
        place = place[key]
    place[data.draw(st.sampled_from(range(len(place)) if isinstance(place, list) else sorted(place)))] = data.draw(JSON)
    acceptable(json.dumps(body).encode(), DELIVERIES[name]["headers"]["sentry-hook-resource"])


@given(
    st.sampled_from(["sentry-event-alert", "sentry-ruby", "sentry-issue-created", "sentry-invalid-interfaces"]),
    st.integers(0, 3000),
    st.integers(0, 40),
    st.binary(max_size=8),
)
def test_whatever_is_cut_out_of_a_body_there_is_a_record_or_a_refusal(name, at, width, instead):
    body = recorded(name)
    acceptable(body[:at] + instead + body[at + width :])
    acceptable(body[:at])


# ------------------------------------------------------- the legacy plugin

LEGACY = {
    "id": "4118",
    "project": "shop",
    "project_slug": "shop",
    "project_name": "Shop",
    "level": "error",
    "culprit": "shop.cart in total",
    "message": "no stock",
    "url": "https://sentry.io/organizations/acme/issues/4118/?referrer=webhooks_plugin",
    "triggering_rules": ["errors"],
    "event": {
        "event_id": EVENT_ID,
        "platform": "python",
        "tags": [["environment", "production"]],
        "exception": {"values": [{"type": "ValueError", "value": "no stock"}]},
    },
}


def test_the_unsigned_plugin_is_let_in_only_where_somebody_said_so():
    webhook = Webhook({}, json.dumps(LEGACY).encode(), NOON)
    source(dangerously_allow_unsigned_legacy_plugin=True).verify(webhook)
    with pytest.raises(BadSignature):
        source().verify(webhook)
    with pytest.raises(Rejected, match="signs nothing"):
        read(LEGACY)


def test_what_an_integration_would_have_signed_is_not_let_in_unsigned():
    webhook = Webhook({}, recorded("sentry-event-alert"), NOON)
    with pytest.raises(BadSignature):
        source(dangerously_allow_unsigned_legacy_plugin=True).verify(webhook)
    with pytest.raises(BadSignature):
        source(dangerously_allow_unsigned_legacy_plugin=True).verify(replace(webhook, headers={"sentry-hook-signature": "0" * 64}))


def test_what_is_not_quite_the_plugins_is_not_let_in_either():
    less = {key: value for key, value in LEGACY.items() if key != "triggering_rules"}
    with pytest.raises(BadSignature):
        source(dangerously_allow_unsigned_legacy_plugin=True).verify(Webhook({}, json.dumps(less).encode(), NOON))
    with pytest.raises(Rejected):
        read(less, dangerously_allow_unsigned_legacy_plugin=True)


def test_the_plugin_says_of_the_issue_what_is_not_in_the_event():
    (record,) = read(LEGACY, dangerously_allow_unsigned_legacy_plugin=True)
    assert (record.key, record.text, record.trace.kind) == (EVENT_ID, "no stock", "ValueError")
    assert record.labels == {"service": "shop", "project": "shop", "sentry_issue": "4118", "environment": "production"}
    assert record.links == {"Sentry": LEGACY["url"]}


# ------------------------------------------------------------ asking the API


class Client:
    """``ports.Http`` over aiohttp."""

    def __init__(self, session):
        self._session = session

    async def send(self, method, url, *, headers, body=None, seconds=10, most=8_000_000):
        try:
            async with self._session.request(method, url, headers=headers, data=body, allow_redirects=False) as answer:
                return Answer(answer.status, {name.lower(): value for name, value in answer.headers.items()}, await answer.read())
        except aiohttp.ClientConnectorError as error:
            raise Unavailable(str(error)) from None
        except aiohttp.ServerDisconnectedError as error:
            raise Unknown(str(error)) from None


@asynccontextmanager
async def api(status=200, answer=None):
    """(a source that asks it, what it was asked); it hangs up instead of answering with status 0"""
    asked = []

    async def handle(request):
        asked.append((request.method, request.path, request.headers.get("authorization")))
        if not status:
            request.transport.close()
        return web.json_response(answer, status=status, headers={"location": "/elsewhere/"})

    app = web.Application()
    app.router.add_route("*", "/{path:.*}", handle)
    async with TestServer(app) as server, aiohttp.ClientSession() as session:
        yield source(Client(session), auth_token="t0ken old-t0ken", api_url=str(server.make_url("/"))), asked


def issue():
    (record,) = read(recorded("sentry-issue-created"))
    return record


LATEST = {
    "eventID": EVENT_ID,
    "groupID": "4118",
    "platform": "python",
    "title": "ZeroDivisionError: division by zero",
    "dateCreated": "2026-03-04T06:59:58Z",
    "release": {"version": "shop@1.4.2"},
    "tags": [{"key": "environment", "value": "production"}],
    "user": {"email": "someone@private.example"},
    "entries": [
        {
            "type": "exception",
            "data": {
                "values": [
                    {
                        "type": "ZeroDivisionError",
                        "value": "division by zero",
                        "stacktrace": {
                            "frames": [
                                {
                                    "filename": "shop/cart.py",
                                    "function": "total",
                                    "lineNo": 41,
                                    "inApp": True,
                                    "context": [[41, "    return amount / rate"]],
                                }
                            ]
                        },
                    }
                ]
            },
        },
        {"type": "breadcrumbs", "data": {"values": [{"message": "cart 17 loaded", "level": "info"}]}},
        {"type": "request", "data": {"cookies": [["session", "5e55"]]}},
    ],
}


@pytest.mark.anyio
async def test_an_issue_is_completed_with_its_latest_event():
    async with api(answer=LATEST) as (completing, asked):
        found = await completing.complete(issue())
    assert asked == [("GET", "/api/0/issues/4118/events/latest/", "Bearer t0ken")]
    assert found.missing == ""
    assert found.key == EVENT_ID
    (frame,) = found.trace.frames
    assert (frame.path, frame.line, frame.function, frame.context, frame.in_app) == (
        "shop/cart.py",
        41,
        "total",
        "return amount / rate",
        True,
    )
    assert found.labels == {
        "service": "shop",
        "project": "shop",
        "sentry_issue": "4118",
        "sentry_short_id": "SHOP-9",
        "environment": "production",
        "release": "shop@1.4.2",
    }
    assert found.logs == ("info cart 17 loaded",)


@pytest.mark.anyio
async def test_an_issue_that_is_gone_is_told_as_far_as_it_is_known():
    async with api(404, {"detail": "not found"}) as (completing, _):
        assert await completing.complete(issue()) == replace(issue(), missing="")


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("status", "answer", "why"),
    [(401, {}, "401; the token needs event:read"), (403, {}, "403"), (302, {}, "302"), (200, [1], "no event"), (200, "x", "no event")],
)
async def test_what_cannot_be_had_says_why_in_a_label(status, answer, why):
    async with api(status, answer) as (completing, asked):
        found = await completing.complete(issue())
    assert why in found.labels["incomplete"]
    assert (found.missing, found.trace, len(asked)) == ("", issue().trace, 1)


@pytest.mark.anyio
@pytest.mark.parametrize("status", [429, 500, 503])
async def test_an_api_that_cannot_answer_now_is_asked_later(status):
    async with api(status, {}) as (completing, _):
        with pytest.raises(Unavailable, match=str(status)):
            await completing.complete(issue())


@pytest.mark.anyio
async def test_an_answer_that_was_lost_is_asked_for_again_later():
    async with api(0) as (completing, _):
        with pytest.raises(Unavailable, match="lost"):
            await completing.complete(issue())


@pytest.mark.anyio
async def test_an_api_that_is_down_is_asked_later():
    async with aiohttp.ClientSession() as session:
        with pytest.raises(Unavailable):
            await source(Client(session), auth_token="t0ken", api_url="http://127.0.0.1:1").complete(issue())


@pytest.mark.anyio
@pytest.mark.parametrize("missing", ["", "4118/../../users/me", "\u0664\u0661", "http://169.254.169.254/", "4118?x=1"])
async def test_nothing_but_an_issue_by_its_number_is_ever_asked_for(missing):
    async with api(answer=LATEST) as (completing, asked):
        assert await completing.complete(replace(issue(), missing=missing)) == replace(issue(), missing="")
    assert asked == []


@pytest.mark.anyio
async def test_no_address_of_a_payload_is_asked():
    lured = []

    async def lure(request):
        lured.append(request.path)
        return web.json_response(LATEST)

    app = web.Application()
    app.router.add_route("*", "/{path:.*}", lure)
    async with TestServer(app) as server, api(answer=LATEST) as (completing, asked):
        evil = str(server.make_url("/api/0/issues/4118/"))
        said = {"id": "4118", "url": evil, "web_url": evil, "permalink": evil, "project_url": evil}
        (record,) = read(envelope(issue=said), "issue")
        await completing.complete(record)
    assert (len(asked), lured) == (1, [])


@pytest.mark.anyio
async def test_without_a_token_a_record_stays_as_it_is():
    assert await source().complete(issue()) == replace(issue(), missing="")


@pytest.mark.anyio
async def test_the_example_of_its_configuration_works():
    async with sentry.connect(sentry.Config(**sentry.Config.example), Tools(None, TurnedClock(), Metrics())) as connected:
        assert (connected.name, connected.most, connected.keeps) == ("sentry", 4_000_000, ("sentry-hook-resource",))
