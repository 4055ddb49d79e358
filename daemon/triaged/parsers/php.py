"""Uncaught exceptions and fatal errors of PHP, and what ``Exception::__toString``, Laravel and Symfony log.

An entry ``#1 file(line): function()`` says where ``function`` was called; so a frame's function is the one of the entry above it.
Previous exceptions are printed first, each followed by ``Next``: the last was thrown last.
https://www.php.net/manual/en/exception.gettraceasstring.php
"""

import re
from dataclasses import dataclass, field, replace

from triaged.core.model import Frame, StackTrace
from triaged.parsers import _lines

LANGUAGE = "php"

# #0 /app/src/Cart.php(5): Shop\Cart->price(Array), #1 [internal function]: array_map(), #2 {main}
_ENTRY = re.compile(
    r"^[ \t]*+#\d{1,4} (?:(?P<main>\{main\})|(?P<internal>\[internal function\]|\[PHP Kernel\])|(?P<path>[^\n(:]{0,3}[^\n(:]{1,500})\((?P<line>\d{1,9})\))(?:: (?P<call>[^\n]*))?[ \t\"}]*$",
    re.MULTILINE,
)
# PHP Fatal error:  Uncaught Shop\PaymentError: no price in /app/Cart.php:6, and as the message goes over several lines, its last one
_IN = re.compile(r"(?P<said>.*) in (?P<path>(?:[A-Za-z]:)?[^\s:][^:\n]{0,500}):(?P<line>\d{1,9})\)?[ \t]*")
# must be of type int, null given, called in /app/cart.php on line 13 and defined in /app/Cart.php:7
_DEFINED = re.compile(r"(?P<said>.* called in .{1,500} on line \d{1,9}) and defined")
# PHP Parse error:  syntax error, unexpected token "{" in /app/bad.php on line 2
_FATAL_KIND = re.compile(
    r"(?:PHP )?(?P<kind>Fatal error|Parse error|Recoverable fatal error|Catchable fatal error|Core error|Compile error): {1,2}"
)
_FATAL = re.compile(_FATAL_KIND.pattern + r"(?P<message>[^\n]{1,2000}?) in (?P<path>[^\n]{1,500}?)(?: on line |:)(?P<line>\d{1,9})\b")
# Uncaught exception 'Exception' with message 'no price'
_OLD = re.compile(r"(?:.*[\s:])?[Ee]xception '(?P<kind>[\w\\]{1,200})' with message '(?P<message>.*)")
# Shop\PaymentError: no price
_TYPED = re.compile(r"(?<![\w\\.:/-])(?P<kind>\\?[A-Za-z_]\w{0,100}(?:\\\w{1,100}){0,10})(?:\(code: \d+\))?(?:: (?P<message>.*)|$)")
# newsletter failed: ConnectionLost: no route, a class that is named as none of PHP's own, behind what the logger said
_LOGGED = re.compile(r"(?<=\w: )(?P<kind>[A-Z][a-z]{1,60}[A-Z]\w{1,100}): (?P<message>.*)")
# {"exception":"[object] (RuntimeException(code: 0): cannot charge at /app/Cart.php:9)
_LARAVEL = re.compile(
    r"\[object\] \((?P<kind>[\w\\]{1,200})\(code: [^)]{0,40}\): (?P<message>.*) at (?P<path>[^\n]{1,500}):(?P<line>\d{1,9})\)"
)
_NEXT = re.compile(r"Next (?=[\w\\]+)")
_STACK = re.compile(r"[ \t]*+(?:Stack trace:|\[stacktrace\]|\[previous exception\].*|Stack trace)[ \t]*$")
_THROWN = re.compile(r"[ \t]*+thrown in .{1,500} on line \d+")

_LIBRARY = re.compile(r"[/\\]vendor[/\\]|^/usr/(?:share|lib)/php|^phar:|[/\\]wp-includes[/\\]|[/\\]pear[/\\]|eval\(\)'d code")
_MOST_ABOVE = 20


@dataclass
class _Block:
    """One exception while it is read."""

    kind: str = ""
    message: str = ""
    thrown: tuple[str, int] | None = None
    entries: list[tuple[str, int | None, str]] = field(default_factory=list)  # (path, line, what was called there)

    def trace(self) -> StackTrace:
        places = [(path, line) for path, line, _ in self.entries]
        calls = [call for _, _, call in self.entries]
        if self.thrown:
            places.insert(0, self.thrown)
        else:
            calls = calls[1:]
        frames = [_frame(path, line, call) for (path, line), call in zip(places, [*calls, ""], strict=False) if path or call]
        return StackTrace(language=LANGUAGE, kind=self.kind, message=self.message.strip(), frames=tuple(reversed(frames)))


def parse(text: str) -> StackTrace | None:
    """Read the first error in ``text``; None when there is none. Innermost frame last."""
    fatal, entry = _first_fatal(text), _ENTRY.search(text) if "#" in text else None
    if entry and not (entry["path"] or entry["main"] or entry["internal"]):
        entry = None
    if fatal and (entry is None or fatal.start() < entry.start()) and "ncaught" not in fatal["message"][:40]:
        return _fatal(text, fatal)
    return _exception(text, entry.start()) if entry else None


def _first_fatal(text: str) -> re.Match[str] | None:
    """The first one whose line says where; each line is tried once."""
    m = _FATAL_KIND.search(text) if " error: " in text else None
    while m and not (found := _FATAL.match(text, m.start())):
        at = text.find("\n", m.end())
        m = _FATAL_KIND.search(text, at) if at >= 0 else None
    return found if m else None


def _fatal(text: str, m: re.Match[str]) -> StackTrace:
    """A fatal error that is no exception has one frame: PHP prints no stack."""
    end = text.find("\n", m.end())
    frame = _frame(m["path"], int(m["line"]), "")
    return StackTrace(
        language=LANGUAGE,
        kind=m["kind"],
        message=m["message"],
        frames=(frame,),
        start=_lines.beginning(text, m.start()),
        end=len(text) if end < 0 else end + 1,
    )


def _exception(text: str, at: int) -> StackTrace | None:
    first = _Block()
    start = _head(first, list(_lines.up(text, at, _MOST_ABOVE)), at)
    blocks, end = [first], at
    head: list[_lines.Line] = []  # lines since the last entry
    for line in _lines.down(text, at):
        block = blocks[-1]
        if m := _ENTRY.fullmatch(line.text):
            if head:
                blocks.append(block := _Block())
                _head(block, head[::-1], 0)
                head = []
            if not m["main"]:
                block.entries.append((m["path"] or "", int(m["line"]) if m["line"] else None, _called(m["call"] or "")))
            else:
                block.entries.append(("", None, "{main}"))
        elif _THROWN.match(line.text) or (not head and line.text.strip() == '"}'):
            end = line.end
            break
        elif head or _NEXT.match(line.text) or line.text.startswith("[previous exception]"):
            head.append(line)
            if len(head) > _MOST_ABOVE:
                break
            continue
        elif not line.text.strip():
            continue
        else:
            break
        end = line.end
    main, causes = blocks[-1], blocks[-2::-1]
    if not main.kind and not main.thrown and not any(path.endswith(("php", "inc", "phtml")) for path, _, _ in main.entries):
        return None
    if first.kind and blocks[0] is main and "[previous exception]" in text[at:end]:
        main, causes = blocks[0], blocks[1:]
    return replace(main.trace(), causes=tuple(block.trace() for block in causes), start=start, end=end)


def _head(block: _Block, above: list[_lines.Line], at: int) -> int:
    """Type, message and place of the throw, in the lines above the entries (nearest first); gives where they begin."""
    lines: list[str] = []
    for line in above:
        stripped = _NEXT.sub("", line.text.strip())
        if _STACK.match(stripped) or not stripped:
            if stripped or not lines:
                continue
            break
        if m := _LARAVEL.search(stripped):
            block.kind, block.message, block.thrown = m["kind"], m["message"], (m["path"], int(m["line"]))
            return line.start
        if not lines:
            m = _IN.fullmatch(stripped)
            if m is None:
                break
            block.thrown, stripped = (m["path"], int(m["line"])), m["said"]
            if defined := _DEFINED.fullmatch(stripped):
                stripped = defined["said"]
        lines.insert(0, stripped)
        if old := _OLD.fullmatch(stripped):
            block.kind, block.message = old["kind"], "\n".join([old["message"], *lines[1:]]).removesuffix("'")
            return line.start
        if typed := _first_type(stripped) or _LOGGED.search(stripped):
            block.kind, block.message = typed["kind"], "\n".join([typed["message"] or "", *lines[1:]])
            return line.start
        at = line.start
    block.message = "\n".join(lines)
    return at


def _first_type(said: str) -> re.Match[str] | None:
    """``Uncaught X: message``; else the first name that ends as exceptions' do, or that stands at the beginning."""
    cut = said.find("Uncaught ")
    if cut >= 0:
        return _TYPED.match(said, cut + len("Uncaught "))
    for m in _TYPED.finditer(said):
        if m["kind"].endswith(("Exception", "Error", "Throwable")):
            return m
    first = _TYPED.match(said)
    return first if first and "\\" in first["kind"] else None


def _called(call: str) -> str:
    return call[: call.find("(")] if "(" in call else call


def _frame(path: str, line: int | None, function: str) -> Frame:
    return Frame(
        function=function,
        path=path,
        line=line,
        in_app=bool(path) and not _LIBRARY.search(path),
        module=function.rpartition("->")[0].rpartition("::")[0],
    )
