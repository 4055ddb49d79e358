"""How fast errors are found and understood, on one core: lines through assembling and detection, traces parsed and fingerprinted, and the
slowest text. Processor time, the best of three."""

import json
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from typing import Any

from accuracy.ordinary import applications
from triaged import parsers
from triaged.core import log
from triaged.core.assemble import join
from triaged.core.fingerprint import fingerprint
from triaged.core.model import Record
from triaged.core.normalize import normalize

LINES = 300_000
TRACES = 5_000
SLOWEST = 0.050
"""What must be reached: lines a second, traces a second, seconds for 64 KB."""

_FRAMES = 30
_AT = datetime(2026, 3, 4, 7, tzinfo=UTC)


def measured() -> tuple[list[str], list[str]]:
    """What there is to tell, and what is below its bar."""
    texts = [
        json.loads(line)["text"] for path in sorted(Path(__file__).parent.glob("data/*.jsonl")) for line in path.open(encoding="utf-8")
    ]
    texts = [text.rstrip("\n") for text in texts]
    calm = _rate(*_log(_calm, texts))
    loud = _rate(*_log(_loud, texts))
    traces = _traces()
    seconds, slowest = max((_per_64_kb(text), text[:60]) for text in texts)
    told = [
        f"{calm:,.0f} lines/s joined and looked at, 2 % of them errors'; {loud:,.0f} where most lines speak of errors and are none",
        f"{traces:,.0f} traces/s of {_FRAMES} frames parsed and fingerprinted",
        f"slowest text: {1000 * seconds:.1f} ms per 64 KB: {slowest!r}",
    ]
    bars = {"lines/s": calm < LINES, "traces/s": traces < TRACES, "slowest text": seconds > SLOWEST}
    return told, [name for name, missed in bars.items() if missed]


def _rate(lines: list[tuple[int, str]], count: int) -> float:
    def go() -> None:
        joined = join(lines)
        log.errors((*joined.closed, *joined.open))

    return count / _best(go)


def _best(go: Callable[[], Any]) -> float:
    taken = []
    for _ in range(3):
        began = time.process_time()
        go()
        taken.append(time.process_time() - began)
    return min(taken)


def _log(ordinary: Callable[[Random], Iterator[str]], texts: list[str]) -> tuple[list[tuple[int, str]], int]:
    """Ordinary lines, with recorded traces between them that are 2 % of all lines."""
    random, out = Random(7), list[str]()
    short = [text.split("\n") for text in texts if text.count("\n") < 40]
    every = 50 * sum(map(len, short)) // len(short)
    for number, line in enumerate(ordinary(random)):
        out.append(line)
        if number % every == every // 2:
            out += random.choice(short)
    return list(enumerate(out)), len(out)


def _calm(random: Random) -> Iterator[str]:
    """A service's: its log, what it answered, and its unit."""
    for number in range(60_000):
        if number % 3 == 0:
            clock = f"2026-03-04 07:{number // 60 % 60:02}:{number % 60:02},{number % 1000:03}"
            yield f"{clock} INFO [shop.orders] order {random.randrange(99_999)} took {random.randrange(300)} ms for customer {random.getrandbits(40):x}"
        else:
            yield applications.nginx(random, number) if number % 3 == 1 else applications.journal(random, number)


def _loud(random: Random) -> Iterator[str]:
    for _, lines in applications.lines(7, 60_000):
        yield from lines


def _traces() -> float:
    records = [
        Record(source="text", at=_AT, text=_python(number) if number % 2 else _java(number))
        for number in range(400)
    ]  # fmt: skip

    def go() -> None:
        for record in records:
            for event in normalize(record, parsers.parse):
                fingerprint(event)

    return len(records) / _best(go)


def _python(number: int) -> str:
    frames = "".join(
        f'  File "/srv/shop/module_{n}.py", line {n + number}, in method_{n}\n    return self.total(item, {n})\n' for n in range(_FRAMES)
    )
    return f"Traceback (most recent call last):\n{frames}KeyError: 'price {number}'"


def _java(number: int) -> str:
    frames = "".join(f"\n\tat com.acme.shop.Module{n}.method{n}(Module{n}.java:{n + number})" for n in range(_FRAMES))
    return f"java.lang.IllegalStateException: order {number} is lost{frames}"


def _per_64_kb(text: str) -> float:
    """Seconds for as many copies as fill it."""
    whole = "\n".join([text] * (1 + 65_536 // (len(text) + 1)))[:65_536]
    began = time.process_time()
    normalize(Record(source="text", at=_AT, text=whole), parsers.parse)
    return time.process_time() - began
