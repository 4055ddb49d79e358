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
_FOR = re.compile(
    rb"""(?:'((?:[^'\\\n]|\\.|''){0,512})'|\\?"((?:[^"\\\n]|\\.){0,512}?)\\?"|\(([^()\n]*)\)) for (?:the )?(?:key|column|field|parameter|attribute) \\?['"`]([^'"`\\]*)""",
    re.IGNORECASE,
)
# {"value": "...", "name": "DB_PASSWORD"}
_BEFORE = re.compile(
    rb"""\b(?:value|val|content)\\*["'][ \t]*[:=]>?\s*\\*["']([^"'\\\n]{1,4096})\\*["'],\s*:?\\*["']?(?:name|key)\\*["']?[ \t]*[:=]>?\s*\\*["']([\w.-]+)""",
    re.IGNORECASE,
)
_OF_AN_INDEX = re.compile(r"_(?:key|unique|uniq|uq|uk|idx|index)\Z", re.IGNORECASE)


@dataclass(frozen=True, slots=True, eq=False)
class Columns:
    """A rule: the names are those of ``named``."""

    _named: Named
    regex: Any = field(
        default=re2.compile(
            r"""(?i)\binto\s+\S+\s*\(|\bkey \([^()]*\)=\(|['")] for (?:the )?(?:key|column|field|parameter|attribute) |\b(?:value|val|content)\\*["'][ \t]*[:=]>?\s*\\*["'][^"'\\\n]+\\*["'],\s*:?\\*["']?(?:name|key)\\*["']?[ \t]*[:=]""", options=options()
        )
    )

    def spans(self, data: bytes) -> Iterator[Span]:
        for m in _INSERT.finditer(data):
            yield from self._inserted(data, m)
        for m in _KEY.finditer(data):
            yield from self._of_key(data, m)
        for m in _BEFORE.finditer(data):
            yield from self._secret(m[2], data, *m.span(1))
        for m in _FOR.finditer(data):
            yield from self._secret(m[4], data, *m.span(next(group for group in (1, 2, 3) if m[group] is not None)))

    def _inserted(self, data: bytes, m: re.Match[bytes]) -> Iterator[Span]:
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
