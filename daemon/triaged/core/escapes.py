"""A text as it reads once its escapes are undone, and where each part of it stood: ``ann%40example.com``, ``&quot;``, ``\\u0026``."""

import re
from bisect import bisect_right
from dataclasses import dataclass

# %40, &quot; or &#34; or &#x22;, \u00e9 or \x22
_ESCAPE = re.compile(rb"%([0-9A-Fa-f]{2})|&(?:(quot|amp|lt|gt|apos)|#([0-9]{2,5})|#x([0-9A-Fa-f]{2,4}));|\\(?:u([0-9A-Fa-f]{4})|x([0-9A-Fa-f]{2}))")
_NAMED = {b"quot": b'"', b"amp": b"&", b"lt": b"<", b"gt": b">", b"apos": b"'"}

_BLANK = re.compile(rb"""[\s"'<>]""")
PATTERN = r"%[0-9A-Fa-f]{2}|&(?:quot|amp|lt|gt|apos|#[0-9]{2,5}|#x[0-9A-Fa-f]{2,4});|\\(?:u[0-9A-Fa-f]{4}|x[0-9A-Fa-f]{2})"
"""What an escape looks like, for RE2."""


@dataclass(frozen=True, slots=True)
class Plain:
    """``data`` is the original, its escapes undone."""

    data: bytes
    _original: bytes
    _here: tuple[int, ...]
    """Where in ``data`` each escape stands, and ``_there``: where behind it the original goes on."""
    _lengths: tuple[int, ...]
    _there: tuple[int, ...]

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Where that stood which stands here from ``start`` to ``end``; of a URL not more than it, for its escapes stand for blanks."""
        first, last = self._start(start), self._end(end)
        if b"%" in self._original[first:last] and (stop := _BLANK.search(self._original, first, last)):
            last = stop.start()
        return first, last

    def _start(self, at: int) -> int:
        """Where in the original that stands which is at ``at`` here."""
        number = bisect_right(self._here, at) - 1
        if number < 0:
            return at
        inside = at - self._here[number]
        escape_start, escape_end = self._there[2 * number], self._there[2 * number + 1]
        return escape_start if inside < self._lengths[number] else escape_end + inside - self._lengths[number]

    def _end(self, at: int) -> int:
        """Where in the original that ends which ends at ``at`` here."""
        number = bisect_right(self._here, at - 1) - 1
        if number < 0:
            return at
        inside = at - self._here[number]
        escape_end = self._there[2 * number + 1]
        return escape_end if inside <= self._lengths[number] else escape_end + inside - self._lengths[number]


def undone(data: bytes) -> Plain | None:
    """None where there is nothing to undo."""
    pieces, here, lengths, there, length, last = [], [], [], [], 0, 0
    for m in _ESCAPE.finditer(data):
        meant = _meant(m)
        pieces += [data[last : m.start()], meant]
        length += m.start() - last
        here.append(length)
        lengths.append(len(meant))
        there += [m.start(), m.end()]
        length += len(meant)
        last = m.end()
    return Plain(b"".join([*pieces, data[last:]]), data, tuple(here), tuple(lengths), tuple(there)) if here else None


def _meant(m: re.Match[bytes]) -> bytes:
    octet, named, decimal, hexadecimal, unit, byte = m.groups()
    if octet or byte:
        return bytes.fromhex((octet or byte).decode())
    if named:
        return _NAMED[named]
    number = int(decimal) if decimal else int(hexadecimal or unit, 16)
    return chr(number).encode("utf-8", "surrogatepass")
