"""For comparison: what becomes of the same histories where a lost answer means "send it again", as most tools do."""

from collections.abc import Sequence
from typing import Any

from triaged.core.model import Owned, Report, Ticket
from triaged.core.settle import Intent
from triaged.errors import Unavailable, Unknown
from triaged.ports import Sink


class BlindRetry:
    """A sink that looks for nothing and calls every lost answer a failure, so that the publisher sends again."""

    def __init__(self, sink: Sink) -> None:
        self._sink = sink

    async def create(self, report: Report) -> Ticket:
        try:
            return await self._sink.create(report)
        except Unknown as error:
            raise Unavailable(str(error)) from error

    async def find(self, intent: Intent) -> Ticket | None:
        return None

    async def owned(self, repository: str, *since: Any) -> Sequence[Owned]:
        return ()

    def witness(self, intent: Intent) -> int:
        return 0

    def __getattr__(self, name: str) -> Any:
        return getattr(self._sink, name)
