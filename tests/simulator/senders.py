"""Who tells the daemon of errors: Sentry and Slack, over the listener's ASGI door, each try logged with its answer.

A sender that gets no answer, or a bad one, may try again with the same body: after 1, 60 and 300 s, as Slack does.
"""

import asyncio
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from random import Random
from typing import Any

from simulator.loop import Loop, Time
from triaged import demo
from triaged.plugins import load

SECRETS = {"sentry": ("client_secret", "sentry-client-secret"), "slack": ("signing_secret", "slack-signing-secret")}
_NAMES = ("Teapot", "Lemon", "Basket", "Ledger", "Parcel", "Voucher", "Coupon", "Harbour", "Anchor", "Lantern", "Meadow", "Pepper")
"""Two of them name an error."""
_PLACES = (
    ("shop/prices.py", "price_of", 7),
    ("shop/cart.py", "average", 14),
    ("shop/checkout.py", "pay", 8),
    ("elsewhere/jobs.py", "run", 3),
)
_RETRIES = (1.0, 60.0, 300.0)
_PATIENCE = 10.0
"""Seconds a sender waits for its answer."""


@dataclass(frozen=True, slots=True)
class Told:
    """One try. ``answer`` is None where none came."""

    error: str
    event: str
    happened: float
    at: float
    answer: int | None
    memory: int
    """Which memory of the daemon it met: another one after its folder was lost."""


@dataclass(slots=True, eq=False)
class Post:
    """A delivery, and when it is tried (again)."""

    at: float
    source: str
    body: bytes
    error: str
    event: str
    happened: float
    tries: int
    under_way: bool = False


@dataclass(slots=True)
class Senders:
    """``waiting`` are the deliveries that nobody has answered and nobody has given up."""

    time: Time
    waiting: list[Post]
    told: list[Told] = field(default_factory=list)
    last: float = 0.0
    """When the last try was made."""

    def connect(self, loop: Loop, app: Callable[..., Any], memory: int) -> None:
        """From now on it is this process that is told. What came while none was there met a closed port."""
        for post in list(self.waiting):
            while post in self.waiting and (post.under_way or post.at < self.time.seconds):
                self._outcome(post, None, memory)
            if post in self.waiting:
                loop.call_at(post.at, self._start, loop, post, app, memory)

    def due(self) -> float:
        """When the next try is made; infinity where none is waiting."""
        return min((post.at for post in self.waiting if not post.under_way), default=float("inf"))

    def busy(self) -> bool:
        return any(post.under_way for post in self.waiting)

    def _start(self, loop: Loop, post: Post, app: Callable[..., Any], memory: int) -> None:
        loop.watch(loop.create_task(self._try(loop, post, app, memory)))

    async def _try(self, loop: Loop, post: Post, app: Callable[..., Any], memory: int) -> None:
        post.under_way = True
        answer: asyncio.Future[int] = loop.create_future()
        call = loop.create_task(_called(app, post, self.time, answer))
        await asyncio.wait([answer, call], timeout=_PATIENCE, return_when=asyncio.FIRST_COMPLETED)
        self._outcome(post, answer.result() if answer.done() else None, memory)
        await call
        if post in self.waiting:
            loop.call_at(post.at, self._start, loop, post, app, memory)

    def _outcome(self, post: Post, answer: int | None, memory: int) -> None:
        post.under_way = False
        self.last = max(self.last, min(post.at, self.time.seconds))
        self.told.append(Told(post.error, post.event, post.happened, self.time.seconds, answer, memory))
        if (answer is not None and answer < 300) or post.tries == 0:
            self.waiting.remove(post)
        else:
            post.tries -= 1
            post.at = max(self.time.seconds, post.at) + _RETRIES[min(len(_RETRIES) - 1 - post.tries, 2)]


async def _called(app: Callable[..., Any], post: Post, time: Time, answer: "asyncio.Future[int]") -> None:
    module = load("sources", post.source)
    key, secret = SECRETS[post.source]
    signed: Mapping[str, str] = module.signed(module.Config(**{key: secret}), post.body, time.now())
    headers = [(name.lower().encode(), value.encode()) for name, value in signed.items()]
    scope = {"type": "http", "method": "POST", "path": f"/webhook/{post.source}", "headers": headers, "client": ("203.0.113.9", 40000)}

    async def receive() -> Mapping[str, Any]:
        return {"type": "http.request", "body": post.body, "more_body": False}

    async def send(message: Mapping[str, Any]) -> None:
        if message["type"] == "http.response.start" and not answer.done():
            answer.set_result(message["status"])

    await app(scope, receive, send)


def errors(random: Random, number: int, seconds: float, time: Time) -> list[Post]:
    """The deliveries of so many different errors: repeats of each, some told twice, in any order, within so many seconds."""
    names = random.sample([first + second for first in _NAMES for second in _NAMES], number)
    return [post for name in names for post in _of_error(random, name, seconds, time)]


def _of_error(random: Random, name: str, seconds: float, time: Time) -> list[Post]:
    path, function, line = random.choice(_PLACES)
    frame = {"filename": path, "function": f"{function}_{name.lower()}", "lineno": line, "context_line": "return it", "in_app": True}
    first = random.uniform(0, seconds)
    posts = []
    for event in range(random.choice([1, 1, 2, 3, 6])):
        at = first if event == 0 else random.uniform(first, seconds * 1.2 + 1)
        source = "slack" if random.random() < 0.2 else "sentry"
        body = _body(source, name, event, frame, time, at)
        tries = random.choice([0, 3])
        posts.append(Post(at, source, body, name, f"{name} {event}", at, tries))
        if random.random() < 0.3:  # the same delivery once more, or another rule's alert about the same event
            again = body if source == "slack" or random.random() < 0.5 else body.replace(b'"Any error"', b'"Another rule"')
            posts.append(Post(max(0, at + random.uniform(-2, 100)), source, again, name, f"{name} {event}", at, tries))
    return posts


def _body(source: str, name: str, event: int, frame: Mapping[str, Any], time: Time, at: float) -> bytes:
    kind, message = f"{name}Error", f"no {name.lower()} for order {4711 + event}"
    trace = f'  File "{frame["filename"]}", line {frame["lineno"]}, in {frame["function"]}\n    {frame["context_line"]}'
    text = f"Traceback (most recent call last):\n{trace}\n{kind}: {message}"
    happened = time.at(at)
    if source == "slack":
        return demo.slack_alert(f"```{text}```", happened)
    told = json.loads(demo.sentry_event(demo.Crash(kind, message, text, (frame,)), "v1.0", happened))
    return json.dumps(told).encode()
