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

import httptools
import uvicorn
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from uvicorn.server import ServerState

from spyglass.receive.front import FirstBytes, Notices, Peers, Spoken, Taker, hand_to, hang_up
from spyglass.receive.http import HttpApp
from spyglass.receive.limits import Limits
from spyglass.receive.settings import HttpSettings
from spyglass.receive.wrong_port import GrpcAnswer

__all__ = ["HttpPort"]

_FULL: Final = b"HTTP/1.1 503 Service Unavailable\r\nretry-after: 1\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"
_LATE: Final = b"HTTP/1.1 408 Request Timeout\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"
_LONG: Final = b"HTTP/1.1 431 Request Header Fields Too Large\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"
_MAX_HEAD_BYTES: Final = 64 * 1024
_OFFER: Final = frozenset({b"upgrade", b"connection", b"http2-settings"})
_HANDSHAKE_S: Final = 10.0
_GOODBYE_S: Final = 1.0  # clients with an idle connection do not answer TLS's goodbye before they use it again
_GRACE_S: Final = 1.0  # the app notices a slow body itself, and answers better


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
                return hand_to(_Http1(self._config, self._state, self._limits.read_timeout_s))
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


class _Http1(HttpToolsProtocol):
    """uvicorn's protocol, with three differences.

    Its patience ends: uvicorn waits for ever for the rest of a request. Its memory too: uvicorn takes headers of any length.
    A request that also offers an upgrade (Java's client offers HTTP/2 so) is read as the HTTP/1.1 request that it is: httptools takes its body for the other
    protocol, and the app would acknowledge an empty one.
    """

    def __init__(self, config: uvicorn.Config, server_state: ServerState, timeout_s: float) -> None:
        super().__init__(config, server_state, {})
        self.access_log = False
        self._timeout_s = timeout_s + _GRACE_S
        self._timer: asyncio.TimerHandle | None = None
        self._in_head = False
        self._head_bytes = 0

    def data_received(self, data: bytes) -> None:
        self._unset_keepalive_if_required()
        head = self.headers
        try:
            self.parser.feed_data(data)
        except httptools.HttpParserUpgrade as upgrade:
            if self._offers_upgrade():
                self._decline_upgrade(data[upgrade.args[0] :])
            else:
                self.cycle.keep_alive = False  # CONNECT, which the app refuses; what follows is not HTTP
        except httptools.HttpParserError:
            self.send_400_response("this is not HTTP/1.1")
        if self._in_head and self.headers is head:  # uvicorn makes a new list for each request: this one has gone on for all of the data
            self._head_bytes += len(data)
            if self._head_bytes > _MAX_HEAD_BYTES:
                self.transport.write(_LONG)
                self.transport.close()

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._head_bytes = 0
        self._stop_waiting()
        self._in_head = True
        self._timer = self.loop.call_later(self._timeout_s, self._late)

    def on_headers_complete(self) -> None:
        if not self._offers_upgrade():
            super().on_headers_complete()
            self._in_head = False

    def on_message_complete(self) -> None:
        if not self._offers_upgrade():
            super().on_message_complete()
            self._stop_waiting()

    def connection_lost(self, exc: Exception | None) -> None:
        super().connection_lost(exc)
        self._stop_waiting()

    def _offers_upgrade(self) -> bool:
        return bool(self.parser.should_upgrade()) and self.parser.get_method() != b"CONNECT"

    def _decline_upgrade(self, rest: bytes) -> None:
        """Read the request again, without its offer."""
        close = any(name == b"connection" and b"close" in value.lower() for name, value in self.headers)
        headers = [(name, value) for name, value in self.headers if name not in _OFFER] + ([(b"connection", b"close")] if close else [])
        line = b" ".join((self.parser.get_method(), self.url, b"HTTP/" + self.parser.get_http_version().encode()))
        self.parser = httptools.HttpRequestParser(self)
        self.parser.set_dangerous_leniencies(lenient_data_after_close=True)  # as uvicorn does
        self.data_received(b"\r\n".join((line, *(name + b": " + value for name, value in headers), b"", rest)))

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
