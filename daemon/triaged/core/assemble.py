"""Lines of a log to records: what belongs to one stack trace stays together.

Pure. Lines that nothing in them relates to others, as most are, are known by one RE2 pattern over all of them and are blocks at once; the
others are walked, and looked at by their first character before any pattern. A block is closed when a line comes that does not go on with it;
what is still open at the end is given back with its offsets, so that a source can stop its cursor before it and read it again.
Offsets only need to grow; a source that uses them as keys counts a line once, however often it is read.
"""

import re
from bisect import bisect_right
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import accumulate
from typing import Any, Literal

import msgspec
import re2

MOST_LINES = 1_000
MOST_CHARACTERS = 65_536
CONTEXT = 5
"""Lines before a trace that come along with it."""

_TAIL = 200  # lines kept of the end of a block that is too long: Python says there what happened
_LONGEST_OPEN = 20_000  # lines after which a block is closed whatever follows
_MOST_BLANK = 3  # blank lines that a trace may hold in a row
_MOST_LOOSE = 6  # unindented lines between what announces a trace and its first frame
_MOST_UNSURE = 5  # lines behind a Python exception's line that may be of its message
_LOOKED_AT = 1_000  # characters of a line
_MOST_AGAIN = 2  # of a cause's message after its first


class Block(msgspec.Struct, frozen=True, gc=False):
    """Lines that belong together."""

    text: str
    """At most ``MOST_LINES`` lines and ``MOST_CHARACTERS`` characters; what was cut out of its middle is said there."""
    first: int
    """Offset of its first line."""
    last: int
    """Offset of its last line."""
    lines: int = 1
    before: tuple[str, ...] = ()
    """Up to ``CONTEXT`` lines above a trace, oldest first: its message may begin there."""


@dataclass(frozen=True, slots=True)
class Joined:
    """What came of some lines."""

    closed: tuple[Block, ...]
    """In the order of their first lines."""
    open: tuple[Block, ...]
    """What the next line of its stream could still go on with, oldest first."""


def join(lines: Iterable[tuple[int, str]]) -> Joined:
    """Blocks of ``lines``, which are (offset, line without its newline) of one source, in order. Containers' stdout and stderr are kept apart."""
    given = list(lines)
    streams: dict[str, _Stream] = {}
    closed: list[Block] = []
    quiet = deque(_quiet([line for _, line in given]))
    at = 0
    while at < len(given):
        alone = streams.get("") if len(streams) == 1 else None
        while quiet and quiet[0][1] <= at:
            quiet.popleft()
        if alone is not None and quiet and quiet[0][0] <= at and alone.is_plain():
            closed += alone.pass_by(given[at : quiet[0][1]])
            at = quiet[0][1]
            continue
        offset, line = given[at]
        told = container_line(line)
        name = told.stream if told else ""  # what no runtime wrapped is a stream of its own
        stream = streams.get(name)
        if stream is None:
            stream = streams.setdefault(name, _Stream())
        closed += stream.take(offset, told.text if told else line, told is not None and told.partial)
        at += 1
    still = [block for stream in streams.values() for block in stream.rest()]
    return Joined(tuple(sorted(closed, key=_first)), tuple(sorted(still, key=_first)))


def _first(block: Block) -> int:
    return block.first


def _quiet(lines: Sequence[str]) -> Iterator[tuple[int, int]]:
    """Runs of lines (first, behind the last) of which each stands for itself wherever no trace is open; long lines are in none."""
    written = [line.encode("utf-8", "surrogatepass") if len(line) <= _LOOKED_AT and "\n" not in line else b"\x1b" for line in lines]
    ends = list(accumulate(len(line) + 1 for line in written))
    at = 0
    for m in _RELATED.finditer(b"\n".join(written)):
        first = bisect_right(ends, m.start())
        if first > at:
            yield at, first
        at = max(at, bisect_right(ends, max(m.start(), m.end() - 1)) + 1)
    if at < len(lines):
        yield at, len(lines)


# ------------------------------------------------------------------- containers


@dataclass(frozen=True, slots=True)
class ContainerLine:
    """A line as a container's runtime wrapped it."""

    stream: str
    text: str
    partial: bool
    """The line was too long; the next of this stream goes on with it."""


class _Docker(msgspec.Struct, gc=False):
    log: str
    stream: str = ""
    source: str = ""  # FireLens calls the stream so, and takes the newline off
    partial_message: str = ""


_docker = msgspec.json.Decoder(_Docker)

# 2026-03-04T07:00:00.000000000Z stdout F Traceback (most recent call last):
_CRI = re.compile(r"\d{4}-\d\d-\d\dT[\d:.]{8,18}(?:Z|[+-]\d\d:\d\d) (?P<stream>stdout|stderr) (?P<tag>[FP]) ?(?P<text>.*)", re.DOTALL)


# web-1  | Traceback (most recent call last):
_COMPOSE = re.compile(r"(?P<stream>[A-Za-z0-9][\w.-]{0,60}[-_]\d{1,4}) {1,60}\|(?: (?P<text>.*))?", re.DOTALL)


def container_line(line: str) -> ContainerLine | None:
    """Unwraps Docker's JSON, the CRI's lines and those of Docker Compose, whose services are streams; None for any other line."""
    first = line[:1]
    if first == "{" and '"log"' in line:
        try:
            told = _docker.decode(line.replace("\n", "\\n"))
        except (ValueError, RecursionError):
            return None
        if not (told.stream or told.source in ("stdout", "stderr")):
            return None
        partial = not told.log.endswith("\n") if told.stream else bool(told.partial_message)
        return ContainerLine("docker " + (told.stream or told.source), told.log.removesuffix("\n").removesuffix("\r"), partial)
    if first.isdigit() and (m := _CRI.fullmatch(line)):
        return ContainerLine("cri " + m["stream"], m["text"], m["tag"] == "P")
    if " |" in line[:90] and (m := _COMPOSE.fullmatch(line)):
        return ContainerLine("compose " + m["stream"], m["text"] or "", partial=False)
    return None


# ------------------------------------------------------------ what belongs together

# 2026-03-04 07:00:00,123 INFO next request
# [04/Mar/2026 07:00:00] "GET / HTTP/1.1" 200
# Mar  4 07:00:00 web-1 app[12]: next request
# INFO:     10.0.0.7:5120 - "GET / HTTP/1.1" 200 OK
# {"level": "info", "msg": "next request"}
# I0304 07:00:00.000000 1 server.go:12] next request
_LOG = re.compile(
    r"[\[<(]?\d{1,4}[-/]\w{2,3}[-/]\d{2,4}[T :]|\[?\d\d:\d\d:\d\d|[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d|\{\"|<\d{1,3}>|[IWEF]\d{4} \d\d:"
    r"|[\[<]?(?:TRACE|DEBUG|INFO|NOTICE|WARN|WARNING|ERROR|CRITICAL|FATAL)[\]>]?(?:[:\s]|$)|(?:time|ts|level|lvl)=|\d{1,3}(?:\.\d{1,3}){3} "
)


def is_log(line: str) -> bool:
    """The line begins as log messages do, with a time or a level."""
    return _LOG.match(line) is not None


# Mar  4 07:00:00 web-1 app[12]:     at load (/app/shop.js:2:38)
# 2026-03-04T07:00:00.000000+00:00 app[web.1]:     at load (/app/shop.js:2:38)
# <11>1 2026-03-04T07:00:00.000Z web-1 app 12 - -     at load (/app/shop.js:2:38)
# web-1  |     at load (/app/shop.js:2:38)
PREFIX = re.compile(
    r"(?:<\d{1,3}>)?(?:[A-Z][a-z]{2} [ \d]\d [\d:]{8} [\w.-]{1,80} [\w./-]{1,60}(?:\[\d{1,9}\])?: ?"
    r"|\d{4}-\d\d-\d\dT[\d:.]{8,18}(?:Z|[+-]\d\d:\d\d) (?:[\w.-]{1,80} )?[\w./-]{1,60}\[[\w.]{1,40}\]: ?)"
    r"|<\d{1,3}>1 \d{4}-\d\d-\d\dT[\d:.]{8,18}(?:Z|[+-]\d\d:\d\d) (?:\S{1,80} ){4}(?:-|\[[^\]\n]{0,500}\]) ?"
    r"|[\w.-]{1,60} {0,30}\| "
)
"""What syslog, Heroku and Docker Compose set before each line."""

# Unindented lines that go on with a trace, by their first character.
_GOES_ON = {
    "T": re.compile(r"The above exception was the direct cause|Thrown at:"),
    "D": re.compile(r"During handling of the above exception"),
    "C": re.compile(r"Caused by:? |Current thread 0x|Calls: "),
    "c": re.compile(r"created by |caused by:? "),
    "F": re.compile(r'File "'),
    "a": re.compile(r"at \S"),
    "g": re.compile(r"goroutine \d+ \["),
    "r": re.compile(r"runtime stack:|r\w+ +0x[0-9a-f]+$"),
    "#": re.compile(r"#\d+ "),
    "s": re.compile(r"stack (?:backtrace|traceback):"),
    "S": re.compile(r"Stack trace:|Suppressed: |SUMMARY: "),
    "n": re.compile(r"note: "),
    "N": re.compile(r"Next [\w\\]+"),
    "E": re.compile(r"Emitted '|Error created at "),
    "-": re.compile(r"--- End of |---> |-{8,}"),
    ".": re.compile(r"\.\.\. ?\d+ (?:more|common|lines|levels)|\.\.\.additional frames"),
    "[": re.compile(r"\[(?:signal |stacktrace\]|previous exception\]|Previous line |native code\]|ERROR\] FATAL UNHANDLED EXCEPTION)"),
    "}": re.compile(r"[}\]),; ]*$|\"?\}"),
    "]": re.compile(r"[}\]),; ]*$"),
    ")": re.compile(r"[}\]),; ]*$"),
    "|": re.compile(""),
    "+": re.compile(r"[+-]+"),
    "(": re.compile(r"\(Use `node|\(Background on this error"),
    "=": re.compile(r"={8,}|==\d+==|=>0x"),
    "<": re.compile(r"<asynchronous suspension>"),
    "^": re.compile(""),
    "*": re.compile(r"\*\* \(EXIT from "),
}

# Traceback (most recent call last):
_TRACEBACK = re.compile(r".{0,200}Traceback \(most recent call last\)")
# What announces a trace whose first frame is some unindented lines away.
_LOOSE = re.compile(
    r"panic: |fatal error: |.{0,200}http: panic serving |SIG[A-Z]+: |Unhandled [Ee]xception|thread '[^']*' (?:\(\d+\) )?panicked at |Fatal Python error: "
    r"|(?:Execution|Syntax|Unexpected) error [^\n]{0,200}\)\.$|.{0,80}PHP Fatal error: +Uncaught |Uncaught |\*\* \(|={8,}$|==\d+==ERROR|(?:/|file://|[A-E]:\\|node:|<anonymous_script>)[^\s:]{0,300}:\d{1,9}$"
)
# What announces a cause, whose message may have several lines.
_AGAIN = re.compile(r"Caused by: |Next [\w\\]+: ")
# java.lang.RuntimeException: order 7 is lost
_TYPED = re.compile(r"[\w.$]{2,200}(?:Exception|Error)\b")
#   nested exception is:
_MORE_TO_COME = re.compile(r".*(?:nested exception is|stack trace|Backtrace):\s*$", re.IGNORECASE)
#  NoMethodError (undefined method `total' for nil:NilClass):
_RAILS = re.compile(r"\s?[A-Z][\w:]{2,100} \(.*\):\s*$")
# shop.rb:11:in `cause': cannot charge (PaymentError)
_RUBY = re.compile(r"\S[^:\n]{0,300}:\d{1,9}:in [`'][^'\n]{0,200}': ")
# main.(*Cart).Total(0x0?, 0x0?)
_GO_CALL = re.compile(
    r"[\w./~%·-]+(?:\(\*?[\w.\[\]…]+\))?[\w.·\[\]…-]*\(.*\)$|goroutine running on other thread|exit status \d+|PC=0x|runtime: "
)
# Error in total(cart) : price is missing; Error in `total()`:
_R = re.compile(r"Error in (?:.{1,500}? :(?: |$)|`[^`]{1,300}`:\s*$)")
# Calls: checkout -> total; 7: stop("price is missing") at cart.R#3; ! price is missing
_R_GOES_ON = re.compile(r"Calls: |Execution halted|In addition: |In .{1,500} :$|Backtrace:|Traceback:|Caused by error|[!✖xi•ℹ] |\d{1,3}: ")
# App/Cart.swift:14: Fatal error: Index out of range; *** Terminating app due to uncaught exception 'NSRangeException'; Exception Type:  EXC_CRASH
_CRASH = re.compile(
    r"\S{1,300}\.swift:\d{1,9}: (?:Fatal error|Precondition failed|Assertion failed)\b|.{0,200}(?:\*\*\*|\U0001f4a3) (?:Terminating app due to|Program crashed: )"
    r"|Incident Identifier: |Process: {2,20}\S.{0,100} \[\d+\]|Exception Type: |Last Exception Backtrace:|Thread \d+[^\n]{0,200} [Cc]rashed:"
)
_CRASH_BEGINS = ("Incident Identifier: ", "Process: ", "Exception Type: ", "Last Exception ", "Thread ", "\U0001f4a3 ")
# 1   Shop     0x0000000102afb3d0 Cart.total() + 204 (Cart.swift:12); OS Version:          iPhone OS 17.4 (21E219)
_CRASH_GOES_ON = re.compile(
    r"\d{1,4} {1,20}\S|Thread \d|Last Exception|(?:Exception|Termination|Application Specific) |[A-Z][\w/() -]{1,40}:(?: {2,}|\t|$)|\*\*\*|\U0001f4a3|[()]$"
    r"|libc\+\+abi|terminating with|\w{2,6}:? +0x|abort\(\) called|Backtrace took |Current stack trace:|Images "
)
# load@https://shop.example/cart.js:52:15, app/models/cart.rb:6:in `total', and frames that lost their indentation
_LONE_FRAME = re.compile(r"[^\s@]{0,200}@\S{1,500}:\d{1,9}$|\S[^:\n]{0,300}:\d{1,9}:in [`']|at \S|File \"|#\d+ |\.\.\. ?\d")
#     at load (/app/shop.js:2:38), or   actionpack (5.1.4) lib/action_dispatch/request.rb:63:in `call'
_FRAME = re.compile(
    r"[ \t|]*+(?:at \S|File \"|from \S|#\d+ |\.\.\. ?\d|\d+: |\d+:? +0x|[^\s@]{0,200}@\S{1,300}:\d|[^\n]{0,300}\.\w{1,6}:\d)"
)


def _related() -> Any:
    """What any line has that may go on with a plain one, open a trace, be a frame or come from a container; more lines may have it."""
    begins = "|".join(pattern.pattern.replace("$", r"\r*$") for pattern in _GOES_ON.values() if pattern.pattern)
    indented = PREFIX.pattern.replace(": ?", r":(?: [ \t]|\t)").replace(r"\| ", r"\| [ \t]")
    return re2.compile(
        (
            rf"(?m)^(?:[ \t\x80-\xff]|{indented})|^(?:{PREFIX.pattern})?(?:[|^}}]|\r*$|={{8}}|==\d|{begins})"
            r"|[\x0b\x0c\x1b-\x1f]|\xc2\xa0|^\{[^\n]*\"log\"|[ \t](?:stdout|stderr) [FP]|^[\w.-]+[-_]\d+ +\||(?i:nested exception is|stack trace|backtrace):[ \t]*\r*$"
            r"|Traceback|goroutine |Error in |:in [`']| ---> |panic: |fatal error: |http: panic serving |SIG[A-Z]+: |Unhandled [Ee]xception|thread '|Fatal Python error: "
            r"|(?:Execution|Syntax|Unexpected) error |PHP Fatal|Uncaught |\*\* \(|(?:/|[A-E]:\\|node:|<anonymous_script>)[^ :\n]*:\d+\r*$|@[^ \n]+:\d+\r*$"
            r"|\.swift:\d+: |\*\*\* Terminating app |Program crashed: |Incident Identifier: |Process: {2}|Exception Type: |Last Exception |Thread \d[^\n]* [Cc]rashed:"
            r"|(?:  |\t)at |File \"|\tfrom |Caused by|[:|\]>)Z,0-9-][ \t]*(?:at [^ \n]|from [^ \n]+:\d|#\d+ |\.\.\. \d+ more)"
        ).encode("latin-1", "backslashreplace"),
        options=_options(),
    )


def _options() -> Any:
    made = re2.Options()
    made.log_errors = False
    made.max_mem = 64 << 20  # what its automaton may take before it begins anew
    return made


_CHAIN = ("The above exception", "During handling")
_COLOUR = re.compile(r"\x1b\[[0-9;?]{0,20}[A-Za-z]")
# 2026-03-04 07:00:00,123 - root - ERROR -     at load (/app/shop.js:2:38)
_BEHIND = re.compile(
    r"(?P<prefix>[^\n]{1,120}?[:|\]>)Z,0-9-]) ?(?:[ \t]*(?:at [\w$.<(/]|File \"|\.\.\. \d+ more)|Traceback \(most|Caused by: |goroutine \d+ \[|\t?from \S+:\d|#\d+ )"
)
_STAMPS = frozenset("0123456789[<")
_LOOSE_BEGINS = frozenset("pfSUtFn*=/<ACDE")  # of the lines that _LOOSE matches; drives are A: to E:


_RELATED = _related()


def _cut(line: str) -> str:
    most = MOST_CHARACTERS // 2
    return line if len(line) <= most else f"{line[:most]} ... {len(line) - most} characters cut ..."


def _like_a_trace(line: str) -> bool:
    return (
        "  at " in line
        or "\tat " in line
        or 'File "' in line
        or "Traceback" in line
        or "\tfrom " in line
        or "Caused by" in line
        or "#" in line
    )


def _prefix(line: str) -> int:
    """Where a line begins behind what a collector set before it."""
    first = line[:1]
    if first in " \t":
        return 0
    may_be = line[10:11] == "T" if first.isdigit() else first == "<" or line[3:4] == " " or "| " in line[:100]
    m = PREFIX.match(line) if may_be else None
    return m.end() if m else 0


def _is_frame(bare: str) -> bool:
    if bare[0] in " \t|":
        return _FRAME.match(bare) is not None
    return (bare[0] in "aF#." or "@" in bare or ":in " in bare) and _LONE_FRAME.match(bare) is not None


@dataclass(slots=True)
class _Stream:
    """What one stream holds while its lines come."""

    head: list[str] = field(default_factory=list)
    tail: deque[str] = field(default_factory=lambda: deque(maxlen=_TAIL))
    characters: int = 0
    count: int = 0
    first: int = 0
    last: int = 0
    mode: Literal["", "python", "raised", "loose", "go", "r", "crash"] = ""
    loose: int = 0  # lines that may still come before the first frame
    is_trace: bool = False
    again: bool = False  # it is a cause that is announced, behind a trace
    previous: str = ""
    blank: int = 0
    partial: str = ""
    partial_from: int = 0
    unsure: list[tuple[int, str]] = field(default_factory=list)
    prefix: re.Pattern[str] | None = None
    before: deque[str] = field(default_factory=lambda: deque(maxlen=CONTEXT))

    def take(self, offset: int, text: str, partial: bool) -> list[Block]:
        """Blocks that the line closes."""
        if partial or self.partial:
            self.partial_from = self.partial_from if self.partial else offset
            offset, self.partial = self.partial_from, (self.partial + text)[: MOST_CHARACTERS + 1]
            if partial:
                return []
            text, self.partial = self.partial, ""
        lines = text.split("\n") if "\n" in text else [text]
        return [block for line in lines for block in self._line(offset, line)]

    def is_plain(self) -> bool:
        """It holds one line, which announces nothing."""
        busy = self.mode or self.is_trace or self.again or self.unsure or self.partial or self.blank or self.prefix
        return self.count == 1 and not busy and not self.previous.endswith(":")

    def pass_by(self, lines: Sequence[tuple[int, str]]) -> list[Block]:
        """The blocks that quiet lines close: what is held, and each of them but the last."""
        *past, (offset, last) = lines
        closed = [self._close()]
        closed += [Block(line, at, at) for at, line in past]
        self.before.extend(line for _, line in past[-CONTEXT:])
        return closed + self._line(offset, last)

    def rest(self) -> list[Block]:
        if not self.count:
            return [Block(self.partial, self.partial_from, self.partial_from)] if self.partial else []
        return [self._block(), *(Block(line[:MOST_CHARACTERS], offset, offset) for offset, line in self.unsure)]

    def _line(self, offset: int, line: str) -> list[Block]:
        """The blocks that the line closes."""
        bare = self._bare(line)
        if not bare or bare.isspace():
            self.blank += 1
            return []
        if self.mode == "raised" and self._may_be_message(bare):
            self.unsure.append((offset, line))
            return []
        closed: list[Block] = []
        if self.unsure:
            closed = self._settle(bare)
        if self.count and not (self.count < _LONGEST_OPEN and self.blank <= _MOST_BLANK and self._goes_on(bare)):
            closed.append(self._close())
        if not self.count:
            self._open(offset, bare)
        if _is_frame(bare):
            self.is_trace = True
            self.mode = "" if self.mode == "loose" and self.count and bare[0] in " \t#" else self.mode
        self.previous = bare
        self._add(offset, line)
        return closed

    def _bare(self, line: str) -> str:
        """A line without what a collector set before it and without colours, for looking at."""
        bare = line[_prefix(line) :][:_LOOKED_AT]
        if "\x1b" in bare:
            bare = _COLOUR.sub("", bare)
        if not bare.isascii():
            bare = bare.replace("\u00a0", " ")
        if self.prefix and (m := self.prefix.match(bare)):
            return bare[m.end() :].removesuffix("\r")
        if bare[:1] in _STAMPS and _like_a_trace(bare) and (m := _BEHIND.match(bare)) and is_log(bare):
            self._learn(m["prefix"])
            return (
                bare[m.end("prefix") :].removesuffix("\r") if self.prefix and self.prefix.match(self.previous) else bare.removesuffix("\r")
            )
        return bare.removesuffix("\r")

    def _learn(self, prefix: str) -> None:
        """Takes what stands before a frame, but for its digits, for what a logger sets before every line."""
        pattern = r"\d+".join(map(re.escape, re.split(r"\d+", prefix)))
        if self.prefix is None or self.prefix.pattern != pattern:
            self.prefix = re.compile(pattern)

    def _may_be_message(self, bare: str) -> bool:
        """Behind a Python exception's line: more of its message, if another exception follows in the chain."""
        known = bare[0] in " \t[('\"" or is_log(bare) or "Traceback" in bare or _LONE_FRAME.match(bare) or _LOOSE.match(bare)
        pattern = _GOES_ON.get(bare[0])
        return not (self.blank or len(self.unsure) >= _MOST_UNSURE or known or (pattern is not None and pattern.match(bare)))

    def _settle(self, bare: str) -> list[Block]:
        """Takes the lines that may be of a message into the block if the chain goes on; else closes it before them."""
        unsure, blank, self.unsure = self.unsure, self.blank, []
        if bare.startswith(_CHAIN):
            self.blank = 0
            for offset, line in unsure:
                self._add(offset, line)
            self.blank = blank
            return []
        closed = [self._close()]
        for offset, line in unsure:
            closed += self._line(offset, line)
        return closed

    def _open(self, offset: int, bare: str) -> None:
        self.first, self.blank = offset, 0
        self.mode, self.loose, self.again = "", _MOST_LOOSE, False
        if "Traceback" in bare and _TRACEBACK.match(bare):
            self.mode = "python"
        elif bare.startswith("goroutine "):
            self.mode = "go"
        elif bare.startswith("Error in ") and _R.match(bare):
            self.mode = "r"
        elif ":in " in bare and _RUBY.match(bare):
            self.mode, self.loose = "loose", _MOST_AGAIN
        elif (".swift:" in bare or "*** " in bare or bare.startswith(_CRASH_BEGINS)) and _CRASH.match(bare):
            self.mode, self.is_trace = "crash", True
        elif (bare[0] in _LOOSE_BEGINS or "http: panic serving " in bare or "PHP Fatal" in bare) and _LOOSE.match(bare):
            self.mode = "loose"

    def _goes_on(self, bare: str) -> bool:
        """Whether the line belongs to the open block; what kind of line may follow then."""
        first = bare[0]
        if first in " \t":
            return self._indented(bare)
        if self.mode == "r" and _R_GOES_ON.match(bare):
            return True
        if self.mode == "crash":
            return not is_log(bare) and _CRASH_GOES_ON.match(bare) is not None
        if self.mode == "python":
            if not bare.startswith("File "):
                self.mode = "raised"  # this line says what was raised
            return not is_log(bare)
        if "Traceback" in bare and _TRACEBACK.match(bare):
            self.mode = "python"
            return self.previous.startswith(_CHAIN)
        pattern = _GOES_ON.get(first)
        if pattern is not None and pattern.match(bare):
            self._announced(bare)
            return True
        if self.blank and self.mode in ("", "raised"):
            return False
        if self.mode == "go":
            return _GO_CALL.match(bare) is not None
        if self.previous.endswith(":") and _MORE_TO_COME.match(self.previous):
            return True
        if self.mode == "loose" and not (is_log(bare) or _LOOSE.match(bare) or (self.again and _TYPED.match(bare))):
            self.loose -= 1
            return self.loose >= 0
        if (self.mode == "raised" and first in "[('\"") or (" ---> " in bare and not (self.is_trace or _TYPED.match(bare))):
            return True
        if ":in " in bare and _RUBY.match(bare):  # a cause, right below what it caused
            self.mode, self.loose = ("loose", _MOST_AGAIN) if self.is_trace else (self.mode, self.loose)
            return self.is_trace
        return ("@" in bare or ":in " in bare) and _LONE_FRAME.match(bare) is not None

    def _indented(self, bare: str) -> bool:
        if _RAILS.match(bare):
            return False
        if _is_frame(bare):
            self.mode = "" if self.mode == "loose" else self.mode
            return True
        return not self.blank or bool(self.mode)

    def _announced(self, bare: str) -> None:
        if bare.startswith(("goroutine ", "runtime stack:")):
            self.mode = "go"
        elif bare.startswith(("note: ", "#")):
            self.mode = ""
        elif _AGAIN.match(bare):
            self.mode, self.loose, self.is_trace, self.again = "loose", _MOST_AGAIN, False, True

    def _add(self, offset: int, line: str) -> None:
        for each in [""] * self.blank + [line] if self.blank else (line,):
            if self.count < MOST_LINES - _TAIL and self.characters + len(each) < MOST_CHARACTERS // 2:
                self.head.append(each)
                self.characters += len(each) + 1
            else:
                self.tail.append(_cut(each))
            self.count += 1
        self.blank, self.last = 0, offset

    def _block(self) -> Block:
        return Block(self._text(), self.first, self.last, self.count, tuple(self.before) if self.is_trace or self.again else ())

    def _text(self) -> str:
        if self.count == 1:
            return (self.head or self.tail)[0][:MOST_CHARACTERS]
        tail: list[str] = []
        room = MOST_CHARACTERS - self.characters - 60
        for line in reversed(self.tail):
            room -= len(line) + 1
            if room < 0 and tail:
                break
            tail.append(line)
        cut = self.count - len(self.head) - len(tail)
        said = [f"... {cut} lines cut ..."] if cut else []
        return "\n".join([*self.head, *said, *reversed(tail)])[:MOST_CHARACTERS]

    def _close(self) -> Block:
        block = self._block()
        if self.is_trace or self.again:
            self.before.clear()
        else:
            self.before.extend([*self.head, *self.tail])
        self.head, self.characters, self.count, self.mode, self.is_trace = [], 0, 0, "", False
        self.tail.clear()
        return block
