"""Errors of R: what ``stop`` prints, with ``traceback()`` or rlang's tree beneath it where they are asked for.

``traceback()`` counts its calls from the innermost down, and says of each where it stands, so a frame's function is the call of the next
number. https://stat.ethz.ch/R-manual/R-devel/library/base/html/traceback.html, https://rlang.r-lib.org/reference/topic-error-call.html
"""

import re

from triaged.core.model import Frame, StackTrace
from triaged.parsers import _lines

LANGUAGE = "r"

# Error in total(cart) : price is missing; Error in `total()`:; Error: price is missing
_HEAD = re.compile(
    r"^[ \t]*(?:Error in (?P<call>[^\n]{1,500}?)(?: : ?(?P<message>[^\n]*)|:[ \t]*)|Error: ?(?P<bare>[^\n]*)|(?:Caused by e|E)rror in `[^`\n]{1,300}`:[ \t]*)$",
    re.MULTILINE,
)
# <simpleError in check(17L): order 17 has 2 problems:
_PRINTED = re.compile(r"<(?P<kind>[\w.]{1,100}(?:Error|error)) in (?P<call>[^\n]{1,500}?): (?P<message>[^>]{1,2000})>")
# Calls: checkout -> total; Execution halted; In addition: Warning message:; Backtrace:
_OURS = re.compile(r"Calls: |Execution halted|In addition: Warning|Backtrace:[ \t]*$|Traceback:[ \t]*$|[ \t]*\d{1,3}: |! ", re.MULTILINE)
# 7: stop("price is missing") at stop_calls.R#3
_ENTRY = re.compile(r"^[ \t]*(?P<number>\d{1,3}): (?P<call>[^\n]*)$")
_PLACE = re.compile(r" at (?P<path>[^\n#]{1,400})#(?P<line>\d{1,9})$")
# total(cart), pkg::total(cart), (function () {
_NAME = re.compile(r"(?:[\w.]+:::?)?[\w.]+(?=\()")
# ! price is missing; • quantity is negative; Caused by error in `f()`:
_BULLET = re.compile(r"^[!✖xi•ℹ*] (?P<text>.*)$")
_MOST_LINES = 400


def parse(text: str) -> StackTrace | None:
    """Read the first error in ``text``; None when there is none. Innermost frame last."""
    if "rror" not in text:
        return None
    printed = _PRINTED.search(text)
    for m in _HEAD.finditer(text):
        if printed is not None and printed.start() < m.start():
            break
        if m["bare"] is None or _OURS.match(text, m.end() + 1):
            return _error(m, text)
    if printed is None:
        return None
    message = printed["message"].rstrip()
    return StackTrace(language=LANGUAGE, kind="", message=message, start=printed.start(), end=printed.end())


def _error(m: re.Match[str], text: str) -> StackTrace | None:
    message = [(m["message"] or m["bare"] or "").rstrip()]
    entries: list[str] = []
    told = bool(m["call"] and m["message"] is not None)
    end = min(m.end() + 1, len(text))
    for count, line in enumerate(_lines.down(text, end)):
        bullet, entry = _BULLET.match(line.text), _ENTRY.match(line.text)
        if entry is not None and (entries or int(entry["number"]) > 0):
            entries.append(entry["call"])
        elif entries and line.text.startswith("   "):
            entries[-1] += "\n" + line.text
        elif bullet is not None and not entries:
            message.append(bullet["text"] if not any(message) else line.text)
            told = True
        elif not any(message) and line.text.startswith("  ") and not entries:
            message.append(line.text.strip())
        elif not _is_rest(line.text, bool(entries)) or count > _MOST_LINES:
            break
        told = told or entry is not None or line.text.startswith(("Calls: ", "Execution halted", "Backtrace:"))
        end = line.end
    said = "\n".join(part for part in message if part)
    if not told:
        return None
    return StackTrace(language=LANGUAGE, kind="", message=said, frames=_frames(entries), start=m.start(), end=end)


def _is_rest(line: str, numbered: bool) -> bool:
    """What stands between an error and the end of what R says about it."""
    if line.startswith(("Calls: ", "Execution halted", "In addition: ", "In ", "Backtrace:", "Traceback:", "Caused by error")):
        return True
    return (line[:1] in " \t" and not numbered) or (not line.strip() and not numbered)


def _frames(entries: list[str]) -> tuple[Frame, ...]:
    """``entries`` innermost first, as printed."""
    frames = []
    for entry, caller in zip(entries, [*entries[1:], ""][: len(entries)], strict=True):
        place = _PLACE.search(entry)
        named = caller if place and _PLACE.search(caller) else "" if place else entry  # of a library only what is called is known
        name = _NAME.match(named)
        frames.append(
            Frame(
                function=name[0] if name else "" if place else "<anonymous>",
                path=place["path"] if place else "",
                line=int(place["line"]) if place else None,
                in_app=place is not None,
            )
        )
    return tuple(reversed(frames))
