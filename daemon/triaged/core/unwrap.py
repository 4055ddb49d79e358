"""A log text freed from what wrote it down: colours, carriage returns, containers, collectors' prefixes, JSON, escaped newlines.

What comes out are pieces, each what one writer said, so that parsers can stay simple. JSON logs are read by the names that their
libraries give to things, whatever the nesting: Bunyan, pino, winston, zap, zerolog, logrus, slog, structlog, python-json-logger,
Logback, log4j2, Serilog, Monolog, ECS, GCP, Lambda, Powertools.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import msgspec

from triaged.core.assemble import container_line
from triaged.core.model import Level

_MOST_FIELDS = 400  # of a JSON log
_DEEPEST = 7


@dataclass(frozen=True, slots=True)
class Piece:
    """What one writer said."""

    text: str
    level: Level = ""
    kind: str = ""
    """The error's type, where JSON names it."""
    message: str = ""
    """The error's message, where JSON has it; else what the log line says."""
    labels: Mapping[str, str] = field(default_factory=dict)
    structured: bool = False
    """It was JSON."""


LEVELS: dict[str, Level] = {
    **dict.fromkeys(("trace", "debug", "dbg", "verbose", "fine", "finer", "finest"), "debug"),
    **dict.fromkeys(("info", "information", "informational", "inf", "notice", "log", "config", "default"), "info"),
    **dict.fromkeys(("warn", "warning", "wrn"), "warning"),
    **dict.fromkeys(("error", "err", "eror", "severe", "fail"), "error"),
    **dict.fromkeys(("fatal", "ftl", "critical", "crit", "alert", "emerg", "emergency", "panic", "dpanic"), "fatal"),
}
"""What loggers call their levels, in lower case."""


def unwrap(text: str) -> tuple[Piece, ...]:
    """The pieces of a text: what is plain first, then each JSON log."""
    text = clean(text)
    if (whole := _json(text.strip())) is not None:
        return _objects([whole])
    streams, lines = _streams(text)
    if streams:
        return tuple(piece for stream in streams for piece in unwrap("\n".join(stream)))
    plain, objects = _parted(_unprefixed(lines))
    if objects and _is_wrapped_by_line(objects):
        return unwrap("\n".join(_said(each) for each in objects))
    rest = "\n".join(_unescaped(line) for line in plain)
    return (*((Piece(rest),) if rest.strip() else ()), *_objects(objects))


# ------------------------------------------------------------------------ plain

# ESC[31m, and as rsyslog and JSON escape it
_COLOUR = re.compile(r"(?:\x1b|#033|\\x1b|\\u001[bB])\[[0-9;?]{0,20}[A-Za-z]|\x1b\][^\x07\x1b\n]{0,200}(?:\x07|\x1b\\)")
# KeyError: 'x'END RequestId: 8f507cfc-example
_GLUED = re.compile(r"(?<=[^\n])(?=(?:END|REPORT) RequestId: [0-9a-f])")
_BLANKS = str.maketrans(
    {"\u00a0": " ", "\u202f": " ", "\u2007": " ", "\ufeff": None, "\x00": None, "\u2028": "\n", "\u2029": "\n", "\x85": "\n"}
)


def clean(text: str) -> str:
    """Without colours and odd blanks, and with plain newlines."""
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    if not text.isascii() or "\x00" in text:
        text = text.translate(_BLANKS)
    if "[" in text and _COLOUR.search(text):
        text = _COLOUR.sub("", text)
    if "#012" in text:
        text = text.replace("#012", "\n").replace("#011", "\t")  # rsyslog's newlines and tabs
    return _GLUED.sub("\n", text) if " RequestId: " in text else text


def _streams(text: str) -> tuple[list[list[str]], list[str]]:
    """What each stream of a container said, where its runtime wrapped the lines; and the lines as they are."""
    lines = text.split("\n")
    streams: dict[str, list[str]] = {}
    open_: set[str] = set()
    for line in lines:
        told = container_line(line)
        name = told.stream if told else ""
        said = streams.setdefault(name, [])
        if name in open_:
            said[-1] += told.text if told else line
        else:
            said.append(told.text if told else line)
        open_ = open_ | {name} if told and told.partial else open_ - {name}
    return ([said for said in streams.values() if any(said)] if set(streams) - {""} else []), lines


#     at load (/app/shop.js:2:38), \tat com.shop.Cart.total(Cart.java:7), File "/app/shop.py", line 4, \tfrom shop.rb:6:in `total'
_EVIDENCE = re.compile(
    r"(?P<indent>[ \t]*)(?:at [\w$.<(/]|File \"[^\"]+\", line \d|Traceback \(most|from \S+:\d|Caused by: |goroutine \d+ \[|#\d+ +[\w/<(]|\.\.\. \d+ more|\S+\.go:\d+ \+0x)"
)
_MASKED = re.compile(r"\d+")


def _unprefixed(lines: list[str]) -> list[str]:
    """Without the prefix that a collector set before every line: the one that most lines of a trace have in common, but for digits."""
    prefixes = [line[: m.start()] for line in lines if (m := _EVIDENCE.search(line[:1_000]))]
    shapes = [_MASKED.sub("0", prefix) for prefix in prefixes]
    most = max(set(shapes), key=shapes.count, default="")
    if not re.search(r"[A-Za-z0>]", most) or shapes.count(most) < 2 or shapes.count(most) * 2 <= len(shapes):
        return lines
    prefix = re.compile(r"\d+".join(map(re.escape, most.split("0"))))
    found = [prefix.match(line) for line in lines]
    rest = [line[m.end() :] if m else line for line, m in zip(lines, found, strict=True)]
    spaced = all(line[:1] in ("", " ") for line, m in zip(rest, found, strict=True) if m)
    return [line[1:] if m and spaced else line for line, m in zip(rest, found, strict=True)]


# Error: no cart\n    at load (/app/shop.js:2:38), on one line
_ESCAPED = re.compile(r"\\n(?:\\t|[ \t])*(?:at |File |from \S+:\d|#\d+ |goroutine |Caused by|Traceback|\S+\.rb:\d+:in )")


def _unescaped(line: str) -> str:
    r"""A trace that was written on one line, its newlines as ``\n``, is written out again; a quoted value on lines of its own."""
    if "\\n" not in line or not _ESCAPED.search(line):
        return line
    out, at = [], 0
    while (begin := line.find('="', at)) >= 0:
        end = begin + 2
        while (end := line.find('"', end)) >= 0 and line[end - 1] == "\\":
            end += 1
        value = line[begin + 2 : end if end >= 0 else len(line)]
        if "\\n" in value:
            out += [line[at:begin], "\n", _written_out(value), "\n"]
        else:
            out.append(line[at : begin + 2] + value)
        at = end + 1 if "\\n" in value else end
        if end < 0:
            return "".join(out)
    return "".join([*out, _written_out(line[at:])])


def _written_out(value: str) -> str:
    return (
        value.replace("\\r\\n", "\n")
        .replace("\\n", "\n")
        .replace("\\t", "\t")
        .replace('\\"', '"')
        .replace("\\'", "'")
        .replace("\\\\", "\\")
    )


# ------------------------------------------------------------------------- JSON

# Names are compared in lower case, without anything but letters and digits.
_ERRORS = frozenset({"error", "err", "exception", "exc", "thrown", "throwable", "e", "excinfo", "errordetails", "lasterror"})
_STACKS = frozenset(
    {
        "stack",
        "stacktrace",
        "traceback",
        "backtrace",
        "excinfo",
        "exctext",
        "errorstack",
        "errorverbose",
        "x",
        "extendedstacktrace",
        "fullstack",
        "callstack",
    }
)
_MESSAGES = frozenset(
    {
        "message",
        "msg",
        "event",
        "log",
        "text",
        "textpayload",
        "shortmessage",
        "fullmessage",
        "m",
        "body",
        "messagetemplate",
        "mt",
        "logmessage",
    }
)
_ERROR_MESSAGES = frozenset({"errormessage", "exceptionmessage", "excvalue", "errormsg", "exceptionmsg", "errmsg"})
_TYPES = frozenset(
    {"errortype", "exceptiontype", "exceptionname", "exctype", "exceptionclass", "errorname", "errorkind", "errorclass", "errorcode"}
)
_INNER_TYPES = frozenset({"type", "name", "class", "kind", "classname"})
_LEVEL_NAMES = frozenset({"level", "severity", "loglevel", "lvl", "levelname", "severitytext", "l", "logseverity", "loggerlevel"})
_LABELS = {
    **dict.fromkeys(("service", "servicename", "app", "application", "appname", "ddservice", "applicationname"), "service"),
    **dict.fromkeys(
        ("environment", "env", "ddenv", "deploymentenvironment", "deploymentenvironmentname", "serviceenvironment", "stage"), "environment"
    ),
    **dict.fromkeys(
        ("release", "version", "ddversion", "serviceversion", "appversion", "gitsha", "gitcommit", "commit", "revision"), "release"
    ),
    **dict.fromkeys(
        ("requestid", "reqid", "xrequestid", "correlationid", "awsrequestid", "functionrequestid", "lambdarequestid"), "request_id"
    ),
    **dict.fromkeys(("traceid", "ddtraceid", "oteltraceid", "xraytraceid"), "trace_id"),
}
_NUMBERS: tuple[tuple[int, Level], ...] = ((60, "fatal"), (50, "error"), (40, "warning"), (30, "info"), (0, "debug"))

Path = tuple[str, ...]


def _json(text: str) -> dict[str, Any] | None:
    if not text.startswith("{") or not text.endswith("}"):
        return None
    try:
        found = msgspec.json.decode(text)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def _parted(lines: list[str]) -> tuple[list[str], list[dict[str, Any]]]:
    """Plain lines, and the JSON logs among them; what stands before a JSON log in its line is plain."""
    plain: list[str] = []
    objects: list[dict[str, Any]] = []
    for line in lines:
        cut = line.find('{"') if line.rstrip().endswith("}") else -1
        found = _json(line[cut:].rstrip()) if cut >= 0 else None
        if found is not None and (_said(found) or _read(found).text):
            objects.append(found)
            line = line[:cut].rstrip()
            if not line:
                continue
        plain.append(line)
    return plain, objects


def _said(found: Mapping[str, Any]) -> str:
    return next((value for name, value in found.items() if _plain_name(name) in _MESSAGES and isinstance(value, str)), "")


def _is_wrapped_by_line(objects: list[dict[str, Any]]) -> bool:
    """Each JSON log holds one line of a trace, as collectors write what was printed."""
    lines = [_said(each) for each in objects]
    return len(lines) > 2 and sum(1 for line in lines if "\n" not in line.rstrip("\n") and _EVIDENCE.match(line)) > 1


def _objects(objects: list[dict[str, Any]]) -> tuple[Piece, ...]:
    return tuple(_read(each) for each in objects)


def _read(found: Mapping[str, Any]) -> Piece:
    fields = sorted(_flat(found), key=lambda each: len(each[0]))  # an error's own fields before those of its causes
    stack = next((text for path, value in fields if (text := _stack(path, value))), "")
    kind = next((value for path, value in fields if _is_type(path) and isinstance(value, str) and 0 < len(value) < 200), "")
    message = next((value for path, value in fields if _is_error_message(path) and isinstance(value, str) and value and value != stack), "")
    said = _said(found)
    head = f"{kind}: {message}" if kind and message else kind
    parts = [said if said not in stack else "", head if stack and head and kind not in stack else "", stack]
    return Piece(
        text=clean("\n".join(part for part in parts if part)),
        level=_level(fields, is_gelf="short_message" in found),
        kind=kind,
        message=message or said,
        labels=_labels(fields),
        structured=True,
    )


def _flat(found: Mapping[str, Any]) -> list[tuple[Path, Any]]:
    out: list[tuple[Path, Any]] = []
    waiting: list[tuple[Path, Any]] = [((), found)]
    while waiting and len(out) < _MOST_FIELDS:
        path, value = waiting.pop(0)
        if isinstance(value, dict) and len(path) < _DEEPEST:
            waiting += [((*path, *map(_plain_name, name.split("."))), each) for name, each in list(value.items())[:_MOST_FIELDS]]
        elif path:
            out.append((path, value))
    return out


def _plain_name(name: str) -> str:
    return "".join(c for c in name.lower() if c.isalnum())


def _in_error(path: Path) -> bool:
    return not _ERRORS.isdisjoint(path[:-1]) and "cause" not in path


def _is_type(path: Path) -> bool:
    return path[-1] in _TYPES or "".join(path[-2:]) in _TYPES or (path[-1] in _INNER_TYPES and _in_error(path))


def _is_error_message(path: Path) -> bool:
    return path[-1] in _ERROR_MESSAGES or path[-1] in _ERRORS or (path[-1] in ("message", "msg", "value", "reason") and _in_error(path))


def _stack(path: Path, value: Any) -> str:
    if path[-1] in _STACKS or "".join(path[-2:]) in _STACKS:
        if isinstance(value, list):
            return "\n".join(text for each in value[:500] if (text := _frame(each)))
        return value if isinstance(value, str) and (len(value) > 200 or "\n" in value or _EVIDENCE.search(value)) else ""
    if path[-1] in _ERRORS and isinstance(value, list):  # structlog's dict_tracebacks
        frames = [frame for each in value[:5] if isinstance(each, dict) for frame in each.get("frames") or ()]
        return "\n".join(text for each in frames[:500] if (text := _frame(each)))
    return value if path[-1] in _ERRORS and isinstance(value, str) and "\n" in value else ""


def _frame(value: Any) -> str:
    """An entry of a list of frames as the language would print it."""
    if isinstance(value, str):
        return value.rstrip("\n")
    match value:
        case {"filename": path, "lineno": line, "name": function}:
            return f'  File "{path}", line {line}, in {function}'
        case {"class": name, "method": function, "file": path, "line": line}:
            return f"\tat {name}.{function}({path}:{line})"
        case {"func": function, "source": path, "line": line}:
            return f"{function}(...)\n\t{path}:{line}"
    return ""


def _level(fields: list[tuple[Path, Any]], *, is_gelf: bool) -> Level:
    for path, value in fields:
        if path[-1] not in _LEVEL_NAMES and "".join(path[-2:]) not in _LEVEL_NAMES:
            continue
        if isinstance(value, str) and value.lower() in LEVELS:
            return LEVELS[value.lower()]
        if isinstance(value, int) and not isinstance(value, bool):
            if is_gelf:  # syslog's numbers
                return "fatal" if value < 3 else "error" if value == 3 else "warning" if value == 4 else "info"
            return next(level for number, level in _NUMBERS if (value // 10 if value >= 100 else max(value, 0)) >= number)
    return ""


def _labels(fields: list[tuple[Path, Any]]) -> dict[str, str]:
    labels: dict[str, str] = {}
    for path, value in fields:
        name = _LABELS.get("".join(path)) or _LABELS.get("".join(path[-2:])) or (_LABELS.get(path[-1]) if len(path) == 1 else None)
        if name and isinstance(value, (str, int)) and not isinstance(value, bool) and 0 < len(str(value)) <= 200:
            labels.setdefault(name, str(value))
    return labels
