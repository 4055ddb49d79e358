"""Tracebacks of Python, as the interpreter, ``logging``, faulthandler and Rich print them.

Chained exceptions are printed oldest first: the last one was raised, the ones before it are its causes.
https://docs.python.org/3/library/traceback.html
"""

import re
from dataclasses import dataclass, field, replace

from msgspec import structs

from triaged.core.model import Frame, StackTrace
from triaged.parsers import _lines

LANGUAGE = "python"

#   File "/app/shop.py", line 4, in load
_FRAME = re.compile(
    r"""^(?P<indent>[ \t|+>]*)(?:File\ "(?P<path>[^"\n]+)",\ line\ (?P<line>\d{1,9})(?:,?\ in\ (?P<function>[^\n]*))?
       |│\ (?P<rich>[^\s:│]+\.py):(?P<rich_line>\d{1,9})\ in\ (?P<rich_function>[^\s│]+))""",
    re.MULTILINE | re.VERBOSE,
)
# Traceback (most recent call last):
_TRACEBACK = "(most recent call last)"
# Current thread 0x00007fc5123d5b80 (most recent call first):
_FAULT = "(most recent call first)"
#   [Previous line repeated 996 more times]
_REPEATED = re.compile(r"\s*\[Previous line repeated (\d{1,9}) more times?\]")
# The above exception was the direct cause of the following exception:
_CHAIN = (
    "The above exception was the direct cause of the following exception:",
    "During handling of the above exception, another exception occurred:",
)
#     +---------------- 2 ----------------
_GROUP = re.compile(r"[+-]*-{8,} (?P<number>\d+|\.\.\.) -{8,}|\+-{30,}")
# sqlalchemy.exc.OperationalError: (sqlite3.OperationalError) no such table: orders
_EXCEPTION = re.compile(r"(?P<kind>[A-Za-z_][\w.]*(?:<locals>\.\w+)*)(?:: ?(?P<message>.*))?")
_LEVEL = re.compile(r"(?:TRACE|DEBUG|INFO|NOTICE|WARN|WARNING|ERROR|CRITICAL|FATAL)\b")
# 2026-03-04 07:00:00,123 INFO next request
_LOG = re.compile(rf"[\[<]?\d|[\[<]?{_LEVEL.pattern}")
# [ERROR] KeyError: 'currency'
_LAMBDA = re.compile(r"\[ERROR\]\s+(?P<kind>[A-Za-z_][\w.]*)(?:: (?P<message>.*))?")
# Fatal Python error: Segmentation fault
_FATAL = re.compile(r"(?P<kind>Fatal Python error): (?P<message>.*)")
# DETAIL:  Key (id)=(7) already exists.
_MORE = re.compile(r"[\s\[({'\"*^~-]|[A-Z][A-Z ]{2,} ?\d*: ")

_LIBRARY = re.compile(
    r"[/\\](?:site|dist)-packages[/\\]|[/\\]lib(?:64)?[/\\]python\d|python\d*_lib[/\\]|[/\\]Python\d+[/\\]Lib[/\\]|\.egg[/\\]"
    r"|^/var/runtime/|^/opt/python/|[/\\]lib-dynload[/\\]|^<(?!stdin>|string>|ipython-input|cell line)",
    re.IGNORECASE,
)

_MOST_REPEATS = 20  # of a recursion: enough to see it, not a thousand copies
_MOST_FOREIGN = 5  # lines of other writers between two frames
_MOST_MESSAGE = 20  # lines


@dataclass
class _Block:
    """One exception while it is read."""

    link: str = ""  # how it came: "", "chain" or "group"
    kind: str = ""
    message: list[str] = field(default_factory=list)
    frames: list[Frame] = field(default_factory=list)
    done: bool = False  # its exception line was read

    def trace(self) -> StackTrace:
        return StackTrace(language=LANGUAGE, kind=self.kind, message="\n".join(self.message).strip(), frames=tuple(self.frames))


def parse(text: str) -> StackTrace | None:
    """Read the first trace in ``text``; None when there is none. Innermost frame last."""
    first = _FRAME.search(text) if 'File "' in text or ".py:" in text else None
    if first is None:
        return None
    reader = _Reader()
    end = reader.read(text, first.start())
    blocks = [block for block in reader.blocks if block.frames or block.kind]
    group = next((at for at, block in enumerate(blocks) if block.link == "group"), len(blocks))
    main, causes = blocks[group - 1], [*reversed(blocks[: group - 1]), *blocks[group:]]
    if causes and "RemoteTraceback: " in text and (causes[0].kind, causes[0].message) == (main.kind, main.message):
        main.frames += causes.pop(0).frames  # one error on its way from a process of a pool to who waits for it
    start = _head(blocks[0], main, text, first.start())
    return replace(main.trace(), causes=tuple(cause.trace() for cause in causes), start=start, end=end)


def _head(first: _Block, main: _Block, text: str, at: int) -> int:
    """Where the trace begins above its first frame; fills in what stands only there (Lambda, faulthandler)."""
    start = at
    for line in _lines.up(text, at, most=4):
        if start == at and (_TRACEBACK in line.text or _FAULT in line.text):
            start = line.start
            if _FAULT in line.text:
                first.frames.reverse()
        elif start < at and not main.done and (m := _LAMBDA.search(line.text) or _FATAL.search(line.text)):
            main.kind, main.message, main.done = m["kind"], [m["message"] or ""], True
            start = line.start
        elif line.text.strip():
            break
    return start


class _Reader:
    """Walks down from the first frame, line by line, until the trace is over."""

    def __init__(self) -> None:
        self.blocks = [_Block()]
        self.link = ""  # the line before announced another block
        self.indent = 0  # of the last frame line
        self.after_frame = False
        self.foreign = 0
        self.unsure: list[str] = []  # lines after an exception line that may belong to its message
        self.over = False  # a blank line came after the exception line

    def read(self, text: str, at: int) -> int:
        """Fills ``blocks``; gives where the trace ends."""
        end = at
        for line in _lines.down(text, at):
            bare = line.text.lstrip(" \t|+") if line.text.lstrip(" \t")[:1] in ("|", "+") else line.text
            took = self._take(line.text, bare)
            if took is None:
                return end
            if took:
                end = line.end
        return len(text) if self._settle() else end

    def _take(self, line: str, bare: str) -> bool | None:
        """True: a line of the trace; False: it may be, what follows will tell; None: the trace ended before it."""
        if m := _GROUP.match(line.lstrip(" \t|")):
            self._settle()
            self.link, self.over = ("group", False) if m["number"] else ("", True)
            return True
        if bare.lstrip().startswith(_CHAIN):
            self._settle()
            self.link = "chain"
            return True
        if self.link:
            return self._open(line, bare)
        if _TRACEBACK in line and not _FRAME.match(line):
            return None
        return self._message(bare) if self.blocks[-1].done else self._inside(line, bare)

    def _open(self, line: str, bare: str) -> bool | None:
        if not bare.strip() or _lines.is_log(bare):
            return False
        self.blocks.append(_Block(link=self.link))
        self.link, self.indent, self.after_frame, self.over = "", 0, False, False
        return True if _TRACEBACK in line else self._inside(line, bare)

    def _inside(self, line: str, bare: str) -> bool | None:
        """Before the exception line."""
        block = self.blocks[-1]
        if m := _FRAME.match(line):
            block.frames.append(_frame(m))
            self.indent = m.end("indent")
            self.after_frame, self.foreign = True, 0
        elif m := _REPEATED.match(bare):
            block.frames += block.frames[-1:] * min(int(m[1]), _MOST_REPEATS)
        elif not bare.strip() or bare.lstrip()[:1] in "│╰╭└":
            return False
        elif self._is_source(line, bare):
            if block.frames and not block.frames[-1].context and not _is_marks(bare):
                block.frames[-1] = structs.replace(block.frames[-1], context=bare.strip())
            self.after_frame = False
        elif (m := _EXCEPTION.fullmatch(bare.strip())) and not _LEVEL.match(bare.strip()):
            block.kind, block.message, block.done = m["kind"], [m["message"] or ""], True
        else:
            self.foreign += 1
            return None if self.foreign > _MOST_FOREIGN else False
        return True

    def _is_source(self, line: str, bare: str) -> bool:
        """A quoted source line or its marks. Where a log lost the indentation, one line after each frame may be one."""
        if self.indent:
            return len(line) - len(bare.lstrip()) > self.indent
        return _is_marks(bare) or (self.after_frame and not _looks_raised(bare))

    def _message(self, bare: str) -> bool | None:
        """After the exception line: the rest of its message, if it goes on to the end of the paragraph."""
        if not bare.strip() or bare.strip() == '"""':  # which closes what another process printed
            self.over = True
            return self._settle()
        if self.over or _FRAME.match(bare) or _LOG.match(bare) or len(self.unsure) > _MOST_MESSAGE:
            return None
        if not self.unsure and _MORE.match(bare):
            self.blocks[-1].message.append(bare)
            return True
        self.unsure.append(bare)
        return False

    def _settle(self) -> bool:
        """Takes the unsure lines into the message."""
        took = bool(self.unsure)
        self.blocks[-1].message += self.unsure
        self.unsure = []
        return took


def _frame(m: re.Match[str]) -> Frame:
    path = m["path"] or m["rich"]
    return Frame(
        function=(m["function"] or m["rich_function"] or "").strip(),
        path=path,
        line=int(m["line"] or m["rich_line"]),
        in_app=not _LIBRARY.search(path),
    )


def _is_marks(bare: str) -> bool:
    return not bare.strip().strip("^~ ")


def _looks_raised(bare: str) -> bool:
    """``KeyError: 'x'`` rather than a statement."""
    kind = bare.strip().partition(":")[0]
    return kind.replace(".", "").isidentifier() and kind.endswith(("Error", "Exception", "Warning", "Exit", "Interrupt", "Timeout"))
