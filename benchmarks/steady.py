"""How long an answer takes at a steady rate: requests leave at their time, however long answers take, and are timed from when they were due."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

from benchmarks import caller, payloads, processes
from benchmarks.figures import Figure


def measured(folder: Path, *, rounds: int, seconds: float) -> Iterator[Figure]:
    small, large = payloads.Errors(payloads.SMALL), payloads.Errors(payloads.LARGE)
    p99, worst, among, most = [], [], [], []
    for turn in range(rounds):
        at = datetime.now(UTC)
        alone = [payloads.webhook(small.body(number, number % 100, at)) for number in range(int(1_000 * seconds))]
        both = [
            payloads.webhook((large if number % 6 == 5 else small).body(number, number % 100, at)) for number in range(int(1_200 * seconds))
        ]
        for name, requests, rate in (("alone", alone, 1_000), ("both", both, 1_200)):
            (folder / f"{name}-{turn}").mkdir()
            with processes.triaged(folder / f"{name}-{turn}") as server:
                took = caller.sent(server.url, requests, rate)
                if name == "alone":
                    p99.append(_percentile(took, 0.99))
                    worst.append(took[-1] * 1e3)
                else:
                    among.append(_percentile(took, 0.999))
                    most.append(took[-1] * 1e3)
    yield Figure("p99 of the answer at 1,000/s, 6 KB", p99, "ms", at_most=50)
    yield Figure("the slowest of them", worst, "ms", at_most=900)
    yield Figure("p99.9 at 1,000/s of 6 KB and 200/s of 40 KB together", among, "ms", at_most=300)
    yield Figure("the slowest of them", most, "ms", at_most=900)


def _percentile(took: Sequence[float], share: float) -> float:
    """Milliseconds."""
    return took[min(len(took) - 1, int(len(took) * share))] * 1e3
