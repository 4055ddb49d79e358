"""The create protocol, step by step."""

from dataclasses import replace
from datetime import timedelta

import pytest

from triaged.core import settle
from triaged.core.model import Marker, Report, Ticket
from triaged.core.settle import Intent
from world import NOON

QUIET = timedelta(seconds=90)
PLANNED = Intent(id=1, kind="issue", sink="github", report=Report("acme/shop", Marker("v1:" + "0" * 32), "t", "b"))
SENT = settle.stamped(PLANNED, NOON, "a1", 17)


def at(seconds):
    return NOON + timedelta(seconds=seconds)


def test_what_is_planned_is_sent():
    assert settle.step(PLANNED, NOON, QUIET).what == "send"


def test_it_is_stamped_before_it_leaves():
    assert (SENT.state, SENT.sent_at, SENT.attempt, SENT.witness) == ("sending", NOON, "a1", 17)


@pytest.mark.parametrize("intent", [SENT, settle.lost(SENT, "timeout")])
def test_a_lost_answer_waits_out_the_quiet_period_and_is_then_looked_for_and_not_sent(intent):
    early = settle.step(intent, at(89), QUIET)
    assert (early.what, early.at) == ("wait", at(90))
    assert settle.step(intent, at(90), QUIET).what == "look"


def test_one_absence_never_leads_to_sending_again():
    once = settle.absent(settle.lost(SENT, "timeout"), at(90))
    assert settle.step(once, at(91), QUIET).what == "wait"
    assert settle.step(once, at(105), QUIET).what == "look"


def test_two_absences_some_seconds_apart_send_it_again_as_another_attempt():
    twice = settle.absent(settle.absent(settle.lost(SENT, "timeout"), at(90)), at(105))
    assert settle.step(twice, at(105), QUIET).what == "send"
    again = settle.stamped(twice, at(120), "a2", 18)
    assert (again.attempt, again.absences) == ("a2", 0)
    assert settle.step(again, at(121), QUIET).what == "wait"


def test_a_listing_that_failed_is_no_absence():
    unseen = settle.unseen(settle.lost(SENT, "timeout"), at(90), "502")
    assert unseen.absences == 0
    assert settle.step(unseen, at(91), QUIET).what == "wait"
    assert settle.step(unseen, at(105), QUIET).what == "look"


def test_what_surely_did_not_happen_is_sent_again_after_its_wait():
    refused = settle.not_applied(SENT, at(4), "connection refused")
    assert settle.step(refused, at(3), QUIET).what == "wait"
    assert settle.step(refused, at(4), QUIET).what == "send"


def test_what_is_done_or_parked_rests():
    assert settle.step(settle.done(SENT, Ticket("github", "acme/shop", "7"), "filed"), at(999), QUIET).what == "rest"
    assert settle.step(settle.parked(SENT, "410"), at(999), QUIET).what == "rest"


def test_a_parked_one_that_was_never_sent_is_sent_when_a_person_asks_for_it():
    assert settle.step(settle.again(settle.parked(PLANNED, "410")), NOON, QUIET).what == "send"


def test_a_parked_one_that_was_sent_is_looked_for_before_it_is_sent_again():
    again = settle.again(settle.parked(replace(SENT, absences=1, looked_at=at(95)), "no sink is called 'github' now"))
    assert settle.step(again, at(999), QUIET).what == "look"
    once = settle.absent(again, at(999))
    assert settle.step(once, at(1_000), QUIET).what == "wait"
    assert settle.step(settle.absent(once, at(1_015)), at(1_015), QUIET).what == "send"


def test_no_history_sends_twice_within_the_quiet_period():
    """Every state an attempt can be in within its quiet period waits."""
    for intent in (SENT, settle.lost(SENT, ""), replace(SENT, absences=5, looked_at=NOON)):
        assert settle.step(intent, at(60), QUIET).what == "wait"
