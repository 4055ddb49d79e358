"""Errors of Elixir, as ``Exception.format/3`` and Logger print them, and exits of Erlang processes in that format; innermost call first.

https://hexdocs.pm/elixir/Exception.html#format/3
"""

import re

from triaged.core.model import Frame, StackTrace
from triaged.parsers import _lines

LANGUAGE = "elixir"

# ** (KeyError) key :email not found in: %{id: 7}
_HEAD = re.compile(r"^[^\n]{0,200}?\*\* \((?P<kind>[\w.]{1,200}|EXIT from #PID<[\d.]{1,40}>)\) ?(?P<message>[^\n]*)$", re.MULTILINE)
#     (shop 0.1.0) lib/shop/cart.ex:42: Shop.Cart.total/1, or     :erlang.map_get(:price, %{}), or     Nope.go(1)
_FRAME = re.compile(
    r"[ \t]++(?:\((?P<app>\w{1,80})(?: [^)\n]{1,40})?\) )?(?:(?P<path>[^\s:]{1,400}\.(?:exs?|erl|eex|heex|leex|xrl|yrl)):(?P<line>\d{1,9}): )?(?P<function>[^\n]{1,500})"
)
_CALL = re.compile(
    r"(?:anonymous fn/\d+ in )?(?::?[\w.]{1,200}\.)?[^\s()]{1,200}(?:/\d{1,3}|\([^\n]*\))$|\(file\)|\(module\)|[a-z_]\w*/\d+"
)
# The following arguments were given to Shop.Cart.pm/1:, and other lines of a message between the head and the frames
_RUNTIME = frozenset({
    "elixir", "stdlib", "kernel", "ex_unit", "logger", "mix", "iex", "erts", "phoenix", "phoenix_live_view", "phoenix_ecto", "ecto",
    "ecto_sql", "plug", "plug_cowboy", "cowboy", "ranch", "bandit", "thousand_island", "absinthe", "oban", "tesla", "finch", "mint",
    "db_connection", "postgrex", "myxql", "telemetry", "gen_stage", "broadway", "jason", "poison"
})  # fmt: skip
_MOST_MESSAGE = 40


def parse(text: str) -> StackTrace | None:
    """Read the first error in ``text``; None when there is none. Innermost frame last."""
    if "** (" not in text:
        return None
    for head in _HEAD.finditer(text):
        if (trace := _read(text, head)) is not None:
            return trace
    return None


def _read(text: str, head: re.Match[str]) -> StackTrace | None:
    message, frames = [head["message"].rstrip()], []
    at = min(head.end() + 1, len(text))
    end = at
    for line in _lines.down(text, at):
        frame = _frame(line.text)
        if frame:
            frames.append(frame)
        elif frames or len(message) > _MOST_MESSAGE or _HEAD.match(line.text) or _lines.is_log(line.text) or not _goes_on(text, line.start):
            break
        else:
            message.append(line.text.strip())
        end = line.end
    if not frames:
        return None
    return StackTrace(
        language=LANGUAGE,
        kind=head["kind"],
        message="\n".join(message).strip(),
        frames=tuple(reversed(frames)),
        start=_lines.beginning(text, head.start()),
        end=end,
    )


def _goes_on(text: str, at: int) -> bool:
    """Frames follow within a few lines: what stands before them is more of the message."""
    return any(_frame(line.text) for line, _ in zip(_lines.down(text, at), range(15), strict=False))


def _frame(line: str) -> Frame | None:
    m = _FRAME.fullmatch(line)
    if m is None or not (m["path"] or (_CALL.fullmatch(m["function"].strip()) and ("." in m["function"] or m["app"]))):
        return None
    return Frame(
        function=m["function"].strip(),
        path=m["path"] or "",
        line=int(m["line"]) if m["line"] else None,
        in_app=bool(m["path"]) and m["app"] not in _RUNTIME and not (m["path"] or "").startswith("deps/"),
        module=m["function"].strip().rpartition(".")[0],
    )
