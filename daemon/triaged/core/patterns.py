"""What tells by itself what it is: tokens with a prefix of their own, keys in PEM, URLs with a password in them, mail addresses.

All patterns are one or two passes of RE2 over a text: a filter looks for the literals that patterns need, and what needs none is
in one automaton. Only a pattern that can match is tried.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import re2

from triaged.core import looks, personal

CONTEXT = ("query", "header", "variable")
"""What an error happened with, whatever it holds: query strings, headers of requests, variables. Marks may stand in it."""

CLASSES = ("secret", "email", "ip", "private-ip", "card", "phone", "iban", "ssn", "user", *CONTEXT)
"""What a pattern can be of. Secrets are always redacted, the others where ``classes`` says so, and all of them in strict mode."""

Span = tuple[int, int, str]
"""Start and end in the UTF-8 of a text, and the name for the mark."""

_NAME = re.compile(r"[a-z][a-z0-9]*(?:-[a-z0-9]+)*")
_LONGEST_PATTERN = 1000

Check = Callable[[bytes, int, int], bool]
"""Of a text and where in it something was found: is it really one?"""


def _of_text(looks_so: Callable[[str], bool]) -> Check:
    return lambda data, start, end: looks_so(data[start:end].decode("utf-8", "replace"))


CHECKS: Mapping[str, Check] = {
    "random": _of_text(looks.random),
    "mixed": _of_text(looks.mixed),
    "value": _of_text(lambda text: not looks.placeholder(text)),
    "luhn": personal.is_card,
    "iban": personal.is_iban,
    "ssn": personal.is_ssn,
    "email": personal.is_email,
}


class Rule(Protocol):
    """Finds things in a text in which its ``regex`` matches somewhere."""

    @property
    def regex(self) -> Any: ...

    def spans(self, data: bytes) -> Iterator[Span]: ...


@dataclass(frozen=True, slots=True, eq=False)
class Pattern:
    """A line of ``patterns`` in ``rules/redaction.yaml``."""

    name: str
    kind: str
    """One of CLASSES."""
    regex: Any
    group: int
    """Which of its groups is redacted; 0: all of it."""
    check: Check | None

    def spans(self, data: bytes) -> Iterator[Span]:
        group, check = self.group, self.check
        for m in self.regex.finditer(data):
            start, end = m.span(group)
            if start < end and (check is None or check(data, start, end)):
                yield start, end, self.name


def pattern(entry: object, number: int) -> Pattern:
    """Of a line of ``patterns``. Raises ValueError, naming it."""
    name = entry.get("name") if isinstance(entry, Mapping) else None
    place = f"patterns[{number}]" + (f" ({name})" if name else "")
    if not isinstance(entry, Mapping) or not isinstance(name, str) or not _NAME.fullmatch(name) or len(name) > 40:
        raise ValueError(f"{place}: a pattern has a name of lower-case letters, digits and hyphens, such as aws-key")
    if unknown := set(entry) - {"name", "pattern", "class", "check"}:
        raise ValueError(f"{place}: {min(map(str, unknown))!r} is none of name, pattern, class and check")
    kind, check = entry.get("class", "secret"), entry.get("check")
    if kind not in CLASSES:
        raise ValueError(f"{place}: class {kind!r} is none of {', '.join(CLASSES)}")
    if check is not None and check not in CHECKS:
        raise ValueError(f"{place}: check {check!r} is none of {', '.join(CHECKS)}")
    regex = _regex(entry.get("pattern"), place)
    return Pattern(name, kind, regex, regex.groups, CHECKS.get(check) if isinstance(check, str) else None)


def _regex(written: object, place: str) -> Any:
    if not isinstance(written, str) or not 0 < len(written) <= _LONGEST_PATTERN:
        raise ValueError(f"{place}: pattern is an RE2 pattern of 1 to {_LONGEST_PATTERN} characters")
    try:
        regex = re2.compile(written, options=options())
    except re2.error as error:
        raise ValueError(f"{place}: RE2 does not take {written!r}: {error.args[0].decode()}") from None
    if regex.groups > 1:
        raise ValueError(f"{place}: pattern has {regex.groups} groups; at most one, around what is redacted (others begin with '(?:')")
    if regex.search(b""):
        raise ValueError(f"{place}: pattern matches the empty text, so it would match everywhere")
    return regex


def options() -> Any:
    made = re2.Options()
    made.log_errors = False
    return made


class Gate:
    """Which of several rules are worth trying on a text."""

    def __init__(self, rules: Sequence[Rule]) -> None:
        literal = [_needs_literal(rule) for rule in rules]
        self._rules = rules
        self._by_literal = [rule for rule, needs in zip(rules, literal, strict=True) if needs]
        self._others = [rule for rule, needs in zip(rules, literal, strict=True) if not needs]
        self._filter, self._set = re2.Filter(), re2.Set.SearchSet(options())
        for rule in self._by_literal:
            self._filter.Add(rule.regex.pattern, options())
        for rule in self._others:
            self._set.Add(rule.regex.pattern)
        if self._by_literal:
            self._filter.Compile()
        if self._others:
            self._set.Compile()

    def open(self, data: bytes) -> list[Rule]:
        """Those that may find something in ``data``."""
        found = [self._by_literal[index] for index in self._filter.Match(data, True) or ()] if self._by_literal else []
        return found + [self._others[index] for index in self._set.Match(data) or ()] if self._others else found


# Every two of the characters that patterns are written with, and words that stand in every log
_SOUP = (
    "".join(a + b for a in "abcdefghijklmnopqrstuvwxyz0123456789_-.:/@=" for b in "eqz07_-.:/@=, ")
    + " auth user unix tcp http:// https:// "
)


def _needs_literal(rule: Rule) -> bool:
    """Whether three characters in a row, no everyday word, tell that the rule cannot match."""
    alone = re2.Filter()
    alone.Add(rule.regex.pattern, options())
    alone.Compile()
    return not alone.Match(_SOUP.encode(), True)
