"""An asyncio loop on virtual time: when nothing is ready, time jumps to the next timer. What is ready runs in a seeded order.

It has no sockets and no threads, so a run depends on its seed alone. A process that is killed is a loop that runs no further step.
"""

import asyncio
import heapq
import sys
import warnings
from collections.abc import Callable, Coroutine
from contextlib import suppress
from contextvars import Context
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

BEGINNING = datetime(2026, 3, 4, 12, 0, tzinfo=UTC)


class Stuck(Exception):
    """Everything waits for something that nobody will do."""


class Time:
    """Virtual time, which outlives the processes. Also the ``Clock`` of a daemon."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def now(self) -> datetime:
        return BEGINNING + timedelta(seconds=self.seconds)

    def monotonic(self) -> float:
        return self.seconds

    def at(self, seconds: float) -> datetime:
        """The wall clock at so many seconds."""
        return BEGINNING + timedelta(seconds=seconds)

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)


class Loop(asyncio.AbstractEventLoop):
    """One process."""

    def __init__(self, time: Time, random: Random) -> None:
        self._time = time
        self._random = random
        self.stride: Callable[[], float] = lambda: 0.0
        """By how many seconds timers may be late now: a machine that is in no hurry."""
        self._ready: list[asyncio.Handle] = []
        self._timers: list[tuple[float, int, asyncio.TimerHandle]] = []
        self._order = 0
        self._running = False
        self.killed = False
        self.steps = 0
        self.last_step: int | None = None
        """The process is killed after so many steps; None: it is not."""
        self.errors: list[str] = []
        """What no task of the process caught."""

    def run(self, coroutine: Coroutine[Any, Any, None]) -> None:
        """Until it has ended or the process is killed; then nothing of the process is left. Raises what it raised, and Stuck."""
        hooks = sys.get_asyncgen_hooks()
        sys.set_asyncgen_hooks(firstiter=lambda made: None, finalizer=lambda made: None)
        asyncio._set_running_loop(self)
        self._running = True
        try:
            task = self.create_task(coroutine)
            while not task.done() and not self.killed:
                self._turn()
            if task.done():
                task.result()
        finally:
            self.killed = True
            self._drop()
            self._running = False
            asyncio._set_running_loop(None)
            sys.set_asyncgen_hooks(*hooks)

    def kill(self) -> None:
        """As by signal 9: no step follows the one under way."""
        self.killed = True

    def watch(self, task: "asyncio.Task[Any]") -> None:
        """An error of this task, which nobody awaits, ends the process."""
        task.add_done_callback(self._ended)

    def _ended(self, task: "asyncio.Task[Any]") -> None:
        if not task.cancelled() and task.exception() is not None:
            self.errors.append(f"{task.exception()!r}")
            self.kill()

    def _turn(self) -> None:
        if not self._ready:
            self._jump()
        batch, self._ready = self._ready, []
        self._random.shuffle(batch)
        for place, handle in enumerate(batch, 1):
            if not handle.cancelled():
                handle._run()
                self.steps += 1
            if self.killed or self.steps == self.last_step:
                self.killed = True
                self._ready += batch[place:]
                return

    def _jump(self) -> None:
        while self._timers and self._timers[0][2].cancelled():
            heapq.heappop(self._timers)
        if not self._timers:
            raise Stuck("no task can go on and no timer is set")
        self._time.seconds = max(self._timers[0][0], self._time.seconds + self.stride())
        while self._timers and self._timers[0][0] <= self._time.seconds:
            self._ready.append(heapq.heappop(self._timers)[2])

    def _drop(self) -> None:
        """Ends the tasks where they stand. Clean-up that a killed process would not have done reaches nobody: its world has ended."""
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of tasks that had no step yet
            for task in asyncio.all_tasks(self):
                task._log_destroy_pending = False
                with suppress(Exception, asyncio.CancelledError):
                    task.get_coro().close()
        self._ready.clear()
        self._timers.clear()

    # -- what asyncio asks of a loop

    def time(self) -> float:
        return self._time.seconds

    def call_soon(self, callback: Callable[..., object], *args: Any, context: Context | None = None) -> asyncio.Handle:
        handle = asyncio.Handle(callback, args, self, context)
        self._ready.append(handle)
        return handle

    call_soon_threadsafe = call_soon

    def call_later(self, delay: float, callback: Callable[..., object], *args: Any, context: Context | None = None) -> asyncio.TimerHandle:
        return self.call_at(self.time() + delay, callback, *args, context=context)

    def call_at(self, when: float, callback: Callable[..., object], *args: Any, context: Context | None = None) -> asyncio.TimerHandle:
        handle = asyncio.TimerHandle(when, callback, args, self, context)
        self._order += 1
        heapq.heappush(self._timers, (when, self._order, handle))
        return handle

    def _timer_handle_cancelled(self, handle: asyncio.TimerHandle) -> None:
        pass

    def create_future(self) -> "asyncio.Future[Any]":
        return asyncio.Future(loop=self)

    def create_task(self, coro: Any, **options: Any) -> "asyncio.Task[Any]":
        return asyncio.Task(coro, loop=self, **options)

    def get_task_factory(self) -> None:
        return None

    def get_debug(self) -> bool:
        return False

    def is_running(self) -> bool:
        return self._running

    def is_closed(self) -> bool:
        return self.killed

    def call_exception_handler(self, context: dict[str, Any]) -> None:
        if not self.killed:
            self.errors.append(f"{context.get('message')}: {context.get('exception')!r}")
