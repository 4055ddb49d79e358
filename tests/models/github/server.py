"""The model on a real loopback socket.

async with served(github) as url:
    ...  # a client that is pointed at url
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from aiohttp import web

from .model import GitHub
from .schema import WrongRequests
from .wire import Request, Response


@asynccontextmanager
async def served(github: GitHub) -> AsyncIterator[str]:
    """Gives the address of the API. Ends with WrongRequests where ``github.findings`` are left."""
    runner = web.ServerRunner(web.Server(_Door(github).enter, handler_cancellation=True, access_log=None), shutdown_timeout=0)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    try:
        await site.start()
        host = "{}:{}".format(*runner.addresses[0][:2])
        github.move_to(f"http://{host}")
        yield github.api
    finally:
        await runner.cleanup()
    if github.findings:
        raise WrongRequests("; ".join(github.findings))


class _Door:
    def __init__(self, github: GitHub) -> None:
        self._github = github
        self._in_flight = 0

    async def enter(self, request: web.BaseRequest) -> web.StreamResponse:
        body = await request.content.read()
        headers = {name.lower(): value for name, value in request.headers.items()}
        self._in_flight += 1
        try:
            asked = Request(request.method, request.rel_url.raw_path_qs, headers, body)
            return await _send(request, self._handle(asked))
        finally:
            self._in_flight -= 1

    def _handle(self, asked: Request) -> Response:
        try:
            return self._github.handle(asked, in_flight=self._in_flight)
        except Exception as wrong:
            # an exception here would be a 500 to the client, which may well live with it: the test must hear of it
            self._github.findings.append(f"{asked.method} {asked.target}: {wrong!r}")
            raise


async def _send(request: web.BaseRequest, response: Response) -> web.StreamResponse:
    if response.hangs:
        await asyncio.Event().wait()  # ends when the client goes away
    if response.lost:
        return _broken(request)
    if response.sent is None and response.pace is None:
        return web.Response(status=response.status, headers=response.headers, body=response.body)
    stream = web.StreamResponse(status=response.status, headers=response.headers)
    stream.content_length = len(response.body)
    await stream.prepare(request)
    if response.pace is not None:
        for at in range(len(response.body)):
            await stream.write(response.body[at : at + 1])
            await asyncio.sleep(1 / response.pace)
        return stream
    await stream.write(response.body[: response.sent])
    return _broken(request)


def _broken(request: web.BaseRequest) -> web.StreamResponse:
    """The connection ends here."""
    if request.transport is not None:
        request.transport.close()
    return web.Response()
