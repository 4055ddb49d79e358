#: type: OSError
#: message: "[Errno 28] No space left on device: '/var/spool/mail.tmp'"
#: frames: spool
import asyncio
import errno
import gc


async def spool():
    raise OSError(errno.ENOSPC, "No space left on device", "/var/spool/mail.tmp")  #@ spool spool


async def serve():
    task = asyncio.create_task(spool())
    await asyncio.sleep(0.01)
    del task
    gc.collect()
    await asyncio.sleep(0.01)


asyncio.run(serve())
