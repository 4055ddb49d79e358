"""What Prometheus, load balancers and the container's health check ask for."""

import json
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from prometheus_client.exposition import choose_encoder
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from triaged.metrics import Metrics


def routes(
    health: Callable[[], Mapping[str, Any]], ready: Callable[[], Awaitable[bool]], metrics: Metrics, scrape: Callable[[], None]
) -> list[Route]:
    """``health`` never fails because a peer is down: a restart would not mend that. ``scrape`` brings gauges up to date."""

    async def get_health(request: Request) -> Response:
        return Response(json.dumps(health(), default=str), media_type="application/json")

    async def get_ready(request: Request) -> Response:
        if await ready():
            return Response("ready\n", media_type="text/plain")
        return Response("the journal cannot commit\n", status_code=503, media_type="text/plain", headers={"Retry-After": "10"})

    async def get_metrics(request: Request) -> Response:
        scrape()
        encode, content_type = choose_encoder(request.headers.get("accept", ""))
        return Response(encode(metrics.registry), headers={"Content-Type": content_type})

    return [Route("/health", get_health), Route("/ready", get_ready), Route("/metrics", get_metrics)]
