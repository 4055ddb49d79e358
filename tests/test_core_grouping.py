"""What rules/grouping.yaml says of what is the same error."""

from dataclasses import replace

from triaged.core import grouping
from triaged.core.facts import BEFORE_GROUPING, OF_FRAMES
from triaged.core.grouping import Explicit, Grouping, Mask, Ours
from triaged.core.model import Event, Frame, StackTrace
from triaged.core.rules import Pattern, compile
from world import NOON

LIB, OURS = Frame("send", "/srv/vendor/acme/mail.py", 7, in_app=False), Frame("notify", "/srv/shop/orders.py", 3)


def event(message="order AB is late", frames=(OURS, LIB), **labels):
    trace = StackTrace("python", "Late", message, frames) if frames else None
    return Event("sentry", NOON, "Late", message, "error", "python", trace, "other", labels=labels)


def when(condition, table=BEFORE_GROUPING):
    return compile(condition, lambda keys: "grouping.yaml:1:1", table)


def values(rules, *events):
    return {made(grouping.seen(one, rules), rules).value for one in events}


def made(event, rules):
    return grouping.fingerprint(event, grouping.masked(event, rules), rules)


def test_a_rule_makes_one_error_of_what_else_are_two():
    rules = Grouping((Explicit("late", when({"type": "Late"}), "late orders"),))
    assert len(values(Grouping(), event(), event(frames=(LIB,)))) == 2
    assert len(values(rules, event(), event(frames=(LIB,)))) == 1


def test_a_fact_in_an_explicit_fingerprint_tells_apart():
    rules = Grouping((Explicit("by Sentry", when({"source": "sentry"}), "sentry {labels.sentry_issue} {service}"),))
    assert len(values(rules, event(sentry_issue="1"), event(sentry_issue="2"), event(sentry_issue="1", service="web"))) == 3


def test_the_rule_is_named_as_the_reason():
    rules = Grouping((Explicit("late", when({"type": "Late"}), "late orders"),))
    assert "`late`" in made(event(), rules).reason


def test_what_a_mask_matches_is_data_in_messages_of_its_types_alone():
    mask = Mask("order", Pattern("order [A-Z]+", "grouping.yaml:1:1"), ("Late",))
    one, other = event(frames=()), event("order CD is late", frames=())
    assert len(values(Grouping(), one, other)) == 2
    assert len(values(Grouping(masks=(mask,)), one, other)) == 1
    assert len(values(Grouping(masks=(replace(mask, kinds=("Early",)),)), one, other)) == 2


def test_a_rule_says_whose_code_a_frame_is():
    rules = Grouping(in_app=(Ours(when({"path": {"glob": "*/vendor/acme/*"}}, OF_FRAMES), True),))
    assert [frame.in_app for frame in grouping.seen(event(), rules).frames] == [True, True]
    assert [frame.in_app for frame in grouping.seen(event(), Grouping()).frames] == [True, False]
