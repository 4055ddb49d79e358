"""uvicorn as a task of ours: no signal handlers, no log lines of its own, its connections watched."""

import asyncio
import contextlib
import logging
import resource
import socket
from collections.abc import Iterator
from typing import Any

import uvicorn

from triaged.errors import WrongUse
from triaged.web.connection import Connection, Table

_SECONDS_TO_FINISH = 5
_SEATS = 2_000
_BACKLOG = 1_000
_FILES = 8_192
"""That we ask to be allowed, where it is fewer."""


class _Server(uvicorn.Server):
    def __init__(self, config: uvicorn.Config, table: Table) -> None:
        super().__init__(config)
        self.server_state = self._table = table

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield  # signals are the app's business

    async def on_tick(self, counter: int) -> bool:
        """Ten times a second."""
        self._table.tick(asyncio.get_running_loop().time())
        return await super().on_tick(counter)


def bind(host: str, port: int, key: str) -> socket.socket:
    """A listening socket. Raises WrongUse that names the setting ``key``."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listening = socket.socket(family, socket.SOCK_STREAM)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((host, port))
        listening.listen(_room(_BACKLOG))  # callers wait from here on, rather than be refused until the first turn of the loop
    except (OSError, OverflowError) as error:
        listening.close()
        raise WrongUse(f"{key}={port}: {host}:{port} cannot be listened on ({error}); choose another") from error
    listening.set_inheritable(False)
    return listening


class Server:
    """One listener. ``stop`` lets requests under way finish, for a few seconds."""

    def __init__(self, app: Any, listening: socket.socket) -> None:
        config = uvicorn.Config(
            app,
            loop="none",
            http=Connection,
            ws="none",
            lifespan="off",
            log_config=None,
            access_log=False,
            server_header=False,
            proxy_headers=False,  # whom to believe is core.door's business
            backlog=_room(_BACKLOG),
            timeout_graceful_shutdown=_SECONDS_TO_FINISH,
        )
        for name in ("uvicorn", "uvicorn.error"):
            logging.getLogger(name).setLevel(logging.CRITICAL)
        self._server = _Server(config, Table(_room(_SEATS)))
        self._listening = listening

    @property
    def address(self) -> str:
        host, port = self._listening.getsockname()[:2]
        return f"http://{f'[{host}]' if ':' in host else host}:{port}"

    async def serve(self) -> None:
        with self._listening:
            await self._server.serve(sockets=[self._listening])

    def stop(self) -> None:
        self._server.should_exit = True


def _room(wanted: int) -> int:
    """So many connections, or a fifth of the files that this process may have open. They are of two kinds, those with a seat and
    those that wait to be let in, and there may be two listeners: a fifth is left for everything else.
    """
    files, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    if 0 <= files < _FILES:
        files = _FILES if most == resource.RLIM_INFINITY else max(files, min(most, _FILES))
        resource.setrlimit(resource.RLIMIT_NOFILE, (files, most))
    return wanted if files == resource.RLIM_INFINITY else min(wanted, files // 5)
