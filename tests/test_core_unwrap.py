"""Log text freed from what wrote it down."""

import html
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from test_parsers import CASES
from triaged import parsers
from triaged.core.unwrap import clean, level_of, unwrap

PYTHON = 'Traceback (most recent call last):\n  File "/app/shop.py", line 4, in load\n    return cfg["currency"]\nKeyError: \'currency\'\n'


QUIET = "2026-03-04 07:00:00,001 INFO GET /health 200"


def by_line(write):
    """A collector that writes every line in its own way."""
    return lambda text: "\n".join(write(number, line) for number, line in enumerate(text.rstrip("\n").split("\n"))) + "\n"


def stamp(number: int) -> str:
    return f"2026-03-04T07:{number % 60:02}:00.{number * 7919 % 1_000_000:06}"


WRITERS = {
    "windows newlines": lambda text: text.replace("\n", "\r\n"),
    "colours": by_line(lambda _, line: f"\x1b[31m{line}\x1b[0m" if line.strip() else line),
    "no-break spaces": lambda text: "\n".join(
        "\u00a0" * (len(line) - len(line.lstrip(" "))) + line.lstrip(" ") for line in text.split("\n")
    ),
    "cri": by_line(lambda number, line: f"{stamp(number)}789Z stderr F {line}"),
    "docker": by_line(lambda number, line: json.dumps({"log": line + "\n", "stream": "stderr", "time": stamp(number)})),
    "compose": by_line(lambda _, line: f"web-1  | {line}"),
    "syslog": by_line(lambda number, line: f"Mar  4 07:00:{number % 60:02} web-1 shop[1234]: {line}"),
    "heroku": by_line(lambda number, line: f"{stamp(number)}+00:00 app[web.1]: {line}"),
    "actions": by_line(lambda number, line: f"{stamp(number)}0Z {line}"),
    "logger": by_line(lambda number, line: f"2026-03-04 07:00:{number % 60:02},{number % 1000:03} - root - ERROR - {line}"),
    "quote": by_line(lambda _, line: f"> {line}"),
    "indentation": by_line(lambda _, line: f"    {line}"),
    "json by line": by_line(lambda number, line: json.dumps({"time": stamp(number), "level": "error", "message": line})),
    "firelens": by_line(lambda _, line: json.dumps({"source": "stderr", "log": line, "container_id": "abcd1234"})),
    "json stack": lambda text: json.dumps({"level": "error", "msg": "request failed", "stack": text}),
    "json stack of lines": lambda text: json.dumps({"level": "error", "msg": "request failed", "err": {"stack": text.split("\n")}}),
    "json message": lambda text: "2026-03-04 07:00:00 " + json.dumps({"severity": "ERROR", "message": text}),
    "logfmt": lambda text: f'time=2026-03-04T07:00:00Z level=error msg="request failed" stack={json.dumps(text)} service=shop',
    "rsyslog": lambda text: "Mar  4 07:00:00 web-1 shop[12]: " + text.rstrip("\n").replace("\n", "#012").replace("\t", "#011"),
    "other lines between": lambda text: (
        "2026-03-04 07:00:00,001 INFO GET /health 200\n" + text.rstrip("\n") + "\n2026-03-04 07:00:00,002 INFO GET /health 200\n"
    ),
}
LOGS = [json.loads(line) for line in (Path(__file__).parent / "data" / "json_logs.jsonl").read_text().splitlines()]
ONES = [case for _, case in CASES if len(case["expected"]["frames"]) > 1 and (case["expected"]["type"] or case["expected"]["message"])][::2]


def understood(text: str) -> list[tuple[object, ...]]:
    traces = [trace for piece in unwrap(text) for trace in parsers.parse(piece.text)]
    return [
        (trace.language, trace.kind, trace.message.split("\n")[0], [(f.path, f.line, f.function) for f in trace.frames]) for trace in traces
    ]


@pytest.mark.parametrize("write", WRITERS.values(), ids=WRITERS.keys())
def test_a_trace_is_the_same_however_it_was_written_down(write):
    different = [case["id"] for case in ONES if understood(write(case["text"])) != understood(case["text"])]
    assert different == []


@pytest.mark.parametrize("at", range(1, 4))
def test_lines_of_other_writers_between_those_of_a_trace_do_not_disturb_it(at):
    lines = PYTHON.split("\n")
    for other in (
        "2026-03-04 07:00:00,001 INFO GET /health 200",
        'INFO:     10.0.0.7:5120 - "GET / HTTP/1.1" 200 OK',
        '{"level":"info","msg":"ok"}',
    ):
        assert understood("\n".join([*lines[:at], other, *lines[at:]])) == understood(PYTHON)


def test_stdout_between_the_lines_of_a_trace_on_stderr_is_another_piece():
    lines = [line for text in PYTHON.rstrip("\n").split("\n") for line in (("stderr", text), ("stdout", "GET / 200"))]
    text = "\n".join(json.dumps({"log": said + "\n", "stream": stream}) for stream, said in lines)
    assert [piece.text for piece in unwrap(text)] == [PYTHON.rstrip("\n"), "\n".join(["GET / 200"] * 4)]


def test_the_end_of_a_lambda_request_that_sticks_to_the_last_line_is_cut_from_it():
    glued = "KeyError: 'x'END RequestId: 8f507cfc-0000-4000-8000-1234567890ab"
    assert clean(glued).split("\n")[0] == "KeyError: 'x'"


@pytest.mark.parametrize("case", LOGS, ids=lambda case: case["id"])
def test_a_json_log_is_read_by_the_names_its_library_gives(case):
    (piece,) = unwrap(json.dumps(case["log"]))
    assert {"type": piece.kind, "message": piece.message, "level": piece.level} == case["expected"]
    assert len(parsers.parse(piece.text)) == 1


def test_a_log_in_a_log_in_a_log_is_read_with_what_the_outer_ones_add():
    inner = json.dumps({"msg": "request failed", "stack": PYTHON})
    middle = json.dumps({"level": "error", "message": inner})
    (piece,) = unwrap(json.dumps({"log": middle, "service": "shop"}))
    assert (piece.level, piece.labels["service"], piece.text) == ("error", "shop", f"request failed\n{PYTHON}")


@pytest.mark.parametrize(
    "stack",
    [
        [{"func": "total", "line": "7", "source": "cart.go"}, {"func": "main", "line": "12", "source": "cart.go"}],
        "panic\n\t/usr/local/go/src/runtime/panic.go:890\nmain.total\n\t/src/cart.go:7\nmain.main\n\t/src/cart.go:12",
    ],
    ids=["zerolog", "zap, out of a panic"],
)
def test_stacks_of_loggers_of_go_are_read_as_go_prints_them(stack):
    (piece,) = unwrap(json.dumps({"level": "error", "error": "2 problems:\n\tno price", "stacktrace": stack}))
    (trace,) = parsers.parse(piece.text)
    assert [(f.path.rpartition("/")[2], f.line) for f in trace.frames if f.in_app] == [("cart.go", 12), ("cart.go", 7)]


def test_what_a_chat_escaped_is_read_and_an_entity_between_tags_is_left():
    python = PYTHON.replace("ValueError", "ValueError: a < b")
    assert unwrap(html.escape(python)) == unwrap(python)
    assert "&lt;" in unwrap("ParseError: <a>1 &lt; 2</b>")[0].text


@pytest.mark.parametrize(
    "prefix",
    ["2026-03-04T07:00:00.000Z ERROR shop - ", "<11>Mar  4 07:00:00 web-1 shop[12]: ", "<11>1 2026-03-04T07:00:00Z web-1 shop 12 - - "],
)
def test_the_head_of_a_trace_is_found_behind_what_a_logger_glued_before_it(prefix):
    trace = "/app/cart.rb:6:in `total': no price (KeyError)\n\tfrom /app/cart.rb:9:in `<main>'"
    assert understood(prefix + trace) == understood(trace)


def test_the_cause_in_a_json_log_is_not_taken_for_the_error():
    log = {
        "err": {
            "cause": {"type": "Inner", "message": "inner", "stack": "Inner: inner\n    at f (/a.js:1:1)"},
            "type": "Outer",
            "message": "outer",
        }
    }
    (piece,) = unwrap(json.dumps(log))
    assert (piece.kind, piece.message) == ("Outer", "outer")


def test_a_json_log_labels_its_error():
    log = {
        "service": {"name": "shop"},
        "deployment.environment": "production",
        "version": "1.4.2",
        "requestId": "r-1",
        "dd": {"trace_id": 17},
    }
    (piece,) = unwrap(json.dumps({"message": "failed", **log}))
    assert piece.labels == {"service": "shop", "environment": "production", "release": "1.4.2", "request_id": "r-1", "trace_id": "17"}


@pytest.mark.parametrize(
    ("line", "level"),
    [
        ("2026-03-04 07:00:00,123 ERROR [main] c.shop.Cart - no price", "error"),
        ("[2026-03-04 07:00:00] production.ERROR: no price", "error"),
        ("2026-03-04T07:00:00Z [error] no price", "error"),
        ('time=2026-03-04T07:00:00Z level=error msg="no price"', "error"),
        ("E0304 07:00:00.000000       1 cart.go:12] no price", "error"),
        ("E, [2026-03-04T07:00:00.622917 #12] ERROR -- : no price", "error"),
        ("03-04 07:00:00.000  1234  1234 E Shop: no price", "error"),
        ("<3>no price", "error"),
        ("SEVERE: no price", "error"),
        ("CRITICAL:root:no price", "fatal"),
        ("2026-03-04 07:00:00.123  WARN 1 --- [main] c.s.Cart : ERROR rate is high", "warning"),
        ('INFO:     10.0.0.7:5120 - "GET /error HTTP/1.1" 200 OK', "info"),
        ("no price for errors", ""),
        ("The error was ours", ""),
    ],
)
def test_a_line_says_its_level_where_loggers_put_it(line, level):
    assert level_of(line) == level


JSON = st.recursive(
    st.text(), lambda inner: st.lists(inner) | st.dictionaries(st.text() | st.sampled_from(["stack", "err", "message"]), inner)
)


@given(st.one_of(st.text(), st.binary().map(lambda raw: raw.decode("latin-1")), JSON.map(json.dumps)))
def test_any_text_is_unwrapped_without_raising(text):
    assert all(isinstance(piece.text, str) for piece in unwrap(text))
