"""Every store against the same promises."""

from dataclasses import replace
from datetime import timedelta

import pytest

from triaged.clients.sqlite import Database
from triaged.core.model import Delivery, Marker, Report, Ticket
from triaged.core.settle import Intent
from triaged.ports import Counted, Decision, Settled
from triaged.stores import memory, sqlite
from world import NOON

pytestmark = pytest.mark.anyio

FINGERPRINT = "v1:" + "ab" * 16
TICKET = Ticket(sink="local", repository="acme/shop", key="0001-abababab.md")


@pytest.fixture(params=["sqlite", "memory"])
def store(request, tmp_path):
    if request.param == "memory":
        yield memory.Store()
        return
    database = Database(tmp_path / "triaged.db")
    yield sqlite.Store(database)
    database.close()


def intent(generation=1, sink="local"):
    report = Report("acme/shop", Marker(FINGERPRINT, generation), "a title", "a body", ("triaged",))
    return Intent(id=0, kind="issue", sink=sink, report=report, accepted_at=NOON)


def decision(points=0.8, rules="r1", **given):
    return Decision(rules, {"weight": points}, "acme/shop", (intent(**given),))


def settled(*counted):
    return [Settled(Delivery("sentry", "k", NOON, b""), counted)]


def counted(**given):
    return Counted(**{"fingerprint": FINGERPRINT, "source": "sentry", "at": NOON, **given})


async def test_an_error_nobody_has_seen_has_no_group(store):
    assert store.group(FINGERPRINT) is None


async def test_events_of_a_group_are_counted_with_when_and_where(store):
    await store.record(settled(counted(decision=decision(), release="1.0", environment="production")), NOON)
    later = NOON + timedelta(hours=1)
    await store.record(
        settled(counted(at=later, source="slack", service="web"), counted(at=NOON - timedelta(hours=1), release="1.1")), NOON
    )
    tally = store.group(FINGERPRINT).tally
    assert tally.count == 3
    assert (tally.first_seen, tally.last_seen) == (NOON - timedelta(hours=1), later)
    assert dict(tally.sources) == {"sentry": 2, "slack": 1}
    assert (tally.releases, tally.environments, tally.services) == (("1.0", "1.1"), ("production",), ("web",))


async def test_one_event_told_twice_by_its_source_counts_once(store):
    await store.record(settled(counted(key="event 7"), counted(key="event 7")), NOON)
    await store.record(settled(counted(key="event 7"), counted(key="event 7", source="slack")), NOON)
    assert store.group(FINGERPRINT).tally.count == 2  # one of Sentry, one of Slack


async def test_a_decision_plans_its_intent_once(store):
    await store.record(settled(counted(decision=decision()), counted(decision=decision())), NOON)
    (planned,) = store.due(NOON, 10)
    assert (planned.state, planned.report.title, planned.report.labels) == ("planned", "a title", ("triaged",))
    assert planned.accepted_at == NOON
    assert store.group(FINGERPRINT).generation == 1


async def test_an_intent_that_is_done_gives_its_group_the_ticket(store):
    await store.record(settled(counted(decision=decision())), NOON)
    (planned,) = store.due(NOON, 10)
    await store.save(replace(planned, state="done", ticket=TICKET), NOON)
    assert store.due(NOON, 10) == []
    assert store.group(FINGERPRINT).ticket == TICKET


async def test_a_receivers_ticket_does_not_take_the_groups_place(store):
    copy = replace(intent(sink="archive"), leads=False)
    both = replace(decision(), intents=(intent(), copy))
    await store.record(settled(counted(decision=both)), NOON)
    for planned in store.due(NOON, 10):
        await store.save(replace(planned, state="done", ticket=replace(TICKET, sink=planned.sink)), NOON)
    assert store.group(FINGERPRINT).ticket == TICKET


async def test_an_intent_is_due_when_its_time_has_come(store):
    await store.record(settled(counted(decision=decision())), NOON)
    (planned,) = store.due(NOON, 10)
    await store.save(replace(planned, state="unknown", sent_at=NOON, due_at=NOON + timedelta(seconds=90)), NOON)
    assert store.due(NOON + timedelta(seconds=89), 10) == []
    (again,) = store.due(NOON + timedelta(seconds=90), 10)
    assert (again.state, again.sent_at) == ("unknown", NOON)


async def test_a_ticket_that_says_less_than_we_know_is_grown_once_its_interval_is_over(store):
    await store.record(settled(counted(decision=decision())), NOON)
    (planned,) = store.due(NOON, 10)
    await store.save(replace(planned, state="done", ticket=TICKET), NOON)
    assert [group.tally.count for group, _ in store.grown(NOON, 10)] == [1]
    await store.written(store.group(FINGERPRINT), NOON)
    assert store.grown(NOON + timedelta(days=1), 10) == []
    await store.record(settled(counted()), NOON)
    assert store.grown(NOON - timedelta(seconds=1), 10) == []
    ((group, view),) = store.grown(NOON, 10)
    assert (group.tally.count, view["weight"]) == (2, 0.8)


async def test_a_poorer_telling_does_not_replace_a_richer_one(store):
    await store.record(settled(counted(decision=decision(0.8))), NOON)
    await store.record(settled(counted(decision=decision(0.3, rules="r2"))), NOON)
    (planned,) = store.due(NOON, 10)
    await store.save(replace(planned, state="done", ticket=TICKET), NOON)
    ((group, view),) = store.grown(NOON, 10)
    assert view["weight"] == 0.8
    assert group.decided_by == "r2"


async def test_a_delivery_that_is_settled_twice_counts_once(tmp_path):
    database = Database(tmp_path / "triaged.db")
    store = sqlite.Store(database)
    insert = "INSERT INTO pending (sequence, source, key, at, headers, body, checksum) VALUES (7, 'sentry', 'k', 0, '{}', x'', 0)"
    await database.write(lambda connection: connection.execute(insert))
    once = [Settled(Delivery("sentry", "k", NOON, b"", sequence=7), (counted(),))]
    await store.record(once, NOON)
    await store.record(once, NOON)
    assert store.group(FINGERPRINT).tally.count == 1
    assert database.read("SELECT count(*) FROM pending") == [(0,)]
    database.close()


async def test_groups_are_listed_by_when_they_were_last_seen_and_found_by_their_short_id(tmp_path):
    database = Database(tmp_path / "triaged.db")
    store = sqlite.Store(database)
    other = "v1:" + "cd" * 16
    await store.record(settled(counted(decision=decision()), counted(fingerprint=other, at=NOON + timedelta(1), decision=decision())), NOON)
    assert [group.fingerprint for group, _ in store.groups(10)] == [other, FINGERPRINT]
    found = store.by_short("cdcdcdcd")
    assert found is not None
    assert found[0].fingerprint == other
    assert store.by_short("00000000") is None
    database.close()
