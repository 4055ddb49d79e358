"""What came in, as it is understood: a record to its events.

A structured trace wins. Else the text is unwrapped (``core.unwrap``) and every stack trace in it is an event; without one there
is an event only where the record says that it is an error.
"""

import re
from bisect import bisect_right
from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import accumulate
from typing import Any

import re2

from triaged.core.assemble import MOST_CHARACTERS, MOST_LINES, is_log
from triaged.core.category import category
from triaged.core.model import Event, Frame, Level, Record, StackTrace
from triaged.core.patterns import options
from triaged.core.unwrap import LEVEL_NAMES, LEVELS, Piece, clean, level_of, unwrap

Parse = Callable[[str], tuple[StackTrace, ...]]

_MOST_LOGS = 20  # lines before a trace that are kept
_LONGEST_LOG = 500  # characters of one
_MOST_ABOVE = 5  # lines that came along in which the head of a trace may stand


def normalize(record: Record, parse: Parse) -> tuple[Event, ...]:
    """The events of a record, none where nothing in it is an error. ``parse`` is ``triaged.parsers.parse``."""
    if record.trace is not None:
        piece = Piece("", message=clean(record.text).strip())
        return (_event(record, piece, record.trace),)
    pieces = unwrap(bounded(record.text))
    found = _told_once([told for piece in pieces for told in _traces(piece, parse)])
    if found and record.logs and not found[0][1].kind:
        found = _with_head(record, found, parse)
    events = [_event(record, *told) for told in found] or _without_trace(record, pieces)
    return tuple(replace(event, key=f"{record.key}#{at}") if at and record.key else event for at, event in enumerate(events))


def bounded(text: str) -> str:
    """Head and tail of a text that is longer than parsers are given: the one says what was raised, the other where it ended."""
    lines = text.split("\n")
    if len(lines) > MOST_LINES:
        left = len(lines) - MOST_LINES
        text = "\n".join([*lines[: MOST_LINES // 2], f"... {left} lines cut ...", *lines[-MOST_LINES // 2 :]])
    if len(text) > MOST_CHARACTERS:
        half, left = MOST_CHARACTERS // 2, len(text) - MOST_CHARACTERS
        text = f"{text[:half]} ... {left} characters cut ...\n{text[-half:]}"
    return text


def is_error(text: str) -> bool:
    """Whether a record's text is worth reading, cheaply: literals first, the rest only where one stands in it."""
    lowered = text.lower()
    if not any(literal in lowered for literal in _LITERALS) and text[:1] not in _LETTERS:
        return False
    return any(_FRAMES.search(piece.text) or _plain_error(piece) for piece in unwrap(text))


def suspects(texts: Sequence[str]) -> list[int]:
    """The places of those texts of which ``is_error`` may be true, cheaply: one RE2 pattern over all of them, a few hundred nanoseconds each."""
    written = [text.encode("utf-8", "surrogatepass") for text in texts]
    ends = list(accumulate(len(each) + 1 for each in written))
    whole, at, found = b"\0".join(written), 0, list[int]()
    while m := _SUSPECT.search(whole, at):
        found.append(bisect_right(ends, m.end() - 1))
        at = ends[found[-1]] - 1  # at the separator, so that the beginning of the next is known as one
        if at >= len(whole):
            break
    return found


def blame(trace: StackTrace | None) -> tuple[Frame | None, str]:
    """The frame to blame, and why: of the exception that was reported, else of the nearest cause that runs through our own code."""
    if trace is None:
        return None, "there is no stack trace"
    for one in (trace, *trace.causes):
        frame, why = _culprit(one.frames)
        if frame is not None and frame.in_app and frame.path:
            return frame, why if one is trace else f"{why} in the cause {one.kind}".rstrip()
    return _culprit(trace.frames)


def _culprit(frames: tuple[Frame, ...]) -> tuple[Frame | None, str]:
    """The one among ``frames`` (innermost last)."""
    for frame in reversed(frames):
        if frame.in_app and frame.path:
            return frame, "the innermost frame of our own code"
    for frame in reversed(frames):
        if frame.in_app and frame.function:
            return frame, "the innermost frame of our own code; the trace names no file"
    for frame in reversed(frames):
        if frame.path:
            return frame, "no frame is our own code; the innermost one with a file"
    return None, "no frame names a file"


# ------------------------------------------------------------------ with a trace


_Told = tuple[Piece, StackTrace, tuple[str, ...]]  # a trace, with what it stands in and the lines before it


def _traces(piece: Piece, parse: Parse) -> list[_Told]:
    """Each trace of a piece with the lines before it."""
    found, at = [], 0
    for trace in parse(piece.text):
        above = piece.said if piece.structured else piece.text[at : at + trace.start]
        found.append((piece, trace, _logs(above)))
        at += trace.end
    return found


def _with_head(record: Record, found: list[_Told], parse: Parse) -> list[_Told]:
    """Where the lines that came along hold the head of a trace whose message has several lines, type and message are taken from there."""
    piece, trace, logs = found[0]
    above = Piece("\n".join((*record.logs[-_MOST_ABOVE:], piece.text)), level=piece.level)
    whole = next(iter(parse(above.text)), None)
    if whole is None or whole.frames != trace.frames:
        return found
    return [(piece, replace(trace, kind=whole.kind, message=whole.message, causes=whole.causes), logs), *found[1:]]


def _logs(text: str) -> tuple[str, ...]:
    lines = [line.strip()[:_LONGEST_LOG] for line in text.split("\n") if line.strip()]
    return tuple(lines[-_MOST_LOGS:])


# How runtimes begin their second copy of an error: Mono, Ruby's threads, Elixir's tasks.
_SECOND_COPY = ("FATAL UNHANDLED EXCEPTION", "(report_on_exception is true)", "(EXIT from #PID<")


def _told_once(found: list[_Told]) -> list[_Told]:
    """Without second copies: of a runtime that prints an error twice, or as text and as JSON. The same error twice otherwise is two events."""
    kept: list[_Told] = []
    for told in found:
        piece, trace, _ = told
        copies = [other for other, seen, _ in kept if _same(seen, trace)]
        if any(other is not piece or any(mark in piece.text for mark in _SECOND_COPY) for other in copies):
            continue
        kept.append(told)
    return kept


def _same(one: StackTrace, other: StackTrace) -> bool:
    return (one.language, one.kind, one.message.split("\n")[0], one.frames) == (
        other.language,
        other.kind,
        other.message.split("\n")[0],
        other.frames,
    )


def _event(record: Record, piece: Piece, trace: StackTrace | None, logs: tuple[str, ...] = ()) -> Event:
    kind = (trace.kind if trace else "") or piece.kind
    message = (trace.message if trace else "") or ("" if trace and trace.kind else piece.message)
    if not (kind or message) and logs:
        message = bare(logs[-1])  # a trace that was cut off; what announced it says most
    if trace and not trace.kind and is_log(message):
        message = bare(message)  # Perl and Lua put the message in one line with what a logger wrote before it
    language = trace.language if trace else ""
    return Event(
        source=record.source,
        at=record.at,
        kind=kind,
        message=message,
        level=record.level or piece.level or "error",
        language=language,
        trace=trace,
        category=category(kind, message, language),
        labels={**piece.labels, **record.labels},
        links=record.links,
        logs=record.logs or logs,
        key=record.key,
    )


# --------------------------------------------------------------- without a trace


def _without_trace(record: Record, pieces: tuple[Piece, ...]) -> list[Event]:
    events: list[Event] = []
    for piece in pieces:
        told = _told_plainly(record, piece)
        if told is not None and not any(event.message == told.message for event in events):
            events.append(told)
    return events


def _told_plainly(record: Record, piece: Piece) -> Event | None:
    """An event of a piece without a trace, if it is an error: by the record's level, by its own, or by what it says."""
    if record.level and record.level not in ("error", "fatal"):
        return None
    found = _plain_error(piece)
    if found is None and record.level:
        first = next((line for line in piece.text.split("\n") if line.strip()), "")
        found = (piece.message or first, record.level, "") if first else None
    if found is None:
        return None
    line, level, above = found
    kind, message = (piece.kind, line) if piece.structured else _typed(bare(line))
    return _event(record, replace(piece, level=level, kind=kind, message=message), None, _logs(above))


def _plain_error(piece: Piece) -> tuple[str, Level, str] | None:
    """The line that makes a piece an error, its level, and what stands above it; None where it is none."""
    if piece.structured:
        level = piece.level or ("error" if piece.kind or _error_line(piece.text) else "")
        return (piece.message, level, "") if level in ("error", "fatal") and (piece.message or piece.kind) else None
    if piece.level:  # of a prefix that all lines had
        return (piece.text.strip().split("\n")[0], piece.level, "") if piece.level in ("error", "fatal") else None
    return _error_line(piece.text)


def _typed(message: str) -> tuple[str, str]:
    """``KeyError: 'x'`` without a trace: type and message."""
    m = _TYPE.match(message)
    return (m["kind"], message[m.end() :]) if m else ("", message)


_LITERALS = (
    "error", "exception", "fatal", "panic", "traceback", "crit", "severe", "uncaught", "unhandled", "segmentation fault", "core dumped", "timed out",
    "emerg", "alert", "eror", "failure", '"level":50', '"level":60', "    at ", "\tat ", ".js:", ".bundle:", ":in `", ":in '", ".pl line ", ".pm line ",
    "goroutine ", "node.js v", "** (", "linked script ", "#0 ", "[{file,", "crashed:", ".swift:", ".lua:", "threadsanitizer", "terminate called", "syntax error",
)  # fmt: skip
_LETTERS = ("E", "F", "<")  # klog, Ruby's logger, syslog

# Frames that nothing announces, and what stands only in crashes.
_FRAMES = re.compile(
    r"^[ \t]*+(?:at \S[^\n]{0,500}:\d+|File \"[^\"\n]+\", line \d+|goroutine \d+ \[|#\d+ +\S[^\n]{0,300}[(:]\d+\)?|[^\s@]{0,200}@\S{1,500}:\d+[ \t]*$"
    r"|(?:from )?(?:[A-Za-z]:)?\S[^:\n]{0,300}:\d+:in [`']|Line \d+ of (?:linked|inline)|Node\.js v\d|\*\* \(\w"
    r"|(?:Execution|Syntax|Unexpected) error [^\n]{0,200}\)\.$|in function +[\w':]|\*\*\* (?:Program crashed|Terminating app)|Exception Type: +\w|Thread \d+ [Cc]rashed:|(?:\S{0,200}/)?lua[\w.]{0,12}: \S{1,300}\.lua:\d+: |Error in (?:[^\n]{1,300} :(?: |$)|`[^`\n]{1,300}`:[ \t]*$))"
    r"|^stack traceback:|\.rb:\d+: syntax error|\.swift:\d+: (?:Fatal error|Precondition failed|Assertion failed)\b|ThreadSanitizer: |has overflowed its stack$|^terminate called (?:after throwing|without an active)|\[\{file,\"[^\"\n]{1,300}\"\},| at \S+ line \d+\.?$",
    re.MULTILINE,
)

# java.lang.IllegalStateException: no price; panic: no price; Task timed out after 3.00 seconds. A type that no colon follows says that it happened
# where it begins what is said, or where a word says so: classes are loaded, and tests of what `throws TypeError` pass.
_SAYS = re.compile(
    r"\b[A-Za-z_][\w.]{0,100}(?:Error|Exception)\b:"
    r"|(?:^[^\w\n]{0,20}|[:\]|>}\t(] *| - |\d[Z ] *|\b(?:[Ww]ith|[Bb]y|[Gg]ot|[Cc]aught|[Tt]hrew|[Tt]hrown|[Rr]aised|[Uu]nexpected|[Ff]ailed) )"
    r"(?<![✓✔√] )[A-Za-z_][\w.]{0,100}(?:Error|Exception)\b(?:\s*$|[ ,)\]])"
    r"|^(?:panic|fatal|[Ff]atal error|[Ee]rror|FATAL|PANIC): |(?<!')\b(?:[Uu]ncaught|[Uu]nhandled) (?!(?:error|exception|rejection)s\b)\w|\bException in thread "
    r"|PHP (?:Fatal|Parse|Core|Compile|Recoverable fatal) error: |: runtime error: |[Ss]egmentation fault|core dumped|Task timed out after|Runtime exited|RequestId: \S+ Error:|\bOOMKilled\b|\bpanicked at\b"
)
# error: none; of WARNING, ERROR, and CRITICAL levels
_NOTHING = re.compile(
    r"\b(?:[Ee]rror|[Ee]rr|[Ee]xception|[Pp]anic|[Ff]atal): (?:none|None|nil|<nil>|null|false|no|never|0|\[\]|\{\})[.\s]*$"
    r"|\b[A-Z]{4,8},? (?:and|or) (?:ERROR|CRITICAL|FATAL)\b"
)


def _suspect() -> Any:
    """What every text has that ``is_error`` takes for one: a literal, where something is to be unwrapped first; else what it looks for.
    NUL parts the texts."""
    literal = f"(?i:{'|'.join(map(re.escape, _LITERALS))})"
    wrapped = r"[\n\r\x1b\x80-\xff&]|\\n|\{|```|#0|\\x1b|\\u001| RequestId: "
    names = "|".join(sorted((name for name, level in LEVELS.items() if level in ("error", "fatal")), key=len, reverse=True))
    plain = (
        rf"(?:{names.upper()})(?:[\s:\]|)(/-]|\x00|\z)|(?i:[\[(<|](?:{names}) *[\])>|:])|\b(?:{names})(?:: | - |\t)"
        rf"|(?i:level|lvl|severity)[\"']?[=:] ?[\"']?(?i:{names})\b|[EF](?:\d{{4}} \d|, \[\d|/[\w.]+(?:\(| *:))|\d [EF] |<\d{{1,3}}>"
        r"|(?:Error|Exception)(?:[:\s,)\]]|\x00|\z)|[Uu]ncaught |[Uu]nhandled |Exception in thread |FATAL: |PANIC: |[Ss]egmentation fault|core dumped|Task timed out after"
        r"|Runtime exited|OOMKilled|panicked at|at [^\s\x00][^\x00]*:\d|File \"|goroutine \d|#\d+ +[^\s\x00][^\x00]*[(:]\d|@[^\s\x00]+:\d|:\d+:in [`']|Line \d+ of |Node\.js v\d|\*\* \(\w"
        r"|(?:Execution|Syntax|Unexpected) error |Error in |in function |\[\{file,|stack traceback:| at [^\s\x00]+ line \d"
        r"|[Ff]atal error: |\*\*\* (?:Program crashed|Terminating app)|Exception Type: |Thread \d+ [Cc]rashed:|lua[\w.]*: [^\s\x00]+\.lua:\d|\.rb:\d+: syntax error"
        r"|\.swift:\d+: |ThreadSanitizer: |terminate called |has overflowed its stack"
    )
    return re2.compile(
        f"{plain}|(?:{literal}|(?:\\A|\\x00)[{''.join(_LETTERS)}])[^\\x00]*(?:{wrapped})|(?:{wrapped})[^\\x00]*(?:{literal})".encode(),
        options=options(),
    )


_SUSPECT = _suspect()


def _error_line(text: str) -> tuple[str, Level, str] | None:
    """The first line that is an error, its level, and the text above it."""
    at = 0
    for line in text.split("\n"):
        if line.strip():
            told = _NOTHING.sub("", line)
            level = level_of(told)
            if level in ("error", "fatal") or (not level and _SAYS.search(told[:2_000])):
                return line, level or "error", text[:at]
        at += len(line) + 1
    return None


# java.lang.IllegalStateException: no price
_TYPE = re.compile(r"(?P<kind>(?:[A-Za-z_][\w.$:\\]{0,150})?(?:Error|Exception))(?:: |$)")
# What stands before a message: a time, a level, a name in brackets, a process, a logger.
_BEFORE = re.compile(
    rf"\s*(?:<\d{{1,3}}>(?:\d )?|[\[(]?\d{{4}}[-/]\d\d[-/]\d\d[T ]\d\d:\d\d(?::\d\d)?(?:[.,]\d+)?(?:Z| ?[+-]\d\d:?\d\d| UTC)?[\])]?|\[?\d\d:\d\d:\d\d(?:[.,]\d+)?\]?"
    rf"|[A-Z][a-z]{{2}} [ \d]\d(?:,? \d{{4}},?)? \d\d?:\d\d:\d\d(?: [AP]M)?|\[\d\d/[A-Z][a-z]{{2}}/\d{{4}}[: ][^\]]{{8,20}}\]|[IWEF]\d{{4}} \d\d:\d\d:\d\d\.\d+ +\d+ [\w.]+:\d+\]"
    rf"|(?:{LEVEL_NAMES.upper()}):[\w.]{{1,60}}:(?=\S)|[IWEFD], \[[^\]]{{10,60}}\] +[A-Z]+ -- [\w ]*:|[\[(<|](?:{LEVEL_NAMES}|{LEVEL_NAMES.upper()}|[A-Z][a-z]{{3,10}}) *[\])>|]:?|(?:{LEVEL_NAMES.upper()}|{LEVEL_NAMES})(?::|\t| -(?= )|(?= ))"
    rf"|\[[\w.:/#@ -]{{1,60}}\]:?|\w[\w./-]{{0,40}}\[\d+\]:|(?![\w.$\\]*(?:Error|Exception)\b)[\w.$/-]{{1,80}}(?: +[-:]|:)(?= )(?=.* )|[0-9a-f]{{8}}-[0-9a-f-]{{27}}|-{{1,3}}(?= )|[|:*]|\d{{1,6}}(?= ---))[\s|:-]*"
)
#  msg="no price"
_MSG = re.compile(r"(?:^|\s)(?:msg|message|err|error)=(?:\"(?P<quoted>(?:[^\"\\]|\\.){1,2000})\"|(?P<word>\S+))")


def bare(line: str) -> str:
    """A log line's message, without what its logger wrote before it."""
    line = line[:4_000].strip()
    if re.search(r"(?:^|\s)(?:level|lvl)=", line) and (m := _MSG.search(line)):
        return (m["quoted"] or m["word"]).replace('\\"', '"')
    if level_of(line) or re.match(r"[\[<]?\d", line):
        for _ in range(8):
            m = _BEFORE.match(line)
            if m is None or not line[m.end() :].strip():
                break
            line = line[m.end() :]
    return line
