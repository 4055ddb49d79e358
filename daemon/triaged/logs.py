"""JSON logs: a line an event, with fields; never a payload, never a secret. Everything this process prints goes through here."""

import json
import logging
import sys
import warnings
from collections.abc import Callable
from datetime import UTC, datetime
from types import TracebackType
from typing import Any

MARK = "triaged"  # core.log knows it
"""Stands in each line as ``"log": "triaged"``, so that a triaged that reads its own log knows it."""


class _Lines(logging.Formatter):
    redacted: Callable[[str], str] = staticmethod(lambda text: text)

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, Any] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
            "level": record.levelname.lower(),
            "log": MARK,
            "message": record.getMessage()[:2000],
        }
        line.update(getattr(record, "fields", {}))
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)[-8000:]
        return json.dumps(
            {name: self.redacted(value) if isinstance(value, str) else value for name, value in line.items()}, default=self._said
        )

    def _said(self, value: object) -> str:
        return self.redacted(str(value))


def configure() -> None:
    """Sends every logger, warning and uncaught exception to stderr as JSON lines. Libraries speak up from WARNING on."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_Lines())
    logging.basicConfig(handlers=[handler], level=logging.WARNING, force=True)
    logging.getLogger("triaged").setLevel(logging.INFO)
    logging.captureWarnings(True)
    warnings.simplefilter("default")
    sys.excepthook = _uncaught


def redact(redacted: Callable[[str], str]) -> None:
    """From here on every text of a line is what this makes of it: what goes wrong may quote what it went wrong with."""
    for handler in logging.getLogger().handlers:
        if isinstance(handler.formatter, _Lines):
            handler.formatter.redacted = redacted


def configured() -> bool:
    """Whether this process says everything as JSON lines."""
    return any(isinstance(handler.formatter, _Lines) for handler in logging.getLogger().handlers)


def say(level: int, message: str, **fields: object) -> None:
    """One line. ``message`` is fixed text; what varies stands in the fields."""
    logging.getLogger("triaged").log(level, message, extra={"fields": fields})


def info(message: str, **fields: object) -> None:
    say(logging.INFO, message, **fields)


def warning(message: str, **fields: object) -> None:
    say(logging.WARNING, message, **fields)


def error(message: str, **fields: object) -> None:
    say(logging.ERROR, message, **fields)


def _uncaught(kind: type[BaseException], value: BaseException, trace: TracebackType | None) -> None:
    logging.getLogger("triaged").critical("the process ends on an error it did not expect", exc_info=(kind, value, trace))
