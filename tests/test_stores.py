"""Every store against the same promises."""

from dataclasses import replace
from datetime import timedelta

import pytest

from triaged.clients.sqlite import Database
from triaged.core import settle
from triaged.core.model import Delivery, Marker, Outcome, Owned, Report, Ticket
from triaged.core.settle import Intent
from triaged.ports import Counted, Decision, Known, Settled
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


async def test_a_group_is_found_by_its_other_names_unless_one_has_that_fingerprint(store):
    other = "v2:" + "cd" * 16
    await store.record(settled(counted(names=(other, "v2:told~"))), NOON)
    assert store.group(other).fingerprint == store.group("v2:told~").fingerprint == FINGERPRINT
    await store.record(settled(counted(fingerprint=other)), NOON)
    assert store.group(other).fingerprint == other
    await store.record(settled(counted(fingerprint="v2:" + "ef" * 16, names=("v2:told~",))), NOON)
    assert store.group("v2:told~").fingerprint == FINGERPRINT


async def test_different_tellings_of_one_error_are_remembered_until_they_are_many(store):
    await store.record(settled(counted(telling="a"), counted(telling="b"), counted(telling="a")), NOON)
    tally = store.group(FINGERPRINT).tally
    assert (tally.tellings, tally.mixed) == (("a", "b"), False)
    await store.record(settled(*(counted(telling=f"{number}") for number in range(50))), NOON)
    tally = store.group(FINGERPRINT).tally
    assert (len(tally.tellings), tally.mixed) == (12, True)


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
    await store.written(store.group(FINGERPRINT), Outcome(), NOON)
    assert store.grown(NOON + timedelta(days=1), 10) == []
    await store.record(settled(counted()), NOON)
    assert store.grown(NOON - timedelta(seconds=1), 10) == []
    ((group, view),) = store.grown(NOON, 10)
    assert (group.tally.count, view["weight"]) == (2, 0.8)


async def test_a_ticket_that_takes_anothers_place_does_not_show_our_numbers_yet(store):
    await store.record(settled(counted(decision=decision())), NOON)
    (planned,) = store.due(NOON, 10)
    await store.save(replace(planned, state="done", ticket=TICKET), NOON)
    await store.written(store.group(FINGERPRINT), Outcome(), NOON)
    await store.moved(FINGERPRINT, replace(TICKET, key="3"))
    ((group, _),) = store.grown(NOON, 10)
    assert group.ticket.key == "3"


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


async def test_repositories_take_turns_so_that_a_storm_in_one_keeps_no_other_waiting(store):
    def planned(number, repository):
        mark = Marker(f"v1:{number:032x}")
        return replace(intent(), report=replace(intent().report, repository=repository, marker=mark))

    for number in range(20):
        decided = replace(decision(), intents=(planned(number, "acme/busy"),))
        await store.record(settled(counted(fingerprint=f"v1:{number:032x}", decision=decided)), NOON)
    quiet = replace(decision(), intents=(planned(99, "acme/quiet"),))
    await store.record(settled(counted(fingerprint=f"v1:{99:032x}", decision=quiet)), NOON)
    assert "acme/quiet" in [one.report.repository for one in store.due(NOON, 2)]
    assert len(store.due(NOON, 50)) == 21


async def test_what_became_of_a_ticket_is_remembered(store):
    await store.record(settled(counted(decision=decision())), NOON)
    (planned,) = store.due(NOON, 10)
    await store.save(replace(planned, state="done", ticket=TICKET), NOON)
    outcome = Outcome(closed_at=NOON, closed_count=7, told_at=NOON, reopened_at=NOON + timedelta(hours=1), regressions=2)
    await store.written(store.group(FINGERPRINT), outcome, NOON)
    assert store.group(FINGERPRINT).outcome == outcome


async def test_a_ticket_that_was_looked_at_but_not_written_is_due_again_an_interval_later(store):
    await store.record(settled(counted(decision=decision())), NOON)
    (planned,) = store.due(NOON, 10)
    await store.save(replace(planned, state="done", ticket=TICKET), NOON)
    await store.written(store.group(FINGERPRINT), Outcome(), NOON + timedelta(hours=1), shown=False)
    assert store.grown(NOON + timedelta(minutes=59), 10) == []
    assert len(store.grown(NOON + timedelta(hours=1), 10)) == 1


async def test_tickets_of_an_earlier_life_give_their_groups_back_what_they_count(store):
    other = "v1:" + "cd" * 16
    earlier = NOON - timedelta(days=3)
    found = [
        Owned(TICKET, Marker(FINGERPRINT, 2), count=41, open=True, created_at=earlier),
        Owned(replace(TICKET, key="0009-abababab.md"), Marker(FINGERPRINT), count=7, open=False, created_at=earlier),
        Owned(replace(TICKET, key="0002-cdcdcdcd.md"), Marker(other), count=5, open=True, created_at=earlier),
    ]
    await store.record(settled(counted(), counted()), NOON)
    assert store.known("local", "acme/shop") is None
    await store.remember("local", "acme/shop", 17, found, NOON)
    await store.remember("local", "acme/shop", 9, (), NOON)
    assert store.known("local", "acme/shop") == Known(17)
    group = store.group(FINGERPRINT)
    assert (group.tally.count, group.tally.first_seen, group.ticket, group.generation) == (43, earlier, TICKET, 2)
    await store.record(settled(counted(fingerprint=other, decision=decision())), NOON)
    assert store.group(other).tally.count == 6
    assert [group.tally.count for group, _ in store.grown(NOON, 10)] == [6]  # of the other nothing can be rendered yet


async def test_duplicates_are_looked_for_when_it_was_said_and_again_where_that_failed(store):
    await store.record(settled(counted(decision=decision())), NOON)
    (planned,) = store.due(NOON, 10)
    await store.save(replace(planned, state="done", ticket=TICKET), NOON, (NOON + timedelta(minutes=15), NOON + timedelta(hours=1)))
    assert store.sweeps(NOON + timedelta(minutes=14)) == []
    later = NOON + timedelta(minutes=17)
    assert store.sweeps(later) == [("local", "acme/shop")]
    await store.swept("local", "acme/shop", later, again=later + timedelta(minutes=2))
    assert store.sweeps(later) == []
    assert store.sweeps(later + timedelta(minutes=2)) == [("local", "acme/shop")]
    await store.swept("local", "acme/shop", later + timedelta(minutes=2))
    assert store.sweeps(NOON + timedelta(minutes=59)) == []
    assert store.sweeps(NOON + timedelta(minutes=62)) == [("local", "acme/shop")]


async def test_a_ticket_that_is_gone_is_planned_once_more(store):
    await store.record(settled(counted(decision=decision())), NOON)
    (planned,) = store.due(NOON, 10)
    await store.save(replace(planned, state="done", ticket=TICKET), NOON)
    await store.lost(store.group(FINGERPRINT), intent(generation=2))
    assert store.group(FINGERPRINT).ticket is None
    assert [one.report.marker.generation for one in store.due(NOON, 10)] == [2]
    assert store.group(FINGERPRINT).generation == 2


async def test_notes_are_kept(store):
    assert store.note("a window") == ""
    await store.keep("a window", "until noon")
    await store.keep("a window", "until one")
    assert store.note("a window") == "until one"


async def test_what_is_withheld_waits_the_commonest_and_oldest_first_until_it_is_settled(store):
    marks = [f"v1:{number:032x}" for number in range(4)]
    for number, mark in enumerate(marks):
        one = replace(intent(), report=replace(intent().report, marker=Marker(mark)))
        decided = replace(decision(), intents=(one,))
        at = NOON - timedelta(hours=number)
        events = [counted(fingerprint=mark, at=at) for _ in range(1 if number == 3 else 2)]
        await store.record(settled(counted(fingerprint=mark, at=at, decision=decided), *events), NOON)
    for planned in store.due(NOON, 10):
        await store.save(settle.withheld(planned, "too many"), NOON)
    assert store.due(NOON, 10) == []
    assert store.waiting() == [("local", "acme/shop", 4)]
    rows = store.withheld("local", "acme/shop", NOON, 10)
    assert [(row.group.fingerprint, row.group.tally.count, row.view["weight"]) for row in rows] == [
        (marks[2], 3, 0.8),
        (marks[3], 2, 0.8),
        (marks[1], 3, 0.8),
        (marks[0], 3, 0.8),
    ]
    (newest,) = store.withheld("local", "acme/shop", NOON, 1, newest=True)
    assert newest.group.fingerprint == marks[3]
    await store.save(settle.released(newest.intent), NOON)
    assert [one.report.marker.fingerprint for one in store.due(NOON, 10)] == [marks[3]]
    assert store.waiting() == [("local", "acme/shop", 4)]
    await store.save(settle.done(settle.stamped(newest.intent, NOON, "a", 0), TICKET, ""), NOON)
    assert store.waiting() == [("local", "acme/shop", 3)]
    assert store.sent("local", "acme/shop", NOON) == 1
    assert store.sent("local", "acme/shop", NOON + timedelta(seconds=1)) == 0


async def test_the_umbrella_of_a_storm_is_found_again_and_follows_its_ticket(store):
    assert store.umbrellas() == []
    umbrella = replace(intent(), kind="umbrella", leads=False)
    await store.plan([umbrella, umbrella])
    (planned,) = store.due(NOON, 10)
    await store.save(settle.done(planned, TICKET, ""), NOON)
    await store.moved(FINGERPRINT, replace(TICKET, key="0002-x.md"))
    assert [one.ticket.key for one in store.umbrellas()] == ["0002-x.md"]
    assert store.group(FINGERPRINT) is None
