"""``make bench``: measures all, or the parts that are named, and prints one table.

Ratios count; the rest is this machine's. Nothing else should run meanwhile.
"""

import argparse
import os
import platform
import sqlite3
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from benchmarks import door, figures, memory, pipeline, processes, rules, steady, storm
from benchmarks.figures import Figure

_Part = Callable[[Path, argparse.Namespace], Iterator[Figure]]


def _door(folder: Path, asked: argparse.Namespace) -> Iterator[Figure]:
    if not processes.found("wrk"):
        print("wrk is missing (apt-get install wrk): webhooks a second are not measured", flush=True)
        return
    if not processes.found("prometheus-alertmanager"):
        print("prometheus-alertmanager is missing (apt-get install prometheus-alertmanager): nothing is compared with it", flush=True)
    yield from door.measured(folder, rounds=asked.rounds, seconds=2 if asked.quick else 5)


PARTS: dict[str, _Part] = {
    "door": _door,
    "steady": lambda folder, asked: steady.measured(folder, rounds=asked.rounds, seconds=5 if asked.quick else 15),
    "pipeline": lambda folder, asked: pipeline.measured(folder, rounds=asked.rounds, events=4_000 if asked.quick else 20_000),
    "groups": lambda folder, asked: pipeline.looked_up(folder, many=100_000 if asked.quick else 1_000_000),
    "rules": lambda folder, asked: rules.measured(folder, rounds=asked.rounds, seconds=0.5 if asked.quick else 2),
    "storm": lambda folder, asked: storm.measured(folder, seconds=10 if asked.quick else 60),
    "memory": lambda folder, asked: memory.measured(folder, events=40_000 if asked.quick else 1_000_000),
}


def main() -> int:
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("parts", nargs="*", metavar="PART", help=f"of {', '.join(PARTS)}; without one: all, about 40 minutes")
    parser.add_argument("--rounds", type=int, default=3, help="of what is compared (default: 3)")
    parser.add_argument("--quick", action="store_true", help="short and small, about 5 minutes: to see that it works")
    asked = parser.parse_args()
    unknown = set(asked.parts) - set(PARTS)
    if unknown:
        parser.error(f"there is no part {', '.join(sorted(unknown))}; there are {', '.join(PARTS)}")
    _describe()
    measured: list[Figure] = []
    for name in asked.parts or PARTS:
        began = time.monotonic()
        with processes.scratch(Path.cwd()) as folder:
            for figure in PARTS[name](folder, asked):
                measured.append(figure)
                print(figure.row(), flush=True)
        print(f"({name}: {time.monotonic() - began:.0f} s)", flush=True)
    print(figures.HEAD, *(figure.row() for figure in measured), sep="\n")
    return 0 if all(figure.reached for figure in measured) else 1


def _describe() -> None:
    cores = len(processes.CORES)
    shared = "" if cores > 1 else "; server and client share it, so that ratios say little"
    print(
        f"{platform.machine()}, Python {platform.python_version()}, SQLite {sqlite3.sqlite_version}, {cores} cores{shared}; load {os.getloadavg()[0]:.1f}"
    )


if __name__ == "__main__":
    sys.exit(main())
