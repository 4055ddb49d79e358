"""A model on a socket in a thread of its own, for tests whose other side is a child process."""

import asyncio
import threading
from contextlib import contextmanager

from running import until


@contextmanager
def serving(served):
    """``served`` is an async context manager that gives an address; ends with what it found wrong with our requests."""
    address, loop, ended = [], asyncio.new_event_loop(), []

    async def serve():
        async with served as url:
            address.append(url)
            await stop.wait()

    def run():
        try:
            loop.run_until_complete(serve())
        except BaseException as error:
            ended.append(error)
        finally:
            loop.close()

    stop = asyncio.Event()
    thread = threading.Thread(target=run)
    thread.start()
    until(lambda: address or ended)
    try:
        yield address[0]
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join(10)
    assert ended == []
