"""A record to its events."""

import json
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from test_parsers import CASES
from triaged import parsers
from triaged.core.model import Event, Frame, Record, StackTrace
from triaged.core.normalize import bare, blame, bounded, is_error, normalize, suspects

NOW = datetime(2026, 3, 4, 7, tzinfo=UTC)
PYTHON = 'Traceback (most recent call last):\n  File "/app/shop.py", line 4, in load\n    return cfg["currency"]\nKeyError: \'currency\'\n'
BY_ID = {case["id"]: case["text"] for _, case in CASES}


def events(text: str = "", **record) -> tuple[Event, ...]:
    return normalize(Record(source="file", at=NOW, text=text, **record), parsers.parse)


def told(text: str, **record) -> list[tuple[str, str]]:
    return [(event.kind, event.message) for event in events(text, **record)]


# ------------------------------------------------------------------ with a trace


def test_a_trace_in_a_log_becomes_an_event_that_says_what_was_raised_and_where():
    (event,) = events(PYTHON, key="7", labels={"service": "shop"}, links={"log": "https://logs.example/7"})
    assert (event.source, event.at, event.key) == ("file", NOW, "7")
    assert (event.kind, event.message, event.language, event.level, event.category) == (
        "KeyError",
        "'currency'",
        "python",
        "error",
        "missing key",
    )
    assert [(frame.path, frame.line) for frame in event.frames] == [("/app/shop.py", 4)]
    assert (event.labels, event.links) == ({"service": "shop"}, {"log": "https://logs.example/7"})


def test_a_structured_trace_wins_over_the_text():
    trace = StackTrace("java", "a.B", "m", (Frame("f", "B.java", 1),))
    (event,) = events(PYTHON, trace=trace)
    assert (event.trace, event.kind, event.message, event.language) == (trace, "a.B", "m", "java")


def test_a_structured_trace_without_message_takes_the_records_text():
    (event,) = events("payment failed", trace=StackTrace("go", ""))
    assert event.message == "payment failed"


def test_the_lines_before_a_trace_are_its_logs_unless_the_record_brings_some():
    text = "GET /cart\ncharging order 7\n" + PYTHON
    assert events(text)[0].logs == ("GET /cart", "charging order 7")
    assert events(text, logs=("a breadcrumb",))[0].logs == ("a breadcrumb",)


def test_several_traces_in_one_text_are_several_events_with_keys_of_their_own():
    found = events("first\n" + PYTHON + "second\n" + PYTHON.replace("KeyError", "TypeError"), key="k")
    assert [(event.kind, event.key, event.logs) for event in found] == [("KeyError", "k", ("first",)), ("TypeError", "k#1", ("second",))]


def test_the_same_error_twice_in_a_log_is_two_events():
    assert len(events(PYTHON + "next request\n" + PYTHON)) == 2


@pytest.mark.parametrize("ident", ["csharp-plain", "csharp-cause", "ruby-thread", "elixir-task"])
def test_an_error_that_its_runtime_prints_twice_is_one_event(ident):
    assert len(events(BY_ID[ident])) == 1


def test_an_error_as_text_and_as_json_is_one_event():
    stack = "TypeError: x is null\n    at f (/var/task/a.js:1:2)"
    record = json.dumps({"errorType": "TypeError", "errorMessage": "x is null", "stack": stack.split("\n")})
    assert told(f"{stack}\n2026-03-04T07:00:00.000Z\t8f507cfc-0000-4000-8000-1234567890ab\tERROR\tInvoke Error \t{record}") == [
        ("TypeError", "x is null")
    ]


def test_a_lambda_that_says_the_error_above_the_traceback_is_understood():
    text = PYTHON.replace("KeyError: 'currency'\n", "END RequestId: 8f507cfc\n").replace(" ", "\u00a0")
    assert told("[ERROR] KeyError: 'currency'\n" + text.replace("\u00a0", " ").replace("  File", "\u00a0\u00a0File")) == [
        ("KeyError", "'currency'")
    ]


def test_a_head_that_came_along_as_log_lines_belongs_to_its_trace():
    (event,) = events("second line\n    at f (/app/a.js:1:2)", logs=("GET /cart", "PaymentError: cannot charge"))
    assert (event.kind, event.message) == ("PaymentError", "cannot charge\nsecond line")


def test_type_and_message_that_only_the_json_has_are_taken_from_it():
    log = {
        "errorType": "KeyError",
        "errorMessage": "'x'",
        "stackTrace": ['  File "/var/task/app.py", line 5, in handler\n    foo()\n'],
        "requestId": "r",
    }
    (event,) = events(json.dumps(log))
    assert (event.kind, event.message, event.frames[0].function, event.labels) == ("KeyError", "'x'", "handler", {"request_id": "r"})


def test_labels_of_the_record_win_over_those_in_the_log():
    (event,) = events(
        json.dumps({"level": "error", "msg": "failed", "service": "from-log", "env": "production"}), labels={"service": "from-record"}
    )
    assert event.labels == {"service": "from-record", "environment": "production"}


def test_a_warning_with_a_trace_is_an_event_and_keeps_its_level():
    assert [event.level for event in events(json.dumps({"level": "warning", "msg": "retrying", "exc_info": PYTHON}))] == ["warning"]


def test_a_trace_that_was_cut_off_is_called_what_the_line_above_it_says():
    assert told("2026-03-04 07:00:00 ERROR shop.cart - charging order 7 failed\n" + PYTHON.partition("KeyError")[0]) == [
        ("", "charging order 7 failed")
    ]


def test_a_trace_in_a_chats_fence_is_read_without_it():
    assert told(f"it broke again ```{PYTHON.strip()}```") == [("KeyError", "'currency'")]


# --------------------------------------------------------------- without a trace


@pytest.mark.parametrize(
    ("text", "kind", "message"),
    [
        ("2026-03-04 07:00:00,123 ERROR [main] c.shop.Cart - payment failed for order 17", "", "payment failed for order 17"),
        ("2026-03-04 07:00:00.123 ERROR 12345 --- [nio-8080-exec-1] c.shop.CartController : payment failed", "", "payment failed"),
        ("[2026-03-04 07:00:00] production.ERROR: payment failed", "", "payment failed"),
        ("ERROR:root:payment failed", "", "payment failed"),
        ("2026-03-04T07:00:00Z [error] payment failed", "", "payment failed"),
        ('time=2026-03-04T07:00:00Z level=error msg="payment \\"17\\" failed" order=17', "", 'payment "17" failed'),
        ('{"level":"error","msg":"payment failed"}', "", "payment failed"),
        ('{"level":50,"msg":"payment failed","time":1}', "", "payment failed"),
        ("E0304 07:00:00.000000       1 cart.go:12] payment failed", "", "payment failed"),
        ("E, [2026-03-04T07:00:00.622917 #12631] ERROR -- : payment failed", "", "payment failed"),
        ("Mar  4 07:00:00 web-1 shop[12]: fatal: payment failed", "", "payment failed"),
        ("<3>payment failed", "", "payment failed"),
        ("2026-03-04 07:00:00 ERROR shop - java.lang.IllegalStateException: no cart", "java.lang.IllegalStateException", "no cart"),
        ("[ERROR] Runtime.ImportModuleError: Unable to import module 'app'", "Runtime.ImportModuleError", "Unable to import module 'app'"),
        (
            "2026-03-04T07:00:00.000Z 8f507cfc-0000-4000-8000-1234567890ab Task timed out after 3.00 seconds",
            "",
            "Task timed out after 3.00 seconds",
        ),
        ("2026-03-04 07:00:00 ERROR shop - error: null", "", "null"),
        ("2026-03-04 07:00:00 checkout failed with TimeoutException, giving up", "", "checkout failed with TimeoutException, giving up"),
        ("2026-03-04 07:00:00 Uncaught exception in worker 3", "", "Uncaught exception in worker 3"),
        ("cart.rb: no price (KeyError)", "", "cart.rb: no price (KeyError)"),
        ("Segmentation fault (core dumped)", "", "Segmentation fault (core dumped)"),
    ],
)
def test_an_error_without_a_trace_is_an_event_with_its_bare_message(text, kind, message):
    assert told(text) == [(kind, message)]
    assert is_error(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "This arbitrary text.\nIt sounds tympanic: a word which means like a drum.\n\nI am glad it contains no exception.",
        "2026-03-04 07:00:00,123 INFO GET /error 200",
        "2026-03-04 07:00:00.123  WARN 1 --- [main] c.s.Cart : slow, TimeoutException: retrying",
        '10.0.0.7 - - [04/Mar/2026:07:00:00 +0000] "GET /errors HTTP/1.1" 200 12',
        '{"level":"info","msg":"0 errors"}',
        '{"level":40,"msg":"ERROR rate is high"}',
        "level=info msg=\"error rate is 0\"",
        "2026-03-04T07:00:00Z error: none",
        "err: nil",
        "✓ throws TypeError when price is null (3 ms)",
        "search q='uncaught exception' hits=3",
        "loaded class com.acme.shop.errors.OrderException",
        "  --debug    Let unhandled exceptions propagate",
        "2026-03-04 07:00:01 INFO shop : task at 03:12 (cron.py:12) next run\n2026-03-04 07:00:02 INFO shop : task at 03:13 (cron.py:13) next run",
    ],
)  # fmt: skip
def test_an_ordinary_line_is_no_event(text):
    assert events(text) == ()
    assert not is_error(text)


@pytest.mark.parametrize("level", ["debug", "info", "warning"])
def test_what_the_record_calls_less_than_an_error_is_none_without_a_trace(level):
    assert events("ERROR payment failed", level=level) == ()


@pytest.mark.parametrize("level", ["error", "fatal"])
def test_what_the_record_calls_an_error_is_one_whatever_it_says(level):
    assert [(event.message, event.level) for event in events("payment failed", level=level)] == [("payment failed", level)]


def test_the_lines_above_an_error_line_are_its_logs():
    (event,) = events("GET /cart\n2026-03-04 07:00:00 ERROR payment failed\nGET /health")
    assert (event.message, event.logs) == ("payment failed", ("GET /cart",))


# ----------------------------------------------------------------------- the rest


@pytest.mark.parametrize("case", [case for _, case in CASES if case["expected"]["frames"]], ids=lambda case: case["id"])
def test_every_real_trace_passes_the_gate(case):
    assert is_error(case["text"])


OURS, LIBRARY, NAMELESS = Frame("ours", "/app/a.py", 1), Frame("lib", "/lib/b.py", 2, in_app=False), Frame("nameless", in_app=False)


@pytest.mark.parametrize(
    ("frames", "culprit", "why"),
    [
        ((LIBRARY, OURS, LIBRARY), OURS, "the innermost frame of our own code"),
        ((LIBRARY, NAMELESS), LIBRARY, "no frame is our own code; the innermost one with a file"),
        ((LIBRARY, Frame("Shop.Cart.Total")), Frame("Shop.Cart.Total"), "the innermost frame of our own code; the trace names no file"),
        ((NAMELESS,), None, "no frame names a file"),
        ((), None, "no frame names a file"),
    ],
)
def test_the_innermost_frame_of_our_own_code_is_to_blame(frames, culprit, why):
    assert blame(StackTrace("python", "KeyError", frames=frames)) == (culprit, why)


def test_of_a_chain_the_exception_that_was_reported_is_to_blame_else_the_nearest_cause_in_our_own_code():
    cause = StackTrace("java", "JsonError", frames=(OURS, LIBRARY))
    outer = Frame("load", "/app/c.py", 9)
    chain = StackTrace("java", "ConfigError", frames=(outer,), causes=(StackTrace("java", "Middle", frames=(LIBRARY,)), cause))
    assert blame(chain) == (outer, "the innermost frame of our own code")
    assert blame(replace(chain, frames=(LIBRARY,))) == (OURS, "the innermost frame of our own code in the cause JsonError")


def test_without_a_stack_trace_nothing_is_to_blame():
    assert blame(None) == (None, "there is no stack trace")


@given(st.text())
def test_any_text_is_normalized_without_raising(text):
    found = events(text, key="k")
    assert len({event.key for event in found}) == len(found)
    assert isinstance(is_error(text), bool)
    assert isinstance(bare(text), str)


def test_a_trace_of_a_hundred_thousand_frames_is_read_by_its_head_and_its_tail():
    frame = '  File "shop/cart.py", line 3, in total\n'
    text = f"Traceback (most recent call last):\n{frame * 100_000}ValueError: boom"
    short = bounded(text)
    assert short.startswith("Traceback (most recent call last):\n")
    assert short.endswith("ValueError: boom")
    assert "... 99002 lines cut ..." in short
    assert len(short) < 66_000
    (event,) = events(text)
    assert (event.kind, event.message) == ("ValueError", "boom")
    assert len(event.trace.frames) < 1_000


def test_a_line_of_a_million_characters_is_cut_in_its_middle():
    short = bounded("begins" + "x" * 1_000_000 + "ends")
    assert short.startswith("begins")
    assert short.endswith("ends")
    assert " characters cut ...\n" in short


def test_a_text_of_ordinary_length_is_not_touched():
    text = "line\n" * 900
    assert bounded(text) == text


@pytest.mark.parametrize("case", [case for _, case in CASES], ids=lambda case: case["id"])
def test_of_many_texts_those_that_may_be_errors_are_known_in_their_places(case):
    """Whole, its lines, and between texts that say nothing."""
    texts = ["GET /cart 200", case["text"].replace("\0", ""), "", "payment done", *case["text"].replace("\0", "").split("\n"), "GET / 200"]
    found = suspects(texts)
    assert found == [at for at, text in enumerate(texts) if suspects([text])]
    assert {at for at, text in enumerate(texts) if is_error(text)} <= set(found)


def test_help_that_names_levels_is_no_error():
    assert events("corresponding to WARNING, ERROR, and CRITICAL logging levels).") == ()
