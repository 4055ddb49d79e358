"""All rules of one moment, as one frozen value; ``triaged.rulebook`` reads it from YAML."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from triaged.core import route, score, suggest
from triaged.core.decide import Limits
from triaged.core.grouping import Grouping


@dataclass(frozen=True, slots=True)
class Receiver:
    """Where else reports go: one entry of ``rules/receivers.yaml``."""

    name: str
    type: str
    """The sink: a file's name in ``sinks/``."""
    settings: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Rulebook:
    """What decides."""

    confidence: tuple[score.Rule, ...]
    routes: tuple[route.Rule, ...]
    limits: Limits
    receivers: tuple[Receiver, ...]
    fixes: tuple[suggest.Fix, ...]
    """In the order in which they are tried: a user's before the defaults, those for a language before those for any."""
    redaction: Mapping[str, Any]
    grouping: Grouping
    digest: str
    """Changes with whatever decides, and with nothing else: not with comments or cases."""
