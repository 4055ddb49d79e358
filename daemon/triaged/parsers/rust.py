"""Panics of Rust, with and without a backtrace, and errors as anyhow prints them.

The panic's own machinery stands above the call that failed; innermost call first. https://doc.rust-lang.org/std/backtrace/
"""

import re

from triaged.core.model import Frame, StackTrace
from triaged.parsers import _lines

LANGUAGE = "rust"

# thread 'main' (11785) panicked at src/main.rs:1:55:
_PANIC = re.compile(
    r"^[^\n]{0,200}?thread '(?P<thread>[^'\n]{0,100})' (?:\(\d+\) )?panicked at (?:'(?P<old>[^\n]*)', )?(?P<path>[^\s:'][^:\n']{0,500}):(?P<line>\d{1,9}):(?P<column>\d{1,9}):?[ \t]*$",
    re.MULTILINE,
)
# Error: cannot charge / Caused by: / Stack backtrace:
_ANYHOW = re.compile(
    r"^(?:[^\n]{0,200}?\b)?Error: (?P<message>[^\n]*)\n(?P<causes>(?:\n?Caused by:\n(?:[ \t]+[^\n]*\n){1,30})?)\n?Stack backtrace:\n",
    re.MULTILINE,
)
# thread 'main' has overflowed its stack
_OVERFLOW = re.compile(r"^[^\n]{0,200}?thread '[^'\n]{0,100}' (?:\(\d+\) )?has overflowed its stack$", re.MULTILINE)
#    3: main::cart::total, or   17:     0x5568a14b6990 - main::cart::total::h7a31329240d10aa1
_CALL = re.compile(r"[ \t]*+\d{1,4}: +(?:0x[0-9a-f]+ - )?(?P<function>[^\n]{1,600})")
#              at ./main.rs:1:55
_PLACE = re.compile(r"[ \t]++at (?P<path>[^\n]{1,500}?):(?P<line>\d{1,9})(?::(?P<column>\d{1,9}))?")
# the same two lines where the panic above them was cut off
_HEADLESS = re.compile(r"^[ \t]*+\d{1,4}: +[^\n]{1,600}\n[ \t]+at [^\n:]{1,500}\.rs:\d", re.MULTILINE)
_NOTE = re.compile(r"note: |stack backtrace:$")
_HASH = re.compile(r"::h[0-9a-f]{16}$")

_LIBRARY_PATH = re.compile(
    r"^/rustc/|/\.cargo/|/registry/src/|/library/(?:std|core|alloc|test|proc_macro)/|/rustlib/src/|/csu/|^\.\./sysdeps/|/glibc"
)
_LIBRARY_NAME = re.compile(
    r"[<&]*(?:std|core|alloc|test|proc_macro|__rustc|backtrace|tokio|futures\w*|hyper|tower|axum|actix\w*|rayon\w*|anyhow|tracing\w*)(?:\[|::)"
    r"|rust_begin_unwind|rust_panic|__rust|_start$|__libc|clone3?$|start_thread|main$|<unknown>|_ZN|LLVM"
)
_LITERALS = ("panicked at ", "Stack backtrace:", "overflowed its stack", ".rs:")
_MOST_MESSAGE = 30


def parse(text: str) -> StackTrace | None:
    """Read the first panic in ``text``; None when there is none. Innermost frame last."""
    if not any(literal in text for literal in _LITERALS):
        return None
    panic, anyhow = _PANIC.search(text), _ANYHOW.search(text) if "Stack backtrace:" in text else None
    if anyhow and (panic is None or anyhow.start() < panic.start()):
        return _anyhow(text, anyhow)
    if panic:
        return _panic(text, panic)
    if m := _OVERFLOW.search(text):
        return StackTrace(language=LANGUAGE, kind="", message="stack overflow", start=m.start(), end=m.end())
    if m := _HEADLESS.search(text):
        frames, end = _backtrace(text, m.start())
        return StackTrace(language=LANGUAGE, kind="", frames=tuple(reversed(frames)), start=m.start(), end=end)
    return None


def _panic(text: str, m: re.Match[str]) -> StackTrace:
    message, at = ([m["old"]], m.end()) if m["old"] is not None else _message(text, min(m.end() + 1, len(text)))
    frames, end = _backtrace(text, at)
    if not any(frame.in_app and frame.path for frame in frames):  # no backtrace, or one that was cut off or names no files
        place = Frame(path=m["path"], line=int(m["line"]), column=int(m["column"]), in_app=not _LIBRARY_PATH.search(m["path"]))
        frames.insert(0, place)
    return StackTrace(
        language=LANGUAGE, kind="", message="\n".join(message).strip(), frames=tuple(reversed(frames)), start=m.start(), end=end
    )


def _message(text: str, at: int) -> tuple[list[str], int]:
    """The lines between the panic's place and what follows it."""
    lines: list[str] = []
    for line in _lines.down(text, at):
        if _NOTE.match(line.text) or _CALL.match(line.text) or _PANIC.match(line.text) or len(lines) >= _MOST_MESSAGE:
            break
        if lines and (_lines.is_log(line.text) or not line.text.strip()):
            break
        lines.append(line.text)
        at = line.end
    return lines, at


def _backtrace(text: str, at: int) -> tuple[list[Frame], int]:
    """Frames as printed, and where they end."""
    frames: list[Frame] = []
    call, end = "", at
    for line in _lines.down(text, at):
        if (m := _PLACE.fullmatch(line.text)) and call:
            frames.append(_frame(call, m["path"], int(m["line"]), int(m["column"]) if m["column"] else None))
            call = ""
        elif _NOTE.match(line.text):
            pass
        elif m := _CALL.fullmatch(line.text):
            frames += [_frame(call)] if call else []
            call = m["function"].strip()
        elif not line.text.strip() and not frames and not call:
            continue
        else:
            break
        end = line.end
    frames += [_frame(call)] if call else []
    return frames, end


def _frame(call: str, path: str = "", line: int | None = None, column: int | None = None) -> Frame:
    function = _HASH.sub("", call)
    in_app = (
        not _LIBRARY_PATH.search(path) if path and not _LIBRARY_NAME.match(function) else not path and not _LIBRARY_NAME.match(function)
    )
    return Frame(function=function, path=path, line=line, column=column, in_app=in_app, module=function.rpartition("::")[0])


def _anyhow(text: str, m: re.Match[str]) -> StackTrace:
    frames, end = _backtrace(text, m.end())
    told = [re.sub(r"^\s*(?:\d+: )?", "", line) for line in m["causes"].split("\n") if line.strip() and line.strip() != "Caused by:"]
    causes = tuple(StackTrace(language=LANGUAGE, kind="", message=line) for line in told)
    return StackTrace(
        language=LANGUAGE, kind="", message=m["message"], frames=tuple(reversed(frames)), causes=causes, start=m.start(), end=end
    )
