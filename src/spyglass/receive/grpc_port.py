"""The OTLP/gRPC port: a look at the first bytes, then a pipe to the gRPC server, which listens on a private socket.

In: listening sockets. Out: calls for the gRPC server; for clients that came to the wrong port, an answer that says so.
gRPC itself would hang up on them, and offers no place to look before it accepts a connection.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import os
import socket
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

import structlog

from spyglass.receive.front import FirstBytes, Notices, Peers, Spoken, Taker, hand_to, hang_up
from spyglass.receive.grpc import Credentials, GrpcServer
from spyglass.receive.intake import Intake
from spyglass.receive.pipe import Pipe
from spyglass.receive.wrong_port import GrpcAnswer, HttpAnswer

__all__ = ["GrpcPort"]

log = structlog.get_logger()

_MAX_PATH: Final = 80  # of a folder for sockets, whose whole path the kernel limits to 104 bytes or a few more
_BUFFER_BYTES: Final = 1024 * 1024  # room for a usual message, so that the pipe seldom waits; the kernel gives what it allows
_CLOSE_S: Final = 1.0
_WANTS_TLS: Final = "this port wants TLS: send to https://"


class GrpcPort:
    """The gRPC server behind its front."""

    def __init__(self, intake: Intake, ready: Callable[[], bool], credentials: Credentials | None) -> None:
        self._limits = intake.limits
        self._server = GrpcServer(intake, self._client_of, ready)
        self._credentials = credentials
        self._notices = Notices("grpc")
        self._folder = _private_folder()
        self._address = str(Path(self._folder.name) / "grpc")
        self._peers = Peers()
        self._names = itertools.count()
        self._pipes: dict[str, tuple[Pipe, str]] = {}  # by name; with the client's address
        self._no_pipes = asyncio.Event()
        self._no_pipes.set()
        self._listeners: list[asyncio.Server] = []

    async def start(self, sockets: Sequence[socket.socket], wrong_port: str) -> None:
        """Serve on these sockets. `wrong_port` is what an HTTP/1 client is told."""
        self._wrong_port = wrong_port
        await self._server.start(f"unix:{self._address}", self._credentials)
        loop = asyncio.get_running_loop()
        for one in sockets:
            self._listeners.append(await loop.create_server(self._first_bytes, sock=one))

    async def stop(self, timeout_s: float) -> None:
        """Take no more connections, finish what is under way."""
        for listener in self._listeners:
            listener.close()
        await self._peers.close(_CLOSE_S)
        await self._server.stop(timeout_s)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_CLOSE_S):
                await self._no_pipes.wait()  # the server has hung up; what it said last is on its way
        for pipe, _ in list(self._pipes.values()):
            pipe.end()
        self._folder.cleanup()

    def _first_bytes(self) -> FirstBytes:
        limits = self._limits
        free = limits.max_connections - len(self._pipes)
        return FirstBytes(self._choose, self._peers, self._notices, max_peers=free, timeout_s=limits.keep_alive_s)

    def _choose(self, kind: Spoken, client: str) -> Taker:
        if kind == ("tls" if self._credentials else "http2"):
            return lambda transport, first: self._join(transport, first, client)
        text = _WANTS_TLS if self._credentials else self._wrong_port
        self._notices.wrong("http" if kind == "http1" else kind, client, text)
        match kind:
            case "http1":
                return hand_to(HttpAnswer(text, self._peers))
            case "http2":
                return hand_to(GrpcAnswer(text, self._peers))
            case "tls":
                return hang_up

    def _join(self, transport: asyncio.Transport, first: bytes, client: str) -> None:
        """Take the socket from its transport and join it to a new connection to the server."""
        name = str(next(self._names))
        with contextlib.ExitStack() as undo:
            try:
                outer = socket.socket(fileno=os.dup(transport.get_extra_info("socket").fileno()))
                undo.callback(outer.close)
                inner = self._dial(name)
            except OSError as error:
                log.warning("no connection to the grpc server", client=client, error=error.strerror)
                return
            finally:
                transport.abort()  # closes its descriptor; the connection lives on in ours
            undo.pop_all()
        outer.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        pipe = Pipe(outer, inner, lambda: self._ended(name))
        self._pipes[name] = pipe, client
        self._no_pipes.clear()
        pipe.start(first)

    def _dial(self, name: str) -> socket.socket:
        """A connection from a socket with a name of its own, by which the server's calls tell which client they are from."""
        inner = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        path = Path(self._folder.name) / name
        try:
            inner.setblocking(False)
            inner.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _BUFFER_BYTES)
            inner.bind(str(path))
            inner.connect(self._address)
        except BaseException:
            inner.close()
            raise
        finally:
            path.unlink(missing_ok=True)  # the name stays with the socket
        return inner

    def _ended(self, name: str) -> None:
        del self._pipes[name]
        if not self._pipes:
            self._no_pipes.set()

    def _client_of(self, peer: str) -> str:
        joined = self._pipes.get(peer.rpartition("/")[2])
        return joined[1] if joined else ""


def _private_folder() -> tempfile.TemporaryDirectory[str]:
    """A folder that only this user can enter."""
    folder = tempfile.TemporaryDirectory(prefix="spyglass-")
    if len(folder.name) <= _MAX_PATH:
        return folder
    folder.cleanup()
    return tempfile.TemporaryDirectory(prefix="spyglass-", dir="/tmp")
