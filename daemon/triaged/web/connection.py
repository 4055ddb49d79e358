"""Connections that are watched: uvicorn alone waits for ever for a head or a body, and takes as many of them as come.

A ``Connection`` knows what its caller is doing and since when. Their ``Table`` closes who is too slow, and the slowest where there
is no room. So what strangers can make us hold is bounded: so many connections, so many bytes of bodies, a head of so many bytes.
"""

import asyncio
import itertools
from collections import Counter
from typing import cast

from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol
from uvicorn.server import ServerState

from triaged import logs
from triaged.core import patience
from triaged.core.patience import Stage

_MOST_HELD = 64_000_000
"""Bytes: sixteen of Sentry's largest bodies."""
_MOST_HEAD = 16_384
"""Bytes of a head, or of anything else in a request that is not its body (Node.js has the same limit)."""
_MOST_FIELDS = 100
"""Headers of a request (Apache has the same limit)."""

_MANY_PIECES = 1_000
_LEAST_PIECE = 64
"""Bytes that the pieces of a body have on average, once there are many: each costs us the same, however small it is."""

_LOOKED_AT = 32
_LONGEST_TICK = 0.5
_BETWEEN_LOOKS = 1.0
_BETWEEN_LINES = 60.0


class Table(ServerState):
    """The connections of one listener: at most so many, with bodies of at most so many bytes that have no answer yet."""

    def __init__(self, most: int, most_held: int = _MOST_HELD) -> None:
        super().__init__()
        self._most = most
        self._most_held = most_held
        self._held = 0
        self._seated: dict[Connection, None] = {}
        self._cut: Counter[str] = Counter()
        self.now = 0.0
        """Seconds in which we did not stand still: only those are charged to callers."""
        self._ticked = self._told = float("-inf")

    def seat(self, newcomer: "Connection") -> None:
        """Where there are too many, one leaves: the slowest of a few. Whose turn it is goes round, so that no one looks at all."""
        if len(self._seated) >= self._most:
            looked_at = list(itertools.islice(self._seated, _LOOKED_AT))
            slowest = min((newcomer, *(one for one in looked_at if not one.waits_for_us)), key=_pace)
            for one in looked_at:
                self._seated[one] = self._seated.pop(one)
            slowest.drop()
            self._cut["seats"] += 1
        if newcomer.stage != "gone":
            self._seated[newcomer] = None

    def leave(self, caller: "Connection") -> None:
        self._seated.pop(caller, None)

    def hold(self, size: int) -> None:
        """So many bytes of a body more are in memory. Where that is too much, the slowest bodies are given up."""
        self._held += size
        if self._held > self._most_held:
            for slow in sorted((one for one in self._seated if one.stage == "body"), key=_pace):
                slow.drop()
                self._cut["memory"] += 1
                if self._held < self._most_held * 7 // 8:
                    break

    def release(self, size: int) -> None:
        self._held -= size

    def tick(self, at: float) -> None:
        """Closes who is too slow. To be called ten times a second; each caller is looked at once a second, and not all together."""
        self.now += min(at - self._ticked, _LONGEST_TICK)
        self._ticked = at
        due = [caller for caller in cast("set[Connection]", self.connections) if caller.looked_at <= self.now - _BETWEEN_LOOKS]
        self._cut.update(filter(None, [caller.watch() for caller in due]))
        if self._cut and self.now - self._told > _BETWEEN_LINES:
            logs.warning("callers were cut off", **self._cut)
            self._cut.clear()
            self._told = self.now


class Connection(HttpToolsProtocol):
    """One caller. A request that comes before the last one has its answer is not read: nobody who calls us sends such."""

    server_state: Table

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self.stage: Stage = "head"
        self._since = self.looked_at = self.server_state.now
        self._held = 0
        self._pieces = 0
        self._dry = 0
        """Bytes since the stage began, or since the last of a body."""
        self._unread_since: float | None = None
        self.server_state.seat(self)

    def connection_lost(self, exc: Exception | None) -> None:
        self._end()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        if self.stage == "idle":
            self._enter("head")
        self._dry += len(data)
        super().data_received(data)
        if self.stage in ("head", "body", "rest") and (self._dry > _MOST_HEAD or len(self.headers or ()) > _MOST_FIELDS):
            self._refuse(431, f"a head may have {_MOST_HEAD:,} bytes and {_MOST_FIELDS} fields")

    # what the parser finds

    def on_message_begin(self) -> None:
        if self.stage == "answer":
            raise ValueError("a request before the last one has its answer")  # the parser stops
        if self.stage == "idle":
            self._enter("head")
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        super().on_headers_complete()
        self.headers = []  # what comes now are trailers, which nobody in front of us has looked at: they are no headers
        self._pieces = 0
        self._enter("body")

    def on_body(self, body: bytes) -> None:
        super().on_body(body)
        self._dry = 0
        self._pieces += 1
        if self.stage == "body":
            self._held += len(body)
            self.server_state.hold(len(body))
        if self._pieces > _MANY_PIECES and self._held < self._pieces * _LEAST_PIECE:
            raise ValueError("a body in crumbs")  # the parser stops

    def on_message_complete(self) -> None:
        super().on_message_complete()
        self._enter("idle" if self.cycle.response_complete else "answer")

    def on_response_complete(self) -> None:
        """In place of uvicorn's: the table watches who is idle, so that it takes no timer for each request."""
        self.server_state.total_requests += 1
        self._release()
        self._enter("rest" if self.stage == "body" else "idle")
        if not self.transport.is_closing():
            self.flow.resume_reading()

    def send_400_response(self, msg: str) -> None:
        """The parser has stopped. What is being answered is answered first, and we close then."""
        if self.stage == "answer":
            self.cycle.keep_alive = False
            self.flow.pause_reading()
        else:
            self._refuse(400, msg)

    # what the table asks

    @property
    def waits_for_us(self) -> bool:
        """Rather than we for it."""
        return self.stage == "answer" and not self.flow.write_paused

    @property
    def pace(self) -> float:
        return patience.pace(self.server_state.now - self._since, self._held + self._dry)

    def watch(self) -> str:
        """Closes it where it is too slow. At which stage; empty where it is not, or has only been idle."""
        now = self.looked_at = self.server_state.now
        if not self.transport.get_write_buffer_size():
            self._unread_since = None
        elif self._unread_since is None:
            self._unread_since = now
        elif now - self._unread_since > patience.UNREAD_SECONDS:
            self.drop()
            return "answer"
        stage = self.stage
        why = patience.overdue(stage, now - self._since, self._held)
        if why:
            self._refuse(408, why)
        return stage if why and stage in ("head", "body") else ""

    def drop(self) -> None:
        """At once and without a word."""
        self._end()
        self.transport.abort()

    def _refuse(self, status: int, text: str) -> None:
        """Says why where that can be heard, and closes."""
        begun = (self.stage == "head" and self._dry) or (self.stage == "body" and not self.cycle.response_started)
        self._end()
        if begun:
            head = b"content-type: text/plain; charset=utf-8\r\ncontent-length: %d\r\nconnection: close\r\n\r\n" % len(text)
            self.transport.write(STATUS_LINE[status] + head + text.encode())
        self.transport.close()

    def _enter(self, stage: Stage) -> None:
        if self.stage != "gone":
            self.stage, self._since, self._dry = stage, self.server_state.now, 0

    def _release(self) -> None:
        self.server_state.release(self._held)
        self._held = 0

    def _end(self) -> None:
        """It counts no more, and who reads its body is told that there is none."""
        self.stage = "gone"
        self._release()
        self.server_state.leave(self)
        if self.cycle is not None and not self.cycle.response_complete:
            self.cycle.disconnected = True
            self.cycle.message_event.set()


def _pace(caller: Connection) -> float:
    return caller.pace
