import time
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from triaged.core import facts, rules
from triaged.core.model import Commit, Event, Frame, Group, Place, Score, StackTrace, Suggestion, Tally
from triaged.errors import WrongConfig

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
APP = {"path": "app/cart.py", "function": "total", "module": "app.cart", "line": 42, "in_app": True}
LIBRARY = {"path": "/usr/lib/python3/json/decoder.py", "function": "decode", "module": "json.decoder", "line": 337, "in_app": False}
FACTS = facts.given(
    {
        "service": "checkout-eu",
        "environment": "production",
        "level": "error",
        "message": "healthcheck timeout after 5s",
        "labels": {"team": "web", "app.kubernetes.io/name": "cart"},
        "frames": [LIBRARY, APP],
        "code": {"found": True, "line": "confirmed"},
        "logs.related": 3,
        "confidence": 0.85,
    },
    str,
)


def place_of(keys):
    return "rules.yaml:" + ".".join(map(str, keys))


def holds(when):
    return rules.compile(when, place_of)(FACTS)


def why(when):
    return rules.compile(when, place_of).why(FACTS)


def wrong(when):
    with pytest.raises(WrongConfig) as caught:
        rules.compile(when, place_of)
    return str(caught.value)


@pytest.mark.parametrize(
    "when",
    [
        {},
        {"service": "checkout-eu"},
        {"code.found": True, "environment": "production"},
        {"code": {"found": True, "line": {"in": ["confirmed", "moved"]}}},
        {"service": {"glob": "checkout-*"}},
        {"service": {"glob": "*-eu"}},
        {"service": {"glob": "*out*"}},
        {"service": {"glob": "check???-[ae]?"}},
        {"service": {"glob": "check*-[!a-d]*"}},
        {"message": {"regex": "^healthcheck timeout"}},
        {"message": {"regex": "(?i)TIMEOUT"}},
        {"confidence": {"gt": 0.8}},
        {"confidence": {"ge": 0.85, "le": 0.85}},
        {"logs.related": {"gt": 0, "lt": 4}},
        {"logs": {"related": 3}},
        {"release": {"exists": False}},
        {"service": {"exists": True}},
        {"labels": {"team": "web"}},
        {"labels.team": {"in": ["web", "shop"]}},
        {"labels.app.kubernetes.io/name": "cart"},
        {"labels.owner": {"exists": False}},
        {"frames": {"path": {"glob": "app/*"}}},
        {"frames.path": {"glob": "*/json/*"}},
        {"frames": {"path": {"glob": "app/*"}, "in_app": True, "line": {"gt": 40}}},
        {"any": [{"level": "fatal"}, {"environment": "production"}]},
        {"all": [{"level": "error"}, {"environment": "production"}], "code.found": True},
        {"not": {"environment": "staging"}},
        {"code": {"any": [{"found": False}, {"line": "confirmed"}]}},
        {"message": {"any": [{"regex": "refused"}, {"glob": "healthcheck*"}]}},
        {"message": {"not": {"glob": "cart*"}}},
        {"service": {"any": ["shop", "checkout-eu"]}},
        {"frames": {"not": {"in_app": True}}},
        {"frames": {"any": [{"function": "total"}, {"function": "sum"}]}},
    ],
)
def test_a_condition_that_holds(when):
    assert holds(when)


@pytest.mark.parametrize(
    "when",
    [
        {"service": "checkout"},
        {"code.found": True, "environment": "staging"},
        {"service": {"glob": "checkout"}},
        {"service": {"glob": "eu-*"}},
        {"service": {"glob": "checkout-eu*u"}},
        {"service": {"glob": "checkout.eu"}},
        {"message": {"regex": "^timeout"}},
        {"confidence": {"gt": 0.85}},
        {"logs.related": {"gt": 0, "lt": 3}},
        {"release": {"exists": True}},
        {"labels": {"team": "web", "owner": "me"}},
        {"frames": {"path": {"glob": "app/*"}, "in_app": False}},
        {"any": [{"level": "fatal"}, {"environment": "staging"}]},
        {"not": {"environment": "production"}},
        {"message": {"glob": "healthcheck*", "not": {"regex": "timeout"}}},
    ],
)
def test_a_condition_that_does_not_hold(when):
    assert not holds(when)


@pytest.mark.parametrize("text", ["*", "**", "?*", "*a*b*", "[", "a[b", "[]", "*.py", "x?", "", "\\d", "a.c"])
@pytest.mark.parametrize("value", ["", "a", "ab", "a\nb", "cart.py", "[", "a[b", "x!", "\\d", "5", "abc", "a.c", "[]", "é"])
def test_globs_mean_what_they_mean_in_a_shell(text, value):
    import fnmatch

    matcher = rules.compile({"message": {"glob": text}}, place_of)
    assert matcher(FACTS | {"message": value}) == fnmatch.fnmatchcase(value, text)


def test_it_says_what_held():
    assert why({"service": {"glob": "checkout-*"}, "environment": "production"}) == (
        'service is "checkout-eu" (like "checkout-*") and environment is "production"'
    )
    assert why({"any": [{"level": "fatal"}, {"confidence": {"gt": 0.8}}]}) == "confidence is 0.85 (greater than 0.8)"
    assert why({"frames": {"function": "total"}}) == 'of a frame function is "total"'
    assert why({}) == "it asks for nothing"


def test_it_says_what_failed_first_and_what_it_was():
    assert why({"code.found": True, "environment": "staging", "service": "x"}) == 'environment is "production", not "staging"'
    assert why({"release": "1.2"}) == 'release is missing, not "1.2"'
    assert why({"confidence": {"gt": 0.9}}) == "confidence is 0.85, not greater than 0.9"
    assert why({"labels": {"team": {"in": ["shop", "ops"]}}}) == 'labels.team is "web", not one of "shop", "ops"'
    assert why({"not": {"level": "error"}}) == 'level is "error", and must not'
    assert why({"frames": {"function": "sum"}}) == 'no frame fits; of the innermost function is "total", not "sum"'
    assert rules.compile({"frames": {"in_app": True}}, place_of).why(facts.nothing()) == "there are no frames"


def test_a_long_message_with_line_ends_is_cut_to_one_line():
    told = rules.compile({"message": "x"}, place_of).why(FACTS | {"message": "a\n" * 5_000})
    assert len(told) < 200
    assert "\n" not in told


@pytest.mark.parametrize(
    ("when", "message"),
    [
        ({"servce": "x"}, "rules.yaml:servce: no fact is called `servce` here; did you mean `service`?"),
        ({"code": {"fund": True}}, "rules.yaml:code.fund: no fact is called `code.fund` here; did you mean `code.found`?"),
        ({"frames": {"pth": "x"}}, "rules.yaml:frames.pth: no fact is called `pth` here; did you mean `path`?"),
        ({"zzz": 1}, "there are: source, type, message"),
        ({"code": True}, "no fact is called `code` here"),
        ({"any": [{"level": "error"}, {"servce": 1}]}, "rules.yaml:any.1.servce: no fact"),
        ({"not": {"code": {"found": "yes"}}}, 'rules.yaml:not.code.found: `code.found` is true or false, and here stands "yes"'),
        ({"service": {"globb": "x"}}, "`service` is text, and `globb` does not ask that; did you mean `glob`?"),
        ({"service": {"gt": 3}}, "`service` is text, and `gt` does not ask that; there are: in, glob, regex, exists, any, all, not"),
        ({"logs.related": {"exists": True}}, "`logs.related` is a number, and `exists` does not ask that"),
        ({"code.found": {"in": [True]}}, "`code.found` is true or false, and `in` does not ask that"),
        ({"logs.related": "3"}, '`logs.related` is a number, and here stands "3"'),
        ({"logs.related": True}, "`logs.related` is a number, and here stands true"),
        ({"release": 1.2}, "`release` is text, and here stands 1.2; put it in quotes"),
        ({"release": None}, "`release` is text, and here stands nothing"),
        ({"confidence": {"gt": "0.8"}}, 'rules.yaml:confidence.gt: `confidence` is a number, and here stands "0.8"'),
        ({"environment": ["production"]}, "`environment` is compared with a list; write {in: [...]}"),
        ({"environment": {"in": "production"}}, "`in` wants a list of values"),
        ({"environment": {"in": []}}, "`in` wants a list of values"),
        ({"environment": {"in": ["a", 5]}}, "rules.yaml:environment.in.1: `environment` is text"),
        ({"code.line": "confirmd"}, '`code.line` is never "confirmd"; did you mean `confirmed`?'),
        ({"level": {"in": ["critical"]}}, '`level` is never "critical"; there are: debug, info, warning, error, fatal'),
        ({"service": {"exists": "yes"}}, "`exists` wants true or false"),
        ({"service": {"glob": 5}}, "`glob` wants text; here stands 5"),
        ({"service": {}}, "this asks for nothing"),
        ({"not": {}}, "this asks for nothing"),
        ({"any": []}, "`any` wants a list of conditions"),
        ({"all": {"level": "error"}}, "`all` wants a list of conditions"),
        ({"labels": "web"}, "`labels` wants a mapping, such as {team: web}"),
        ({"frames": []}, "`frames` wants a mapping"),
        ({"any": ["x"]}, "conditions are a mapping"),
        ("x", "conditions are a mapping"),
        (None, "conditions are a mapping"),
        ({"message": {"regex": "(?<=a)b"}}, "RE2 has no look-around (`(?<=`)"),
        ({"message": {"regex": "a(?!b)"}}, "RE2 has no look-around (`(?!`)"),
        ({"message": {"regex": "(a)\\1"}}, "RE2 has no back-references (`\\1`)"),
        ({"message": {"regex": "a\\Z"}}, "write `\\z`"),
        ({"message": {"regex": "(a"}}, "rules.yaml:message.regex: not a pattern that RE2 can read: missing ): (a"),
        ({"message": {"glob": "[z-a]"}}, "invalid character class range"),
    ],
)
def test_a_mistake_is_named_with_its_place_and_what_would_be_right(when, message):
    assert message in wrong(when)


def test_every_mistake_is_found_and_not_only_the_first():
    found = rules.mistakes({"servce": "x", "any": [{"code.found": 1}, {"message": {"regex": "("}}], "frames": {"lin": 1}}, place_of)
    assert [mistake.place.partition(":")[2] for mistake in found] == ["servce", "any.0.code.found", "any.1.message.regex", "frames.lin"]


def test_the_score_cannot_be_asked_for_while_it_is_being_made():
    with pytest.raises(WrongConfig, match="no fact is called `confidence`"):
        rules.compile({"confidence": {"gt": 0.5}}, place_of, facts.BEFORE_SCORING)


def test_a_pattern_that_would_take_others_for_ever_is_quick():
    matcher = rules.compile({"message": {"regex": "^(a+)+$"}}, place_of)
    began = time.perf_counter()
    assert not matcher(FACTS | {"message": "a" * 60_000 + "!"})
    assert not matcher(FACTS | {"message": "a" * 28 + "!"})
    assert time.perf_counter() - began < 0.5


def test_patterns_look_at_the_first_64_kilobytes_only():
    matcher = rules.compile({"message": {"regex": "needle"}}, place_of)
    assert matcher(FACTS | {"message": "x" * 60_000 + "needle"})
    assert not matcher(FACTS | {"message": "x" * 70_000 + "needle"})


def test_half_of_an_emoji_does_not_stop_a_pattern():
    assert rules.compile({"message": {"regex": "boom"}}, place_of)(FACTS | {"message": "\ud83d boom"})


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                [*facts.FACTS, *facts.FRAME_FACTS, "any", "all", "not", "in", "glob", "regex", "exists", "gt", "labels.x", "code", "x"]
            ),
            inner,
            max_size=3,
        )
    ),
    max_leaves=8,
)


@settings(max_examples=300, deadline=None)
@given(_JSON)
def test_whatever_is_written_is_refused_or_answers_every_event(when):
    try:
        matcher = rules.compile(when, place_of)
    except WrongConfig:
        return
    for known in (FACTS, facts.nothing()):
        assert matcher(known) in (True, False)
        assert matcher.why(known)


def test_every_fact_is_given_for_every_event():
    bare = Event("slack", NOON, "", "boom", "", "", None, "")
    assert facts.facts(bare).keys() == facts.FACTS.keys()
    assert all(not fact.refuses(facts.facts(bare)[name]) for name, fact in facts.FACTS.items())


def test_an_event_and_what_was_found_out_become_facts():
    trace = StackTrace(
        "python", "KeyError", "'id'", (Frame("decode", "json/decoder.py", 1, in_app=False), Frame("total", "app/cart.py", 42))
    )
    labels = {"service": "web", "environment": "production", "release": "1.2", "team": "shop"}
    event = Event("sentry", NOON, "KeyError", "'id'", "error", "python", trace, "bug", labels, logs=("GET /",))
    known = facts.facts(
        event,
        place=Place("app/cart.py", 42, "total", Commit("acme/shop", "a" * 40, "release"), "confirmed", "same line"),
        suggestion=Suggestion("use .get", "python-key-error"),
        score=Score(0.85, ()),
        group=Group("v1:00", Tally(4, NOON, NOON, {"slack": 4})),
        related=5,
    )
    assert {name: known[name] for name in ("type", "service", "environment", "release", "repository", "category")} == {
        "type": "KeyError",
        "service": "web",
        "environment": "production",
        "release": "1.2",
        "repository": "acme/shop",
        "category": "bug",
    }
    assert (known["code.found"], known["code.line"], known["code.path"], known["stack.in_app"]) == (True, "confirmed", "app/cart.py", True)
    assert (known["logs.related"], known["confidence"], known["group.count"], known["group.new"], known["group.sources"]) == (
        5,
        0.85,
        5,
        False,
        2,
    )
    assert rules.compile({"frames": {"path": "app/cart.py", "line": 42}, "labels.team": "shop"}, place_of)(known)


def test_a_hint_alone_is_no_fix():
    event = Event("slack", NOON, "", "boom", "", "", None, "")
    hint, diff = Suggestion("look there", "r", verified=True), Suggestion("look there", "r", "--- a\n+++ b\n", verified=True)
    assert not any(facts.facts(event, suggestion=hint)[name] for name in ("fix.present", "fix.verified"))
    assert all(facts.facts(event, suggestion=diff)[name] for name in ("fix.present", "fix.verified"))


@pytest.mark.parametrize(
    ("written", "message"),
    [
        ({"servce": "x"}, "did you mean `service`"),
        ({"code": {"found": "yes"}}, "`code.found` is true or false"),
        ({"code.line": "somewhere"}, "`code.line` is never"),
        ({"frames": ["app.py"]}, "a frame is a mapping"),
        ({"frames": [{"pth": "x"}]}, "rules.yaml:frames.0.pth: no fact is called `pth` here; did you mean `path`?"),
    ],
)
def test_facts_of_a_case_are_checked_too(written, message):
    with pytest.raises(WrongConfig) as caught:
        facts.given(written, place_of)
    assert message in str(caught.value)
