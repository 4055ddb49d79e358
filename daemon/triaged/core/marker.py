"""The marker that makes a ticket ours: two comments around our part of a body, the only part that is ever rewritten.

It is enough to rebuild our memory from tickets alone. A signed one cannot be forged by what an error's text says.
"""

import hmac
import re

from triaged.core.model import Marker, Report

CLOSING = "<!-- /triaged -->"

# <!-- triaged:v1 v1:0f3c… 1 5e2a… 9bd0… -->
_OPENING = re.compile(
    r"<!-- triaged:v1 (?P<fingerprint>v\d+:[0-9a-f]{32}) (?P<generation>\d{1,6}) (?P<attempt>[0-9a-f]{1,32}|-) (?P<signature>[0-9a-f]{32}|-) -->"
)


# Occurrences: 17
_OCCURRENCES = re.compile(r"^Occurrences: ([0-9]{1,12})$", re.MULTILINE)


def opening(marker: Marker) -> str:
    return f"<!-- triaged:v1 {marker.fingerprint} {marker.generation} {marker.attempt or '-'} {marker.signature or '-'} -->"


def marked(report: Report) -> str:
    """The report's body between its markers, as it stands in a ticket."""
    return f"{opening(report.marker)}\n{report.body}\n{CLOSING}"


def read(body: str) -> Marker | None:
    """The first marker in a body; None where there is none."""
    m = _OPENING.search(body)
    if m is None:
        return None
    attempt, signature = (m[name].removeprefix("-") for name in ("attempt", "signature"))
    return Marker(m["fingerprint"], int(m["generation"]), attempt, signature)


def occurrences(body: str) -> int:
    """How often our part of a ticket says that its error was seen; 0 where it does not say."""
    begin = _OPENING.search(body)
    m = _OCCURRENCES.search(body[begin.end() :].partition(CLOSING)[0]) if begin else None
    return int(m[1]) if m else 0


def signature(key: str, repository: str, marker: Marker) -> str:
    """32 hex digits over what must not be forged; the attempt may change."""
    text = f"{repository.lower()} {marker.fingerprint} {marker.generation}"
    return hmac.new(key.encode(), text.encode(), "sha256").hexdigest()[:32]


def splice(there: str, ours: str) -> str:
    """A body with our part replaced by ``ours`` (markers included); what people wrote around it stays as it is."""
    m = _OPENING.search(there)
    if m is None:
        return f"{there.rstrip()}\n\n{ours}" if there.strip() else ours
    before, rest = there[: m.start()], there[m.end() :]
    _, found, after = rest.partition(CLOSING)
    return before + ours + (after if found else "")
