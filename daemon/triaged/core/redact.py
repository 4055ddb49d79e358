"""Secrets and personal data out of texts, a mark in: ``[redacted:aws-key-1]``.

What is looked for stands in ``rules/redaction.yaml``: formats of tokens and personal data (``patterns``), names of keys
behind which a secret stands (``keys``), which kinds of personal data count (``classes``). A text is looked at as it is, and
once more with its escapes undone where it has any. Apart from the marks, and from the colours of terminals, which could stand
between a key and its value, it stays word for word; what is redacted already stays as it is.
"""

import base64
import json
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, quote_plus

import re2

from triaged.core import escapes, named, patterns
from triaged.core.addresses import addresses
from triaged.core.columns import Columns
from triaged.core.inert import uncoloured
from triaged.core.named import Named
from triaged.core.patterns import CLASSES, CONTEXT, Gate, Pattern, Rule, Span

SHORTEST_CONFIGURED = 6
"""Configured values shorter than this are not looked for: they would be found everywhere."""

_MARKED = b"[redacted:"
# [redacted:aws-key-1]
_MARK = re.compile(rb"\[redacted:([a-z0-9-]{1,50})-([0-9]{1,9})\]")
_ANY_MARK = r"\[redacted:[a-z0-9-]{1,60}\]"
# "a string", [redacted:card-1]
_STRING_OR_MARK = re.compile(rf'"[^"\\]*(?:\\.[^"\\]*)*"|{_ANY_MARK}', re.DOTALL)
# \[redacted:email-1]; not \\[redacted:email-1]
_HALF_ESCAPE = re.compile(rf"(?<!\\)((?:\\\\)*)\\(?={_ANY_MARK})")


@dataclass(frozen=True, slots=True, eq=False)
class Redactor:
    """Built once by ``compile``; holds no text and can be shared."""

    _gate: Gate
    _named: Named
    _around: frozenset[str]
    """Names of patterns in whose finds marks may stand."""
    _strict: "Redactor | None" = None
    _code: "Redactor | None" = None

    def text(self, text: str) -> str:
        return self.session().text(text)

    def labels(self, labels: Mapping[str, str]) -> dict[str, str]:
        return self.session().labels(labels)

    def body(self, body: bytes) -> bytes:
        """Of a delivery, to be kept and read again: what was JSON still is, so a number that has to go becomes a string."""
        text = body.decode("utf-8", "replace")
        redacted = self.text(text)
        return (_still_json(redacted) if redacted != text and _is_json(text) else redacted).encode("utf-8", "replace")

    def session(self, *, after: str = "") -> "Session":
        """For texts that belong together: one secret has one mark in all of them. ``after``: texts whose marks are other secrets' already."""
        return Session(self, after)

    def strict(self) -> "Redactor":
        """For public repositories: every class goes, private addresses too, and what the error happened with."""
        return self._strict or self

    def of_code(self) -> "Redactor":
        """For lines of source: what is assigned there is no value of a run."""
        return self._code or self

    def spans(self, data: bytes) -> list[Span]:
        """Where ``data`` (UTF-8) holds what must not leave; in order, none overlapping."""
        if _MARKED in data:
            found = self._spans(_MARK.sub(_veiled, data))
            return _merged([span for span in found if span[2] in self._around or not _MARK.search(data, span[0], span[1])])
        return _merged(self._spans(data))

    def _spans(self, data: bytes) -> list[Span]:
        found, escaped = self._found(data)
        for plain in escapes.undone(data) if escaped else ():
            found += [(plain.original(start), plain.original(end), name) for start, end, name in self._found(plain.data)[0]]
        return found

    def _found(self, data: bytes) -> tuple[list[Span], bool]:
        """Spans, in no order; whether there are escapes to undo."""
        found = list(self._named.spans(data))
        escaped = False
        for rule in self._gate.open(data):
            if rule is _ESCAPES:
                escaped = True
            else:
                found += rule.spans(data)
        return found, escaped

    def named(self, key: str, value: str) -> str:
        """The name for the mark, where ``key`` says that ``value`` is a secret; else empty."""
        return self._named.named(key, value)


def _veiled(m: re.Match[bytes]) -> bytes:
    """A mark as no rule takes it for anything."""
    return b"[%b]" % (b"-" * (len(m[0]) - 2))


@dataclass(frozen=True, slots=True, eq=False)
class _Escapes:
    """Of texts with escapes in them."""

    regex: Any

    def spans(self, data: bytes) -> Iterator[Span]:
        return iter(())


_ESCAPES = _Escapes(re2.compile(escapes.PATTERN, options=patterns.options()))


class Session:
    """The marks given out so far; numbered by order, for each name."""

    def __init__(self, redactor: Redactor, after: str = "") -> None:
        self._redactor = redactor
        self._marks: dict[bytes, bytes] = {}
        self._given: dict[str, int] = {}
        for name, number in _MARK.findall(after.encode("utf-8", "surrogatepass")) if after else ():
            self._given[name.decode()] = max(self._given.get(name.decode(), 0), int(number))

    def text(self, text: str) -> str:
        return self._redacted(text, self._redactor)

    def code(self, text: str) -> str:
        """Lines of source."""
        return self._redacted(text, self._redactor.of_code())

    def _redacted(self, text: str, redactor: Redactor) -> str:
        text = uncoloured(text)
        data = text.encode("utf-8", "surrogatepass")
        spans = redactor.spans(data)
        return self._marked(data, spans).decode("utf-8", "surrogatepass") if spans else text

    def labels(self, labels: Mapping[str, str]) -> dict[str, str]:
        """The values redacted: whole where the key says so, else as texts."""
        return {key: self._label(key, value) for key, value in labels.items()}

    def _label(self, key: str, value: str) -> str:
        name = self._redactor.named(key, value)
        return self._mark(value.encode("utf-8", "surrogatepass"), name).decode() if name else self.text(value)

    def _marked(self, data: bytes, spans: Sequence[Span]) -> bytes:
        pieces: list[bytes] = []
        end = 0
        for start, stop, name in spans:
            secret = data[start:stop]
            pieces += (data[end:start], self._marks.get(secret) or self._mark(secret, name))
            end = stop
        pieces.append(data[end:])
        return b"".join(pieces)

    def _mark(self, secret: bytes, name: str) -> bytes:
        """The same for all escaped forms of a secret."""
        plain = escapes.plain(secret)
        mark = self._marks.get(plain) if plain is not secret else None
        if mark is None:
            self._given[name] = number = self._given.get(name, 0) + 1
            mark = self._marks[plain] = b"[redacted:%b-%d]" % (name.encode(), number)
        self._marks[secret] = mark
        return mark


def _is_json(text: str) -> bool:
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return False
    return True


def _still_json(text: str) -> str:
    """A mark outside a string gets quotes. One that took the second half of an escape with it, as in ``\\nann@example.com``, takes the first."""
    return _STRING_OR_MARK.sub(lambda m: _HALF_ESCAPE.sub(r"\1", m[0]) if m[0].startswith('"') else f'"{m[0]}"', text)


def compile(rules: Mapping[str, object], secrets: Collection[str] = ()) -> Redactor:
    """A redactor of what ``rules/redaction.yaml`` says and of configured ``secrets``. Raises ValueError, naming the rule."""
    unknown = set(rules) - {"patterns", "keys", "classes", "cases"}
    if unknown:
        raise ValueError(f"{min(unknown)!r} is none of patterns, keys, classes and cases")
    classes = _classes(rules.get("classes", {}))
    every = [patterns.pattern(entry, number) for number, entry in enumerate(_list(rules.get("patterns", []), "patterns"), 1)]
    keys = named.names(rules.get("keys", {}))
    known = tuple(_configured(secrets))
    on = {kind: classes.get(kind, kind not in CONTEXT) for kind in CLASSES}
    code = _redactor(known, every, keys, {kind: kind not in CONTEXT for kind in CLASSES})
    strict = _redactor(known, every, keys, dict.fromkeys(CLASSES, True), code=code)
    return _redactor(known, every, keys, on, strict=strict)


def _redactor(
    known: Sequence[Rule],
    every: Sequence[Pattern],
    keys: Mapping[str, named.Name],
    on: Mapping[str, bool],
    *,
    strict: Redactor | None = None,
    code: Redactor | None = None,
) -> Redactor:
    """Of the classes that are ``on``."""
    of_names = named.compile({key: name for key, name in keys.items() if on.get(name.sureness, True)})
    wanted = [pattern for pattern in every if on[pattern.kind]]
    scopes = {"public": "ip", "private": "private-ip"}
    of_addresses = addresses(*(scope for scope, kind in scopes.items() if on[kind]))
    around = frozenset(pattern.name for pattern in wanted if pattern.kind in CONTEXT)
    return Redactor(Gate([*known, *wanted, *of_addresses, Columns(of_names), _ESCAPES]), of_names, around, strict, code)


def wrong_cases(rules: Mapping[str, object], redactor: Redactor) -> list[str]:
    """What does not come true of the ``cases`` of ``rules``, a sentence each."""
    wrong = []
    for number, case in enumerate(_list(rules.get("cases", []), "cases"), 1):
        if not isinstance(case, Mapping) or not {"text", "becomes"} <= set(case) <= {"text", "becomes", "strict"}:
            wrong.append(f"cases[{number}]: a case has text, becomes and, for public repositories, strict: true")
            continue
        became = (redactor.strict() if case.get("strict") else redactor).text(str(case["text"]))
        if became != case["becomes"]:
            wrong.append(f"cases[{number}]: {case['text']!r} becomes {became!r}, not {case['becomes']!r}")
    return wrong


def _merged(spans: list[Span]) -> list[Span]:
    """In order; what overlaps becomes one, by the name of the first."""
    if _in_order(spans):
        return spans
    merged: list[Span] = []
    for start, end, name in sorted(spans, key=lambda span: (span[0], -span[1])):
        if merged and start < merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]), merged[-1][2])
        else:
            merged.append((start, end, name))
    return merged


def _in_order(spans: list[Span]) -> bool:
    last = 0
    for start, end, _ in spans:
        if start < last:
            return False
        last = end
    return True


def _list(value: object, what: str) -> Sequence[object]:
    if not isinstance(value, Sequence) or isinstance(value, str):
        raise ValueError(f"{what} is a list")
    return value


def _classes(value: object) -> dict[str, bool]:
    if not isinstance(value, Mapping):
        raise ValueError("classes says true or false for each class of personal data")
    for name, on in value.items():
        if name not in CLASSES[1:] or not isinstance(on, bool):
            raise ValueError(f"classes.{name}: {on!r}; a class is one of {', '.join(CLASSES[1:])}, and true or false")
    return dict(value)


# Configured values


def _configured(secrets: Collection[str]) -> Iterator[Pattern]:
    forms = {form for secret in secrets if len(secret) >= SHORTEST_CONFIGURED for form in _forms(secret)}
    if forms:
        # the longest first: RE2 takes the first alternative that matches
        any_of_them = "|".join(re2.escape(form) for form in sorted(forms, key=lambda form: (-len(form), form)))
        yield Pattern("configured", "secret", re2.compile(any_of_them, options=patterns.options()), 0, None)


def _forms(secret: str) -> Iterator[str]:
    """As it is, in a URL, in JSON, and in Base64 wherever in the encoded text it stands."""
    yield from (secret, quote(secret, safe=""), quote_plus(secret), json.dumps(secret)[1:-1], json.dumps(secret, ensure_ascii=False)[1:-1])
    data = secret.encode()
    for before in range(3):
        encoded = base64.b64encode(b"\0" * before + data).decode().rstrip("=")
        # the first and the last character also encode bits of the neighbours
        whole = encoded[-(-before * 4 // 3) : (before + len(data)) * 4 // 3]
        yield from (whole, whole.replace("+", "-").replace("/", "_"))
