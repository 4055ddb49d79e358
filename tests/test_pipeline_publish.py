"""What was planned is done once, whatever the sink answers, on a clock that the test turns."""

from datetime import timedelta

import pytest

from triaged.core.decide import Limits
from triaged.core.model import Delivery, Marker, Report, Ticket
from triaged.core.settle import Intent
from triaged.errors import Refused, Unavailable, Unknown
from triaged.metrics import Metrics
from triaged.pipeline.publish import Publisher
from triaged.pipeline.storm import Storms
from triaged.pipeline.upkeep import Upkeep
from triaged.ports import Counted, Decision, Settled, Sink
from triaged.stores.memory import Store
from world import NOON, TurnedClock

pytestmark = pytest.mark.anyio

FINGERPRINT = "v1:" + "ab" * 16
REPORT = Report("acme/shop", Marker(FINGERPRINT), "a title", "Occurrences: 1")


class Tracker(Sink):
    """Files reports; ``answers`` says how each creation goes, ``looks`` how each listing does."""

    name = "tracker"

    def __init__(self):
        self.filed = []
        self.sent = 0
        self.answers = []
        self.looks = []
        self.updates = []

    async def create(self, report):
        self.sent += 1
        what, applied = self.answers.pop(0) if self.answers else (None, True)
        if applied:
            self.filed.append(report)
        if what:
            raise what
        return Ticket("tracker", report.repository, str(len(self.filed)))

    async def find(self, intent):
        if self.looks:
            what = self.looks.pop(0)
            if what:
                raise what
        there = [number for number, report in enumerate(self.filed, 1) if report.marker.fingerprint == intent.report.marker.fingerprint]
        return Ticket("tracker", intent.report.repository, str(there[0])) if there else None

    async def update(self, ticket, report, *, reopen=False):
        self.updates.append(report.body)


class Desk:
    def __init__(self):
        self.clock = TurnedClock()
        self.store = Store()
        self.sink = Tracker()
        self.publisher = self.restarted()

    def restarted(self):
        attempts = iter(f"a{number}" for number in range(100))
        sinks = {"tracker": self.sink}
        upkeep = Upkeep(self.store, sinks, self.report, self.comment, self.clock, timedelta(seconds=300))
        storms = Storms(self.store, sinks, Limits, self.umbrella, self.clock, timedelta(seconds=300))
        quiet = timedelta(seconds=90)
        self.publisher = Publisher(self.store, sinks, upkeep, storms, self.clock, Metrics(), lambda: next(attempts), quiet=quiet)
        return self.publisher

    def umbrella(self, fingerprint, repository, named, waiting, limit):
        return Report("acme/shop", Marker(fingerprint), f"{waiting} wait", "")

    def comment(self, group, view, standing, verdict):
        return Report("acme/shop", Marker(group.fingerprint, verdict.outcome.regressions), "a title", verdict.reason)

    def report(self, group, view, note=""):
        return Report("acme/shop", Marker(group.fingerprint), "a title", f"Occurrences: {group.tally.count}")

    async def plan(self):
        decision = Decision("r", {"weight": 1}, "acme/shop", (Intent(id=1, kind="issue", sink="tracker", report=REPORT),))
        await self.count(decision)

    async def count(self, decision=None):
        counted = Counted(FINGERPRINT, "sentry", self.clock.now(), decision=decision)
        await self.store.record([Settled(Delivery("sentry", "k", NOON, b""), (counted,))], NOON)

    async def after(self, seconds):
        """Lets that much time pass, a second at a time, as the daemon does."""
        for _ in range(seconds):
            await self.publisher.once()
            self.clock.turn(1)
        await self.publisher.once()


@pytest.fixture
async def desk():
    desk = Desk()
    await desk.plan()
    return desk


async def test_what_is_planned_is_filed_once(desk):
    await desk.after(600)
    assert (desk.sink.sent, len(desk.sink.filed)) == (1, 1)
    assert desk.store.group(FINGERPRINT).ticket == Ticket("tracker", "acme/shop", "1")
    assert desk.sink.filed[0].marker.attempt == "a0"


async def test_what_another_instance_has_filed_is_adopted_before_anything_is_sent(desk):
    desk.sink.filed.append(REPORT)
    await desk.after(10)
    assert desk.sink.sent == 0
    assert desk.store.group(FINGERPRINT).ticket is not None


async def test_an_answer_that_was_lost_after_it_was_applied_is_found_after_the_quiet_period(desk):
    desk.sink.answers = [(Unknown("timeout"), True)]
    await desk.after(89)
    assert desk.store.group(FINGERPRINT).ticket is None
    await desk.after(30)
    assert (desk.sink.sent, desk.store.group(FINGERPRINT).ticket.key) == (1, "1")


async def test_a_request_that_was_lost_is_sent_again_only_after_two_absences(desk):
    desk.sink.answers = [(Unknown("timeout"), False)]
    await desk.after(100)
    assert desk.sink.sent == 1  # absent once
    await desk.after(30)
    assert (desk.sink.sent, len(desk.sink.filed)) == (2, 1)
    assert desk.sink.filed[0].marker.attempt == "a1"


async def test_a_listing_that_fails_is_never_an_absence(desk):
    desk.sink.answers = [(Unknown("timeout"), True)]
    desk.sink.looks = [None, *[Unknown("it lags"), Unavailable("502")] * 20]
    await desk.after(600)
    assert desk.sink.sent == 1
    await desk.after(300)
    assert desk.store.group(FINGERPRINT).ticket is not None


async def test_a_crash_while_it_was_sent_is_an_answer_that_was_lost(desk):
    desk.sink.answers = [(KeyboardInterrupt(), True)]
    with pytest.raises(KeyboardInterrupt):
        await desk.publisher.once()
    desk.restarted()
    await desk.after(200)
    assert (desk.sink.sent, len(desk.sink.filed)) == (1, 1)
    assert desk.store.group(FINGERPRINT).ticket is not None


async def test_what_surely_did_not_happen_is_sent_again_with_growing_pauses(desk):
    desk.sink.answers = [(Unavailable("connection refused"), False)] * 4
    await desk.after(5)
    assert desk.sink.sent == 3
    await desk.after(20)
    assert (desk.sink.sent, len(desk.sink.filed)) == (5, 1)


async def test_nothing_is_sent_before_the_time_that_the_sink_names(desk):
    desk.sink.answers = [(Unavailable("limited", NOON + timedelta(seconds=400)), False)]
    await desk.after(399)
    assert desk.sink.sent == 1
    await desk.after(2)
    assert (desk.sink.sent, len(desk.sink.filed)) == (2, 1)


async def test_what_is_refused_for_good_is_parked_and_not_sent_again(desk):
    desk.sink.answers = [(Refused("410: issues are disabled"), False)] * 9
    await desk.after(600)
    assert desk.sink.sent == 1


async def test_numbers_are_written_at_most_once_an_interval_and_are_exact_in_the_end(desk):
    await desk.after(5)
    for _ in range(50):
        await desk.count()
        await desk.after(10)
    await desk.after(300)
    assert 2 <= len(desk.sink.updates) <= 4
    assert desk.sink.updates[-1] == "Occurrences: 51"
    await desk.after(2000)
    assert desk.sink.updates[-1] == "Occurrences: 51"
    assert len(desk.sink.updates) <= 4
