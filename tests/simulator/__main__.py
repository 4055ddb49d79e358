"""Runs seeds and says what was found: make simulate SEEDS=1000 FROM=0. One seed alone is told step by step."""

import argparse
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass

from simulator import history, scenario, world
from simulator.blind import BlindRetry

_CHUNK = 10
_TOLD = 60
"""Lines of a failed history that are printed."""


@dataclass(frozen=True, slots=True)
class Outcome:
    seed: int
    verdict: history.Verdict
    blind: history.Verdict
    told: tuple[str, ...]
    """The end of the history, where it failed."""


def main() -> int:
    parser = argparse.ArgumentParser(prog="simulator", description=__doc__)
    parser.add_argument("--seeds", type=int, default=100)
    parser.add_argument("--first", type=int, default=0)
    given = parser.parse_args()
    if given.seeds == 1:
        return _tell(given.first)
    began = time.monotonic()
    outcomes: list[Outcome] = []
    for outcome in _all(range(given.first, given.first + given.seeds)):
        outcomes.append(outcome)
        if outcome.verdict.wrong:
            print(f"\n{_failure(outcome)}", flush=True)
        if len(outcomes) % _CHUNK == 0:
            pace = len(outcomes) / (time.monotonic() - began)
            print(f"\r{len(outcomes):,} of {given.seeds:,} seeds, {pace * 60:,.0f} a minute ", end="", file=sys.stderr, flush=True)
    print(file=sys.stderr)
    print(_summary(outcomes))
    return int(any(outcome.verdict.wrong for outcome in outcomes))


def outcome(seed: int) -> Outcome:
    """A seed with the daemon as it is, and with blind retry."""
    drawn = scenario.drawn(seed)
    verdict, told = world.run(drawn, seed)
    blind, _ = world.run(drawn, seed, BlindRetry)
    return Outcome(seed, verdict, blind, tuple(told.trace.lines)[-_TOLD:] if verdict.wrong else ())


def _chunk(seeds: range) -> list[Outcome]:
    return [outcome(seed) for seed in seeds]


def _all(seeds: range) -> Iterator[Outcome]:
    with ProcessPoolExecutor(os.cpu_count()) as processes:
        chunks = (seeds[start : start + _CHUNK] for start in range(0, len(seeds), _CHUNK))
        for done in as_completed([processes.submit(_chunk, chunk) for chunk in chunks]):
            yield from done.result()


def _tell(seed: int) -> int:
    verdict, told = world.run(scenario.drawn(seed), seed)
    print("\n".join([*told.trace.lines, "", *(verdict.wrong or ["all promises were kept"]), f"seed {seed}, commit {_commit()}"]))
    return int(bool(verdict.wrong))


def _failure(failed: Outcome) -> str:
    again = f"again, and in full: make simulate SEEDS=1 FROM={failed.seed}"
    return "\n".join([*failed.told, *failed.verdict.wrong, f"seed {failed.seed}, commit {_commit()}; {again}"])


def _summary(outcomes: list[Outcome]) -> str:
    ours = history.summed(outcome.verdict for outcome in outcomes)
    blind = history.summed(outcome.blind for outcome in outcomes)
    failed = sorted(outcome.seed for outcome in outcomes if outcome.verdict.wrong)
    return "\n".join(
        [
            f"{len(outcomes):,} seeds at commit {_commit()}, {len(failed)} failed{f': {failed}' if failed else ''}",
            f"  duplicates open at the end   {ours.duplicates} of {ours.errors:,} creates (95 % bound: {_bound(ours.errors)})",
            f"  transient duplicates         {ours.transient}: {_per_million(ours):,.0f} per million creates",
            f"  accepted events lost         {ours.lost} of {ours.accepted:,}",
            f"  requests while told to wait  {ours.violations}",
            f"the same seeds with blind retry: {blind.transient} duplicates of {blind.errors:,} creates, {_per_million(blind):,.0f} per million",
        ]
    )


def _bound(number: int) -> str:
    return f"{3 / number:.2%}" if number else "none"


def _per_million(verdict: history.Verdict) -> float:
    return verdict.transient / max(1, verdict.errors) * 1e6


def _commit() -> str:
    asked = subprocess.run(["git", "describe", "--always", "--dirty"], capture_output=True, text=True, check=False)
    return asked.stdout.strip() or "unknown"


if __name__ == "__main__":
    sys.exit(main())
