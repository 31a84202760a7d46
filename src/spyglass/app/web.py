"""The web port: the API (and later the app) on uvicorn, in the running loop."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from typing import Final

import uvicorn
from starlette.types import ASGIApp

from spyglass.receive.http1 import Http1
from spyglass.receive.sockets import bind

__all__ = ["serving_web"]

_STOP_TIMEOUT_S: Final = 5


class _Server(uvicorn.Server):
    """Signals are the lifecycle's business; `listening` is done when the port answers."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.listening = asyncio.Event()

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Capture none."""
        yield

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """As uvicorn does, and tell."""
        await super().startup(sockets)
        self.listening.set()


@asynccontextmanager
async def serving_web(app: ASGIApp, hosts: Sequence[str], port: int) -> AsyncIterator[int]:
    """Serve `app` for as long as the block runs; gives the port.

    Raises:
        ConfigError: the port or a host cannot be used.
    """
    sockets = await bind(tuple(hosts), port, "http_port")
    config = uvicorn.Config(
        app,
        http=Http1,
        ws="websockets-sansio",
        ws_per_message_deflate=False,
        ws_ping_interval=15,
        ws_ping_timeout=15,
        ws_max_size=131_072,
        lifespan="off",
        access_log=False,
        log_config=None,
        timeout_graceful_shutdown=_STOP_TIMEOUT_S,
        server_header=False,
    )
    server = _Server(config)
    task = asyncio.create_task(server.serve(sockets=sockets), name="web")
    try:
        await server.listening.wait()
        yield int(sockets[0].getsockname()[1])
    finally:
        server.should_exit = True
        await task
        _close(sockets)


def _close(sockets: Sequence[socket.socket]) -> None:
    for one in sockets:
        one.close()
