"""Errors of Lua, LuaJIT and OpenResty with their ``stack traceback:``; innermost call first. https://www.lua.org/manual/5.4/manual.html#pdf-debug.traceback"""

import re

from triaged.core.model import Frame, StackTrace
from triaged.parsers import _lines

LANGUAGE = "lua"

_STACK = re.compile(r"^[^\n]{0,40}?stack traceback:[ \t]*$", re.MULTILINE)
# 	shop.lua:2: in function <shop.lua:2>
_FRAME = re.compile(
    r"[ \t]*+(?P<path>\[C\]|\[string \"[^\n]{0,200}\"\]|[^\s:][^:\n]{0,400}):(?P<line>\d{1,9})?:? (?:in (?P<what>[^\n]{1,300})|at 0x[0-9a-f]{1,16})"
)
_GAP = re.compile(r"[ \t]*+\(?\.\.\.")
# lua: shop.lua:2: attempt to index a nil value (field 'items'), and of a coroutine lua: shop.lua:14: shop.lua:5: queue is closed
_INTERPRETER = re.compile(r"[^\s:]{0,200}lua[\w.]*(?:\.exe)?: ")
_PLACE = re.compile(r"(?P<path>\[string \"[^\n\"]{0,200}\"\]|[^\s:\"]{1,300}\.lua):(?P<line>\d{1,9}): ?")
# lua: shop.lua:1: unexpected symbol near '='
_BARE = re.compile(
    r"^(?:[^\s:]{0,200}/)?lua(?:jit)?[\w.]{0,10}(?:\.exe)?: (?P<path>[^\s:]{1,300}\.lua):(?P<line>\d{1,9}): (?P<message>[^\n]*)$",
    re.MULTILINE,
)
# function 'total', upvalue 'parse', method 'load', function <shop.lua:2>
_NAME = re.compile(r"(?:\w+ )*['`](?P<name>[^'`\n]{1,200})'|(?P<chunk>main chunk)|function <[^\n]*>")
_LIBRARY = re.compile(r"/(?:usr|opt)/(?:local/)?(?:share|lib)/lua|/luarocks/|/openresty/lualib/")
_MOST_ABOVE = 15


def parse(text: str) -> StackTrace | None:
    """Read the first error in ``text``; None when there is none. Innermost frame last."""
    stack = _STACK.search(text) if "stack traceback:" in text else None
    if stack is None:
        return _placed(text)
    frames: list[Frame] = []
    end = stack.end()
    for line in _lines.down(text, min(stack.end() + 1, len(text))):
        if m := _FRAME.fullmatch(line.text):
            frames.append(_frame(m))
        elif not _GAP.match(line.text):
            break
        end = line.end
    if not frames:
        return None
    innermost = next((frame for frame in frames if frame.path and frame.line), None)
    above = list(_lines.up(text, _lines.beginning(text, stack.start()), _MOST_ABOVE))
    message, place, start = _message(above, stack.start(), innermost)
    if place and not any((frame.path, frame.line) == (place.path, place.line) for frame in frames):
        frames.insert(0, place)
    kind, message = (message, "") if message.startswith("(error object is ") else ("", message)
    return StackTrace(language=LANGUAGE, kind=kind, message=message, frames=tuple(reversed(frames)), start=start, end=end)


def _placed(text: str) -> StackTrace | None:
    """What the interpreter says of a file that does not parse: a place, and no stack."""
    m = _BARE.search(text) if ".lua:" in text else None
    if m is None:
        return None
    frame = Frame(path=m["path"], line=int(m["line"]), in_app=not _LIBRARY.search(m["path"]))
    return StackTrace(language=LANGUAGE, kind="", message=m["message"], frames=(frame,), start=m.start(), end=min(m.end() + 1, len(text)))


def _message(above: list[_lines.Line], at: int, innermost: Frame | None) -> tuple[str, Frame | None, int]:
    """What the nearest line says that names a place or the interpreter, else the nearest one; the innermost place; where it begins."""
    for which, line in enumerate(above):
        said = line.text.strip()
        interpreter, place = _INTERPRETER.match(said), None
        if innermost and (cut := said.find(known := f"{innermost.path}:{innermost.line}: ")) >= 0:  # its chunk need not be named as a file
            place, said = innermost, said[cut + len(known) :]
        m = _PLACE.match(said) if place else _PLACE.search(said)
        while m:
            place, said = Frame(path=m["path"], line=int(m["line"]), in_app=not _LIBRARY.search(m["path"])), said[m.end() :]
            m = _PLACE.match(said)
        if place or interpreter:
            said = said if place or not interpreter else said[interpreter.end() :]
            return "\n".join([said, *(each.text for each in reversed(above[:which]))]).strip(), place, line.start
        if not said:
            break
    return (above[0].text.strip(), None, above[0].start) if above else ("", None, at)


def _frame(m: re.Match[str]) -> Frame:
    name, path = _NAME.match(m["what"] or ""), "" if m["path"] == "[C]" else m["path"]
    function = (name["name"] or name["chunk"] or "") if name else ""
    return Frame(function=function, path=path, line=int(m["line"]) if m["line"] else None, in_app=bool(path) and not _LIBRARY.search(path))
