"""A share of the hostile events, from its seed; in a file of its own, so that other processes can import it."""

from hypothesis import HealthCheck, Phase, given, seed, settings

import scanner
from fuzz import hostile, judge
from scanner import Finding, Readers

SHARE = 250
"""Cases."""


def tried(number: int) -> tuple[int, str]:
    """How many were tried, and the smallest that something was found in; empty where nothing was."""
    seen, found = 0, ""
    readers = scanner.READERS if number % 10 == 0 else scanner.READERS[:1]  # markdown-it is slow

    @seed(number)
    @settings(
        max_examples=SHARE, deadline=None, database=None, phases=[Phase.generate, Phase.shrink], suppress_health_check=list(HealthCheck)
    )
    @given(hostile.WORDS)
    def each(words: list[str]) -> None:
        nonlocal seen, found
        seen += 1
        findings = _findings(words, readers)
        if findings:
            found = f"seed {number}: {words!r}\n" + "\n".join(f"  {finding.what}: {finding.where!r}" for finding in findings[:5])
        assert not findings

    try:
        each()
    except AssertionError:
        return seen, found
    return seen, ""


def _findings(words: list[str], readers: Readers) -> list[Finding]:
    try:
        return judge.findings(words, readers)
    except Exception as error:
        return [Finding("crash", repr(error))]
