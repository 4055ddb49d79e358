"""Fields of any type: what is understood of them, and that nothing raises."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from triaged.clients import fields
from world import NOON

ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)


@pytest.mark.parametrize(
    ("value", "number"),
    [
        (41, 41),
        ("41", 41),
        (41.0, 41),
        ("41.0", 41),
        (0, None),
        (-1, None),
        (None, None),
        (True, None),
        ("x", None),
        ("\u0664\u0661", None),
        (10**30, None),
    ],
)
def test_a_line_number_is_read_however_it_is_written(value, number):
    assert fields.number(value) == number


@pytest.mark.parametrize(
    "value",
    ["2026-03-04T06:59:58.120000Z", "2026-03-04T07:59:58.12+01:00", "2026-03-04T06:59:58.120", 1772607598.12, "1772607598.12"],
)
def test_an_instant_is_read_however_it_is_written(value):
    assert fields.instant(value, NOON) == datetime(2026, 3, 4, 6, 59, 58, 120_000, tzinfo=UTC)


@pytest.mark.parametrize(
    "value",
    [
        None,
        "",
        "soon",
        0,
        -5,
        1e300,
        float("nan"),
        float("inf"),
        10**400,
        "1999-12-31T00:00:00Z",
        "2031-01-01T00:00:00Z",
        "0001-01-01T00:00:00+14:00",
        [1],
        {},
        True,
    ],
)
def test_an_absurd_instant_is_none(value):
    assert fields.instant(value, NOON) is None


@pytest.mark.parametrize(
    "url",
    [None, 7, "", "javascript:alert(1)", "ftp://x/y", "https://x/ y", "https://x/<b>", "https://x/\n", "//x/y", "https://" + "x" * 3000],
)
def test_what_is_no_web_address_becomes_no_link(url):
    assert fields.link("Sentry", url) == {}


@given(ANYTHING)
def test_nothing_makes_a_field_raise(value):
    fields.text(value)
    fields.number(value)
    fields.instant(value, NOON)
    fields.link("x", value)
    fields.objects(value, str)
    assert "\n" not in fields.line(value)
    assert all(fields.labels(a=value).values())
