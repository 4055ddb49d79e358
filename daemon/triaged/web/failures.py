"""Deliveries that fail verification, by source and sender. Nothing else is ever limited at the door."""

from triaged.core import bucket
from triaged.core.bucket import Bucket

_AT_ONCE = 60
_PER_SECOND = 1.0
_SENDERS = 10_000
"""Remembered at most; the one who failed longest ago is forgotten first."""


class Failures:
    """``now`` is a monotonic instant in seconds."""

    def __init__(self) -> None:
        self._buckets: dict[tuple[str, str], Bucket] = {}

    def wait(self, source: str, sender: str, now: float) -> float:
        """Seconds until another failure is taken for a mistake; 0: it is."""
        found = self._buckets.get((source, sender))
        return bucket.wait(found, now) if found else 0.0

    def count(self, source: str, sender: str, now: float) -> None:
        """One more, of who does not have to wait."""
        found = self._buckets.pop((source, sender), None) or bucket.full(_AT_ONCE, _PER_SECOND)
        self._buckets[source, sender] = bucket.taken(found, now)
        if len(self._buckets) > _SENDERS:
            del self._buckets[next(iter(self._buckets))]
