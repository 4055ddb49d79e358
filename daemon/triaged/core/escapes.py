"""A text as it reads once its escapes are undone, and where each part of it stood: ``ann%40example.com``, ``&quot;``, ``\\u0026``."""

import re
from bisect import bisect_right
from collections.abc import Callable, Iterator
from dataclasses import dataclass

PATTERN = r"%[0-9A-Fa-f]{2}|&(?:quot|amp|lt|gt|apos|#[0-9]{2,5}|#x[0-9A-Fa-f]{2,4});|\\(?:u[0-9A-Fa-f]{4}|x[0-9A-Fa-f]{2})"
"""What an escape looks like, for RE2."""

# A URL, among others: no blank stands in it but as an escape
_WORD = re.compile(rb"""[^\s"'`<>]+""")
_OCTET = re.compile(rb"%([0-9A-Fa-f]{2})")
# &quot; or &#34; or &#x22;, \u00e9 or \x22
_CHARACTER = re.compile(rb"&(?:(quot|amp|lt|gt|apos)|#([0-9]{2,5})|#x([0-9A-Fa-f]{2,4}));|\\+(?:u([0-9A-Fa-f]{4})|x([0-9A-Fa-f]{2}))")
_NAMED = {b"quot": b'"', b"amp": b"&", b"lt": b"<", b"gt": b">", b"apos": b"'"}


@dataclass(frozen=True, slots=True)
class Plain:
    """A text, or parts of it a line each, without escapes."""

    data: bytes
    _here: list[int]
    """From where on each part of ``data`` stood one behind the other in the original, and ``_there``: where there."""
    _there: list[int]

    def original(self, at: int) -> int:
        """Where in the original that stood which stands here at ``at``."""
        number = bisect_right(self._here, at) - 1
        return self._there[number] + at - self._here[number]


def undone(data: bytes) -> Iterator[Plain]:
    """Its encoded URLs, and the whole text without escapes of characters; nothing where there are none."""
    if b"%" in data and (words := [m.span() for m in _WORD.finditer(data) if _OCTET.search(data, *m.span())]):
        yield _plain(data, words, _OCTET, lambda m: bytes.fromhex(m[1].decode()))
    if _CHARACTER.search(data):
        yield _plain(data, [(0, len(data))], _CHARACTER, _character)


def plain(data: bytes) -> bytes:
    """What a value says: ``a%2Fb`` and ``a\\u002fb`` are ``a/b``."""
    if b"%" not in data and b"&" not in data and b"\\" not in data:
        return data
    for undoing in undone(data):
        data = undoing.data
    return data


def _plain(data: bytes, parts: list[tuple[int, int]], escape: re.Pattern[bytes], meant: Callable[[re.Match[bytes]], bytes]) -> Plain:
    pieces: list[bytes] = []
    here, there, length = [0], [parts[0][0]], 0
    for start, end in parts:
        here.append(length)
        there.append(start)
        for m in escape.finditer(data, start, end):
            character = meant(m)
            pieces += [data[start : m.start()], character]
            length += m.start() - start
            here += [length, length + len(character)]
            there += [m.start(), m.end()]
            length += len(character)
            start = m.end()
        pieces += [data[start:end], b"\n"]
        length += end - start + 1
    return Plain(b"".join(pieces[:-1]), here, there)


def _character(m: re.Match[bytes]) -> bytes:
    named, decimal, hexadecimal, unit, octet = m.groups()
    if named:
        return _NAMED[named]
    number = int(decimal) if decimal else int(hexadecimal or unit or octet, 16)
    return chr(number).encode("utf-8", "surrogatepass")
