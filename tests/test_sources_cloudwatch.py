"""CloudWatch Logs as a source, against the model over a real socket with the real AWS client."""

import asyncio
import json
import random
import threading
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime, timedelta

import pytest

from models.cloudwatch import CloudWatch, faults, served
from running import running, until
from triaged.clients import aws
from triaged.core.model import Delivery
from triaged.errors import Rejected, Unavailable, WrongUse
from triaged.metrics import Metrics
from triaged.ports import Tools
from triaged.sources import cloudwatch
from world import NOON, TurnedClock

pytestmark = pytest.mark.anyio

CHECKOUT = "/ecs/checkout"
TRACE = """Traceback (most recent call last):
  File "/srv/shop/cart.py", line 7, in total
    return PRICES[item]
KeyError: 'scone'"""
LAMBDA = "2026/03/04/[$LATEST]0f1e2d3c"


class Place:
    """The model, its clock, and the source with the cursor that is stored between two sweeps."""

    def __init__(self, url, groups=(CHECKOUT,)):
        self.url = url
        self.groups = groups
        self.clock = TurnedClock()
        self.logs = CloudWatch(self.clock.now, region="eu-west-1")
        self.metrics = Metrics()
        self.cursor = ""
        self.stored = {}
        for group in groups:
            self.logs.group(group)

    @asynccontextmanager
    async def opened(self):
        """A source as a process that has just started has it."""
        config = cloudwatch.Config(groups=",".join(self.groups))
        async with cloudwatch.connect(config, Tools(None, self.clock, self.metrics)) as source:
            self.source = source
            yield source

    async def look(self):
        """One sweep; what it hands over is stored by its key, as the journal does."""
        sweep = await self.source.sweep(self.cursor)
        self.cursor = sweep.cursor
        for delivery in sweep.deliveries:
            self.stored.setdefault(delivery.key, delivery)
        return sweep

    async def sweep(self):
        """Sweeps to the end; the last lines of what was new."""
        before, more = len(self.stored), True
        while more:
            more = (await self.look()).more
        return self.lasts(before)

    def records(self):
        return [record for delivery in self.stored.values() for record in self.source.read(delivery)]

    def lasts(self, start=0):
        return [record.text.splitlines()[-1] for record in self.records()[start:]]

    def say(self, *messages, stream="web/1", group=CHECKOUT):
        self.logs.say(group, stream, *messages)

    def lag(self, group=CHECKOUT):
        return self.metrics.registry.get_sample_value("triaged_cloudwatch_lag_seconds", {"log_group": group})

    def milliseconds(self, seconds=0.0):
        """Now, or so long after."""
        return round((self.clock.now().timestamp() + seconds) * 1000)


@pytest.fixture
def account(monkeypatch):
    """As the environment tells it to AWS's own client."""
    for name in ("AWS_DEFAULT_REGION", "AWS_PROFILE", "AWS_SESSION_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    given = {"AWS_REGION": "eu-west-1", "AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test", "AWS_EC2_METADATA_DISABLED": "true"}
    for name, value in given.items():
        monkeypatch.setenv(name, value)
    return monkeypatch


@asynccontextmanager
async def placed(account, groups=(CHECKOUT,)):
    place = Place("", groups)
    async with served(place.logs) as url:
        account.setenv("AWS_ENDPOINT_URL", url)
        async with place.opened():
            yield place


@pytest.fixture
async def place(account):
    async with placed(account) as place:
        yield place


# ------------------------------------------------------------------------- what is found


async def test_an_error_becomes_one_record_and_ordinary_lines_become_none(place):
    place.say("INFO order 1", "12:00:00 ERROR payment refused for order 4711", "INFO order 2")
    assert await place.sweep() == []  # the next line could still go on with it
    place.clock.turn(3.1)
    assert await place.sweep() == ["12:00:00 ERROR payment refused for order 4711"]
    (record,) = place.records()
    assert (record.source, record.at) == ("cloudwatch", NOON)
    assert record.labels == {"log_group": CHECKOUT, "log_stream": "web/1", "service": "checkout"}
    assert await place.sweep() == []


async def test_a_trace_of_many_events_is_one_record_with_the_lines_before_it(place):
    place.say("INFO order 1", "INFO paying", *TRACE.split("\n"), "INFO order 2", "INFO order 3")
    assert await place.sweep() == ["KeyError: 'scone'"]
    (record,) = place.records()
    assert record.text == TRACE
    assert record.logs == ("INFO order 1", "INFO paying")


async def test_the_lines_before_it_may_be_older_than_what_belongs_together(place):
    place.say("INFO paying order 4711, this may take a while")
    place.clock.turn(8)
    place.say(*TRACE.split("\n"))
    place.clock.turn(3.1)
    assert await place.sweep() == ["KeyError: 'scone'"]
    assert place.records()[0].logs == ("INFO paying order 4711, this may take a while",)


async def test_streams_that_speak_at_the_same_time_are_kept_apart(place):
    for line in TRACE.split("\n"):
        for stream in ("web/1", "web/2", "web/3"):
            place.say(line.replace("scone", stream), stream=stream)
        place.clock.turn(0.001)
    place.clock.turn(3.1)
    assert sorted(await place.sweep()) == ["KeyError: 'web/1'", "KeyError: 'web/2'", "KeyError: 'web/3'"]


async def test_a_trace_that_is_still_being_written_is_waited_for(place):
    *head, last = TRACE.split("\n")
    place.say(*head)
    place.clock.turn(2)
    assert await place.sweep() == []
    place.say(last)
    place.clock.turn(2)
    assert await place.sweep() == []
    place.clock.turn(2)
    assert await place.sweep() == ["KeyError: 'scone'"]
    place.clock.turn(60)
    assert await place.sweep() == []


async def test_an_event_of_many_lines_is_never_told_in_parts(place):
    place.say(f"ERROR order 7\nis lost\n{TRACE}\nINFO what was tried: ERROR nothing\n", "INFO next", "INFO next")
    await place.sweep()
    (record,) = place.records()
    assert record.text.startswith("ERROR order 7\nis lost\nTraceback")
    assert record.text.endswith("ERROR nothing")


async def test_what_lambda_says_about_a_call_is_no_error(account):
    async with placed(account, ("/aws/lambda/mailer",)) as place:
        place.say(
            "START RequestId: 8f5c Version: $LATEST\n",
            "[ERROR] KeyError: 'to'\nTraceback (most recent call last):\n  File \"/var/task/mailer.py\", line 3, in handler\n",
            "END RequestId: 8f5c\n",
            "REPORT RequestId: 8f5c Duration: 3.1 ms Status: error Error Type: Runtime.ExitError\n",
            stream=LAMBDA,
            group="/aws/lambda/mailer",
        )
        place.clock.turn(3.1)
        await place.sweep()
        (record,) = place.records()
    assert record.text.startswith("[ERROR] KeyError: 'to'")
    assert record.labels["service"] == "mailer"
    assert record.links == {
        "CloudWatch": "https://eu-west-1.console.aws.amazon.com/cloudwatch/home?region=eu-west-1#logsV2:log-groups/log-group/"
        "$252Faws$252Flambda$252Fmailer/log-events/2026$252F03$252F04$252F$255B$2524LATEST$255D0f1e2d3c"
    }


async def test_our_own_lines_are_not_read(place):
    place.say('{"level": "error", "log": "triaged", "message": "a delivery became a dead letter"}', "INFO x", "INFO y")
    assert await place.sweep() == []


async def test_what_happened_long_before_we_came_is_old(place):
    place.say("ERROR an old one", "INFO x")
    place.clock.turn(400)
    place.say("ERROR a new one", "INFO x", "INFO y")
    assert await place.sweep() == ["ERROR a new one"]


async def test_a_sweep_can_be_made_to_look_further_back(place):
    place.say("ERROR an old one", "INFO x")
    place.clock.turn(3600)
    assert await place.sweep() == []
    place.cursor = place.source.rewound(place.cursor, NOON - timedelta(minutes=1), ["/ecs/other"])
    assert await place.sweep() == []
    place.cursor = place.source.rewound(place.cursor, NOON - timedelta(minutes=1), [CHECKOUT])
    assert await place.sweep() == ["ERROR an old one"]


async def test_looking_back_a_little_skips_nothing_that_is_not_read_yet(place):
    await place.sweep()
    place.clock.turn(1000)
    place.say("ERROR not read yet", "INFO x", "INFO y")
    place.clock.turn(3000)
    place.cursor = place.source.rewound(place.cursor, place.clock.now() - timedelta(seconds=60))
    assert await place.sweep() == ["ERROR not read yet"]


# ------------------------------------------------------------------------------ pages, time, restarts


def spoken(place, number, streams=3, seconds=0.05, seed=1):
    """Errors with ordinary lines between them, each stream in its own order; what their last lines are."""
    chance = random.Random(seed)
    said = []
    lines = {f"web/{stream}": [] for stream in range(streams)}
    for at in range(number):
        stream = chance.choice(sorted(lines))
        told = TRACE.replace("scone", f"item {at}").split("\n") if at % 2 else [f"ERROR order {at} is lost"]
        lines[stream] += [f"INFO before {at}", *told, f"INFO after {at}"]
        said.append(told[-1])
    for stream, each in lines.items():
        batch = [(place.milliseconds(count * seconds), line) for count, line in enumerate(each)]
        for start in range(0, len(batch), 1000):
            place.logs.put_events(CHECKOUT, stream, batch[start : start + 1000])
    return said


async def test_an_error_over_several_pages_is_joined(place):
    said = spoken(place, 60, seconds=1)
    place.logs.page = 3
    place.clock.turn(130)
    assert sorted(await place.sweep()) == sorted(said)
    assert place.logs.pages > 80


async def test_empty_pages_with_a_token_are_walked_over(place):
    place.logs.faults.on("FilterLogEvents", faults.empty_page(), times=200)
    place.say("ERROR behind many empty pages", "INFO x", "INFO y")
    assert await place.sweep() == ["ERROR behind many empty pages"]
    assert place.logs.pages == 201


async def test_a_burst_in_one_millisecond_is_read_whole_over_pages(place):
    batch = [(place.milliseconds(), f"ERROR order {number} is lost") for number in range(3000)]
    for start in range(0, 3000, 1000):
        place.logs.put_events(CHECKOUT, f"web/{start}", batch[start : start + 1000])
    place.logs.page = 37
    place.clock.turn(3.1)
    assert len(set(await place.sweep())) == 3000
    assert len(place.stored) == 3000


async def test_a_restart_after_every_look_repeats_nothing_and_misses_nothing(place):
    said = spoken(place, 150, seconds=1)
    place.logs.page = 5
    place.logs.sparse = 0.1
    place.clock.turn(290)
    more, looks = True, 0
    while more:
        async with place.opened():
            more = (await place.look()).more
            looks += 1
    assert sorted(place.lasts()) == sorted(said)
    assert len({record.key for record in place.records()}) == len(said)
    assert looks > 5


async def test_what_was_handed_over_and_not_stored_is_handed_over_again(place):
    place.say("ERROR payment refused", "INFO x", "INFO y")
    lost = await place.source.sweep(place.cursor)
    again = await place.source.sweep(place.cursor)
    after = await place.source.sweep(again.cursor)
    assert [delivery.key for delivery in lost.deliveries] == [delivery.key for delivery in again.deliveries]
    assert len(again.deliveries) == 1
    assert after.deliveries == ()


async def test_events_that_come_late_are_found_within_the_lookback(place):
    place.say("INFO now")
    await place.sweep()
    place.clock.turn(10)
    place.say("INFO now")
    await place.sweep()
    place.logs.put_events(CHECKOUT, "web/2", [(place.milliseconds(-240), "ERROR four minutes late")])
    place.logs.put_events(CHECKOUT, "web/3", [(place.milliseconds(-900), "ERROR a quarter of an hour late")])
    assert await place.sweep() == ["ERROR four minutes late"]


async def test_events_that_come_behind_a_long_reading_are_found_by_the_next(place):
    said = spoken(place, 150, seconds=1)
    place.logs.page = 5
    place.clock.turn(290)
    assert (await place.look()).more
    place.logs.put_events(CHECKOUT, "web/9", [(place.milliseconds(-280), "ERROR behind us")])
    place.clock.turn(200)
    place.say("INFO now")
    assert "ERROR behind us" not in await place.sweep()
    assert await place.sweep() == ["ERROR behind us"]
    assert len(place.stored) == len(said) + 1


async def test_events_ahead_of_time_are_found_when_their_time_has_come(place):
    place.logs.put_events(CHECKOUT, "web/1", [(place.milliseconds(60), "ERROR a fast clock")])
    assert await place.sweep() == []
    place.clock.turn(64)
    assert await place.sweep() == ["ERROR a fast clock"]


@pytest.mark.parametrize(
    "cursor", ["x", "[]", "{", '{"groups": {"/ecs/checkout": 7}}', "\ud800", '{"groups": {"/ecs/checkout": {"seen": -5}}}']
)
async def test_a_garbled_cursor_costs_nothing_but_a_second_look(place, cursor):
    place.say("ERROR payment refused", "INFO x", "INFO y")
    place.cursor = cursor
    assert await place.sweep() == ["ERROR payment refused"]


async def test_a_cursor_from_the_future_does_not_blind_us(place):
    ahead = place.milliseconds(90_000)
    place.cursor = json.dumps({"groups": {CHECKOUT: {"seen": ahead, "at": ahead}}})
    await place.sweep()
    place.clock.turn(10)
    place.say("ERROR payment refused", "INFO x", "INFO y")
    assert await place.sweep() == ["ERROR payment refused"]


# ------------------------------------------------------------------------------------ what goes wrong


async def test_throttling_is_said_and_loses_nothing(place):
    place.say("ERROR payment refused", "INFO x", "INFO y")
    place.logs.faults.on("FilterLogEvents", faults.throttled(), times=2)
    with pytest.raises(Unavailable, match="log group /ecs/checkout: AWS asks us to slow down"):
        await place.sweep()
    assert await place.sweep() == ["ERROR payment refused"]


async def test_a_failure_in_the_middle_keeps_what_was_read_before_it(place):
    said = spoken(place, 100)
    place.logs.page = 20
    place.clock.turn(60)
    place.logs.faults.on("FilterLogEvents", faults.bad_token(), times=None, chance=0.2)
    for _ in range(100):
        with suppress(Unavailable):
            await place.look()
        if len(place.stored) == len(said):
            break
    assert sorted(place.lasts()) == sorted(said)
    assert sum(entry.code == "InvalidParameterException" for entry in place.logs.log) > 5


async def test_a_lost_answer_is_asked_for_again(place):
    place.say("ERROR payment refused", "INFO x", "INFO y")
    place.logs.faults.on("FilterLogEvents", faults.lost())
    assert await place.sweep() == ["ERROR payment refused"]


async def test_a_deleted_group_does_not_hold_up_the_others(account, caplog):
    async with placed(account, ("/ecs/gone", CHECKOUT)) as place:
        place.logs.delete("/ecs/gone")
        place.say("ERROR payment refused", "INFO x", "INFO y")
        assert await place.sweep() == ["ERROR payment refused"]
        assert place.source.failing.keys() == {"/ecs/gone"}
        assert "there is no such thing" in place.source.failing["/ecs/gone"]
        await place.sweep()
        (said,) = [record.fields for record in caplog.records if record.message == "a log group cannot be read"]
        assert said["log_group"] == "/ecs/gone"
        assert said["reason"] == place.source.failing["/ecs/gone"]
        place.logs.group("/ecs/gone")
        place.say("ERROR it is back", "INFO x", "INFO y", group="/ecs/gone")
        assert await place.sweep() == ["ERROR it is back"]
        assert place.source.failing == {}


async def test_a_group_that_we_may_not_read_says_what_would_help(place):
    place.logs.deny(CHECKOUT)
    with pytest.raises(Unavailable, match=r"log group /ecs/checkout: AWS denies it .*needs logs:FilterLogEvents"):
        await place.sweep()


@pytest.mark.parametrize(("code", "said"), [("ExpiredTokenException", "credentials"), ("ServiceUnavailableException", "AWS failed")])
async def test_what_else_aws_answers_with_is_said(place, code, said):
    place.logs.faults.on("*", faults.refused(code, "no", 503 if "Unavailable" in code else 400), times=2)
    with pytest.raises(Unavailable, match=said):
        await place.sweep()


@pytest.mark.parametrize(
    ("missing", "said"), [("AWS_REGION", "AWS_REGION says where"), ("AWS_ACCESS_KEY_ID", "AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY")]
)
async def test_without_a_region_or_credentials_it_says_so_at_the_first_look(account, tmp_path, missing, said):
    account.setenv("HOME", str(tmp_path))
    account.delenv(missing)
    account.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    async with Place("").opened() as source:
        with pytest.raises(Unavailable, match=f"log group /ecs/checkout.*{said}"):
            await source.sweep("")


async def test_nobody_there_is_unavailable(account):
    account.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    async with Place("").opened() as source:
        with pytest.raises(Unavailable, match="AWS cannot be asked"):
            await source.sweep("")


async def test_the_older_name_of_the_region_will_do(place, account):
    account.delenv("AWS_REGION")
    account.setenv("AWS_DEFAULT_REGION", "eu-west-1")
    await place.sweep()
    assert place.logs.log[-1].status == 200


async def test_the_lag_is_how_far_behind_the_reading_is(place):
    spoken(place, 100, seconds=1)
    place.logs.page = 10
    place.clock.turn(200)
    assert (await place.look()).more
    assert 100 < place.lag() < 200
    await place.sweep()
    assert place.lag() == 0


async def test_no_group_is_a_wrong_setting():
    with pytest.raises(WrongUse, match="TRIAGED_LOG_GROUPS"):
        cloudwatch.CloudWatch(cloudwatch.Config(groups=" , "), Tools(None, TurnedClock(), Metrics()), aws.Client("logs"))


# ------------------------------------------------------------------------------ reading a delivery


def read(body, **headers):
    source = cloudwatch.CloudWatch(cloudwatch.Config(groups=CHECKOUT), Tools(None, TurnedClock(), Metrics()), aws.Client("logs"))
    given = body if isinstance(body, bytes) else json.dumps(body).encode()
    return source.read(Delivery("cloudwatch", "k", NOON, given, headers))


def event(message, at=0, stream="web/1"):
    time = round(NOON.timestamp() * 1000) + at
    return {"eventId": f"{stream}-{at}", "logStreamName": stream, "timestamp": time, "ingestionTime": time + 5, "message": message}


async def test_a_whole_answer_with_many_streams_is_read_too():
    lines = TRACE.split("\n")
    events = [event(line, at, stream) for at, line in enumerate(lines) for stream in ("web/1", "web/2")]
    events += [event("INFO order 1", 10), event("ERROR payment refused", 20)]
    records = read({"events": events, "searchedLogStreams": [], "nextToken": "x"}, **{"log-group": CHECKOUT})
    assert [record.text.splitlines()[-1] for record in records] == ["KeyError: 'scone'", "KeyError: 'scone'", "ERROR payment refused"]
    assert [record.key for record in records] == [f"{CHECKOUT}/web/1/web/1-0", f"{CHECKOUT}/web/2/web/2-0", f"{CHECKOUT}/web/1/web/1-20"]
    assert records[2].at == NOON + timedelta(milliseconds=20)


async def test_an_answer_without_errors_has_no_records():
    assert read({"events": [event("INFO order 1"), event("INFO order 2", 1)]}) == ()


async def test_what_the_answer_leaves_out_does_not_hurt():
    (record,) = read({"events": [{"message": "ERROR payment refused"}]})
    assert (record.text, record.at, record.key, record.labels, record.links) == ("ERROR payment refused", NOON, "", {}, {})


@pytest.mark.parametrize("body", [b"", b"null", b"[]", b"{}", b'"text"', b"{", b"\xff", b"[" * 9000, {"events": {}}, {"events": [7]}])
async def test_anything_else_is_rejected(body):
    with pytest.raises(Rejected):
        read(body)


@pytest.mark.parametrize("time", [-1, 0, 10**17, 2**62])
async def test_an_impossible_time_is_not_believed(time):
    (record,) = read({"events": [{**event("ERROR payment refused"), "timestamp": time}]})
    assert record.at == NOON


async def test_a_very_long_trace_is_kept_within_its_size(place):
    frames = [f'  File "/srv/shop/cart.py", line {number}, in total\n    return total({"x" * 900})' for number in range(900)]
    place.say(*TRACE.split("\n")[:1], *"\n".join(frames).split("\n"), "KeyError: 'scone'", "INFO x", "INFO y")
    assert await place.sweep() == ["KeyError: 'scone'"]
    (delivery,) = place.stored.values()
    assert len(delivery.body) < 200_000


# ----------------------------------------------------------------------------------- the whole daemon


def test_an_error_in_a_log_group_becomes_one_ticket(tmp_path):
    logs = CloudWatch(lambda: datetime.now(UTC), region="eu-west-1")
    logs.group(CHECKOUT)
    addresses, loop, stop = [], asyncio.new_event_loop(), asyncio.Event()

    async def serve():
        async with served(logs) as url:
            addresses.append(url)
            await stop.wait()

    def run():
        loop.run_until_complete(serve())
        loop.close()

    thread = threading.Thread(target=run)
    thread.start()
    try:
        given = {"AWS_REGION": "eu-west-1", "AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test", "TRIAGED_LOG_GROUPS": CHECKOUT}
        given |= {"AWS_ENDPOINT_URL": until(lambda: addresses)[0], "TRIAGED_SCAN_INTERVAL_SECONDS": "0.2"}
        logs.say(CHECKOUT, "web/1", "INFO order 1", *TRACE.split("\n"), "INFO order 2", "INFO order 3")
        with running(tmp_path, **given) as daemon:
            (ticket,) = daemon.tickets(1)
            asked = logs.pages
            until(lambda: logs.pages > asked + 3)
            assert len(daemon.tickets(1)) == 1
            assert daemon.stop() == 0
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join(10)
    assert "KeyError" in ticket
    assert "scone" in ticket
    assert "/srv/shop/cart.py" in ticket
    assert "Occurrences: 1\n" in ticket
    assert "(https://eu-west-1.console.aws.amazon.com/cloudwatch/home" in ticket
    assert "`checkout`" in ticket
