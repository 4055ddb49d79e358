"""Runs seeds and says what was found: make simulate SEEDS=1000 FROM=0. One seed alone is told step by step."""

import argparse
import subprocess
import sys
import time
from itertools import chain

from simulator import history, index, many, scenario, world

FOUND = 3
"""The exit code of a hunt that found something; 1 is any other error."""


def main() -> int:
    parser = argparse.ArgumentParser(prog="simulator", description=__doc__)
    parser.add_argument("--seeds", type=int, default=1000)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--errors", type=int, help="so many in each seed, and no comparison with blind retry")
    parser.add_argument("--hunt", action="store_true", help="first every single fault; ends with the first promise that is broken")
    given = parser.parse_args()
    if given.hunt:
        return _hunt(given.seeds)
    if given.seeds == 1:
        return _tell(given.first, given.errors)
    return _run(range(given.first, given.first + given.seeds), given.errors)


def _run(seeds: range, errors: int | None) -> int:
    began = time.monotonic()
    outcomes: list[many.Outcome] = []
    crowded = many.each(many.crowded_seed, [(seed, errors) for seed in seeds]) if errors else None
    for outcome in crowded or many.each(many.seed_and_blind, seeds):
        outcomes.append(outcome)
        if outcome.verdict.wrong:
            again = f"again, and in full: make simulate SEEDS=1 FROM={outcome.name.removeprefix('seed ')}{f' ERRORS={errors}' if errors else ''}"
            print(f"\n{outcome} at commit {_commit()}; {again}", flush=True)
        if len(outcomes) % 10 == 0:
            pace = len(outcomes) / (time.monotonic() - began) * 60
            print(f"\r{len(outcomes):,} of {len(seeds):,} seeds, {pace:,.0f} a minute ", end="", file=sys.stderr, flush=True)
    print(file=sys.stderr)
    print(_summary(outcomes, blind=not errors))
    return int(any(outcome.verdict.wrong for outcome in outcomes))


def _hunt(seeds: int) -> int:
    """In one process: whoever hunts mutants has several at work."""
    for outcome in chain(map(many.fault, index.cases()), map(many.seed, range(seeds)), map(many.unlisted_seed, range(seeds // 4))):
        if outcome.verdict.wrong:
            print("; ".join([outcome.name, *outcome.verdict.wrong])[:300])
            return FOUND
    return 0


def _tell(seed: int, errors: int | None) -> int:
    verdict, told = world.run(scenario.crowded(seed, errors) if errors else scenario.drawn(seed), seed)
    print(
        "\n".join(
            [
                *told.trace.lines,
                "",
                *verdict.unavoidable,
                *(verdict.wrong or ["all promises were kept"]),
                f"seed {seed} at commit {_commit()}",
            ]
        )
    )
    return int(bool(verdict.wrong))


def _summary(outcomes: list[many.Outcome], *, blind: bool) -> str:
    ours = history.summed(outcome.verdict for outcome in outcomes)
    retried = history.summed(outcome.blind for outcome in outcomes if outcome.blind)
    failed = [outcome.name for outcome in outcomes if outcome.verdict.wrong]
    unavoidable = [f"{outcome.name}: {said}" for outcome in outcomes for said in outcome.verdict.unavoidable]
    return "\n".join(
        [
            f"{len(outcomes):,} seeds at commit {_commit()}; {len(failed)} failed{': ' + ', '.join(sorted(failed)) if failed else ''}",
            *(f"  unavoidable: {said}" for said in unavoidable),
            f"  duplicates open at the end   {ours.duplicates} of {ours.errors:,} creates (95 % bound: {_bound(ours.errors)})",
            f"  transient duplicates         {ours.transient}: {_per_million(ours):,.0f} per million creates",
            f"  accepted events lost         {ours.lost} of {ours.accepted:,}",
            f"  requests while told to wait  {ours.violations}",
            *(
                [f"the same seeds with blind retry: {retried.transient:,} duplicates, {_per_million(retried):,.0f} per million creates"]
                * blind
            ),
        ]
    )


def _bound(number: int) -> str:
    return f"{3 / number:.4%}" if number else "none"


def _per_million(verdict: history.Verdict) -> float:
    return verdict.transient / max(1, verdict.errors) * 1e6


def _commit() -> str:
    asked = subprocess.run(["git", "describe", "--always", "--dirty"], capture_output=True, text=True, check=False)
    return asked.stdout.strip() or "unknown"


if __name__ == "__main__":
    sys.exit(main())
