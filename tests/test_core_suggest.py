import time
from datetime import UTC, datetime

import pytest

from triaged.core.model import Event, StackTrace
from triaged.core.rules import Pattern
from triaged.core.suggest import Fix, suggest


def fix(id, *errors, languages=(), hint="look"):
    return Fix(id, languages, tuple(Pattern(error, "f:1:1") for error in errors), hint)


def event(kind, message, language="python", *causes):
    trace = StackTrace(language, kind, message, causes=causes) if causes else None
    return Event("sentry", datetime(2026, 1, 1, tzinfo=UTC), kind, message, "error", language, trace, "bug")


NONE = fix(
    "none", r"'NoneType' object has no attribute '(?P<NAME>\w+)'", languages=("python",), hint="What `.{NAME}` is read from is None."
)
KEY = fix("key", "^KeyError: (?P<KEY>.+)", "^missing key (?P<KEY>.+)", hint="There is no {KEY} ({KEY}).")
REFUSED = fix("refused", r"refused(?: by (?P<HOST>\S+))?", hint="Nothing listens there (`{HOST}`); {} and {x y} stay.")


def test_the_hint_shows_what_the_pattern_captured():
    found = suggest(event("AttributeError", "'NoneType' object has no attribute 'email'"), (NONE,))
    assert (found.hint, found.rule, found.diff, found.verified) == ("What `.email` is read from is None.", "none", "", False)


def test_a_pattern_is_tried_on_type_and_message_and_on_the_message_alone():
    assert suggest(event("KeyError", "'id'"), (KEY,)).hint == "There is no 'id' ('id')."
    assert suggest(event("LookupError", "missing key 'id'"), (KEY,)).rule == "key"
    assert suggest(event("", "KeyError: 'id'"), (KEY,)).rule == "key"
    assert suggest(event("LookupError", "no KeyError: 'id'"), (KEY,)) is None


def test_the_first_fix_that_fits_wins_whichever_text_it_fits():
    by_message, by_type = fix("by message", "^'id'$"), fix("by type", "^KeyError")
    assert suggest(event("KeyError", "'id'"), (by_message, by_type)).rule == "by message"
    assert suggest(event("KeyError", "'id'"), (by_type, by_message)).rule == "by type"


def test_a_fix_for_another_language_is_passed_over_but_not_where_the_language_is_unknown():
    message = "'NoneType' object has no attribute 'email'"
    assert suggest(event("AttributeError", message, "ruby"), (NONE,)) is None
    assert suggest(event("AttributeError", message, ""), (NONE,)).rule == "none"


def test_a_cause_is_asked_after_the_error_itself_nearest_first():
    wrapped = event(
        "RuntimeError", "while loading", "python", StackTrace("python", "KeyError", "'id'"), StackTrace("python", "OSError", "refused")
    )
    assert suggest(wrapped, (REFUSED, KEY)).rule == "key"
    assert suggest(wrapped, (REFUSED, KEY, fix("own", "while loading"))).rule == "own"


def test_a_parenthesis_of_captures_goes_where_nothing_was_captured_and_other_braces_stay():
    assert suggest(event("", "refused"), (REFUSED,)).hint == "Nothing listens there; {} and {x y} stay."
    assert suggest(event("", "refused by db:5432"), (REFUSED,)).hint == "Nothing listens there (`db:5432`); {} and {x y} stay."


def test_what_an_error_says_is_put_in_as_it_is_and_never_read_as_a_hint():
    assert suggest(event("KeyError", "{KEY} {0.__class__} {NAME}"), (KEY,)).hint.startswith("There is no {KEY} {0.__class__} {NAME} ")


def test_a_long_capture_is_cut():
    assert len(suggest(event("KeyError", "x" * 100_000), (KEY,)).hint) < 300


@pytest.mark.parametrize("message", ["", "\ud83d", "\0", "a" * 60_000 + "!"])
def test_any_message_is_answered_quickly(message):
    began = time.perf_counter()
    assert suggest(event("E", message), (NONE, KEY, fix("redos", "^(a+)+$"))) is None
    assert time.perf_counter() - began < 0.5


def test_without_a_fix_that_fits_there_is_no_suggestion():
    assert suggest(event("ValueError", "odd"), (NONE, KEY)) is None
    assert suggest(event("ValueError", "odd"), ()) is None
