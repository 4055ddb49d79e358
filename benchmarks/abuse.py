"""Signed deliveries alone and beside strangers, in turns, within one run: `make abuse`.

The daemon is a child process with its public settings; so is the flood, to leave this process to its clock. What counts is the ratio:
the seconds are those of this machine.
"""

import asyncio
import gzip
import itertools
import json
import random
import statistics
import sys
import tempfile
import time
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

from running import SECRETS, running
from triaged.sources import sentry

ROUNDS = 5
SECONDS = 4.0
SIGNED_PER_SECOND = 100
FLOOD_PER_SECOND = 100_000 / 60
SLOW_CALLERS = 5_000
BYTES = 6_000
STARTS = {"unsigned": 2, "wrong": 2, "monsters": 3, "slow": 7}
"""Seconds that strangers of a kind have before the clock runs."""
HEARD = {"0": "nothing and were hung up on"}
CONFIG = sentry.Config(client_secret=SECRETS["TRIAGED_SENTRY_CLIENT_SECRET"])


class Caller(asyncio.Protocol):
    """One connection, one request at a time."""

    def __init__(self):
        self._heard = b""
        self._answer = None

    def connection_made(self, transport):
        self.transport = transport

    async def ask(self, request):
        """The status; 0 where the connection ended."""
        self._heard, self._answer = b"", asyncio.get_running_loop().create_future()
        self.transport.write(request)
        return await self._answer

    def data_received(self, data):
        self._heard += data
        head, found, body = self._heard.partition(b"\r\n\r\n")
        if found and len(body) >= int(head.lower().partition(b"content-length: ")[2].split()[0]):
            self._tell(int(head.split()[1]))

    def connection_lost(self, error):
        self._tell(0)

    def _tell(self, status):
        if self._answer is not None and not self._answer.done():
            self._answer.set_result(status)


async def load(address, requests, per_second, seconds, connections):
    """Requests at their times, however long answers take: the seconds from each one's time to its answer, and the statuses."""
    parts, loop = urlsplit(address), asyncio.get_running_loop()
    free = asyncio.Queue()
    for _ in range(connections):
        free.put_nowait((await loop.create_connection(Caller, parts.hostname, parts.port))[1])
    took, statuses, began = [], {}, loop.time()

    async def one(due):
        caller = await free.get()
        status = await caller.ask(next(requests))
        took.append(loop.time() - due)
        statuses[status] = statuses.get(status, 0) + 1
        free.put_nowait(caller)

    async with asyncio.TaskGroup() as group:
        for number in range(int(per_second * seconds)):
            due = began + number / per_second
            if due > loop.time():
                await asyncio.sleep(due - loop.time())
            group.create_task(one(due))
    while not free.empty():
        free.get_nowait().transport.close()
    return sorted(took), statuses


def request(body, headers):
    head = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    return f"POST /webhook/sentry HTTP/1.1\r\nHost: a\r\n{head}Content-Length: {len(body)}\r\n\r\n".encode() + body


def body(number):
    event = json.loads(sentry.sample(datetime.now(UTC)))
    event["data"]["event"] |= {"event_id": f"{number:032x}", "extra": {"padding": "x" * (BYTES - 700)}}
    return json.dumps(event).encode()


def signed():
    """Requests, each another event of the same error."""
    number = time.time_ns()
    while True:
        number += 1
        made = body(number)
        yield request(made, sentry.signed(CONFIG, made, datetime.now(UTC)))


def strangers(kind):
    """Requests that are all to be refused."""
    headers = {} if kind == "unsigned" else {"Sentry-Hook-Signature": "0" * 64}
    made = request(body(0), headers)
    while True:
        yield made


async def slow_callers(address, seconds):
    """Half-sent heads, and bodies of a byte a second: so many at a time, and who is hung up on calls again, a thousand a second."""
    parts, loop = urlsplit(address), asyncio.get_running_loop()
    head = b"POST /webhook/sentry HTTP/1.1\r\nHost: a\r\n"
    callers, calls, ends = [], 0, loop.time() + seconds
    while loop.time() < ends:
        callers = [caller for caller in callers if not caller.transport.is_closing()]
        for _ in range(min(10, SLOW_CALLERS - len(callers))):
            with suppress(OSError):
                callers.append((await loop.create_connection(Caller, parts.hostname, parts.port))[1])
                calls += 1
                callers[-1].transport.write(head if calls % 2 else head + b"Content-Length: 4000\r\n\r\n{")
        for caller in random.sample(callers, len(callers) // 100):
            caller.transport.write(b"1")
        await asyncio.sleep(0.01)
    return calls


def monsters():
    """Requests of some megabytes that are all to be refused."""
    wrong = {"Sentry-Hook-Signature": "0" * 64}
    chunk = b"10000\r\n" + b"x" * 0x10000 + b"\r\n"
    head = b"POST /webhook/sentry HTTP/1.1\r\nHost: a\r\n"
    return (
        request(b"x" * 3_900_000, wrong),
        request(b"[" * 3_900_000, {}),
        request(gzip.compress(b" " * 500_000_000), {**wrong, "Content-Encoding": "gzip"}),
        head + b"Content-Length: 99999999\r\n\r\n" + b"x" * 1_000_000,
        head + b"Transfer-Encoding: chunked\r\n\r\n" + chunk * 200,
        head + b"Transfer-Encoding: chunked\r\n\r\n" + b"1\r\nx\r\n" * 100_000,
    )


async def monstrous_callers(address, seconds):
    """Twenty a second, each on a connection of its own; what they heard."""
    parts, loop, heard = urlsplit(address), asyncio.get_running_loop(), {}
    requests, ends = itertools.cycle(monsters()), loop.time() + seconds

    async def one():
        _, caller = await loop.create_connection(Caller, parts.hostname, parts.port)
        status = await caller.ask(next(requests))
        heard[status] = heard.get(status, 0) + 1
        await asyncio.sleep(0.5)
        caller.transport.abort()

    async with asyncio.TaskGroup() as group:
        while loop.time() < ends:
            group.create_task(one())
            await asyncio.sleep(0.05)
    return heard


async def beside(address, kind):
    """One turn of signed deliveries, with such strangers beside them (or none): their seconds, and what the strangers heard."""
    child = None
    if kind:
        command = (sys.executable, __file__, kind, address)
        child = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE)
        await asyncio.sleep(STARTS[kind] - 0.5)
    took, statuses = await load(address, signed(), SIGNED_PER_SECOND, SECONDS, 16)
    assert set(statuses) == {202}, statuses
    heard = json.loads((await child.communicate())[0]) if child else {}
    return took, heard


def resident(daemon):
    lines = Path(f"/proc/{daemon.child.pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith("VmHWM"))


async def compare(daemon, kind):
    alone, with_them, heard = [], [], {}
    for _ in range(ROUNDS):
        alone.append((await beside(daemon.address, ""))[0])
        took, statuses = await beside(daemon.address, kind)
        with_them.append(took)
        for status, times in statuses.items():
            heard[status] = heard.get(status, 0) + times
    for name, share in (("p50", 0.5), ("p99", 0.99)):
        before, after = (statistics.median(took[int(len(took) * share)] for took in rounds) for rounds in (alone, with_them))
        print(f"  {name} of signed deliveries: {before * 1e3:.1f} ms alone, {after * 1e3:.1f} ms beside them: {after / before:.2f} times")
    print(f"  strangers: {', '.join(f'{times:,} heard {HEARD.get(status, status)}' for status, times in sorted(heard.items()))}")
    print(f"  memory at most: {resident(daemon):.0f} MiB", flush=True)


async def stranger(kind, address):
    seconds = SECONDS + STARTS[kind]
    if kind == "slow":
        return {0: await slow_callers(address, seconds)}
    if kind == "monsters":
        return await monstrous_callers(address, seconds)
    return (await load(address, strangers(kind), FLOOD_PER_SECOND, seconds, 64))[1]


def main():
    if len(sys.argv) > 1:
        print(json.dumps(asyncio.run(stranger(*sys.argv[1:]))))
        return
    with tempfile.TemporaryDirectory() as folder, running(Path(folder), TRIAGED_UPDATE_INTERVAL_SECONDS="300") as daemon:
        for kind, told in (
            ("unsigned", "100,000 a minute without a signature"),
            ("wrong", "100,000 a minute with a wrong signature"),
            ("monsters", "twenty a second of four megabytes, packed, nested, without an end, in crumbs"),
            ("slow", f"{SLOW_CALLERS:,} callers with half a head or a byte of body a second"),
        ):
            print(told)
            asyncio.run(compare(daemon, kind))


if __name__ == "__main__":
    main()
