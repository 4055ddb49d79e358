"""Webhooks a second, durable, beside a bare Starlette and an Alertmanager: in turns, in one run, server and `wrk` on a core each.

A server starts anew in an empty folder for each of its turns, and no body comes twice but at the bare one, which looks at none.
"""

import statistics
import tempfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path

from benchmarks import payloads, processes
from benchmarks.figures import Figure
from benchmarks.processes import Server

DIFFERENT = 100
"""Errors that the events are of."""
_MOST_A_SECOND = {payloads.SMALL: 9_000, payloads.LARGE: 2_500}
"""Requests to have ready."""

# bytes, connections, least share of the bare one, least multiple of Alertmanager
CASES = (
    (payloads.SMALL, 32, 0.25, 1.3),
    (payloads.SMALL, 128, 0.30, 1.3),
    (payloads.LARGE, 32, 0.11, 2.5),
)


class Turns:
    """What one server did in each of its turns."""

    def __init__(self) -> None:
        self.rates: list[float] = []
        self.microseconds: list[float] = []
        """Of computing, for a request."""
        self.idle: list[float] = []
        """The part of the time in which it did not compute."""

    def add(self, server: Server, path: str, requests: Path, length: int, *, connections: int, seconds: float, again: bool = False) -> int:
        before = server.cpu
        told = processes.wrk(server.url + path, requests, length, connections=connections, seconds=seconds, again=again)
        computed = server.cpu - before
        self.rates.append(told["requests"] / told["seconds"])
        self.microseconds.append(computed / told["requests"] * 1e6)
        self.idle.append(1 - computed / told["seconds"])
        return int(told["requests"])


def measured(folder: Path, *, rounds: int, seconds: float) -> Iterator[Figure]:
    for size, connections, share, multiple in CASES:
        bodies = list(payloads.distinct(payloads.Errors(size), int(_MOST_A_SECOND[size] * seconds), DIFFERENT))
        webhooks, alerts = folder / "webhooks", folder / "alerts"
        length = payloads.kept(map(payloads.webhook, bodies), webhooks)
        other = processes.found("prometheus-alertmanager")
        alert_length = payloads.kept(map(payloads.alert, bodies), alerts) if other else 0
        del bodies
        bare, ours, theirs = Turns(), Turns(), Turns()
        counted: list[float] = []
        how = {"connections": connections, "seconds": seconds}
        for _ in range(rounds):
            with _fresh(processes.bare, folder) as server:
                bare.add(server, "/webhook/sentry", webhooks, length, **how, again=True)
            with _fresh(processes.triaged, folder) as server:
                sent = ours.add(server, "/webhook/sentry", webhooks, length, **how)
                counted.append(_checked(server, sent) / sent)
            if other:
                with _fresh(processes.alertmanager, folder) as server:
                    theirs.add(server, "/api/v2/alerts", alerts, alert_length, **how)
        name = f"{size // 1000} KB, {connections} connections"
        yield _share(
            f"durable webhooks, {name}: share of bare Starlette", ours, bare, share, f"{_mean(counted):.0%} were counted meanwhile"
        )
        yield Figure(f"the same by computing time, {name}", [b / o for o, b in zip(ours.microseconds, bare.microseconds, strict=True)])
        if other:
            yield _share(f"durable webhooks, {name}: multiple of Alertmanager", ours, theirs, multiple, "")
        yield Figure(f"bare Starlette, {name}", bare.rates, "/s", note=f"idle {_mean(bare.idle):.0%}")
        yield Figure(f"triaged, {name}", ours.rates, "/s", note=f"idle {_mean(ours.idle):.0%}, {_mean(ours.microseconds):.0f} µs each")


def _share(what: str, ours: Turns, others: Turns, goal: float, note: str) -> Figure:
    return Figure(what, [our / other for our, other in zip(ours.rates, others.rates, strict=True)], at_least=goal, note=note)


def _fresh(start: Callable[[Path], AbstractContextManager[Server]], folder: Path) -> AbstractContextManager[Server]:
    return start(Path(tempfile.mkdtemp(dir=folder)))


def _checked(server: Server, sent: int) -> float:
    """How many events were counted so far. Raises RuntimeError where what was accepted is not what was sent."""
    accepted = server.metric("triaged_deliveries_total", 'result="accepted"')
    if not sent <= accepted <= sent + 1_000 or server.metric("triaged_dead_letters"):
        raise RuntimeError(f"{sent} deliveries were answered, but {accepted:.0f} accepted")
    return server.metric("triaged_events_total")


def _mean(values: list[float]) -> float:
    return statistics.fmean(values)
