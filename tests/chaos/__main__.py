"""Harms the daemon in every way it knows, and says what came of it: `make chaos`. Exit code 1 where something is not as promised."""

import argparse
import os
import shutil
import sys
import tempfile
import time
import traceback
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from random import SystemRandom

from chaos import disk, power, speed, start, steps, strace
from chaos.storm import Outcome, Storm

_READY_SECONDS = 2.0


@dataclass
class Result:
    """What a part has to say, and whether it came out as promised."""

    good: bool
    lines: list[str] = field(default_factory=list)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m chaos", description=__doc__)
    parser.add_argument("parts", nargs="*", metavar="PART", help=f"{', '.join(PARTS)} (default: all)")
    parser.add_argument("--runs", type=int, default=0, help="so many storms (default: as many as the time allows)")
    parser.add_argument("--minutes", type=float, default=20.0, help="no storm is begun after that; there is one at least")
    parser.add_argument("--seed", type=int, default=SystemRandom().randrange(1_000_000), help="of the first storm; the next has the next")
    parser.add_argument("--lives", type=int, default=15, help="of the daemon in each storm")
    parser.add_argument("--rows", type=int, default=1_000_000, help="for the start with a large memory")
    given = parser.parse_args()
    if unknown := set(given.parts) - set(PARTS):
        parser.error(f"there is no part {', '.join(sorted(unknown))}; there are {', '.join(PARTS)}")
    given.ends = time.monotonic() + given.minutes * 60
    results = [_run(name, given) for name in PARTS if name in (given.parts or PARTS)]
    return 0 if all(results) else 1


def _run(name: str, given: argparse.Namespace) -> bool:
    """One part in a folder of its own, which stays where something is wrong."""
    folder = Path(tempfile.mkdtemp(prefix=f"triaged-chaos-{name}-"))
    began = time.monotonic()
    print(f"{name} ...", flush=True)
    try:
        result = PARTS[name](folder, given)
    except Exception:
        result = Result(False, traceback.format_exc().splitlines())
    if result.good:
        shutil.rmtree(folder)
    else:
        result.lines.append(f"WRONG; the folder is {folder}")
    print(*(f"  {line}" for line in result.lines), f"  ({time.monotonic() - began:.0f} s)", sep="\n", flush=True)
    return result.good


def _killed(folder: Path, given: argparse.Namespace) -> Result:
    return _stepped(steps.killed(folder), "kills, one before each system call from a delivery to its ticket")


def _failing(folder: Path, given: argparse.Namespace) -> Result:
    return _stepped(steps.failing(folder), "calls for the disk that failed: ENOSPC and EIO, of writes, flushes and reads")


def _stepped(found: steps.Steps, what: str) -> Result:
    answers = ", ".join(f"{number} x {status or 'none'}" for status, number in sorted(found.answers.items()))
    lines = [f"{found.calls} {what}", f"answers: {answers}", _lost(found.verdict.lost, found.verdict.judged)]
    return Result(found.good, [*lines, *found.wrong, *found.verdict.wrong])


def _power(folder: Path, given: argparse.Namespace) -> Result:
    found = power.fails(folder, 80, given.seed)
    return Result(not found.wrong, [f"power failures at {found.moments} moments, {found.acked} acknowledged", *found.wrong[:20]])


def _disk(folder: Path, given: argparse.Namespace) -> Result:
    if os.geteuid() == 0:
        with disk.small(folder / "small", 20) as small:
            found = disk.full(folder, small, 10)
    else:
        found = disk.full(folder, disk.limited(folder), 10)
    lines = [f"full {found.rounds} times: {found.refused} deliveries refused with 503", _lost(found.verdict.lost, found.verdict.judged)]
    return Result(not found.verdict.wrong, [*lines, *found.verdict.wrong])


def _slow(folder: Path, given: argparse.Namespace) -> Result:
    found = disk.slow(folder, 2.0, 30)
    lines = [f"each flush takes 2 s: of 30 senders {found.answers[0]} hung up after one, {'not ' if found.wrong else ''}all are counted"]
    return Result(not found.wrong, [*lines, *found.wrong])


def _start(folder: Path, given: argparse.Namespace) -> Result:
    empty = start.again(folder / "empty", 1, seconds=0.1)
    found = start.again(folder / "full", given.rows)
    lines = [
        f"ready after {found.ready:.2f} s with {found.rows:,} deliveries that wait, and as many keys, groups and intents",
        f"after a kill: {found.killed_ready:.2f} s; with nothing: {empty.ready:.2f} s",
        f"/health answers in {found.health * 1000:.0f} ms; {found.drained:.0f} of what waited are worked off a second",
    ]
    return Result(max(found.ready, found.killed_ready) < max(_READY_SECONDS, empty.ready + 1), lines)


def _speed(folder: Path, given: argparse.Namespace) -> Result:
    found = speed.measured(folder, 15)
    lines = [
        f"sent to creation asked for, code known: {_spread(found.known)}; requests for {len(found.known)} errors: {_counts(found.asked_known)}",
        f"code not read before: {_spread(found.unknown)}; requests for {len(found.unknown)} errors: {_counts(found.asked_unknown)}",
        f"requests for {found.repeats} repeats: {_counts(found.asked_for_repeats)}",
    ]
    return Result(not found.asked_for_repeats, lines)


def _storms(folder: Path, given: argparse.Namespace) -> Result:
    outcomes: list[Outcome] = []
    while not outcomes or (len(outcomes) < given.runs if given.runs else time.monotonic() < given.ends):
        seed, line = given.seed + len(outcomes), _Progress()
        outcome = Storm(folder / str(seed), seed, lives=given.lives, errors=14, rate=250, between=(0.5, 6.0), say=line).run()
        outcomes.append(outcome)
        again = f"WRONG; make chaos ARGS='storm --runs 1 --seed {seed} --lives {given.lives}' draws the same moments"
        line.end(f"  {line.last}: {'good' if outcome.good else again}")
        print(*(f"    {what}" for what in [*outcome.wrong, *outcome.verdict.wrong]), sep="\n", end="")
    return Result(all(one.good for one in outcomes), _told(outcomes))


def _told(outcomes: list[Outcome]) -> list[str]:
    def total(what: Callable[[Outcome], int]) -> int:
        return sum(map(what, outcomes))

    kills = total(lambda one: one.ended["kill"] + one.ended["killed by a fault"])
    stopped = [seconds for one in outcomes for seconds in one.stopped]
    return [
        f"{len(outcomes)} storms: {kills} kills, {total(lambda one: one.ended['end'])} SIGTERMs, {total(lambda one: one.ended['pause'])} pauses; "
        f"{total(lambda one: one.verdict.acked)} deliveries acknowledged, {total(lambda one: one.verdict.errors)} errors",
        _lost(total(lambda one: one.verdict.lost), total(lambda one: one.verdict.judged)),
        f"duplicates open at the end: {_of(total(lambda one: one.verdict.duplicates), total(lambda one: one.verdict.errors))}",
        f"issues that are missing or say a wrong number: {total(lambda one: len(one.verdict.wrong))}",
        f"requests to GitHub inside a forbidden window: {total(lambda one: one.violations)} of {total(lambda one: one.requests)}",
        f"ready after a start: {_spread([seconds for one in outcomes for seconds in one.ready])}; ended after SIGTERM: {_spread(stopped)}",
    ]


def _lost(lost: int, acked: int) -> str:
    return f"acknowledged and lost: {_of(lost, acked)}"


def _of(number: int, total: int) -> str:
    """Nothing of so many is less than 3/N with a certainty of 95 %."""
    return f"{number} of {total}" + (f" (below {3 / total:.1e})" if total and not number else "")


def _spread(seconds: Iterable[float]) -> str:
    ordered = sorted(seconds)
    return f"p50 {ordered[len(ordered) // 2] * 1000:.0f} ms, longest {ordered[-1] * 1000:.0f} ms" if ordered else "-"


def _counts(asked: dict[str, int]) -> str:
    return ", ".join(f"{number} x {what}" for what, number in asked.items()) or "none"


class _Progress:
    """One line that is written over, or one every ten seconds where nobody looks."""

    def __init__(self) -> None:
        self.last = ""
        self._told = 0.0

    def __call__(self, text: str) -> None:
        self.last = text
        if sys.stdout.isatty():
            print(f"\r\x1b[K  {text}", end="", flush=True)
        elif time.monotonic() - self._told > 10:
            self._told = time.monotonic()
            print(f"  {text}", flush=True)

    def end(self, text: str) -> None:
        print(f"\r\x1b[K{text}" if sys.stdout.isatty() else text, flush=True)


PARTS: dict[str, Callable[[Path, argparse.Namespace], Result]] = {
    "start": _start,
    "speed": _speed,
    "disk": _disk,
    **({"steps": _killed, "failing": _failing, "slow": _slow, "power": _power} if strace.there() else {}),
    "storm": _storms,
}

if __name__ == "__main__":
    if not strace.there():
        print("without strace there are no parts steps, failing, slow and power", file=sys.stderr)
    sys.exit(main())
