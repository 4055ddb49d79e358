"""Crashes of Swift and Objective-C: the runtime's fatal errors and backtraces, Apple's crash reports, uncaught NSExceptions; innermost call first.

https://developer.apple.com/documentation/xcode/examining-the-fields-in-a-crash-report,
https://github.com/swiftlang/swift/blob/main/docs/Backtracing.rst
"""

import re
from dataclasses import dataclass, field

from triaged.core.model import Frame, StackTrace
from triaged.parsers import _lines

LANGUAGE = "swift"

# shop/Cart.swift:12: Fatal error: Index out of range, and before Swift 5.3 Fatal error: Index out of range: file shop/Cart.swift, line 12
_FATAL = re.compile(
    r"(?:^|(?<=[\s\])]))(?P<path>[^\s:]{1,300}\.swift):(?P<line>\d{1,9}): (?P<kind>Fatal error|Precondition failed|Assertion failed)(?:: (?P<message>[^\n]*))?$"
    r"|^(?P<old_kind>Fatal error|Precondition failed|Assertion failed): (?P<old>[^\n]{0,1000}?)(?:: )?file (?P<old_path>[^\n,]{1,300}\.swift), line (?P<old_line>\d{1,9})$",
    re.MULTILINE,
)
# *** Terminating app due to uncaught exception 'NSRangeException', reason: '*** -[__NSArrayM objectAtIndex:]: index 5 beyond bounds [0 .. 2]'
_UNCAUGHT = re.compile(
    r"^[^\n]{0,300}?\*\*\* Terminating app due to uncaught exception '(?P<kind>[^'\n]{1,200})'(?:, reason: '(?P<message>[^\n]{0,2000}?)'?)?$",
    re.MULTILINE,
)
# *** Program crashed: Bad pointer dereference at 0x0000000000000004 ***
_CRASHED = re.compile(r"^[^\n]{0,200}?(?:\*\*\*|\U0001f4a3) Program crashed: (?P<message>[^\n*]{1,300}?)(?: \*\*\*)?$", re.MULTILINE)
# Exception Type:  EXC_BREAKPOINT (SIGTRAP)
_REPORT = re.compile(r"^Exception Type:[ \t]+(?P<kind>\w{1,60})", re.MULTILINE)
_OPENINGS = ((".swift", _FATAL), ("*** Terminating app", _UNCAUGHT), ("Program crashed: ", _CRASHED), ("Exception Type:", _REPORT))

_PROCESS = re.compile(r"Process: {1,20}(?P<name>[^\n\[]{1,100}?) \[\d+\]")
# Thread 0 Crashed:: Dispatch queue: com.apple.main-thread, Thread 3 "worker" crashed:, and threads that only were there
_THREAD = re.compile(r"Thread \d{1,5}\b[^\n]{0,200}?(?P<crashed> [Cc]rashed)?:")
_THROWN = re.compile(r"Last Exception Backtrace:|\*\*\* First throw call stack:")
_PRINTED = re.compile(r"Current stack trace:")
# What a report says of itself: OS Version:          iPhone OS 17.4 (21E219)
_FIELD = re.compile(r"[A-Z][\w/() -]{1,40}:(?:[ \t]|$)")
# 1   Shop                          	0x0000000102afb3d0 Cart.total() + 204 (Cart.swift:12)
_APPLE_FRAME = re.compile(
    r"[ \t]*+\d{1,4} {1,4}(?P<image>[^\s\[](?:[^\t\n]{0,80}?\S)??)[ \t]+0x[0-9a-f]{4,16} (?P<function>[^\n]{1,600}?)(?: \+ \d{1,12})?"
    r"(?: \((?P<path>[^():\n]{1,300}):(?P<line>\d{1,9})\))?"
)
# 1 [ra] 0x0000555555554f3c Cart.total() + 271 in shop at /srv/shop/Sources/shop/Cart.swift:12:31
_FRAME = re.compile(
    r"[ \t]*+\d{1,4} {1,20}(?P<marks>(?:\[[\w ]{1,12}\] {1,20}){0,4})(?:0x[0-9a-f]{4,16} )?(?P<function>[^\n]{1,600}?)(?: \+ \d{1,12})?(?: in (?P<image>[^\s/]{1,200}))?"
    r"(?: at (?://<compiler-generated>|(?P<path>/[^\n]{1,400}?):(?P<line>\d{1,9})(?::(?P<column>\d{1,9}))?))?"
)
#     12│         for line in lines { sum += line.price! * line.quantity }
_SOURCE = re.compile(r"[ \t]*+(?:\d{1,7} ?)?│")
_AFTER = re.compile(r"\)?[ \t]*$|libc\+\+abi\b|terminating with uncaught exception|Trace/BPT|\*\*\* Signal \d|Backtrace took ")

# Apple's and Swift's own.
_SYSTEM = re.compile(
    r"lib(?:swift|system|objc|c\+\+|dispatch|xpc|dyld|sqlite3|[A-Z])\S*|\S+\.so(?:[.\d]+)?|\S+\.dylib|dyld(?:_sim)?|\?\?\?|(?:Core|UI|NS|AV|CF|MT|SK|WK|GS|AK|IOKit)[A-Z]\w*|Foundation|AppKit|SwiftUI|Combine"
    r"|AttributeGraph|QuartzCore|GraphicsServices|HIToolbox|Metal\w*|MapKit|WebKit|WebCore|JavaScriptCore|Network|Security|libsystem\w*|UIKit|SwiftData|ImageIO|Accelerate|StoreKit|PassKit|HealthKit|RealityKit|SceneKit|SpriteKit"
)
_SYSTEM_PLACE = re.compile(r"/?(?:Swift|Foundation|Dispatch|_Concurrency|build|usr)/|/swift[^/]*/stdlib/")
_MOST_LINES = 4_000
_MOST_UNKNOWN = 8
_MOST_ABOVE = 25


@dataclass
class _Report:
    """One crash while it is read."""

    kind: str = ""
    message: str = ""
    place: Frame | None = None  # where the runtime says that it failed
    process: str = ""
    frames: list[Frame] = field(default_factory=list)  # innermost first
    final: bool = False  # the frames are those of the exception, which say more than those of the thread that died of it


def parse(text: str) -> StackTrace | None:
    """Read the first crash in ``text``; None when there is none. Innermost frame last."""
    found = [m for literal, pattern in _OPENINGS if literal in text and (m := pattern.search(text))]
    first = min(found, key=lambda m: m.start(), default=None)
    if first is None:
        return None
    report = _Report()
    start = _lines.beginning(text, first.start())
    if first.re is _REPORT:
        start = _above(report, text, start)
    end = _read(report, text, _lines.beginning(text, first.start()))
    if report.kind.startswith("EXC_") and not report.frames:
        return None  # EXC_BAD_ACCESS is named in a sentence
    frames = report.frames
    if report.place and not any(frame.in_app and frame.path for frame in frames):
        frames = [report.place, *frames]
    return StackTrace(
        language=LANGUAGE, kind=report.kind, message=report.message.strip(), frames=tuple(reversed(frames)), start=start, end=end
    )


def _above(report: _Report, text: str, at: int) -> int:
    """Where a crash report begins, above its exception; it says there whose it is."""
    start = at
    for line in _lines.up(text, at, _MOST_ABOVE):
        if m := _PROCESS.match(line.text):
            report.process = m["name"]
        if _FIELD.match(line.text):
            start = line.start
        elif line.text.strip():
            break
    return start


def _read(report: _Report, text: str, at: int) -> int:
    """Fills the report from the line at ``at`` on; gives where it ends."""
    end, unknown, taking = at, 0, False
    for line, _ in zip(_lines.down(text, at), range(_MOST_LINES), strict=False):
        stripped = line.text.strip()
        if report.frames and any(literal in line.text and pattern.search(line.text) for literal, pattern in _OPENINGS):
            break  # the next crash
        if _opened(report, line.text):
            unknown = 0
        elif (m := _THREAD.match(stripped)) or _THROWN.match(stripped) or _PRINTED.match(stripped):
            thrown = m is None
            taking = (thrown or bool(m and m["crashed"])) and not report.final
            report.frames, report.final = ([], thrown) if taking else (report.frames, report.final)
            unknown = 0
        elif stripped[:1].isdigit() and (frame := _frame(line.text, report.process)):
            report.frames += [frame] if taking else []
            unknown = 0
        elif _SOURCE.match(line.text):
            pass
        elif not stripped or _AFTER.match(stripped) or _FIELD.match(line.text):
            end = line.end if stripped and unknown == 0 and _AFTER.match(stripped) else end
            continue
        elif _lines.is_log(line.text) or unknown >= _MOST_UNKNOWN:
            break
        else:
            unknown += 1
            continue
        end = line.end
    return end


def _opened(report: _Report, line: str) -> bool:
    """What a line says of the crash itself."""
    if m := _FATAL.search(line):
        if report.kind and not report.kind.startswith("EXC_"):
            return False
        path, number = m["path"] or m["old_path"], int(m["line"] or m["old_line"])
        report.kind, report.message = m["kind"] or m["old_kind"], m["message"] or m["old"] or ""
        report.place = Frame(path=path, line=number, in_app=not _SYSTEM_PLACE.match(path))
    elif m := _UNCAUGHT.match(line):
        report.kind, report.message = m["kind"], m["message"] or ""
    elif m := _CRASHED.match(line):
        if not report.kind:
            report.kind, report.message = "Program crashed", m["message"]
    elif m := _REPORT.match(line):
        report.kind = report.kind or m["kind"]
    else:
        return False
    return True


def _frame(line: str, process: str) -> Frame | None:
    if m := _APPLE_FRAME.fullmatch(line):
        path, function = m["path"] or "", m["function"]
        function = "" if function.startswith(("0x", "<unavailable>")) else function
        own = m["image"] == process if process and not path else not _SYSTEM.fullmatch(m["image"])
        return Frame(function=function, path=path, line=int(m["line"]) if m["line"] else None, in_app=own, module=m["image"])
    m = _FRAME.fullmatch(line)
    if m is None or not (m["image"] or m["path"]):
        return None
    path, image = m["path"] or "", m["image"] or ""
    own = "system" not in m["marks"] and not _SYSTEM.fullmatch(image) and not _SYSTEM_PLACE.match(path)
    return Frame(
        function=m["function"],
        path=path,
        line=int(m["line"]) if m["line"] else None,
        column=int(m["column"]) if m["column"] else None,
        in_app=own,
        module=image,
    )
