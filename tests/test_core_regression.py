"""An error that comes back after its ticket was closed."""

from dataclasses import replace
from datetime import timedelta

from triaged.core.model import Group, Outcome, Tally, Ticket
from triaged.core.regression import Standing, verdict
from world import NOON

TICKET = Ticket("github", "acme/shop", "7")
HOUR = timedelta(hours=1)


def group(count=10, last_seen=NOON, outcome=None):
    return Group("v1:" + "ab" * 16, Tally(count, NOON - HOUR, last_seen), ticket=TICKET, outcome=outcome or Outcome())


def closed(resolution="completed", at=NOON, count=9):
    return Standing(TICKET, False, resolution, at, count)


def test_an_open_ticket_gets_its_numbers_and_nothing_else():
    assert verdict(group(), Standing(TICKET), NOON).what == "write"


def test_what_was_seen_before_the_closing_does_not_reopen():
    assert verdict(group(last_seen=NOON - HOUR), closed(), NOON + HOUR).what == "write"


def test_what_comes_back_after_it_was_closed_as_completed_is_reopened_once():
    came = verdict(group(last_seen=NOON + HOUR), closed(), NOON + 2 * HOUR)
    assert came.what == "reopen"
    assert came.outcome.regressions == 1
    # a replica that still shows it closed
    again = verdict(group(last_seen=NOON + HOUR, outcome=came.outcome), closed(), NOON + 3 * HOUR)
    assert again.what == "write"
    assert again.outcome == came.outcome


def test_a_next_closing_a_day_later_is_a_next_regression():
    first = verdict(group(last_seen=NOON + HOUR), closed(), NOON + 2 * HOUR).outcome
    came = verdict(group(last_seen=NOON + 30 * HOUR, outcome=first), closed(at=NOON + 28 * HOUR), NOON + 30 * HOUR)
    assert (came.what, came.outcome.regressions) == ("reopen", 2)


def test_two_bots_do_not_keep_each_other_busy_within_a_day_the_ticket_is_told_once():
    outcome = verdict(group(last_seen=NOON + HOUR), closed(), NOON + 2 * HOUR).outcome
    whats = []
    for hour in range(3, 20):
        bot_closes = closed(at=NOON + 3 * HOUR)
        came = verdict(group(last_seen=NOON + hour * HOUR + HOUR, outcome=outcome), bot_closes, NOON + hour * HOUR + HOUR)
        outcome = came.outcome
        whats.append(came.what)
    assert whats == ["tell"] + ["write"] * 16
    later = verdict(group(last_seen=NOON + 27 * HOUR, outcome=outcome), closed(at=NOON + 3 * HOUR), NOON + 27 * HOUR)
    assert later.what == "reopen"  # the day is over and it still happens


def test_closed_as_not_planned_it_stays_closed_until_a_hundred_and_ten_times_as_often():
    for at_closing, needed in ((1, 100), (9, 100), (10, 100), (11, 110), (500, 5000)):
        stays = verdict(group(needed - 1, last_seen=NOON + HOUR), closed("not_planned", count=at_closing), NOON + 2 * HOUR)
        assert (stays.what, stays.outcome.closed_count) == ("write", at_closing)
        assert f"until the error has come {needed} times" in stays.reason
        assert verdict(group(needed, last_seen=NOON + HOUR), closed("not_planned", count=at_closing), NOON + 2 * HOUR).what == "reopen"


def test_closed_as_a_duplicate_it_stays_closed_too():
    assert verdict(group(99, last_seen=NOON + HOUR), closed("duplicate"), NOON + 2 * HOUR).what == "write"


def test_the_count_at_the_closing_is_that_of_the_first_look_after_it():
    first = verdict(group(20, last_seen=NOON + HOUR), closed("not_planned", count=15), NOON + 2 * HOUR)
    second = verdict(group(60, last_seen=NOON + HOUR, outcome=first.outcome), closed("not_planned", count=20), NOON + 3 * HOUR)
    assert second.outcome.closed_count == 15


def test_a_person_who_reopens_it_ends_the_story():
    outcome = verdict(group(20, last_seen=NOON + HOUR), closed("not_planned"), NOON + 2 * HOUR).outcome
    came = verdict(group(20, outcome=outcome), replace(closed(), open=True, closed_at=None), NOON + 3 * HOUR)
    assert (came.what, came.outcome.closed_at, came.outcome.closed_count) == ("write", None, 0)
