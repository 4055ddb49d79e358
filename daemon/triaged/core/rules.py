"""The rule language: what stands under ``when:`` and ``match:``, compiled once into closures.

    {code.found: true, service: {glob: "checkout-*"}}            all of it must hold
    {code: {found: true}, labels: {team: web}}                   the same names, nested
    {frames: {path: {glob: "app/*"}, in_app: true}}              one frame for which all of it holds
    {any: [{level: fatal}, {not: {environment: staging}}]}       any, all, not: around conditions...
    {message: {any: [{regex: "^timeout"}, {glob: "*refused"}]}}  ...and within one

A condition on a fact is a plain value (equality) or a mapping of operators that must all hold: ``in``, ``glob`` (``*``, ``?``, ``[a-z]``;
the whole text), ``regex`` (RE2, anywhere in the text: https://github.com/google/re2/wiki/Syntax), ``gt ge lt le``, ``exists``.
"""

import functools
import operator
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import re2

from triaged.core.facts import FACTS, FRAME_FACTS, Fact, Facts, Keys, nearest, shown
from triaged.errors import WrongConfig

PlaceOf: TypeAlias = Callable[[Keys], str]
"""The way to a key, counted from the condition's own mapping, to its ``file:line:column``."""
Holds: TypeAlias = Callable[[Any], bool]

MOST_BYTES = 64 * 1024
"""Of a text, that a pattern looks at."""

_OPTIONS = re2.Options()
_OPTIONS.log_errors = False  # RE2 would print them to stderr

_AROUND = ("any", "all", "not")
_FOR_TEXT = ("in", "glob", "regex", "exists", *_AROUND)
_FOR_NUMBERS = ("in", "gt", "ge", "lt", "le", *_AROUND)
_ELSEWHERE: Mapping[str, str] = {
    "and": "write `all`",
    "or": "write `any`",
    **dict.fromkeys(("eq", "==", "=", "is", "equals"), "write the value itself"),
    **dict.fromkeys(("ne", "neq", "!=", "is_not"), "write {not: VALUE}"),
    **dict.fromkeys(("contains", "includes"), 'write {glob: "*TEXT*"}'),
    **dict.fromkeys(("starts_with", "startswith", "prefix"), 'write {glob: "TEXT*"}'),
    **dict.fromkeys(("ends_with", "endswith", "suffix"), 'write {glob: "*TEXT"}'),
    **{
        sign: f"did you mean `{name}`?"
        for sign, name in ((">", "gt"), (">=", "ge"), ("gte", "ge"), ("lte", "le"), ("<", "lt"), ("<=", "le"), ("min", "ge"), ("max", "le"))
    },
}
"""What other languages of rules call ours."""
_COMPARISONS: Mapping[str, tuple[Callable[[Any, Any], bool], str]] = {
    "gt": (operator.gt, "greater than"),
    "ge": (operator.ge, "at least"),
    "lt": (operator.lt, "less than"),
    "le": (operator.le, "at most"),
}


@dataclass(frozen=True, slots=True)
class Matcher:
    """A compiled condition. Called with facts it says whether it holds."""

    holds: Holds
    why: Callable[[Any], str]
    """What made it hold, or the first thing that did not, each with what the fact was."""

    def __call__(self, facts: Facts) -> bool:
        return self.holds(facts)


ALWAYS = Matcher(lambda _: True, lambda _: "it asks for nothing")
_NEVER = Matcher(lambda _: False, lambda _: "it is wrong")


def compile(when: object, place_of: PlaceOf, table: Mapping[str, Fact] = FACTS) -> Matcher:
    """A condition that may ask about the facts of ``table``. Raises WrongConfig for the first thing that is wrong."""
    reading = _Reading(place_of, table)
    matcher = reading.conditions(when, ())
    if reading.mistakes:
        raise reading.mistakes[0]
    return matcher


def mistakes(when: object, place_of: PlaceOf, table: Mapping[str, Fact] = FACTS) -> list[WrongConfig]:
    """Everything that is wrong with a condition."""
    reading = _Reading(place_of, table)
    reading.conditions(when, ())
    return reading.mistakes


class Pattern:
    """An RE2 pattern: linear in the text, of which it looks at the first 64 KB."""

    def __init__(self, text: str, place: str) -> None:
        """Raises WrongConfig."""
        if text.startswith("/^"):
            raise WrongConfig(
                place, "a slash cannot stand before the beginning of the text; write the pattern without the slashes, with `(?i)` for `/i`"
            )
        try:
            self._compiled = re2.compile(text, _OPTIONS)
        except (re2.error, UnicodeEncodeError) as error:
            raise WrongConfig(place, _what_re2_lacks(error)) from None
        self.names: tuple[str, ...] = tuple(self._compiled.groupindex)

    def holds(self, text: str) -> bool:
        """Whether it matches anywhere."""
        return self._compiled.search(_cut(text)) is not None

    def replaced(self, text: str, by: str) -> str:
        """The text with ``by`` for each match."""
        replaced: bytes = self._compiled.sub(by.replace("\\", r"\\").encode("utf-8", "replace"), _cut(text))
        return replaced.decode("utf-8", "replace") + text[MOST_BYTES:]

    def captures(self, text: str) -> dict[str, str] | None:
        """The named groups of its first match, empty where one took no part; None where it does not match."""
        found = self._compiled.search(_cut(text))
        return None if found is None else {name: (found[name] or b"").decode("utf-8", "replace") for name in self.names}


def _cut(text: str) -> bytes:
    # bytes: RE2's offsets in them need no translation, and half of a UTF-16 pair must not raise
    return text[:MOST_BYTES].encode("utf-8", "replace")[:MOST_BYTES]


_RE2_REMEDIES: Mapping[str, str] = {
    "missing )": "close the parenthesis, or write `\\(` for one in the text",
    "missing ]": "close the bracket, or write `\\[` for one in the text",
    "unexpected )": "open the parenthesis, or write `\\)` for one in the text",
    "no argument for repetition operator": "write `.*` for anything, or `glob:` instead of `regex:`",
    "invalid named capture group": "write `(?P<NAME>...)`",
}


def _what_re2_lacks(error: Exception) -> str:
    reason = error.args[0].decode("utf-8", "replace") if isinstance(error, re2.error) else str(error)
    for begins, remedy in _RE2_REMEDIES.items():
        if reason.startswith(begins):
            return f"not a pattern that RE2 can read: {reason}; {remedy}"
    if reason.startswith(("invalid perl operator: (?=", "invalid perl operator: (?!", "invalid perl operator: (?<")):
        return f"RE2 has no look-around (`{reason[23:]}`); match what stands there itself, or put `not:` around a second pattern"
    if reason.startswith("invalid escape sequence: \\") and reason[26:27].isdigit():
        return f"RE2 has no back-references (`{reason[25:]}`); write what may stand there out"
    if reason == "invalid escape sequence: \\Z":
        return "RE2 has no `\\Z`; write `\\z`"
    return f"not a pattern that RE2 can read: {reason}; see https://github.com/google/re2/wiki/Syntax"


class _Reading:
    """Compiles one condition, and notes what is wrong with it on the way."""

    def __init__(self, place_of: PlaceOf, table: Mapping[str, Fact]) -> None:
        self._place_of = place_of
        self._table = table
        self.mistakes: list[WrongConfig] = []

    # ------------------------------------------------ several facts

    def conditions(self, written: object, keys: Keys, prefix: str = "") -> Matcher:
        """A mapping of facts to conditions, all of which must hold; ``prefix`` is what stands before their names."""
        if not isinstance(written, Mapping):
            around = " (of a list write `any: [...]` or `all: [...]`)" if isinstance(written, list) else ""
            return self._wrong(keys, f"conditions are a mapping, such as {{code.found: true}}{around}; here stands {shown(written)}")
        if not written and keys:
            return self._wrong(keys, "this asks for nothing; write a condition, or take it out")
        return _all([self._condition(key, value, (*keys, key), prefix) for key, value in written.items()])

    def _condition(self, key: str, value: object, keys: Keys, prefix: str = "") -> Matcher:
        if key in _AROUND:
            return self._around(key, value, keys, lambda inner, at: self.conditions(inner, at, prefix))
        name = prefix + key
        first, _, rest = name.partition(".")
        if rest and name not in self._table and first in self._table and self._table[first].type in ("mapping", "frames"):
            return self._one_inside(self._table[first], rest, value, keys)
        if name in self._table:
            return self._fact(self._table[name], value, keys)
        if isinstance(value, Mapping) and any(known.startswith(name + ".") for known in self._table):
            return self.conditions(value, keys, name + ".")
        return self._wrong(keys, f"no fact is called `{name}` here; {self._meant(name)}")

    def _meant(self, name: str) -> str:
        if name in _ELSEWHERE:
            return _ELSEWHERE[name]
        if name in FRAME_FACTS and "frames" in self._table:
            return f"did you mean `frames.{name}`?"
        meant = nearest(name, self._table)
        return f"{meant}; a label is asked as `labels.{name}`" if meant.startswith("there are") and "labels" in self._table else meant

    def _around(self, key: str, value: object, keys: Keys, inner: Callable[[object, Keys], Matcher]) -> Matcher:
        """``any``, ``all`` and ``not`` around whatever ``inner`` reads."""
        if key == "not":
            return _not(inner(value, keys))
        if not isinstance(value, list) or not value:
            return self._wrong(keys, f"`{key}` wants a list of conditions; here stands {shown(value)}")
        parts = [inner(item, (*keys, i)) for i, item in enumerate(value)]
        return _any(parts) if key == "any" else _all(parts)

    # ------------------------------------------------------ one fact

    def _fact(self, fact: Fact, written: object, keys: Keys) -> Matcher:
        if fact.type in ("mapping", "frames"):
            return self._inside(fact, written, keys)
        value, name = self._value(fact, written, keys), fact.name
        holds = value.holds
        return Matcher(lambda facts: holds(facts[name]), lambda facts: f"{name} {value.why(facts[name])}")

    def _inside(self, fact: Fact, written: object, keys: Keys) -> Matcher:
        """``labels: {team: web}`` and ``frames: {path: app.py, in_app: true}``."""
        if not isinstance(written, Mapping) or not written:
            example = "{team: web}" if fact.type == "mapping" else '{path: {glob: "app/*"}}'
            return self._wrong(keys, f"`{fact.name}` wants a mapping, such as {example}; here stands {shown(written)}")
        if fact.type == "frames":
            return _any_frame(self._of_frames().conditions(written, keys))
        return _all([self._one_inside(fact, name, value, (*keys, name)) for name, value in written.items()])

    def _one_inside(self, fact: Fact, name: str, value: object, keys: Keys) -> Matcher:
        """``labels.team: web`` and ``frames.path: app.py``."""
        if fact.type == "frames":
            return _any_frame(self._of_frames()._condition(name, value, keys))
        label = Fact(f"{fact.name}.{name}", "str", "")
        asked = self._value(label, value, keys)
        holds = asked.holds
        return Matcher(
            lambda facts: holds(facts["labels"].get(name, "")),
            lambda facts: f"{label.name} {asked.why(facts['labels'].get(name, ''))}",
        )

    def _of_frames(self) -> "_Reading":
        inner = _Reading(self._place_of, FRAME_FACTS)
        inner.mistakes = self.mistakes
        return inner

    # ----------------------------------------------------- its value

    def _value(self, fact: Fact, written: object, keys: Keys) -> Matcher:
        """A condition on the value of a fact: a plain value, or operators that must all hold."""
        if isinstance(written, Mapping):
            if not written:
                return self._wrong(keys, "this asks for nothing; write a value or an operator")
            return _all([self._operator(fact, key, given, (*keys, key)) for key, given in written.items()])
        if isinstance(written, list):
            return self._wrong(keys, f"`{fact.name}` is compared with a list; write {{in: [...]}}")
        if not self._suits(fact, written, keys):
            return _NEVER
        return _test(functools.partial(operator.eq, written), shown(written) if written != "" else "missing")

    def _operator(self, fact: Fact, key: str, given: object, keys: Keys) -> Matcher:
        known = _FOR_TEXT if fact.type == "str" else _FOR_NUMBERS if fact.type in ("int", "float") else _AROUND
        if key not in known:
            return self._wrong(
                keys, f"`{fact.name}` is {fact.called}, and `{key}` does not ask that; {_ELSEWHERE.get(key) or nearest(key, known)}"
            )
        if key in _AROUND:
            return self._around(key, given, keys, lambda inner, at: self._value(fact, inner, at))
        if key == "in":
            return self._in(fact, given, keys)
        if key == "exists":
            if not isinstance(given, bool):
                return self._wrong(keys, f"`exists` wants true or false; here stands {shown(given)}")
            return _test(lambda value: bool(value) == given, "given" if given else "missing")
        if key in _COMPARISONS:
            return self._comparison(fact, key, given, keys)
        if not isinstance(given, str):
            return self._wrong(keys, f"`{key}` wants text; here stands {shown(given)}: put it in quotes")
        try:
            holds = Pattern(given, self._place_of(keys)).holds if key == "regex" else _glob(given, self._place_of(keys))
        except WrongConfig as error:
            self.mistakes.append(error)
            return _NEVER
        return _test(holds, f"{'matching' if key == 'regex' else 'like'} {shown(given)}")

    def _in(self, fact: Fact, given: object, keys: Keys) -> Matcher:
        if not isinstance(given, list) or not given:
            return self._wrong(keys, f"`in` wants a list of values; here stands {shown(given)}")
        if [value for i, value in enumerate(given) if not self._suits(fact, value, (*keys, i))]:
            return _NEVER
        return _test(frozenset(given).__contains__, f"one of {', '.join(map(shown, given))}")

    def _comparison(self, fact: Fact, key: str, bound: Any, keys: Keys) -> Matcher:
        if not self._suits(fact, bound, keys):
            return _NEVER
        compare, words = _COMPARISONS[key]
        return _test(lambda value: compare(value, bound), f"{words} {shown(bound)}")

    def _suits(self, fact: Fact, value: object, keys: Keys) -> bool:
        """Whether ``fact`` can have that value at all; notes it where it cannot."""
        if refused := fact.refuses(value):
            self._wrong(keys, refused)
        return not refused

    def _wrong(self, keys: Keys, what: str) -> Matcher:
        self.mistakes.append(WrongConfig(self._place_of(keys), what))
        return _NEVER


def _test(holds: Holds, words: str) -> Matcher:
    """A test of one value. ``words`` complete "it is ..."."""

    def why(value: object) -> str:
        actual = shown(value) if value != "" else "missing"
        if not holds(value):
            return f"is {actual}, not {words}"
        return f"is {actual}" if actual == words else f"is {actual} ({words})"

    return Matcher(holds, why)


def _all(parts: Sequence[Matcher]) -> Matcher:
    if len(parts) == 1:
        return parts[0]
    tests = tuple(part.holds for part in parts)

    def holds(facts: Any) -> bool:
        for test in tests:  # noqa: SIM110 - all() over a generator takes three times as long, and so does any()
            if not test(facts):
                return False
        return True

    def why(facts: Any) -> str:
        failed = next((part for part in parts if not part.holds(facts)), None)
        return failed.why(facts) if failed else " and ".join(part.why(facts) for part in parts) or ALWAYS.why(facts)

    return Matcher(holds, why)


def _any(parts: Sequence[Matcher]) -> Matcher:
    tests = tuple(part.holds for part in parts)

    def holds(facts: Any) -> bool:
        for test in tests:  # noqa: SIM110
            if test(facts):
                return True
        return False

    def why(facts: Any) -> str:
        held = next((part for part in parts if part.holds(facts)), None)
        return held.why(facts) if held else " and ".join(part.why(facts) for part in parts)

    return Matcher(holds, why)


def _not(part: Matcher) -> Matcher:
    def why(facts: Any) -> str:
        return f"{part.why(facts)}, and must not" if part.holds(facts) else part.why(facts)

    return Matcher(lambda facts: not part.holds(facts), why)


def _any_frame(frame: Matcher) -> Matcher:
    def why(facts: Facts) -> str:
        frames = facts["frames"]
        if not frames:
            return "there are no frames"
        fits = next((one for one in frames if frame.holds(one)), None)
        return f"no frame fits; of the innermost {frame.why(frames[-1])}" if fits is None else f"of a frame {frame.why(fits)}"

    return Matcher(lambda facts: any(map(frame.holds, facts["frames"])), why)


# *   ?   [a-z]   [!0-9]
_WILDCARD = re.compile(r"\*|\?|\[[^\[\]]+\]")


def _glob(text: str, place: str) -> Holds:
    """Whether a glob fits the whole of a text. The plain shapes need no pattern: they are most, and ten times as fast."""
    wildcards = _WILDCARD.findall(text)
    start, _, end = text.partition("*")
    if wildcards == ["*"]:
        least = len(start) + len(end)
        return lambda value: len(value) >= least and value.startswith(start) and value.endswith(end)
    if wildcards == ["*", "*"] and text[0] == text[-1] == "*":
        return lambda value: text[1:-1] in value
    parts = zip(_WILDCARD.split(text), [*map(_wildcard, wildcards), ""], strict=True)
    return Pattern("(?s)\\A" + "".join(re2.escape(plain) + wildcard for plain, wildcard in parts) + "\\z", place).holds


def _wildcard(text: str) -> str:
    if text in ("*", "?"):
        return ".*" if text == "*" else "."
    return text.replace("\\", "\\\\").replace("[!", "[^", 1)
