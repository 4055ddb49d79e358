"""One process that runs the daemon: its loop, its disk, its end."""

from random import Random

from simulator.loop import Loop, Time
from simulator.trace import Trace


class Process:
    """Whatever makes I/O for the daemon kills it through here."""

    def __init__(self, time: Time, random: Random, trace: Trace) -> None:
        self.now = time.now
        self.loop = Loop(time, random)
        self.trace = trace
        self.loses_power = False
        """Ends with the machine: what did not reach the disk is gone."""
        self.stops_after: float | None = None
        """Seconds until it is asked to stop; None: it is not."""
        self.beyond: list[str] = []
        """Titles of issues whose creation came twice, or after every quiet period."""

    def kill(self, why: str) -> None:
        self.trace(f"killed {why}")
        self.loop.kill()

    def fails(self, why: str) -> None:
        """What it should not do, it does."""
        self.loop.errors.append(why)
        self.kill(why)

    async def killed(self, why: str) -> None:
        """Never returns."""
        self.kill(why)
        await self.loop.create_future()
