"""How often two sights of one bug are split, and two bugs merged: `triaged replay` over labels.jsonl, pair by pair within a language.

    PYTHONPATH=tests python -m grouping.measure [--corpus PATH] [--misses build/grouping-misses.txt]

Exit 1 where a pair of different bugs was merged or more than 2 % of the pairs of the same were split. Where PATH holds log lines with their true
group (loghub_*.jsonl: {"content", "group"}), templates are measured, too: a line is right where its group holds exactly the lines of its true one.
"""

import argparse
import json
import subprocess
import sys
import time
from collections import defaultdict
from itertools import combinations
from pathlib import Path
from typing import Any

from triaged.core.templates import Templates

LABELS = Path(__file__).parent / "labels.jsonl"
MOST_SPLIT = 0.02
LEAST_RIGHT = 0.95

Row = dict[str, Any]


def replayed(rows: list[Row]) -> list[str | None]:
    """The group of each input, None where no error was found in it."""
    text = "".join(json.dumps(row["delivery"]) + "\n" for row in rows)
    command = [str(Path(sys.executable).with_name("triaged")), "replay", "-", "--json"]
    done = subprocess.run(command, input=text, capture_output=True, text=True, encoding="utf-8", check=False)
    answers = {answer["id"]: answer for answer in map(json.loads, done.stdout.splitlines())}
    return [answers.get(row["id"], {}).get("group") for row in rows]


def pairs(rows: list[Row], found: list[str | None]) -> tuple[int, list[tuple[Row, Row]], int, list[tuple[Row, Row]]]:
    """How many pairs of the same bug and which of them were split; how many of different bugs and which of them were merged."""
    by_language: dict[str, list[tuple[Row, str | None]]] = defaultdict(list)
    for row, group in zip(rows, found, strict=True):
        by_language[row["language"]].append((row, group))
    same, split, different, merged = 0, [], 0, []
    for members in by_language.values():
        for (one, its), (other, others) in combinations(members, 2):
            together = its is not None and its == others
            if one["group"] == other["group"]:
                same += 1
                split += [] if together else [(one, other)]
            else:
                different += 1
                merged += [(one, other)] if together else []
    return same, split, different, merged


def templates(path: Path) -> tuple[float, float]:
    """The share of lines that are grouped right, once all are read, and how many were read in a second of processor time."""
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    learned, started = Templates(), time.process_time()
    numbers = [learned.learn(row["content"])[0] for row in rows]
    seconds = time.process_time() - started
    found, true = defaultdict(set), defaultdict(set)
    for at, (row, number) in enumerate(zip(rows, numbers, strict=True)):
        found[learned.root(number)].add(at)
        true[row["group"]].add(at)
    right = sum(len(lines) for lines in found.values() if lines == true[rows[min(lines)]["group"]])
    return right / len(rows), len(rows) / seconds


def measured_templates(corpus: Path) -> bool:
    """Whether the mean reaches its bar, or there is nothing to measure."""
    paths = sorted(corpus.glob("loghub_*.jsonl")) if corpus.is_dir() else []
    shares = []
    for path in paths:
        share, speed = templates(path)
        shares.append(share)
        print(f"  templates, {path.stem.removeprefix('loghub_'):<15} {share:.4f}  {speed:>8,.0f} lines/s")
    if shares:
        print(f"  templates, mean            {sum(shares) / len(shares):.4f} (at least {LEAST_RIGHT})")
    return not shares or sum(shares) / len(shares) >= LEAST_RIGHT


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--corpus", type=Path)
    parser.add_argument("--misses", type=Path, default=Path("build/grouping-misses.txt"))
    arguments = parser.parse_args()
    rows = [json.loads(line) for line in LABELS.read_text(encoding="utf-8").splitlines()]
    same, split, different, merged = pairs(rows, replayed(rows))
    groups = {row["group"] for row in rows}
    print(f"grouping: {len(rows)} inputs of {len(groups)} bugs")
    print(f"  pairs of the same bug       {same:>6}, split  {len(split):>5} ({len(split) / same:.1%}; at most {MOST_SPLIT:.0%})")
    print(f"  pairs of different bugs     {different:>6}, merged {len(merged):>5} (none)")
    arguments.misses.parent.mkdir(parents=True, exist_ok=True)
    lines = [
        f"{what}\t{a['group']}\t{a['how']}\t{b['group']}\t{b['how']}\n"
        for what, pair in (("split", split), ("merged", merged))
        for a, b in pair
    ]
    arguments.misses.write_text("".join(lines), encoding="utf-8")
    reached = measured_templates(arguments.corpus) if arguments.corpus else True
    return int(bool(merged) or len(split) > MOST_SPLIT * same or not reached)


if __name__ == "__main__":
    sys.exit(main())
