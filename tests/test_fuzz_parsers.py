"""Whatever text comes, each parser answers, in time and in bounds. ``make fuzz`` tries as many texts as the time allows."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fuzz import mutants, total
from fuzz.parsers import Reached
from triaged.core.model import Frame, StackTrace

SHARED = 20
"""Times the seconds that are allowed: machines that run tests do other things too. What grows with the square of a text is slower still."""


@settings(max_examples=300, deadline=None)
@given(st.integers(0, 2**32))
def test_a_text_that_almost_is_a_trace_is_answered_in_time_and_in_bounds(seed):
    assert total.findings(mutants.drawn(seed), SHARED) == []


@settings(max_examples=300, deadline=None)
@given(
    st.text(st.characters(exclude_categories=["Cs"]), max_size=300) | st.lists(st.sampled_from(mutants._PIECES), max_size=40).map("".join)
)
def test_any_text_is_answered_in_time_and_in_bounds(text):
    assert total.findings(text, SHARED) == []


@pytest.mark.parametrize(
    ("given_", "says"),
    [
        (StackTrace("go", "", frames=(Frame(line=-1),)), "line=-1"),
        (StackTrace("go", "", start=3, end=99), "from 3 to 99 of 4"),
        (StackTrace("go", "x" * 20_000), "bytes came of 4 characters"),
        (StackTrace("go", "\ud800"), "cannot be written as JSON"),
    ],
)
def test_what_is_out_of_bounds_is_found(given_, says):
    assert any(says in finding for finding in total._wrong(given_, "text"))


def test_a_text_reaches_new_lines_once():
    reached = Reached()
    assert [reached.new(text) for text in ("", "", "panic: x\n\ngoroutine 1 [running]:\nmain.f()\n\t/a.go:1", "")] == [
        True,
        False,
        True,
        False,
    ]
