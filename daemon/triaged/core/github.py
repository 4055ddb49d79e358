"""What an answer of GitHub means: every signal in one table.

Limits: https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api
GraphQL answers 200 to a limit: https://docs.github.com/en/graphql/overview/rate-limits-and-node-limits-for-the-graphql-api
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any, Literal

Meaning = Literal[
    "done", "unchanged", "absent", "moved", "exists", "limited", "credential", "configuration", "data", "transient", "unknown"
]

SECONDARY = timedelta(seconds=60)
"""The least wait after a secondary limit that names none."""
LONGEST = timedelta(hours=2)
"""No limit of GitHub lasts longer; a header that says so is wrong."""
_LIMIT_WORDS = ("rate limit", "abuse detection", "secondary limit")


@dataclass(frozen=True, slots=True)
class Verdict:
    """What one answer means."""

    meaning: Meaning
    reason: str
    until: datetime | None = None
    """For ``limited``: when the credential may be used again, on our clock."""


def classify(method: str, status: int, headers: Mapping[str, str], body: bytes, now: datetime) -> Verdict:
    """``headers`` in lower case. A write whose outcome cannot be told is *unknown*, a read *transient*."""
    writes = method not in ("GET", "HEAD")
    lost: Meaning = "unknown" if writes else "transient"
    if status == 304:
        return Verdict("unchanged", "not modified")
    if 200 <= status < 300:
        return _success(status, headers, body, now, lost)
    if status in (301, 302, 307, 308):
        return Verdict("moved", headers.get("location", "moved without a location"))
    if status >= 500:
        return Verdict(lost, f"GitHub failed ({status})")
    said = _said(body)
    if status in (403, 429) and _is_limit(status, headers, said):
        return Verdict("limited", said or f"limited ({status})", _until(headers, now))
    if status == 401:
        return Verdict("credential", said or "the credential is not accepted")
    if status == 404 and not writes:
        return Verdict("absent", said or "not found")
    if status in (403, 404, 410, 451):
        return Verdict("configuration", _needs(headers, said or f"refused ({status})"))
    if status == 422 and "already exists" in body.decode("utf-8", "replace").lower():
        return Verdict("exists", said)
    return Verdict("data", said or f"refused ({status})")


def _success(status: int, headers: Mapping[str, str], body: bytes, now: datetime, lost: Meaning) -> Verdict:
    if status == 204:
        return Verdict("done", "done")
    try:
        read = json.loads(body)
    except (ValueError, RecursionError):
        return Verdict(lost, f"answered {status} with what is no JSON")
    errors = read.get("errors") if isinstance(read, dict) else None
    if isinstance(errors, list) and any(isinstance(error, dict) and error.get("type") == "RATE_LIMITED" for error in errors):
        return Verdict("limited", "limited (GraphQL)", _until(headers, now))
    return Verdict("done", "done")


def _is_limit(status: int, headers: Mapping[str, str], said: str) -> bool:
    if status == 429 or "retry-after" in headers or headers.get("x-ratelimit-remaining") == "0":
        return True
    return any(words in said.lower() for words in _LIMIT_WORDS)


def _until(headers: Mapping[str, str], now: datetime) -> datetime:
    """``retry-after`` counts from now; ``reset`` is on GitHub's clock, which the ``date`` header shows."""
    after = headers.get("retry-after", "")
    if after.isascii() and after.isdigit() and len(after) < 9:
        return now + min(timedelta(seconds=int(after)), LONGEST)
    at = reset(headers, now) if headers.get("x-ratelimit-remaining") == "0" else None
    return at or now + SECONDARY


def reset(headers: Mapping[str, str], now: datetime) -> datetime | None:
    """When the primary limit begins anew, on our clock; None where the headers do not say."""
    said = headers.get("x-ratelimit-reset", "")
    if not (said.isascii() and said.isdigit() and len(said) < 13):
        return None
    wait = datetime.fromtimestamp(int(said), UTC) - _their_now(headers, now)
    return now + min(max(wait, timedelta(seconds=1)), LONGEST)


def _their_now(headers: Mapping[str, str], now: datetime) -> datetime:
    try:
        return parsedate_to_datetime(headers.get("date", "")).astimezone(UTC)
    except (ValueError, TypeError):
        return now


def _needs(headers: Mapping[str, str], said: str) -> str:
    needed = headers.get("x-accepted-github-permissions", "")
    return f"{said} (needs the permission {needed})" if needed else said


def _said(body: bytes) -> str:
    """GitHub's own words, with the fields it names."""
    try:
        read: Any = json.loads(body)
    except (ValueError, RecursionError):
        return ""
    if not isinstance(read, dict):
        return ""
    errors = read.get("errors")
    named = [_field(error) for error in errors if isinstance(error, dict)] if isinstance(errors, list) else []
    return ": ".join(part for part in (str(read.get("message", "")), ", ".join(filter(None, named))) if part)[:500]


def _field(error: Mapping[str, Any]) -> str:
    return " ".join(str(error[name]) for name in ("field", "code", "message") if error.get(name))


def refused_fields(body: bytes) -> dict[str, str]:
    """The fields of a 422 that GitHub does not take, such as ``labels``, ``body``, ``title``, each with the value at fault if it is told."""
    try:
        read: Any = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    errors = read.get("errors") if isinstance(read, dict) else None
    named = [error for error in errors if isinstance(error, dict) and error.get("field")] if isinstance(errors, list) else []
    return {"labels" if error.get("resource") == "Label" else str(error["field"]): str(error.get("value") or "") for error in named}
