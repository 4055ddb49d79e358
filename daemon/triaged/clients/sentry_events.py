"""What Sentry tells, to records: events as webhooks and the API have them, issues, metric alerts.

Events have been sent in many shapes over the years (https://develop.sentry.dev/sdk/foundations/transport/event-payloads/): names with
dots are those of old clients, names in camel case are the API's. What we do not need is not read at all: users, requests, cookies,
variables, the data of breadcrumbs. Frames run innermost last; the last exception is the one that was raised.
"""

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, TypeVar

import msgspec
from msgspec import field

from triaged import boundary
from triaged.boundary import Payload
from triaged.clients import fields
from triaged.clients.fields import Many, One, Scalar, line, number, text
from triaged.core.model import Frame, Level, Record, StackTrace
from triaged.errors import Rejected

SOURCE = "sentry"
_MOST_LOGS = 10

_T = TypeVar("_T")


class StackFrame(Payload, frozen=True):
    function: Any = None
    module: Any = None
    package: Any = None
    filename: Any = None
    abs_path: Any = None
    abs_path_of_api: Any = field(default=None, name="absPath")
    lineno: Any = None
    lineno_of_api: Any = field(default=None, name="lineNo")
    colno: Any = None
    colno_of_api: Any = field(default=None, name="colNo")
    in_app: Any = None
    in_app_of_api: Any = field(default=None, name="inApp")
    context_line: Any = None
    context_of_api: Any = field(default=None, name="context")
    """``[[line, text], ...]``"""
    instruction_addr: Any = None
    instruction_addr_of_api: Any = field(default=None, name="instructionAddr")
    platform: Any = None


class Stack(Payload, frozen=True):
    frames: Many[StackFrame] = None


class Raised(Payload, frozen=True):
    """An exception, or what holds several of them as ``values``, oldest first."""

    type: Any = None
    value: Any = None
    module: Any = None
    stacktrace: One[Stack] = None
    values: "Many[Raised]" = None


class Thread(Payload, frozen=True):
    crashed: Any = None
    current: Any = None
    stacktrace: One[Stack] = None


class Threads(Payload, frozen=True):
    values: Many[Thread] = None


class Crumb(Payload, frozen=True):
    timestamp: Any = None
    level: Any = None
    category: Any = None
    message: Any = None


class Crumbs(Payload, frozen=True):
    values: Many[Crumb] = None


class Said(Payload, frozen=True):
    formatted: Any = None
    message: Any = None


class Entry(Payload, frozen=True):
    """The API has the parts of an event in a list."""

    type: Any = None
    data: msgspec.Raw = msgspec.Raw(b"null")


class Tag(Payload, frozen=True):
    key: Any = None
    value: Any = None


class TraceContext(Payload, frozen=True):
    trace_id: Any = None


class Contexts(Payload, frozen=True):
    trace: One[TraceContext] = None


class Release(Payload, frozen=True):
    version: Any = None


class Event(Payload, frozen=True):
    event_id: Any = None
    event_id_of_api: Any = field(default=None, name="eventID")
    platform: Any = None
    level: Any = None
    title: Any = None
    message: Any = None
    logentry: One[Said] = None
    message_of_old: One[Said] = field(default=None, name="sentry.interfaces.Message")
    exception: Raised | list[One[Raised]] | Scalar = None
    exception_of_old: Raised | list[One[Raised]] | Scalar = field(default=None, name="sentry.interfaces.Exception")
    stacktrace: One[Stack] = None
    stacktrace_of_old: One[Stack] = field(default=None, name="sentry.interfaces.Stacktrace")
    threads: Threads | list[One[Thread]] | Scalar = None
    breadcrumbs: Crumbs | list[One[Crumb]] | Scalar = None
    breadcrumbs_of_old: Crumbs | list[One[Crumb]] | Scalar = field(default=None, name="sentry.interfaces.Breadcrumbs")
    entries: Many[Entry] = None
    datetime: Any = None
    timestamp: Any = None
    date_created: Any = field(default=None, name="dateCreated")
    received: Any = None
    """By Sentry; an app that was offline tells late."""
    environment: Any = None
    release: One[Release] = None
    server_name: Any = None
    transaction: Any = None
    tags: Many[Tag] = None
    contexts: One[Contexts] = None
    issue_id: Any = None
    issue_id_of_api: Any = field(default=None, name="groupID")
    issue_url: Any = None
    url: Any = None
    web_url: Any = None

    @property
    def moments(self) -> tuple[Any, ...]:
        return (self.datetime, self.timestamp, self.date_created, self.received)

    @property
    def key(self) -> str:
        """Its id, 32 hex digits; empty where it has none."""
        return _event_id(self.event_id) or _event_id(self.event_id_of_api)


class Metadata(Payload, frozen=True):
    type: Any = None
    value: Any = None
    title: Any = None
    filename: Any = None
    function: Any = None


class Project(Payload, frozen=True):
    slug: Any = None
    name: Any = None


class Issue(Payload, frozen=True):
    id: Any = None
    short_id: Any = field(default=None, name="shortId")
    title: Any = None
    level: Any = None
    platform: Any = None
    metadata: One[Metadata] = None
    project: One[Project] = None
    first_seen: Any = field(default=None, name="firstSeen")
    last_seen: Any = field(default=None, name="lastSeen")
    web_url: Any = None
    permalink: Any = None

    @property
    def moments(self) -> tuple[Any, ...]:
        return (self.last_seen,)


class AlertRule(Payload, frozen=True):
    name: Any = None
    environment: Any = None


class MetricAlert(Payload, frozen=True):
    id: Any = None
    title: Any = None
    alert_rule: One[AlertRule] = None
    projects: Any = None
    date_detected: Any = None
    date_started: Any = None

    @property
    def moments(self) -> tuple[Any, ...]:
        return (self.date_detected, self.date_started)


# ------------------------------------------------------------- to records


def of_event(event: Event, received: datetime) -> Record:
    """An event. Whoever tells of it, it has one key, and counts once."""
    tags = _tags(event.tags)
    said = _message(event) or text(event.title)
    trace = _trace(event, said)
    project = _within(_PROJECT_URL, event.url)
    context = event.contexts.trace if isinstance(event.contexts, Contexts) else None
    return Record(
        source=SOURCE,
        at=_first_instant(event.moments, received),
        text=said,
        labels=fields.labels(
            service=tags.get("service") or project,
            project=project,
            environment=event.environment or tags.get("environment"),
            release=(event.release.version if isinstance(event.release, Release) else event.release)
            or tags.get("sentry:release")
            or tags.get("release"),
            host=event.server_name or tags.get("server_name"),
            transaction=event.transaction or tags.get("transaction"),
            request_id=tags.get("request_id"),
            trace_id=context.trace_id if isinstance(context, TraceContext) else tags.get("trace_id"),
            sentry_issue=issue_id(event.issue_id) or issue_id(event.issue_id_of_api) or _within(_ISSUE_URL, event.issue_url),
        ),
        key=event.key,
        level=_level(event.level) or _level(tags.get("level")) or ("error" if trace and trace.kind else ""),
        trace=trace,
        links=fields.link("Sentry", event.web_url),
        logs=_logs(event, received),
    )


def of_issue(issue: Issue, received: datetime) -> Record:
    """An issue. No stack trace comes with it: only the exception and, at times, where it was raised."""
    known = issue.metadata if isinstance(issue.metadata, Metadata) else Metadata()
    project = issue.project.slug or issue.project.name if isinstance(issue.project, Project) else None
    kind, path = line(known.type), _path(known.filename)
    frames = (Frame(function=_function(known.function), path=path),) if path else ()
    return Record(
        source=SOURCE,
        at=_first_instant(issue.moments, received),
        text=text(issue.title) or text(known.title),
        labels=fields.labels(service=project, project=project, sentry_issue=issue_id(issue.id), sentry_short_id=issue.short_id),
        level=_level(issue.level),
        trace=StackTrace(_language(issue.platform), kind, text(known.value), frames) if kind else None,
        links=fields.link("Sentry", issue.web_url) or fields.link("Sentry", issue.permalink),
        missing=issue_id(issue.id),
    )


def of_metric_alert(alert: MetricAlert, title: Any, description: Any, url: Any, received: datetime) -> Record:
    """An incident of a metric alert rule: a message, told once however often it is told."""
    rule = alert.alert_rule if isinstance(alert.alert_rule, AlertRule) else AlertRule()
    projects = alert.projects if isinstance(alert.projects, list) else []
    project = projects[0] if len(projects) == 1 else None
    said = text(title) or text(rule.name) or text(alert.title) or "Metric alert"
    return Record(
        source=SOURCE,
        at=_first_instant(alert.moments, received),
        text=f"{said}\n{text(description)}".rstrip(),
        labels=fields.labels(service=project, project=project, environment=rule.environment),
        key=f"metric_alert:{issue_id(alert.id)}" if issue_id(alert.id) else "",
        level="error",
        links=fields.link("Sentry", url),
    )


def issue_id(value: Any) -> str:
    """Decimal digits, as the API's paths have them; empty for anything else."""
    found = text(value)
    return found if _ID.fullmatch(found) else ""


# ------------------------------------------------------------ stack traces


def _trace(event: Event, said: str) -> StackTrace | None:
    """What was raised; where nothing was, the place that a message was logged from."""
    raised = [one for one in _raised(event) if one.type or one.value or isinstance(one.stacktrace, Stack)]
    exceptions = [_exception(one, event.platform) for one in raised]
    last, causes = exceptions[-1] if exceptions else None, tuple(exceptions[-2::-1])
    if last is not None and last.frames:
        return replace(last, causes=causes) if causes else last
    frames = _frames(event.stacktrace) or _frames(event.stacktrace_of_old) or _frames(_blamed_thread(event).stacktrace)
    if last is not None:
        return replace(last, frames=tuple(map(_frame, frames)), causes=causes)
    return StackTrace(_language(event.platform, frames), "", said, tuple(map(_frame, frames))) if frames else None


def _raised(event: Event) -> list[Raised]:
    for form in (event.exception, event.exception_of_old, _entry(event, "exception", Raised)):
        values = form.values if isinstance(form, Raised) else form
        if isinstance(values, list):
            return fields.objects(values, Raised)
        if isinstance(form, Raised):
            return [form]
    return []


def _exception(raised: Raised, platform: Any) -> StackTrace:
    frames = _frames(raised.stacktrace)
    language = _language(platform, frames)
    kind, module = line(raised.type), line(raised.module)
    if kind and module and language in _QUALIFIED and module not in _UNQUALIFIED and not kind.startswith(module):
        kind = f"{module}.{kind}"
    return StackTrace(language, kind, text(raised.value), tuple(map(_frame, frames)))


def _blamed_thread(event: Event) -> Thread:
    """The one that crashed, else the one that was running."""
    form = event.threads or _entry(event, "threads", Threads)
    threads = fields.objects(form.values if isinstance(form, Threads) else form, Thread)
    return next((t for t in threads if t.crashed is True), None) or next((t for t in threads if t.current is True), Thread())


def _frames(stack: Any) -> list[StackFrame]:
    """Without those that say nothing at all."""
    return [f for f in fields.objects(stack.frames, StackFrame) if _says_something(f)] if isinstance(stack, Stack) else []


def _says_something(f: StackFrame) -> bool:
    return bool(
        f.function
        or f.filename
        or f.abs_path
        or f.abs_path_of_api
        or f.module
        or f.package
        or f.instruction_addr
        or f.instruction_addr_of_api
    )


def _frame(f: StackFrame) -> Frame:
    at = number(f.lineno) or number(f.lineno_of_api)
    return Frame(
        function=_function(f.function),
        path=_path(f.filename, f.abs_path or f.abs_path_of_api) or _binary(f.package),
        line=at,
        column=number(f.colno) or number(f.colno_of_api),
        in_app=f.in_app is True or f.in_app_of_api is True,
        module=line(f.module),
        context=text(f.context_line) or _quoted(f.context_of_api, at),
    )


def _path(filename: Any, abs_path: Any = None) -> str:
    """The file's name, mostly relative to where the code's root is; the longer path where that is no file or only its last part."""
    short = _file(filename)
    if "/" in short:
        return short
    long = _file(abs_path)
    return long if not short or long.replace("\\", "/").endswith(f"/{short}") else short


def _binary(package: Any) -> str:
    """Native code's, which has no file; elsewhere it is a package's name."""
    found = line(package)
    return found if "/" in found or "\\" in found else ""


def _file(name: Any) -> str:
    found = line(name)
    return "" if found in _NO_FILE else found


def _function(name: Any) -> str:
    found = line(name)
    return "" if found == "?" else found


def _quoted(context: Any, at: int | None) -> str:
    lines = context if isinstance(context, list) and at else []
    return next((text(one[1]) for one in lines if isinstance(one, list) and len(one) == 2 and one[0] == at), "")


def _language(platform: Any, frames: Sequence[StackFrame] = ()) -> str:
    """A frame knows better than its event: an app may be of several languages."""
    name = next(filter(None, (f.platform for f in reversed(frames))), platform)
    return _LANGUAGES.get(line(name), line(name))


# -------------------------------------------------------- the other parts


def _message(event: Event) -> str:
    forms = (event.logentry, event.message_of_old, _entry(event, "message", Said))
    said = (part for form in forms if isinstance(form, Said) for part in (form.formatted, form.message))
    return next(filter(None, map(text, said)), "") or text(event.message)


def _logs(event: Event, received: datetime) -> tuple[str, ...]:
    """The last breadcrumbs, one a line: when, how grave, what of, what."""
    form = event.breadcrumbs or event.breadcrumbs_of_old or _entry(event, "breadcrumbs", Crumbs)
    crumbs = [crumb for crumb in fields.objects(form.values if isinstance(form, Crumbs) else form, Crumb) if crumb.message]
    return tuple(_log(crumb, received) for crumb in crumbs[-_MOST_LOGS:])


def _log(crumb: Crumb, received: datetime) -> str:
    at = fields.instant(crumb.timestamp, received)
    said = (at.isoformat(timespec="milliseconds") if at else "", line(crumb.level), line(crumb.category), line(crumb.message, most=500))
    return " ".join(filter(None, said))


def _entry(event: Event, name: str, kind: type[_T]) -> _T | None:
    """A part of an event as the API has it."""
    for entry in fields.objects(event.entries, Entry):
        if entry.type == name:
            try:
                return boundary.decode(bytes(entry.data), kind)
            except Rejected:
                return None
    return None


def _tags(tags: Any) -> dict[str, str]:
    """Tags come as pairs, as one object, and from the API as objects with ``key`` and ``value``."""
    if isinstance(tags, dict):
        pairs = list(tags.items())
    else:
        many = tags if isinstance(tags, list) else []
        pairs = [
            (t.key, t.value) if isinstance(t, Tag) else tuple(t)
            for t in many
            if isinstance(t, Tag) or (isinstance(t, list) and len(t) == 2)
        ]
    return {key: line(value) for key, value in pairs if isinstance(key, str)}


def _first_instant(moments: Sequence[Any], received: datetime) -> datetime:
    return next(filter(None, (fields.instant(moment, received) for moment in moments)), received)


def _within(pattern: re.Pattern[str], value: Any) -> str:
    m = pattern.search(line(value))
    return m[1] if m else ""


def _event_id(value: Any) -> str:
    found = text(value).replace("-", "").lower()
    return found if _EVENT_ID.fullmatch(found) else ""


def _level(value: Any) -> Level:
    return _LEVELS.get(text(value).lower(), "")


# https://sentry.io/api/0/issues/1170820242/
_ISSUE_URL = re.compile(r"/issues/([0-9]{1,20})/")
# https://sentry.io/api/0/projects/acme/shop/events/bb78c1407cea4519aa397afc059c793d/
_PROJECT_URL = re.compile(r"/projects/[\w.-]+/([\w.-]+)/")
# 1170820242
_ID = re.compile(r"[0-9]{1,20}")
# bb78c1407cea4519aa397afc059c793d
_EVENT_ID = re.compile(r"[0-9a-f]{32}")

_NO_FILE = frozenset({"<anonymous>", "<unknown>", "?", "??", "[native code]", "native"})
_LEVELS: dict[str, Level] = {
    "debug": "debug",
    "info": "info",
    "log": "info",
    "warning": "warning",
    "warn": "warning",
    "error": "error",
    "fatal": "fatal",
    "critical": "fatal",
}
_LANGUAGES = {"node": "javascript", "groovy": "java", "dotnet": "csharp", "c": "native", "cocoa": "native", "objc": "native", "other": ""}
_QUALIFIED = frozenset({"java", "python"})
"""Where a trace prints an exception's type with its module, which Sentry has apart."""
_UNQUALIFIED = frozenset({"builtins", "exceptions", "__main__"})
