"""``POST /trigger-scan``: a sweep now, for who has the admin token; without that setting there is no such route."""

import hmac
import json
from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from triaged.core import duration
from triaged.errors import Rejected

Scan = Callable[[timedelta | None, Sequence[str]], Awaitable[str]]

_MOST = 10_000


def routes(scan: Scan, tokens: Sequence[str]) -> list[Route]:
    """``scan(since, log_groups)`` starts a sweep and gives its id; ``since`` None: from where it stands."""

    async def trigger(request: Request) -> Response:
        given = request.headers.get("authorization", "").removeprefix("Bearer ").encode()
        if not any(hmac.compare_digest(given, token.encode()) for token in tokens):
            return Response("Authorization: Bearer, and the admin token\n", 401)
        try:
            since, groups = _asked(await _body(request))
        except Rejected as error:
            return Response(f"{error}\n", 422)
        return Response(json.dumps({"id": await scan(since, groups)}), 202, media_type="application/json")

    return [Route("/trigger-scan", trigger, methods=["POST"])] if tokens else []


async def _body(request: Request) -> bytes:
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > _MOST:
            raise Rejected(f"a body may have {_MOST:,} bytes")
    return body


def _asked(body: bytes) -> tuple[timedelta | None, list[str]]:
    try:
        asked = json.loads(body or b"{}")
    except (ValueError, RecursionError):
        raise Rejected('not JSON; send {"since": "1h", "log_groups": []}, or nothing') from None
    if not isinstance(asked, dict) or set(asked) - {"since", "log_groups"}:
        raise Rejected('only "since" and "log_groups" are understood')
    groups = asked.get("log_groups", [])
    if not isinstance(groups, list) or not all(isinstance(group, str) for group in groups):
        raise Rejected('"log_groups" is a list of names')
    since = asked.get("since")
    return (None if since is None else duration.read(str(since))), groups
