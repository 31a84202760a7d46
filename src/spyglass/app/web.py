"""The web port: the API and the web app on uvicorn, in the running loop, and before it the look at the first bytes.

In: connections. Out: requests for the app; for clients that came to the wrong port, an answer that says so.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from typing import Any, Final, cast

import uvicorn
from starlette.types import ASGIApp
from uvicorn.server import ServerState

from spyglass.receive.front import FirstBytes, Notices, Peers, Spoken, Taker, hand_to, hang_up
from spyglass.receive.http1 import Http1
from spyglass.receive.sockets import bind
from spyglass.receive.wrong_port import GrpcAnswer

__all__ = ["serving_web"]

_STOP_TIMEOUT_S: Final = 5
_SILENT_S: Final = 60.0  # browsers open connections before they need them
_MAX_CONNECTIONS: Final = 2_000
_FULL: Final = b"HTTP/1.1 503 Service Unavailable\r\nretry-after: 1\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"
_NO_TLS: Final = "this port has no TLS: open http://, or put a proxy with TLS before it"


class _Server(uvicorn.Server):
    """Signals are the lifecycle's business; `listening` is done when the port answers."""

    def __init__(self, config: uvicorn.Config, peers: Peers) -> None:
        super().__init__(config)
        self.listening = asyncio.Event()
        self.server_state.connections = cast("Any", peers)

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Capture none."""
        yield

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """As uvicorn does, and tell."""
        await super().startup(sockets)
        self.listening.set()


class _Door:
    """Makes the protocol of each connection. `elsewhere` says what a client of gRPC is told."""

    def __init__(self, peers: Peers, max_connections: int, elsewhere: Callable[[], str]) -> None:
        self._peers, self._max_connections, self._elsewhere = peers, max_connections, elsewhere
        self._notices = Notices("web")

    def __call__(
        self, config: uvicorn.Config, server_state: ServerState, app_state: dict[str, Any], _loop: asyncio.AbstractEventLoop | None = None
    ) -> asyncio.Protocol:
        """As uvicorn calls the class of its protocol."""

        def choose(kind: Spoken, client: str) -> Taker:
            match kind:
                case "http1":
                    return hand_to(Http1(config, server_state, app_state, _loop))
                case "http2":
                    text = self._elsewhere()
                    self._notices.wrong("grpc", client, text)
                    return hand_to(GrpcAnswer(text, self._peers))
                case "tls":
                    self._notices.wrong("tls", client, _NO_TLS)
                    return hang_up

        return FirstBytes(choose, self._peers, self._notices, max_peers=self._max_connections, timeout_s=_SILENT_S, full=_FULL)


@asynccontextmanager
async def serving_web(
    app: ASGIApp,
    hosts: Sequence[str],
    port: int,
    *,
    max_connections: int = _MAX_CONNECTIONS,
    elsewhere: Callable[[], str] = lambda: "this port speaks HTTP/1.1",
) -> AsyncIterator[int]:
    """Serve `app` for as long as the block runs; gives the port. `elsewhere` tells clients of gRPC (ASCII) where to go.

    Raises:
        ConfigError: the port or a host cannot be used.
    """
    sockets = await bind(tuple(hosts), port, "http_port")
    peers = Peers()
    config = uvicorn.Config(
        app,
        http=cast("Any", _Door(peers, max_connections, elsewhere)),
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
    server = _Server(config, peers)
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
