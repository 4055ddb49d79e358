"""An error to a suggestion: the first fix whose pattern matches says what usually causes it and what to change."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from triaged.core.model import Event, Suggestion
from triaged.core.rules import Pattern

# {KEY}
CAPTURE = re.compile(r"\{([A-Za-z_][A-Za-z0-9_]*)\}")
# " (`{PATH}`)": nothing but captures in it
_ASIDE = re.compile(r" \(([^()\w]*(?:\{\w+\}[^()\w{}]*)+)\)")
_MOST_CAPTURED = 120
"""Characters of a capture that a hint shows."""


@dataclass(frozen=True, slots=True)
class Fix:
    """One entry of ``rules/fixes/*.yaml``."""

    id: str
    languages: tuple[str, ...]
    """Those it is for; empty: any."""
    errors: tuple[Pattern, ...]
    """One of them has to match."""
    hint: str
    """``{NAME}`` stands for the group of that name; a parenthesis that holds nothing else goes where they captured nothing."""


def suggest(event: Event, fixes: Sequence[Fix]) -> Suggestion | None:
    """The hint of the first fix that fits, else None.

    A pattern is tried on ``type: message`` and on the message alone; first those of the event, then those of each cause, nearest first.
    A fix for one language also fits where the event's is not known, as in an alert without a stack trace.
    """
    apt = [fix for fix in fixes if not fix.languages or not event.language or event.language in fix.languages]
    for kind, message in _errors(event):
        texts = (f"{kind}: {message}", message) if kind else (message,)
        for fix in apt:
            captures = _captures(fix.errors, texts)
            if captures is not None:
                return Suggestion(hint=_filled(fix.hint, captures), rule=fix.id)
    return None


def _captures(patterns: Sequence[Pattern], texts: Sequence[str]) -> dict[str, str] | None:
    """What the first pattern that matches one of the texts captures."""
    found = (pattern.captures(text) for pattern in patterns for text in texts)
    return next((captures for captures in found if captures is not None), None)


def _errors(event: Event) -> Iterator[tuple[str, str]]:
    """Type and message of the event and of each cause."""
    yield event.kind, event.message
    for cause in event.trace.causes if event.trace else ():
        yield cause.kind, cause.message


def _filled(hint: str, captures: dict[str, str]) -> str:
    hint = _ASIDE.sub(lambda m: m[0] if any(captures.get(name) for name in CAPTURE.findall(m[1])) else "", hint)
    return CAPTURE.sub(lambda m: captures.get(m[1], m[0])[:_MOST_CAPTURED], hint)
