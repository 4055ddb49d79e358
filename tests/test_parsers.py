"""Every parser in ``parsers/``: tried by name alone, and on real traces beside what they should become (``data/traces``)."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from triaged import parsers, plugins
from triaged.core.model import StackTrace
from triaged.core.normalize import blame
from triaged.parsers import javascript, python

TRACES = Path(__file__).parent / "data" / "traces"
NAMES = plugins.names("parsers")
CASES = [(path.stem, json.loads(line)) for path in sorted(TRACES.glob("*.jsonl")) for line in path.read_text().splitlines()]
PROSE = """This arbitrary text.
It sounds tympanic: a word which means like a drum. Look at it (twice), from here: in `earnest'.

I am glad it contains no exception. File "x" is at line 3.
"""
# What traces are made of, for texts that nearly are some.
SHARDS = [
    *("    at ", "at f (", "/app/a.js:1:2)", "Error: x", "[cause]: ", " {", "}", "@http://a/b.js:1:2", "Caused by: ", "a.b.C.d(C.java:1)"),
    *('  File "a.py", line 1, in f', "Traceback (most recent call last):", "panic: x", "goroutine 1 [running]:", "main.f(0x1)", "\t/a.go:1 +0x1"),
    *("a.rb:1:in `f': m (E)", "\tfrom b.rb:2:in 'g'", "#0 /a.php(1): f()", "Stack trace:", "Next E: m in /a.php:1", " ---> A.BException: m"),
    *(" in /a.cs:line 4", "** (A) m", "    a.ex:1: A.b/1", "thread 'main' panicked at a.rs:1:1:", "   0: f", "#0 0x1 in f /a.c:1:2"),
    *("stack traceback:", "\ta.lua:1: in f", "x at a.pl line 1.", "#0      main (package:a/a.dart:1:2)", "Unhandled exception:"),
    *("\n", "\n", "\n", " ", "  | ", "(", ")", ":", "'", '"'),
]  # fmt: skip


def frames(trace: StackTrace) -> list[list[object]]:
    return [[frame.path, frame.line, frame.function] for frame in trace.frames]


@pytest.mark.parametrize(("language", "case"), CASES, ids=[case["id"] for _, case in CASES])
def test_a_real_trace_is_read_as_a_person_reads_it(language, case):
    trace, want = parsers.languages()[language](case["text"]), case["expected"]
    assert trace is not None
    culprit, _ = blame(trace)
    assert (trace.kind, trace.message) == (want["type"], want["message"])
    assert (culprit and [culprit.path, culprit.line, culprit.function]) == want["culprit"]
    assert frames(trace) == want["frames"]
    assert [[cause.kind, cause.message] for cause in trace.causes] == want["causes"]


@pytest.mark.parametrize(("language", "case"), CASES, ids=[case["id"] for _, case in CASES])
def test_a_real_trace_is_recognized_as_its_language_among_all(language, case):
    assert parsers.parse(case["text"])[0].language == language


@pytest.mark.parametrize("name", NAMES)
def test_a_parser_is_named_after_its_file_and_has_real_traces(name):
    assert name in parsers.languages()
    assert sum(1 for language, _ in CASES if language == name) >= 4


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("text", ["", "\n\n", PROSE, PROSE * 50])
def test_what_is_no_trace_is_none(name, text):
    assert plugins.load("parsers", name).parse(text) is None


@pytest.mark.parametrize("name", NAMES)
@given(
    text=st.one_of(
        st.text(), st.binary().map(lambda raw: raw.decode("latin-1")), st.lists(st.sampled_from(SHARDS), max_size=30).map("".join)
    )
)
def test_any_text_is_read_without_raising_and_the_place_of_a_trace_lies_in_it(name, text):
    trace = plugins.load("parsers", name).parse(text)
    if trace is not None:
        assert trace.language == name
        assert 0 <= trace.start <= trace.end <= len(text)
        assert all(cause.causes == () for cause in trace.causes)


@given(st.lists(st.sampled_from(SHARDS), max_size=40).map("".join))
def test_looking_for_every_trace_comes_to_an_end(text):
    assert len(parsers.parse(text)) <= parsers.MOST_TRACES


@pytest.mark.parametrize("shard", [*SHARDS, "A.A.", "at a.b(", "((((", "))))", "@@@@", "a:1:", "\\n", "x" * 50 + " ", "\t"])
def test_a_large_text_of_hostile_lines_takes_no_longer_than_its_size(shard):
    """Anything worse than linear would take minutes for each of these."""
    for text in (shard * (150_000 // len(shard)), (shard + "\n") * (150_000 // (len(shard) + 1))):
        for parse in parsers.languages().values():
            parse(text)


@pytest.mark.parametrize("language", ["python", "javascript", "java", "ruby", "php", "csharp", "dart", "elixir", "lua"])
def test_a_trace_that_was_cut_off_anywhere_still_gives_frames_of_the_whole(language):
    for case in [case for name, case in CASES if name == language]:
        whole = parsers.languages()[language](case["text"])
        known = {(frame.path, frame.line) for each in (whole, *whole.causes) for frame in each.frames}
        lines = case["text"].split("\n")
        for cut in range(1, min(len(lines), 30)):
            trace = parsers.languages()[language]("\n".join(lines[:cut]))
            found = {(frame.path, frame.line) for frame in trace.frames} if trace else set()
            assert found <= known, (case["id"], cut)


def test_a_python_trace_without_its_last_lines_has_all_frames_that_are_left():
    text = next(case["text"] for _, case in CASES if case["id"] == "python-asy")
    whole = python.parse(text)
    for cut in range(2, text.count("\n")):
        part = "\n".join(text.split("\n")[:cut])
        assert frames(python.parse(part)) == frames(whole)[: part.count("  File ")]


def test_several_traces_in_one_text_come_out_in_order():
    texts = [case["text"] for _, case in CASES if case["id"] in ("java-plain", "java-num", "java-cause2")]
    assert [trace.kind for trace in parsers.parse("2 orders lost\n".join(texts))] == [
        "java.lang.NullPointerException",
        "java.lang.IllegalStateException",
        "java.lang.NumberFormatException",
    ]


def test_the_same_trace_three_times_is_three_traces():
    text = next(case["text"] for _, case in CASES if case["id"] == "dex-PYTHON_EXC")
    assert len(parsers.parse("This is not an exception.\n" + text + "This is not an exception.\n" + text + text)) == 3


def test_the_lines_around_a_trace_are_not_part_of_it():
    text = 'GET /cart\nTraceback (most recent call last):\n  File "a.py", line 1, in f\nKeyError: 1\n2026-03-04 07:00:00 INFO next\n'
    trace = python.parse(text)
    assert text[: trace.start] == "GET /cart\n"
    assert text[trace.end :] == "2026-03-04 07:00:00 INFO next\n"


def test_frames_that_node_left_out_are_taken_from_the_cause():
    text = next(case["text"] for _, case in CASES if case["id"] == "javascript-cause2")
    assert "... 5 lines matching cause stack trace ..." in text
    assert [frame.function for frame in javascript.parse(text).frames][1:6] == [
        "Function.executeUserEntryPoint [as runMain]",
        "Module._load",
        "Module.load",
        "Module._extensions..js",
        "Module._compile",
    ]


@pytest.mark.parametrize(
    ("path", "in_app"),
    [
        ("/app/shop.py", True),
        ("<stdin>", True),
        ("/usr/local/lib/python3.13/asyncio/runners.py", False),
        ("/app/.venv/lib/python3.13/site-packages/flask/app.py", False),
        ("/usr/lib/python3/dist-packages/apt/cache.py", False),
        ("C:\\Python313\\Lib\\json\\decoder.py", False),
        ("<frozen importlib._bootstrap>", False),
        ("/var/task/app.py", True),
        ("/var/runtime/bootstrap.py", False),
    ],
)
def test_a_python_file_is_ours_or_a_library(path, in_app):
    trace = python.parse(f'  File "{path}", line 1, in f\n')
    assert [frame.in_app for frame in trace.frames] == [in_app]


@pytest.mark.parametrize(
    ("place", "in_app"),
    [
        ("/app/shop.js:2:38", True),
        ("file:///app/mod.mjs:2:29", True),
        ("webpack:///./src/cart.jsx?:295:108", True),
        ("C:\\shop\\cart.js:2:38", True),
        ("/app/node_modules/express/lib/router.js:2:38", False),
        ("node:internal/modules/cjs/loader:1521:14", False),
        ("internal/process/task_queues.js:52:5", False),
        ("events.js:95:17", False),
        ("webpack:///./~/react/lib/a.js?:34:31", False),
        ("chrome-extension://abc/content.js:1:1", False),
    ],
)
def test_a_javascript_file_is_ours_or_a_library(place, in_app):
    trace = javascript.parse(f"Error: x\n    at f ({place})\n")
    assert [frame.in_app for frame in trace.frames] == [in_app]


def test_a_trace_says_where_it_stands():
    for _, case in CASES[::5]:
        before, (trace,) = "one line\n\n", parsers.parse(case["text"])[:1]
        moved = parsers.languages()[trace.language](before + case["text"])
        assert replace(moved, start=0, end=0) == replace(trace, start=0, end=0)
        assert moved.end == trace.end + len(before)


def test_traces_of_several_languages_in_one_text_come_out_in_their_order():
    ids = ["python-three", "java-cause2", "javascript-mjs", "ruby-plain", "go-nil", "php-plain"]
    texts = [next(case["text"].strip("\n") for _, case in CASES if case["id"] == ident) for ident in ids]
    found = parsers.parse("\n2026-03-04 07:00:00 INFO next\n".join(texts))
    assert [trace.language for trace in found] == ["python", "java", "javascript", "ruby", "go", "php"]
