"""Callers that are slow, endless or many, over real sockets; the seconds are turned by the test."""

import asyncio
import gc
from contextlib import asynccontextmanager

import anyio
import pytest
import uvicorn

from triaged.web.connection import Connection, Table

pytestmark = pytest.mark.anyio

HEAD = b"POST /webhook/alerts HTTP/1.1\r\nHost: a\r\n"
WHOLE = HEAD + b"Content-Length: 4\r\n\r\nboom"
ENDLESS = HEAD + b"Transfer-Encoding: chunked\r\n\r\n"


class Watched:
    """A server whose table is swept as the test says, and an application that answers how long the body was."""

    def __init__(self, table):
        self.table = table
        self.bodies = []
        self.gone = 0
        self.arrived = 0
        self.callers = []
        self.answers = asyncio.Event()
        self.answers.set()
        self._now = 0

    async def app(self, scope, receive, send):
        size, more = 0, True
        while more:
            message = await receive()
            if message["type"] == "http.disconnect":
                self.gone += 1
                return
            size, more = size + len(message["body"]), message["more_body"]
        self.bodies.append(size)
        await self.answers.wait()
        await answer(send, b"%d" % size)

    def turn(self, seconds):
        for _ in range(seconds * 10):
            self._now += 0.1
            self.table.tick(self._now)

    async def call(self, data=b""):
        _, caller = await asyncio.get_running_loop().create_connection(lambda: Caller(self), "127.0.0.1", self.port)
        self.callers.append(caller)
        await until(lambda: len(self.table.connections) or caller.ended)
        await caller.send(data)
        return caller


class Caller(asyncio.Protocol):
    def __init__(self, watched):
        self._watched = watched
        self._heard = b""
        self.ended = False

    def connection_made(self, transport):
        self.transport = transport

    def data_received(self, data):
        self._heard += data

    def connection_lost(self, error):
        self.ended = True

    async def send(self, data):
        """Returns when it has arrived, or nobody takes it."""
        whole = self._watched.arrived + len(data)
        self.transport.write(data)
        await until(lambda: self._watched.arrived >= whole or self.ended)

    async def hears(self):
        """The status of one answer."""
        await until(lambda: b"\r\n\r\n" in self._heard or self.ended)
        head, _, _ = self._heard.partition(b"\r\n\r\n")
        size = next(int(line[15:]) for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:"))
        await until(lambda: len(self._heard) >= len(head) + 4 + size or self.ended)
        self._heard = self._heard[len(head) + 4 + size :]
        return int(head.split()[1])

    async def is_hung_up_on(self):
        await until(lambda: self.ended)
        return self._heard == b""


async def until(look):
    """The other side is a socket: there is nothing to be told by."""
    with anyio.fail_after(5):
        while not look():  # noqa: ASYNC110
            await anyio.sleep(0.001)


async def answer(send, body, status=200):
    await send({"type": "http.response.start", "status": status, "headers": [(b"content-length", b"%d" % len(body))]})
    await send({"type": "http.response.body", "body": body})


@asynccontextmanager
async def watching(most=100, held=10_000_000, app=None):
    table = Table(most, held)
    watched = Watched(table)
    config = uvicorn.Config(app or watched.app, interface="asgi3", http=Connection, ws="none", lifespan="off", log_config=None)

    class Counted(Connection):
        def data_received(self, data):
            super().data_received(data)
            watched.arrived += len(data)

    server = await asyncio.get_running_loop().create_server(lambda: Counted(config, table, {}), "127.0.0.1", 0, backlog=1_000)
    watched.port = server.sockets[0].getsockname()[1]
    watched.turn(1)
    try:
        yield watched
    finally:
        server.close()
        for caller in watched.callers:
            caller.transport.abort()
        await until(lambda: not table.connections and all(caller.ended for caller in watched.callers))


async def test_a_head_that_does_not_come_is_not_waited_for():
    async with watching() as watched:
        silent, half, trickling = await watched.call(), await watched.call(HEAD), await watched.call(b"P")
        watched.turn(4)
        await trickling.send(b"O")
        assert (await (await watched.call(WHOLE)).hears()) == 200
        watched.turn(2)
        assert await silent.is_hung_up_on()
        assert [await half.hears(), await trickling.hears()] == [408, 408]
        assert await half.is_hung_up_on()
        assert watched.bodies == [4]


@pytest.mark.parametrize(
    ("begin", "drop"),
    [(HEAD + b"Content-Length: 400\r\n\r\nboom", b"x"), (ENDLESS, b"1\r\nx\r\n"), (ENDLESS, b"")],
)
async def test_a_body_that_trickles_is_cut_off_and_the_application_told(begin, drop):
    async with watching() as watched:
        slow = await watched.call(begin)
        watched.turn(4)
        await slow.send(drop)
        assert not watched.gone
        watched.turn(3)
        assert await slow.hears() == 408
        assert await slow.is_hung_up_on()
        assert (watched.gone, watched.bodies) == (1, [])


async def test_a_body_that_keeps_its_rate_has_ten_seconds():
    async with watching() as watched:
        steady = await watched.call(ENDLESS)
        for _ in range(9):
            await steady.send(b"5000\r\n" + b"x" * 0x5000 + b"\r\n")
            watched.turn(1)
        assert not watched.gone
        watched.turn(2)
        assert await steady.hears() == 408
        assert watched.gone == 1


async def test_a_caller_between_requests_may_be_idle_for_longer_than_load_balancers_are():
    async with watching() as watched:
        caller = await watched.call(WHOLE)
        assert await caller.hears() == 200
        watched.turn(70)
        await caller.send(WHOLE)
        assert await caller.hears() == 200
        watched.turn(77)
        assert await caller.is_hung_up_on()


async def test_an_answer_may_take_its_time():
    async with watching() as watched:
        watched.answers.clear()
        caller = await watched.call(WHOLE)
        watched.turn(60)
        watched.answers.set()
        assert await caller.hears() == 200


async def test_when_we_stood_still_nobody_is_blamed_for_it():
    async with watching() as watched:
        half = await watched.call(HEAD)
        watched.table.tick(3_600.0)
        await half.send(b"Content-Length: 4\r\n\r\nboom")
        assert await half.hears() == 200


async def test_the_rest_of_a_body_that_has_its_answer_is_read_for_a_moment_only():
    async def at_once(scope, receive, send):
        await answer(send, b"no", 413)

    async with watching(app=at_once) as watched:
        caller = await watched.call(HEAD + b"Content-Length: 400\r\n\r\nboom")
        assert await caller.hears() == 413
        await caller.send(b"x" * 396)
        await caller.send(HEAD + b"Content-Length: 400\r\n\r\nboom")
        assert await caller.hears() == 413
        watched.turn(4)
        assert await caller.is_hung_up_on()


@pytest.mark.parametrize(
    "endless",
    [
        b"POST /",
        HEAD + b"X-Long: ",
        HEAD + b"".join(b"X-%d: a\r\n" % number for number in range(101)),
        ENDLESS + b"5;",
        ENDLESS + b"0\r\nX-Trailer: ",
        ENDLESS + b"0\r\n" + b"".join(b"X-%d: a\r\n" % number for number in range(101)),
    ],
)
async def test_a_head_without_an_end_is_cut_off(endless):
    async with watching() as watched:
        caller = await watched.call(endless)
        for _ in range(3):
            await caller.send(b"a" * 6_000)
        assert await caller.hears() == 431
        assert await caller.is_hung_up_on()
        assert watched.bodies == []


@pytest.mark.parametrize(
    "smuggled",
    [
        HEAD + b"Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        HEAD + b"Transfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n0\r\n\r\n",
        HEAD + b"Content-Length: 4\r\nContent-Length: 40\r\n\r\nboom",
        HEAD + b"Content-Length: 4, 4\r\n\r\nboom",
        HEAD + b"Content-Length: +4\r\n\r\nboom",
        HEAD + b"Content-Length: 99999999999999999999999\r\n\r\nboom",
        HEAD + b"Content-Length : 4\r\n\r\nboom",
        HEAD + b"Transfer-Encoding: gzip, chunked, identity\r\n\r\n0\r\n\r\n",
        HEAD + b"Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
        HEAD + b"Transfer-Encoding:\x0bchunked\r\n\r\n0\r\n\r\n",
        HEAD + b" folded: 1\r\nContent-Length: 4\r\n\r\nboom",
        HEAD + b"X-A: a\x00b\r\nContent-Length: 4\r\n\r\nboom",
        HEAD + b"X\x00A: ab\r\nContent-Length: 4\r\n\r\nboom",
        HEAD + b"no colon\r\nContent-Length: 4\r\n\r\nboom",
        ENDLESS + b"-1\r\nx\r\n0\r\n\r\n",
        ENDLESS + b"1 \r\nx\r\n0\r\n\r\n",
        ENDLESS + b"fffffffffffffffff\r\nx\r\n0\r\n\r\n",
        ENDLESS + b"1\r\nxx\r\n0\r\n\r\n",
        b"POST /webhook/\xe9 HTTP/1.1\r\nHost: a\r\n\r\n",
        b"POST /webhook/alerts HTTP/3.7\r\nHost: a\r\n\r\n",
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00",  # TLS
        b"nonsense\r\n\r\n",
    ],
)
async def test_a_request_that_can_be_read_in_two_ways_is_refused(smuggled):
    async with watching() as watched:
        caller = await watched.call(smuggled)
        assert await caller.hears() == 400
        assert await caller.is_hung_up_on()
        assert watched.bodies == []


async def test_a_body_in_crumbs_is_not_eaten():
    async with watching() as watched:
        caller = await watched.call(ENDLESS)
        await caller.send(b"1\r\nx\r\n" * 2_000)
        assert await caller.hears() == 400
        assert await caller.is_hung_up_on()
        whole = await watched.call(ENDLESS)
        await whole.send((b"50\r\n" + b"x" * 80 + b"\r\n") * 2_000 + b"0\r\n\r\n")
        assert await whole.hears() == 200
        assert watched.bodies == [160_000]


async def test_a_trailer_is_no_header():
    seen = []

    async def app(scope, receive, send):
        while (await receive()).get("more_body"):
            pass
        seen.extend(name for name, _ in scope["headers"])
        await answer(send, b"ok")

    async with watching(app=app) as watched:
        caller = await watched.call(ENDLESS + b"4\r\nboom\r\n0\r\nX-Signature: good\r\n\r\n")
        assert await caller.hears() == 200
        assert seen == [b"host", b"transfer-encoding"]


async def test_of_requests_that_do_not_wait_for_their_answer_the_first_has_one():
    async with watching() as watched:
        caller = await watched.call(WHOLE * 1_000)
        assert await caller.hears() == 200
        assert await caller.is_hung_up_on()
        assert watched.bodies == [4]


async def test_with_no_seat_left_the_slowest_leave_and_who_has_just_come_stays():
    async with watching(most=100) as watched:
        slow = [await watched.call(HEAD) for _ in range(50)]
        watched.turn(1)
        slow += [await watched.call(ENDLESS) for _ in range(50)]
        watched.turn(1)
        assert len(watched.table.connections) == 100
        quick = [await watched.call(HEAD) for _ in range(4)]
        for caller in quick:
            await caller.send(b"Content-Length: 4\r\n\r\nboom")
            assert await caller.hears() == 200
        assert 90 < len(watched.table.connections) <= 100
        assert await slow[0].is_hung_up_on()
        assert not slow[-1].ended


async def test_who_waits_for_our_answer_keeps_the_seat():
    async with watching(most=10) as watched:
        watched.answers.clear()
        waiting = [await watched.call(WHOLE) for _ in range(10)]
        assert await (await watched.call(HEAD)).is_hung_up_on()
        watched.answers.set()
        assert [await caller.hears() for caller in waiting] == [200] * 10


async def test_with_no_memory_left_the_slowest_bodies_are_given_up():
    async with watching(held=10_000_000) as watched:
        large = HEAD + b"Content-Length: 1000001\r\n\r\n" + b"x" * 1_000_000
        stuck = [await watched.call(large) for _ in range(9)]
        assert not any(caller.ended for caller in stuck)
        watched.turn(1)
        quick = await watched.call(HEAD + b"Content-Length: 2000000\r\n\r\n" + b"x" * 2_000_000)
        assert await quick.hears() == 200
        assert await stuck[0].is_hung_up_on()
        assert watched.gone >= 2
        for caller in stuck[-2:]:
            await caller.send(b"x")
            assert await caller.hears() == 200
        again = await watched.call(HEAD + b"Content-Length: 9000000\r\n\r\n" + b"x" * 9_000_000)
        assert await again.hears() == 200  # what has its answer is not held


async def test_an_answer_that_nobody_reads_is_not_kept_for_ever():
    async def much(scope, receive, send):
        await answer(send, b"x" * 20_000_000)

    async with watching(app=much) as watched:
        caller = await watched.call()
        caller.transport.pause_reading()
        await caller.send(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
        watched.turn(20)
        assert len(watched.table.connections) == 1
        watched.turn(15)
        await until(lambda: not watched.table.connections)


async def test_who_left_is_forgotten_at_once():
    async with watching() as watched:
        for _ in range(50):
            caller = await watched.call(WHOLE)
            await caller.hears()
            caller.transport.abort()
        await until(lambda: not watched.table.connections)
        gc.collect()
        assert sum(isinstance(thing, Connection) for thing in gc.get_objects()) <= 1
