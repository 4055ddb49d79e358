"""Why each step decided as it did: what ``explain`` prints."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Step:
    name: str
    """The step of ``pipeline.triage``."""
    result: str
    reason: str
    detail: Mapping[str, Any] = field(default_factory=dict)
    """The result as plain JSON, for ``--json``."""


@dataclass(slots=True)
class Journey:
    """The steps of one event, in order."""

    steps: list[Step] = field(default_factory=list)

    def went(self, name: str, result: str, reason: str, **detail: Any) -> None:
        self.steps.append(Step(name, result, reason, detail))

    @property
    def reasons(self) -> list[str]:
        return [f"{step.name}: {step.result} ({step.reason})" if step.reason else f"{step.name}: {step.result}" for step in self.steps]
