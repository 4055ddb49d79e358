"""Deaths of Perl: ``die`` and ``croak`` name one place, ``confess`` the calls around it, innermost first.

A call's line says where it was called, so a frame's function is the one of the line below it. https://perldoc.perl.org/Carp
"""

import re

from triaged.core.model import Frame, StackTrace
from triaged.parsers import _lines

LANGUAGE = "perl"

# cart is empty at lib/Shop/Cart.pm line 2.
_DIED = re.compile(
    r"^(?P<message>[^\n]{0,2000}?) at (?P<path>(?:[A-Za-z]:)?[^\s:\"'()]{1,400}\.(?:p[lm]|t|cgi|psgi|fcgi|plx)|-e|-|\(eval \d+\)|[/.]\S{1,400}) line (?P<line>\d{1,9})(?:, <\$?\w+> (?:line|chunk) \d+)?(?:\.?|(?P<near>, (?:near \"[^\n]*|at EOF)))[ \t]*$",
    re.MULTILINE,
)
# Execution of shop.pl aborted due to compilation errors.; BEGIN failed--compilation aborted at shop.pl line 3.; Compilation failed in require at ...
_ABORTED = re.compile(
    r"Execution of \S+ aborted|\S+ had compilation errors|\S+ had too many errors|(?:BEGIN|END|INIT|CHECK|UNITCHECK) failed--|Compilation failed in require|syntax OK"
)
#  at shop.pl line 10., above the calls, where Carp is told to be verbose; 	...propagated at shop.pl line 9.
_AGAIN = re.compile(r"[ \t]+(?:\.\.\.propagated )?at [^\n]{1,400} line \d{1,9}(?:, <\$?\w+> (?:line|chunk) \d+)?\.?")
# 	Shop::Cart::deep(1, "two") called at shop.pl line 7
_CALLED = re.compile(r"[ \t]++(?P<function>[^\n]{1,1000}?) called at (?P<path>[^\n]{1,400}?) line (?P<line>\d{1,9})\.?")
_LIBRARY = re.compile(r"/usr/(?:local/)?(?:share|lib)/(?:\S*/)?perl|/perl5/|/lib/perl|/site_perl/|/vendor_perl/|^\(eval|/perls/")
_MOST_ABOVE = 12
_MOST_WRONG = 30
_WARNING = re.compile(
    r"Use of uninitialized value|isn't numeric|masks earlier|used only once|Deep recursion|Subroutine \S+ redefined|Useless use|Possible "
)


def parse(text: str) -> StackTrace | None:
    """Read the first death in ``text``; None when there is none. Innermost frame last."""
    if " line " not in text:
        return None
    m = next(
        (
            m
            for m in _DIED.finditer(text)
            if m["message"].strip() and not _WARNING.match(m["message"]) and not m["message"].rstrip().endswith((" called", "warning:"))
        ),
        None,
    )
    if m is None:
        return None
    places = [(m["path"], m["line"])]
    functions: list[str] = []
    end = _compiled(text, min(m.end() + 1, len(text)))
    above, start = _above(text, m.start())
    for line in _lines.down(text, end):
        call = _CALLED.fullmatch(line.text)
        if call is None and not functions and _AGAIN.fullmatch(line.text):
            end = line.end
            continue
        if call is None:
            break
        places.append((call["path"], call["line"]))
        functions.append(call["function"].partition("(")[0] or call["function"])
        end = line.end
    frames = [_frame(path, int(line), function) for (path, line), function in zip(places, [*functions, ""], strict=True)]
    message = "\n".join([*above, m["message"] + (m["near"] or "")])
    return StackTrace(language=LANGUAGE, kind="", message=message, frames=tuple(reversed(frames)), start=start, end=end)


def _above(text: str, at: int) -> tuple[list[str], int]:
    """The lines of a message of several, of which the last one names the place: indented ones, and the one above them; and where they begin."""
    lines: list[_lines.Line] = []
    for line in _lines.up(text, at, _MOST_ABOVE):
        indented = line.text[:1] in (" ", "\t")
        if not line.text.strip() or _lines.is_log(line.text) or _DIED.match(line.text) or _CALLED.fullmatch(line.text):
            break
        if not indented and not (line.text.rstrip().endswith(":") or (lines and lines[0].text[:1] in (" ", "\t"))):
            break
        lines.insert(0, line)
        if not indented:
            break
    if not lines or lines[0].text[:1] in (" ", "\t"):  # nothing says that these are of it
        return [], at
    return [line.text for line in lines], lines[0].start


def _compiled(text: str, at: int) -> int:
    """Behind what else is wrong in a program that does not compile, where that is what the lines at ``at`` tell of."""
    end = at
    for line, _ in zip(_lines.down(text, at), range(_MOST_WRONG), strict=False):
        if _ABORTED.match(line.text):
            end = line.end
        elif _CALLED.fullmatch(line.text) or _AGAIN.fullmatch(line.text) or not line.text.strip() or _lines.is_log(line.text):
            break
    return end


def _frame(path: str, line: int, function: str) -> Frame:
    return Frame(function=function, path=path, line=line, in_app=not _LIBRARY.search(path), module=function.rpartition("::")[0])
