"""What happened in one history, in order: kept as it goes, printed when it fails."""

import logging
from collections import deque

from simulator.loop import Time


class Trace(logging.Handler):
    """Also takes the daemon's log lines."""

    def __init__(self, time: Time, most: int = 20_000) -> None:
        super().__init__()
        self._time = time
        self.lines: deque[str] = deque(maxlen=most)

    def __call__(self, text: str) -> None:
        self.lines.append(f"{self._time.seconds:10.3f}  {text}")

    def emit(self, record: logging.LogRecord) -> None:
        fields = " ".join(f"{name}={value}" for name, value in getattr(record, "fields", {}).items())
        self(f"[{record.levelname.lower()}] {record.getMessage()} {fields}")
