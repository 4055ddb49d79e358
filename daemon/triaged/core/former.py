"""Fingerprints as they were made before the version of today: what was filed under one is found again, and never made anew.

Nothing here is mended: a fingerprint that changes opens its issue a second time.
"""

import hashlib
import re

from triaged.core.model import Event, Frame, StackTrace

# Cart.total.<locals>.<lambda>  ->  Cart.total; shop[8c1f00aa12345678]::cart::total::h0123456789abcdef  ->  shop::cart::total
_GENERATED = re.compile(
    r"(?:::h[0-9a-f]{16}$|\[[0-9a-f]{16}\]|\.?<(?:locals|lambda|anonymous|genexpr|listcomp|dictcomp|setcomp)>|\[as [^\]]*\])"
)

# What varies in a message while the error stays; the order matters: the longer forms first.
_MASKS: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"\b[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}\b"), "<uuid>"),
    (re.compile(r"\b\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:[.,]\d+)?)?(?:Z|[+-]\d\d:?\d\d)?)?\b"), "<time>"),
    (re.compile(r"\b[\w.+-]+@[\w-]+(?:\.[\w-]+)+\b"), "<email>"),
    (re.compile(r"\b\w+://\S+"), "<url>"),
    (re.compile(r"\b(?:\d{1,3}\.){3}\d{1,3}(?::\d+)?\b"), "<address>"),
    (re.compile(r"\b0[xX][0-9a-fA-F]+\b"), "<hex>"),
    (re.compile(r"\b(?=[0-9a-fA-F]*\d)[0-9a-fA-F]{8,}\b"), "<hex>"),
    (re.compile(r"(?<![\w.])[-+]?\d+(?:[.,]\d+)*(?:ns|us|µs|ms|s|m|h|[kMG]i?B|B|%)?(?!\w)"), "<number>"),
    (re.compile(r"\d+"), "<number>"),
)
_MOST_MASKED = 4_000


def first(event: Event) -> str:
    """The value of version 1."""
    chain = (event.trace, *event.trace.causes) if event.trace else ()
    parts = [part for trace in chain if (part := _stack_part(trace))]
    if not parts:
        parts = [f"{_last_name(event.kind)}: {_masked(event.message)}" if event.kind else _masked(event.message)]
    evidence = "\n".join(_without_recursion(part) for part in parts)
    return "v1:" + hashlib.blake2b(evidence.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()


def _masked(message: str) -> str:
    first = message.strip().partition("\n")[0][:_MOST_MASKED]
    for pattern, name in _MASKS:
        first = pattern.sub(name, first)
    return first


def _last_name(kind: str) -> str:
    return re.split(r"::|[.\\$/]", kind.strip())[-1] or kind


def _stack_part(trace: StackTrace) -> str:
    frames = [frame for frame in trace.frames if frame.in_app and (frame.path or frame.function)]
    if not frames:
        return ""
    return "\n".join([_last_name(trace.kind), *map(_frame_part, frames)])


def _frame_part(frame: Frame) -> str:
    """A recursion's depth and the folder a release was unpacked in must not tell apart: the file's name and the function do."""
    name = re.split(r"[/\\]", frame.path.partition("?")[0])[-1]
    function = _GENERATED.sub("", frame.function)
    return f"{name} {re.split(r'[.#]|::', function)[-1]}"


def _without_recursion(part: str) -> str:
    lines = part.split("\n")
    return "\n".join(line for i, line in enumerate(lines) if i == 0 or line != lines[i - 1])
