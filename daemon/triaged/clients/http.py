"""HTTP over aiohttp, with every answer classified: surely not applied, lost, or there. The session opens on first use."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from triaged import __version__
from triaged.errors import Unavailable, Unknown
from triaged.ports import Answer

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
