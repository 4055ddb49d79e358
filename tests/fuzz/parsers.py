"""Whatever text comes, each parser answers, in time and in bounds: mutants of recorded traces, those kept that reach new lines of the parsers.

    PYTHONPATH=daemon:tests python -m fuzz.parsers [--seconds 60] [--seed 0] [--keep build/fuzz-parsers]

A mutant that reaches a line (on 3.11: a step from line to line) that none before it reached is a seed of further ones, and is kept in the folder, so
that the next run begins there. What fails is kept there too, as found-<seed>.txt.
"""

import argparse
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from random import Random
from types import CodeType, FrameType
from typing import Any

import triaged
from fuzz import mutants, total

_OURS = tuple(str(Path(triaged.__file__).parent / folder) for folder in ("parsers", "core"))
_MOST_FOUND = 20


def main() -> int:
    args = _arguments()
    args.keep.mkdir(parents=True, exist_ok=True)
    pool = [*mutants.seeds(), *(path.read_text(encoding="utf-8") for path in sorted(args.keep.glob("seed-*.txt")))]
    began, tried, kept, found = time.monotonic(), 0, 0, dict[str, str]()
    reached = Reached()
    for text in pool:
        reached.new(text)
    while time.monotonic() - began < args.seconds and len(found) < _MOST_FOUND:
        seed = args.seed + tried
        random = Random(seed)
        # the newest are nearest to what nobody has tried
        text = mutants.mutated(random, pool[-random.randint(1, min(50, len(pool)))] if random.random() < 0.3 else random.choice(pool))
        tried += 1
        for finding in total.findings(text, args.slack):
            (args.keep / f"found-{seed}.txt").write_text(text, encoding="utf-8")
            found.setdefault(finding.partition(":")[0] + finding[-40:], f"seed {seed}: {finding}")
        if len(text) < 20_000 and reached.new(text):
            pool.append(text)
            (args.keep / f"seed-{seed}.txt").write_text(text, encoding="utf-8")
            kept += 1
    print("\n".join(found.values()))
    print(
        f"findings: {len(found)} of {tried:,} texts in {time.monotonic() - began:.0f} s; {kept} of them reached lines that none before them had"
    )
    return bool(found)


class Reached:
    """Which lines of parsers and core have been run."""

    def __init__(self) -> None:
        self._seen: set[Any] = set()

    def new(self, text: str) -> bool:
        """Whether the text reaches anything that none before it reached."""
        before = len(self._seen)
        with _watched(self._seen):
            total.findings(text, slack=float("inf"))
        return len(self._seen) > before


@contextmanager
def _watched(seen: set[Any]) -> Iterator[None]:
    if sys.version_info >= (3, 12):
        watch = sys.monitoring
        tool = watch.COVERAGE_ID
        watch.use_tool_id(tool, "fuzz")

        def line(code: CodeType, number: int) -> Any:
            if code.co_filename.startswith(_OURS):
                seen.add((code.co_filename, number))
            return watch.DISABLE

        watch.register_callback(tool, watch.events.LINE, line)
        watch.set_events(tool, watch.events.LINE)
        try:
            yield
        finally:
            watch.set_events(tool, 0)
            watch.free_tool_id(tool)
    else:
        sys.settrace(_steps(seen))
        try:
            yield
        finally:
            sys.settrace(None)


def _steps(seen: set[Any]) -> Callable[[FrameType, str, Any], Any]:
    def called(frame: FrameType, event: str, arg: Any) -> Any:
        if not frame.f_code.co_filename.startswith(_OURS):
            return None
        last = 0

        def line(frame: FrameType, event: str, arg: Any) -> Any:
            nonlocal last
            if event == "line":
                seen.add((frame.f_code, last, frame.f_lineno))
                last = frame.f_lineno
            return line

        return line

    return called


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="fuzz.parsers", description=__doc__.partition("\n")[0])
    parser.add_argument("--seconds", type=float, default=60, help="how long")
    parser.add_argument("--seed", type=int, default=0, help="of the first mutant")
    parser.add_argument("--keep", type=Path, default=Path("build/fuzz-parsers"), help="what reached new lines, and what failed")
    parser.add_argument(
        "--slack", type=float, default=2, help="how many times 50 ms per 64 KB are allowed, on a machine that others use too"
    )
    return parser.parse_known_args()[0]


if __name__ == "__main__":
    sys.exit(main())
