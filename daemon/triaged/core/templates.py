"""Templates of log messages, learned as they come: what stays of a message when its data are taken out.

A word with a digit in it is data; so is a place in which many words have stood while all else was the same. Templates that turn out to differ
only there become one: the older one's id stays, and the others' lead to it. There is one setting for all systems. What is kept is bounded: a
number for each wording, and the wordings of the newest, among which others are still compared.
"""

import re
from collections.abc import Iterable, Sequence
from hashlib import blake2b

DATA = "<*>"

_MANY = 6  # different words in one place, while all else is the same, are data
_MOST = 100_000  # wordings; the oldest are forgotten
_COMPARED = 40_000  # places that are still compared
_FEW = 2  # words that have to stay
_MOST_CHARACTERS = 4_000
_LONGEST = 64  # words of a message that are looked at

# What stands around words and values.
_AROUND = re.compile(r"([\s=,;:()\[\]{}<>\"'|]+|\.{2,})")
# 8.8 KB, <1 sec, 1190 bytes (1.16 KB)
_AMOUNT = re.compile(
    r"<?\b\d[\d.,]* ?(?:[kKMGT]i?B|B|[Bb]ytes?|ms|secs?|seconds?|minutes?|hours?|days?)\b(?: \([\d.]+ ?[kKMGT]i?B\))?"
)
# /var/log/x, org.shop/.Cart, a/b/c: what holds a slash and is no `and/or`
_PATH = re.compile(r"/\w|.*\..*/|.*/.*[./]")
_DIGIT = re.compile(r"\d")
_FIELD = re.compile(r"=\"[^\"]*\"")  # tag="View Lock"
_HOST = re.compile(r"[\w-]+(?:\.[\w-]+)+:<\*>")  # proxy.example.org:5070
_LISTED = re.compile(r"<\*>(?:[\s,;:/.|-]+<\*>)+")
_VALUES = frozenset({"true", "false", "null"})


class Templates:
    """What was learned."""

    def __init__(self) -> None:
        self._known: dict[int, int] = {}
        """A wording's number to that of the template it belongs to, or of one that leads there."""
        self._open: dict[int, dict[tuple[int, ...], None]] = {}
        """By number of words: the places that hold data in templates of that length."""
        self._compared: dict[int, list[int]] = {}
        """All but one place of a wording, as a number, to the templates that are the same but for it."""

    def learn(self, message: str) -> int:
        """The number of the message's template. It may be led to another's later: see ``root``."""
        wording = worded(message)
        number = _number(wording)
        if number in self._known:
            return self.root(number)
        words = wording.split(" ")
        for places in self._open.get(len(words), ()):
            open_number = _number(_opened(words, places))
            if open_number in self._known:
                self._lead(number, open_number)
                return self.root(number)
        self._add(number, words, ())
        return self.root(number)

    def root(self, number: int) -> int:
        """The template that this one has become."""
        seen = number
        while (leads := self._known.get(seen, seen)) != seen:
            seen = leads
        return seen

    def _add(self, number: int, words: Sequence[str], places: tuple[int, ...]) -> None:
        self._known.setdefault(number, number)
        if len(self._known) > _MOST:
            del self._known[next(iter(self._known))]
        said = [place for place, word in enumerate(words) if any(map(str.isalpha, word))]
        for place in said if len(said) > _FEW else ():
            key = _number(_opened(words, (place,))) ^ (place + 1)
            alike = self._compared.setdefault(key, [])
            alike.append(number)
            if len(alike) >= _MANY:
                del self._compared[key]
                self._merge(alike, [DATA if at == place else word for at, word in enumerate(words)], (*places, place))
                return
        while len(self._compared) > _COMPARED:
            del self._compared[next(iter(self._compared))]

    def _merge(self, alike: Iterable[int], words: Sequence[str], places: tuple[int, ...]) -> None:
        places = tuple(sorted(places))
        merged = _number(" ".join(words))
        is_new = merged not in self._known
        oldest = self.root(next(iter(alike)))
        self._lead(merged, oldest)
        for number in alike:
            self._lead(number, merged)
        self._open.setdefault(len(words), {})[places] = None
        if is_new:
            self._add(merged, words, places)

    def _lead(self, number: int, to: int) -> None:
        """What belongs to the one belongs to the other from now on."""
        one, other = self.root(number), self.root(to)
        if one != other:
            self._known[one] = other
        self._known.setdefault(number, other)


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
