"""What must hold of everything that leaves, whatever an event says."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import cache

import scanner
from fuzz.leaving import OUR_ID, Leaving, leaving
from scanner import Finding, Readers
from triaged.core import marker
from triaged.core.model import Report

MOST_BODY = 65_536
MOST_TITLE = 256


def findings(words: Sequence[str], readers: Readers = scanner.READERS) -> list[Finding]:
    """Empty, or what is wrong with what leaves of an event that says ``words``."""
    return of(leaving(words), harmless(words), readers)


def of(made: Leaving, model: Leaving, readers: Readers = scanner.READERS) -> list[Finding]:
    found = [finding for each in zip(made.reports, model.reports, strict=True) for finding in _report(*each, readers)]
    found += scanner.commit(made.commit) + scanner.chat(made.chat)
    return found + [Finding("encoding", repr(text[:80])) for text in made.texts if not _encodes(text)]


def harmless(words: Sequence[str]) -> Leaving:
    """What leaves of an event that says something harmless wherever this one says something."""
    return _harmless(tuple("x" if word.strip() else word[:1] for word in words))


@cache
def _harmless(words: tuple[str, ...]) -> Leaving:
    return leaving(words)


def _report(report: Report, like: Report, readers: Readers) -> Iterator[Finding]:
    yield from scanner.markdown(_without_id(report.body), _without_id(like.body), readers)
    yield from scanner.title(report.title)
    yield from _sizes(report)
    yield from _marks(report, like)


def _without_id(body: str) -> str:
    """Without the id at its end, which stands there on purpose."""
    return "".join(body.rsplit(OUR_ID, 1))


def _sizes(report: Report) -> Iterator[Finding]:
    longest = replace(report.marker, generation=999_999, attempt="a" * 32, signature="b" * 32)
    if len(marker.marked(replace(report, marker=longest))) > MOST_BODY:
        yield Finding("size", f"a body of {len(report.body)}")
    if len(report.title) > MOST_TITLE:
        yield Finding("size", f"a title of {len(report.title)}")


def _marks(report: Report, like: Report) -> Iterator[Finding]:
    """A ticket has one pair of markers, counts what it would count without the strangers, and is rewritten as a whole."""
    text = marker.marked(report)
    if (len(re.findall(r"<!-- triaged:", text)), text.count(marker.CLOSING)) != (1, 1) or marker.read(text) != report.marker:
        yield Finding("marker", "not one pair")
    if marker.occurrences(text) != marker.occurrences(marker.marked(like)):
        yield Finding("marker", f"says {marker.occurrences(text)} occurrences")
    if marker.splice(f"before\n{text}\nafter", "ours") != "before\nours\nafter":
        yield Finding("marker", "is not rewritten as a whole")


def _encodes(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
