"""What everything is compared with: a Starlette route that answers 202 and does nothing else, on uvicorn as triaged runs it."""

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route


async def _accepted(request: Request) -> Response:
    return Response(status_code=202)


app = Starlette(routes=[Route("/webhook/sentry", _accepted, methods=["POST"])])
