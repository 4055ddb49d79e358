"""The labelled texts: what holds secrets, which ones, what else must stay; and what holds none. A seed gives the same texts for ever."""

import html
import json
import re
import string
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from random import Random
from typing import Any
from urllib.parse import quote

import yaml

from redaction import values
from redaction.values import Value

HERE = Path(__file__).parent
RUN = 8
"""Of a secret of this length or more, no run of so many characters may survive; of a shorter one, not the whole."""


@dataclass(frozen=True, slots=True)
class Format:
    """A kind of value that must not survive. The keys are told in formats.yaml."""

    name: str
    kind: str
    source: str
    keys: tuple[str, ...]
    named: bool
    apart_from: frozenset[str]
    draw: Callable[[Random], Value]


@dataclass(frozen=True, slots=True)
class Surrounding:
    name: str
    escapes: tuple[str, ...]
    templates: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Case:
    """A text that holds ``secrets``, each as it stands there. ``kept`` are the words around them that must stay.

    ``where`` holds the label's ``key`` where the text is the value of a label, a tag, a field; else nothing.
    """

    format: str
    kind: str
    surrounding: str
    text: str
    secrets: tuple[str, ...]
    kept: tuple[str, ...]
    where: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Plain:
    """A text that holds no secret. A doubtful one (``kind``) may be read either way and is in no measure."""

    kind: str
    text: str


# ------------------------------------------------------------------ what is judged


def survivors(secrets: tuple[str, ...], text: str) -> list[str]:
    """The secrets of which too much stands in ``text``."""
    return [secret for secret in secrets if any(run in text for run in _runs(secret))]


def lost(kept: tuple[str, ...], text: str) -> list[str]:
    """The words of ``kept`` that ``text`` no longer has."""
    return list((Counter(kept) - Counter(_words(text))).elements())


@cache
def _runs(secret: str) -> frozenset[str]:
    return frozenset(secret[i : i + RUN] for i in range(max(1, len(secret) - RUN + 1)))


def _words(text: str) -> list[str]:
    return re.findall(r"\w+", re.sub("%[0-9A-F]{2}", " ", text))  # %3D ends one word and begins no other


# ------------------------------------------------------------------ the files


def written(file: str) -> list[dict[str, Any]]:
    return yaml.safe_load((HERE / file).read_text(encoding="utf-8"))


@cache
def formats() -> tuple[Format, ...]:
    return tuple(
        Format(
            name=entry["name"],
            kind=entry.get("class", "secret"),
            source=entry["source"],
            keys=tuple(entry["keys"]),
            named=entry.get("named", False),
            apart_from=frozenset(entry.get("except", ())),
            draw=_drawing(entry["pattern"]) if "pattern" in entry else values.MAKERS[entry["make"]],
        )
        for entry in written("formats.yaml")
    )


def _drawing(pattern: str) -> Callable[[Random], Value]:
    return lambda rng: values.draw(pattern, rng)


@cache
def surroundings() -> tuple[Surrounding, ...]:
    found = []
    for heading, texts in _sections("surroundings.txt"):
        name, _, escapes = heading.partition(": ")
        found.append(Surrounding(name, tuple(escapes.split()), texts))
    return tuple(found)


@cache
def _sections(file: str) -> tuple[tuple[str, tuple[str, ...]], ...]:
    sections = (HERE / file).read_text(encoding="utf-8").split("\n## ")[1:]
    parted = (section.partition("\n") for section in sections)
    return tuple((heading, tuple(text.strip("\n") for text in texts.split("\n----\n"))) for heading, _, texts in parted)


# ------------------------------------------------------------------ texts with a secret

_PLACE = re.compile(r"«(?P<name>[^»]+)»")
_SPELLINGS: dict[str, Callable[[list[str]], str]] = {
    "words": " ".join,
    "snake": "_".join,
    "kebab": "-".join,
    "UPPER": lambda words: "_".join(words).upper(),
    "Pascal": lambda words: "".join(word.capitalize() for word in words),
    "camel": lambda words: words[0] + "".join(word.capitalize() for word in words[1:]),
    "Header": lambda words: "-".join(word.capitalize() for word in (words if words[0] in _STANDARD else ["x", *words])),
}
_STANDARD = {"authorization", "proxy", "cookie", "set", "x"}


def cases(seed: int, rounds: int) -> Iterator[Case]:
    """Each format in each surrounding where it may stand, ``rounds`` times."""
    for each in formats():
        for surrounding in surroundings():
            rng = Random(f"{seed} {each.name} {surrounding.name}")
            if surrounding.name not in each.apart_from and not (surrounding.name == "cut" and each.kind != "secret"):
                yield from (case for _ in range(rounds) if (case := _case(each, surrounding, rng)))


def _case(each: Format, surrounding: Surrounding, rng: Random) -> Case | None:
    """None where the value fits in none of the surrounding's texts. What stands around is drawn until it is free of the secret's runs."""
    for _ in range(100):
        value = each.draw(rng)
        if not (fitting := [template for template in surrounding.templates if _fits(each, surrounding, template, value)]):
            continue
        case = _embedded(each, surrounding, rng.choice(fitting), value, rng)
        if not survivors(case.secrets, cut(case.text, case.secrets)):
            return case
    return None


def cut(text: str, secrets: tuple[str, ...]) -> str:
    """What a perfect redactor makes of a text."""
    for secret in sorted(secrets, key=len, reverse=True):
        text = text.replace(secret, "[…]")
    return text


# what ends a value that no quotes hold together
_AWKWARD = re.compile(r"[\s,;'\"&{}()<>\[\]`]")


def _fits(each: Format, surrounding: Surrounding, template: str, value: Value) -> bool:
    before, after = re.split(r"«(?:value|cut)»", template)[:2]
    has_name = surrounding.name == "label" or any(f"«{spelling}»" in template for spelling in _SPELLINGS)
    if each.named and not has_name:
        return False
    if not _AWKWARD.search(_escaped(value.text, surrounding.escapes, "")):
        return True
    mark = before[-1:]
    if mark in ("'", '"', "`", ">"):
        return mark not in value.text or surrounding.escapes != ("plain",)
    return after.lstrip("›")[:1] in ("", "\n")


def _embedded(each: Format, surrounding: Surrounding, template: str, value: Value, rng: Random) -> Case:
    words = rng.choice(each.keys).split()
    names = {spelling: spell(words) for spelling, spell in _SPELLINGS.items()}
    before, after = re.split(r"«(?:value|cut)»", template, maxsplit=1)
    mark = before[-1:]
    text = _escaped(value.text, surrounding.escapes, mark)
    secrets = tuple(_escaped(secret, surrounding.escapes, mark) for secret in value.secrets)
    if "«cut»" in template:
        text, secrets = _cut_off(text, secrets[0], rng)
    filled = fill(before, rng, names) + "\0" + fill(after.replace("«value»", "\0"), rng, names)
    around = re.sub("‹[^›]*›", "\0", filled).replace("\0", " ")
    return Case(
        format=each.name,
        kind=each.kind,
        surrounding=surrounding.name,
        text=filled.replace("‹", "").replace("›", "").replace("\0", text),
        secrets=secrets,
        kept=tuple(_words(around)),
        where={"key": names["snake"]} if surrounding.name == "label" else {},
    )


def _cut_off(text: str, secret: str, rng: Random) -> tuple[str, tuple[str, ...]]:
    """The text up to somewhere in the last third of its first secret; a short secret stays whole."""
    length = rng.randint(len(secret) * 2 // 3, len(secret)) if len(secret) >= 12 else len(secret)
    return text[: text.index(secret) + length], (secret[:length],)


def _escaped(text: str, escapes: tuple[str, ...], mark: str) -> str:
    for escape in escapes:
        text = _ESCAPES[escape](text, mark)
    return text


def _as_literal(text: str, mark: str) -> str:
    if mark not in ("'", '"'):
        return text
    return text.replace("\\", "\\\\").replace("\n", "\\n").replace(mark, "\\" + mark)


_ESCAPES: dict[str, Callable[[str, str], str]] = {
    "plain": lambda text, mark: text,
    "python": _as_literal,
    "json": lambda text, mark: json.dumps(text)[1:-1],
    "url": lambda text, mark: quote(text, safe=""),
    "sql": lambda text, mark: text.replace("'", "''"),
    "xml": lambda text, mark: html.escape(text),
    "slack": lambda text, mark: html.escape(text, quote=False),
}


# ------------------------------------------------------------------ texts without one

DOUBTFUL = "doubtful"


def plains(seed: int, count: int) -> Iterator[Plain]:
    """At least ``count`` ordinary texts, each template as often as any other, the recorded traces, and the doubtful ones once."""
    templates = [(kind, text) for kind, texts in _sections("ordinary.txt") for text in texts]
    ordinary = [each for each in templates if each[0] != DOUBTFUL]
    traces = list(recorded())
    yield from traces
    rng = Random(f"{seed} ordinary")
    for _ in range(-(-(count - len(traces)) // len(ordinary))):
        for kind, template in ordinary:
            yield Plain(kind, _without_card(template, rng))
    yield from (Plain(kind, fill(text, rng, {})) for kind, text in templates if kind == DOUBTFUL)


def digits_of_a_card(text: str) -> list[str]:
    """Runs as long as a card's number; none begins with 0."""
    return re.findall(r"(?<!\d)[1-9]\d{11,18}(?!\d)", text)


def _without_card(template: str, rng: Random) -> str:
    """Filled until no run of digits in it could pass for a card's number by chance."""
    while True:
        text = fill(template, rng, {})
        if not any(map(values.luhn, digits_of_a_card(text))):
            return text


# 127.0.0.1   52.14.7.201
_ADDRESS = re.compile(r"\b\d{1,3}(?:\.\d{1,3}){3}\b")


def recorded() -> Iterator[Plain]:
    """The traces of tests/data/traces, whose sources stand beside them; but for those that name an address."""
    for file in sorted((HERE.parent / "data" / "traces").glob("*.jsonl")):
        for line in file.read_text(encoding="utf-8").splitlines():
            text = json.loads(line)["text"]
            if not _ADDRESS.search(text):
                yield Plain(f"recorded traces, {file.stem}", text)


# ------------------------------------------------------------------ filling


def fill(template: str, rng: Random, names: Mapping[str, str]) -> str:
    return _PLACE.sub(lambda m: names.get(m["name"]) or _filling(m["name"], rng), template)


_ALPHABETS = {
    "hex": string.digits + "abcdef",
    "digits": string.digits,
    "b64": values.BASE64,
    "b64url": values.ALPHANUMERIC + "-_",
    "base62": values.ALPHANUMERIC,
    "base32": string.ascii_lowercase + "234567",
    "UPPER32": string.ascii_uppercase + "234567",
}


def _filling(name: str, rng: Random) -> str:
    what, *numbers = name.split()
    if what in _ALPHABETS:
        return values.some(_ALPHABETS[what], int(numbers[0]), rng)
    if what == "int":
        return str(rng.randint(int(numbers[0]), int(numbers[1])))
    if what == "failing":
        return _failing(int(numbers[0]), "".join(numbers[1:]) or rng.choice("123456789"), rng)
    if what == "uuid":
        digits = values.some(_ALPHABETS["hex"], 32, rng)
        return f"{digits[:8]}-{digits[8:12]}-4{digits[13:16]}-{rng.choice('89ab')}{digits[17:20]}-{digits[20:]}"
    if what.lower() == "word":
        return values.word(rng) if what == "word" else values.word(rng).title()
    return _SPELLINGS[what]([values.word(rng) for _ in range(rng.randint(2, 3))])


def _failing(length: int, beginning: str, rng: Random) -> str:
    """A number that is no card's: its check digit is wrong."""
    while values.luhn(digits := beginning + values.some(string.digits, length - len(beginning), rng)):
        pass
    return digits
