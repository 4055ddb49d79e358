"""A log text freed from what wrote it down: colours, carriage returns, containers, collectors' prefixes, JSON, escaped newlines.

What comes out are pieces, each what one writer said, so that parsers can stay simple. JSON logs are read by the names that their
libraries give to things, whatever the nesting: Bunyan, pino, winston, zap, zerolog, logrus, slog, structlog, python-json-logger,
Logback, log4j2, Serilog, Monolog, ECS, GCP, Lambda, Powertools.
"""

import html
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import msgspec

from triaged.core.assemble import PREFIX, container_line, is_log
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
    said: str = ""
    """What the log line says, where it was JSON."""
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


LEVEL_NAMES = "|".join(sorted(LEVELS, key=len, reverse=True))
# 2026-03-04 07:00:00,123 ERROR [main] c.shop.Cart - no price; [error] no price; level=error msg="no price"; ERROR: no price.
# Not: ERROR, and CRITICAL logging levels
_LEVEL = re.compile(
    rf"(?:^|[\s\[(<|*:\"'])(?:level|lvl|severity)[\"']?[=:] ?[\"']?(?P<named>(?i:{LEVEL_NAMES}))\b"
    rf"|[\[(<|](?P<boxed>(?i:{LEVEL_NAMES})) *[\])>|:]"
    rf"|(?:^|[\s\]|)>.:])(?<!\b[Aa]nd )(?<!\b[Oo]r )(?P<upper>{LEVEL_NAMES.upper()})(?=[\s:\]|)(/-]|$)"
    rf"|(?:^|[\]Z\d] |\d\t)(?P<lower>{LEVEL_NAMES})(?:: | - |\t)",
)
# E0304 07:00:00.000000 1 cart.go:12] no price; E, [2026-03-04T07:00:00 #12] ERROR -- : no price; 03-04 07:00:00.000 12 12 E Shop: no price
_LETTER = re.compile(
    r"(?P<letter>[DIWEF])(?:\d{4} \d\d:\d\d:\d\d|, \[\d{4}-|/[\w.]{1,40}(?:\(| *:))|\d\d-\d\d \d\d:\d\d:\d\d\.\d+ +\d+ +\d+ (?P<cat>[VDIWEF]) "
)
# <3>no price
_PRIORITY = re.compile(r"<(\d{1,3})>")
_PER_LETTER: dict[str, Level] = {"V": "debug", "D": "debug", "I": "info", "W": "warning", "E": "error", "F": "fatal"}
_LONGEST_LEVEL = 160  # characters of a line in which its level is looked for


def level_of(line: str) -> Level:
    """The level that a log line states; "" where it states none."""
    begin = line[:_LONGEST_LEVEL]
    if m := _LETTER.match(begin):
        return _PER_LETTER[m["letter"] or m["cat"]]
    if m := _PRIORITY.match(begin):
        severity = int(m[1]) % 8
        return "fatal" if severity < 3 else "error" if severity == 3 else "warning" if severity == 4 else "info"
    m = _LEVEL.search(begin)
    return LEVELS[next(filter(None, m.groups())).lower()] if m else ""


def unwrap(text: str) -> tuple[Piece, ...]:
    """The pieces of a text: what is plain first, then each JSON log."""
    text = clean(text)
    if (whole := _json(text.strip())) is not None:
        return _objects([whole])
    streams, lines = _streams(text)
    if streams:
        return tuple(piece for stream in streams for piece in unwrap("\n".join(stream)))
    plain, objects = _parted(lines)
    if _is_wrapped_by_line(objects):
        level = _read(objects[0]).level
        return tuple(replace(piece, level=piece.level or level) for piece in unwrap("\n".join(_said(each) for each in objects)))
    plain, prefix = _unprefixed(plain)
    written = [each for line in _undisturbed(_dedented(plain)) for each in _unescaped(line).split("\n")]
    rest = "\n".join(_unglued(line) for line in written)
    return (*((Piece(rest, level=level_of(prefix)),) if rest.strip() else ()), *_objects(objects))


# ------------------------------------------------------------------------ plain

# ESC[31m, and as rsyslog and JSON escape it
_COLOUR = re.compile(r"(?:\x1b|#033|\\x1b|\\u001[bB])\[[0-9;?]{0,20}[A-Za-z]|\x1b\][^\x07\x1b\n]{0,200}(?:\x07|\x1b\\)")
# KeyError: 'x'END RequestId: 8f507cfc-example
_GLUED = re.compile(r"(?<=[^\n])(?=(?:END|REPORT) RequestId: [0-9a-f])")
_BLANKS = str.maketrans(
    {"\u00a0": " ", "\u202f": " ", "\u2007": " ", "\ufeff": None, "\x00": None, "\u2028": "\n", "\u2029": "\n", "\x85": "\n"}
)


_ENTITY = re.compile(r"&(?:lt|gt|amp|quot|apos|#0?39|#x27|#34|#x22|nbsp);")
# <https://ci.example/1|build 1>, <@U1>, <!here>, which Slack sets beside what it escapes
_SLACK = re.compile(r"<(?:https?://|mailto:|[@#!])[^<>\n]{0,500}>")


def _is_html(text: str) -> bool:
    """Chats and pages escape all of a text: where a bare bracket stands, an entity is meant as it is."""
    return _ENTITY.search(text) is not None and not ("<" in text and "<" in _SLACK.sub("", text))


def clean(text: str) -> str:
    """Without colours, odd blanks and HTML's escapes, and with plain newlines."""
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    if not text.isascii() or "\x00" in text:
        text = text.translate(_BLANKS)
    if "```" in text:
        text = text.replace("```", "\n")  # chats fence what is pasted
    if "&" in text and _is_html(text):
        text = html.unescape(text)
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
    r"(?:^|(?<=[^\S \t])|(?<=[:|\]>)])|(?<=[^ \t][ \t]))(?P<indent>[ \t]*+)(?:(?<![a-z] )at [\w$.<(/]|File \"[^\"]+\", line \d|Traceback \(most|from \S+:\d|Caused by: |goroutine \d+ \[|#\d+ +[\w/<({]|Node\.js v\d"
    r"|\.\.\. \d+ more|(?:[A-Za-z]:)?[^\s:|>]{1,300}\.go:\d+ \+0x|\*\* \(\w|(?:[A-Za-z]:)?[^\s:|>]{1,300}\.(?:rb|lua|exs?|erl|py|js):\d+:|[\w.-]+ \([\d.]+\) \S+\.rb:\d|\S{1,200} called at \S{1,300} line \d"
    r"|Error in [^\n]{1,300} :(?: |$)|\[\{file,\"|in (?:function|call from) +[\w':@-]{1,100}/\d"
    r"|\d{1,3} {1,20}(?:\[[\w ]{1,12}\] {1,20}){0,3}[\w.?-]{0,60}[ \t]{0,40}0x[0-9a-f]{8,16} )"
)
_DIGITS = re.compile(r"\d+")
# Where a prefix may end: after a separator.
_SEPARATOR = re.compile(r".*(?:[:\]|>)Z] | - |\t)")


def _unprefixed(lines: list[str]) -> tuple[list[str], str]:
    """Without the prefix that something set before every line, and that prefix: what all lines have in common but for digits, up to a
    separator; or else what most lines of a trace have in common before what makes them that."""
    found = [PREFIX.match(line) for line in lines if line.strip()]
    priorities = {m[0].partition(">")[0] for m in found if m and m[0][0] == "<"}
    if len(priorities) == 1 and all(found):  # else each line says its own level
        return [line[m.end() :] if (m := PREFIX.match(line)) else line for line in lines], next(iter(priorities)) + ">"
    lines = [line[m.end() :] if line[:1] != "<" and (m := PREFIX.match(line)) else line for line in lines]
    shape = _common([_DIGITS.sub("0", line[:300]) for line in lines if line.strip()]) or _before_evidence(lines)
    if not shape:
        return lines, ""
    prefix = re.compile(r"\d+".join(map(re.escape, shape.split("0"))))
    begun = [prefix.match(line) for line in lines]
    rest = [line[m.end() :] if m else line for line, m in zip(lines, begun, strict=True)]
    spaced = all(line[:1] in ("", " ") for line, m in zip(rest, begun, strict=True) if m)
    return [line[1:] if m and spaced else line for line, m in zip(rest, begun, strict=True)], next((m[0] for m in begun if m), "")


def _common(masked: list[str]) -> str:
    """The prefix of all lines, trailing blanks left to what follows; "" where they have none that says when or who."""
    if masked and all(line.startswith("> ") for line in masked):
        return ">"
    if len(masked) < 2 or not any(_EVIDENCE.search(line) for line in masked):
        return ""
    low, high = min(masked), max(masked)
    shared = next((at for at, (a, b) in enumerate(zip(low, high, strict=False)) if a != b), min(len(low), len(high)))
    m = _SEPARATOR.match(low[:shared])
    prefix = m[0].rstrip(" \t") if m else ""
    return prefix if re.search(r"[0>|\]]", prefix) and not _EVIDENCE.search(prefix) else ""


def _before_evidence(lines: list[str]) -> str:
    found = [m for line in lines if (m := _EVIDENCE.search(line[:1_000]))]
    shapes = [_DIGITS.sub("0", m.string[: m.start("indent")].rstrip(" \t")) for m in found]
    most = max(set(shapes), key=shapes.count, default="")
    return (
        most
        if re.search(r"[A-Za-z>].*[:|\]>)Z,0-]$|>$|0[-:/]0", most) and shapes.count(most) > 1 and shapes.count(most) * 2 > len(shapes)
        else ""
    )


def _dedented(lines: list[str]) -> list[str]:
    """Without the indentation that all lines have, unless they are frames that begin so."""
    first = next((line for line in lines if line.strip()), "")
    if first[:1] not in (" ", "\t") or _EVIDENCE.match(first):
        return lines
    indent = first[: len(first) - len(first.lstrip(" \t"))]
    while indent and not all(line.startswith(indent) for line in lines if line.strip()):
        indent = indent[:-1]
    return [line.removeprefix(indent) for line in lines] if indent else lines


# What a trace goes on with.
_RESUMES = re.compile(
    r"[ \t]++\S|#\d+ |Caused by|The above exception|During handling|created by|[}\])]|\.\.\. ?\d|[|+]|\S+@\S+:\d|\S+\.rb:\d+:in|--- End|stack (?:backtrace|traceback):|Stack trace:"
)
_MOST_BETWEEN = 3  # lines of others between two lines of a trace


def _undisturbed(lines: list[str]) -> list[str]:
    """Without the few quiet lines that other writers put between the lines of a trace."""
    if not any(_EVIDENCE.search(line[:1_000]) for line in lines):
        return lines
    out: list[str] = []
    between: list[str] = []
    for line in lines:
        if (between and not line.strip()) or (
            out and is_log(line) and level_of(line) in ("debug", "info", "warning") and "Sanitizer: " not in line
        ):
            between.append(line)
            continue
        disturbed = len(between) <= _MOST_BETWEEN and _RESUMES.match(line)
        out += [each for each in between if not (disturbed and each.strip())]
        between = []
        out.append(line)
    return out + between


# Error: no cart\n    at load (/app/shop.js:2:38), on one line
_ESCAPED = re.compile(
    r"\\n(?:\\t|[ \t])*(?:at |File |from \S+:\d|#\d+ |goroutine |Caused by|Traceback|[^\s\\]{1,200}\.rb:\d+:in |stack traceback|[^\s\\@]{0,200}@\S{1,300}:\d|Calls: |note: run with )|\\n(?:\\t|[ \t])+[^\s\\]{1,200}(?:\.\w+:\d| called at )"
    r"|(?:Traceback \(most recent call last\):|File \"[^\"\\]{1,300}\", line \d+| panicked at [^\s\\]{1,300}:\d+:)\\n"
)


def _unescaped(line: str) -> str:
    r"""A trace that was written on one line, its newlines as ``\n``, is written out again; a quoted value on lines of its own."""
    if "\\n" not in line or not (_ESCAPED.search(line) or '="' in line):
        return line
    out, at = [], 0
    while (begin := line.find('="', at)) >= 0:
        end = _closing_quote(line, begin + 2)
        value = line[begin + 2 : end]
        key = line[at:begin].rpartition(" ")[2]
        if ("\\n" in value and _plain_name(key) in _STACKS | _ERRORS) or _ESCAPED.search(value):
            out += [line[at:begin], "\n", _written_out(value), "\n"]
        else:
            out.append(line[at : end + 1])
        at = end + 1
    rest = line[at:]
    return "".join([*out, _written_out(rest) if _ESCAPED.search(rest) else rest])


# 2026-03-04 07:00:00 ERROR shop - cart.rb:6:in `total': no price (KeyError)
_HEAD = re.compile(
    r"(?<=[:\]|>)-] )(?=[ \t]*(?:[^\s:]{1,300}\.rb:\d+:in [`']|File \"[^\"]{1,300}\", line \d+$|\+ Exception Group Traceback|/\S{1,300}\.[cm]?js:\d+$"
    r"|thread '[^']{0,200}' (?:\(\d+\) )?panicked at |Error in .{1,300} : |[\w./-]{1,200}: [\w./-]{1,200}:\d+: [^:]{1,200}: Assertion "
    r"|[^\s:]{1,300}:\d+:\d+: runtime error: |\*\* \(\w))"
)


def _unglued(line: str) -> str:
    """The head of a trace, which parsers know by how its line begins, on a line of its own below what a logger wrote before it."""
    return _HEAD.sub("\n", line, count=1) if is_log(line) else line


def _closing_quote(line: str, at: int) -> int:
    while (at := line.find('"', at)) >= 0 and line[at - 1] == "\\":
        at += 1
    return at if at >= 0 else len(line)


_WRITTEN = {"n": "\n", "t": "\t", "r": ""}


def _written_out(value: str) -> str:
    return re.sub(r"\\([nrt\"'\\])", lambda m: _WRITTEN.get(m[1], m[1]), value)


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
_LEVEL_FIELDS = frozenset({"level", "severity", "loglevel", "lvl", "levelname", "severitytext", "l", "logseverity", "loggerlevel"})
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
# Bunyan's and pino's numbers, Monolog's (100 is debug), syslog's in GELF
_TENS: dict[int, Level] = {6: "fatal", 5: "error", 4: "warning", 3: "info", 2: "debug", 1: "debug"}
_HUNDREDS: dict[int, Level] = {6: "fatal", 5: "fatal", 4: "error", 3: "warning", 2: "info", 1: "debug"}
_SYSLOG: dict[int, Level] = {0: "fatal", 1: "fatal", 2: "fatal", 3: "error", 4: "warning", 5: "info", 6: "info", 7: "debug"}

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
        if found is not None and (_has_message(found) or _read(found).text):
            objects.append(found)
            line = line[:cut].rstrip()
            if not line:
                continue
        plain.append(line)
    return plain, objects


def _has_message(found: Mapping[str, Any]) -> bool:
    return any(_plain_name(name) in _MESSAGES for name in found)


def _said(found: Mapping[str, Any]) -> str:
    return next((value for name, value in found.items() if _plain_name(name) in _MESSAGES and isinstance(value, str)), "")


def _is_wrapped_by_line(objects: list[dict[str, Any]]) -> bool:
    """Each JSON log holds one line of a trace, as collectors write what was printed."""
    lines = [_said(each).rstrip("\n") for each in objects]
    return len(lines) > 1 and not any("\n" in line for line in lines) and any(_EVIDENCE.match(line.lstrip(" |")) for line in lines)


def _objects(objects: list[dict[str, Any]]) -> tuple[Piece, ...]:
    return tuple(piece for each in objects for piece in _opened(each))


def _opened(found: Mapping[str, Any]) -> tuple[Piece, ...]:
    """What a JSON log says; where that is JSON too, as a collector writes down what an application logged, what that one says."""
    piece, said = _read(found), _said(found)
    inner = _json(said.strip()) if piece.text == clean(said) else None
    if inner is None or not (_has_message(inner) or _read(inner).text):
        return (piece,)
    return tuple(replace(each, level=each.level or piece.level, labels={**piece.labels, **each.labels}) for each in _opened(inner))


def _read(found: Mapping[str, Any]) -> Piece:
    fields = sorted(_flat(found), key=lambda each: len(each[0]))  # an error's own fields before those of its causes
    stacks = [(path, text) for path, value in fields if (text := _stack(path, value))]
    stack = next((text for path, text in stacks if path[-1] in _STACKS), stacks[0][1] if stacks else "") or _monolog(fields)
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
        said=said if said not in stack and said != message else "",
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
            if isinstance(value, list) and value and isinstance(value[0], dict):
                waiting.append((path, value[0]))
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
            listed = "\n".join(_frame(each) for each in value[:500])
            return f"{_GOROUTINE}\n{listed}" if _is_zerolog(value) else listed
        if isinstance(value, str) and _ZAP.match(value):
            return f"{_GOROUTINE}\n{_ZAP_CALL.sub('(...)', value)}"
        return (
            value
            if isinstance(value, str) and (len(value) > 200 or "\n" in value or _EVIDENCE.search(value) or _PLACED.search(value))
            else ""
        )
    if path[-1] in _ERRORS and isinstance(value, list):  # structlog's dict_tracebacks
        frames = [frame for each in value[:5] if isinstance(each, dict) for frame in each.get("frames") or ()]
        return "\n".join(text for each in frames[:500] if (text := _frame(each)))
    return value if path[-1] in _ERRORS and isinstance(value, str) and "\n" in value else ""


def _monolog(fields: list[tuple[Path, Any]]) -> str:
    """Monolog's exception, with ``file:line`` of the throw and of each call, as PHP would print it."""
    values = {path: value for path, value in fields if "exception" in path}
    at = next((path[:-1] for path, value in values.items() if path[-1] == "trace" and isinstance(value, list)), None)
    if at is None or not isinstance(values.get((*at, "file")), str):
        return ""
    entries = [
        f"#{number} {'('.join(call.rsplit(':', 1))}): " for number, call in enumerate(values[*at, "trace"][:500]) if isinstance(call, str)
    ]
    said = f"{values.get((*at, 'class'), '')}: {values.get((*at, 'message'), '')} in {values[*at, 'file']}"
    return "\n".join([said, "Stack trace:", *entries])


_GOROUTINE = "goroutine 1 [running]:"  # without it zerolog's functions, which lack their packages, and zap's `panic` say nothing of Go
# no price at cart.pl line 7.; app: cart.c:4: total: Assertion `price' failed.
_PLACED = re.compile(r" at \S+ line \d+\.?$|[^\s:]\.\w{1,5}:\d+: ")
# main.total, and below it a tab and /app/cart.go:5
_ZAP = re.compile(r"\S{1,300}\n\t[^\n]{1,500}\.(?:go|s):\d")
_ZAP_CALL = re.compile(r"(?<=\S)(?=\n\t[^\n]{1,500}\.(?:go|s):\d)(?<!\))")


def _is_zerolog(frames: list[Any]) -> bool:
    return bool(frames) and isinstance(frames[0], dict) and frames[0].keys() >= {"func", "line", "source"}


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
        if path[-1] not in _LEVEL_FIELDS and "".join(path[-2:]) not in _LEVEL_FIELDS:
            continue
        if isinstance(value, str) and value.lower() in LEVELS:
            return LEVELS[value.lower()]
        if isinstance(value, int) and not isinstance(value, bool):
            return _SYSLOG.get(value, "") if is_gelf else _HUNDREDS.get(value // 100, "") or _TENS.get(value // 10, "")
    return ""


def _labels(fields: list[tuple[Path, Any]]) -> dict[str, str]:
    labels: dict[str, str] = {}
    for path, value in fields:
        name = _LABELS.get("".join(path)) or _LABELS.get("".join(path[-2:])) or (_LABELS.get(path[-1]) if len(path) == 1 else None)
        if name and isinstance(value, (str, int)) and not isinstance(value, bool) and 0 < len(str(value)) <= 200:
            labels.setdefault(name, str(value))
    return labels
