import pytest

from triaged.core import facts, rules
from triaged.core.model import Point
from triaged.core.score import Rule, score


def rule(name, how, value, **when):
    return Rule(name, rules.compile({key.replace("__", "."): condition for key, condition in when.items()}, str), how, value)


RULES = (
    rule("code and stack trace", "set", 0.8, code__found=True, stack__present=True),
    rule("code only", "set", 0.6, code__found=True),
    rule("nothing found", "set", 0.3),
    rule("related logs", "add", 0.1, logs__related={"gt": 0}),
    rule("line confirmed", "add", 0.05, code__line="confirmed"),
    rule("fix verified", "add", 0.1, fix__verified=True),
)


def scored(written):
    return score(facts.given(written, str), RULES)


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ({}, 0.3),
        ({"stack.present": True}, 0.3),
        ({"code.found": True}, 0.6),
        ({"code.found": True, "stack.present": True}, 0.8),
        ({"code.found": True, "stack.present": True, "logs.related": 1}, 0.9),
        ({"code.found": True, "stack.present": True, "code.line": "confirmed", "fix.verified": True}, 0.95),
    ],
)
def test_the_specification(written, value):
    assert scored(written).value == value


def test_every_point_names_its_rule_and_only_the_first_base_counts():
    assert scored({"code.found": True, "stack.present": True, "logs.related": 2}).points == (
        Point("code and stack trace", 0.8, "set"),
        Point("related logs", 0.1, "add"),
    )


def test_it_stays_between_nothing_and_certainty():
    sure = (rule("a", "set", 0.9), rule("b", "add", 0.4))
    unsure = (rule("a", "set", 0.1), rule("b", "add", -0.4))
    assert score(facts.nothing(), sure).value == 1.0
    assert score(facts.nothing(), unsure).value == 0.0


def test_without_a_rule_that_holds_nothing_is_sure():
    assert score(facts.nothing(), ()).value == 0.0


def test_sums_of_hundredths_are_exact():
    thirds = tuple(rule(f"r{i}", "add", 0.1) for i in range(3))
    assert score(facts.nothing(), thirds).value == 0.3
