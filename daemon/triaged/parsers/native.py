"""Crashes of C, C++, Objective-C and Swift: sanitizers, gdb, glibc's and LLVM's backtraces; innermost call first.

https://github.com/google/sanitizers/wiki/AddressSanitizer, https://sourceware.org/gdb/current/onlinedocs/gdb.html/Backtrace.html
"""

import re

from triaged.core.model import Frame, StackTrace
from triaged.parsers import _lines

LANGUAGE = "native"

#     #0 0x55c73bb489d3 in Cart::total(int) /app/cart.cpp:4:12, and of threads #0 count() /app/race.cpp:7:40 (app+0xd43bc) (BuildId: b7f38046)
_SANITIZER_FRAME = re.compile(
    r"^[ \t]*+#(?P<number>\d{1,4}) (?:(?P<address>0x[0-9a-f]{1,16}) ?(?P<rest>[^\n]*)|(?P<threads>[^\n]{1,2000}? \([^()\n]{1,200}\+0x[0-9a-f]{1,16}\)(?: \(BuildId: [0-9a-f]{1,64}\))?))$",
    re.MULTILINE,
)
# #1  0x00005555 in work (c=0x0, n=0) at /app/cart.cpp:5, and #0  Cart::total (this=0x0, i=0) at cart.cpp:4
_GDB_FRAME = re.compile(
    r"^[ \t]*+#(?P<number>\d{1,4})  ?(?:0x[0-9a-f]{4,16} in )?(?P<function>[^\n]{1,500}?) \((?P<arguments>[^\n]{0,1000}?)\)(?: at (?P<path>[^\n]{1,400}?):(?P<line>\d{1,9})| from (?P<library>[^\n]{1,400}))[ \t]*$",
    re.MULTILINE,
)
# ==12==ERROR: AddressSanitizer: heap-buffer-overflow on address 0x602000000024 at pc ...
_SANITIZER = re.compile(
    r"(?:==\d+==)?\s*(?:ERROR|WARNING|ERR.R): (?P<tool>\w{1,40}): (?P<kind>(?<=ThreadSanitizer: )[a-z][\w -]{1,80}?(?= \(|$)|deadly signal|detected memory leaks|[\w-]{1,80})(?P<message>[^\n]*)"
)
# /app/cart.cpp:263:17: runtime error: null pointer passed as argument 2
_RUNTIME_ERROR = re.compile(
    r"^(?P<path>[^\s:][^:\n]{0,400}):(?P<line>\d{1,9})(?::(?P<column>\d{1,9}))?: runtime error: (?P<message>[^\n]*)", re.MULTILINE
)
# SUMMARY: UndefinedBehaviorSanitizer: undefined-behavior /app/cart.cpp:263:17 in
_SUMMARY = re.compile(r"SUMMARY: \w+: (?P<kind>[\w-]{1,80})")
# Program received signal SIGSEGV, Segmentation fault.
_SIGNAL = re.compile(r"(?:Program received signal|Program terminated with signal) (?P<kind>SIG[A-Z]+|\d+), (?P<message>[^\n]*?)\.?$")
# terminate called after throwing an instance of 'std::runtime_error'
_TERMINATE = re.compile(
    r"^[^\n]{0,200}?terminate called after throwing an instance of '(?P<kind>[^'\n]{1,300})'(?:\n  what\(\):  ?(?P<message>[^\n]*))?",
    re.MULTILINE,
)
# shop: cart.cpp:12: int total(): Assertion `n > 0' failed.
_ASSERTION = re.compile(
    r"^[^\n:]{0,100}: (?P<path>[^\s:]{1,300}):(?P<line>\d{1,9}): (?P<function>[^\n]{1,300}?): (?P<message>Assertion [`'][^\n]{1,1000} failed)\.",
    re.MULTILINE,
)
# /app/cart.cpp:4:12, (/lib/libc.so.6+0x29d8f) (BuildId: 1878e6b), where a sanitizer's frame says its place
_AT = re.compile(r"(?P<function>(?:.*? )??)(?P<path>(?:[A-Za-z]:)?[^\s:()]+|/[^:()\n]*):(?P<line>\d{1,9})(?::\d{1,9})?$")
_MODULE = re.compile(r"\((?P<path>[^()\n]{1,400}?)\+0x[0-9a-f]{1,16}\)(?: \(BuildId: [0-9a-f]{1,64}\))?$")
_BARE_PATH = re.compile(r"(?P<function>(?:.*? )??)(?P<path>\S+\.(?:c|cc|cpp|cxx|h|hpp|m|mm|S|swift))$")

_LIBRARY = re.compile(
    r"/sysdeps/|^\.\./csu/|/csu/|/glibc|/libsanitizer/|compiler-rt|/usr/(?:include|lib)|^/lib(?:64)?/|/llvm-project|/gcc/|/bits/|\.so(?:\.\d+)*$|/rustc/|^(?:\./)?(?:nptl|csu|stdlib|signal|malloc|libio|debug|assert|string|elf|posix|setjmp)/|libfuzzer"
)
_RUNTIME = re.compile(
    r"__asan|__ubsan|__sanitizer|__interceptor|__libc|_start$|raise$|__?GI_|abort$|__assert|std::|__gnu_cxx|operator new|operator delete|__cxa|__cxxabiv1|fuzzer::|LLVMFuzzer|malloc$|free$|start_thread|clone3?$|__pthread|pthread_\w+$|malloc_printerr|_int_(?:free|malloc)"
)
_MOST_ABOVE = 8
_MOST_BETWEEN = 2_000  # characters between what terminated a program and the debugger's frames


def parse(text: str) -> StackTrace | None:
    """Read the first crash in ``text``; None when there is none. Innermost frame last."""
    found = [(m.start(), how) for literal, pattern, how in _HOW if literal in text and (m := pattern.search(text))]
    return min(found, key=lambda each: each[0])[1](text) if found else None


def _sanitized(text: str) -> StackTrace | None:
    first = _SANITIZER_FRAME.search(text)
    assert first is not None
    frames, end = _stack(text, first.start())
    kind, message, start = "", "", first.start()
    for line in _lines.up(text, first.start(), _MOST_ABOVE):
        if m := _SANITIZER.search(line.text):
            kind, message, start = m["kind"], m["message"].strip(), line.start
            break
        if m := _RUNTIME_ERROR.match(line.text):
            kind, message, start = "undefined-behavior", m["message"], line.start
            break
    summed, end = _summary(text, end)
    if kind == "attempting":  # double-free, or to free what was not allocated
        return StackTrace(
            language=LANGUAGE, kind=summed or kind, message=f"attempting {message}", frames=tuple(reversed(frames)), start=start, end=end
        )
    return StackTrace(
        language=LANGUAGE,
        kind=kind,
        message=f"{kind} {message}".strip() if kind != "undefined-behavior" else message,
        frames=tuple(reversed(frames)),
        start=start,
        end=end,
    )


def _stack(text: str, at: int) -> tuple[list[Frame], int]:
    """Frames with ascending numbers, and where they end."""
    frames: list[Frame] = []
    end = at
    for line in _lines.down(text, at):
        m = _SANITIZER_FRAME.fullmatch(line.text)
        if m is None or (frames and m["number"] == "0"):
            break
        frames.append(_sanitizer_frame(m["rest"]) if m["address"] else _thread_frame(m["threads"]))
        end = line.end
    return frames, end


def _sanitizer_frame(rest: str) -> Frame:
    rest = rest.strip().removeprefix("in ")
    module = _MODULE.search(rest)
    if module:
        function = rest[: module.start()].strip()
        return Frame(
            function=function,
            path=module["path"] if not function else "",
            in_app=bool(function) and not _RUNTIME.match(function) and not _LIBRARY.search(module["path"]),
        )
    m = _AT.fullmatch(rest) or _BARE_PATH.fullmatch(rest)
    function, path = (m["function"].strip(), m["path"]) if m else (rest, "")
    line = m.groupdict().get("line") if m else None
    return Frame(
        function=function, path=path, line=int(line) if line else None, in_app=not _LIBRARY.search(path) and not _RUNTIME.match(function)
    )


def _thread_frame(rest: str) -> Frame:
    """Where the module stands behind the place: of ThreadSanitizer."""
    said = _MODULE.sub("", rest).rstrip()
    if said.endswith("<null>"):
        return Frame(function=said.removesuffix("<null>").strip(), in_app=False)
    return _sanitizer_frame(said)


def _summary(text: str, end: int) -> tuple[str, int]:
    """The type that the summary names, and where the report ends: further stacks and the memory dump belong to it."""
    for line, _ in zip(_lines.down(text, end), range(120), strict=False):
        if m := _SUMMARY.match(line.text):
            return m["kind"], line.end
        if _RUNTIME_ERROR.match(line.text) or _SANITIZER.search(line.text):
            break
    return "", end


def _runtime_error(text: str) -> StackTrace | None:
    m = _RUNTIME_ERROR.search(text)
    assert m is not None
    after = min(m.end() + 1, len(text))
    first = _SANITIZER_FRAME.match(text, after)
    frames, end = _stack(text, after) if first else ([], after)
    kind, end = _summary(text, end)
    if not frames:
        frames = [
            Frame(
                path=m["path"], line=int(m["line"]), column=int(m["column"]) if m["column"] else None, in_app=not _LIBRARY.search(m["path"])
            )
        ]
    return StackTrace(
        language=LANGUAGE, kind=kind or "undefined-behavior", message=m["message"], frames=tuple(reversed(frames)), start=m.start(), end=end
    )


def _debugged(text: str) -> StackTrace | None:
    first = _GDB_FRAME.search(text)
    assert first is not None
    frames, end = _gdb_stack(text, first.start())
    signal = next(((line, m) for line in _lines.up(text, first.start(), _MOST_ABOVE) if (m := _SIGNAL.search(line.text))), None)
    kind, message, start = (signal[1]["kind"], signal[1]["message"], signal[0].start) if signal else ("", "", first.start())
    return StackTrace(language=LANGUAGE, kind=kind, message=message, frames=tuple(reversed(frames)), start=start, end=end)


def _gdb_stack(text: str, at: int) -> tuple[list[Frame], int]:
    """Frames as printed, and where they end."""
    frames: list[Frame] = []
    end = at
    for line in _lines.down(text, at):
        m = _GDB_FRAME.fullmatch(line.text)
        if m is None or (frames and m["number"] == "0"):
            break
        path = m["path"] or ""
        in_app = not (m["library"] or _LIBRARY.search(path) or _RUNTIME.match(m["function"]))
        function = "" if m["function"] == "??" else m["function"]
        frames.append(Frame(function=function, path=path, line=int(m["line"]) if m["line"] else None, in_app=in_app))
        end = line.end
    return frames, end


def _terminated(text: str) -> StackTrace | None:
    m = _TERMINATE.search(text)
    assert m is not None
    frames: list[Frame] = []
    end = min(m.end() + 1, len(text))
    if debugged := _GDB_FRAME.search(text, m.end(), m.end() + _MOST_BETWEEN):
        frames, end = _gdb_stack(text, debugged.start())
    return StackTrace(
        language=LANGUAGE, kind=m["kind"], message=m["message"] or "", frames=tuple(reversed(frames)), start=m.start(), end=end
    )


def _asserted(text: str) -> StackTrace | None:
    m = _ASSERTION.search(text)
    assert m is not None
    frame = Frame(function=m["function"], path=m["path"], line=int(m["line"]), in_app=not _LIBRARY.search(m["path"]))
    return StackTrace(
        language=LANGUAGE, kind="SIGABRT", message=m["message"], frames=(frame,), start=m.start(), end=min(m.end() + 1, len(text))
    )


_HOW = (
    ("#", _SANITIZER_FRAME, _sanitized),
    ("runtime error: ", _RUNTIME_ERROR, _runtime_error),
    ("#", _GDB_FRAME, _debugged),
    ("terminate called", _TERMINATE, _terminated),
    ("Assertion", _ASSERTION, _asserted),
)
