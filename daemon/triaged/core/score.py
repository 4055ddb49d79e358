"""Facts to a score: how sure we are, and which rule gave which points."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from triaged.core.facts import Facts
from triaged.core.model import Point, Score
from triaged.core.rules import Matcher


@dataclass(frozen=True, slots=True)
class Rule:
    """One line of ``rules/confidence.yaml``."""

    name: str
    when: Matcher
    how: Literal["set", "add"]
    value: float


def score(facts: Facts, rules: Sequence[Rule]) -> Score:
    """The first ``set`` that holds and every ``add`` that holds, summed and clamped to 0..1, in hundredths; 0 where nothing holds."""
    base = next((rule for rule in rules if rule.how == "set" and rule.when(facts)), None)
    held = [*([base] if base else []), *(rule for rule in rules if rule.how == "add" and rule.when(facts))]
    points = tuple(Point(rule.name, rule.value, rule.how) for rule in held)
    # rounded: 0.8 + 0.05 + 0.1 must not fall short of 0.95 where a rule asks for it
    return Score(value=round(min(1.0, max(0.0, sum(point.value for point in points))), 2), points=points)
