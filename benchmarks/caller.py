"""A caller in Python, for what `wrk` cannot do: requests at their times, and each of them surely answered."""

import asyncio
import os
from collections.abc import Iterable
from urllib.parse import urlsplit

import uvloop

from benchmarks import processes

AS_FAST_AS_POSSIBLE = float("inf")


class Caller(asyncio.Protocol):
    """A connection: one request at a time."""

    def __init__(self, free: "asyncio.Queue[Caller]") -> None:
        self._free = free
        self.due = 0.0
        self.took: list[float] = []
        self.refused = 0
        self._closes = False
        self._heard = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport

    def ask(self, request: bytes, due: float) -> None:
        self.due = due
        self.transport.write(request)  # type: ignore[attr-defined]

    def connection_lost(self, error: Exception | None) -> None:
        if not self._closes:
            self.refused += 1
            self._free.put_nowait(self)

    def close(self) -> None:
        self._closes = True
        self.transport.close()

    def data_received(self, data: bytes) -> None:
        self._heard += data
        head, whole, body = self._heard.partition(b"\r\n\r\n")
        if whole and len(body) >= int(head.lower().partition(b"content-length: ")[2].split()[0]):
            self.took.append(asyncio.get_running_loop().time() - self.due)
            self.refused += not head.startswith(b"HTTP/1.1 202")
            self._heard = b""
            self._free.put_nowait(self)


def sent(url: str, requests: Iterable[bytes], rate: float = AS_FAST_AS_POSSIBLE, *, connections: int = 32) -> list[float]:
    """So many a second, from the client's core: the seconds from when each was due to its answer, sorted.

    Raises RuntimeError where one was not answered with 202.
    """
    cores = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {processes.CLIENT})
    try:
        return uvloop.run(_sent(url, requests, rate, connections))
    finally:
        os.sched_setaffinity(0, cores)


async def _sent(url: str, requests: Iterable[bytes], rate: float, connections: int) -> list[float]:
    loop, parts = asyncio.get_running_loop(), urlsplit(url)
    free: asyncio.Queue[Caller] = asyncio.Queue()
    callers = [(await loop.create_connection(lambda: Caller(free), parts.hostname, parts.port))[1] for _ in range(connections)]
    for caller in callers:
        free.put_nowait(caller)
    began = loop.time()
    for number, request in enumerate(requests):
        due = began + number / rate
        if due > loop.time():
            await asyncio.sleep(due - loop.time())
        (await free.get()).ask(request, due)
    for _ in callers:
        await free.get()
    for caller in callers:
        caller.close()
    if any(caller.refused for caller in callers):
        raise RuntimeError("not everything was accepted")
    return sorted(took for caller in callers for took in caller.took)
