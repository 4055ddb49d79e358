"""Stack traces of .NET and Mono.

An exception is printed with what it wraps as one list, innermost frame of the innermost exception first; ``--->`` stands before each
inner type and message, ``End of inner exception stack trace`` behind its frames. So the frames of the outermost one include those of
what it wraps. https://learn.microsoft.com/dotnet/api/system.exception.tostring
"""

import itertools
import re
from dataclasses import replace

from triaged.core.model import Frame, StackTrace
from triaged.parsers import _lines

LANGUAGE = "csharp"

#    at Shop.Cart.Total(Dictionary`2 d) in /app/Cart.cs:line 4
#   at Shop.Cart.Total (System.Int32 d) [0x00007] in /app/Cart.cs:4
_FRAME = re.compile(
    r"^[ \t]*+at (?P<wrapper>\(wrapper [^)\n]{1,40}\) )?(?P<function>[^\s(][^\n(]{0,400}?) ?\((?P<arguments>[^\n]{0,500}?)\)(?: \[0x[0-9a-fA-F]+\]| <0x[0-9a-fx+ ]+>)?"
    r"(?: in (?P<path>[^\n]{1,500}?):(?:line )?(?P<line>\d{1,9}))?(?: <---)?[ \t]*$",
    re.MULTILINE,
)
# System.Collections.Generic.KeyNotFoundException: The given key 'x' was not present
_TYPE = re.compile(r"(?<![\w.`'\"/@:-])(?P<kind>[^\W\d][\w.+`]{0,200})(?: \(0x[0-9A-Fa-f]+\))?(?:: |:?$|(?= --->))")
# Unhandled exception. Shop.InvalidOrder: 2 problems, whose type need not be named as exceptions are; Mono sets it on a line of its own
_UNHANDLED = re.compile(
    r"(?:Unhandled exception\. |\[ERROR\] FATAL UNHANDLED EXCEPTION: )(?=[^\W\d])|(?:^|\n)Unhandled Exception:[ \t]*\n(?=[^\W\d])"
)
_INNER = re.compile(r"^ *---> ?|(?<=\S) ---> (?=[A-Za-z_][\w.]*\.\w|\w+Exception)", re.MULTILINE)
_END_OF_INNER = re.compile(r"[ \t]*+--- End of inner ")
_END_OF_PREVIOUS = re.compile(r"[ \t]*+--- End of stack trace ")
# ---> (Inner Exception #1) System.FormatException: ...
_AGGREGATED = re.compile(r"[ \t]*+---> \(Inner Exception #(?P<number>\d+)\) (?P<rest>.*)")
_NOT_ARGUMENTS = re.compile(
    r"Native Method|Unknown Source|native|.*:\d+$|<anonymous>|index \d+|unknown location|<generated>|[^,]*\.\w{1,6}$|.*[/\\]"
)

_LIBRARY = re.compile(
    r"(?:System|Microsoft|Mono|MS|Windows|Newtonsoft|Npgsql|Dapper|MongoDB|StackExchange|Serilog|NLog|Polly|Autofac|MediatR|AutoMapper|Grpc|UnityEngine|Xunit|NUnit|lambda_method)\b"
)

_MOST_ABOVE = 40
_MOST_FOREIGN = 3
_MOST_MESSAGE = 20


def parse(text: str) -> StackTrace | None:
    """Read the first trace in ``text``; None when there is none. Innermost frame last."""
    first = next((m for m in _FRAME.finditer(text) if _frame(m)), None)
    if first is None:
        return None
    head, start = _head(text, _lines.beginning(text, first.start()))
    parts, aggregated, end = _parts(text, first.start())
    if not head and not any(frame.path for part in parts for frame in part):
        return None
    (kind, message), inner = (head[0] if head else ("", "")), head[1:]
    own = dict(zip(range(len(head) - 1, -1, -1), parts, strict=False))  # the innermost one's frames come first
    causes = [_trace(*each, own.get(at, [])) for at, each in enumerate(inner, start=1)]
    main = _trace(kind, message, [frame for part in parts for frame in part])
    return replace(main, causes=(*causes, *aggregated), start=start, end=end)


def _trace(kind: str, message: str, frames: list[Frame]) -> StackTrace:
    return StackTrace(language=LANGUAGE, kind=kind, message=message.strip(), frames=tuple(reversed(frames)))


def _head(text: str, at: int) -> tuple[list[tuple[str, str]], int]:
    """[(type, message)] above the first frame, outermost first, and where they begin."""
    above = list(_lines.up(text, at, _MOST_ABOVE))
    found = -1
    for which, line in enumerate(above):
        if _FRAME.fullmatch(line.text) or _END_OF_INNER.match(line.text):
            break
        if m := _typed(line.text) or _unhandled(above[which : which + 2]):
            found = which
            if "--->" not in line.text[: m.start()]:
                break
    if found < 0:
        found = next((which for which, line in enumerate(_paragraph(above)) if _dotted(line.text)), -1)
    if found < 0:
        return [], at
    said = "\n".join(line.text for line in reversed(above[: found + 1]))
    m = _typed(said.split("\n")[0]) or _unhandled(above[found : found + 2]) or _dotted(said.split("\n")[0])
    parts = _INNER.split(said[m.start() :]) if m else []
    # .NET's new line before "--->" belongs to no message
    heads = [(t["kind"], part[t.end() :].strip()) for part in parts if (t := _TYPE.match(part.split("\n")[0]) or _typed(part))]
    return heads, above[found].start


def _typed(line: str) -> re.Match[str] | None:
    """The first name that ends as exceptions' do."""
    for m in _TYPE.finditer(line.split("\n")[0]):
        if m["kind"].endswith(("Exception", "Error", "Fault", "Failure")):
            return m
    return None


def _paragraph(above: list[_lines.Line]) -> list[_lines.Line]:
    """Of the lines above the first frame (nearest first) those that may be one message."""
    said = itertools.takewhile(lambda line: line.text.strip() and not _lines.is_log(line.text) and not _FRAME.fullmatch(line.text), above)
    return list(itertools.islice(said, _MOST_MESSAGE))


def _dotted(line: str) -> re.Match[str] | None:
    """The type that a line begins with, whatever its name, if it names its namespace."""
    m = _TYPE.match(line, len(line) - len(line.lstrip()))
    return m if m and "." in m["kind"].strip(".") else None


def _unhandled(lines: list[_lines.Line]) -> re.Match[str] | None:
    """The type in a line, whatever its name, where that line or the one above it says that nothing caught it."""
    announced = _UNHANDLED.search(lines[0].text)
    if announced:
        return _TYPE.match(lines[0].text, announced.end())
    if len(lines) > 1 and _UNHANDLED.search(f"{lines[1].text}\n{lines[0].text}"):
        return _TYPE.match(lines[0].text)
    return None


def _parts(text: str, at: int) -> tuple[list[list[Frame]], list[StackTrace], int]:
    """Frames, parted where an inner exception ends; further exceptions of an aggregate; and where it all ends."""
    parts: list[list[Frame]] = [[]]
    aggregated: list[StackTrace] = []
    into: list[Frame] | None = parts[0]
    end, foreign, blank, talking = at, 0, 0, 0
    for line in _lines.down(text, at):
        m = _FRAME.fullmatch(line.text)
        if m and (frame := _frame(m)):
            talking = 0
            if into is not None:
                into.append(frame)
        elif _END_OF_INNER.match(line.text):
            parts.append([])
            into = parts[-1]
        elif m := _AGGREGATED.match(line.text):  # the first one was printed before as inner exception
            into, typed, talking = [], _typed(m["rest"]), _MOST_MESSAGE
            if int(m["number"]) and typed:
                aggregated.append(StackTrace(language=LANGUAGE, kind=typed["kind"], message=m["rest"][typed.end() :]))
        elif _END_OF_PREVIOUS.match(line.text):
            pass
        elif talking and line.text.strip() and not _lines.is_log(line.text):  # more of the message of one of an aggregate
            talking -= 1
        elif not line.text.strip() and blank < 2:
            blank += 1
            continue
        elif foreign < _MOST_FOREIGN and _lines.is_log(line.text) and not (_typed(line.text) or _unhandled([line])):
            foreign += 1
            continue
        else:
            break
        foreign, blank, end = 0, 0, line.end
    return [part for part in parts if part] or [[]], aggregated, end


def _frame(m: re.Match[str]) -> Frame | None:
    if not m["path"] and not m["wrapper"] and ("." not in m["function"] or _NOT_ARGUMENTS.match(m["arguments"])):
        return None
    function, path = m["function"].strip(), m["path"] or ""
    if path.endswith((".js", ".ts", ".java", ".kt")):
        return None
    known = bool(path) and not path.startswith("<")
    return Frame(
        function=function,
        path=path.partition("#")[0] if known else path.strip("<>").partition("#")[0].replace("filename unknown", ""),
        line=int(m["line"]) if m["line"] else None,
        in_app=not m["wrapper"] and not _LIBRARY.match(function),
        module=function.rpartition(".")[0],
    )
