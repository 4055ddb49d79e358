"""The facts that rules may ask about: what each is called, what it holds, and how an event and what we found out become facts.

Facts are a flat mapping of dotted names (``code.found``). ``labels`` and ``frames`` hold more: ``labels.team`` asks for one label,
``frames.path`` for any frame.
"""

import difflib
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Literal, TypeAlias

from triaged.core.model import Event, Frame, Group, Place, Score, Suggestion
from triaged.errors import WrongConfig

Facts: TypeAlias = Mapping[str, Any]
Keys: TypeAlias = tuple[str | int, ...]
"""The way to a key in what a person wrote."""
Type: TypeAlias = Literal["str", "int", "float", "bool", "frames", "mapping"]

_MOST_SHOWN = 80
_NOES = frozenset({"no", "off", "false", "n", "0"})
_NOTHING: Mapping[Type, Any] = {"str": "", "int": 0, "float": 0.0, "bool": False, "frames": (), "mapping": MappingProxyType({})}
_TAKEN: Mapping[Type, tuple[type, ...]] = {
    "str": (str,),
    "int": (int, float),
    "float": (int, float),
    "bool": (bool,),
    "frames": (list, tuple),
    "mapping": (Mapping,),
}
_CALLED: Mapping[Type, str] = {
    "str": "text",
    "int": "a number",
    "float": "a number",
    "bool": "true or false",
    "frames": "a list of frames",
    "mapping": "a mapping of names to text",
}


@dataclass(frozen=True, slots=True)
class Fact:
    """One thing that rules may ask about."""

    name: str
    type: Type
    doc: str
    values: tuple[str, ...] = ()
    """The only ones it can have; empty: any."""
    most: float | None = None
    """The greatest it can be, the least being 0; None: there is none."""

    @property
    def called(self) -> str:
        """Its type in words: ``text``, ``a number``..."""
        return _CALLED[self.type]

    def refuses(self, value: object) -> str:
        """Why it can never have that value, and what it can; empty where it can."""
        if not isinstance(value, _TAKEN[self.type]) or (isinstance(value, bool) and self.type != "bool"):
            return f"`{self.name}` is {self.called}, and here stands {shown(value)}{self._remedy(value)}"
        if isinstance(value, (int, float)) and self.most is not None and not 0 <= value <= self.most:
            return f"`{self.name}` is never {shown(value)}; write a number between 0 and {self.most:g}"
        if self.values and value not in self.values:
            return f"`{self.name}` is never {shown(value)}; {nearest(str(value), filter(None, self.values))}"
        return ""

    def _remedy(self, value: object) -> str:
        if value is None:
            return "; write a value"
        if self.type == "str":
            return "; put it in quotes" if isinstance(value, (int, float)) else ""
        if self.type == "bool":
            return f"; write `{'false' if str(value).lower() in _NOES else 'true'}`"
        if self.most is not None:
            return f"; write a number between 0 and {self.most:g}, without quotes"
        return "; take the quotes away" if isinstance(value, str) and value.replace(".", "", 1).isdecimal() else ""


def _table(*facts: Fact) -> Mapping[str, Fact]:
    return MappingProxyType({fact.name: fact for fact in facts})


FACTS = _table(
    Fact("source", "str", "The name of the source it came from, such as `sentry`"),
    Fact("type", "str", "The exception's type as printed; empty for a plain message"),
    Fact("message", "str", "The message, without the type"),
    Fact("level", "str", "How bad the sender says it is; empty where it does not say", ("debug", "info", "warning", "error", "fatal", "")),
    Fact("language", "str", "The language of the stack trace; empty without one"),
    Fact("category", "str", "What kind of failure it is"),
    Fact("service", "str", "The label `service`"),
    Fact("environment", "str", "The label `environment`"),
    Fact("release", "str", "The label `release`"),
    Fact("repository", "str", "Where the code was found, `owner/name`; empty where it was not"),
    Fact("labels", "mapping", "What the sender says about it, by name: `labels.team`"),
    Fact("stack.present", "bool", "There is a stack trace with at least one frame"),
    Fact("stack.in_app", "bool", "At least one frame is our own code"),
    Fact("frames", "frames", "The frames of the stack trace, innermost last; a condition holds if one frame fits"),
    Fact("code.found", "bool", "A file of the repository was found for the frame to blame"),
    Fact(
        "code.line",
        "str",
        "What that file says about the frame's line; empty where none was found",
        ("confirmed", "moved", "stale", "missing", "unchecked", ""),
    ),
    Fact("code.path", "str", "That file, as the repository has it"),
    Fact("code.certain", "bool", "The commit is the one that ran, not only the default branch"),
    Fact("logs.related", "int", "How many related log lines are known"),
    Fact("fix.present", "bool", "There is a diff to propose; a hint alone is no fix"),
    Fact("fix.verified", "bool", "The fix has passed its checks"),
    Fact("confidence", "float", "The score, 0 to 1; not known yet while it is being scored", most=1),
    Fact("group.count", "int", "How often the error was seen, this time included"),
    Fact("group.new", "bool", "It is seen for the first time"),
    Fact("group.sources", "int", "How many sources have told of it, this one included"),
)
"""By name."""

FRAME_FACTS = _table(
    Fact("path", "str", "As the trace prints it"),
    Fact("function", "str", "As the trace prints it"),
    Fact("module", "str", "Dotted module or package; empty where the language prints none"),
    Fact("line", "int", "1-based; 0 where it is not known"),
    Fact("in_app", "bool", "Our own code, not a library's or the runtime's"),
)
"""What a condition on ``frames`` may ask of each frame."""

BEFORE_SCORING: Mapping[str, Fact] = MappingProxyType({name: fact for name, fact in FACTS.items() if name != "confidence"})
"""What the rules that give the score may ask."""

_OF_THE_EVENT = ("source", "type", "message", "level", "language", "category", "service", "environment", "release", "labels", "frames")
BEFORE_GROUPING: Mapping[str, Fact] = MappingProxyType(
    {name: fact for name, fact in FACTS.items() if name in _OF_THE_EVENT or name.startswith("stack.")}
)
"""What the rules that make fingerprints may ask: neither the code nor the group is known yet."""

OF_FRAMES: Mapping[str, Fact] = MappingProxyType({name: fact for name, fact in FRAME_FACTS.items() if name != "in_app"})
"""What the rules that tell our own code may ask of a frame."""


def facts(
    event: Event,
    *,
    place: Place | None = None,
    suggestion: Suggestion | None = None,
    score: Score | None = None,
    group: Group | None = None,
    repository: str = "",
    related: int = 0,
) -> dict[str, Any]:
    """All of ``FACTS`` for one event.

    ``group`` is as remembered before this event; None: the error is new. ``repository`` is where the code was found, by default that of
    ``place``. ``related`` counts related log lines that were looked up; those that came with the event count anyway.
    """
    labels = event.labels
    sources = {*group.tally.sources, event.source} if group else {event.source}
    return {
        "source": event.source,
        "type": event.kind,
        "message": event.message,
        "level": event.level,
        "language": event.language,
        "category": event.category,
        "service": labels.get("service", ""),
        "environment": labels.get("environment", ""),
        "release": labels.get("release", ""),
        "repository": repository or (place.commit.repository if place else ""),
        "labels": labels,
        "stack.present": bool(event.frames),
        "stack.in_app": any(frame.in_app for frame in event.frames),
        "frames": tuple(of_frame(frame) for frame in event.frames),
        "code.found": place is not None,
        "code.line": place.state if place else "",
        "code.path": place.path if place else "",
        "code.certain": place is not None and place.commit.certain,
        "logs.related": max(related, len(event.logs)),
        "fix.present": suggestion is not None and suggestion.diff != "",
        "fix.verified": suggestion is not None and suggestion.diff != "" and suggestion.verified,
        "confidence": score.value if score else 0.0,
        "group.count": (group.tally.count if group else 0) + 1,
        "group.new": group is None,
        "group.sources": len(sources),
    }


def nothing(table: Mapping[str, Fact] = FACTS) -> dict[str, Any]:
    """The facts when nothing is known: what a case leaves out."""
    return {name: _NOTHING[fact.type] for name, fact in table.items()}


def given(written: Mapping[str, Any], place_of: Callable[[Keys], str], table: Mapping[str, Fact] = FACTS) -> dict[str, Any]:
    """Facts as a person wrote them in a case, flat or nested; what is left out is empty, 0 or false. Raises WrongConfig."""
    found = nothing(table)
    for name, value, keys in _flat(written, table):
        first, _, rest = name.partition(".")
        if rest and first == "labels" and first in table:
            name, value = first, {rest: value}
        if name not in table:
            raise WrongConfig(place_of(keys), f"no fact is called `{name}` here; {nearest(name, table)}")
        if refused := table[name].refuses(value):
            raise WrongConfig(place_of(keys), refused)
        if name == "labels":
            value = {**found[name], **value}
        elif name == "frames":
            value = tuple(_given_frame(frame, place_of, (*keys, i)) for i, frame in enumerate(value))
        found[name] = value
    return found


def nearest(word: str, names: Iterable[str]) -> str:
    """The end of an error message about an unknown name: the name that was probably meant, else all there are."""
    names = list(names)
    meant = difflib.get_close_matches(word, names, n=1)
    return f"did you mean `{meant[0]}`?" if meant else f"there are: {', '.join(names)}"


def shown(value: object) -> str:
    """A value as YAML would have it, on one line, cut to what a message can bear."""
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        quoted = json.dumps(value[:_MOST_SHOWN], ensure_ascii=False)
        return quoted if len(value) <= _MOST_SHOWN else f'{quoted[:-1]}..."'
    if isinstance(value, (int, float)):
        return str(value)
    return "a mapping" if isinstance(value, Mapping) else "a list"


def _flat(written: Mapping[str, Any], table: Mapping[str, Fact], prefix: str = "", keys: Keys = ()) -> Iterator[tuple[str, Any, Keys]]:
    """Each fact's whole name, its value, and the way to it."""
    for key, value in written.items():
        name = prefix + key
        if name not in table and isinstance(value, Mapping) and any(known.startswith(name + ".") for known in table):
            yield from _flat(value, table, name + ".", (*keys, key))
        else:
            yield name, value, (*keys, key)


def _given_frame(frame: object, place_of: Callable[[Keys], str], keys: Keys) -> dict[str, Any]:
    if not isinstance(frame, Mapping):
        raise WrongConfig(place_of(keys), "a frame is a mapping; write {path: app/cart.py, function: total}")
    return given(frame, lambda inner: place_of((*keys, *inner)), FRAME_FACTS)


def looked_up(facts: Facts, name: str) -> Any:
    """The fact of that name, or the label of ``labels.NAME``; empty where there is none."""
    first, _, rest = name.partition(".")
    return facts["labels"].get(rest, "") if first == "labels" and rest else facts.get(name, "")


def of_frame(frame: Frame) -> dict[str, Any]:
    """All of ``FRAME_FACTS`` for one frame."""
    return {"path": frame.path, "function": frame.function, "module": frame.module, "line": frame.line or 0, "in_app": frame.in_app}
