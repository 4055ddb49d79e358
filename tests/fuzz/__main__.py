"""Whatever an event says, what leaves of it acts on nobody: a hundred thousand hostile events, or as many as the time allows.

Each process tries a share, a seed at a time; a case that fails is made as small as it can be and told with its seed.
"""

import argparse
import os
import sys
import time
from collections.abc import Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from itertools import count

import scanner
from fuzz.share import SHARE, tried


def main() -> int:
    args = _arguments()
    if scanner.github not in scanner.READERS:
        print("cmarkgfm is not installed: markdown-it alone reads")
    began, cases, found = time.monotonic(), 0, list[str]()
    with ProcessPoolExecutor(args.processes, max_tasks_per_child=5) as pool:  # cmarkgfm keeps what it has read
        for done, finding in _shares(pool, args, began):
            cases, found = cases + done, [*found, *filter(None, [finding])]
            _progress(cases, len(found), time.monotonic() - began)
    print("\n" * sys.stderr.isatty() + "\n\n".join(found[:10]))
    print(f"findings: {len(found)} of {cases:,} hostile events, in {time.monotonic() - began:.0f} s", end="")
    print("" if found else f": less than {3 / cases:.1e} of them, with 95 % certainty")
    return bool(found)


def _shares(pool: ProcessPoolExecutor, args: argparse.Namespace, began: float) -> Iterator[tuple[int, str]]:
    """Shares as they are done, until there are cases enough, the time is over or ten have failed."""
    seeds, running = count(args.seed), set[Future[tuple[int, str]]]()
    planned, failed = 0, 0
    while True:
        while planned < args.cases and len(running) < 2 * args.processes and time.monotonic() - began < args.seconds and failed < 10:
            running.add(pool.submit(tried, next(seeds)))
            planned += SHARE
        if not running:
            return
        done, running = wait(running, return_when=FIRST_COMPLETED)
        for each in done:
            failed += bool(each.result()[1])
            yield each.result()


def _progress(cases: int, found: int, seconds: float) -> None:
    if sys.stderr.isatty():
        sys.stderr.write(f"\r{cases:>9,} hostile events, {found} findings, {cases / seconds:.0f} a second ")
        sys.stderr.flush()


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="fuzz", description=__doc__)
    parser.add_argument("--cases", type=int, default=100_000)
    parser.add_argument("--seconds", type=float, default=float("inf"), help="stop after so long")
    parser.add_argument("--seed", type=int, default=0, help="of the first share")
    parser.add_argument("--processes", type=int, default=os.cpu_count() or 1)
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
