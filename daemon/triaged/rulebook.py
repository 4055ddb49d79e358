"""``rules/*.yaml`` into one frozen rulebook; an error names the file, the line and the key.

Folders are searched in order, file by file: a user's file of the same name stands for the default one, whole. Every file carries
``cases:``; ``findings`` runs those of confidence, routing, grouping and fixes. Redaction is handed over as it was written.
"""

import hashlib
import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar, get_args

from pydantic import AfterValidator, BeforeValidator, ConfigDict, Field, StrictBool, StringConstraints, ValidationError

from triaged import boundary, plugins, yamlfile
from triaged.core import facts as fact
from triaged.core import grouping, route, rules, score, suggest
from triaged.core.decide import Limits, Rate, decide
from triaged.core.facts import nearest, shown
from triaged.core.model import Event, Frame, StackTrace
from triaged.core.rulebook import Receiver, Rulebook
from triaged.core.rules import Matcher
from triaged.errors import WrongConfig
from triaged.yamlfile import Document

FILES = ("confidence.yaml", "routing.yaml", "receivers.yaml", "grouping.yaml", "redaction.yaml")
FOLDER = "fixes"

_Block = TypeVar("_Block", bound=boundary.Config)


@dataclass(frozen=True, slots=True)
class Finding:
    """A mistake in a rule file."""

    place: str
    """``file:line:column``; only the file or folder where the whole of it is meant."""
    what: str
    remedy: str
    """What would be right; may be empty."""

    def __str__(self) -> str:
        return f"{self.place}: {self.what}; {self.remedy}" if self.remedy else f"{self.place}: {self.what}"


def load(folders: Sequence[Path]) -> Rulebook:
    """The rulebook of ``folders``, a user's before the defaults. Raises WrongConfig for the first mistake; runs no cases."""
    reading = _Reading(folders)
    book = reading.book()
    if reading.mistakes:
        raise reading.mistakes[0]
    return book


def findings(folders: Sequence[Path]) -> list[Finding]:
    """Every mistake, and every case that does not come out as it says."""
    reading = _Reading(folders)
    reading.book()
    if not reading.mistakes:
        reading.cases()
    return [Finding(mistake.place, *mistake.what.partition("; ")[::2]) for mistake in reading.mistakes]


def files(folders: Sequence[Path]) -> dict[str, Path]:
    """The rule files that count, by name (``routing.yaml``, ``fixes/python.yaml``): of each name the first."""
    found: dict[str, Path] = {}
    for folder in folders:
        for path in _yaml(folder) + _yaml(folder / FOLDER):
            found.setdefault(path.relative_to(folder).as_posix(), path)
    return found


def overrides(folders: Sequence[Path]) -> list[tuple[Path, Path]]:
    """Which file stands for which: (a user's, the default one that it hides)."""
    counts = files(folders)
    return [(counts[name], path) for folder in folders for name, path in files([folder]).items() if counts[name] != path]


# ------------------------------------------------- what people write


def _as_list(written: object) -> object:
    return (written,) if isinstance(written, str) else written


# 20 per 10m   1 per 1h
_RATE = re.compile(r"([1-9][0-9]{0,5}) per ([1-9][0-9]{0,5})(s|m|h|d)")
_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400}


def _rate(written: object) -> Rate:
    parts = _RATE.fullmatch(written) if isinstance(written, str) else None
    if parts is None:
        raise ValueError(f"should be a rate such as `20 per 10m` (s, m, h or d); here stands {shown(written)}")
    return Rate(int(parts[1]), float(int(parts[2]) * _SECONDS[parts[3]]))


def _repository(written: str) -> str:
    if not _REPOSITORY.fullmatch(written):
        raise ValueError(f"should be `owner/name`; here stands {shown(written)}")
    return written


def _identifier(written: str) -> str:
    if not _ID.fullmatch(written):
        raise ValueError(f"should be of small letters, digits and dashes; here stands {shown(written)}")
    return written


# acme/checkout
_REPOSITORY = re.compile(r"[A-Za-z0-9_.-]+/[A-Za-z0-9_.-]+")
# python-key-error
_ID = re.compile(r"[a-z0-9][a-z0-9-]*")
_LIMITS = Limits()

_When = dict[str, Any]
_Text = Annotated[str, StringConstraints(min_length=1)]
_Texts = Annotated[tuple[_Text, ...], BeforeValidator(_as_list)]
_Repositories = Annotated[tuple[Annotated[str, AfterValidator(_repository)], ...], BeforeValidator(_as_list)]
_Points = Annotated[float, Field(strict=True, ge=-1, le=1)]


class FingerprintRule(boundary.Config):
    name: _Text
    when: _When
    fingerprint: _Text


class MaskRule(boundary.Config):
    name: _Text
    pattern: _Text
    type: _Texts = ()


class InAppRule(boundary.Config):
    when: _When
    in_app: StrictBool


class GroupingError(boundary.Config):
    error: _Text
    language: str = ""
    frames: tuple[_Text, ...] = ()
    labels: dict[str, str] = Field(default={})


def _as_error(written: object) -> object:
    return {"error": written} if isinstance(written, str) else written


_Errors = tuple[Annotated[GroupingError, BeforeValidator(_as_error)], ...]


class GroupingCase(boundary.Config):
    same: _Errors = ()
    different: _Errors = ()


class GroupingFile(boundary.Config):
    fingerprints: tuple[FingerprintRule, ...] = ()
    masks: tuple[MaskRule, ...] = ()
    in_app: tuple[InAppRule, ...] = ()
    cases: tuple[GroupingCase, ...] = ()


class ConfidenceRule(boundary.Config):
    name: _Text
    when: _When = Field(default={})
    set: Annotated[float, Field(strict=True, ge=0, le=1)] | None = None
    add: _Points | None = None


class ConfidenceCase(boundary.Config):
    facts: _When
    confidence: float


class ConfidenceFile(boundary.Config):
    confidence: tuple[ConfidenceRule, ...]
    cases: tuple[ConfidenceCase, ...] = ()


class PullRequest(boundary.Config):
    when: _When | None = None
    draft: StrictBool = True


class RoutingRule(boundary.Config):
    name: _Text
    match: _When = Field(default={})
    action: Literal["issue", "drop"] | None = None
    repository: _Repositories = ()
    labels: _Texts = ()
    assignees: _Texts = ()
    receivers: _Texts = ()
    pull_request: PullRequest | None = None
    goes_on: StrictBool = Field(False, alias="continue")


class RoutingLimits(boundary.Config):
    new_issues: Annotated[Rate, BeforeValidator(_rate)] = _LIMITS.new_issues
    pull_requests: Annotated[Rate, BeforeValidator(_rate)] = _LIMITS.pull_requests
    open_pull_requests: Annotated[int, Field(strict=True, ge=0)] = _LIMITS.open_pull_requests


class RoutingCase(boundary.Config):
    facts: _When
    route: _Texts = ()
    action: Literal["drop", "issue", "pull_request"] | None = None
    repository: str = ""
    labels: _Texts | None = None
    assignees: _Texts | None = None


class RoutingFile(boundary.Config):
    routes: tuple[RoutingRule, ...] = ()
    limits: RoutingLimits = RoutingLimits()
    cases: tuple[RoutingCase, ...] = ()


class ReceiverEntry(boundary.Config):
    """What the sink of its type does not know is said when it is connected."""

    model_config = ConfigDict(extra="allow", frozen=True)

    name: _Text
    type: _Text


class ReceiversFile(boundary.Config):
    receivers: tuple[ReceiverEntry, ...] = ()
    cases: tuple[()] = ()


class FixCase(boundary.Config):
    error: _Text
    hint: str = ""
    fits: StrictBool = True
    language: str = ""


class FixRule(boundary.Config):
    id: Annotated[str, AfterValidator(_identifier)]
    language: _Texts = ()
    error: _Texts
    hint: _Text
    cases: tuple[FixCase, ...] = ()


class FixesFile(boundary.Config):
    fixes: tuple[FixRule, ...]


# ---------------------------------------------------------- reading


class _Reading:
    """Reads the folders once; notes every mistake on the way and goes on."""

    def __init__(self, folders: Sequence[Path]) -> None:
        self.mistakes: list[WrongConfig] = []
        self._folders = tuple(dict.fromkeys(folders))
        self._files = files(self._folders)
        self._decides: dict[str, Any] = {}
        self._cases: list[Iterable[WrongConfig]] = []
        self._ids: dict[str, str] = {}
        self._receiver_names: frozenset[str] = frozenset()

    def book(self) -> Rulebook:
        for folder in self._folders:
            self._look_around(folder)
        for name in FILES:
            if name not in self._files:
                self._wrong(str(self._folders[-1] / name), "no folder of rules has this file; it comes with triaged, so install it again")
        confidence, receivers, (routes, limits) = self._confidence(), self._receivers(), self._routing()
        return Rulebook(
            confidence=confidence,
            routes=routes,
            limits=limits,
            receivers=receivers,
            fixes=self._fixes(),
            redaction=self._plain("redaction.yaml"),
            grouping=self._grouping(),
            digest=hashlib.blake2b(json.dumps(self._decides, sort_keys=True).encode(), digest_size=8).hexdigest(),
        )

    def cases(self) -> None:
        """Runs what the files say of themselves; only for a book without mistakes."""
        for failed in self._cases:
            self.mistakes += failed

    def _look_around(self, folder: Path) -> None:
        """What lies in a folder and would be overlooked."""
        try:
            beside = sorted(path for path in folder.iterdir() if not path.name.startswith("."))
            within = sorted((folder / FOLDER).iterdir()) if (folder / FOLDER).is_dir() else []
        except OSError as error:
            self._wrong(str(folder), f"this folder of rules cannot be read: {error.strerror}; it should be there and readable")
            return
        for path in beside + within:
            if path.is_dir() and path != folder / FOLDER:
                self._wrong(str(path), f"no folder of rules is called `{path.name}`; the only one is `{FOLDER}`")
            elif (meant := _meant(path.name)) != path.name:
                self._wrong(str(path), f"rule files end in `.yaml`; rename it to `{meant}`")
            elif path.suffix == ".yaml" and path.parent == folder and path.name not in FILES:
                self._wrong(str(path), f"no rule file is called `{path.name}`; {nearest(path.name, (*FILES, FOLDER + '/'))}")

    # ------------------------------------------------- a file each

    def _confidence(self) -> tuple[score.Rule, ...]:
        read = self._file("confidence.yaml", ConfidenceFile)
        if read is None:
            return ()
        document, block = read
        self._once(document, "confidence", [rule.name for rule in block.confidence])
        made = tuple(self._confidence_rule(document, i, rule) for i, rule in enumerate(block.confidence))
        self._cases.append(_confidence_cases(document, block, made))
        return made

    def _confidence_rule(self, document: Document, i: int, rule: ConfidenceRule) -> score.Rule:
        if (rule.set is None) == (rule.add is None):
            what = f"the rule `{rule.name}` should either set the score or add to it; write one of `set: 0.8` and `add: 0.1`"
            self._wrong(document.place(("confidence", i)), what)
        when = self._matcher(rule.when, document.under("confidence", i, "when"), fact.BEFORE_SCORING)
        return score.Rule(rule.name, when, "add" if rule.set is None else "set", (rule.add if rule.set is None else rule.set) or 0.0)

    def _receivers(self) -> tuple[Receiver, ...]:
        read = self._file("receivers.yaml", ReceiversFile)
        if read is None:
            return ()
        document, block = read
        self._once(document, "receivers", [entry.name for entry in block.receivers])
        for i, entry in enumerate(block.receivers):
            if entry.type not in plugins.names("sinks"):
                what = f"no sink is called `{entry.type}`; {nearest(entry.type, plugins.names('sinks'))}"
                self._wrong(document.place(("receivers", i, "type")), what)
        self._receiver_names = frozenset(entry.name for entry in block.receivers)
        return tuple(Receiver(entry.name, entry.type, dict(entry.model_extra or {})) for entry in block.receivers)

    def _routing(self) -> tuple[tuple[route.Rule, ...], Limits]:
        read = self._file("routing.yaml", RoutingFile)
        if read is None:
            return (), _LIMITS
        document, block = read
        self._once(document, "routes", [rule.name for rule in block.routes])
        routes = tuple(self._route(document, i, rule) for i, rule in enumerate(block.routes))
        self._cases.append(_routing_cases(document, block, routes))
        return routes, Limits(block.limits.new_issues, block.limits.pull_requests, block.limits.open_pull_requests)

    def _route(self, document: Document, i: int, rule: RoutingRule) -> route.Rule:
        for j, name in enumerate(rule.receivers):
            if name not in self._receiver_names:
                known = nearest(name, sorted(self._receiver_names)) if self._receiver_names else "there are none"
                what = f"no receiver is called `{name}`; {known}; write it into receivers.yaml"
                self._wrong(document.place(("routes", i, "receivers", j)), what)
        pull_request = None
        if rule.pull_request is not None:
            when = rule.pull_request.when
            pull_request = route.SURE if when is None else self._matcher(when, document.under("routes", i, "pull_request", "when"))
        return route.Rule(
            name=rule.name,
            match=self._matcher(rule.match, document.under("routes", i, "match")),
            action=rule.action or "",
            repositories=rule.repository,
            labels=rule.labels,
            assignees=rule.assignees,
            receivers=rule.receivers,
            pull_request=pull_request,
            draft=rule.pull_request is None or rule.pull_request.draft,
            goes_on=rule.goes_on,
        )

    def _grouping(self) -> grouping.Grouping:
        read = self._file("grouping.yaml", GroupingFile)
        if read is None:
            return grouping.Grouping()
        document, block = read
        self._once(document, "fingerprints", [rule.name for rule in block.fingerprints])
        self._once(document, "masks", [mask.name for mask in block.masks])
        made = grouping.Grouping(
            fingerprints=tuple(self._explicit(document, i, rule) for i, rule in enumerate(block.fingerprints)),
            masks=tuple(found for i, mask in enumerate(block.masks) if (found := self._mask(document, i, mask))),
            in_app=tuple(
                grouping.Ours(self._matcher(rule.when, document.under("in_app", i, "when"), fact.OF_FRAMES), rule.in_app)
                for i, rule in enumerate(block.in_app)
            ),
        )
        self._cases.append(_grouping_cases(document, block, made))
        return made

    def _explicit(self, document: Document, i: int, rule: FingerprintRule) -> grouping.Explicit:
        for name in grouping.FACT.findall(rule.fingerprint):
            if name not in fact.BEFORE_GROUPING and not name.startswith("labels."):
                what = f"no fact is called `{name}` here; {nearest(name, fact.BEFORE_GROUPING)}"
                self._wrong(document.place(("fingerprints", i, "fingerprint")), what)
        when = self._matcher(rule.when, document.under("fingerprints", i, "when"), fact.BEFORE_GROUPING)
        return grouping.Explicit(rule.name, when, rule.fingerprint)

    def _mask(self, document: Document, i: int, mask: MaskRule) -> grouping.Mask | None:
        try:
            return grouping.Mask(mask.name, rules.Pattern(mask.pattern, document.place(("masks", i, "pattern"))), mask.type)
        except WrongConfig as mistake:
            self.mistakes.append(mistake)
            return None

    def _fixes(self) -> tuple[suggest.Fix, ...]:
        """A user's before the defaults; in each folder those for a language before those for any, which are less exact."""
        ordered: list[suggest.Fix] = []
        for folder in self._folders:
            names = [name for name, path in self._files.items() if path.parent == folder / FOLDER]
            read = [found for name in names if (found := self._file(name, FixesFile))]
            fixes = [fix for document, block in read for fix in self._fixes_of(document, block)]
            fixes.sort(key=lambda fix: not fix.languages)
            self._cases += [_fix_cases(document, block, fixes) for document, block in read]
            ordered += fixes
        return tuple(ordered)

    def _fixes_of(self, document: Document, block: FixesFile) -> Iterator[suggest.Fix]:
        for i, rule in enumerate(block.fixes):
            place = document.place(("fixes", i, "id"))
            if rule.id in self._ids:
                self._wrong(place, f"a fix `{rule.id}` stands at {self._ids[rule.id]} too; give this one another id")
            self._ids.setdefault(rule.id, place)
            yield self._fix(document, i, rule)

    def _fix(self, document: Document, i: int, rule: FixRule) -> suggest.Fix:
        patterns = []
        for j, error in enumerate(rule.error):
            try:
                patterns.append(rules.Pattern(error, document.place(("fixes", i, "error", j))))
            except WrongConfig as mistake:
                self.mistakes.append(mistake)
        captured = {name for pattern in patterns for name in pattern.names}
        for name in suggest.CAPTURE.findall(rule.hint):
            if len(patterns) == len(rule.error) and name not in captured:
                what = f"the hint shows `{{{name}}}`, which `error` does not capture; write `(?P<{name}>...)` there"
                self._wrong(document.place(("fixes", i, "hint")), what)
        return suggest.Fix(rule.id, rule.language, tuple(patterns), rule.hint)

    def _plain(self, name: str) -> Mapping[str, Any]:
        document = self._document(name)
        if document is None or document.data is None:
            return {}
        if not isinstance(document.data, dict):
            self._wrong(document.place(()), "a rule file is a mapping of keys; write `key: value` lines")
            return {}
        self._decides[name] = {key: value for key, value in document.data.items() if key != "cases"}
        return document.data

    # ------------------------------------------------------ its parts

    def _file(self, name: str, kind: type[_Block]) -> tuple[Document, _Block] | None:
        document = self._document(name)
        if document is None:
            return None
        try:
            block = kind.model_validate({} if document.data is None else document.data)
        except ValidationError as error:
            self.mistakes += [_mistake(document, kind, one) for one in error.errors(include_url=False)]
            return None
        self._decides[name] = block.model_dump(mode="json", exclude={"cases": True, "fixes": {"__all__": {"cases"}}})
        return document, block

    def _document(self, name: str) -> Document | None:
        if name not in self._files:
            return None
        try:
            return yamlfile.read(self._files[name])
        except WrongConfig as error:
            self.mistakes.append(error)
            return None

    def _matcher(self, when: _When, place_of: rules.PlaceOf, table: Mapping[str, fact.Fact] = fact.FACTS) -> Matcher:
        wrong = rules.mistakes(when, place_of, table)
        self.mistakes += wrong
        return rules.ALWAYS if wrong else rules.compile(when, place_of, table)

    def _once(self, document: Document, key: str, names: Sequence[str]) -> None:
        for i, name in enumerate(names):
            if name in names[:i]:
                first = document.place((key, names.index(name)))
                self._wrong(document.place((key, i, "name")), f"`{name}` stands at {first} too; give this one another name")

    def _wrong(self, place: str, what: str) -> None:
        self.mistakes.append(WrongConfig(place, what))


def _yaml(folder: Path) -> list[Path]:
    return sorted(path for path in folder.glob("*.yaml") if not path.name.startswith("."))


# routing.yml   ROUTING.YAML   routing.yaml.txt   routing.json
_ENDING = re.compile(r"(.+?)\.(?:ya?ml|json)(?:\.txt)?", re.IGNORECASE)


def _meant(name: str) -> str:
    """What a rule file that would be overlooked should be called; the name itself where nothing is wrong, or where it is no rule file."""
    parts = _ENDING.fullmatch(name)
    if parts is None or name.endswith(".yaml"):
        return name
    meant = f"{parts[1]}.yaml"
    return meant.lower() if meant.lower() in FILES else meant if not name.lower().endswith(".json") else name


def _mistake(document: Document, kind: type[boundary.Config], error: Mapping[str, Any]) -> WrongConfig:
    """One of pydantic's errors, with its place and in our words."""
    keys = tuple(error["loc"])
    key = next((part for part in reversed(keys) if isinstance(part, str)), "the file")
    if error["type"] == "extra_forbidden":
        what = f"no key is called `{key}` here; {_meant_key(kind, keys)}"
    elif error["type"] == "missing":
        what = f"`{key}` is missing; write it here"
    elif error["type"] == "value_error":
        what = f"`{key}` {error['ctx']['error']}"
    else:
        should, remedy = _should(error, kind)
        what = f"`{key}` should be {should}; here stands {shown(error['input'])}{remedy and '; ' + remedy}"
    return WrongConfig(document.place(keys), what)


def _should(error: Mapping[str, Any], kind: type[boundary.Config]) -> tuple[str, str]:
    """What a value should be, and what to do about it, which may be empty."""
    given, keys = error["input"], tuple(error["loc"])
    match error["type"]:
        case "string_type":
            return "text", "put it in quotes" if isinstance(given, (int, float)) else "write text"
        case "string_too_short":
            return "text", "write something between the quotes"
        case "bool_type":
            return "true or false", f"write `{'false' if str(given).lower() in ('no', 'off', 'false', '0') else 'true'}`, without quotes"
        case "tuple_type" | "list_type":
            return "a list", "write `- ` before each item, or [one, another]"
        case "dict_type":
            return "a mapping", "indent what belongs to it" if given is None else "write conditions, such as {code.found: true}"
        case "model_type" | "model_attributes_type":
            if isinstance(given, str) and re.match(r"\w+:\S", given):
                return "a mapping", "put a space behind the colon"
            known = _known(kind, keys)
            return "a mapping", f"write {{{known[0]}: ...}}" if keys else f"a rule file is of `key: value` lines, such as `{known[0]}:`"
        case "less_than_equal" | "greater_than_equal" if "add" not in keys and "open_pull_requests" not in keys:
            return "between 0 and 1", "write 0.8 for 80 percent"
        case "float_type" | "int_type":
            if isinstance(given, str) and _COMMA.fullmatch(given):
                return "a number", f"write {given.replace(',', '.')}"
            return "a number", "take the quotes away" if isinstance(given, str) and given.replace(
                ".", "", 1
            ).isdecimal() else "write digits"
        case "literal_error":
            return str(error["ctx"]["expected"]).replace("'", "`"), "write one of them"
    return str(error["msg"]).removeprefix("Input should be "), ""


# 0,8
_COMMA = re.compile(r"-?[0-9]+,[0-9]+")


def _meant_key(kind: type[boundary.Config], keys: tuple[str | int, ...]) -> str:
    """For a key that is not known where it stands: the one that was meant, or the key around it under which it belongs."""
    key, known = str(keys[-1]), _known(kind, keys[:-1])
    near = nearest(key, known)
    if len(keys) == 1 and near.startswith("there are"):
        for name in known:
            if any(key in _known(block, ()) for block in _blocks(kind.model_fields[name].annotation)):
                return f"it belongs to what stands under `{name}:`; indent it"
    return near


def _known(kind: type[boundary.Config], keys: Sequence[str | int]) -> list[str]:
    """The keys that the block at ``keys`` may have."""
    for key in keys:
        if isinstance(key, str):
            kind = next(_blocks(kind.model_fields[key].annotation))
    return [field.alias or name for name, field in kind.model_fields.items()]


def _blocks(annotation: Any) -> Iterator[type[boundary.Config]]:
    if isinstance(annotation, type) and issubclass(annotation, boundary.Config):
        yield annotation
    for inner in get_args(annotation):
        yield from _blocks(inner)


# ------------------------------------------------------------ cases


def _confidence_cases(document: Document, block: ConfidenceFile, made: Sequence[score.Rule]) -> Iterator[WrongConfig]:
    for i, case in enumerate(block.cases):
        try:
            found = score.score(fact.given(case.facts, document.under("cases", i, "facts")), made)
        except WrongConfig as error:
            yield error
            continue
        if abs(found.value - case.confidence) > 0.001:
            points = ", ".join(f"{point.rule} {point.value:+g}" for point in found.points) or "no rule holds"
            what = f"the score of this case is {found.value:g} ({points}) and not {case.confidence:g}; mend the rules or the case"
            yield WrongConfig(document.place(("cases", i)), what)


def _routing_cases(document: Document, block: RoutingFile, routes: Sequence[route.Rule]) -> Iterator[WrongConfig]:
    for i, case in enumerate(block.cases):
        try:
            facts = fact.given(case.facts, document.under("cases", i, "facts"))
        except WrongConfig as error:
            yield error
            continue
        routed = route.route(facts, routes, "")
        decision = decide(facts, routed)
        came = {
            "route": routed.names,
            "action": decision.action,
            "repository": routed.repository,
            "labels": routed.labels,
            "assignees": routed.assignees,
        }
        said = case.model_dump(exclude={"facts"}, exclude_unset=True)
        if not said:
            yield WrongConfig(document.place(("cases", i)), f"this case expects nothing; say one of {', '.join(came)}")
        for key, expected in said.items():
            if came[key] != expected:
                why = "; ".join((*routed.reasons, decision.reason))
                what = f"the {key} of this case is {_listed(came[key])} and not {_listed(expected)}; mend the routes or the case ({why})"
                yield WrongConfig(document.place(("cases", i, key)), what)


def _grouping_cases(document: Document, block: GroupingFile, made: grouping.Grouping) -> Iterator[WrongConfig]:
    for i, case in enumerate(block.cases):
        if bool(case.same) == bool(case.different):
            yield WrongConfig(
                document.place(("cases", i)), "a case has either errors that are the `same` or errors that are `different`; write one"
            )
            continue
        errors = case.same or case.different
        events = [grouping.seen(_told(error), made) for error in errors]
        found = [grouping.fingerprint(event, grouping.masked(event, made), made) for event in events]
        by_value: dict[str, list[str]] = {}
        for error, one in zip(errors, found, strict=True):
            by_value.setdefault(one.value, []).append(error.error)
        if case.same and len(by_value) > 1:
            apart = " / ".join(", ".join(one.evidence.split("\n")) for one in {one.value: one for one in found}.values())
            yield WrongConfig(
                document.place(("cases", i)), f"these are {len(by_value)} errors and should be one; mend the rules or the case ({apart})"
            )
        for together in by_value.values():
            if case.different and len(together) > 1:
                yield WrongConfig(
                    document.place(("cases", i)),
                    f"these are one error and should not be: {', '.join(together)}; mend the rules or the case",
                )


def _told(case: GroupingError) -> Event:
    """An event as a case tells it."""
    event = _event(case.error, case.language)
    frames = tuple(Frame(path=path, function=function) for path, _, function in (frame.partition(" ") for frame in case.frames))
    trace = StackTrace(case.language, event.kind, event.message, frames) if frames else None
    return replace(event, trace=trace, labels=case.labels)


def _fix_cases(document: Document, block: FixesFile, fixes: Sequence[suggest.Fix]) -> Iterator[WrongConfig]:
    for i, rule in enumerate(block.fixes):
        for j, case in enumerate(rule.cases):
            place = document.place(("fixes", i, "cases", j))
            language = case.language or (rule.language[0] if rule.language else "")
            found = suggest.suggest(_event(case.error, language), fixes)
            if not case.fits:
                if found is not None and found.rule == rule.id:
                    yield WrongConfig(place, f"`{rule.id}` fits this error and should not; make `error` more exact")
            elif found is None:
                yield WrongConfig(place, f"`{rule.id}` does not fit this error; mend `error` or the case")
            elif found.rule != rule.id:
                yield WrongConfig(place, f"`{found.rule}`, which stands before `{rule.id}`, answers this error; make it more exact")
            elif case.hint not in found.hint:
                yield WrongConfig(place, f"the hint has no {shown(case.hint)} in it; it reads: {found.hint}")


def _event(error: str, language: str) -> Event:
    """An event of which only the error is known, written ``type: message``."""
    kind, colon, message = error.partition(": ")
    if not colon:
        kind, message = "", error
    return Event("case", datetime.fromtimestamp(0, UTC), kind, message, "", language, None, "")


def _listed(value: str | tuple[str, ...]) -> str:
    return (", ".join(value) if isinstance(value, tuple) else value) or "none"
