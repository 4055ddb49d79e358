"""Sentry's events, as records. The samples are of many platforms and years; each states where it is from."""

import json
from pathlib import Path

import msgspec
import pytest

from triaged.clients import sentry_events
from triaged.clients.sentry_events import Event, Issue, MetricAlert
from triaged.core.model import Frame
from world import NOON

DELIVERIES = [json.loads(line) for line in (Path(__file__).parent / "data/deliveries/sentry.jsonl").read_text("utf-8").splitlines()]
SAMPLES = [pytest.param(row, id=row["id"]) for row in DELIVERIES if "event_alert" in row["headers"].values()]

PRIVATE = {"email": "someone@private.example", "ip_address": "203.0.113.9", "username": "somebody-private"}


def record(**event):
    return sentry_events.of_event(msgspec.json.decode(json.dumps(event), type=Event), NOON)


def raised(type_="ValueError", value="no stock", frames=(), **more):
    return {"type": type_, "value": value, "stacktrace": {"frames": list(frames)}, **more}


def frame(**said):
    found = record(platform="python", exception={"values": [raised(frames=[{"function": "total", **said}])]})
    return found.trace.frames[0]


@pytest.mark.parametrize("row", SAMPLES)
def test_each_sample_becomes_the_error_it_tells_of(row):
    event = json.loads(row["body"])["data"]["event"]
    found = record(**event)
    expected = row["expected"]
    trace = found.trace
    chain = [(one.kind, one.message) for one in (*reversed(trace.causes), trace)] if trace and trace.kind else []
    assert len(chain) == len(expected["chain"])
    for (kind, message), (wanted_kind, wanted_message) in zip(chain, expected["chain"], strict=True):
        assert kind == wanted_kind or kind.endswith(f".{wanted_kind}")
        assert message == wanted_message
    assert (trace.message if chain else found.text) == expected["message"]
    frames = trace.frames if trace else ()
    assert [(f.line, f.function) for f in frames] == [(line, function) for _, line, function in expected["frames"]]
    assert all(f.path.endswith(path) for f, (path, _, _) in zip(frames, expected["frames"], strict=True))


def test_the_last_exception_is_the_one_that_was_raised_and_the_nearest_cause_comes_first():
    found = record(platform="python", exception={"values": [raised("KeyError"), raised("LookupError"), raised("ValueError")]})
    assert found.trace.kind == "ValueError"
    assert [cause.kind for cause in found.trace.causes] == ["LookupError", "KeyError"]


def test_a_frame_is_read_with_all_it_says():
    said = {
        "filename": "shop/cart.py",
        "abs_path": "/app/shop/cart.py",
        "lineno": "41",
        "colno": 7,
        "in_app": True,
        "module": "shop.cart",
        "context_line": "   return a / b",
    }
    assert frame(**said) == Frame("total", "shop/cart.py", 41, 7, True, "shop.cart", "return a / b")


def test_in_app_is_what_sentry_says_and_a_frame_it_does_not_speak_of_is_none_of_ours():
    assert [frame(in_app=said).in_app for said in (True, False, None, "yes")] == [True, False, False, False]


@pytest.mark.parametrize(
    ("filename", "abs_path", "path"),
    [
        ("shop/cart.py", "/app/shop/cart.py", "shop/cart.py"),
        ("main.go", "/src/shop/main.go", "/src/shop/main.go"),
        ("Cart.cs", "C:\\build\\Shop\\Cart.cs", "C:\\build\\Shop\\Cart.cs"),
        ("Cart.java", "Cart.java", "Cart.java"),
        (None, "/app/shop/cart.py", "/app/shop/cart.py"),
        ("<anonymous>", "https://shop.example/app.js", "https://shop.example/app.js"),
        ("<anonymous>", "<anonymous>", ""),
        (None, None, ""),
        ("", 7, "7"),
    ],
)
def test_the_path_is_the_one_that_can_be_found_in_a_repository(filename, abs_path, path):
    assert frame(filename=filename, abs_path=abs_path).path == path


def test_native_frames_say_the_binary_and_an_assembly_is_no_path():
    assert frame(package="/usr/lib/system/libdyld.dylib").path == "/usr/lib/system/libdyld.dylib"
    assert frame(package="System.Private.CoreLib, Version=4.0.0.0, Culture=neutral").path == ""


@pytest.mark.parametrize(
    ("platform", "type_", "module", "kind"),
    [
        ("java", "NullPointerException", "java.lang", "java.lang.NullPointerException"),
        ("python", "NoStock", "shop.errors", "shop.errors.NoStock"),
        ("python", "KeyError", "builtins", "KeyError"),
        ("python", "Odd", "__main__", "Odd"),
        ("csharp", "System.NullReferenceException", "System.Private.CoreLib", "System.NullReferenceException"),
        ("python", "shop.errors.NoStock", "shop.errors", "shop.errors.NoStock"),
    ],
)
def test_the_type_is_as_the_language_prints_it_so_that_a_log_of_the_same_error_agrees(platform, type_, module, kind):
    assert record(platform=platform, exception={"values": [raised(type_, module=module)]}).trace.kind == kind


@pytest.mark.parametrize(
    ("platform", "language"), [("node", "javascript"), ("python", "python"), ("cocoa", "native"), ("other", ""), (None, "")]
)
def test_a_platform_is_a_language(platform, language):
    assert record(platform=platform, exception={"values": [raised()]}).trace.language == language


def test_a_frame_may_be_of_another_language_than_its_event():
    found = record(platform="cocoa", exception={"values": [raised(frames=[{"function": "f", "platform": "javascript"}])]})
    assert found.trace.language == "javascript"


@pytest.mark.parametrize(
    "form",
    [
        {"exception": {"values": [None, "x", raised()]}},
        {"exception": [raised()]},
        {"exception": raised()},
        {"sentry.interfaces.Exception": {"values": [raised()]}},
        {
            "exception": None,
            "entries": [{"type": "request", "data": {"cookies": []}}, {"type": "exception", "data": {"values": [raised()]}}],
        },
    ],
)
def test_an_exception_is_found_wherever_it_stands(form):
    assert record(**form).trace.kind == "ValueError"


def test_the_api_writes_frames_in_its_own_way():
    said = {
        "filename": "shop/cart.py",
        "absPath": "/app/shop/cart.py",
        "lineNo": 41,
        "colNo": 3,
        "inApp": True,
        "context": [[40, "def total():"], [41, "    return a / b"]],
    }
    assert frame(**said) == Frame("total", "shop/cart.py", 41, 3, True, "", "return a / b")


def test_an_exception_without_frames_has_those_of_the_thread_that_crashed():
    threads = [
        {"current": True, "stacktrace": {"frames": [{"function": "idle"}]}},
        {"crashed": True, "stacktrace": {"frames": [{"function": "boom"}]}},
    ]
    found = record(exception={"values": [{"type": "SIGSEGV", "value": None}]}, threads={"values": threads})
    assert [f.function for f in found.trace.frames] == ["boom"]


def test_a_message_with_a_stack_trace_says_where_it_was_logged():
    found = record(
        platform="csharp", logentry={"formatted": "Param is null!"}, stacktrace={"frames": [{"function": "PostIndex", "lineno": 9}]}
    )
    assert (found.trace.kind, found.trace.message, found.trace.frames[0].function) == ("", "Param is null!", "PostIndex")


def test_one_event_has_one_key_however_its_id_is_written():
    keys = {record(event_id=said).key for said in ("3882f0cd6fcf4b16b9417ce61f8bfb13", "3882F0CD-6fcf-4b16-b941-7ce61f8bfb13")}
    assert keys | {record(eventID="3882f0cd6fcf4b16b9417ce61f8bfb13").key} == {"3882f0cd6fcf4b16b9417ce61f8bfb13"}
    assert record(event_id="../x").key == ""


@pytest.mark.parametrize(
    "moment",
    [
        {"datetime": "2026-03-04T07:00:00Z"},
        {"timestamp": 1772607600},
        {"dateCreated": "2026-03-04T08:00:00+01:00"},
        {"datetime": "?", "received": 1772607600.0},
    ],
)
def test_it_happened_when_the_event_says(moment):
    assert record(**moment).at == NOON.replace(hour=7)


def test_an_absurd_time_is_the_time_of_receiving():
    assert record(datetime="3026-03-04T07:00:00Z", timestamp=5).at == NOON


@pytest.mark.parametrize(
    "tags",
    [
        [
            ["service", "web"],
            ["environment", "prod"],
            ["server_name", "web-1"],
            ["request_id", "r-7"],
            ["sentry:release", "1.4"],
            ["level", "warning"],
        ],
        {"service": "web", "environment": "prod", "server_name": "web-1", "request_id": "r-7", "release": "1.4", "level": "warning"},
        [
            {"key": key, "value": value}
            for key, value in [
                ("service", "web"),
                ("environment", "prod"),
                ("server_name", "web-1"),
                ("request_id", "r-7"),
                ("release", "1.4"),
                ("level", "warning"),
            ]
        ],
    ],
)
def test_tags_are_read_in_each_of_their_forms(tags):
    found = record(tags=tags)
    assert found.labels == {"service": "web", "environment": "prod", "host": "web-1", "request_id": "r-7", "release": "1.4"}
    assert found.level == "warning"


def test_what_an_event_says_about_itself_becomes_labels():
    found = record(
        environment="prod",
        release={"version": "shop@1.4.2", "authors": [PRIVATE]},
        transaction="/cart",
        contexts={"trace": {"trace_id": "ab12"}},
        issue_url="https://sentry.io/api/0/issues/4118/",
        url="https://sentry.io/api/0/projects/acme/shop/events/5d0c/",
        web_url="https://sentry.io/organizations/acme/issues/4118/events/5d0c/",
    )
    assert found.labels == {
        "service": "shop",
        "project": "shop",
        "environment": "prod",
        "release": "shop@1.4.2",
        "transaction": "/cart",
        "trace_id": "ab12",
        "sentry_issue": "4118",
    }
    assert found.links == {"Sentry": "https://sentry.io/organizations/acme/issues/4118/events/5d0c/"}


def test_the_last_ten_breadcrumbs_are_its_log():
    crumbs = [
        {"timestamp": 1772607590 + i, "level": "info", "category": "cart", "message": f"step\n{i}", "data": PRIVATE} for i in range(30)
    ]
    found = record(breadcrumbs={"values": [*crumbs, {"message": None}, None, "x"]})
    assert len(found.logs) == 10
    assert found.logs[-1] == "2026-03-04T07:00:19.000+00:00 info cart step 29"


def test_nothing_private_is_read():
    frames = [{"function": "total", "vars": {"password": "somebody-private"}}]
    found = record(
        user=PRIVATE,
        request={
            "url": "https://x/?token=somebody-private",
            "headers": [["Cookie", "somebody-private"]],
            "cookies": [["s", "somebody-private"]],
            "env": PRIVATE,
        },
        extra={"who": PRIVATE},
        breadcrumbs=[{"message": "loaded", "data": PRIVATE}],
        contexts={"trace": {"trace_id": "ab", "data": PRIVATE}, "user": PRIVATE},
        exception={"values": [raised(frames=frames, mechanism={"data": PRIVATE})]},
    )
    assert found.logs == ("loaded",)
    assert not any(secret in repr(found) for secret in PRIVATE.values())


def test_an_issue_tells_its_exception_and_where_it_was_raised_but_no_more():
    issue = {
        "id": "4118",
        "shortId": "SHOP-9",
        "title": "ValueError: no stock",
        "level": "error",
        "platform": "python",
        "project": {"slug": "shop"},
        "lastSeen": "2026-03-04T07:00:00Z",
    }
    issue["metadata"] = {"type": "ValueError", "value": "no stock", "filename": "shop/cart.py", "function": "total"}
    found = sentry_events.of_issue(msgspec.convert(issue, Issue), NOON)
    assert found.missing == "4118"
    assert (found.trace.kind, found.trace.message) == ("ValueError", "no stock")
    assert found.trace.frames == (Frame("total", "shop/cart.py"),)
    assert found.labels == {"service": "shop", "project": "shop", "sentry_issue": "4118", "sentry_short_id": "SHOP-9"}
    assert found.key == ""


@pytest.mark.parametrize("odd", [None, 7, "4118/../../users", "\u0664", "-1", "4" * 40, ["4118"], {"id": 1}])
def test_only_a_plain_number_is_an_issue_that_can_be_asked_for(odd):
    assert sentry_events.of_issue(Issue(id=odd), NOON).missing == ("7" if odd == 7 else "")


def test_a_metric_alert_is_an_error_told_once():
    alert = {"id": "4", "projects": ["shop"], "date_detected": "2026-03-04T07:00:00Z", "alert_rule": {"environment": "prod"}}
    found = sentry_events.of_metric_alert(
        msgspec.convert(alert, MetricAlert), "Critical: Too many errors", "1000 events", "https://sentry.io/x/", NOON
    )
    assert (found.text, found.level, found.key) == ("Critical: Too many errors\n1000 events", "error", "metric_alert:4")
    assert found.labels == {"service": "shop", "project": "shop", "environment": "prod"}
