"""Stack traces of JavaScript: V8 (Node, Chrome, Edge), Firefox, Safari, Hermes and old Opera.

V8 prints ``    at function (place:line:column)``, Firefox and Safari ``function@place:line:column``, all innermost first.
https://v8.dev/docs/stack-trace-api
"""

import re
from dataclasses import replace

from msgspec import structs

from triaged.core.model import Frame, StackTrace
from triaged.parsers import _lines

LANGUAGE = "javascript"

#     at load (/app/shop.js:2:38)
# load@https://shop.example/cart.js:52:15
# https://shop.example/cart.js:52:15
#   Line 18 of linked script http://shop.example/cart.js: In function total
# [AggregateError: All promises were rejected] {, and behind what was logged with it
_CANDIDATE = re.compile(
    r"^[ \t]*+(?:at [^\n]|[^\n@]{0,300}@(?:[^\n]*:\d+|\[native code\])[ \t]*$|\w+://[^\n]*\d$|(?:\.\.\.[ \t]+)?Line \d|(?:[^\n\[]{0,200}: )?\[\w{0,60}Error[^\n]*\] \{$)",
    re.MULTILINE,
)
# /app/shop.js:2:38
_PLACE = re.compile(r"(?P<path>.+?):(?P<line>\d{1,9})(?::(?P<column>\d{1,9}))?")
# file.js line 26 > eval line 2 > eval:1:30
_EVAL_LINE = re.compile(r"(.+?) line (\d{1,9}) > (?:eval|Function)")
# bar(2), foo([arguments not available]), <anonymous function: run>
_CALL = re.compile(r"(?:<anonymous function(?:: (?P<name>[^>]+))?>|(?P<plain>[^(]*))(?:\(.*\))?")
#   Line 18 of linked script http://shop.example/cart.js: In function total
_OPERA = re.compile(
    r"\s*(?:\.\.\.\s+)?Line (?P<line>\d{1,9}) of (?:linked|inline#\d+) script (?:in )?(?P<path>\S+?)(?:: In function (?P<function>\S+))?"
)

# Uncaught TypeError [ERR_INVALID_ARG_TYPE]: The "path" argument must be of type string
_TYPE = re.compile(r"(?<![\w.$'\"/@-])(?P<kind>[A-Za-z_$][\w$.]{0,120})(?: \[\w{1,60}\])?(?=\)?(?::|$))\)?:?")
#     ... 5 lines matching cause stack trace ...
_ELIDED = re.compile(r"\s*\.\.\. (\d{1,6}) lines matching cause stack trace \.\.\.")
#     [... lines matching original stack trace ...], where an error was emitted
_ORIGINAL = re.compile(r"\s*\[\.\.\. lines matching original stack trace \.\.\.\]")
# error: Uncaught (in promise) Error: no price, below which Deno quotes the line that threw and points at it
_DENO = re.compile(r"error: Uncaught ")
_POINTS = re.compile(r"[ \t]*+\^+[ \t]*")
# Caused by: TypeError: Cannot read properties of undefined (reading 'name')
_CAUSED = re.compile(r"\s*[Cc]aused by:? ")
# /app/shop.js:2
_THROWN_AT = re.compile(r"(?P<path>(?:file://|[A-Za-z]:\\|/|\.).*):(?P<line>\d{1,9})")
# /app/shop.js:7 / throw 'boom'; / ^ / boom
_THROWN = re.compile(
    r"^(?P<path>(?:file://|[A-Za-z]:\\|/|\.)[^\n:]*):(?P<line>\d{1,9})\n[^\n]*\n[ \t]*\^+\n(?P<message>[^\n]+)\n", re.MULTILINE
)
# Node.js v20.20.2, and what else Node says last
_TAIL = re.compile(r"Node\.js v\d|\(Use `node --trace-")
#     at total, without a place
_NO_PLACE = re.compile(r"[ \t]++at (?P<function>[\w$.<>\[\] ]{1,100})")
# Emitted 'error' event on Socket instance at:
_EMITTED = re.compile(r"Emitted '.{1,80}' event ")

_OTHERS = re.compile(r"\.(?:rs|java|kt|scala|groovy|clj|cs|fs|go|py|rb|php|c|cc|cpp|cxx|h|hpp|S|dart|swift|exs?|erl|pl|pm|lua|R)$")
_SCRIPT = re.compile(r"\w+:/|\.(?:[cm]?[jt]sx?|html?|vue|svelte|bundle|jsbundle)\b")
_LIBRARY = re.compile(
    r"(?:^|[/\\])node_modules[/\\]|^(?:node|bun|deno|ext|electron|wasm):|^internal/|[/\\]\.yarn[/\\]|\.pnp\.c?js|/~/|/bower_components/"
    r"|^webpack(?:-internal)?:.*/webpack/(?:bootstrap|runtime)|^(?:chrome|moz|safari-web)-extension:|^https?://(?:deno\.land|esm\.sh|unpkg\.com|cdn\.)"
)
# Node before 10 printed its own modules as bare names.
_NODE_MODULES = frozenset({
    "assert", "async_hooks", "bootstrap_node", "buffer", "child_process", "cluster", "console", "crypto", "dgram", "dns", "domain",
    "events", "fs", "http", "https", "module", "net", "node", "os", "path", "punycode", "querystring", "readline", "repl", "stream",
    "string_decoder", "timers", "tls", "tty", "url", "util", "vm", "zlib", "_http_agent", "_http_client", "_http_incoming",
    "_http_outgoing", "_http_server", "_stream_duplex", "_stream_passthrough", "_stream_readable", "_stream_transform",
    "_stream_writable", "_tls_wrap"
})  # fmt: skip
_NO_PATH = ("native", "<anonymous>", "unknown location", "", "[native code]")

_MOST_ABOVE = 40  # lines of a message above the first frame
_MOST_FOREIGN = 3  # lines of other writers between two frames
_MOST_DUMP = 2_000  # lines of properties that Node prints below the frames
_MOST_DEEP = 8  # causes of causes


def parse(text: str) -> StackTrace | None:
    """Read the first trace in ``text``; None when there is none. Innermost frame last."""
    return _parse(text, 0)


def _parse(text: str, depth: int) -> StackTrace | None:
    thrown = _THROWN.search(text)
    for m in _CANDIDATE.finditer(text):
        if thrown and thrown.start() < m.start():
            break
        if _begins(text, m.start()):
            return _read(text, m.start(), depth)
    return _thrown(text, thrown) if thrown and _SCRIPT.search(thrown["path"]) else None


def _begins(text: str, at: int) -> bool:
    """Whether the line at ``at`` is the first frame of a trace."""
    one, two = ([line.text for line, _ in zip(_lines.down(text, at), "12", strict=False)] + [""])[:2]
    return bool(_frame(one) or one.endswith("] {") or (_bare(one) and "@" in two and _frame(two)))


def _read(text: str, at: int, depth: int) -> StackTrace:
    kind, message, start = _head(text, at)
    frames, elided, end = _frames(text, at)
    dump, end = _dump(text, end, _indent(next(_lines.down(text, at)).text))
    causes, end = _causes(text, dump, end, depth)
    if kind == "SyntaxError" and (place := _thrown_at(text, start)) and place.path not in (frame.path for frame in frames):
        frames.insert(0, place)  # nothing else names the file that does not parse
    if causes:
        # a rejected Promise.any has no frames of its own: its first cause says where
        frames = _filled(frames, elided, causes[0].frames[::-1]) or list(causes[0].frames[::-1])
    return StackTrace(
        language=LANGUAGE, kind=kind, message=message, frames=tuple(reversed(frames)), causes=causes, start=start, end=_after(text, end)
    )


def _thrown(text: str, m: re.Match[str]) -> StackTrace:
    """Something thrown that is no Error: Node quotes the line, and prints frames only if asked to."""
    frames = [Frame(path=m["path"], line=int(m["line"]), in_app=_in_app(m["path"]))]
    end = m.end()
    if text.startswith("Thrown at:\n", end):
        frames, _, end = _frames(text, end + len("Thrown at:\n"))
    return StackTrace(
        language=LANGUAGE, kind="", message=m["message"].strip(), frames=tuple(reversed(frames)), start=m.start(), end=_after(text, end)
    )


# --------------------------------------------------------------- above the frames


def _head(text: str, at: int) -> tuple[str, str, int]:
    """Type and message, which stand above the first frame at ``at``, and where they begin."""
    line = next(_lines.down(text, at)).text
    if line.endswith("] {"):  # [AggregateError: All promises were rejected] {
        line = line[line.find("[") + 1 : -3]
        return line.partition(":")[0], line.partition(":")[2].strip(), at
    above = list(_lines.up(text, at, _MOST_ABOVE))
    which, kind, first = _head_line(above)
    if which < 0:
        return "", "", at
    if _DENO.match(above[which].text) and which >= 2 and _POINTS.fullmatch(above[0].text):
        del above[:2]
        which -= 2
    message = "\n".join([first, *(line.text for line in reversed(above[:which]))]).strip()
    return kind, message, _preamble(text, above[which].start)


def _head_line(above: list[_lines.Line]) -> tuple[int, str, str]:
    """(which line above, type, message in it). The nearest line that begins with a type; else one of the same paragraph that holds one."""
    holds = -1, "", ""
    for at, line in enumerate(above):
        if _frame(line.text) or line.text.startswith(("}", "Node.js v")) or (not line.text.strip() and holds[0] >= 0):
            break
        found = _typed(line.text)
        if found and found[0]:
            return at, *found[1:]
        if found and holds[0] < 0:
            holds = at, *found[1:]
    if holds[0] < 0 and above and above[0].text.strip() and not (_frame(above[0].text) or _lines.is_log(above[0].text)):
        return 0, *_untyped(above[0].text.strip())
    return holds


def _typed(line: str) -> tuple[bool, str, str] | None:
    """(the line begins with it, type, message) of the first error type in a line."""
    for m in _TYPE.finditer(line):
        if m["kind"].endswith(("Error", "Exception", "Rejection", "Warning")) and m["kind"].rpartition(".")[2][0].isupper():
            before = line[: m.start()].strip(" \t[(")
            begins = not before or before.startswith("Uncaught") or before.endswith(("[cause]:", "Unhandled Rejection"))
            return begins, m["kind"], line[m.end() :].strip().removesuffix("] {").strip()
    return None


def _untyped(line: str) -> tuple[str, str]:
    """``NotFound: no such order``, or a message alone."""
    m = _TYPE.match(line)
    return (m["kind"], line[m.end() :].strip()) if m and line[m.end() - 1] == ":" else ("", line)


def _preamble(text: str, at: int) -> int:
    """Where the line that threw is quoted above an uncaught error, if it is."""
    for line in _lines.up(text, at, most=6):
        if _THROWN_AT.fullmatch(line.text) or re.match(r"(?:node:|<anonymous_script>|\[\w+\]:\d)", line.text):
            return line.start
    return at


def _thrown_at(text: str, at: int) -> Frame | None:
    m = _THROWN_AT.fullmatch(next(_lines.down(text, at)).text)
    return Frame(path=m["path"], line=int(m["line"])) if m and _in_app(m["path"]) else None


# --------------------------------------------------------------------- the frames


def _frames(text: str, at: int) -> tuple[list[Frame], list[tuple[int, int]], int]:
    """Frames as printed, [(where, how many) were left out because the cause has them too], and where they end."""
    frames: list[Frame] = []
    elided: list[tuple[int, int]] = []
    end, foreign, gecko, emitted, opera = at, 0, False, False, False
    for line in _lines.down(text, at):
        frame = _frame(line.text)
        if opera and frame is None and line.text.startswith("    "):
            frames[-1], opera = structs.replace(frames[-1], context=line.text.strip()), False  # Opera quotes the line below its place
            end = line.end
            continue
        opera = frame is not None and " script " in line.text and "Line " in line.text
        gecko = gecko or (frame is not None and "@" in line.text)
        if frame is None and (gecko or line.start == at):
            frame = _bare(line.text)
        if frame:
            frames += [frame] if (frame.function or frame.path) and not emitted else []
        elif frames and (m := _NO_PLACE.fullmatch(line.text)):
            frames.append(Frame(function=m["function"], in_app=False))
        elif _EMITTED.match(line.text):
            emitted = True  # the frames that follow are those of the emitting
        elif (line.start == at and line.text.endswith("] {")) or line.text.startswith("Error created at "):
            pass  # an error without frames of its own; Opera
        elif _ORIGINAL.fullmatch(line.text):
            pass
        elif m := _ELIDED.match(line.text):
            elided.append((len(frames), int(m[1])))
        elif foreign < _MOST_FOREIGN and _lines.is_log(line.text) and not _typed(line.text):
            foreign += 1
            continue
        else:
            break
        foreign, end = 0, line.end
        if line.text.endswith("{"):
            break
    return frames, elided, end


def _frame(line: str) -> Frame | None:
    """A frame in any browser's spelling; one without function and path says nothing."""
    stripped = line.strip()
    if stripped.startswith("Error created at "):
        return None
    if stripped.startswith("at "):
        return _v8(stripped[3:].rstrip(" {,"))
    if m := _OPERA.fullmatch(line):
        return _located(m["function"] or "", m["path"], int(m["line"]))
    return _gecko(stripped) if "@" in stripped else None


def _v8(call: str) -> Frame | None:
    call = call.removeprefix("async ") if call.startswith(("async /", "async file:", "async node:")) else call
    function, place = _split_call(call)
    while place.startswith("eval at "):  # eval at foo (eval at speak (http://localhost/file.js:21:17), <anonymous>:1:1)
        place = place[place.rfind("(") + 1 :].partition(")")[0] if "(" in place else ""
    place = place.removeprefix("address at ")
    if place in _NO_PATH or place.startswith("index "):
        return Frame(function="" if function == "<anonymous>" else function, in_app=False)
    m = _PLACE.fullmatch(place)
    if m is None:
        return Frame(path=place, function=function, in_app=False) if place.startswith("wasm:") else None
    if function and m["path"].isdigit():  # Bun's own: map (1:11)
        return Frame(function=function, in_app=False)
    if _OTHERS.search(m["path"]) or (m["column"] is None and not _SCRIPT.search(m["path"])):
        return None
    return _located(function, m["path"], int(m["line"]), int(m["column"]) if m["column"] else None)


def _split_call(call: str) -> tuple[str, str]:
    """``load (/app/shop.js:2:38)`` and ``render(/app/shop.js:2:38)`` into function and place; a place may hold brackets itself."""
    if not call.endswith(")"):
        cut = call.find(" (")  # an unclosed one
        return (call[:cut], call[cut + 2 :]) if cut > 0 and _PLACE.fullmatch(call[cut + 2 :]) else ("", call)
    depth = 0
    for at in range(len(call) - 1, -1, -1):
        depth += {")": 1, "(": -1}.get(call[at], 0)
        if depth == 0:
            return call[:at].strip(), call[at + 1 : -1].strip()
    return "", call


def _gecko(line: str) -> Frame | None:
    cut = next(
        (at for at in range(len(line)) if line.startswith("@", at) and re.match(r"\w[\w.+-]*:/", line[at + 1 : at + 40])), line.rfind("@")
    )
    function, place = line[:cut], line[cut + 1 :]
    call = _CALL.fullmatch(function)
    if call:
        function = call["name"] or call["plain"] or ("<anonymous function>" if function.startswith("<") else "")
    if place == "[native code]":
        return Frame(function=function, in_app=False)
    if m := _EVAL_LINE.match(place):
        place = f"{m[1]}:{m[2]}"
    m = _PLACE.fullmatch(place)
    if m is None or " " in m["path"] or _OTHERS.search(m["path"]) or not (m["column"] or _SCRIPT.search(m["path"]) or "/" in m["path"]):
        return None
    return _located(function, m["path"], int(m["line"]), int(m["column"]) if m["column"] else None)


def _bare(line: str) -> Frame | None:
    """A line of a Firefox or Safari trace without a function; it is a frame only among others."""
    stripped = line.strip()
    if stripped in ("[native code]", "eval code"):
        return Frame(path=stripped if stripped == "[native code]" else "", in_app=False)
    m = _PLACE.fullmatch(stripped)
    if m is None or " " in m["path"] or not _SCRIPT.search(m["path"]):
        return None
    return _located("", m["path"], int(m["line"]), int(m["column"]) if m["column"] else None)


def _located(function: str, path: str, line: int, column: int | None = None) -> Frame:
    function = "" if function in ("<anonymous>", "(null)", "null") else function
    return Frame(function=function, path=path, line=line, column=column, in_app=_in_app(path))


def _in_app(path: str) -> bool:
    return not _LIBRARY.search(path) and path.removesuffix(".js") not in _NODE_MODULES


# --------------------------------------------------------------- below the frames


def _indent(text: str) -> int:
    return len(text) - len(text.lstrip(" \t"))


def _dump(text: str, end: int, indent: int) -> tuple[str, int]:
    """The properties of an error, which Node prints in braces below its frames, and where they end; "" without."""
    if not text[:end].rstrip("\n").endswith("{"):
        return "", end
    for line, _ in zip(_lines.down(text, end), range(_MOST_DUMP), strict=False):
        if line.text.lstrip().startswith("}") and _indent(line.text) < max(1, indent - 2):
            return text[end : line.start], line.end
    return "", end


def _causes(text: str, dump: str, end: int, depth: int) -> tuple[tuple[StackTrace, ...], int]:
    """Errors among the properties, and those that follow as ``Caused by``; nearest first. Also where they end."""
    causes: list[StackTrace] = []
    while depth < _MOST_DEEP and dump and (cause := _parse(dump, depth + 1)) is not None:
        causes += [replace(cause, causes=(), start=0, end=0), *cause.causes]
        dump = dump[cause.end :]
    while depth < _MOST_DEEP and _CAUSED.match(text, end) and (cause := _parse(text[end : end + 100_000], depth + 1)) is not None:
        causes += [replace(cause, causes=(), start=0, end=0), *cause.causes]
        end += cause.end
    return tuple(causes), end


def _filled(frames: list[Frame], elided: list[tuple[int, int]], cause: tuple[Frame, ...]) -> list[Frame]:
    """Puts the frames back that Node left out because the cause has them; it keeps one alike before and one after."""
    for where, number in reversed(elided):
        if where and frames[where - 1] in cause:
            at = cause.index(frames[where - 1]) + 1
            frames[where:where] = cause[at : at + number]
    return frames


def _after(text: str, end: int) -> int:
    """Behind what Node says last."""
    for line, _ in zip(_lines.down(text, end), range(40), strict=False):
        if _TAIL.match(line.text):
            end = line.end
        elif line.text.strip() and not _frame(line.text):
            break
    return end
