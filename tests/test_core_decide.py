import pytest

from triaged.core import facts, rules
from triaged.core.decide import decide
from triaged.core.route import Rule, route


def decided(written, *routes):
    known = facts.given(written, str)
    return decide(known, route(known, routes, "acme/shop"))


@pytest.mark.parametrize(
    ("confidence", "fix", "action"),
    [(0.81, True, "pull_request"), (1.0, True, "pull_request"), (0.8, True, "issue"), (0.3, True, "issue"), (0.95, False, "issue")],
)
def test_above_four_fifths_with_a_fix_a_pull_request_else_an_issue(confidence, fix, action):
    assert decided({"confidence": confidence, "fix.present": fix}).action == action


def test_it_says_why():
    assert decided({"confidence": 0.95}).reason == "there is no fix to propose"
    unsure = decided({"confidence": 0.7, "fix.present": True})
    assert unsure.reason == "not sure enough for a pull request: confidence is 0.7, not greater than 0.8"
    sure = decided({"confidence": 0.9, "fix.present": True})
    assert sure.reason == "confidence is 0.9 (greater than 0.8) and fix.present is true"


def test_what_a_route_drops_is_dropped_however_sure_we_are():
    noise = Rule("noise", rules.compile({"service": "canary"}, str), action="drop")
    decision = decided({"service": "canary", "confidence": 0.95, "fix.present": True}, noise)
    assert (decision.action, decision.reason) == ("drop", 'route `noise`: service is "canary"')


def test_a_route_may_ask_for_more_or_for_less():
    strict = Rule("strict", pull_request=rules.compile({"fix.verified": True}, str), draft=False)
    assert decided({"confidence": 0.95, "fix.present": True}, strict).action == "issue"
    verified = decided({"confidence": 0.1, "fix.present": True, "fix.verified": True}, strict)
    assert (verified.action, verified.draft) == ("pull_request", False)


def test_no_route_opens_a_pull_request_without_a_diff():
    always = Rule("always", pull_request=rules.ALWAYS)
    assert decided({"confidence": 1.0}, always).action == "issue"
