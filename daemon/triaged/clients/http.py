"""HTTP over aiohttp, with every answer classified: surely not applied, lost, or there. The session opens on first use."""

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from triaged import __version__
from triaged.errors import Refused, Unavailable, Unknown
from triaged.ports import Answer, Tools

if TYPE_CHECKING:
    import aiohttp


class Client:
    """See ``ports.Http``."""

    def __init__(self) -> None:
        self._session: aiohttp.ClientSession | None = None

    async def send(
        self, method: str, url: str, *, headers: Mapping[str, str], body: bytes | None = None, seconds: float = 10, most: int = 8_000_000
    ) -> Answer:
        import aiohttp  # 8 MiB, for nothing where nobody is asked

        if self._session is None:
            self._session = aiohttp.ClientSession(headers={"User-Agent": f"triaged/{__version__}"}, cookie_jar=aiohttp.DummyCookieJar())
        limits = aiohttp.ClientTimeout(total=seconds, sock_connect=min(seconds, 5))
        try:
            async with self._session.request(method, url, headers=headers, data=body, timeout=limits, allow_redirects=False) as answer:
                return Answer(answer.status, {name.lower(): value for name, value in answer.headers.items()}, await _within(answer, most))
        except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError, aiohttp.InvalidURL) as error:
            raise Unavailable(f"{_host(url)} cannot be reached: {type(error).__name__}") from error
        except (aiohttp.ClientError, TimeoutError) as error:
            raise Unknown(f"{_host(url)} gave no answer: {type(error).__name__}") from error

    async def close(self) -> None:
        if self._session is not None:
            await self._session.close()


async def post_json(tools: Tools, name: str, url: str, payload: object, headers: Mapping[str, str]) -> Any:
    """A write whose answer is JSON. Raises Refused, Unavailable or Unknown, each with ``name`` for people."""
    body = json.dumps(payload).encode()
    answer = await tools.http.send("POST", url, headers={**headers, "Content-Type": "application/json"}, body=body)
    if answer.status == 429 or answer.status == 503:
        raise Unavailable(f"{name} asks us to wait ({answer.status})")
    if answer.status >= 500:
        raise Unknown(f"{name} failed ({answer.status})")
    if answer.status >= 300:
        raise Refused(f"{name} refuses ({answer.status}): {answer.body[:300].decode('utf-8', 'replace')}")
    try:
        return json.loads(answer.body)
    except ValueError as error:
        raise Unknown(f"{name} answered {answer.status} with what is no JSON") from error


async def _within(answer: "aiohttp.ClientResponse", most: int) -> bytes:
    body = await answer.content.read(most + 1) if answer.content_length is None or answer.content_length <= most else b""
    while len(body) <= most and not answer.content.at_eof():
        body += await answer.content.read(most + 1 - len(body))
    if len(body) > most or (answer.content_length or 0) > most:
        raise Unknown(f"the answer is larger than {most:,} bytes")
    return body


def _host(url: str) -> str:
    """For messages: never the path or the query, where secrets may stand."""
    return url.partition("://")[2].partition("/")[0].rpartition("@")[2]
