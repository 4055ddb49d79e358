"""What can go wrong between a client and GitHub, switched on by a test for some requests.

    github.faults.on("issues/create", faults.lost())                        # the next one is applied, its answer never comes
    github.faults.on("issues/list-for-repo", faults.empty_list(), times=3)
    github.faults.on("*", faults.error(502), times=None, chance=0.2)        # every fifth request, until faults.clear()

A fault is given the request's moment and the way to have it applied, and gives the answer. Seen in the wild: empty lists,
https://github.com/golang/go/issues/72731; a limit without ``retry-after``, and how long to wait then,
https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api#exceeding-the-rate-limit; creating a ref that is refused
for a while, https://github.com/github/rest-api-description/issues/4887.
"""

import fnmatch
from collections.abc import Callable
from dataclasses import dataclass
from random import Random
from typing import Any, Protocol

from .wire import Refusal, Response, answer, raw
from .wire import lost as lost_answer

Apply = Callable[[], Response]


class Moment(Protocol):
    """The request that a fault meets; ``model.py`` has it."""

    def later(self, seconds: float, apply: Apply) -> None:
        """Has something applied so many seconds from now, on the model's clock."""

    def anew(self) -> Response:
        """Applies the request as if the client had nothing yet: no 304."""

    def refused(self, refusal: Refusal) -> Response:
        """A refusal with the headers that every answer has."""

    def pause(self, seconds: float | None, status: int) -> Refusal:
        """A secondary limit for whoever asks."""

    def exhaust(self, seconds: float) -> None:
        """The primary limit of whoever asks is used up."""

    def elsewhere(self) -> str:
        """Another address of what is asked for: the one by the repository's id."""


Fault = Callable[[Moment, Apply], Response]


@dataclass(slots=True)
class _Planned:
    operations: str
    fault: Fault
    times: int | None
    chance: float


class Faults:
    """The faults that are switched on; of several that fit, the first switched on comes first."""

    def __init__(self, random: Random) -> None:
        self._random = random
        self._planned: list[_Planned] = []

    def on(self, operations: str, fault: Fault, *, times: int | None = 1, chance: float = 1.0) -> None:
        """``operations`` is an operation's id or a pattern: ``issues/*``, ``graphql``, ``*``. ``times`` None: until ``clear``."""
        self._planned.append(_Planned(operations, fault, times, chance))

    def clear(self) -> None:
        self._planned.clear()

    def pick(self, operation: str) -> Fault | None:
        for planned in self._planned:
            if planned.times == 0 or not fnmatch.fnmatchcase(operation, planned.operations) or self._random.random() >= planned.chance:
                continue
            if planned.times is not None:
                planned.times -= 1
            return planned.fault
        return None


def lost() -> Fault:
    """Applied; the connection closes before the answer."""

    def fault(moment: Moment, apply: Apply) -> Response:
        apply()
        return lost_answer()

    return fault


def dropped() -> Fault:
    """Not applied; the connection closes without an answer."""
    return lambda moment, apply: lost_answer()


def late(seconds: float) -> Fault:
    """Not applied now, and no answer; but applied so many seconds later all the same."""

    def fault(moment: Moment, apply: Apply) -> Response:
        moment.later(seconds, apply)
        return lost_answer()

    return fault


def hangs(*, applied: bool = True) -> Fault:
    """No answer, and the connection stays open until the client gives up."""

    def fault(moment: Moment, apply: Apply) -> Response:
        if applied:
            apply()
        return Response(0, lost=True, hangs=True)

    return fault


def error(status: int = 502, *, applied: bool = False, html: bool = False) -> Fault:
    """A 5xx as GitHub's own servers (JSON) or those in front of them (``html``) send it."""

    def fault(moment: Moment, apply: Apply) -> Response:
        if applied:
            apply()
        page = raw(_UNICORN % status, "text/html; charset=utf-8", status)
        return page if html else moment.refused(Refusal(status, "Server Error"))

    return fault


def html(status: int = 200, *, applied: bool = True) -> Fault:
    """A page for people where JSON should be."""
    return error(status, applied=applied, html=True)


def truncated(share: float = 0.5) -> Fault:
    """Applied; the connection breaks in the middle of the answer."""

    def fault(moment: Moment, apply: Apply) -> Response:
        response = apply()
        response.sent = int(len(response.body) * share)
        return response

    return fault


def slow(pace: float = 1.0) -> Fault:
    """Applied; the body comes at so many bytes a second."""

    def fault(moment: Moment, apply: Apply) -> Response:
        response = apply()
        response.pace = pace
        return response

    return fault


def empty_list() -> Fault:
    """A successful list or search shows nothing, and says so with a 200."""

    def fault(moment: Moment, apply: Apply) -> Response:
        response = moment.anew()
        if response.status != 200:
            return response
        empty = _emptied(response.payload)
        kept = {name: value for name, value in response.headers.items() if name not in ("link", "etag")}
        made = answer(empty)
        return Response(200, empty, made.body, kept)

    return fault


def partial_search() -> Fault:
    """A search that ran out of time. https://docs.github.com/en/rest/search/search#timeouts-and-incomplete-results"""

    def fault(moment: Moment, apply: Apply) -> Response:
        response = moment.anew()
        if response.status != 200:
            return response
        found = {**response.payload, "incomplete_results": True, "items": [], "total_count": 0}
        return Response(response.status, found, answer(found).body, response.headers)

    return fault


def secondary(status: int = 403, *, retry_after: float | None = None) -> Fault:
    """A secondary limit begins, with or without ``retry-after`` (seconds); without it a client has to wait a minute at least.

    GraphQL may say so in a 200, too.
    """
    return lambda moment, apply: moment.refused(moment.pause(retry_after, status))


def primary(seconds: float = 2400) -> Fault:
    """The primary limit is used up, and resets in so many seconds on GitHub's clock."""

    def fault(moment: Moment, apply: Apply) -> Response:
        moment.exhaust(seconds)
        return apply()

    return fault


def refused(status: int, message: str, *errors: dict[str, Any]) -> Fault:
    """Any refusal of GitHub's: ``refused(401, "Bad credentials")``, ``refused(422, "Reference update failed")``."""
    return lambda moment, apply: moment.refused(Refusal(status, message, *errors))


def redirected(status: int = 301) -> Fault:
    """As for a renamed repository, with the status of one's choice; following it leads to the repository by its id."""

    def fault(moment: Moment, apply: Apply) -> Response:
        place = moment.elsewhere()
        return moment.refused(Refusal(status, "Moved Permanently", headers={"location": place}))

    return fault


def _emptied(payload: Any) -> Any:
    if isinstance(payload, list):
        return []
    return {name: [] if isinstance(value, list) else 0 if name == "total_count" else value for name, value in payload.items()}


_UNICORN = b"<!DOCTYPE html>\n<html><head><title>Unicorn! &middot; GitHub</title></head><body><p>%d</p></body></html>\n"
