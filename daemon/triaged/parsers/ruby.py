"""Errors of Ruby, as the interpreter, ``Logger``, Rails and ``full_message`` print them.

``file:line:in 'method': message (Type)`` comes first, then the calls around it, innermost first; a cause follows as a second such
block without a word between them. https://docs.ruby-lang.org/en/master/Exception.html#method-i-full_message
"""

import re
from dataclasses import dataclass, field, replace

from triaged.core.model import Frame, StackTrace
from triaged.parsers import _lines

LANGUAGE = "ruby"

# 	from /app/shop.rb:5:in `block in total', or actionpack (5.1.4) lib/rails/engine.rb:522:in 'call', or 	2: from shop.rb:26:in `<main>'
_FRAME = re.compile(
    r"^[ \t]*+(?:\d{1,6}: )?(?:from )?(?P<gem>[\w.-]{1,80} \([\w.]{1,40}\) )?(?P<path>(?:[A-Za-z]:[/\\]|uri:classloader:|jar:file:|<internal:)?[^:\n`'\"@]{1,400})"
    r"(?::(?P<line>\d{1,9}))?:in [`'](?P<function>[^\n]*?)'(?P<rest>:? [^\n]*)?[ \t]*$",
    re.MULTILINE,
)
# 	from shop.rb:5 and shop.rb:5:in `total': no price (ArgumentError), without a method
_BARE = re.compile(
    r"[ \t]*+(?:\d{1,6}: )?(?:from )?(?P<path>(?:[A-Za-z]:[/\\])?[^:\n()]{1,400}\.(?:rb|ru|rake|erb|haml|slim|scss|gemspec)|[(]eval[^)\n]{0,300}[)])(?::(?P<line>\d{1,9}))(?P<rest>: [^\n]*)?"
)
# no price (ArgumentError)
_RAISED = re.compile(r":? ?(?P<message>.*?)(?: \((?P<kind>[A-Z][\w:]{0,200})\))?")
# Refund::Denied, an error without a message
_NAMED = re.compile(r": (?P<kind>(?:[A-Z]\w{0,100}::){0,8}[A-Z][a-z]\w{0,100})")
# second line (PaymentError)
_KIND_LAST = re.compile(r"(?P<message>.*) \((?P<kind>[A-Z][\w:]{0,200})\)")
# NoMethodError (undefined method `total' for nil:NilClass):
_RAILS = re.compile(r"(?:.*[\]\s])??(?P<kind>(?:[A-Z]\w{0,100}::){0,8}[A-Z]\w{0,100}) \((?P<message>.*)\):?\s*")
# NoMethodError: undefined method `name' for nil:NilClass
_TYPED = re.compile(r"(?<![\w.:/'\"`-])(?P<kind>(?:[A-Z]\w{0,100}::){0,8}[A-Z]\w{0,100})(?:: |:?$)(?P<message>.*)")
# 2026-11-24 18:25:40 - ZeroDivisionError - divided by 0:
_RACK = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d - (?P<kind>[A-Z][\w:]{0,200}) - (?P<message>.*?):?\s*")
# E, [2026-11-24T13:41:00.622917 #12631] ERROR -- : cannot charge
_LOGGED = re.compile(r"[DIWEFA], \[[^\]]{10,60}\] +[A-Z]+ -- [^:]{0,60}: (?P<message>.*)")
#     "#{product.name.upcase}" and carets below it, as Ruby 3.1 and later show what failed
_SOURCE = re.compile(r"(?:[ \t]*\n)?[^\n]{0,500}\n[ \t]++~*+\^[\^~]*+[ \t]*+(?:\n|$)")
# shop.rb:3: syntax error, unexpected `end'
_SYNTAX = re.compile(
    r"^(?:ruby: )?(?P<path>[^\s:]{1,400}\.(?:rb|ru|rake|erb)):(?P<line>\d{1,9}): (?P<message>syntax errors?[ ,][^\n]*?)(?: \(SyntaxError\))?$",
    re.MULTILINE,
)
_NEWEST_LAST = "Traceback (most recent call last)"
# 	 ... 10068 levels...
_REST = re.compile(r"[ \t]*+\.\.\. \d+ levels")

_LIBRARY = re.compile(
    r"/gems/|/lib/ruby/|/rubygems/|/\.?bundle/|/vendor/(?:bundle|jruby|ruby|gems)/|^<internal:|^\(eval|/rubies/|/jruby\.home/|^\(execjs\)|/versions/[\w.-]+/lib/|^bin/(?:rails|rake|bundle)$"
)
_MOST_ABOVE = 12
_MOST_FOREIGN = 2


@dataclass
class _Block:
    """One error while it is read."""

    kind: str = ""
    message: list[str] = field(default_factory=list)
    frames: list[Frame] = field(default_factory=list)  # innermost first

    def trace(self) -> StackTrace:
        return StackTrace(language=LANGUAGE, kind=self.kind, message="\n".join(self.message).strip(), frames=tuple(reversed(self.frames)))


def parse(text: str) -> StackTrace | None:
    """Read the first error in ``text``; None when there is none. Innermost frame last."""
    first = _FRAME.search(text) if ":in `" in text or ":in '" in text else None
    if first is None:
        return _unparsed(text)
    if " from " in first[0] + " " and _NEWEST_LAST in "".join(line.text for line in _lines.up(text, first.start(), 1)):
        return _newest_last(text, first.start())
    head = _Block()
    start = first.start()
    if not _says(first):
        start = _head(head, text, first.start())
    blocks, end = _blocks(head, text, first.start())
    if blocks[0].kind == "SyntaxError" and blocks[0].message and (m := _SYNTAX.match(blocks[0].message[0])):
        blocks[0].frames.insert(0, _placed(m))  # nothing else names the line that does not parse
    main, *causes = [block.trace() for block in blocks]
    causes = [cause for cause in dict.fromkeys(causes) if cause != main]  # an error of a thread is printed again by who waits for it
    return replace(main, causes=tuple(causes), start=start, end=end)


def _unparsed(text: str) -> StackTrace | None:
    """A program that does not parse: a place, and no stack."""
    m = _SYNTAX.search(text) if ": syntax error" in text else None
    if m is None:
        return None
    frame = _placed(m)
    end = min(m.end() + 1, len(text))
    return StackTrace(language=LANGUAGE, kind="SyntaxError", message=m["message"], frames=(frame,), start=m.start(), end=end)


def _placed(m: re.Match[str]) -> Frame:
    return Frame(path=m["path"], line=int(m["line"]), in_app=not _LIBRARY.search(m["path"]))


def _says(m: re.Match[str]) -> bool:
    """The line of a frame also says what was raised there."""
    return bool(m["rest"]) and "from " not in m[0][: m.start("path") - m.start()]


def _head(block: _Block, text: str, at: int) -> int:
    """Type and message above the first frame, as loggers print them; gives where they begin."""
    above = list(_lines.up(text, at, _MOST_ABOVE))
    for which, line in enumerate(above):
        stripped = line.text.strip()
        if not stripped:
            continue
        if _FRAME.match(line.text):
            break
        m = _RACK.fullmatch(line.text) or _RAILS.fullmatch(line.text) or _TYPED.search(line.text)
        if m and (m["kind"].endswith(("Error", "Exception")) or "::" in m["kind"] or which == 0 or line.text.startswith(" ")):
            block.kind, block.message = m["kind"], [m["message"], *(each.text for each in reversed(above[:which]))]
            return line.start
        if m := _KIND_LAST.fullmatch(stripped):
            return _logged(block, m, above[which:])
    return at


def _logged(block: _Block, m: re.Match[str], above: list[_lines.Line]) -> int:
    """Logger's format: the type stands behind the last line of the message."""
    block.kind, lines, start = m["kind"], [m["message"]], above[0].start
    for line in above:
        if logged := _LOGGED.match(line.text):
            lines[-1] = logged["message"].removesuffix(f" ({block.kind})")
            start = line.start
            break
        if line is not above[0]:
            lines.append(line.text)
        start = line.start
        if not any(_LOGGED.match(each.text) for each in above):
            break
        lines.append("") if line is not above[-1] else None
    block.message = [each for each in reversed(lines) if each]
    return start


def _blocks(block: _Block, text: str, at: int) -> tuple[list[_Block], int]:
    blocks, end, foreign = [block], at, 0
    talking = False  # the lines before may go on with a message
    uncaught = (m := _FRAME.match(text, at)) is not None and _says(m)  # only then causes are printed below
    shown = 0  # where the source that was shown ends
    for line in _lines.down(text, at):
        if talking and line.start >= shown and (source := _SOURCE.match(text, line.start)):
            shown = source.end()
        if line.start < shown:
            end = line.end
            continue
        m = _FRAME.fullmatch(line.text) or _BARE.fullmatch(line.text)
        if m and _says(m):
            if foreign or (blocks[-1].frames and not uncaught):
                break  # another error, not the cause
            if blocks[-1].frames:
                blocks.append(_Block())
            blocks[-1].kind, blocks[-1].message = _raised(m["rest"], alone=line.end >= len(text) or bool(_FRAME.match(text, line.end)))
            blocks[-1].frames.append(_frame(m))
            talking = True
        elif m:
            blocks[-1].frames.append(_frame(m))
            talking = False
        elif _REST.match(line.text):
            pass
        elif talking and line.text.strip() and not _lines.is_log(line.text) and len(blocks[-1].message) < 20:
            if not blocks[-1].kind and (last := _KIND_LAST.fullmatch(line.text)):
                blocks[-1].kind = last["kind"]
                blocks[-1].message.append(last["message"])
            elif _goes_on(text, line.end):
                blocks[-1].message.append(line.text)
            else:
                break
        elif foreign < _MOST_FOREIGN and _lines.is_log(line.text):
            foreign += 1
            continue
        elif not line.text.strip() and _FRAME.match(text, line.end):
            continue
        else:
            break
        foreign, end = 0, line.end
    return blocks, end


def _raised(rest: str, *, alone: bool) -> tuple[str, list[str]]:
    """Type and message behind a frame; ``alone`` where no more of a message can follow."""
    if alone and (named := _NAMED.fullmatch(rest)):
        return named["kind"], [""]
    raised = _RAISED.fullmatch(rest)
    return (raised["kind"] or "", [raised["message"]]) if raised else ("", [])


def _goes_on(text: str, at: int) -> bool:
    """Frames follow within a few lines."""
    return any(_FRAME.fullmatch(line.text) for line, _ in zip(_lines.down(text, at), range(8), strict=False))


def _newest_last(text: str, at: int) -> StackTrace:
    """Printed for terminals, and by ``full_message(order: :bottom)``: outermost first, the cause before what it caused."""
    blocks, end = [_Block()], at
    for line in _lines.down(text, at):
        m = _FRAME.fullmatch(line.text)
        block = blocks[-1]
        if m and not _says(m):
            if block.kind:
                blocks.append(block := _Block())
            block.frames.insert(0, _frame(m))
        elif m:
            raised = _RAISED.fullmatch(m["rest"])
            block.kind, block.message = (raised["kind"] or "Exception", [raised["message"]]) if raised else ("Exception", [])
            block.frames.insert(0, _frame(m))
        elif block.kind and len(block.message) < 20 and line.text.strip():
            block.message.append(line.text)
        else:
            break
        end = line.end
    start = next(_lines.up(text, at, 1)).start
    main, causes = blocks[-1], blocks[-2::-1]
    return replace(main.trace(), causes=tuple(block.trace() for block in causes), start=start, end=end)


def _frame(m: re.Match[str]) -> Frame:
    path, gem = m["path"].strip(), m.groupdict().get("gem")
    return Frame(
        function=m.groupdict().get("function") or "",
        path=path,
        line=int(m["line"]) if m["line"] else None,
        in_app=not gem and not _LIBRARY.search(path),
        module=gem.strip() if gem else "",
    )
