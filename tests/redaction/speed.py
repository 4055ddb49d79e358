"""How fast the shipped redactor is, on one core: ``make redaction``, or ``PYTHONPATH=daemon:tests python -m redaction.speed``.

Texts of 500 bytes, as an event has them, and one of 60 KB, as the body of an issue may be, which also goes through the rest of the gate:
made inert and into its fence. The ratio to one ``re.sub`` over the same texts says how fast that is on a machine that is busy with other things.
"""

import re
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from itertools import cycle, islice
from random import Random
from statistics import median

from redaction import truth, values

EVENT, BODY = 500, 60_000
"""Bytes of a text."""
REACH, REACH_BODY = 20_000, 10.0
"""Events a second, and milliseconds for the body of an issue."""
_EVENTS, _RUNS = 400, 7
_BASELINE = re.compile(r"[\w.+-]+@[\w-]+\.[\w.]+")

_ADDRESSES = [
    "Mar  4 10:11:12 web-3 sshd[«int 100 9999»]: Failed password for invalid user «word» from {} port «int 1024 65000» ssh2",
    '{} - - [04/Mar/2026:10:11:12 +0000] "GET /v1/orders/«int 1 9999» HTTP/1.1" 504 «int 100 900» "-" "curl/8.5.0"',
    "2026-03-04 10:11:12,345 WARN shop.net - no route to {}:8080, «int 1 9» attempts",
    '2026/03/04 10:11:12 [error] 31#31: *«int 1 99» upstream timed out, client: {}, server: shop.example, upstream: "http://10.1.2.3:8080/"',
]
_JSON = [
    '{"level":"error","time":"2026-03-04T10:11:12Z","msg":"upstream timed out","order":«int 1 9999»,"trace_id":"«hex 32»","duration_ms":«int 1 900»}',
    '{"level":"info","logger":"shop.cart","message":"item added","session":{"items":«int 1 9»},"request_id":"«uuid»","status":200}',
    '{"severity":"WARNING","httpRequest":{"method":"GET","path":"/v1/orders/«int 1 9999»","status":429,"latency":"0.«digits 3»s"},"pod":"«word»-«hex 9»"}',
]


def texts() -> dict[str, list[str]]:
    """By kind: events of ``EVENT`` bytes each."""
    rng = Random(6)
    plain = [text for kind, text in _templates() if kind == "log lines"]
    filled: dict[str, Iterator[str]] = {
        "plain logs": (truth.fill(text, rng, {}) for text in cycle(plain)),
        "logs full of addresses": (truth.fill(text, rng, {}).replace("{}", values.public_ipv4(rng).text) for text in cycle(_ADDRESSES)),
        "JSON logs": (truth.fill(text, rng, {}) for text in cycle(_JSON)),
        "stack traces": (plain.text for plain in cycle(list(truth.recorded()))),
        "texts with secrets": (case.text for case in cycle(_shuffled(rng))),
    }
    return {kind: list(_cut(lines)) for kind, lines in filled.items()}


def _templates() -> Iterator[tuple[str, str]]:
    return ((kind, text) for kind, found in truth._sections("ordinary.txt") for text in found)


def _shuffled(rng: Random) -> Sequence[truth.Case]:
    cases = [case for case in truth.cases(6, 1) if len(case.text) < EVENT]
    rng.shuffle(cases)
    return cases


def _cut(lines: Iterator[str]) -> Iterator[str]:
    for _ in range(_EVENTS):
        event = ""
        while len(event) < EVENT:
            event += next(lines) + "\n"
        yield event[:EVENT]


def seconds(work: Callable[[], object]) -> float:
    """Of the processor, the median of several runs."""
    taken = []
    for _ in range(_RUNS):
        began = time.process_time()
        work()
        taken.append(time.process_time() - began)
    return median(taken)


def main() -> int:
    from triaged import rulebook, settings
    from triaged.core import inert, redact

    redactor = redact.compile(rulebook.load([settings.data("rules")]).redaction)
    print(f"{f'events of {EVENT} bytes':<32}{'a second':>10}{'one re.sub':>12}{'ratio':>8}")
    slowest = float("inf")
    made = texts()
    for kind, events in made.items():
        ours = len(events) / seconds(lambda events=events: [redactor.text(event) for event in events])
        one = len(events) / seconds(lambda events=events: [_BASELINE.sub("-", event) for event in events])
        slowest = min(slowest, ours) if kind != "texts with secrets" else slowest
        print(f"{kind:<32}{ours:>10,.0f}{one:>12,.0f}{ours / one:>8.2f}")
    print(f"\n{f'a body of {BODY // 1000} KB through the gate':<32}{'ms':>10}")
    longest = 0.0
    for kind in ("plain logs", "logs full of addresses"):
        body = "\n".join(islice(cycle(made[kind]), BODY // EVENT))
        taken = 1000 * seconds(lambda body=body: inert.fence(redactor.text(body), most=BODY))
        longest = max(longest, taken)
        print(f"{kind:<32}{taken:>10.1f}")
    print(f"\nslowest logs {slowest:,.0f} events a second   reach >= {REACH:,}")
    print(f"slowest body {longest:.1f} ms   reach <= {REACH_BODY:g} ms")
    return 0 if slowest >= REACH and longest <= REACH_BODY else 1


if __name__ == "__main__":
    sys.exit(main())
