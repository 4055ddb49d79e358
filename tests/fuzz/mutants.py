"""Texts that almost are traces: recorded ones, cut, doubled, swapped, interleaved, wrapped, with huge numbers, nested. One draw of bytes each."""

import json
import re
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from random import Random

LONGEST = 65_536
_DATA = Path(__file__).parent.parent / "accuracy" / "data"
_NUMBERS = ("0", "-1", "007", "2147483648", "9" * 19, "9" * 5_000, "1e9", "0x" + "f" * 40, "٣", "²")
_BLANKS = ("\t", "\u00a0", "\u2028", "\x0b", "\x00", "\ufeff", "\r", "\r\n", "    ", "\x1b[31m", "\x85", "💥", "é")
_PIECES = (
    *(
        "Caused by: ",
        "\tat ",
        '  File "',
        "Traceback (most recent call last):",
        "goroutine 1 [running]:",
        "#0 ",
        "** (",
        " (",
        ")",
        ":",
        "::",
        "@",
    ),
    *(
        "<",
        ">",
        "'",
        "`",
        "\\n",
        "... 23 more",
        "[cause]: ",
        "panic: ",
        " ---> ",
        "Error: ",
        '{"',
        '"}',
        "&lt;",
        "```",
        "|",
        "%",
        "/",
        "\\",
        "",
    ),
    *("+-+---------------- 1 ----------------", "=" * 65, "\n\n\n"),
)


@cache
def seeds() -> tuple[str, ...]:
    return tuple(
        json.loads(line)["text"] for path in sorted(_DATA.glob("*.jsonl")) for line in path.read_text(encoding="utf-8").split("\n") if line
    )


def _cut(random: Random, text: str) -> str:
    """At any byte."""
    raw = text.encode()
    at = random.randrange(len(raw) + 1)
    return (raw[:at] if random.random() < 0.7 else raw[at:]).decode("utf-8", "replace")


def _lines(change: Callable[[Random, list[str]], list[str]]) -> Callable[[Random, str], str]:
    return lambda random, text: "\n".join(change(random, text.split("\n")))


def _doubled(random: Random, lines: list[str]) -> list[str]:
    at = random.randrange(len(lines))
    return lines[:at] + lines[at : at + random.randint(1, 5)] * random.choice((2, 3, 200)) + lines[at:]


def _swapped(random: Random, lines: list[str]) -> list[str]:
    one, other = random.randrange(len(lines)), random.randrange(len(lines))
    lines[one], lines[other] = lines[other], lines[one]
    return lines


def _dropped(random: Random, lines: list[str]) -> list[str]:
    at = random.randrange(len(lines))
    return lines[:at] + lines[at + random.randint(1, 3) :] or [""]


def _interleaved(random: Random, lines: list[str]) -> list[str]:
    others = iter(random.choice(seeds()).split("\n"))
    return [each for line in lines for each in ([line, next(others, "")] if random.random() < 0.4 else [line])]


def _prefixed(random: Random, lines: list[str]) -> list[str]:
    prefix = random.choice(
        (
            "2026-03-04 07:00:00,123 ERROR root - ",
            "Mar  4 07:00:00 web-1 app[12]: ",
            "web-1  | ",
            "[x] ",
            "<3>",
            "  ",
            "\t",
            "> ",
            "E  ",
            "    | ",
        )
    )
    return [prefix + line for line in lines]


def _numbers(random: Random, text: str) -> str:
    return re.sub(r"\d+", lambda m: random.choice(_NUMBERS) if random.random() < 0.2 else m[0], text)


def _inserted(random: Random, text: str) -> str:
    at = random.randrange(len(text) + 1)
    return text[:at] + random.choice(_BLANKS + _PIECES) * random.choice((1, 1, 1, 40, 3_000)) + text[at:]


def _spliced(random: Random, text: str) -> str:
    other = random.choice(seeds())
    return text[: random.randrange(len(text) + 1)] + other[random.randrange(len(other) + 1) :]


def _nested(random: Random, text: str) -> str:
    """In JSON, escaped as often as it is nested."""
    for _ in range(random.randint(1, 4)):
        text = json.dumps(
            {
                random.choice(("log", "message", "stack", "error", "err")): text,
                "level": random.choice(("error", 50, None)),
                "stream": "stderr",
            }
        )
        if len(text) > LONGEST:
            break
    return text


def _one_line(random: Random, text: str) -> str:
    return text.replace("\n", random.choice(("\\n", " ", "", "#012", "\r")))


def _repeated(random: Random, text: str) -> str:
    return random.choice(("\n", "")).join([text] * random.choice((2, 30)))


_CHANGES: tuple[Callable[[Random, str], str], ...] = (
    _cut, _cut, _lines(_doubled), _lines(_swapped), _lines(_swapped), _lines(_dropped), _lines(_interleaved), _lines(_prefixed), _numbers, _inserted, _inserted,
    _spliced, _nested, _one_line, _repeated,
)  # fmt: skip


def mutated(random: Random, text: str) -> str:
    """``text`` after one to five changes, at most ``LONGEST`` characters."""
    for _ in range(random.randint(1, 5)):
        text = random.choice(_CHANGES)(random, text)[:LONGEST]
    return text


def drawn(seed: int) -> str:
    random = Random(seed)
    return mutated(random, random.choice(seeds()))


def numbered(first: int) -> Iterator[str]:
    while True:
        yield drawn(first)
        first += 1
