"""Joining the lines of a log. Streams of lines and what they should become: fluentbit's and GoogleCloudPlatform's own test cases (Apache-2.0)."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from test_parsers import CASES
from triaged import parsers
from triaged.core.assemble import CONTEXT, MOST_CHARACTERS, MOST_LINES, Block, Joined, _Stream, is_log, join
from triaged.parsers import _lines

PYTHON = """Traceback (most recent call last):
  File "/app/shop.py", line 4, in load
    return cfg["currency"]
KeyError: 'currency'"""


QUIET = "2026-03-04 07:00:01 INFO next"


def texts(*lines: str) -> list[str]:
    joined = join(enumerate(lines))
    return [block.text for block in sorted((*joined.closed, *joined.open), key=lambda block: block.first)]


def traces(text: str) -> list[Block]:
    joined = join(enumerate(text.split("\n")))
    return [block for block in (*joined.closed, *joined.open) if block.lines > 1]


def test_ordinary_lines_stay_apart():
    assert texts("GET /cart 200", "GET /cart 500", "", "bye") == ["GET /cart 200", "GET /cart 500", "bye"]


# flb-python, flb-go: fluent/fluent-bit tests/internal/multiline.c (Apache-2.0)
def test_a_python_trace_ends_with_the_line_that_says_what_was_raised():
    assert texts("before", *PYTHON.split("\n"), "hello world, not multiline") == ["before", PYTHON, "hello world, not multiline"]


def test_lines_behind_a_python_trace_are_of_its_message_only_if_the_chain_goes_on():
    chain = f"{PYTHON}\nof order 7\n\nDuring handling of the above exception, another exception occurred:\n\n{PYTHON}"
    assert texts(*chain.split("\n"), QUIET) == [chain, QUIET]
    assert texts(*PYTHON.split("\n"), "of order 7", "", "next", QUIET) == [PYTHON, "of order 7", "next", QUIET]


def test_a_chained_python_trace_is_one_block_with_its_blank_lines():
    text = f"{PYTHON}\n\nDuring handling of the above exception, another exception occurred:\n\n{PYTHON}"
    assert texts(*text.split("\n"), "next") == [text, "next"]


def test_a_go_panic_goes_on_over_blank_lines_and_all_goroutines():
    text = (
        "panic: my panic\n\ngoroutine 4 [running]:\npanic(0x45cb40, 0x47ad70)\n\t/usr/local/go/src/runtime/panic.go:542 +0x46c\n"
        "main.main.func1(0xc420024120)\n\tfoo.go:6 +0x39\ncreated by main.main\n\tfoo.go:5 +0x58\n\ngoroutine 1 [chan receive]:\n"
        "main.main()\n\tfoo.go:9 +0x6f"
    )
    assert texts(*text.split("\n"), "one more line, no multiline") == [text, "one more line, no multiline"]


@pytest.mark.parametrize(
    "case", [case for _, case in CASES if case["id"].startswith("dex-") and "NESTED_JAVA" not in case["id"]], ids=lambda c: c["id"]
)
def test_three_traces_between_other_lines_are_three_blocks(case):
    """As the test of Google's exception detector feeds them: one after a line, one after another line, one right behind it."""
    text, other = case["text"].rstrip("\n"), "This is not an exception."
    assert [block.text.strip() for block in traces("\n".join([other, text, other, text, text]))] == [text.strip()] * 3


@pytest.mark.parametrize("case", [case for _, case in CASES if case["licence"] == "ours"], ids=lambda case: case["id"])
def test_what_a_runtime_prints_is_read_from_its_blocks_as_from_the_whole(case):
    lines = ["2026-03-04 07:00:00 INFO start", *case["text"].rstrip("\n").split("\n"), "2026-03-04 07:00:01 INFO go on"]
    joined = join(enumerate(lines))
    read = [trace for block in (*joined.closed, *joined.open) for trace in parsers.parse("\n".join([*block.before, block.text]))]
    assert case["expected"]["frames"] in [[[frame.path, frame.line, frame.function] for frame in trace.frames] for trace in read]


def test_a_block_knows_the_offsets_of_its_first_and_last_line():
    joined = join((10 * number, line) for number, line in enumerate(["a", *PYTHON.split("\n"), QUIET]))
    assert [(block.first, block.last, block.lines) for block in joined.closed] == [(0, 0, 1), (10, 40, 4)]


def test_a_trace_that_may_go_on_stays_open_so_that_a_cursor_can_stop_before_it():
    joined = join(enumerate(["a", *PYTHON.split("\n")[:3]]))
    assert [block.text for block in joined.closed] == ["a"]
    assert [(block.first, block.lines) for block in joined.open] == [(1, 3)]


def test_a_trace_brings_the_lines_before_it_and_a_single_line_does_not():
    joined = join(enumerate([*(f"line {number}" for number in range(8)), *PYTHON.split("\n"), QUIET]))
    assert joined.closed[-1].before == tuple(f"line {number}" for number in range(8 - CONTEXT, 8))
    assert all(block.before == () for block in joined.closed[:-1])


def test_lines_of_docker_are_unwrapped_and_its_streams_kept_apart():
    def docker(text: str, stream: str) -> str:
        return json.dumps({"log": text, "stream": stream, "time": "2021-02-01T16:45:03.01231z"})

    lines = []
    for line in PYTHON.split("\n"):
        lines += [docker(line + "\n", "stderr"), docker("GET / 200\n", "stdout")]
    assert sorted(texts(*lines)) == sorted([PYTHON, *["GET / 200"] * 4])


def test_lines_of_compose_are_unwrapped_and_its_services_kept_apart():
    lines = []
    for line in PYTHON.split("\n"):
        lines += [f"web-1  | {line}", "db-1   | checkpoint complete"]
    assert sorted(texts(*lines)) == sorted([PYTHON, *["checkpoint complete"] * 4])


def test_a_table_in_a_message_is_no_service_of_compose():
    text = PYTHON.replace("ValueError", "ValueError: item  | 3")
    assert texts(*text.split("\n")) == [text]


# flb-cri, flb-docker: fluent/fluent-bit tests/internal/multiline.c (Apache-2.0)
def test_partial_lines_of_the_cri_and_of_docker_are_put_together():
    assert texts(
        "2019-05-07T18:57:50.904275087+00:00 stdout P 1a. some ",
        "2019-05-07T18:57:51.904275088+00:00 stdout P multiline ",
        "2019-05-07T18:57:50.904275087+00:00 stderr F other",
        "2019-05-07T18:57:52.904275089+00:00 stdout F log",
        '{"log": "bb", "stream": "stdout", "time": "2021-02-01T16:45:03.01232z"}',
        '{"log": "cc\\n", "stream": "stdout", "time": "2021-02-01T16:45:03.01233z"}',
    ) == ["1a. some multiline log", "other", "bbcc"]


@pytest.mark.parametrize(
    "prefix",
    ["Mar  4 07:00:00 web-1 app[12]: ", "2026-03-04T07:00:00.000000+00:00 app[web.1]: ", "web  | "],
    ids=["syslog", "heroku", "compose with a name"],
)
def test_lines_behind_a_collectors_prefix_are_joined_and_keep_it(prefix):
    lines = [prefix + line for line in PYTHON.split("\n")]
    assert texts(prefix + "before", *lines, prefix + "after") == [prefix + "before", "\n".join(lines), prefix + "after"]


def test_lines_behind_any_logger_that_stamps_every_line_are_joined():
    lines = [f"2026-03-04 07:00:0{number},123 - root - ERROR - {line}" for number, line in enumerate(PYTHON.split("\n"))]
    assert texts("2026-03-04 07:00:00,123 - root - INFO - start", *lines, QUIET)[1:] == ["\n".join(lines), QUIET]


def test_colours_and_windows_newlines_do_not_hide_what_belongs_together():
    lines = [f"\x1b[31m{line}\x1b[0m\r" for line in PYTHON.split("\n")]
    assert texts("start\r", *lines, QUIET) == ["start\r", "\n".join(lines), QUIET]


def test_a_block_that_is_too_long_says_what_was_cut_and_keeps_its_end():
    frames = ['  File "/app/shop.py", line 4, in load', "    return load()"] * 3_000
    (block,) = join(enumerate(["Traceback (most recent call last):", *frames, "RecursionError: too deep", QUIET])).closed
    assert block.lines == 6_002
    assert len(block.text) <= MOST_CHARACTERS
    assert block.text.count("\n") < MOST_LINES + 1
    assert " lines cut ..." in block.text
    assert block.text.endswith("RecursionError: too deep")


def test_a_line_without_end_is_cut():
    (text,) = texts("x" * 1_000_000)
    assert len(text) < MOST_CHARACTERS
    assert text.endswith(" characters cut ...")


@given(
    st.lists(
        st.sampled_from(
            [*PYTHON.split("\n"), "", "    at f (a.js:1:1)", "Caused by: a.B: c", "panic: x", "goroutine 1 [running]:", "x", " "]
        )
    )
)
def test_every_line_that_is_not_blank_is_in_just_one_block(lines):
    joined = join(enumerate(lines))
    kept = [line for block in (*joined.closed, *joined.open) for line in block.text.split("\n") if line.strip()]
    assert sorted(kept) == sorted(line for line in lines if line.strip())


@pytest.mark.parametrize(
    ("line", "begins_a_message"),
    [
        ("2026-03-04 07:00:00,123 INFO next", True),
        ("[04/Mar/2026 07:00:00] GET", True),
        ("Mar  4 07:00:00 web-1 app: x", True),
        ("INFO:     10.0.0.7 - GET", True),
        ('{"level": "info"}', True),
        ("level=info msg=x", True),
        ("    at load (/app/shop.js:2:38)", False),
        ("KeyError: 'x'", False),
        ("ErrorBoundary caught it", False),
    ],
)
def test_a_log_message_is_known_by_how_it_begins(line, begins_a_message):
    assert is_log(line) is begins_a_message
    assert _lines.is_log is is_log


@pytest.mark.parametrize("case", [case for _, case in CASES], ids=lambda case: case["id"])
def test_that_most_lines_are_known_at_once_changes_no_block(case):
    """Joined after each line, so that none is known by the lines around it, and joined all together."""
    lines = [*(f"{QUIET} {n}" for n in range(4)), *case["text"].split("\n"), *(f"{QUIET} {n}" for n in range(4))]
    walked = _Stream()
    closed = [block for offset, line in enumerate(lines) for block in walked.take(offset, line, partial=False)]
    assert join(enumerate(lines)) == Joined(tuple(sorted(closed, key=lambda block: block.first)), tuple(walked.rest()))
