"""The one gate for everything that leaves: a view and a template become a report that is redacted, inert and within its sizes.

Event data reaches a template only as variables; whatever a template prints of it without one of our filters is made inert as a
line of text. https://jinja.palletsprojects.com/en/stable/sandbox/
"""

import json
import re
import traceback
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any, Self
from urllib.parse import urlsplit

from jinja2 import ChoiceLoader, FileSystemLoader, StrictUndefined, TemplateError, TemplateSyntaxError, pass_context
from jinja2.exceptions import SecurityError
from jinja2.runtime import Context
from jinja2.sandbox import ImmutableSandboxedEnvironment

from triaged.core import inert, marker, masks
from triaged.core.decide import Rate
from triaged.core.model import Group, Marker, Report, Tally
from triaged.core.redact import Redactor, Session
from triaged.errors import WrongConfig

MOST_BODY = 65_536 - 300
"""Characters GitHub takes, less the markers."""
MOST_TITLE = 256
_BUDGETS = (12_000, 6_000, 3_000, 1_000, 200)
"""Characters that a fence may have, tried in turn until the whole body fits."""
# 3fa9c1d2
_SHORT = re.compile(r"[0-9a-f]{8}")
# [redacted:email-<number>], where the message is masked
_MASKED_MARK = re.compile(r"(\[redacted:[a-z0-9-]+)-<number>(?=\])")
_MOST_MASKED = 4_000
"""Characters of a message that a title is made of."""
# https://acme.sentry.io/issues/1/?project=2
_HARMLESS_URL = re.compile(r"https://[\w.-]+(?::\d+)?/(?!.*#\d)[\w./?=&%~+:#$-]*")
# https://github.com/acme/shop/blob/0f3c.../shop/cart.py#L7
_PERMALINK = re.compile(r"https?://[\w.:-]+/[\w.-]+/[\w.-]+/blob/[0-9a-f]{40}/[\w./%~-]+(?:#L\d+)?", re.ASCII)


class Safe(str):
    """Text that a filter of ours has made inert."""

    __slots__ = ()


class _Sandbox(ImmutableSandboxedEnvironment):
    """Operators can make mistakes: what allocates by a factor is capped."""

    intercepted_binops = frozenset({"*", "**", "%"})

    def is_safe_attribute(self, obj: Any, attr: str, value: Any) -> bool:
        """Text has no methods here: ``center`` and its like allocate what they are asked for."""
        return not isinstance(obj, str) and super().is_safe_attribute(obj, attr, value)

    def wrap_str_format(self, value: Any) -> Any:
        return None

    def call_binop(self, context: Context, operator: str, left: Any, right: Any) -> Any:
        numbers = isinstance(left, int | float) and isinstance(right, int | float) and abs(left) < 1e9 and abs(right) < 1e9
        if operator == "**" or not numbers:
            raise SecurityError(f"`{operator}` is for two numbers in templates")
        return super().call_binop(context, operator, left, right)


@dataclass(frozen=True, slots=True)
class Back:
    """An error that has come back after its issue was closed."""

    closed_at: datetime | None
    since: int
    """How often it was seen since."""
    reopened: bool
    times: int
    """How often it has come back by now."""
    reason: str


class Renderer:
    """Made once for a set of templates. ``folders`` are searched in order, file by file."""

    def __init__(self, folders: Sequence[Path], redactor: Redactor, marker_key: str = "", link_hosts: Collection[str] = ()) -> None:
        """``link_hosts``: where a payload's URL may lead (subdomains too); any other is shown as text."""
        self._redactor = redactor
        self._link_hosts = tuple(link_hosts)
        self._marker_key = marker_key
        self._environment = _Sandbox(
            loader=ChoiceLoader([FileSystemLoader(folder) for folder in folders]),
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            keep_trailing_newline=False,
            auto_reload=False,  # what is edited holds once the whole set was tried
            autoescape=False,
            finalize=_finalized,
        )
        self._environment.globals.clear()
        self._environment.filters = {
            **{
                name: self._environment.filters[name]
                for name in ("length", "list", "first", "last", "default", "selectattr", "rejectattr", "map", "sort", "reverse")
            },
            "code": lambda text, most=200: Safe(inert.code(_text(text), most)),
            "path": lambda text, most=200: Safe(inert.path(_text(text), most)),
            "fence": _fence,
            "line": lambda text, most=500: Safe(inert.line(_text(text), most)),
            "count": lambda number: Safe(str(int(number))),
            "points": lambda number: Safe(f"{float(number):.2f}"),
            "time": lambda at: (
                Safe(at.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S UTC")) if isinstance(at, datetime) else Safe(inert.line(_text(at), 40))
            ),
            "hint": _hint,
            "link": lambda url, name: Safe(self._link(_text(url), _text(name))),
            "permalink": lambda url, name: Safe(_permalink(_text(url), _text(name))),
            "frames": _frames,
            "numbered": _numbered,
            "join_lines": "\n".join,
            "short_id": lambda text: Safe(text) if _SHORT.fullmatch(text) else Safe(inert.line(text, 20)),
        }

    def compiled(self) -> Self:
        """With every template read and compiled, so that an edit changes nothing of it. Raises WrongConfig."""
        for name in self._environment.list_templates(extensions=("j2",)):
            try:
                self._environment.get_template(name)
            except TemplateError as error:
                raise WrongConfig(_place(error, name), str(error) or type(error).__name__) from error
        return self

    @property
    def filters(self) -> tuple[str, ...]:
        """What templates may use."""
        return tuple(self._environment.filters)

    def redacted(self, view: Mapping[str, Any]) -> dict[str, Any]:
        """A view as it may be kept: every string in it redacted, the same secret with the same mark throughout."""
        session = self._redactor.session()
        return _view(view, session)

    def label(self, text: str) -> str:
        """A release, an environment, a service, as it may be kept."""
        return self._redactor.text(text)

    def stricter(self, view: Mapping[str, Any]) -> dict[str, Any]:
        """A view that is redacted already, as strangers may see it; its marks stay."""
        session = self._redactor.strict().session(after=json.dumps(view))
        return {**_view(view, session), "links": {name: url.partition("?")[0] for name, url in view["links"].items()}}

    def for_strangers(self, report: Report) -> Report:
        """A report of which there is no view any more."""
        session = self._redactor.strict().session(after=report.title + report.body)
        return replace(report, title=session.text(report.title), body=session.text(report.body), strict=True)

    def _told(self, view: Mapping[str, Any], tally: Tally, *, strict: bool) -> tuple[Mapping[str, Any], Tally]:
        if not strict:
            return view, tally
        text = self._redactor.strict().text
        releases, environments, services = (tuple(map(text, names)) for names in (tally.releases, tally.environments, tally.services))
        return self.stricter(view), replace(tally, releases=releases, environments=environments, services=services)

    def report(
        self, view: Mapping[str, Any], tally: Tally, *, repository: str, generation: int = 1, note: str = "", strict: bool = False
    ) -> Report:
        """An issue. ``note`` says why it stays closed; ``strict`` is for strangers. Raises WrongConfig where a template fails, and only then."""
        view, tally = self._told(view, tally, strict=strict)
        return Report(
            repository=repository,
            marker=self._mark(view["group"]["fingerprint"], repository, generation),
            title=title(view),
            body=self.body("issue.md.j2", {**view, "tally": tally, "note": note}),
            labels=tuple(view["labels"]),
            assignees=tuple(view.get("assignees", ())),
            strict=strict,
        )

    def comment(self, view: Mapping[str, Any], tally: Tally, back: Back, *, repository: str, strict: bool = False) -> Report:
        """What is said beneath an issue whose error has come back. Raises WrongConfig."""
        view, tally = self._told(view, tally, strict=strict)
        body = self.body("comment.md.j2", {**view, "tally": tally, "back": back})
        return Report(repository, self._mark(view["group"]["fingerprint"], repository, back.times), title(view), body, strict=strict)

    def umbrella(
        self,
        fingerprint: str,
        errors: Sequence[tuple[Group, Mapping[str, Any]]],
        *,
        repository: str,
        waiting: int,
        limit: Rate,
        strict: bool = False,
    ) -> Report:
        """The one ticket of a storm: ``errors`` are some of those that wait, ``waiting`` is how many do. Raises WrongConfig."""
        named = []
        for group, seen in errors:
            view, tally = self._told(seen, group.tally, strict=strict)
            named.append({"title": headline(view), "short": view["group"]["short"], "tally": tally, "place": view["place"]})
        told: dict[str, Any] = {"errors": named, "waiting": waiting, "more": waiting - len(named), "repository": repository}
        told["limit"] = f"{limit.count} within {limit.seconds / 60:g} minutes"
        heading = inert.title(f"[Auto] Error storm: {waiting} new errors in {repository}", MOST_TITLE)
        body = self.body("umbrella.md.j2", told)
        return Report(repository, self._mark(fingerprint, repository, 1), heading, body, ("triaged",), strict=strict)

    def _mark(self, fingerprint: str, repository: str, generation: int) -> Marker:
        mark = Marker(fingerprint, generation)
        if not self._marker_key:
            return mark
        return Marker(mark.fingerprint, generation, signature=marker.signature(self._marker_key, repository, mark))

    def body(self, template: str, told: Mapping[str, Any]) -> str:
        """A template over its variables, within ``MOST_BODY``."""
        for budget in _BUDGETS:
            text = self._render(template, told, budget)
            if len(text) <= MOST_BODY:
                return text
        return inert.shortened(text, MOST_BODY)

    def _link(self, url: str, name: str) -> str:
        host = urlsplit(url).hostname or "" if _HARMLESS_URL.fullmatch(url) else ""
        if any(host == allowed or host.endswith("." + allowed) for allowed in self._link_hosts):
            return f"[{inert.line(name, 200)}]({url})"
        return inert.code(name, 200)

    def _render(self, template: str, told: Mapping[str, Any], budget: int) -> str:
        try:
            parts: list[str] = []
            size = 0
            for part in self._environment.get_template(template).generate(**told, budget=budget):
                parts.append(part)
                size += len(part)
                if size > 4 * MOST_BODY:
                    break
            return "".join(parts).strip()
        except (TemplateError, ArithmeticError, LookupError, TypeError, ValueError, AttributeError) as error:
            raise WrongConfig(_place(error, template), str(error) or type(error).__name__) from error


def title(view: Mapping[str, Any]) -> str:
    """``[Auto] Error: <type>: <message, masked>``, plain text."""
    return inert.title(f"[Auto] Error: {headline(view)}", MOST_TITLE)


def headline(view: Mapping[str, Any]) -> str:
    """``<type>: <message, masked>``, as it came: the caller makes it inert."""
    event = view["event"]
    message = _MASKED_MARK.sub(r"\1", masks.masked(event["message"][:_MOST_MASKED]))
    return ": ".join(part for part in (event["kind"], message) if part) or "without a message"


def _place(error: Exception, template: str) -> str:
    """``file:line:column`` of a mistake in a template; Jinja puts the template's lines into the traceback."""
    if isinstance(error, TemplateSyntaxError):
        return f"{error.filename or error.name or template}:{error.lineno}:1"
    lines = [frame for frame in traceback.extract_tb(error.__traceback__) if frame.filename.endswith(".j2")]
    return f"{lines[-1].filename}:{lines[-1].lineno}:1" if lines else f"{template}:1:1"


def _finalized(value: Any) -> Any:
    return value if isinstance(value, Safe) else Safe(inert.line(_text(value), 2_000))


def _text(value: Any) -> str:
    return "" if value is None else str(value)


@pass_context
def _fence(context: Context, text: Any, language: str = "", share: float = 1.0) -> Safe:
    return Safe(inert.fence(_text(text), language, max(100, int(context["budget"] * share))))


def _hint(text: Any) -> Safe:
    """A sentence of a rule: what stands in backquotes there is code here."""
    parts = _text(text)[:2_000].split("`")
    if len(parts) % 2 == 0:  # one of them is not closed: an event's text may hold such a one
        return Safe(inert.line(_text(text), 2_000))
    made = [inert.code(part, 200) or inert.JOINT if at % 2 else _spaced(part) for at, part in enumerate(parts)]  # what stood apart stays so
    return Safe("".join(made).replace("``", f"`{inert.JOINT}`"))  # two spans side by side would be one


def _spaced(text: str) -> str:
    """A part of a sentence, with the blanks at its ends."""
    if not text.strip():
        return " " * bool(text)
    start, end = " " * (text[0] == " "), " " * (text[-1] == " ")
    return f"{start}{inert.line(text.strip(), 2_000)}{end}"


def _permalink(url: str, name: str) -> str:
    """Of a code host, at a commit; any other URL is no permalink."""
    return f"[{inert.line(name, 300)}]({url})" if _PERMALINK.fullmatch(url) else inert.code(name, 300)


def _frames(frames: Sequence[Mapping[str, Any]]) -> str:
    """Frames as text, innermost last, a quoted line under its frame."""
    lines = []
    for frame in frames:
        place = f"{frame['path'] or frame['module'] or '?'}{':' + str(frame['line']) if frame['line'] else ''}"
        lines.append(f"{place} in {frame['function'] or '?'}")
        if frame["context"]:
            lines.append(f"    {frame['context']}")
    return "\n".join(lines)


def _numbered(quote: Sequence[Mapping[str, Any]], culprit: int | None = None) -> str:
    """Source lines with their numbers, the culprit marked."""
    width = len(str(quote[-1]["number"])) if quote else 1
    return "\n".join(f"{'>' if line['number'] == culprit else ' '} {line['number']:>{width}}  {line['text']}" for line in quote)


_OF_CODE = frozenset({"quote", "context", "diff"})
"""What of a view is lines of source."""


def _view(view: Mapping[str, Any], session: Session) -> dict[str, Any]:
    once = _Once(session)
    return {name: _redacted(value, once, name) for name, value in view.items()}


class _Once:
    """What a session makes of texts, each of them once: a view repeats itself."""

    def __init__(self, session: Session) -> None:
        self.text = cache(session.text)
        self.code = cache(session.code)
        self.label = cache(lambda name, value: session.labels({name: value})[name])


def _redacted(value: Any, once: _Once, name: str) -> Any:
    if isinstance(value, str):
        return once.code(value) if name in _OF_CODE else once.text(value)
    if isinstance(value, Mapping):
        return {once.text(key): _redacted_under(key, one, once, name) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [_redacted(one, once, name) for one in value]
    return value


def _redacted_under(key: str, value: Any, once: _Once, name: str) -> Any:
    """By its key, too: what stands under ``password`` is one."""
    if not isinstance(value, str) or key in _OF_CODE or name in _OF_CODE:
        return _redacted(value, once, name if name in _OF_CODE else key)
    return once.label(key, value)
