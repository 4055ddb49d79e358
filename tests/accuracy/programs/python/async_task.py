#: type: ValueError
#: message: "not enough values to unpack (expected 3, got 2)"
#: frames: main ... serve handle split
import asyncio


class Line:
    def split(self, text):
        name, price, count = text.split(",")  #@ split split
        return name, price, count


async def handle(text):
    await asyncio.sleep(0)
    return Line().split(text)  #@ handle handle


async def serve():
    return await asyncio.create_task(handle("tea,3"))  #@ serve serve


asyncio.run(serve())  #@ main <module>
