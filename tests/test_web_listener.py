"""Webhooks over a real socket: the right status, and nothing stored that should not be."""

import socket
from contextlib import asynccontextmanager

import aiohttp
import anyio
import pytest
from starlette.applications import Starlette

from triaged.core import door
from triaged.core.door import Door
from triaged.core.model import Record
from triaged.errors import BadSignature, Rejected, Unavailable
from triaged.metrics import Metrics
from triaged.ports import PushSource
from triaged.web.listener import Listener
from triaged.web.server import Server, bind
from world import NOON, TurnedClock

pytestmark = pytest.mark.anyio


class Alerts(PushSource):
    """Signed by the word `good`; a body is one record, `hello` wants an answer."""

    name = "alerts"
    most = 1_000
    keeps = ("x-kind",)
    proofs = ("x-signature",)

    def verify(self, webhook):
        if webhook.headers.get("x-signature") != "good":
            raise BadSignature("x-signature does not match")

    def read(self, delivery):
        if delivery.body == b"junk":
            raise Rejected("not an alert")
        if delivery.body == b"bug":
            raise ZeroDivisionError
        return () if delivery.body == b"nothing" else (Record("alerts", NOON, delivery.body.decode()),)

    def answer(self, webhook):
        return "hello yourself" if webhook.body == b"hello" else None


class Desk:
    """Stands where the journal stands."""

    def __init__(self):
        self.taken = []
        self.full = False

    async def put(self, deliveries, cursor=None):
        if self.full:
            raise Unavailable("the disk is full")
        new = [one.key not in {taken.key for taken in self.taken} for one in deliveries]
        self.taken += [one for one, is_new in zip(deliveries, new, strict=True) if is_new]
        return new


@asynccontextmanager
async def listening(entrance=None):
    desk, metrics, clock = Desk(), Metrics(), TurnedClock()
    listener = Listener({"alerts": Alerts()}, desk.put, Starlette(), clock, metrics, entrance)
    server = Server(listener, bind("127.0.0.1", 0, "TRIAGED_PORT"))
    async with anyio.create_task_group() as tasks, aiohttp.ClientSession() as session:
        tasks.start_soon(server.serve)

        async def post(body=b"boom", path="/webhook/alerts", method="POST", **headers):
            async with session.request(method, server.address + path, data=body, headers={"X-Signature": "good", **headers}) as answer:
                return answer.status, await answer.text(), answer.headers

        post.address, post.clock = server.address, clock
        yield (
            desk,
            post,
            lambda result: metrics.registry.get_sample_value("triaged_deliveries_total", {"source": "alerts", "result": result}),
        )
        server.stop()
        await session.close()


async def test_what_is_verified_is_stored_and_then_answered():
    async with listening() as (desk, post, counted):
        assert (await post(b"boom", **{"X-Kind": "error", "X-Other": "1"}))[0] == 202
        (delivery,) = desk.taken
        assert (delivery.source, delivery.body, delivery.headers) == ("alerts", b"boom", {"x-kind": "error"})
        assert counted("accepted") == 1


async def test_a_repeat_is_202_too_and_stored_once():
    async with listening() as (desk, post, counted):
        assert [(await post())[0] for _ in range(3)] == [202] * 3
        assert len(desk.taken) == 1
        assert (counted("accepted"), counted("duplicate")) == (1, 2)


@pytest.mark.parametrize(
    ("given", "status", "result"),
    [
        ({"X-Signature": "bad"}, 401, "refused"),
        ({"body": b"junk"}, 422, "not_understood"),
        ({"body": b"x" * 1_001}, 413, "too_large"),
        ({"Content-Encoding": "gzip"}, 415, "not_understood"),
        ({"Content-Encoding": "identity, br"}, 415, "not_understood"),
    ],
)
async def test_what_is_refused_is_told_why_and_not_stored(given, status, result):
    async with listening() as (desk, post, counted):
        assert (await post(**given))[0] == status
        assert desk.taken == []
        assert counted(result) == 1


async def test_a_body_without_a_length_is_cut_off_at_its_limit():
    async def endless():
        for _ in range(50):
            yield b"x" * 100

    async with listening() as (desk, post, _):
        assert (await post(endless()))[0] == 413
        assert desk.taken == []


async def test_a_body_that_says_it_is_huge_is_not_even_read():
    async with listening() as (_, post, _):
        host, port = post.address.removeprefix("http://").split(":")
        request = b"POST /webhook/alerts HTTP/1.1\r\nHost: a\r\nX-Signature: good\r\nContent-Length: 99999999\r\n\r\n"
        assert b" 413 " in await raw(host, int(port), request)


async def test_a_header_that_is_sent_twice_proves_nothing():
    async with listening() as (desk, post, _):
        host, port = post.address.removeprefix("http://").split(":")
        request = b"POST /webhook/alerts HTTP/1.1\r\nHost: a\r\nX-Signature: bad\r\nX-Signature: good\r\nContent-Length: 4\r\nConnection: close\r\n\r\nboom"
        assert b" 401 " in await raw(host, int(port), request)
        assert desk.taken == []


async def test_who_fails_too_often_is_told_to_wait_and_is_still_let_in_with_the_right_signature():
    async with listening() as (desk, post, counted):
        bad = {"X-Signature": "bad"}
        assert {(await post(**bad))[0] for _ in range(60)} == {401}
        status, _, headers = await post(**bad)
        assert (status, headers["retry-after"]) == (429, "1")
        assert (await post(**{"X-Signature": ""}))[0] == 429
        assert (await post())[0] == 202
        assert counted("refused") == 62
        assert len(desk.taken) == 1
        post.clock.turn(10)
        assert [(await post(**bad))[0] for _ in range(11)] == [401] * 10 + [429]


async def test_who_fails_too_often_is_not_even_read_without_a_signature():
    async with listening() as (_, post, _):
        for _ in range(60):
            await post(**{"X-Signature": ""})
        host, port = post.address.removeprefix("http://").split(":")
        assert b" 429 " in await raw(host, int(port), b"POST /webhook/alerts HTTP/1.1\r\nHost: a\r\nContent-Length: 400\r\n\r\n")


async def test_behind_proxies_each_address_fails_for_itself():
    async with listening(Door(proxies=1)) as (_, post, _):

        async def fails(forwarded):
            return (await post(**{"X-Signature": "bad", "X-Forwarded-For": forwarded}))[0]

        assert [await fails(f"192.0.2.{number}, 203.0.113.66") for number in range(61)] == [401] * 60 + [429]
        assert await fails("203.0.113.66, 203.0.113.67") == 401


async def test_only_listed_addresses_may_knock_and_nobody_talks_his_way_in():
    async with listening(Door(door.networks("192.0.2.0/24"), proxies=1)) as (desk, post, counted):

        async def from_(*hops):
            return (await post(**{"X-Forwarded-For": ", ".join(hops)}))[0]

        assert await from_("192.0.2.7") == 202
        assert await from_("203.0.113.66") == 403
        assert await from_("192.0.2.7", "203.0.113.66") == 403
        assert (await post())[0] == 403
        assert (counted("accepted"), counted("refused")) == (1, 3)
        assert len(desk.taken) == 1


async def raw(host, port, request):
    async with await anyio.connect_tcp(host, port) as stream:
        await stream.send(request)
        return await stream.receive()


async def test_no_source_no_route():
    async with listening() as (_, post, _):
        assert (await post(path="/webhook/sentry"))[0] == 404
        assert (await post(path="/webhook/"))[0] == 404
        assert (await post(path="/nothing"))[0] == 404
        assert (await post(method="GET", body=None))[0] == 405


async def test_a_sender_that_wants_an_answer_gets_it_and_nothing_is_stored():
    async with listening() as (desk, post, _):
        status, text, headers = await post(b"hello")
        assert (status, text) == (200, "hello yourself")
        assert headers["content-type"].startswith("text/plain")
        assert desk.taken == []


async def test_what_holds_nothing_of_interest_is_accepted_and_not_stored():
    async with listening() as (desk, post, _):
        assert (await post(b"nothing"))[0] == 202
        assert desk.taken == []


async def test_what_we_stumble_over_is_kept_unread_and_not_lost():
    async with listening() as (desk, post, _):
        assert (await post(b"bug"))[0] == 202
        assert [(one.body, one.records) for one in desk.taken] == [(b"bug", None)]


async def test_when_the_journal_cannot_take_it_the_sender_is_asked_to_come_again():
    async with listening() as (desk, post, counted):
        desk.full = True
        status, text, headers = await post()
        assert (status, headers["retry-after"]) == (503, "10")
        assert "disk" not in text  # what goes on inside is not the sender's business
        desk.full = False
        assert (await post())[0] == 202
        assert (counted("unavailable"), counted("accepted")) == (1, 1)


async def test_a_caller_that_hangs_up_in_its_body_leaves_nothing_behind():
    async with listening() as (desk, post, counted):
        host, port = post.address.removeprefix("http://").split(":")
        stream = await anyio.connect_tcp(host, int(port))
        await stream.send(b"POST /webhook/alerts HTTP/1.1\r\nHost: a\r\nX-Signature: good\r\nContent-Length: 400\r\n\r\nboom")
        await stream.aclose()
        assert (await post())[0] == 202
        assert len(desk.taken) == 1
        assert (counted("refused"), counted("accepted")) == (1, 1)


def test_a_port_that_is_taken_is_said_with_its_setting():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with pytest.raises(Exception, match="TRIAGED_PORT"):
            bind("127.0.0.1", taken.getsockname()[1], "TRIAGED_PORT")
