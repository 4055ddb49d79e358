#: named: 0
#: chain:
#: - {type: ExceptionGroup, message: unhandled errors in a TaskGroup (2 sub-exceptions), frames: main ... gather ...}
#: - {type: LookupError, message: no stock for A-1, frames: stock}
#: - {type: TimeoutError, message: carrier did not answer, frames: carrier}
import asyncio


async def stock(sku):
    await asyncio.sleep(0)
    raise LookupError(f"no stock for {sku}")  #@ stock stock


async def carrier():
    await asyncio.sleep(0)
    raise TimeoutError("carrier did not answer")  #@ carrier carrier


async def place(order):
    async with asyncio.TaskGroup() as group:  #@ gather place
        group.create_task(stock(order))
        group.create_task(carrier())


asyncio.run(place("A-1"))  #@ main <module>
