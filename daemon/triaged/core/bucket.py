"""Token bucket arithmetic: how long until so much may be done."""

from dataclasses import dataclass, replace


@dataclass(frozen=True, slots=True)
class Bucket:
    """``most`` at once, ``per_second`` on average. ``at`` is a monotonic instant in seconds."""

    most: float
    per_second: float
    tokens: float
    at: float = 0.0


def full(most: float, per_second: float) -> Bucket:
    return Bucket(most, per_second, most)


def wait(bucket: Bucket, now: float, cost: float = 1, spared: float = 0) -> float:
    """Seconds until ``cost`` tokens are there beside the share ``spared`` (0 to 1, in whole tokens) that is left for others; 0: now."""
    missing = cost + int(bucket.most * spared) - _tokens(bucket, now)
    return max(0.0, missing / bucket.per_second) if missing > 1e-9 else 0.0


def taken(bucket: Bucket, now: float, cost: float = 1) -> Bucket:
    """With so many tokens less; it may go below zero, and is then waited for."""
    return replace(bucket, tokens=_tokens(bucket, now) - cost, at=max(now, bucket.at))


def _tokens(bucket: Bucket, now: float) -> float:
    gained = max(0.0, now - bucket.at) * bucket.per_second
    return min(bucket.most, bucket.tokens + gained)
