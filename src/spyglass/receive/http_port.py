"""The OTLP/HTTP port: uvicorn, and before it the look at the first bytes.

In: listening sockets. Out: requests for the ASGI app; for clients that came to the wrong port, an answer that says so.
"""

from __future__ import annotations

import asyncio
import contextlib
import math
import socket
import ssl
from collections.abc import Callable, Iterator, Sequence
from typing import Any, Final

import structlog
import uvicorn
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from spyglass.receive.front import FirstBytes, Notices, Spoken, Taker, hand_to, hang_up
from spyglass.receive.http import HttpApp
from spyglass.receive.limits import Limits
from spyglass.receive.settings import HttpSettings
from spyglass.receive.wrong_port import GrpcAnswer

__all__ = ["HttpPort"]

log = structlog.get_logger()

_FULL: Final = b"HTTP/1.1 503 Service Unavailable\r\nretry-after: 1\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"
_LATE: Final = b"HTTP/1.1 408 Request Timeout\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"
_HANDSHAKE_S: Final = 10.0
_GOODBYE_S: Final = 1.0  # clients with an idle connection do not answer TLS's goodbye before they use it again
_GRACE_S: Final = 1.0  # the app notices a slow body itself, and answers better


class HttpPort:
    """A uvicorn server inside the running loop; it leaves signals alone."""

    def __init__(self, app: HttpApp, settings: HttpSettings, limits: Limits, tls: ssl.SSLContext | None) -> None:
        self._app = app
        self._settings = settings
        self._limits = limits
        self._tls = tls
        self._task: asyncio.Task[None] | None = None

    async def start(self, sockets: Sequence[socket.socket], wrong_port: str, stop_timeout_s: float) -> None:
        """Serve on these sockets. `wrong_port` is what a gRPC client is told."""
        self._wrong_port = wrong_port
        self._notices = Notices("http")
        self._server = _Server(self._config(stop_timeout_s), self._first_bytes, self._tls)
        self._task = asyncio.create_task(self._server.serve(list(sockets)), name="receive http")
        self._task.add_done_callback(_ended)
        await self._server.listening

    async def stop(self) -> None:
        """Take no more connections, finish what is under way."""
        if self._task is not None:
            self._server.should_exit = True
            await asyncio.wait({self._task})

    def _config(self, stop_timeout_s: float) -> uvicorn.Config:
        return uvicorn.Config(
            self._app,
            http="httptools",
            ws="none",
            lifespan="off",
            interface="asgi3",
            log_config=None,
            server_header=False,
            proxy_headers=bool(self._settings.trusted_proxies),
            forwarded_allow_ips=list(self._settings.trusted_proxies),
            timeout_keep_alive=math.ceil(self._limits.keep_alive_s),
            timeout_graceful_shutdown=math.ceil(stop_timeout_s),
        )

    def _first_bytes(self) -> FirstBytes:
        limits, peers = self._limits, self._server.server_state.connections
        return FirstBytes(self._choose, peers, max_peers=limits.max_connections, timeout_s=limits.keep_alive_s, full=_FULL)

    def _choose(self, kind: Spoken, client: str) -> Taker:
        match kind:
            case "http1":
                return hand_to(_Patient(self._server.config, self._server.server_state, {}, self._limits.read_timeout_s))
            case "http2":
                self._notices.wrong("grpc", client, self._wrong_port)
                return hand_to(GrpcAnswer(self._wrong_port, self._server.server_state.connections))
            case "tls":
                self._notices.wrong("tls", client, "this port has no TLS: send to http://, or set receive.tls_certificate and receive.tls_key")
                return hang_up


def _ended(task: asyncio.Task[None]) -> None:
    if not task.cancelled() and (error := task.exception()) is not None:
        log.error("http port failed", exc_info=error)


class _Server(uvicorn.Server):
    """uvicorn's server, but it begins with the look at the first bytes, tells when it listens, and leaves signals alone."""

    def __init__(self, config: uvicorn.Config, first_bytes: Callable[[], FirstBytes], tls: ssl.SSLContext | None) -> None:
        super().__init__(config)
        self.listening = asyncio.get_running_loop().create_future()
        self._first_bytes = first_bytes
        self._tls: dict[str, Any] = {"ssl": tls, "ssl_handshake_timeout": _HANDSHAKE_S, "ssl_shutdown_timeout": _GOODBYE_S} if tls else {}

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        loop = asyncio.get_running_loop()
        try:
            self.servers = [await loop.create_server(self._first_bytes, sock=one, **self._tls) for one in sockets or []]
        except BaseException as error:
            self.listening.set_exception(error)
            raise
        self.started = True
        self.listening.set_result(None)

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


class _Patient(HttpToolsProtocol):
    """uvicorn's protocol, but with an end to its patience: it waits for ever for the rest of a request."""

    def __init__(self, config: uvicorn.Config, server_state: Any, app_state: dict[str, Any], timeout_s: float) -> None:
        super().__init__(config, server_state, app_state)
        self.access_log = False
        self._timeout_s = timeout_s + _GRACE_S
        self._timer: asyncio.TimerHandle | None = None
        self._in_head = False

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._in_head = True
        self._timer = self.loop.call_later(self._timeout_s, self._late)

    def on_headers_complete(self) -> None:
        super().on_headers_complete()
        self._in_head = False

    def on_message_complete(self) -> None:
        super().on_message_complete()
        self._stop_waiting()

    def connection_lost(self, exc: Exception | None) -> None:
        super().connection_lost(exc)
        self._stop_waiting()

    def _late(self) -> None:
        if self.flow.read_paused:  # it is we who do not read: an earlier request of the same connection is being worked on
            self._timer = self.loop.call_later(self._timeout_s, self._late)
            return
        if self._in_head and not self.transport.is_closing():
            self.transport.write(_LATE)
        self.transport.close()

    def _stop_waiting(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
