"""From a frame to a file of the repository, and what that file says about the frame's line.

A path from an event is never used as such: it only chooses among the paths that stand in the tree.
"""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from triaged.core.model import Frame

# webpack:///./src/a.js   file:///srv/a.py   app:///a.js
_SCHEME = re.compile(r"^[A-Za-z][\w.+-]*:/{1,3}")
# C:\app\cart.py
_DRIVE = re.compile(r"^[A-Za-z]:/")

AROUND = 4
"""Lines quoted on each side."""
_MOST_LINE = 400


@dataclass(frozen=True, slots=True)
class Match:
    """Where a frame's path may be in the repository."""

    paths: tuple[str, ...]
    """One: found; several: equally likely; none: not there."""
    reason: str


class Tree:
    """The paths of one commit, by their last segment."""

    def __init__(self, paths: Iterable[str]) -> None:
        self._by_name: dict[str, list[tuple[str, ...]]] = {}
        for path in paths:
            parts = tuple(path.split("/"))
            self._by_name.setdefault(unicodedata.normalize("NFC", parts[-1]), []).append(parts)

    def match(self, path: str) -> Match:
        """The repository's file for a frame's path, by the longest common suffix. A tie is shown, never guessed."""
        wanted = segments(path)
        if not wanted:
            return Match((), "the frame names no file")
        fits = [(shared, parts) for parts in self._by_name.get(wanted[-1], ()) if (shared := _shared(wanted, parts))]
        if not fits:
            return Match((), f"no file of the repository fits {'/'.join(wanted[-3:])}")
        best = max(shared for shared, _ in fits)
        found = sorted("/".join(parts) for shared, parts in fits if shared == best)
        if len(found) > 1:
            return Match(tuple(found), f"{len(found)} files fit equally well")
        return Match((found[0],), f"the only file that shares {best} path segments" if best > 1 else "the only file of that name")


def segments(path: str) -> tuple[str, ...]:
    """A frame's path in segments, without scheme, drive, query and dots; () where it is no file or tries to climb out.

    >>> segments("webpack:///./src/lib/a.js?33f8")
    ('src', 'lib', 'a.js')
    """
    text = unicodedata.normalize("NFC", path.strip().replace("\\", "/"))
    if not text or text.startswith("<") or any(ord(char) < 32 for char in text):
        return ()
    text = _DRIVE.sub("", _SCHEME.sub("", text)).partition("?")[0]
    kept: list[str] = []
    for segment in text.split("/"):
        if segment == "..":
            kept = kept[:-1]
        elif segment not in ("", ".", "~"):
            kept.append(segment)
    return tuple(kept)


def _shared(wanted: Sequence[str], parts: Sequence[str]) -> int:
    """How many segments from the end are the same; 0 where that is too little to mean the same file."""
    shared = 0
    while shared < min(len(wanted), len(parts)) and wanted[-1 - shared] == unicodedata.normalize("NFC", parts[-1 - shared]):
        shared += 1
    whole = shared in (len(wanted), len(parts))  # one of them is the end of the other: only a prefix differs
    return shared if whole or shared > 1 else 0


State = Literal["confirmed", "moved", "stale", "missing", "unchecked"]


@dataclass(frozen=True, slots=True)
class Line:
    """What a file says about a frame's line."""

    state: State
    line: int | None
    """Where to look; another than the frame's where the line has moved."""
    reason: str
    quote: tuple[tuple[int, str], ...] = ()


def check(frame: Frame, text: str | None) -> Line:
    """Compares the frame's line with the file at the commit. ``text`` is None where the file could not be read."""
    if text is None:
        return Line("unchecked", frame.line, "the file could not be read as text")
    if frame.line is None:
        return Line("unchecked", None, "the frame has no line")
    lines = text.splitlines()
    there = lines[frame.line - 1].strip() if 0 < frame.line <= len(lines) else None
    if frame.context:
        return _by_text(frame, lines, there)
    if there is None:
        return Line("missing", None, f"the file has only {len(lines)} lines")
    if _names_function(frame, lines):
        return Line("confirmed", frame.line, "the line stands in the function that the frame names", quote(lines, frame.line))
    return Line("unchecked", frame.line, "the frame quotes no source line to compare", quote(lines, frame.line))


def _by_text(frame: Frame, lines: Sequence[str], there: str | None) -> Line:
    wanted = frame.context.strip()
    assert frame.line is not None
    if there is not None and (there == wanted or (len(wanted) > 20 and there.startswith(wanted))):
        return Line("confirmed", frame.line, "the line reads as the frame quotes it", quote(lines, frame.line))
    line_then = frame.line
    places = [number for number, line in enumerate(lines, 1) if line.strip() == wanted]
    if places:
        nearest = min(places, key=lambda number: abs(number - line_then))
        return Line("moved", nearest, f"the quoted line stands at {nearest} now, not at {frame.line}", quote(lines, nearest))
    if there is None:
        return Line("missing", None, f"the file has only {len(lines)} lines and none reads as quoted")
    return Line("stale", frame.line, "the line reads differently at this commit", quote(lines, frame.line))


def _names_function(frame: Frame, lines: Sequence[str]) -> bool:
    """Whether a definition of the frame's function stands at most 200 lines above its line."""
    name = re.split(r"[.#:]", frame.function.removesuffix("()"))[-1]
    if frame.line is None or not re.fullmatch(r"\w+[!?]?", name) or name.startswith("<"):
        return False
    definition = re.compile(rf"(?:\b(?:def|function|func|fn|fun|sub|async)\b[^\n]*\b{re.escape(name)}\b)|(?:\b{re.escape(name)}\s*[=:(])")
    above = lines[max(0, frame.line - 200) : frame.line]
    return any(definition.search(line[:_MOST_LINE]) for line in above)


def quote(lines: Sequence[str], line: int) -> tuple[tuple[int, str], ...]:
    """Numbered lines around ``line``."""
    first = max(1, line - AROUND)
    return tuple((number, lines[number - 1][:_MOST_LINE]) for number in range(first, min(len(lines), line + AROUND) + 1))
