"""The model on a real loopback socket, in AWS's JSON protocol: https://smithy.io/2.0/aws/protocols/aws-json-1_1-protocol.html

async with served(logs) as url:
    ...  # a client whose endpoint is url
"""

import asyncio
import itertools
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from aiohttp import web

from .faults import Response
from .model import CloudWatch
from .schema import WrongRequests

_MEDIA = "application/x-amz-json-1.1"
_TARGET = "Logs_20140328."


@asynccontextmanager
async def served(logs: CloudWatch) -> AsyncIterator[str]:
    """Gives the endpoint. Ends with WrongRequests where ``logs.findings`` are left."""
    runner = web.ServerRunner(web.Server(_Door(logs).enter, handler_cancellation=True, access_log=None), shutdown_timeout=0)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    try:
        await site.start()
        yield "http://{}:{}".format(*runner.addresses[0][:2])
    finally:
        await runner.cleanup()
    if logs.findings:
        raise WrongRequests("; ".join(logs.findings[:10]))


class _Door:
    def __init__(self, logs: CloudWatch) -> None:
        self._logs = logs
        self._ids = itertools.count(1)

    async def enter(self, request: web.BaseRequest) -> web.StreamResponse:
        body = await request.content.read()
        response = self._handle(request, body)
        if response.hangs:
            await asyncio.Event().wait()  # ends when the client goes away
        if response.lost:
            if request.transport is not None:
                request.transport.close()
            return web.Response()
        headers = {"content-type": _MEDIA, "x-amzn-RequestId": f"00000000-0000-4000-8000-{next(self._ids):012d}"}
        return web.Response(status=response.status, body=json.dumps(response.payload).encode(), headers=headers)

    def _handle(self, request: web.BaseRequest, body: bytes) -> Response:
        try:
            target = request.headers.get("X-Amz-Target", "")
            if request.method != "POST" or request.headers.get("Content-Type") != _MEDIA or not target.startswith(_TARGET):
                self._logs.findings.append(f"{request.method} {target!r} is not how AWS is asked")
            return self._logs.handle(target.removeprefix(_TARGET), json.loads(body), request.headers.get("Authorization", ""))
        except Exception as wrong:
            # an exception here would be a 500 to the client, which may well live with it: the test must hear of it
            self._logs.findings.append(f"{body[:200]!r}: {wrong!r}")
            raise
