"""GitHub as the daemon reaches it: the model behind a network that is slow, loses, repeats and comes late."""

import asyncio
import json
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from random import Random
from urllib.parse import urlsplit

from models.github import GitHub, Request, Response, faults
from models.github.faults import Apply, Fault, Moment
from simulator.manners import Manners
from simulator.process import Process
from triaged.errors import Unavailable, Unknown
from triaged.ports import Answer

LATE = (0.0, 60.0)
"""Seconds after we gave up at which a request may still be applied."""
MUCH_LATER = (120.0, 600.0)
"""The same, beyond every quiet period; rare."""


class Network:
    """See ``ports.Http``. ``fate`` says what happens to each request: one of ``FATES``, or nothing."""

    def __init__(self, github: GitHub, manners: Manners, process: Process, random: Random, fate: Callable[[str], str]) -> None:
        self._github = github
        self._manners = manners
        self._process = process
        self._random = random
        self._fate = fate
        self.in_flight = 0

    async def send(
        self, method: str, url: str, *, headers: Mapping[str, str], body: bytes | None = None, seconds: float = 10, most: int = 8_000_000
    ) -> Answer:
        fate = self._fate(method)
        if fate == "moved" and "/repos/" not in url:
            fate = ""  # one that is asked for by its id has not moved
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
        answered_at = self._process.now()
        await asyncio.sleep(seconds if response.hangs else min(seconds, self._latency() + self._transfer(response)))
        if fate == "killed after":
            await self._process.killed(f"after {method}")
        if response.lost or response.hangs or response.sent is not None or self._transfer(response) >= seconds:
            raise Unknown("api.github.com gave no answer: lost")
        self._manners.hears(response, answered_at, self._process.now())
        return Answer(response.status, response.headers, response.body)

    def _asked(self, fate: str, method: str, url: str, headers: Mapping[str, str], body: bytes, seconds: float) -> Response:
        parts = urlsplit(url)
        target = parts.path + (f"?{parts.query}" if parts.query else "")
        request = Request(method, target, {name.lower(): value for name, value in headers.items()}, body)
        if fate in ("twice", "much later") and method == "POST":
            self._process.beyond.append(json.loads(body).get("title", ""))
        if fate in FATES:
            self._github.faults.on("*", FATES[fate](Draw(self._github, self._random, seconds)))
        violations = len(self._github.violations)
        response = self._github.handle(request, in_flight=self.in_flight)
        self._github.faults.clear()
        self._github.violations[violations:] = self._manners.judges(self._github.violations[violations:])
        self._process.trace(f"{method} {target}: {response.status}{f' ({fate})' if fate else ''}")
        return response

    def _latency(self) -> float:
        """Seconds one way; now and then some."""
        return self._random.expovariate(1 / 0.1) if self._random.random() < 0.97 else self._random.uniform(1, 4)

    @staticmethod
    def _transfer(response: Response) -> float:
        return len(response.body) / response.pace if response.pace else 0.0


@dataclass(frozen=True, slots=True)
class Draw:
    """What a fault is made of."""

    github: GitHub
    random: Random
    seconds: float
    """The client's patience."""


def _late(after: tuple[float, float]) -> Callable[[Draw], Fault]:
    """Not applied while we wait; but so many seconds after we gave up."""

    def made(draw: Draw) -> Fault:
        hangs = draw.random.random() < 0.5
        wait = draw.random.uniform(*after) + (draw.seconds if hangs else 0)

        def fault(moment: Moment, apply: Apply) -> Response:
            moment.later(wait, lambda: _unjudged(draw.github, apply))
            return Response(0, lost=True, hangs=hangs)

        return fault

    return made


def _unjudged(github: GitHub, apply: Apply) -> Response:
    """It left before anybody was told to wait."""
    before = len(github.violations)
    response = apply()
    del github.violations[before:]
    return response


def _twice(moment: Moment, apply: Apply) -> Response:
    """A proxy sends it again."""
    first = apply()
    apply()
    return first


def _limited(draw: Draw) -> Fault:
    after = draw.random.choice([None, None, 1, 30, 300, 3600])
    return faults.secondary(draw.random.choice([403, 429]), retry_after=after)


def _failed(draw: Draw) -> Fault:
    return faults.error(draw.random.choice([500, 502, 503, 504]), html=draw.random.random() < 0.5)


FATES: Mapping[str, Callable[[Draw], Fault]] = {
    "dropped": lambda draw: faults.dropped(),
    "lost": lambda draw: faults.lost(),
    "hangs": lambda draw: faults.hangs(applied=True),
    "hangs unapplied": lambda draw: faults.hangs(applied=False),
    "late": _late(LATE),
    "much later": _late(MUCH_LATER),
    "twice": lambda draw: _twice,
    "failed": _failed,
    "failed but applied": lambda draw: faults.error(502, applied=True, html=draw.random.random() < 0.5),
    "page": lambda draw: faults.html(200),
    "truncated": lambda draw: faults.truncated(draw.random.random()),
    "slow": lambda draw: faults.slow(1.0),
    "empty": lambda draw: faults.empty_list(),
    "limited": _limited,
    "exhausted": lambda draw: faults.primary(math.ceil(draw.random.uniform(1, 3000))),
    "moved": lambda draw: faults.redirected(),
    "credential": lambda draw: faults.refused(401, "Bad credentials"),
}
"""Beside ``refused``, ``killed before`` and ``killed after``: those are of the network and the process."""
