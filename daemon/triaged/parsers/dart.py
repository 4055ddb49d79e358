"""Stack traces of Dart and Flutter, as the VM, ``print(stackTrace)`` and Flutter's error reports print them; innermost call first.

https://api.dart.dev/dart-core/StackTrace-class.html
"""

import re

from triaged.core.model import Frame, StackTrace
from triaged.parsers import _lines

LANGUAGE = "dart"

# #1      Cart.total (package:shop/cart.dart:12:5)
_FRAME = re.compile(
    r"^[ \t]*+#\d{1,4} +(?P<function>[^\n(]{1,300}?) \((?P<path>(?:package|dart|file|http|https|org-dartlang-\w+|asset):[^\n()]{1,400}?)(?::(?P<line>\d{1,9}))?(?::(?P<column>\d{1,9}))?\)[ \t]*$",
    re.MULTILINE,
)
_GAP = re.compile(r"[ \t]*+(?:<asynchronous suspension>|\(elided \d+|\.\.\. +Normal element|=+ asynchronous gap)")
# Unhandled exception:   and   [ERROR:flutter/runtime/dart_vm_initializer.cc(41)] Unhandled Exception: Bad state: oops
_ANNOUNCED = re.compile(r".*Unhandled [Ee]xception: ?(?P<rest>.*)")
# The following StateError was thrown building Cart(dirty):
_FLUTTER = re.compile(r"[ \t]*+The following (?P<kind>[\w<>]{1,100})(?: object)? was thrown\b.*:")
_FLUTTER_STACK = re.compile(r"[ \t]*+When the exception was thrown, this was the stack")
# RangeError (index): Invalid value: Valid value range is empty: 0
_TYPED = re.compile(r"(?P<kind>_?(?:[A-Z]\w{0,100})?(?:Error|Exception))(?: \([\w ]{1,60}\))?(?:: (?P<message>.*)|$)")
_NO_TYPE = re.compile(r"Instance of '(?P<kind>\w{1,100})'$")

_LIBRARY = re.compile(
    r"^dart:|^org-dartlang|^package:(?:flutter|flutter_test|async|http|stack_trace|test_api|test|bloc|flutter_bloc|provider|riverpod|flutter_riverpod|get|dio|shelf|collection|rxdart)/"
)
_MOST_ABOVE = 15


def parse(text: str) -> StackTrace | None:
    """Read the first trace in ``text``; None when there is none. Innermost frame last."""
    first = _FRAME.search(text) if ".dart" in text or "(dart:" in text else None
    if first is None:
        return None
    kind, message, start = _head(list(_lines.up(text, first.start(), _MOST_ABOVE)), first.start())
    frames: list[Frame] = []
    end = first.start()
    for line in _lines.down(text, first.start()):
        if m := _FRAME.fullmatch(line.text):
            if frames and line.text.lstrip().startswith("#0 "):
                break
            frames.append(_frame(m))
        elif not _GAP.match(line.text):
            break
        end = line.end
    return StackTrace(language=LANGUAGE, kind=kind, message=message, frames=tuple(reversed(frames)), start=start, end=end)


def _head(above: list[_lines.Line], at: int) -> tuple[str, str, int]:
    """Type and message above the frames, and where they begin."""
    stack = next((which for which, line in enumerate(above[:4]) if _FLUTTER_STACK.match(line.text)), None)
    for which, line in enumerate(above):
        said = [each.text.strip() for each in reversed(above[(stack + 1) if stack is not None else 0 : which])]
        if m := _FLUTTER.match(line.text):
            return m["kind"], "\n".join(said).strip(), line.start
        if m := _ANNOUNCED.match(line.text):
            return *_typed([m["rest"], *said] if m["rest"] else said), line.start
        if _FRAME.match(line.text):
            break
    typed = next(((which, line) for which, line in enumerate(above[:6]) if _TYPED.match(line.text.strip())), None)
    if typed is None:
        nearest = above[0] if above and above[0].text.strip() and not _lines.is_log(above[0].text) else None
        return ("", nearest.text.strip(), nearest.start) if nearest else ("", "", at)
    return *_typed([line.text.strip() for line in reversed(above[: typed[0] + 1])]), typed[1].start


def _typed(lines: list[str]) -> tuple[str, str]:
    message = "\n".join(lines).strip()
    if m := _TYPED.match(message.split("\n")[0]):
        return m["kind"], (m["message"] or "") + message[m.end() :]
    m = _NO_TYPE.match(message)
    return (m["kind"] if m else ""), message


def _frame(m: re.Match[str]) -> Frame:
    path = m["path"]
    return Frame(
        function=m["function"].strip(),
        path=path,
        line=int(m["line"]) if m["line"] else None,
        column=int(m["column"]) if m["column"] else None,
        in_app=not _LIBRARY.match(path),
        module=path.rpartition("/")[0] if path.startswith("package:") else "",
    )
