"""What was measured, and what it should be."""

import statistics
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Figure:
    """One line of the table: a value a round. ``at_least`` or ``at_most`` is its goal, if it has one."""

    what: str
    rounds: Sequence[float]
    unit: str = ""
    at_least: float | None = None
    at_most: float | None = None
    note: str = ""

    @property
    def median(self) -> float:
        return statistics.median(self.rounds)

    @property
    def reached(self) -> bool:
        above = self.at_least is None or self.median >= self.at_least
        return above and (self.at_most is None or self.median <= self.at_most)

    def row(self) -> str:
        """Of a Markdown table: what, median, lowest to highest, goal, whether it is reached, what else is to be said."""
        spread = f"{_short(min(self.rounds))} to {_short(max(self.rounds))}" if len(self.rounds) > 1 else ""
        goal = (
            f">= {_short(self.at_least)}" if self.at_least is not None else f"<= {_short(self.at_most)}" if self.at_most is not None else ""
        )
        reached = ("yes" if self.reached else "SHORT") if goal else ""
        return f"| {self.what} | {_short(self.median)}{self.unit and ' ' + self.unit} | {spread} | {goal} | {reached} | {self.note} |"


HEAD = "| what | median | rounds | goal | reached | |\n|---|---|---|---|---|---|"


def _short(value: float | None) -> str:
    if value is None:
        return ""
    if value >= 100:
        return f"{value:,.0f}"
    return f"{value:.3g}"
