"""Harms the daemon until the time is over, and says what came of it: ``make chaos``."""

import argparse
import shutil
import sys
import tempfile
import time
from pathlib import Path
from random import SystemRandom

from chaos.storm import Outcome, Storm


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m chaos", description=__doc__)
    parser.add_argument("--runs", type=int, default=0, help="so many storms (default: as many as the time allows)")
    parser.add_argument("--minutes", type=float, default=5.0, help="no storm is begun after that")
    parser.add_argument("--seed", type=int, default=SystemRandom().randrange(1_000_000), help="of the first storm; the next has the next")
    parser.add_argument("--seconds", type=float, default=40.0, help="of load in each storm")
    given = parser.parse_args()
    began, outcomes = time.monotonic(), []
    while (not given.runs or len(outcomes) < given.runs) and time.monotonic() - began < given.minutes * 60:
        outcomes.append(_storm(given.seed + len(outcomes), given.seconds))
    print(_told(outcomes))
    return 0 if all(outcome.good for outcome in outcomes) else 1


def _storm(seed: int, seconds: float) -> Outcome:
    folder = Path(tempfile.mkdtemp(prefix=f"triaged-chaos-{seed}-"))
    line = _Progress()
    try:
        outcome = Storm(folder, seed, seconds=seconds, errors=14, rate=250, between=(0.5, 6.0), say=line).run()
    except BaseException:
        line.end(f"seed {seed}: broke off; its folder is {folder}")
        raise
    if outcome.good:
        shutil.rmtree(folder)
        line.end(f"{line.last}: good")
    else:
        line.end(f"{line.last}: WRONG. `make chaos RUNS=1 ARGS='--seed {seed}'` draws the same moments; its folder is {folder}")
        print(*(f"  {what}" for what in [*outcome.wrong, *outcome.verdict.wrong]), sep="\n")
    return outcome


def _told(outcomes: list[Outcome]) -> str:
    judged = sum(one.verdict.judged for one in outcomes)
    deaths = sum(number for one in outcomes for how, number in one.ended.items() if "kill" in how)
    ready = sorted(seconds for one in outcomes for seconds in one.ready)
    stopped = sorted(seconds for one in outcomes for seconds in one.stopped)
    lines = (
        f"{len(outcomes)} storms, {deaths} kills, {len(stopped)} SIGTERMs, {sum(one.ended['pause'] for one in outcomes)} pauses",
        f"acknowledged and lost: {_of(sum(one.verdict.lost for one in outcomes), judged)}",
        f"duplicates open at the end: {_of(sum(one.verdict.duplicates for one in outcomes), sum(one.verdict.errors for one in outcomes))}",
        f"wrong counts or missing issues: {sum(len(one.verdict.wrong) for one in outcomes)}",
        f"requests to GitHub inside a forbidden window: {sum(one.violations for one in outcomes)} of {sum(one.requests for one in outcomes)}",
        f"ready after a start: {_spread(ready)}; ended after SIGTERM: {_spread(stopped)}",
    )
    return "\n".join(lines)


def _of(number: int, total: int) -> str:
    bound = f" (95 % upper bound {3 / total:.1e})" if total and not number else ""
    return f"{number} of {total}{bound}"


def _spread(seconds: list[float]) -> str:
    return f"p50 {seconds[len(seconds) // 2]:.2f} s, longest {seconds[-1]:.2f} s" if seconds else "-"


class _Progress:
    """One line that is written over, or one every ten seconds where nobody looks."""

    def __init__(self) -> None:
        self.last = ""
        self._told = 0.0

    def __call__(self, text: str) -> None:
        self.last = text
        if sys.stdout.isatty():
            print(f"\r\x1b[K{text}", end="", flush=True)
        elif time.monotonic() - self._told > 10:
            self._told = time.monotonic()
            print(text, flush=True)

    def end(self, text: str) -> None:
        print(f"{chr(13)}{chr(27)}[K{text}" if sys.stdout.isatty() else text, flush=True)


if __name__ == "__main__":
    sys.exit(main())
