"""AWS through aiobotocore: credentials, signing and retries are its own, errors are ours.

Region, endpoint and credentials come from AWS's own variables, files and roles (``AWS_REGION``, ``AWS_ENDPOINT_URL``, a task's role).
Nothing is imported and nobody is asked before the first call: aiobotocore costs 29 MiB.
"""

from collections.abc import Mapping
from contextlib import AsyncExitStack
from typing import Any

import anyio

from triaged import __version__
from triaged.errors import Refused, Unavailable

_CONNECT, _READ = 5, 15
"""Seconds."""
_ATTEMPTS = 2
"""A kept connection may have been closed meanwhile, so one repeat; who calls us decides about more."""
_VARIABLES = {"region": ("region", ["AWS_REGION", "AWS_DEFAULT_REGION"], None, None)}
"""botocore by itself reads the second one only."""

_THROTTLED = ("Throttling", "TooManyRequests", "RequestLimitExceeded", "LimitExceeded", "ProvisionedThroughputExceeded", "SlowDown")
_DENIED = ("AccessDenied", "UnauthorizedOperation", "KMSAccessDenied")
_CREDENTIALS = ("ExpiredToken", "UnrecognizedClient", "InvalidClientTokenId", "InvalidSignature", "MissingAuthenticationToken")


class Client:
    """One service. Who makes it closes it; until the first call there is nothing to close."""

    def __init__(self, service: str) -> None:
        self._service = service
        self._stack = AsyncExitStack()
        self._client: Any = None
        self._opening = anyio.Lock()

    @property
    def region(self) -> str:
        """Where we are; empty until the first call."""
        return str(self._client.meta.region_name) if self._client else ""

    async def read(self, operation: str, about: str, permission: str, **asked: Any) -> Mapping[str, Any]:
        """The answer to ``operation`` (``filter_log_events``), which must only read.

        ``about`` names what is asked for and ``permission`` what it needs (``logs:FilterLogEvents``), for people. Raises Unavailable,
        and Refused where the service does not take what we ask.
        """
        from botocore.exceptions import BotoCoreError, ClientError, NoCredentialsError
        from botocore.parsers import ResponseParserError

        client = await self._opened(about)
        try:
            answer: Mapping[str, Any] = await getattr(client, operation)(**asked)
        except ClientError as error:
            raise _ours(error.response, about, permission) from error
        except NoCredentialsError as error:
            needs = f"a role, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, with {permission}"
            raise Unavailable(f"{about}: there are no AWS credentials; it needs {needs}") from error
        except (BotoCoreError, ResponseParserError) as error:
            raise Unavailable(f"{about}: AWS cannot be asked: {error}") from error
        return answer

    async def close(self) -> None:
        await self._stack.aclose()

    async def _opened(self, about: str) -> Any:
        async with self._opening:
            if self._client is None:
                self._client = await self._open(about)
        return self._client

    async def _open(self, about: str) -> Any:
        from aiobotocore.config import AioConfig
        from aiobotocore.session import get_session
        from botocore.exceptions import BotoCoreError

        config = AioConfig(
            connect_timeout=_CONNECT,
            read_timeout=_READ,
            retries={"mode": "standard", "total_max_attempts": _ATTEMPTS},
            user_agent_extra=f"triaged/{__version__}",
        )
        try:
            return await self._stack.enter_async_context(get_session(_VARIABLES).create_client(self._service, config=config))
        except (BotoCoreError, ValueError) as error:  # no region, or an endpoint that is no address
            raise Unavailable(f"{about}: AWS cannot be asked: {error} (AWS_REGION says where)") from error


def _ours(answer: Mapping[str, Any], about: str, permission: str) -> Unavailable | Refused:
    code = str(answer.get("Error", {}).get("Code", ""))
    status = answer.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
    if code.startswith(_THROTTLED):
        return Unavailable(f"{about}: AWS asks us to slow down ({code})")
    if code.startswith(_DENIED):
        return Unavailable(f"{about}: AWS denies it ({code}); the role or user that triaged runs as needs {permission} there")
    if code.startswith(_CREDENTIALS):
        return Unavailable(f"{about}: AWS does not take our credentials ({code}); it needs ones that are valid, with {permission}")
    if code.startswith("ResourceNotFound"):
        return Unavailable(f"{about}: there is no such thing in this account and region ({code}), or {permission} does not reach it")
    if status >= 500:
        return Unavailable(f"{about}: AWS failed ({code or status})")
    return Refused(f"{about}: AWS refuses ({code}): {str(answer.get('Error', {}).get('Message', ''))[:300]}")
