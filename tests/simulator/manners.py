"""Who came to GitHub although told to wait. Held against the daemon is only what it had heard, and could still know after a kill."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from models.github import Response, Violation


@dataclass(slots=True)
class _Word:
    """GitHub has said to wait until then. ``kept`` is None until a commit after it was heard has succeeded or failed."""

    heard_at: datetime
    until: datetime
    kept: bool | None = None


class Manners:
    """Over all processes of the daemon."""

    def __init__(self) -> None:
        self.violations: list[Violation] = []
        self.unavoidable: list[Violation] = []
        """Those of a daemon whose disk was full when it heard, and that ended before it asked again and wrote it down."""
        self._unwritten: list[_Word] = []
        self._words: list[_Word] = []

    def hears(self, response: Response, answered_at: datetime, now: datetime) -> None:
        """An answer reaches the daemon."""
        if response.status in (403, 429) and b"rate limit" in response.body:
            self._words.append(_Word(now, _until(response.headers, answered_at)))

    def commits(self, now: datetime, *, succeeds: bool) -> None:
        """What it heard before now is on its disk; or it is not, for the daemon writes it once."""
        for word in self._words:
            if word.kept is None and word.heard_at < now:
                word.kept = succeeds

    def ends(self, *, forgets: bool) -> None:
        """A process ends; the next one knows what stands on the disk, if it still has one."""
        self._unwritten += [word for word in self._words if word.kept is False and not forgets]
        self._words = [word for word in self._words if word.kept and not forgets]

    def judges(self, new: list[Violation]) -> list[Violation]:
        """Those that the daemon could have avoided."""
        rude = [one for one in new if _told(self._words, one)]
        self.violations += rude
        self.unavoidable += [one for one in new if one not in rude and _told(self._unwritten, one)]
        return rude


def _told(words: list[_Word], violation: Violation) -> bool:
    return any(word.heard_at <= violation.at < word.until for word in words)


def _until(headers: Mapping[str, str], answered_at: datetime) -> datetime:
    if "retry-after" in headers:
        return answered_at + timedelta(seconds=int(headers["retry-after"]))
    if headers.get("x-ratelimit-remaining") == "0":
        return datetime.fromtimestamp(int(headers["x-ratelimit-reset"]), answered_at.tzinfo)
    return answered_at + timedelta(seconds=60)
