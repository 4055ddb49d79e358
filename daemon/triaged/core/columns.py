"""Values that a database tells apart from their names: ``INSERT INTO users (name, password) VALUES ('ann', '...')``, ``Key (email)=(...)``."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import re2

from triaged.core.named import Named
from triaged.core.patterns import Span, options

# INSERT INTO users (name, password) VALUES
_INSERT = re.compile(rb"\b(?:insert|replace)\s+(?:\w+\s+)?into\s+[^\s()]+\s*\(([^()]*)\)\s*values\s*", re.IGNORECASE)
# 'ann', N'...', "...", 17, now(), $1; what ends it
_LITERAL = re.compile(
    rb"""\s*(?:[NE]?'((?:[^'\\]|\\.|'')*)'|\\?"((?:[^"\\]|\\.)*?)\\?"|([^\s,()'"]+)(?:\([^()]*\))?|())\s*([,)]|\Z)""", re.DOTALL
)
_MOST_COLUMNS = 100
# DETAIL:  Key (name, email)=(ann, ann@example.com) already exists.
_KEY = re.compile(rb"\bkey \(([^()]*)\)=\(([^\n]{0,512}?)\)(?= (?:already|is )|[\s.\"'\\]|\Z)", re.IGNORECASE)
# Duplicate entry 'ann' for key 'users.login', (ann) for column "login"
_FOR = re2.compile(r"""(?i)(\\?['")]) for (?:the )?(?:key|column|field|parameter|attribute) \\?['"`]([^'"`\\]*)""", options=options())
_OPENED = {b"'": b"'", b'"': b'"', b'\\"': b'\\"', b"\\'": b"\\'", b")": b"("}
_LONGEST = 512
"""Bytes of a value that stands before its column's name."""
# {"value": "...", "name": "DB_PASSWORD"}
_BEFORE = re2.compile(
    r"""(?i)\b(?:value|val|content)\\*["'][ \t]*[:=]>?\s*\\*["']([^"'\\\n]+)\\*["'],\s*:?\\*["']?(?:name|key)\\*["']?[ \t]*[:=]>?\s*\\*["']([\w.-]+)""",
    options=options(),
)
_OF_AN_INDEX = re.compile(r"_(?:key|unique|uniq|uq|uk|idx|index)\Z", re.IGNORECASE)


_FORMS = (r"(?i)\binto\s+\S+\s*\(", r"(?i)\bkey \([^()]*\)=\(", _FOR.pattern, _BEFORE.pattern)


def _forms() -> Any:
    made = re2.Set.SearchSet(options())
    for form in _FORMS:
        made.Add(form)
    made.Compile()
    return made


_WHICH = _forms()


@dataclass(frozen=True, slots=True, eq=False)
class Columns:
    """A rule: the names are those of ``named``."""

    _named: Named
    regex: Any = field(default=re2.compile("|".join(f"(?:{form})" for form in _FORMS), options=options()))

    def spans(self, data: bytes) -> Iterator[Span]:
        for form in _WHICH.Match(data) or ():
            yield from (self._inserted, self._keys, self._for, self._before)[form](data)

    def _inserted(self, data: bytes) -> Iterator[Span]:
        for m in _INSERT.finditer(data):
            yield from self._rows(data, m)

    def _keys(self, data: bytes) -> Iterator[Span]:
        for m in _KEY.finditer(data):
            yield from self._of_key(data, m)

    def _for(self, data: bytes) -> Iterator[Span]:
        for m in _FOR.finditer(data):
            end = m.start(1)
            start = _opened(data, _OPENED[m[1]], end)
            if start >= 0:
                yield from self._secret(m[2], data, start, end)

    def _before(self, data: bytes) -> Iterator[Span]:
        for m in _BEFORE.finditer(data):
            yield from self._secret(m[2], data, *m.span(1))

    def _rows(self, data: bytes, m: re.Match[bytes]) -> Iterator[Span]:
        columns, at = m[1].split(b",")[:_MOST_COLUMNS], m.end()
        while data[at : at + 1] == b"(":
            at += 1
            for column in columns:
                value = _LITERAL.match(data, at)
                if value is None:
                    return
                group = next((group for group in (1, 2, 3) if value[group]), 4)
                yield from self._secret(column, data, *value.span(group))
                at = value.end()
                if value[5] != b",":
                    break
            following = re.compile(rb"\s*,\s*").match(data, at)
            at = following.end() if following else len(data)

    def _of_key(self, data: bytes, m: re.Match[bytes]) -> Iterator[Span]:
        columns, start = m[1].split(b", "), m.start(2)
        values = m[2].split(b", ", len(columns) - 1)
        for column, value in zip(columns, values, strict=False):
            yield from self._secret(column, data, start, start + len(value))
            start += len(value) + 2

    def _secret(self, column: bytes, data: bytes, start: int, end: int) -> Iterator[Span]:
        key = column.decode("utf-8", "replace").strip(" \\\"'`[]\r\n\t").rpartition(".")[2]
        text = data[start:end].decode("utf-8", "replace")
        if name := self._named.named(key, text) or self._named.named(_OF_AN_INDEX.sub("", key), text):
            yield start, end, name


def _opened(data: bytes, quote: bytes, end: int) -> int:
    """Where the value begins that is closed at ``end``; an escaped or doubled quote does not open it. Less than 0 where nothing does."""
    least = max(0, data.rfind(b"\n", 0, end) + 1, end - _LONGEST)
    at = data.rfind(quote, least, end)
    while at > least and len(quote) == 1 and (before := data[at - 1 : at]) in (b"\\", quote) and quote != b"(":
        at = data.rfind(quote, least, at - (before == quote))
    return at + len(quote) if at >= 0 else -1
