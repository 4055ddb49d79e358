"""YAML as people write it; knows where each key stands.

Only plain data comes out, by a strict subset of YAML 1.2 (https://yaml.org/spec/1.2.2/#103-core-schema): ``true`` and ``false`` are the
only booleans (``on``, ``yes`` and ``no`` stay text), numbers are decimal (``010``, ``1_000``, ``12:30`` and ``1e3`` stay text), dates
stay text. Tags, anchors, aliases, duplicate keys, keys that are no text, deep nesting and second documents are refused with their place.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

import yaml

from triaged.errors import WrongConfig

Keys: TypeAlias = tuple[str | int, ...]
"""The way to a value: keys of mappings and indices of lists."""

MOST_BYTES = 1024 * 1024
DEEPEST = 20

# libyaml reads ten times faster; without it PyYAML reads the same
_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

# a bell, half of a UTF-16 pair: https://yaml.org/spec/1.2.2/#51-character-set
_UNPRINTABLE = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
# 0   -12   20
_INT = re.compile(r"[-+]?(?:0|[1-9][0-9]{0,17})")
# 0.8   -.05
_FLOAT = re.compile(r"[-+]?[0-9]{0,17}\.[0-9]{1,17}")
_CURLY = frozenset("“”„‘’‚«»")
_NAMED: Mapping[str, bool | None] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL"), None),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}


@dataclass(frozen=True, slots=True)
class Document:
    """One YAML file, read."""

    name: str
    data: Any
    """dict, list, str, int, float, bool or None."""
    places: Mapping[Keys, tuple[int, int]]
    """Line and column of each key and item, 1-based."""

    def place(self, keys: Keys) -> str:
        """``file:line:column`` of a key; of the nearest one around it where there is no such key."""
        while keys not in self.places:
            keys = keys[:-1]
        line, column = self.places[keys]
        return f"{self.name}:{line}:{column}"

    def under(self, *keys: str | int) -> Callable[[Keys], str]:
        """``place`` for keys that are counted from ``keys`` on."""
        return lambda rest: self.place((*keys, *rest))


def read(file: Path) -> Document:
    """A file on disk, at most 1 MiB of UTF-8. Raises WrongConfig."""
    name = str(file)
    try:
        if not file.is_file():
            raise WrongConfig(name, "there is no such file" if not file.exists() else "this is no regular file")
        with file.open("rb") as opened:
            content = opened.read(MOST_BYTES + 1)
    except OSError as error:
        raise WrongConfig(name, f"it cannot be read: {error.strerror}; the user that runs triaged needs to be able to") from None
    if len(content) > MOST_BYTES:
        raise WrongConfig(name, "it is larger than 1 MiB; split it, or take out what is no rule")
    try:
        text = content.decode()
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        column = error.start - content.rfind(b"\n", 0, error.start)
        raise WrongConfig(f"{name}:{line}:{column}", "this is no UTF-8; save the file as UTF-8") from None
    return load(text, name)


def load(text: str, name: str) -> Document:
    """A YAML text; ``name`` is what places begin with. Raises WrongConfig, and nothing else."""
    if len(text) > MOST_BYTES:
        raise WrongConfig(name, "it is larger than 1 MiB; split it, or take out what is no rule")
    if bad := _UNPRINTABLE.search(text):
        line, column = text.count("\n", 0, bad.start()) + 1, bad.start() - text.rfind("\n", 0, bad.start())
        what = f"the character U+{ord(bad[0]):04X} must not stand in YAML; take it out, or write it as an escape in double quotes"
        raise WrongConfig(f"{name}:{line}:{column}", what)
    try:
        return _Reading(yaml.parse(text, Loader=_LOADER), name).document()
    except yaml.MarkedYAMLError as error:
        raise _syntax(error, text, name) from None


class _Reading:
    """One pass over the events of a text. Events, not nodes: an anchor shows in them, and depth is looked at before anything recurses."""

    def __init__(self, events: Iterator[Any], name: str) -> None:
        self._events = events
        self._name = name
        self._places: dict[Keys, tuple[int, int]] = {(): (1, 1)}

    def document(self) -> Document:
        data = None
        for count, event in enumerate(event for event in self._events if isinstance(event, yaml.DocumentStartEvent)):
            if count:
                raise self._wrong(event, "a second document begins here; one file holds one: take `---` out")
            data = self._value(next(self._events), ())
        return Document(self._name, data, self._places)

    def _value(self, event: Any, keys: Keys) -> Any:
        self._places.setdefault(keys, (event.start_mark.line + 1, event.start_mark.column + 1))
        if isinstance(event, yaml.AliasEvent) or event.anchor:
            raise self._wrong(
                event,
                "anchors and aliases are not allowed; write the value out; if it is text that begins with `*` or `&`, put it in quotes",
            )
        if event.tag is not None:
            raise self._wrong(
                event, f"the tag `{event.tag}` is not allowed; write plain data; if it is text that begins with `!`, put it in quotes"
            )
        if isinstance(event, yaml.ScalarEvent):
            if not event.style and event.value[:1] in _CURLY:
                raise self._wrong(event, f"`{event.value[0]}` is no quote in YAML; write straight quotes")
            return event.value if event.style else _plain(event.value)
        if len(keys) >= DEEPEST:
            raise self._wrong(event, f"this is nested more than {DEEPEST} levels deep; rules need far fewer")
        return self._mapping(keys) if isinstance(event, yaml.MappingStartEvent) else self._list(keys)

    def _list(self, keys: Keys) -> list[Any]:
        items: list[Any] = []
        while not isinstance(event := next(self._events), yaml.SequenceEndEvent):
            items.append(self._value(event, (*keys, len(items))))
        return items

    def _mapping(self, keys: Keys) -> dict[str, Any]:
        found: dict[str, Any] = {}
        while not isinstance(event := next(self._events), yaml.MappingEndEvent):
            key = self._key(event)
            if key in found:
                first = self._places[(*keys, key)][0]
                raise self._wrong(event, f"the key `{key}` stands here a second time (first in line {first}); take one out")
            self._places[(*keys, key)] = (event.start_mark.line + 1, event.start_mark.column + 1)
            found[key] = self._value(next(self._events), (*keys, key))
        return found

    def _key(self, event: Any) -> str:
        if isinstance(event, yaml.ScalarEvent) and not event.anchor and event.tag is None:
            if event.style or isinstance(_plain(event.value), str):
                return str(event.value)
            raise self._wrong(event, f"the key `{event.value}` is no text; put it in quotes")
        raise self._wrong(event, "a key must be plain text")

    def _wrong(self, event: Any, what: str) -> WrongConfig:
        return WrongConfig(f"{self._name}:{event.start_mark.line + 1}:{event.start_mark.column + 1}", what)


def _plain(value: str) -> str | int | float | bool | None:
    """An unquoted scalar."""
    if value in _NAMED:
        return _NAMED[value]
    if _INT.fullmatch(value):
        return int(value)
    return float(value) if _FLOAT.fullmatch(value) else value


def _syntax(error: yaml.MarkedYAMLError, text: str, name: str) -> WrongConfig:
    mark = error.problem_mark or error.context_mark
    problem, context = error.problem or "", error.context or ""
    if error.context_mark is not None and ("end of stream" in problem or "scanning a tag" in context):
        mark = error.context_mark  # where the quote was opened, not where the file ends
    if mark is None:
        return WrongConfig(name, f"not valid YAML: {error.problem}")
    place = f"{name}:{mark.line + 1}:{mark.column + 1}"
    lines = text.splitlines()
    if mark.line < len(lines) and lines[mark.line][mark.column : mark.column + 1] == "\t":
        return WrongConfig(place, "a tab stands where YAML wants spaces; indent with spaces")
    around = f" {context}" if context else ""
    if around and error.context_mark is not None and error.context_mark.line != mark.line:
        around += f" that begins in line {error.context_mark.line + 1}"
    before = lines[mark.line][: mark.column] if mark.line < len(lines) else ""
    return WrongConfig(place, f"not valid YAML: {problem}{around}; {_remedy(problem, context, before)}")


def _remedy(problem: str, context: str, before: str) -> str:
    """What would be right; ``before`` is what stands before the mistake in its line."""
    if "escape" in problem:
        return "a backslash begins an escape in double quotes: use single quotes"
    if "quoted" in context:
        return "close the quote"
    if "flow" in context:
        return "close the bracket, and put a comma between items"
    if re.fullmatch(r" *(- +)*[\w.-]*", before) and ("mapping values" in problem or "block" in context):
        return "keys of one mapping begin in the same column"
    return "a value with `: `, `#`, or `{`, `[`, `*`, `@` or `%` at its beginning is no plain text: put it in quotes"
