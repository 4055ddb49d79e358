"""How often two sights of one bug are split, and two bugs merged: `triaged replay` over labels.jsonl, pair by pair within a language.

    PYTHONPATH=tests python -m grouping.measure [--misses build/grouping-misses.txt]

Exit 1 where a pair of different bugs was merged or more than 2 % of the pairs of the same were split.
"""

import argparse
import json
import subprocess
import sys
from collections import defaultdict
from itertools import combinations
from pathlib import Path
from typing import Any

LABELS = Path(__file__).parent / "labels.jsonl"
MOST_SPLIT = 0.02

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


def main() -> int:
    parser = argparse.ArgumentParser()
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
    return int(bool(merged) or len(split) > MOST_SPLIT * same)


if __name__ == "__main__":
    sys.exit(main())
