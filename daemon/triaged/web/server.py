"""uvicorn as a task of ours: no signal handlers, no log lines of its own."""

import contextlib
import logging
import socket
from collections.abc import Iterator
from typing import Any

import uvicorn

from triaged.errors import WrongUse

_SECONDS_TO_FINISH = 5
_BACKLOG = 2048


class _Server(uvicorn.Server):
    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield  # signals are the app's business


def bind(host: str, port: int, key: str) -> socket.socket:
    """A listening socket. Raises WrongUse that names the setting ``key``."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listening = socket.socket(family, socket.SOCK_STREAM)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((host, port))
        listening.listen(_BACKLOG)  # callers wait from here on, rather than be refused until the first turn of the loop
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
            http="httptools",
            ws="none",
            lifespan="off",
            log_config=None,
            access_log=False,
            server_header=False,
            backlog=_BACKLOG,
            timeout_keep_alive=75,  # longer than the 60 s of a load balancer, or it answers 502
            timeout_graceful_shutdown=_SECONDS_TO_FINISH,
        )
        for name in ("uvicorn", "uvicorn.error"):
            logging.getLogger(name).setLevel(logging.CRITICAL)
        self._server = _Server(config)
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
