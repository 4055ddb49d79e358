"""How well errors are understood: `make accuracy` runs `triaged replay` over the recorded traces, plain and wrapped, and over ordinary lines.

    PYTHONPATH=tests python -m accuracy.measure [--corpus PATH] [--ordinary 300000] [--seed 7] [--misses build/accuracy-misses.txt]

Prints the shares that are right, by language for plain traces and by wrapping for wrapped ones, how many ordinary lines were taken for an
error, and how fast it goes; what was missed goes to a file. Exit 1 where a share is below its bar. PATH is a file or a folder of further cases in
the same form.
"""

import argparse
import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from accuracy import judge, speed, wrap
from accuracy.ordinary import applications, programs

HERE = Path(__file__).parent
BARS = {"type": 0.99, "message": 0.98, "in_app": 0.97, "frames": 0.97}
WRAPPED_BAR = 0.95
CHUNK = 100  # ordinary lines in one delivery
START = datetime(2026, 3, 4, 7, tzinfo=UTC)

Case = dict[str, Any]
Answer = dict[str, Any]


def cases(paths: Iterable[Path]) -> Iterator[Case]:
    for path in paths:
        for line in path.read_text(encoding="utf-8").splitlines():
            case = json.loads(line)
            if case.get("kind") == "text" and case.get("text") and case.get("expected"):
                yield {**case, "file": path.stem}


def replay(texts: list[str]) -> list[Answer | None]:
    """The answer for each text, None where none came. A text is a delivery: a stream of its own, a minute after the one before."""
    command = [str(Path(sys.executable).with_name("triaged")), "replay", "-", "--json"]
    process = subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, encoding="utf-8", env={**os.environ, "PYTHONUTF8": "1"}
    )

    def feed() -> None:
        with process.stdin:
            for number, text in enumerate(texts):
                at = (START + timedelta(minutes=number)).isoformat()
                process.stdin.write(
                    json.dumps({"id": f"d{number}", "source": "text", "stream": f"s{number}", "at": at, "text": text}) + "\n"
                )

    feeder = threading.Thread(target=feed)
    feeder.start()
    answers = {answer["id"]: answer for answer in map(json.loads, process.stdout)}
    feeder.join()
    if process.wait():
        print(f"triaged replay ended with {process.returncode}", file=sys.stderr)
    return [answers.get(f"d{number}") for number in range(len(texts))]


class Shares:
    """What was right of what was judged, by row."""

    def __init__(self) -> None:
        self.rows: dict[str, dict[str, list[bool]]] = {}

    def add(self, row: str, verdict: judge.Verdict) -> None:
        for name in (row, "total"):
            for aspect, right in verdict.items():
                if right is not None:
                    self.rows.setdefault(name, {}).setdefault(aspect, []).append(right)

    def share(self, row: str, aspect: str) -> float | None:
        right = self.rows.get(row, {}).get(aspect)
        return sum(right) / len(right) if right else None

    def table(self, head: str, aspects: tuple[str, ...]) -> str:
        width = max(len(name) for name in [head, *self.rows]) + 2
        out = ["".join([f"{head:<{width}}", *(f"{aspect:>20}" for aspect in aspects)])]
        for name in sorted(self.rows, key=lambda n: (n == "total", n)):
            cells = []
            for aspect in aspects:
                right = self.rows[name].get(aspect, [])
                cells.append(f"{sum(right)}/{len(right)} {int(1000 * sum(right) / len(right)) / 1000:.3f}" if right else "-")
            out.append("".join([f"{name:<{width}}", *(f"{cell:>20}" for cell in cells)]))
        return "\n".join(out)


def missed(case: Case, answer: Answer | None, verdict: judge.Verdict) -> str:
    """Side by side, for reading."""
    event = next(iter((answer or {}).get("events") or []), {})
    wrong = [aspect for aspect, right in verdict.items() if right is False]
    wanted, got = case["expected"], [f"{f['file']}:{f['line']} {f['function']}" for f in reversed(event.get("frames") or [])]
    frames = [f"{f['file']}:{f['line']} {f['function']}" for f in (judge.possible_frames(case) or [[]])[0]]
    out = [f"## {case['id']}: {', '.join(wrong)} ({len((answer or {}).get('events') or [])} events)"]
    out += ["    | " + line[:200] for line in case["text"].split("\n")[:16]]
    out += [
        f"  type     want {wanted.get('type')!r} got {event.get('type')!r}",
        f"  message  want {wanted.get('message')!r} got {event.get('message')!r}",
    ]
    out.append(f"  in_app   want {case.get('in_app_frame')} got {event.get('culprit')}")
    if "frames" in wrong:
        out += [f"  frame {n:>2} {w or '-':<90} got {g or '-'}" for n, (w, g) in enumerate(zip_longest(frames, got)) if w != g][:12]
    return "\n".join(out) + "\n"


def zip_longest(a: list[str], b: list[str]) -> Iterator[tuple[str, str]]:
    for n in range(max(len(a), len(b))):
        yield (a[n] if n < len(a) else ""), (b[n] if n < len(b) else "")


def measured(given: list[Case], row: str, misses: list[str]) -> Shares:
    shares = Shares()
    for case, answer in zip(given, replay([case["text"] for case in given]), strict=True):
        verdict = judge.judged(case, answer)
        shares.add(str(case.get(row)), verdict)
        if False in verdict.values():
            misses.append(missed(case, answer, verdict))
    return shares


def ordinary(count: int, seed: int, misses: list[str]) -> tuple[int, int]:
    """(lines, errors that were seen in them)."""
    heard = list(programs.lines(seed))
    spoken = sum(len(lines) for _, lines in heard)
    heard += applications.lines(seed, max(0, count - spoken))
    chunks = [(name, lines[at : at + CHUNK]) for name, lines in heard for at in range(0, len(lines), CHUNK)]
    false = 0
    by_source: dict[str, int] = {}
    for (name, _), answer in zip(chunks, replay(["\n".join(lines) for _, lines in chunks]), strict=True):
        for event in (answer or {"events": [{"type": "no answer"}]})["events"]:
            false += 1
            by_source[name] = by_source.get(name, 0) + 1
            misses.append(f"## ordinary, {name}: {event.get('type')}: {event.get('message')!r} {event.get('frames')}"[:600] + "\n")
    print("ordinary lines: " + ", ".join(f"{name} {len(lines)}" for name, lines in heard))
    if by_source:
        print("false errors by source: " + ", ".join(f"{name} {n}" for name, n in sorted(by_source.items())))
    return sum(len(lines) for _, lines in heard), false


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--corpus", type=Path)
    parser.add_argument("--ordinary", type=int, default=300_000, help="lines")
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--misses", type=Path, default=Path("build/accuracy-misses.txt"))
    options = parser.parse_args()
    started, misses, below = time.monotonic(), [], []

    plain = list(cases(sorted((HERE / "data").glob("*.jsonl"))))
    shares = measured(plain, "language", misses)
    print(f"plain traces\n{shares.table('language', judge.ASPECTS)}\n")
    below += [f"{aspect} of plain traces" for aspect, bar in BARS.items() if (shares.share("total", aspect) or 0) < bar]

    clothed = measured([w for case in plain for w in wrap.wrapped(case, options.seed)], "noise", misses)
    print(f"wrapped traces\n{clothed.table('wrapping', ('type', 'message', 'in_app', 'events'))}\n")
    below += [f"in_app of {row}" for row in clothed.rows if (clothed.share(row, "in_app") or 0) < WRAPPED_BAR]

    if options.corpus:
        files = sorted(options.corpus.glob("*.jsonl")) if options.corpus.is_dir() else [options.corpus]
        print(f"{options.corpus}\n{measured(list(cases(files)), 'file', misses).table('file', judge.ASPECTS)}\n")

    lines, false = ordinary(options.ordinary, options.seed, misses)
    print(f"{false} false errors in {lines} ordinary lines\n")
    below += ["ordinary lines"] if false else []

    told, slow = speed.measured()
    print("\n".join(told) + "\n")
    below += slow

    options.misses.parent.mkdir(parents=True, exist_ok=True)
    options.misses.write_text("\n".join(misses), encoding="utf-8")
    print(f"{len(misses)} misses in {options.misses}, {time.monotonic() - started:.0f} s")
    print("below the bar: " + ", ".join(below) if below else "all bars reached")
    return 1 if below else 0


if __name__ == "__main__":
    sys.exit(main())
