"""The code that ran: commits, trees and files of a code host, kept within bounds, and a frame's place in them."""

from collections import OrderedDict
from collections.abc import Awaitable, Callable, Hashable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from triaged.core import locate
from triaged.core.model import Commit, Event, Frame, Place
from triaged.errors import TriagedError
from triaged.ports import Clock, CodeHost

_K = TypeVar("_K", bound=Hashable)
_V = TypeVar("_V")

_COMMITS, _TREES, _TEXTS = 256, 4, 64
_COMMIT_SECONDS = 60.0
"""How long a release's commit, and above all the default branch's, is believed."""


@dataclass(frozen=True, slots=True)
class Located:
    """Where an event's culprit stands in the repository; ``place`` is None where it does not, and ``reason`` says why."""

    place: Place | None
    reason: str
    candidates: tuple[str, ...] = ()


class Code:
    """One code host with a memory. A host that cannot be asked costs the place, never the ticket."""

    def __init__(self, host: CodeHost, clock: Clock) -> None:
        self._host = host
        self._clock = clock
        self._commits: _Kept[tuple[str, str, int], Commit | None] = _Kept(_COMMITS)
        self._trees: _Kept[str, locate.Tree] = _Kept(_TREES)
        self._texts: _Kept[tuple[str, str], str | None] = _Kept(_TEXTS)

    async def find(self, event: Event, culprit: Frame | None, repository: str, releases: Sequence[str] = ()) -> Located:
        """The place of the culprit, else of the next in-app frame outwards that the repository has.

        ``releases`` are those in which the error was seen before: the last one stands where the event names none.
        """
        if culprit is None:
            return Located(None, "the error names no place in the code")
        try:
            release = event.labels.get("commit") or event.labels.get("release") or (releases[-1] if releases else "")
            commit = await self._commit(repository, release)
            if commit is None:
                return Located(None, f"{repository} has no commit to read")
            tree = await self._trees.get(commit.sha, lambda: self._tree(commit))
            return await self._first_found(_outwards(event, culprit), tree, commit)
        except TriagedError as error:
            return Located(None, f"the code could not be read: {error}")

    async def _first_found(self, frames: Sequence[Frame], tree: locate.Tree, commit: Commit) -> Located:
        first: locate.Match | None = None
        for frame in frames:
            match = tree.match(frame.path)
            first = first or match
            if len(match.paths) == 1:
                return Located(await self._place(frame, match, commit, culprit=frame is frames[0]), match.reason)
            if match.paths:
                break  # a tie nearer to the error says more than a certain frame further out
        assert first is not None
        return Located(None, match.reason if match.paths else first.reason, match.paths)

    async def _place(self, frame: Frame, match: locate.Match, commit: Commit, *, culprit: bool) -> Place:
        (path,) = match.paths
        line = locate.check(frame, await self._texts.get((commit.sha, path), lambda: self._host.text(commit, path)))
        where = match.reason if culprit else f"{match.reason}; the frames nearer to the error are not in the repository"
        return Place(
            path=path,
            line=line.line,
            function=frame.function,
            commit=commit,
            state=line.state,
            reason=f"{where}; {line.reason}",
            quote=line.quote,
            url=self._host.permalink(commit, path, line.line),
        )

    async def _commit(self, repository: str, release: str) -> Commit | None:
        key = (repository, release, int(self._clock.monotonic() / _COMMIT_SECONDS))
        return await self._commits.get(key, lambda: self._host.commit(repository, release))

    async def _tree(self, commit: Commit) -> locate.Tree:
        return locate.Tree(await self._host.paths(commit))


def _outwards(event: Event, culprit: Frame) -> list[Frame]:
    others = [frame for frame in reversed(event.frames) if frame.in_app and frame is not culprit and frame.path]
    return [culprit, *others[:20]]


class _Kept(Generic[_K, _V]):
    """The values last asked for, at most ``most`` of them."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._values: OrderedDict[_K, _V] = OrderedDict()

    async def get(self, key: _K, make: Callable[[], Awaitable[Any]]) -> _V:
        if key in self._values:
            self._values.move_to_end(key)
            return self._values[key]
        value: _V = await make()
        self._values[key] = value
        if len(self._values) > self._most:
            self._values.popitem(last=False)
        return value
