"""What can go wrong between a client and CloudWatch Logs, switched on by a test for some requests.

    logs.faults.on("FilterLogEvents", faults.throttled(), times=None, chance=0.8)   # four of five, until faults.clear()
    logs.faults.on("FilterLogEvents", faults.empty_page(), times=500)               # 500 pages with a token and nothing in them
    logs.faults.on("*", faults.lost(), group="/ecs/checkout")

A fault is given the request and the way to have it answered, and gives the answer.
"""

import fnmatch
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from random import Random
from typing import Any, Protocol


@dataclass(slots=True)
class Response:
    """An answer, and how it is sent."""

    status: int
    payload: Mapping[str, Any]
    lost: bool = False
    """The connection is closed and nothing is sent."""
    hangs: bool = False
    """Nothing is sent, and the connection stays open until the client gives up."""

    @property
    def code(self) -> str:
        """Of an error; empty for a success."""
        return str(self.payload.get("__type", "")) if self.status >= 300 else ""


class Refusal(Exception):
    """The service says no."""

    def __init__(self, code: str, message: str, status: int = 400) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message
        self.status = status

    def response(self) -> Response:
        return Response(self.status, {"__type": self.code, "message": self.message})


class Moment(Protocol):
    """The request that a fault meets; ``model.py`` has it."""

    asked: Mapping[str, Any]

    def token_here(self) -> str:
        """A token that goes on exactly where this request would have begun."""


Fault = Callable[[Moment, Callable[[], Response]], Response]


@dataclass(slots=True)
class _Planned:
    operations: str
    fault: Fault
    times: int | None
    chance: float
    group: str


class Faults:
    """The faults that are switched on; of several that fit, the first switched on comes first."""

    def __init__(self, random: Random) -> None:
        self._random = random
        self._planned: list[_Planned] = []

    def on(self, operations: str, fault: Fault, *, times: int | None = 1, chance: float = 1.0, group: str = "*") -> None:
        """``operations`` and ``group`` are names or patterns. ``times`` None: until ``clear``."""
        self._planned.append(_Planned(operations, fault, times, chance, group))

    def clear(self) -> None:
        self._planned.clear()

    def pick(self, operation: str, group: str) -> Fault | None:
        for planned in self._planned:
            fits = fnmatch.fnmatchcase(operation, planned.operations) and fnmatch.fnmatchcase(group, planned.group)
            if planned.times == 0 or not fits or self._random.random() >= planned.chance:
                continue
            if planned.times is not None:
                planned.times -= 1
            return planned.fault
        return None


def refused(code: str, message: str, status: int = 400) -> Fault:
    """The service refuses with this error."""
    return lambda moment, apply: Refusal(code, message, status).response()


def throttled() -> Fault:
    return refused("ThrottlingException", "Rate exceeded")


def unavailable() -> Fault:
    """A 503 of the service's own."""
    return refused("ServiceUnavailableException", "The service cannot complete the request.", 503)


def expired_credentials() -> Fault:
    return refused("ExpiredTokenException", "The security token included in the request is expired")


def bad_token() -> Fault:
    """A ``nextToken`` is refused, whether it is good or not; a request without one is answered."""

    def fault(moment: Moment, apply: Callable[[], Response]) -> Response:
        return Refusal("InvalidParameterException", BAD_TOKEN).response() if "nextToken" in moment.asked else apply()

    return fault


def empty_page() -> Fault:
    """A page with nothing in it and a token that goes on from the same place."""
    return lambda moment, apply: Response(200, {"events": [], "searchedLogStreams": [], "nextToken": moment.token_here()})


def lost() -> Fault:
    """The connection closes before the answer."""

    def fault(moment: Moment, apply: Callable[[], Response]) -> Response:
        response = apply()
        response.lost = True
        return response

    return fault


def hangs() -> Fault:
    """No answer, and the connection stays open until the client gives up."""
    return lambda moment, apply: Response(0, {}, lost=True, hangs=True)


BAD_TOKEN = "The specified nextToken is invalid."
