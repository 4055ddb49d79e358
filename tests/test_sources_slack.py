"""Slack's Events API: who may knock, what is answered, and which messages are read."""

import hmac
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from triaged.core.model import Delivery, Record
from triaged.errors import BadSignature, Rejected
from triaged.metrics import Metrics
from triaged.ports import Tools, Webhook
from triaged.sources import slack
from world import NOON, TurnedClock

DELIVERIES = {
    row["id"]: row for row in map(json.loads, (Path(__file__).parent / "data/deliveries/slack.jsonl").read_text("utf-8").splitlines())
}
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)

# The example of https://docs.slack.dev/authentication/verifying-requests-from-slack
SECRET = "8f742231b10e8888abcd99yyyzzz85a5"
SIGNED_AT = datetime.fromtimestamp(1531420618, UTC)
BODY = (
    b"token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow&channel_id=G8PSS9T3V&channel_name=foobar&user_id=U2CERLKJA&user_name=roadrunner"
    b"&command=%2Fwebhook-collect&text=&response_url=https%3A%2F%2Fhooks.slack.com%2Fcommands%2FT1DC2JH3J%2F397700885554%2F96rGlfmibIGlgcZRskXaIFfN"
    b"&trigger_id=398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c"
)
DIGEST = "a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503"


def source(**config):
    return slack.Slack(slack.Config(**{"signing_secret": SECRET, **config}), Tools(None, TurnedClock(), Metrics()))


def webhook(timestamp="1531420618", signature=f"v0={DIGEST}", body=BODY, at=SIGNED_AT):
    return Webhook({"x-slack-request-timestamp": timestamp, "x-slack-signature": signature}, body, at)


def read(body, **config):
    body = body if isinstance(body, bytes) else json.dumps(body).encode()
    return source(**config).read(Delivery("slack", "k", NOON, body))


def told(event=None, **outside):
    said = {"type": "message", "channel": "C012AB3CD", "user": "U012AB3CD", "text": "boom", "ts": "1772607598.000200", **(event or {})}
    return {
        "type": "event_callback",
        "team_id": "T012AB3CD",
        "api_app_id": "A012AB3CD",
        "event_id": "Ev1",
        "event_time": 1772607598,
        "event": said,
        **outside,
    }


# ------------------------------------------------------------------ the door


def test_the_documented_request_is_let_in():
    source().verify(webhook())


def test_while_the_secret_is_rotated_both_are_accepted():
    source(signing_secret=f"the-new-one {SECRET}").verify(webhook())


@pytest.mark.parametrize("seconds", [-300, 0, 300])
def test_a_request_may_be_five_minutes_off(seconds):
    source().verify(webhook(at=SIGNED_AT + timedelta(seconds=seconds)))


@pytest.mark.parametrize("seconds", [-301, 301, 86_400 * 8])
def test_a_capture_is_refused_later(seconds):
    with pytest.raises(BadSignature, match="replay"):
        source().verify(webhook(at=SIGNED_AT + timedelta(seconds=seconds)))


@pytest.mark.parametrize(
    "timestamp",
    [
        "",
        "1531420619",
        "0" * 13,
        "9" * 5_000,
        " 1531420618",
        "1531420618\n",
        "1_531_420_618",
        "+1531420618",
        "\u0661\u0665\u0663",
        "1531420618.0",
        "x",
        "\u00e9",
    ],
)
def test_a_time_that_is_not_the_signed_number_is_refused(timestamp):
    with pytest.raises(BadSignature):
        source().verify(webhook(timestamp=timestamp))


@pytest.mark.parametrize(
    "signature",
    [
        "",
        "v0=",
        DIGEST,
        f"v1={DIGEST}",
        f"V0={DIGEST}",
        f"v0={DIGEST.upper()}",
        f"v0={DIGEST} ",
        f"v0={DIGEST},v0={DIGEST}",
        f"v0=={DIGEST}",
        "v0=" + "\u00e9" * 64,
    ],
)
def test_a_signature_in_any_other_form_is_refused(signature):
    with pytest.raises(BadSignature):
        source().verify(webhook(signature=signature))


@pytest.mark.parametrize("timestamp", ["1531420618x", "1531420618\n", "01531420618000", "-1531420618", "\u0661\u0665", "nan"])
def test_not_even_who_can_sign_may_sign_a_time_that_is_none(timestamp):
    digest = hmac.new(SECRET.encode(), b"v0:" + timestamp.encode() + b":" + BODY, "sha256").hexdigest()
    with pytest.raises(BadSignature):
        source().verify(webhook(timestamp=timestamp, signature=f"v0={digest}"))


def test_one_byte_more_is_another_body():
    with pytest.raises(BadSignature, match="does not fit"):
        source().verify(webhook(body=BODY + b"\n"))


@given(st.dictionaries(st.sampled_from(["x-slack-request-timestamp", "x-slack-signature"]), st.text()), st.binary(max_size=200))
def test_no_header_and_no_body_makes_the_door_crash(headers, body):
    with pytest.raises(BadSignature):
        source().verify(Webhook(headers, body, NOON))


@pytest.mark.parametrize("blank", ["", " \n"])
@pytest.mark.parametrize("name", ["signing_secret", "bot_token"])
def test_a_blank_secret_is_refused_with_its_name(name, blank):
    with pytest.raises(ValidationError, match=rf"(?s){name}.*empty secret"):
        slack.Config(**{"signing_secret": SECRET, name: blank})


# ------------------------------------------------ what is answered and kept


def answered(body):
    return source().answer(Webhook({}, body if isinstance(body, bytes) else json.dumps(body).encode(), NOON))


def test_a_new_address_is_confirmed_with_its_challenge():
    assert (
        answered({"type": "url_verification", "token": "x", "challenge": "3eZbrw1aBm2rZgRNFdxV2595E9CY3gmdALWMmHkvFXO7tYXAYM8P"})
        == "3eZbrw1aBm2rZgRNFdxV2595E9CY3gmdALWMmHkvFXO7tYXAYM8P"
    )
    assert read({"type": "url_verification", "challenge": "x"}) == ()


@pytest.mark.parametrize(
    "body",
    [
        b"{",
        b'["url_verification"]',
        {"type": "url_verification"},
        {"type": "url_verification", "challenge": ""},
        {"type": "url_verification", "challenge": 7},
        {"type": "url_verification", "challenge": "x" * 501},
        {"type": "event_callback", "challenge": "x", "note": "url_verification"},
        {"type": ["url_verification"], "challenge": "x"},
        told(),
    ],
)
def test_nothing_else_is_echoed(body):
    assert answered(body) is None


def key(body, **headers):
    return source().key(Webhook(headers, body if isinstance(body, bytes) else json.dumps(body).encode(), NOON))


EDIT = {"subtype": "message_changed", "message": {"text": "boom", "ts": "1772607598.000200"}}


def test_a_message_is_known_by_its_place_whoever_tells_of_it():
    retried = key(told(), **{"x-slack-retry-num": "1"})
    assert retried == key(told({"type": "app_mention"}, event_id="Ev2")) == "T012AB3CD:C012AB3CD:1772607598.000200"
    assert retried != key(told({"ts": "1772607598.000300"}))


def test_an_edit_is_known_by_the_id_that_slack_keeps():
    assert key(told(EDIT), **{"x-slack-retry-num": "1"}) == key(told({**EDIT, "text": "the same, written differently"})) == "Ev1"
    assert key(told(EDIT)) != key(told(EDIT, event_id="Ev2"))


@pytest.mark.parametrize("event_id", [None, "", 7, "x" * 65, "a b", "\u0661", ["Ev1"]])
def test_a_delivery_without_a_place_and_a_sane_id_is_known_by_its_body(event_id):
    nowhere = {"channel": None}
    assert (
        key(told(nowhere, event_id=event_id))
        == key(told(nowhere, event_id=event_id))
        != key(told({**nowhere, "text": "x"}, event_id=event_id))
    )
    assert len(key(told(nowhere, event_id=event_id))) == 32


def test_a_body_that_is_none_has_a_key_all_the_same():
    assert key(b"{") != key(b"[")


# ------------------------------------------------------------- what is read


@pytest.mark.parametrize("row", [pytest.param(row, id=name) for name, row in DELIVERIES.items()])
def test_a_recorded_delivery_says_what_it_says(row):
    assert [record.text for record in read(row["body"].encode())] == row["expected"]


def test_a_message_becomes_a_record_that_can_be_found_again():
    (record,) = read(told())
    assert record == Record(
        source="slack",
        at=datetime(2026, 3, 4, 6, 59, 58, 200, tzinfo=UTC),
        text="boom",
        labels={"channel": "C012AB3CD"},
        key="T012AB3CD:C012AB3CD:1772607598.000200",
        links={"Slack": "https://slack.com/archives/C012AB3CD/p1772607598000200"},
    )


def test_an_alert_says_how_grave_it_is_and_where_it_came_from():
    (record,) = read(DELIVERIES["slack-attachment"]["body"].encode())
    assert (record.level, record.labels) == ("error", {"channel": "C012AB3CD", "environment": "production", "release": "1.4.2"})


def test_links_lead_to_the_configured_slack_only():
    (record,) = read(told({"permalink": "https://evil.example/"}), api_url="https://slack-gov.com/api")
    assert record.links == {"Slack": "https://slack-gov.com/archives/C012AB3CD/p1772607598000200"}
    assert read(told({"channel": "../../evil"}))[0].links == {}
    assert read(told({"ts": "1/../../evil"}))[0].links == {}


def test_a_message_that_mentions_us_is_told_twice_and_counts_once():
    (message,), (mention,) = read(told()), read(told({"type": "app_mention"}, event_id="Ev2"))
    assert message.key == mention.key


@pytest.mark.parametrize("subtype", [None, "", "bot_message", "file_share", "thread_broadcast", "me_message"])
def test_whoever_speaks_is_read(subtype):
    assert [record.text for record in read(told({"subtype": subtype}))] == ["boom"]


@pytest.mark.parametrize(
    "subtype",
    [
        "message_deleted",
        "channel_join",
        "channel_topic",
        "message_replied",
        "ekm_access_denied",
        "tombstone",
        "brand_new",
        7,
        ["bot_message"],
    ],
)
def test_what_nobody_said_is_not_read(subtype):
    assert read(told({"subtype": subtype, "message": {"text": "boom", "ts": "1.2"}})) == ()


@pytest.mark.parametrize(
    "body",
    [
        {"type": "app_rate_limited", "team_id": "T1", "minute_rate_limited": 1},
        {"type": "brand_new"},
        told({"type": "reaction_added"}),
        told({"type": None}),
        told({"text": ""}),
        told({"text": None}),
    ],
)
def test_what_says_nothing_is_accepted_and_ignored(body):
    assert read(body) == ()


def edit(now, before):
    inner = {"type": "message", "user": "U012AB3CD", "ts": "1772607598.000200"}
    return told(
        {
            "subtype": "message_changed",
            "user": None,
            "text": None,
            "ts": "1772607599.000300",
            "message": {**inner, **now},
            "previous_message": {**inner, **before},
        }
    )


def test_an_edit_is_of_the_message_it_edits():
    (edited,), (first,) = read(edit({"text": "boom"}, {"text": "hm"})), read(told())
    assert (edited.text, edited.key) == ("boom", first.key)


def test_an_edit_that_changes_no_word_is_not_read():
    assert read(edit({"text": "boom", "attachments": [{"from_url": "https://x/", "text": "a page"}]}, {"text": "boom"})) == ()
    assert read(edit({"text": "gone", "subtype": "tombstone"}, {"text": "boom"})) == ()


def test_only_the_channels_that_were_asked_for_are_read():
    assert len(read(told(), channels="C0OTHER00, C012AB3CD")) == 1
    assert read(told(), channels="C0OTHER00") == ()
    assert read(told({"channel": None}), channels="C0OTHER00") == ()
    assert len(read(told(), channels=" , ")) == 1


# -------------------------------------------------------- our own words (D-L2)


@pytest.mark.parametrize(
    "event",
    [
        {"bot_profile": {"app_id": "A012AB3CD"}},
        {"app_id": "A012AB3CD"},
        {"user": "U0BOT0001"},
        {"bot_id": "B0BOT0001", "user": None, "subtype": "bot_message"},
    ],
)
def test_what_we_said_ourselves_is_not_read(event):
    ours = [{"user_id": "U0BOT0001", "bot_id": "B0BOT0001", "is_bot": True}]
    assert read(told(event, authorizations=ours)) == ()


def test_what_others_said_is_read_though_ids_are_empty():
    empty = [{"user_id": "", "bot_id": "", "is_bot": True}]
    assert (
        len(read(told({"user": "", "bot_id": "", "app_id": "", "bot_profile": {"app_id": ""}}, api_app_id="", authorizations=empty))) == 1
    )
    assert len(read(told({"user": "U0SAM0001"}, authorizations=[{"user_id": "U0SAM0001", "is_bot": False}]))) == 1


@pytest.mark.parametrize(
    "event",
    [
        {"text": "&lt;!-- triaged:v1 v1:0f3c 1 - - --&gt; boom"},
        {"text": "see\ntriaged-3f9a0c1d for more"},
        {"text": "new", "blocks": [{"type": "section", "text": {"type": "mrkdwn", "text": "<!-- triaged:v1 x -->"}}]},
        {
            "text": "new issue",
            "attachments": [{"from_url": "https://github.com/acme/shop/issues/7", "text": "id triaged#3f9a0c1d", "fallback": "#7"}],
        },
        {"text": "new issue", "attachments": [{"title": "#7 [Auto] Error: ValueError: no stock"}]},
    ],
)
def test_our_own_issue_shown_in_a_channel_is_not_read(event):
    assert read(told(event)) == ()


# -------------------------------------------------------- anything at all


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b"7",
        b'"x"',
        b"{}",
        b'{"type": null}',
        b'{"type": 7}',
        b'{"type": "event_callback"}',
        b'{"type": "event_callback", "event": []}',
        b"payload=%7B%7D",
        b"\xff",
        b"[" * 100_000,
    ],
)
def test_what_slack_does_not_send_is_rejected(body):
    with pytest.raises(Rejected):
        read(body)


def acceptable(body):
    try:
        records = read(body)
    except Rejected:
        return
    assert all(isinstance(record.text, str) and record.text for record in records)
    assert key(body)


@given(st.sampled_from(sorted(DELIVERIES)), st.data())
def test_whatever_stands_in_a_field_there_is_a_record_or_a_refusal(name, data):
    body = json.loads(DELIVERIES[name]["body"])
    place = body["event"]
    for _ in range(data.draw(st.integers(0, 7))):
        key_ = data.draw(st.sampled_from(range(len(place)) if isinstance(place, list) else sorted(place)))
        if not isinstance(place[key_], dict | list) or not place[key_]:
            break
        place = place[key_]
    place[data.draw(st.sampled_from(range(len(place)) if isinstance(place, list) else sorted(place)))] = data.draw(JSON)
    acceptable(json.dumps(body).encode())


@given(st.sampled_from(sorted(DELIVERIES)), st.integers(0, 3000), st.integers(0, 40), st.binary(max_size=8))
def test_whatever_is_cut_out_of_a_body_there_is_a_record_or_a_refusal(name, at, width, instead):
    body = DELIVERIES[name]["body"].encode()
    acceptable(body[:at] + instead + body[at + width :])
    acceptable(body[:at])


@pytest.mark.anyio
async def test_the_example_of_its_configuration_works():
    config = slack.Config(**slack.Config.example)
    body = b'{"type":"app_rate_limited"}'
    digest = hmac.new(b"s3cret", b"v0:1531420618:" + body, "sha256").hexdigest()
    async with slack.connect(config, Tools(None, TurnedClock(), Metrics())) as connected:
        connected.verify(webhook(signature=f"v0={digest}", body=body))
        assert (connected.name, connected.most, connected.keeps) == ("slack", 1_000_000, ())
