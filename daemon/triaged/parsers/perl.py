"""Deaths of Perl: ``die`` and ``croak`` name one place, ``confess`` the calls around it, innermost first.

A call's line says where it was called, so a frame's function is the one of the line below it. https://perldoc.perl.org/Carp
"""

import re

from triaged.core.model import Frame, StackTrace
from triaged.parsers import _lines

LANGUAGE = "perl"

# cart is empty at lib/Shop/Cart.pm line 2.
_DIED = re.compile(
    r"^(?P<message>[^\n]{0,2000}?) at (?P<path>(?:[A-Za-z]:)?[^\s:\"'()]{1,400}\.(?:p[lm]|t|cgi|psgi|fcgi|plx)|-e|-|\(eval \d+\)|[/.]\S{1,400}) line (?P<line>\d{1,9})(?:, <\w+> (?:line|chunk) \d+)?\.?[ \t]*$",
    re.MULTILINE,
)
# 	Shop::Cart::deep(1, "two") called at shop.pl line 7
_CALLED = re.compile(r"[ \t]++(?P<function>[^\n]{1,1000}?) called at (?P<path>[^\n]{1,400}?) line (?P<line>\d{1,9})\.?")
_LIBRARY = re.compile(r"/usr/(?:local/)?(?:share|lib)/(?:\S*/)?perl|/perl5/|/lib/perl|/site_perl/|/vendor_perl/|^\(eval|/perls/")
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
            if m["path"] and not _WARNING.match(m["message"]) and not m["message"].rstrip().endswith((" called", "warning:"))
        ),
        None,
    )
    if m is None:
        return None
    places, functions, end = [(m["path"], m["line"])], [], min(m.end() + 1, len(text))
    for line in _lines.down(text, end):
        call = _CALLED.fullmatch(line.text)
        if call is None:
            break
        places.append((call["path"], call["line"]))
        functions.append(call["function"].partition("(")[0] or call["function"])
        end = line.end
    frames = [_frame(path, int(line), function) for (path, line), function in zip(places, [*functions, ""], strict=True)]
    return StackTrace(language=LANGUAGE, kind="", message=m["message"], frames=tuple(reversed(frames)), start=m.start(), end=end)


def _frame(path: str, line: int, function: str) -> Frame:
    return Frame(function=function, path=path, line=line, in_app=not _LIBRARY.search(path), module=function.rpartition("::")[0])
