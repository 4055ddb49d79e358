"""Templates of log messages, learned as they come: what stays of a message when its data are taken out.

A word with a digit in it is data; so is a place in which many words have stood while all else was the same. Templates that turn out to differ
only there become one: the older one's id stays, and the others' lead to it. There is one setting for all systems. What is kept is bounded: a
number for each wording, and the wordings of the newest, among which others are still compared.
"""

import json
import re
from array import array
from base64 import b64decode, b64encode
from collections.abc import Iterable, Mapping, Sequence
from hashlib import blake2b
from itertools import islice
from typing import Any

DATA = "<*>"

_MANY = 6  # different words in one place, while all else is the same, are data
_MOST = 100_000  # wordings; the oldest are forgotten
_MOST_ALIKE = 40_000  # places that are still compared
_MOST_OPEN = 32  # different sets of places, of templates of one length
_FEW = 2  # words that have to stay
_MOST_CHARACTERS = 4_000
_LONGEST = 64  # words of a message that are looked at

# What stands around words and values.
_AROUND = re.compile(r"([\s=,;:()\[\]{}<>\"'|]+|\.{2,})")
# 8.8 KB, <1 sec, 1190 bytes (1.16 KB)
_AMOUNT = re.compile(r"<?\b\d[\d.,]* ?(?:[kKMGT]i?B|B|[Bb]ytes?|ms|secs?|seconds?|minutes?|hours?|days?)\b(?: \([\d.]+ ?[kKMGT]i?B\))?")
# /var/log/x, org.shop/.Cart, a/b/c: what holds a slash and is no `and/or`
_PATH = re.compile(r"/\w|.*\..*/|.*/.*[./]")
_DIGIT = re.compile(r"\d")
_FIELD = re.compile(r"=\"[^\"]*\"")  # tag="View Lock"
_HOST = re.compile(r"[\w-]+(?:\.[\w-]+)+:<\*>")  # proxy.example.org:5070
_LISTED = re.compile(r"<\*>(?:[\s,;:/.|-]+<\*>)+")
_VALUES = frozenset({"true", "false", "null"})


class Templates:
    """What was learned. Not for two threads at once."""

    def __init__(self, kept: str = "") -> None:
        """``kept``: what ``state`` gave; of what cannot be read nothing is known."""
        self._leads: dict[int, int] = {}
        """A wording's number to that of the template it belongs to, or of one that leads there; the oldest first."""
        self._open: dict[int, list[tuple[int, ...]]] = {}
        """By number of words: the places that hold data in templates of that length; the newest first."""
        self._alike: dict[int, tuple[int, ...]] = {}
        """All but one place of a wording, as a number, to the wordings that are the same but for it."""
        self.learned = 0
        """How much was new: grows with each new wording."""
        try:
            self._restore(json.loads(kept or "{}"))
        except (ValueError, TypeError, AttributeError, LookupError):
            self._leads, self._open, self._alike = {}, {}, {}

    def learn(self, message: str) -> tuple[int, int]:
        """The number of the message's template, which may be led to another's later (``root``), and that of its own wording."""
        wording = worded(message)
        number = _number(wording)
        if number in self._leads:
            return self.root(number), number
        self.learned += 1
        words = wording.split(" ")
        for places in self._open.get(len(words), ()):
            if (opened := _number(_opened(words, places))) in self._leads:
                self._lead(number, opened)
                break
        else:
            self._add(number, words, ())
        self._forget()
        return self.root(number), number

    def root(self, number: int) -> int:
        """The template that this one has become."""
        while (leads := self._leads.get(number, number)) != number:
            number = leads
        return number

    def state(self) -> str:
        """All of it, as text. Numbers only: no word of a message is in it."""
        flat = [number for key, alike in self._alike.items() for number in (key, len(alike), *alike)]
        return json.dumps(
            {"leads": _packed(number for pair in self._leads.items() for number in pair), "alike": _packed(flat), "open": self._open}
        )

    def _restore(self, kept: Mapping[str, Any]) -> None:
        numbers = iter(_unpacked(kept.get("leads", "")))
        self._leads = {number: number if leads == number else leads for number, leads in zip(numbers, numbers, strict=True)}
        flat = iter(_unpacked(kept.get("alike", "")))
        self._alike = {key: tuple(islice(flat, next(flat))) for key in flat}
        self._open = {int(length): [tuple(places) for places in known] for length, known in kept.get("open", {}).items()}

    def _add(self, number: int, words: Sequence[str], places: tuple[int, ...]) -> None:
        self._leads.setdefault(number, number)
        said = [place for place, word in enumerate(words) if any(map(str.isalpha, word))]
        for place in said if len(said) > _FEW else ():
            key = _number(_opened(words, (place,))) ^ (place + 1)
            alike = (*self._alike.pop(key, ()), number)
            if len(alike) < _MANY:
                self._alike[key] = alike
                continue
            self._merge(alike, [DATA if at == place else word for at, word in enumerate(words)], (*places, place))
            return

    def _merge(self, alike: Sequence[int], words: Sequence[str], places: tuple[int, ...]) -> None:
        places, merged = tuple(sorted(places)), _number(" ".join(words))
        is_new = merged not in self._leads
        for number in (merged, *alike[1:]):
            self._lead(number, alike[0])
        known = self._open.setdefault(len(words), [])
        if places not in known:
            self._open[len(words)] = [places, *known][:_MOST_OPEN]
        if is_new:
            self._add(merged, words, places)

    def _lead(self, number: int, to: int) -> None:
        """What belongs to the one belongs to the other from now on."""
        one, other = self.root(number), self.root(to)
        self._leads[one] = other
        self._leads.setdefault(number, other)

    def _forget(self) -> None:
        """The oldest, many at once: one by one, each would have to be looked for behind those that are gone."""
        for there, most in ((self._leads, _MOST), (self._alike, _MOST_ALIKE)):
            if len(there) > most:
                for key in list(islice(there, most // 10)):
                    del there[key]


def worded(message: str) -> str:
    """The message's first line without its data, a space between two words."""
    line = _AMOUNT.sub(DATA, message.partition("\n")[0][:_MOST_CHARACTERS])
    if '="' in line:
        line = _FIELD.sub("=" + DATA, line)
    parts = _AROUND.split(line)
    for at in range(0, len(parts), 2):
        word = parts[at]
        if word and (word in _VALUES if word.isalpha() else _DIGIT.search(word) or ("/" in word and _PATH.match(word))):
            parts[at] = DATA
    line = "".join(parts)
    if ":" + DATA in line:
        line = _HOST.sub(DATA, line)
    return " ".join(_LISTED.sub(DATA, line).split()[:_LONGEST])


def _opened(words: Sequence[str], places: Sequence[int]) -> str:
    return " ".join([DATA if at in places else word for at, word in enumerate(words)])


def _number(wording: str) -> int:
    return int.from_bytes(blake2b(wording.encode("utf-8", "surrogatepass"), digest_size=7).digest(), "big")


def _packed(numbers: Iterable[int]) -> str:
    return b64encode(array("Q", numbers).tobytes()).decode()


def _unpacked(text: str) -> "array[int]":
    return array("Q", b64decode(text))
