"""The model of CloudWatch Logs against AWS's own description of it, asked by the real client over a real socket."""

import aiohttp
import pytest
from aiobotocore.config import AioConfig
from aiobotocore.session import get_session
from botocore.exceptions import ClientError, HTTPClientError

from models.cloudwatch import CloudWatch, faults, schema, served
from models.cloudwatch.faults import Refusal
from world import TurnedClock

pytestmark = pytest.mark.anyio

CHECKOUT = "/ecs/checkout"
HOUR = 3600
WRONG = "InvalidParameterException"


class Account:
    def __init__(self):
        self.clock = TurnedClock()
        self.logs = CloudWatch(self.clock.now)
        self.logs.group(CHECKOUT)

    def at(self, seconds=0.0):
        return self.logs.milliseconds + round(seconds * 1000)

    def ask(self, operation="FilterLogEvents", **asked):
        """Without a socket."""
        given = asked if operation != "FilterLogEvents" or "logGroupIdentifier" in asked else {"logGroupName": CHECKOUT, **asked}
        return self.logs.handle(operation, given)

    def messages(self, **asked):
        return [event["message"] for event in self.ask(**asked).payload["events"]]

    def pages(self, **asked):
        """All pages, with their tokens followed."""
        found = [self.ask(**asked).payload]
        while "nextToken" in found[-1]:
            found.append(self.ask(**asked, nextToken=found[-1]["nextToken"]).payload)
        return [[event["message"] for event in page["events"]] for page in found]


@pytest.fixture
def account():
    return Account()


@pytest.fixture
async def client(account):
    async with served(account.logs) as url:
        settings = AioConfig(retries={"mode": "standard", "total_max_attempts": 1}, read_timeout=0.3)
        given = {"region_name": "eu-central-1", "endpoint_url": url, "aws_access_key_id": "test", "aws_secret_access_key": "test"}
        async with get_session().create_client("logs", config=settings, **given) as client:
            yield client


# ----------------------------------------------------------------------------- the real client


async def test_the_real_client_reads_what_was_put(account, client):
    (put,) = account.logs.say(CHECKOUT, "web/1", "KeyError: 'scone'")
    page = await client.filter_log_events(logGroupName=CHECKOUT, startTime=account.at(-1))
    assert page["events"] == [
        {
            "logStreamName": "web/1",
            "timestamp": account.at(),
            "message": "KeyError: 'scone'",
            "ingestionTime": account.at(),
            "eventId": put.id,
        }
    ]
    assert "nextToken" not in page


async def test_the_clients_own_paginator_walks_over_part_full_and_empty_pages(account, client):
    account.logs.put_events(CHECKOUT, "web/1", [(account.at(), f"order {number}") for number in range(40)])
    account.logs.page, account.logs.sparse = 3, 0.3
    pages = [page["events"] async for page in client.get_paginator("filter_log_events").paginate(logGroupName=CHECKOUT)]
    assert [event["message"] for page in pages for event in page] == [f"order {number}" for number in range(40)]
    assert [] in pages


@pytest.mark.parametrize(
    ("fault", "code"),
    [
        (faults.throttled(), "ThrottlingException"),
        (faults.unavailable(), "ServiceUnavailableException"),
        (faults.expired_credentials(), "ExpiredTokenException"),
    ],
)
async def test_the_real_client_understands_refusals(account, client, fault, code):
    account.logs.faults.on("FilterLogEvents", fault)
    with pytest.raises(ClientError) as refused:
        await client.filter_log_events(logGroupName=CHECKOUT)
    assert refused.value.response["Error"]["Code"] == code
    assert (await client.filter_log_events(logGroupName=CHECKOUT))["events"] == []


@pytest.mark.parametrize("fault", [faults.lost(), faults.hangs()])
async def test_an_answer_can_be_lost(account, client, fault):
    account.logs.faults.on("FilterLogEvents", fault)
    with pytest.raises(HTTPClientError):
        await client.filter_log_events(logGroupName=CHECKOUT)
    assert [entry.status for entry in account.logs.log] == [0]


async def test_a_client_of_another_region_is_turned_away(account):
    async with served(account.logs) as url:
        given = {"region_name": "us-east-1", "endpoint_url": url, "aws_access_key_id": "test", "aws_secret_access_key": "test"}
        async with get_session().create_client("logs", **given) as client:
            with pytest.raises(ClientError, match="UnrecognizedClientException"):
                await client.filter_log_events(logGroupName=CHECKOUT)


async def test_what_the_model_does_not_do_fails_the_test_that_asks_for_it(account):
    async def ask():
        async with served(account.logs):
            account.ask("StartQuery", logGroupName=CHECKOUT, startTime=0, endTime=1, queryString="fields @message")

    with pytest.raises(schema.WrongRequests, match="StartQuery"):
        await ask()


@pytest.mark.parametrize(
    "body", ['{"logGroupName": 7}', '{"logGroupNme": "/ecs/checkout"}', '{"logGroupName": "/ecs/checkout", "limit": "1"}']
)
async def test_a_request_that_does_not_fit_the_description_fails_the_test(account, body):
    headers = {"X-Amz-Target": "Logs_20140328.FilterLogEvents", "Content-Type": "application/x-amz-json-1.1"}
    with pytest.raises(schema.WrongRequests, match=r"logGroupN|limit"):
        async with served(account.logs) as url, aiohttp.ClientSession() as session, session.post(url, data=body, headers=headers) as answer:
            assert answer.status == 400


# ------------------------------------------------------------------------------------- events


async def test_events_are_listed_by_their_time_then_by_when_they_came(account):
    account.logs.put_events(CHECKOUT, "web/1", [(account.at(-5), "first"), (account.at(-1), "third")])
    account.clock.turn(1)
    account.logs.put_events(CHECKOUT, "web/2", [(account.at(-6), "first, and later come"), (account.at(-4), "second")])
    assert account.messages() == ["first", "first, and later come", "second", "third"]


async def test_both_ends_of_the_time_range_are_in_it(account):
    account.logs.put_events(CHECKOUT, "web/1", [(account.at(seconds), str(seconds)) for seconds in range(5)])
    assert account.messages(startTime=account.at(1), endTime=account.at(3)) == ["1", "2", "3"]


async def test_a_listing_shows_an_event_only_when_it_has_arrived(account):
    account.logs.lag = (30.0, 30.0)
    account.logs.say(CHECKOUT, "web/1", "late")
    assert account.messages() == []
    account.clock.turn(30)
    assert account.messages() == ["late"]


async def test_events_too_old_or_too_far_ahead_are_not_taken(account):
    assert account.logs.put_events(CHECKOUT, "web/1", [(account.at(-15 * 24 * HOUR), "old")]) == []
    assert account.logs.put_events(CHECKOUT, "web/1", [(account.at(3 * HOUR), "ahead")]) == []
    assert len(account.logs.put_events(CHECKOUT, "web/1", [(account.at(-13 * 24 * HOUR), "late, but taken")])) == 1


async def test_a_page_holds_ten_thousand_events(account):
    for batch in range(3):
        account.logs.put_events(CHECKOUT, f"web/{batch}", [(account.at(), "x") for _ in range(8000)])
    pages = account.pages()
    assert [len(page) for page in pages] == [10_000, 10_000, 4_000]


async def test_a_page_holds_a_megabyte_and_at_least_one_event(account):
    account.logs.put_events(CHECKOUT, "web/1", [(account.at(), size * "x") for size in (1_040_000, 600_000, 600_000, 300_000)])
    assert [[len(message) for message in page] for page in account.pages()] == [[1_040_000], [600_000], [600_000, 300_000]]


async def test_the_limit_bounds_a_page(account):
    account.logs.say(CHECKOUT, "web/1", "a", "b", "c")
    assert account.pages(limit=2) == [["a", "b"], ["c"]]


async def test_only_the_streams_that_are_asked_for_are_listed(account):
    for stream in ("web/1", "web/2", "job/1"):
        account.logs.say(CHECKOUT, stream, stream)
    assert account.messages(logStreamNamePrefix="web/") == ["web/1", "web/2"]
    assert account.messages(logStreamNames=["job/1", "web/2"]) == ["web/2", "job/1"]


@pytest.mark.parametrize(
    ("pattern", "found"),
    [
        ("", ["ERROR no price", "ERROR no stock", "INFO order"]),
        ("ERROR", ["ERROR no price", "ERROR no stock"]),
        ("ERROR price", ["ERROR no price"]),
        ('"no stock"', ["ERROR no stock"]),
        ("?price ?order", ["ERROR no price", "INFO order"]),
        ("ERROR -stock", ["ERROR no price"]),
        ("error", []),
    ],
)
async def test_terms_of_a_filter_pattern_choose_events(account, pattern, found):
    account.logs.say(CHECKOUT, "web/1", "ERROR no price", "ERROR no stock", "INFO order")
    assert account.messages(filterPattern=pattern) == found


async def test_a_pattern_that_the_model_cannot_follow_is_a_finding(account):
    account.ask(filterPattern='{ $.level = "error" }')
    assert "knows terms only" in account.logs.findings[0]


# ------------------------------------------------------------------------------------- tokens


async def test_a_token_is_good_for_a_day(account):
    account.logs.say(CHECKOUT, "web/1", "a", "b")
    token = account.ask(limit=1).payload["nextToken"]
    account.clock.turn(23 * HOUR)
    assert account.messages(limit=1, nextToken=token) == ["b"]
    account.clock.turn(HOUR)
    assert account.ask(limit=1, nextToken=token).code == WRONG


async def test_a_token_is_no_good_for_a_group_made_anew(account):
    account.logs.say(CHECKOUT, "web/1", "a", "b")
    token = account.ask(limit=1).payload["nextToken"]
    account.logs.delete(CHECKOUT)
    assert account.ask().code == "ResourceNotFoundException"
    account.logs.group(CHECKOUT)
    assert account.ask(limit=1, nextToken=token).code == WRONG


async def test_a_token_goes_on_past_what_came_late_before_it(account):
    account.logs.put_events(CHECKOUT, "web/1", [(account.at(-2), "a"), (account.at(-1), "c")])
    token = account.ask(limit=1).payload["nextToken"]
    account.logs.put_events(CHECKOUT, "web/2", [(account.at(-3), "late"), (account.at(-1.5), "b")])
    assert account.messages(limit=1, nextToken=token) == ["b"]
    assert account.messages() == ["late", "a", "b", "c"]


async def test_empty_pages_go_on_from_where_they_were_asked(account):
    account.logs.say(CHECKOUT, "web/1", "a", "b")
    account.logs.faults.on("FilterLogEvents", faults.empty_page(), times=500)
    assert account.pages() == [[]] * 500 + [["a", "b"]]


async def test_a_burst_in_one_millisecond_is_listed_once_over_pages(account):
    account.logs.put_events(CHECKOUT, "web/1", [(account.at(), f"order {number}") for number in range(500)])
    account.logs.page, account.logs.sparse = 7, 0.3
    assert [message for page in account.pages() for message in page] == [f"order {number}" for number in range(500)]


async def test_a_token_that_is_given_to_another_listing_is_a_finding(account):
    account.logs.say(CHECKOUT, "web/1", "a", "b")
    token = account.ask(limit=1).payload["nextToken"]
    account.ask(limit=1, startTime=account.at(-1), nextToken=token)
    assert "another" in account.logs.findings[0]


# ----------------------------------------------------------------------------------- refusals


@pytest.mark.parametrize(
    ("asked", "code", "said"),
    [
        ({"limit": 10_001}, WRONG, "'limit' failed to satisfy constraint: Member must have value less than or equal to 10000"),
        ({"limit": 0}, WRONG, "greater than or equal to 1"),
        ({"logGroupName": "/ecs/with blank"}, WRONG, "regular expression"),
        ({"logGroupName": "/ecs/nothing"}, "ResourceNotFoundException", "log group does not exist"),
        ({"logStreamNames": ["no/such"]}, "ResourceNotFoundException", "log stream does not exist"),
        ({"logStreamNames": ["web/1"] * 101}, WRONG, "less than or equal to 100"),
        ({"logStreamNames": ["web/1"], "logStreamNamePrefix": "web"}, WRONG, "mutually exclusive"),
        ({"logGroupName": CHECKOUT, "logGroupIdentifier": CHECKOUT}, WRONG, "Exactly one"),
        ({"nextToken": "made-up"}, WRONG, "nextToken is invalid"),
        ({"startTime": -1}, WRONG, "'startTime'"),
    ],
)
async def test_what_the_service_does_not_take_is_refused(account, asked, code, said):
    account.logs.say(CHECKOUT, "web/1", "x")
    response = account.ask(**asked)
    assert (response.status, response.code) == (400, code)
    assert said in response.payload["message"]


async def test_a_parameter_that_nobody_knows_is_a_finding(account):
    account.ask(logGroup=CHECKOUT)
    assert "logGroup" in account.logs.findings[0]


async def test_what_the_policy_does_not_allow_is_denied_with_its_name(account):
    account.logs.deny(CHECKOUT)
    response = account.ask()
    assert response.code == "AccessDeniedException"
    assert f"logs:FilterLogEvents on resource: arn:aws:logs:eu-central-1:123456789012:log-group:{CHECKOUT}" in response.payload["message"]


async def test_an_answer_that_aws_could_not_give_is_caught():
    model = schema.operation("FilterLogEvents")
    with pytest.raises(schema.WrongModel, match="timestamp"):
        schema.check_answer({"events": [{"timestamp": "yesterday"}]}, model)
    with pytest.raises(schema.WrongModel, match="length"):
        schema.check_answer({"events": [], "nextToken": ""}, model)
    with pytest.raises(schema.WrongModel, match="more"):
        schema.check_answer({"events": [], "more": True}, model)
    with pytest.raises(schema.WrongModel, match="TeapotException"):
        schema.check_error(Refusal("TeapotException", "").code, model)


async def test_a_fault_may_be_for_one_group_and_some_of_its_requests(account):
    account.logs.group("/ecs/web")
    account.logs.faults.on("FilterLogEvents", faults.throttled(), times=None, chance=0.8, group="/ecs/web")
    codes = [account.ask(logGroupName="/ecs/web").code for _ in range(1000)]
    assert 750 < codes.count("ThrottlingException") < 850
    assert {account.ask().code for _ in range(100)} == {""}


# ------------------------------------------------------------------------------- quota, groups


async def test_calls_over_the_quota_of_a_second_are_counted_and_may_be_refused(account):
    for _ in range(5):
        account.ask()
    assert account.logs.violations == []
    account.ask()
    assert [violation.calls for violation in account.logs.violations] == [6]
    account.logs.throttles = True
    assert account.ask().code == "ThrottlingException"
    account.clock.turn(1)
    assert account.ask().code == ""


async def test_the_quota_is_the_regions_own():
    clock = TurnedClock()
    large = CloudWatch(clock.now, region="us-east-1")
    large.group(CHECKOUT)
    for _ in range(26):
        large.handle("FilterLogEvents", {"logGroupName": CHECKOUT})
    assert [violation.calls for violation in large.violations] == [26]


async def test_groups_are_described_in_order_and_in_pages(account):
    for number in range(70):
        account.logs.group(f"/ecs/{number:02}")
    first = account.ask("DescribeLogGroups").payload
    second = account.ask("DescribeLogGroups", nextToken=first["nextToken"]).payload
    names = [group["logGroupName"] for page in (first, second) for group in page["logGroups"]]
    assert names == sorted(account.logs.groups)
    assert len(first["logGroups"]) == 50
    assert "nextToken" not in second


async def test_groups_are_found_by_prefix_or_by_a_part_of_their_name(account):
    account.logs.group("/aws/lambda/checkout")
    by_prefix = account.ask("DescribeLogGroups", logGroupNamePrefix="/aws/").payload["logGroups"]
    by_part = account.ask("DescribeLogGroups", logGroupNamePattern="checkout").payload["logGroups"]
    assert [group["logGroupName"] for group in by_prefix] == ["/aws/lambda/checkout"]
    assert [group["logGroupName"] for group in by_part] == ["/aws/lambda/checkout", CHECKOUT]
    assert by_part[0].keys() == {"arn", "creationTime", "logGroupName"}
    assert account.ask("DescribeLogGroups", logGroupNamePrefix="/a", logGroupNamePattern="a").code == WRONG


async def test_an_identifier_is_a_name_or_an_arn(account):
    account.logs.say(CHECKOUT, "web/1", "x")
    arn = account.logs.groups[CHECKOUT].arn
    assert account.messages(logGroupIdentifier=arn) == account.messages(logGroupIdentifier=CHECKOUT) == ["x"]
    assert account.ask(logGroupIdentifier=f"{arn}:*").code == WRONG
