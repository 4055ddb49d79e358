"""Crashes of Erlang processes: the reasons that the runtime and OTP print as terms, and crash reports in words; innermost call first.

A reason with its stack is ``{Reason,[{Module,Function,ArityOrArguments,[{file,File},{line,Line}]}, ...]}``.
https://www.erlang.org/doc/system/errors.html
"""

import re
from dataclasses import replace

from triaged.core.model import Frame, StackTrace
from triaged.parsers import _lines

LANGUAGE = "erlang"

# {badarg,[{erlang,binary_to_integer, and {{badmatch,{error,enoent}},[{shop,read,1,
_REASON = re.compile(
    r"\{(?:(?P<atom>[a-z]\w{0,60})|\{(?P<tagged>[a-z]\w{0,60}),(?P<value>[^\n]{0,500}?)\}),\s{0,200}\[(?=\{[a-z]\w{0,60},\s{0,200}'?[\w/-]{1,100}'?,)"
)
# {gen_stock,count,1,[{file,"gen_stock.erl"},{line,12}]}
_CALL = re.compile(
    r"\{(?P<module>[a-z]\w{0,60}),\s{0,200}'?(?P<function>[\w/-]{1,100})'?,\s{0,200}(?:(?P<arity>\d{1,3})|(?P<arguments>\[)),?"
)
_PLACE = re.compile(r"\s{0,200}\[\{file,\s{0,200}\"(?P<path>[^\"\n]{1,400})\"\},\s{0,200}\{line,(?P<line>\d{1,9})\}")
#     exception error: no match of right hand side value {error,enoent}
_SAID = re.compile(r"^[ \t]*+exception (?:error|exit|throw): (?P<message>[^\n]*)\n", re.MULTILINE)
#       in function  crash_report:read/1 (crash_report.erl, line 5)
_IN = re.compile(
    r"[ \t]++in (?:function|call from) +(?P<function>[\w':@/-]{1,200})(?: \((?P<path>[^\n,]{1,400}), line (?P<line>\d{1,9})\))?"
)
# =CRASH REPORT==== 24-Nov-2026::18:27:13.780752 ===, Error in process <0.79.0> with exit value:
_REPORT = re.compile(r"=[A-Z ]{1,30}REPORT====|Error in process <|\{\"init terminating|init terminating |[ \t]*+crasher:")
_MOST_ABOVE = 12
_MOST_CALLS = 200
_LONGEST_CALL = 4_000  # characters of a call with its arguments

# OTP's own.
_RUNTIME = frozenset({
    "erlang", "init", "erl_eval", "erl_scan", "erl_parse", "proc_lib", "gen", "gen_server", "gen_statem", "gen_event", "gen_fsm",
    "supervisor", "application", "application_master", "application_controller", "lists", "maps", "ets", "dict", "io", "io_lib", "file",
    "filename", "string", "binary", "timer", "rpc", "erpc", "code", "code_server", "error_handler", "escript", "shell", "c", "math", "re",
    "unicode", "gen_tcp", "gen_udp", "inet", "ssl", "crypto", "httpc", "mnesia", "logger", "rand", "queue", "sets", "orddict", "proplists"
})  # fmt: skip


def parse(text: str) -> StackTrace | None:
    """Read the first crash in ``text``; None when there is none. Innermost frame last."""
    term = _term(text) if "[{file," in text else None
    in_words = "in function " in text and "exception " in text
    words = _words(text, 0) if in_words else None
    if term is None or (words and words.start < term.start):
        return words
    after = _words(text, term.end) if in_words else None
    return replace(term, end=after.end) if after and _own(term) == _own(after) else term  # OTP reports one crash in both ways


def _own(trace: StackTrace) -> list[Frame]:
    return [frame for frame in trace.frames if frame.in_app]


# ---------------------------------------------------------------------- as a term


def _term(text: str) -> StackTrace | None:
    for m in _REASON.finditer(text):
        frames, at = _calls(text, m.end())
        if any(frame.path for frame in frames):
            cut = text.find("\n", at)
            return StackTrace(
                language=LANGUAGE,
                kind=m["atom"] or m["tagged"],
                message=(m["value"] or "").strip(),
                frames=tuple(reversed(frames)),
                start=_start(text, m.start()),
                end=len(text) if cut < 0 else cut + 1,
            )
    return None


def _calls(text: str, at: int) -> tuple[list[Frame], int]:
    """The calls of a stack whose list begins at ``at``, and where they end."""
    frames: list[Frame] = []
    while len(frames) < _MOST_CALLS and (m := _CALL.match(text, at)):
        arity, after = int(m["arity"] or 0), m.end()
        if m["arguments"]:
            after, arity = _closed(text, m.end() - 1 - m[0].endswith(","))
            after += text.startswith(",", after)
        place = _PLACE.match(text, after)
        frames.append(_frame(m["module"], f"{m['function']}/{arity}", place["path"] if place else "", place["line"] if place else None))
        at, _ = _closed(text, m.start())
        at = next((i for i in range(at, min(len(text), at + 200)) if text[i] not in ", \t\n"), len(text))
    return frames, at


def _closed(text: str, at: int) -> tuple[int, int]:
    """Behind the bracket that closes the one at ``at``, and how many terms stand between them."""
    depth, commas, quoted, terms = 0, 0, "", False
    most = min(len(text), at + _LONGEST_CALL)
    for i in range(at, most):
        char = text[i]
        if quoted:
            quoted = "" if char == quoted and text[i - 1] != "\\" else quoted
        elif char in "]})":
            depth -= 1
            if depth <= 0:
                return i + 1, commas + terms
        else:
            terms = terms or (depth > 0 and not char.isspace())
            depth += char in "[{("
            quoted = char if char in "\"'" else ""
            commas += char == "," and depth == 1
    return most, commas + terms


# ----------------------------------------------------------------------- in words


def _words(text: str, at: int) -> StackTrace | None:
    """The first crash report from ``at`` on."""
    m = _SAID.search(text, at)
    if m is None:
        return None
    frames: list[Frame] = []
    end, message = m.end(), [m["message"]]
    for line in _lines.down(text, m.end()):
        if call := _IN.fullmatch(line.text.rstrip()):
            module, _, function = call["function"].rpartition(":")
            frames.append(_frame(module or "erlang", function, call["path"] or "", call["line"]))
        elif not frames and line.text.startswith("  ") and len(message) < _MOST_ABOVE:
            message.append(line.text.strip())
        elif not line.text.lstrip().startswith(("called as ", "*** argument ", "(")):
            break
        end = line.end
    if not frames:
        return None
    start = _start(text, m.start())
    return StackTrace(language=LANGUAGE, kind="", message="\n".join(message), frames=tuple(reversed(frames)), start=start, end=end)


def _start(text: str, at: int) -> int:
    """Where the report begins in which ``at`` lies."""
    start = _lines.beginning(text, at)
    for line in _lines.up(text, start, _MOST_ABOVE):
        if _REPORT.match(line.text):
            start = line.start
        elif not line.text.strip():
            break
    return start


def _frame(module: str, function: str, path: str, line: str | None) -> Frame:
    own = bool(path) and module not in _RUNTIME and "/lib/erlang/" not in path and "/_build/default/lib/" not in path
    return Frame(function=f"{module}:{function}", path=path, line=int(line) if line else None, in_app=own, module=module)
