"""What a push has missed, asked of models of Sentry's and Slack's APIs over real sockets; the journal and the store are real."""

from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta

import anyio
import pytest

from models import sentry as sentry_model
from models import slack as slack_model
from triaged import parsers, rulebook, settings
from triaged.channels.journal import Journal
from triaged.clients.http import Client
from triaged.clients.sqlite import Database
from triaged.core import redact
from triaged.core.model import Delivery
from triaged.errors import Refused, Unavailable
from triaged.metrics import Metrics
from triaged.pipeline.reconcile import Reconciler
from triaged.pipeline.render import Renderer
from triaged.pipeline.triage import World
from triaged.pipeline.workers import Workers
from triaged.ports import Gap, Tools, Webhook
from triaged.sources import sentry, slack
from triaged.stores.sqlite import Store
from world import NOON, TurnedClock

pytestmark = pytest.mark.anyio

BOOK = rulebook.load([settings.data("rules")])
REDACTOR = redact.compile(BOOK.redaction, [])
RENDERER = Renderer([settings.data("templates")], REDACTOR)
TRACE = "```Error: {}\n    at {} (/app/shop/cart.js:1:7)```"


class Desk:
    """A daemon without its sockets; ``restart`` leaves what is on the disk."""

    def __init__(self, database, http, sentry_url, slack_url):
        self.clock = TurnedClock()
        self.database = database
        tools = Tools(http, self.clock, Metrics())
        token = {"auth_token": sentry_model.TOKEN, "organization": "acme", "api_url": sentry_url}
        self.sentry = sentry.Sentry(sentry.Config(client_secret="s3cret", **token), tools)
        self.slack = slack.Slack(slack.Config(signing_secret="s3cret", bot_token=slack_model.TOKEN, api_url=slack_url), tools)
        self.restart()

    def restart(self):
        self.metrics = Metrics()
        self.journal = Journal(self.database, self.clock)
        self.store = Store(self.database)
        self.workers = Workers(self.journal, self.store, self.world, self.clock, self.metrics, lambda: REDACTOR, lambda: None)
        self.sources = {"sentry": self.sentry, "slack": self.slack}
        self.reconciler = Reconciler(self.journal, self.store.knows, self.sources, self.clock, self.metrics)
        self.reconciler.recall(self.sources)

    def world(self):
        return World(self.sources, BOOK, parsers.parse, self.store.group, None, RENDERER, "local", "shop")

    async def tell(self, name, body, kind="error"):
        """As the listener does it."""
        source = self.sources[name]
        headers = {"sentry-hook-resource": kind} if name == "sentry" else {}
        webhook = Webhook(headers, body, self.clock.now())
        delivery = Delivery(name, source.key(webhook), webhook.at, body, headers)
        records = source.read(delivery)
        await self.reconciler.accept([Delivery(name, delivery.key, webhook.at, body, headers, records=records)])
        await self.work()

    async def catch_up(self, name):
        missed = await self.reconciler.catch_up(self.sources[name])
        await self.work()
        return missed

    async def work(self):
        while self.journal.pending():
            await self.workers.batch(await self.journal.take(64))

    async def down(self, **time):
        """Down for so long, and up again."""
        await self.journal.put([], ("alive/", self.clock.now().isoformat()))
        self.clock.turn(timedelta(**time).total_seconds())
        self.restart()

    def counts(self):
        return {view["event"]["kind"]: group.tally.count for group, view in self.store.groups(100)}


@pytest.fixture
def their_sentry():
    return sentry_model.Sentry()


@pytest.fixture
def their_slack():
    return slack_model.Slack()


@pytest.fixture
async def desk(tmp_path, their_sentry, their_slack):
    database, http = Database(tmp_path / "triaged.db"), Client()
    async with sentry_model.served(their_sentry) as sentry_url, slack_model.served(their_slack) as slack_url:
        yield Desk(database, http, sentry_url, slack_url)
        await http.close()
    database.close()


def ago(desk, **time):
    return desk.clock.now() - timedelta(**time)


@asynccontextmanager
async def time_passes(desk, seconds=1):
    """So many seconds of the clock for a hundredth of ours, as long as what stands within takes."""

    async def turn():
        while True:
            await anyio.sleep(0.01)
            desk.clock.turn(seconds)

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(turn)
        yield
        tasks.cancel_scope.cancel()


# -------------------------------------------------------------------- Sentry


async def test_every_error_of_an_outage_is_counted_once_and_those_told_before_are_repeats(desk, their_sentry):
    for number in range(7):
        event = their_sentry.happened("1", ago(desk, seconds=number), kind="KeyError")
        await desk.tell("sentry", their_sentry.webhook(event))
    await desk.down(hours=1)
    for number in range(40):
        their_sentry.happened("1", ago(desk, minutes=number), kind="KeyError")
    for number in range(3):
        their_sentry.happened("2", ago(desk, minutes=number), kind="ValueError")
    their_sentry.page = 10
    assert await desk.catch_up("sentry") == 43
    assert desk.counts() == {"KeyError": 47, "ValueError": 3}
    assert desk.metrics.registry.get_sample_value("triaged_source_missed_total", {"source": "sentry"}) == 43
    desk.clock.turn(60)
    assert await desk.catch_up("sentry") == 0
    desk.restart()
    assert await desk.catch_up("sentry") == 0
    assert desk.counts() == {"KeyError": 47, "ValueError": 3}


async def test_what_is_fetched_is_grouped_and_labelled_as_what_is_pushed(desk, their_sentry):
    await desk.tell("sentry", their_sentry.webhook(their_sentry.happened("1", ago(desk, hours=2))))
    ((pushed, view),) = desk.store.groups(10)
    await desk.down(hours=1)
    their_sentry.happened("1", ago(desk, minutes=9))
    await desk.catch_up("sentry")
    ((group, again),) = desk.store.groups(10)
    assert (pushed.tally.count, group.tally.count) == (1, 2)
    for part in ("service", "environment", "project"):
        assert view["event"]["labels"].get(part) == again["event"]["labels"].get(part)
    (record,) = desk.sentry.read(await fetched(desk))
    assert record.links == {"Sentry": f"{desk.sentry._url}/organizations/acme/issues/1/events/{2:032x}/"}
    assert record.labels["sentry_issue"] == "1"


async def fetched(desk):
    """The first delivery that Sentry's API gives, but for the event with the number 1."""
    gap = Gap(ago(desk, hours=1), desk.clock.now(), None, frozenset({"error shop production"}))
    while not (sweep := await desk.sentry.missed(gap, lambda key: key == f"{1:032x}")).deliveries:
        gap = replace(gap, page=sweep.cursor)
    return sweep.deliveries[0]


async def test_where_nothing_was_missed_no_whole_event_is_fetched(desk, their_sentry):
    await desk.catch_up("sentry")
    desk.clock.turn(3_600)
    for number in range(30):
        await desk.tell("sentry", their_sentry.webhook(their_sentry.happened("1", ago(desk, minutes=2 + number))))
    assert await desk.catch_up("sentry") == 0
    assert len(their_sentry.asked) == 3  # the issues, and two pages of events
    assert not [path for path in their_sentry.asked if "full=true" in path]


@pytest.mark.parametrize("limit", [{"Retry-After": "7"}, {"X-Sentry-Rate-Limit-Reset": str(NOON.timestamp() + 3_607)}, {}])
async def test_a_limit_is_waited_for_and_then_it_goes_on_where_it_was(desk, their_sentry, limit):
    await desk.tell("sentry", their_sentry.webhook(their_sentry.happened("1", ago(desk, seconds=5))))
    await desk.down(hours=1)
    for number in range(60):
        their_sentry.happened("1", ago(desk, seconds=number))
    their_sentry.limited, their_sentry.limit = 1, limit
    async with time_passes(desk):
        assert await desk.catch_up("sentry") == 60
    assert 7 <= (desk.clock.now() - NOON).total_seconds() - 3_600 <= 90
    assert len([path for path in their_sentry.asked if "issues/?" in path]) == 2


async def test_while_sentry_is_away_it_is_said_and_asked_again(desk, their_sentry):
    await desk.tell("sentry", their_sentry.webhook(their_sentry.happened("1", ago(desk, seconds=5))))
    await desk.down(hours=1)
    their_sentry.happened("1", ago(desk, minutes=5))
    their_sentry.away = True
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(desk.catch_up, "sentry")
        with anyio.fail_after(5):
            while not desk.reconciler.failing:  # noqa: ASYNC110 - what it waits for comes over a socket
                await anyio.sleep(0.01)
        assert "503" in desk.reconciler.failing["sentry"]
        their_sentry.away = False
        desk.clock.turn(61)
    assert desk.counts() == {"KeyError": 2}
    assert desk.reconciler.failing == {}


async def test_where_new_issues_are_told_those_that_began_meanwhile_are_told_once(desk, their_sentry):
    for number in range(3):  # it is told when it has grown already
        their_sentry.happened("1", ago(desk, seconds=number), kind="ToldError")
    await desk.tell("sentry", their_sentry.created("1"), "issue")
    assert await desk.catch_up("sentry") == 0
    await desk.down(hours=1)
    their_sentry.happened("1", ago(desk, minutes=30), kind="ToldError")
    for minutes in (20, 10):
        their_sentry.happened("2", ago(desk, minutes=minutes), kind="NewError", project="other")
    assert await desk.catch_up("sentry") == 1
    assert desk.counts() == {"ToldError": 1, "NewError": 1}
    assert await desk.catch_up("sentry") == 0
    await desk.tell("sentry", their_sentry.created("2"), "issue")
    assert desk.counts() == {"ToldError": 1, "NewError": 1}


async def test_of_alerts_only_issues_are_fetched_that_began_while_we_were_down_where_alerts_came_from(desk, their_sentry):
    await desk.tell("sentry", their_sentry.webhook(their_sentry.happened("1", ago(desk, seconds=5)), "event_alert"), "event_alert")
    await desk.catch_up("sentry")
    desk.clock.turn(3_600)
    their_sentry.happened("2", ago(desk, minutes=30), kind="NoAlertError")
    assert await desk.catch_up("sentry") == 0  # we were up: the rule did not want it told
    await desk.down(hours=1)
    for issue, project, environment in (("3", "shop", "production"), ("4", "shop", "staging"), ("5", "web", "production")):
        their_sentry.happened(issue, ago(desk, minutes=30), kind=f"Error{issue}", project=project, environment=environment)
    assert await desk.catch_up("sentry") == 1
    assert desk.counts() == {"KeyError": 1, "Error3": 1}


async def test_what_is_resolved_or_long_ago_is_not_fetched(desk, their_sentry):
    await desk.tell("sentry", their_sentry.webhook(their_sentry.happened("1", ago(desk, seconds=5))))
    await desk.down(hours=40)
    their_sentry.happened("2", ago(desk, hours=30), kind="LongAgo")
    their_sentry.happened("3", ago(desk, hours=1), kind="Resolved")
    their_sentry.issues["3"].status = "resolved"
    their_sentry.happened("4", ago(desk, hours=23), kind="Yesterday")
    assert await desk.catch_up("sentry") == 1
    assert desk.counts() == {"KeyError": 1, "Yesterday": 1}


async def test_the_first_time_ever_nothing_was_missed(desk, their_sentry, their_slack):
    their_sentry.happened("1", ago(desk, minutes=5))
    their_slack.said("C0ALERTS", ago(desk, minutes=5), TRACE.format("boom", "total"))
    assert await desk.catch_up("sentry") == 0
    assert await desk.catch_up("slack") == 0
    assert their_sentry.asked == []


async def test_a_token_that_will_not_do_is_refused_with_what_it_needs_and_the_gap_stays_open(desk, their_sentry):
    await desk.tell("sentry", their_sentry.webhook(their_sentry.happened("1", ago(desk, seconds=5))))
    await desk.down(hours=1)
    their_sentry.happened("1", ago(desk, minutes=50))
    token, sentry_model.TOKEN = sentry_model.TOKEN, "another"
    try:
        with pytest.raises(Refused, match="event:read"):
            await desk.catch_up("sentry")
    finally:
        sentry_model.TOKEN = token
    desk.clock.turn(60)
    assert await desk.catch_up("sentry") == 1


# --------------------------------------------------------------------- Slack


async def test_every_message_of_an_outage_is_read_once_from_the_channels_that_were_heard(desk, their_slack):
    for number, channel in enumerate(("C0ALERTS", "C0OTHER")):
        await desk.tell("slack", their_slack.said(channel, ago(desk, seconds=number), TRACE.format("pushed", "total")))
    await desk.down(hours=2)
    for number in range(250):
        their_slack.said("C0ALERTS", ago(desk, seconds=10 * number), TRACE.format("boom", "total"))
    their_slack.said("C0OTHER", ago(desk, minutes=3), "lunch?")
    their_slack.said("C0OTHER", ago(desk, minutes=2), TRACE.format("ours", "total"), bot_id=slack_model.BOT)
    their_slack.said("C0OTHER", ago(desk, minutes=1), "joined", subtype="channel_join")
    their_slack.said("C0NEVER", ago(desk, minutes=1), TRACE.format("unheard", "total"))
    assert await desk.catch_up("slack") == 251
    assert desk.counts() == {"Error": 252}
    desk.clock.turn(60)
    assert await desk.catch_up("slack") == 0


async def test_a_message_that_slack_delivers_after_all_is_a_repeat(desk, their_slack):
    await desk.tell("slack", their_slack.said("C0ALERTS", ago(desk, seconds=9), TRACE.format("boom", "total")))
    await desk.down(minutes=5)
    late = their_slack.said("C0ALERTS", ago(desk, minutes=1), TRACE.format("boom", "total"))
    assert await desk.catch_up("slack") == 1
    await desk.tell("slack", late)
    assert desk.counts() == {"Error": 2}


async def test_a_channel_that_cannot_be_read_is_said_and_does_not_hold_up_the_others(desk, their_slack):
    for channel in ("C0A", "C0B"):
        await desk.tell("slack", their_slack.said(channel, ago(desk, seconds=9), TRACE.format("boom", "total")))
    await desk.down(hours=1)
    their_slack.invited.discard("C0A")
    for channel in ("C0A", "C0B"):
        their_slack.channels[channel] += [
            {"type": "message", "ts": f"{ago(desk, minutes=30).timestamp():.6f}", "text": TRACE.format("x", "total")}
        ]
    with pytest.raises(Refused, match=r"channel C0A: .*not_in_channel"):
        await desk.catch_up("slack")
    await desk.work()
    assert desk.counts() == {"Error": 3}
    their_slack.invited.add("C0A")
    assert await desk.catch_up("slack") == 1
    assert desk.counts() == {"Error": 4}


async def test_slack_s_limit_is_waited_for(desk, their_slack):
    await desk.tell("slack", their_slack.said("C0ALERTS", ago(desk, seconds=9), TRACE.format("boom", "total")))
    await desk.down(hours=1)
    for number in range(30):
        their_slack.said("C0ALERTS", ago(desk, minutes=number), TRACE.format("boom", "total"))
    their_slack.most, their_slack.limited = 15, 2
    async with time_passes(desk):
        assert await desk.catch_up("slack") == 30


# ---------------------------------------------------------------- at all times


async def test_what_could_not_be_stored_is_looked_for(desk, their_slack):
    await desk.tell("slack", their_slack.said("C0ALERTS", ago(desk, seconds=9), TRACE.format("boom", "total")))
    await desk.catch_up("slack")
    desk.clock.turn(600)
    refused = their_slack.said("C0ALERTS", ago(desk, seconds=1), TRACE.format("boom", "total") + "." * 60_000)
    await desk.database.write(lambda connection: connection.execute("PRAGMA max_page_count = 1"))  # a full disk
    with pytest.raises(Unavailable):
        await desk.tell("slack", refused)
    await desk.database.write(lambda connection: connection.execute("PRAGMA max_page_count = 1073741823"))
    assert await desk.catch_up("slack") == 1


async def test_it_is_asked_at_the_start_and_every_hour(desk, their_slack):
    await desk.tell("slack", their_slack.said("C0ALERTS", ago(desk, seconds=9), TRACE.format("boom", "total")))
    await desk.down(hours=1)
    began = desk.clock.now()
    async with anyio.create_task_group() as tasks, time_passes(desk, 60):
        tasks.start_soon(desk.reconciler.run)
        while desk.clock.now() - began < timedelta(hours=2.5):
            await desk.clock.sleep(60)
        tasks.cancel_scope.cancel()
    assert sum("history" in path for path in their_slack.asked) == 3


async def test_when_a_source_was_last_heard_of_survives_a_restart_and_what_it_missed_does_not_count_as_hearing(desk, their_slack):
    await desk.tell("slack", their_slack.said("C0ALERTS", ago(desk, seconds=9), TRACE.format("boom", "total")))
    heard = desk.clock.now().timestamp()
    await desk.down(hours=1)
    their_slack.said("C0ALERTS", ago(desk, minutes=9), TRACE.format("boom", "total"))
    assert await desk.catch_up("slack") == 1
    desk.restart()
    assert desk.metrics.registry.get_sample_value("triaged_source_last_delivery_timestamp_seconds", {"source": "slack"}) == heard
