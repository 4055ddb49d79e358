"""Being cancelled between two pieces of work, never within one; but within seconds all the same."""

from collections.abc import Iterator
from contextlib import contextmanager

import anyio


class Finishing:
    """Of one task that works piece by piece."""

    def __init__(self) -> None:
        self._scope: anyio.CancelScope | None = None
        self._deadline = float("inf")

    @contextmanager
    def piece(self) -> Iterator[None]:
        """A cancelled task still finishes what stands in here, unless ``within`` has run out."""
        with anyio.CancelScope(shield=True, deadline=self._deadline) as self._scope:
            yield

    def within(self, seconds: float) -> None:
        """From now on a piece has this long."""
        self._deadline = anyio.current_time() + seconds
        if self._scope is not None:
            self._scope.deadline = self._deadline
