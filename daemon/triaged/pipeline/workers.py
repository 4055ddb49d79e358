"""Takes deliveries from the channel, triages them and stores what came of it, many in one transaction.

One bad delivery stops nothing else: it is tried again later and later, then buried with its reason.
"""

import traceback
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta

from triaged import logs
from triaged.core.model import Delivery, Group
from triaged.core.redact import Redactor
from triaged.errors import JournalBroken, Rejected, Unavailable
from triaged.metrics import Metrics
from triaged.pipeline.finishing import Finishing
from triaged.pipeline.triage import Triaged, World, triage
from triaged.ports import Channel, Clock, Counted, Settled, Store

MOST = 64
"""Deliveries settled in one transaction."""
ATTEMPTS = 5
_BACKOFF = (1, 10, 60, 300)
"""Seconds before each further attempt."""
_FULL_SECONDS = 2.0


class Workers:
    """``world`` is asked for at each batch, so that new rules hold from the next one on."""

    def __init__(
        self,
        channel: Channel,
        store: Store,
        world: Callable[[], World],
        clock: Clock,
        metrics: Metrics,
        redactor: Callable[[], Redactor],
        planned: Callable[[], None],
    ) -> None:
        self._channel = channel
        self._store = store
        self._world = world
        self._clock = clock
        self._metrics = metrics
        self._redactor = redactor
        self._planned = planned
        self.finishing = Finishing()

    async def run(self) -> None:
        """Until it is cancelled, and then it finishes the batch in hand."""
        while True:
            deliveries = await self._channel.take(MOST)
            while not await self._stored(deliveries):
                await self._clock.sleep(_FULL_SECONDS)

    async def _stored(self, deliveries: Sequence[Delivery]) -> bool:
        """False where the disk takes nothing now: what is in hand is worked on again."""
        with self.finishing.piece():
            try:
                await self.batch(deliveries)
            except Unavailable as error:
                logs.error("what came of deliveries cannot be stored now", deliveries=len(deliveries), reason=str(error))
                return False
        return True

    async def batch(self, deliveries: Sequence[Delivery]) -> None:
        """Triages and settles these; what cannot be done now goes back to the channel."""
        now_known: dict[str, Group] = {}
        world = self._world()
        world = replace(world, group=lambda fingerprint: now_known.get(fingerprint) or self._store.group(fingerprint))
        settled: list[Settled] = []
        found: list[Triaged] = []
        for delivery in deliveries:
            one = await self._try(delivery, world)
            if one is not None:
                settled.append(one[0])
                found += one[1]
                for counted in one[0].counted:
                    now_known[counted.fingerprint] = _with(world.group(counted.fingerprint), counted)
        if not settled:
            return
        await self._store.record(settled, self._clock.now())
        await self._channel.done([one.delivery for one in settled])
        self._observe(found)
        if any(one.counted.decision for one in found):
            self._planned()

    async def _try(self, delivery: Delivery, world: World) -> tuple[Settled, tuple[Triaged, ...]] | None:
        if delivery.damage:
            await self._bury(delivery, delivery.damage)
            return None
        try:
            return await triage(delivery, world)
        except Rejected as error:
            await self._bury(delivery, str(error))
        except Unavailable as error:
            await self._again(delivery, str(error))
        except JournalBroken:
            raise
        except Exception as error:  # one bad record must not stop the others
            where = traceback.extract_tb(error.__traceback__)[-1]
            await self._again(delivery, f"{type(error).__name__} at {where.name}:{where.lineno}")
        return None

    async def _again(self, delivery: Delivery, reason: str) -> None:
        if delivery.attempts + 1 >= ATTEMPTS:
            await self._bury(delivery, f"{reason} (after {ATTEMPTS} attempts)")
            return
        wait = timedelta(seconds=_BACKOFF[min(delivery.attempts, len(_BACKOFF) - 1)])
        logs.warning(
            "a delivery is tried again later",
            source=delivery.source,
            sequence=delivery.sequence,
            attempts=delivery.attempts + 1,
            reason=reason,
        )
        await self._channel.retry(delivery, self._clock.now() + wait, reason)

    async def _bury(self, delivery: Delivery, reason: str) -> None:
        logs.error("a delivery became a dead letter", source=delivery.source, sequence=delivery.sequence, reason=reason)
        body = self._redactor().text(delivery.body.decode("utf-8", "replace"))
        await self._channel.bury(replace(delivery, body=body.encode("utf-8", "replace")), reason)

    def _observe(self, found: Sequence[Triaged]) -> None:
        for result in found:
            self._metrics.events.labels(result.event.source, result.event.category).inc()
            if result.action == "drop":
                self._metrics.dropped.labels("route").inc()
            if result.group is None and result.counted.decision:
                repository = result.counted.decision.repository
                self._metrics.groups.labels(repository).inc()
                logs.info(
                    "a new error",
                    fingerprint=result.fingerprint.value,
                    source=result.event.source,
                    action=result.action,
                    repository=repository,
                )


def _with(group: Group | None, counted: Counted) -> Group:
    """The group as it will be once this event is stored."""
    told = counted.onto(group)
    decision = counted.decision
    return replace(told, decided_by=decision.decided_by, repository=decision.repository) if decision else told
