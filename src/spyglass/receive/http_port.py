"""The OTLP/HTTP port: uvicorn, and before it the look at the first bytes.

In: listening sockets. Out: requests for the ASGI app; for clients that came to the wrong port, an answer that says so.
"""

from __future__ import annotations

import asyncio
import math
import socket
import ssl
from collections.abc import Sequence
from email.utils import formatdate
from typing import Any, Final, cast

import uvicorn
from uvicorn.server import ServerState

from spyglass.receive.front import FirstBytes, Notices, Peers, Spoken, Taker, hand_to, hang_up
from spyglass.receive.http import HttpApp
from spyglass.receive.http1 import Http1
from spyglass.receive.limits import Limits
from spyglass.receive.settings import HttpSettings
from spyglass.receive.wrong_port import GrpcAnswer

__all__ = ["HttpPort"]

_FULL: Final = b"HTTP/1.1 503 Service Unavailable\r\nretry-after: 1\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"
_HANDSHAKE_S: Final = 10.0
_GOODBYE_S: Final = 1.0  # clients with an idle connection do not answer TLS's goodbye before they use it again


class HttpPort:
    """uvicorn's protocol and the app, inside the running loop."""

    def __init__(self, app: HttpApp, settings: HttpSettings, limits: Limits, tls: ssl.SSLContext | None) -> None:
        self._limits = limits
        self._tls: dict[str, Any] = {"ssl": tls, "ssl_handshake_timeout": _HANDSHAKE_S, "ssl_shutdown_timeout": _GOODBYE_S} if tls else {}
        self._config = _config(app, settings, limits)
        self._peers = Peers()
        self._state = ServerState()
        self._state.connections = cast("Any", self._peers)
        self._notices = Notices("http")
        self._listeners: list[asyncio.Server] = []
        self._ticking: asyncio.TimerHandle | None = None

    async def start(self, sockets: Sequence[socket.socket], wrong_port: str) -> None:
        """Serve on these sockets. `wrong_port` is what a gRPC client is told."""
        self._wrong_port = wrong_port
        self._config.load()
        self._tick()
        loop = asyncio.get_running_loop()
        for one in sockets:
            self._listeners.append(await loop.create_server(self._first_bytes, sock=one, **self._tls))

    async def stop(self, timeout_s: float) -> None:
        """Take no more connections, finish what is under way; what takes longer is told to come back."""
        for listener in self._listeners:
            listener.close()
        closing = asyncio.create_task(self._peers.close(timeout_s + _GOODBYE_S), name="receive http close")
        tasks = self._state.tasks
        late = (await asyncio.wait(set(tasks), timeout=timeout_s))[1] if tasks else set()
        for task in late:
            task.cancel()
        await closing
        if self._ticking is not None:
            self._ticking.cancel()

    def _tick(self) -> None:
        """Keep the date of the answers right."""
        self._state.default_headers = [(b"date", formatdate(usegmt=True).encode())]
        self._ticking = asyncio.get_running_loop().call_later(1.0, self._tick)

    def _first_bytes(self) -> FirstBytes:
        limits = self._limits
        return FirstBytes(self._choose, self._peers, self._notices, max_peers=limits.max_connections, timeout_s=limits.keep_alive_s, full=_FULL)

    def _choose(self, kind: Spoken, client: str) -> Taker:
        match kind:
            case "http1":
                return hand_to(Http1(self._config, self._state, timeout_s=self._limits.read_timeout_s))
            case "http2":
                self._notices.wrong("grpc", client, self._wrong_port)
                return hand_to(GrpcAnswer(self._wrong_port, self._peers))
            case "tls":
                self._notices.wrong("tls", client, "this port has no TLS: send to http://, or set receive.tls_certificate and receive.tls_key")
                return hang_up


def _config(app: HttpApp, settings: HttpSettings, limits: Limits) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        http="httptools",
        ws="none",
        lifespan="off",
        interface="asgi3",
        log_config=None,
        server_header=False,
        proxy_headers=bool(settings.trusted_proxies),
        forwarded_allow_ips=list(settings.trusted_proxies),
        timeout_keep_alive=math.ceil(limits.keep_alive_s),
    )
