"""GitHub as the daemon reaches it: the model behind a network that is slow, loses, repeats and comes late."""

import asyncio
import math
from collections.abc import Callable, Mapping
from random import Random
from urllib.parse import urlsplit

from models.github import GitHub, Request, Response, faults
from models.github.faults import Apply, Fault, Moment
from simulator.process import Process
from triaged.errors import Unavailable, Unknown
from triaged.ports import Answer

LATE = (0.0, 60.0)
"""Seconds after we gave up at which a request may still be applied."""
MUCH_LATER = (120.0, 600.0)
"""The same, beyond every quiet period; rare."""


class Network:
    """See ``ports.Http``. ``fate`` says what happens to each request: one of ``FATES``, or nothing."""

    def __init__(self, github: GitHub, process: Process, random: Random, fate: Callable[[str], str]) -> None:
        self._github = github
        self._process = process
        self._random = random
        self._fate = fate
        self.in_flight = 0

    async def send(
        self, method: str, url: str, *, headers: Mapping[str, str], body: bytes | None = None, seconds: float = 10, most: int = 8_000_000
    ) -> Answer:
        fate = self._fate(method)
        self.in_flight += 1
        try:
            return await self._sent(fate, method, url, headers, body or b"", seconds)
        finally:
            self.in_flight -= 1

    async def _sent(self, fate: str, method: str, url: str, headers: Mapping[str, str], body: bytes, seconds: float) -> Answer:
        if fate == "killed before":
            await self._process.killed(f"before {method}")
        await asyncio.sleep(self._latency())
        if fate == "refused":
            self._process.trace(f"{method} {urlsplit(url).path}: no connection")
            raise Unavailable("api.github.com cannot be reached: refused")
        response = self._asked(fate, method, url, headers, body, seconds)
        await asyncio.sleep(seconds if response.hangs else min(seconds, self._latency() + self._transfer(response)))
        if fate == "killed after":
            await self._process.killed(f"after {method}")
        if response.lost or response.hangs or response.sent is not None or self._transfer(response) >= seconds:
            raise Unknown("api.github.com gave no answer: lost")
        return Answer(response.status, response.headers, response.body)

    def _asked(self, fate: str, method: str, url: str, headers: Mapping[str, str], body: bytes, seconds: float) -> Response:
        parts = urlsplit(url)
        target = parts.path + (f"?{parts.query}" if parts.query else "")
        request = Request(method, target, {name.lower(): value for name, value in headers.items()}, body)
        if fate in FATES:
            self._github.faults.on("*", FATES[fate](self._random, seconds))
        response = self._github.handle(request, in_flight=self.in_flight)
        self._github.faults.clear()
        self._process.trace(f"{method} {target}: {response.status}{f' ({fate})' if fate else ''}")
        return response

    def _latency(self) -> float:
        """Seconds one way; now and then some."""
        return self._random.expovariate(1 / 0.1) if self._random.random() < 0.97 else self._random.uniform(1, 4)

    @staticmethod
    def _transfer(response: Response) -> float:
        return len(response.body) / response.pace if response.pace else 0.0


def _late(after: tuple[float, float]) -> Callable[[Random, float], Fault]:
    """Not applied while we wait; but so many seconds after we gave up."""

    def made(random: Random, seconds: float) -> Fault:
        hangs = random.random() < 0.5
        wait = random.uniform(*after) + (seconds if hangs else 0)

        def fault(moment: Moment, apply: Apply) -> Response:
            moment.later(wait, apply)
            return Response(0, lost=True, hangs=hangs)

        return fault

    return made


def _twice(moment: Moment, apply: Apply) -> Response:
    """A proxy sends it again."""
    first = apply()
    apply()
    return first


def _limited(random: Random, seconds: float) -> Fault:
    after = random.choice([None, None, 1, 30, 300, 3600])
    return faults.secondary(random.choice([403, 429]), retry_after=after)


def _exhausted(random: Random, seconds: float) -> Fault:
    return faults.primary(math.ceil(random.uniform(1, 3000)))


FATES: Mapping[str, Callable[[Random, float], Fault]] = {
    "dropped": lambda random, seconds: faults.dropped(),
    "lost": lambda random, seconds: faults.lost(),
    "hangs": lambda random, seconds: faults.hangs(applied=True),
    "hangs unapplied": lambda random, seconds: faults.hangs(applied=False),
    "late": _late(LATE),
    "much later": _late(MUCH_LATER),
    "twice": lambda random, seconds: _twice,
    "failed": lambda random, seconds: faults.error(random.choice([500, 502, 503, 504]), html=random.random() < 0.5),
    "failed but applied": lambda random, seconds: faults.error(502, applied=True, html=random.random() < 0.5),
    "page": lambda random, seconds: faults.html(200),
    "truncated": lambda random, seconds: faults.truncated(random.random()),
    "slow": lambda random, seconds: faults.slow(1.0),
    "empty": lambda random, seconds: faults.empty_list(),
    "limited": _limited,
    "exhausted": _exhausted,
    "moved": lambda random, seconds: faults.redirected(),
    "credential": lambda random, seconds: faults.refused(401, "Bad credentials"),
}
"""Beside ``refused``, ``killed before`` and ``killed after``: those are of the network and the process."""
