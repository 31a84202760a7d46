"""Answers to clients that came to the wrong port, in the protocol that they speak.

In: a connection and its first bytes. Out: one clear sentence, where the client's own error message will show it.
"""

from __future__ import annotations

import asyncio
from typing import Any, Final, cast

import h2.config
import h2.connection
import h2.events
import h2.exceptions

from spyglass.receive.front import Peers

__all__ = ["GrpcAnswer", "HttpAnswer"]

_LINGER_S: Final = 5.0
_MAX_CALLS: Final = 20
_MAX_BYTES: Final = 1024 * 1024  # many times what flow control lets a client send; h2 would wait for frames of up to 16 MiB before it calls them too long
_UNIMPLEMENTED: Final = b"12"  # of gRPC's codes the one that no client tries again, and whose text every client prints


class HttpAnswer(asyncio.Protocol):
    """Answers an HTTP/1 client with 400 and a text (ASCII), and reads what it is still sending: a connection closed too early would lose the answer."""

    def __init__(self, text: str, peers: Peers) -> None:
        self._text = text
        self._peers = peers
        self._answered = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin."""
        self.transport = cast("asyncio.Transport", transport)
        self._peers.add(self)
        self._timer = asyncio.get_running_loop().call_later(_LINGER_S, self.transport.close)

    def data_received(self, _data: bytes) -> None:
        """Answer once; ignore the rest."""
        if self._answered:
            return
        self._answered = True
        body = f"{self._text}\n"
        # The text is the reason phrase too: that, and not the body, is what OpenTelemetry's Python exporter logs.
        head = f"HTTP/1.1 400 {self._text}\r\ncontent-type: text/plain; charset=utf-8\r\ncontent-length: {len(body)}\r\nconnection: close\r\n\r\n"
        self.transport.write((head + body).encode("ascii"))
        if self.transport.can_write_eof():
            self.transport.write_eof()

    def connection_lost(self, _error: Exception | None) -> None:
        """Forget the connection."""
        self._timer.cancel()
        self._peers.discard(self)

    def shutdown(self) -> None:
        """Close the connection."""
        self.transport.close()


class GrpcAnswer(asyncio.Protocol):
    """Answers each call of a gRPC client with a status and a text, and other HTTP/2 requests with 505."""

    def __init__(self, text: str, peers: Peers) -> None:
        self._text = text.encode()
        self._peers = peers
        self._calls = 0
        self._received_bytes = 0
        self._h2 = h2.connection.H2Connection(h2.config.H2Configuration(client_side=False, header_encoding=None))

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin."""
        self.transport = cast("asyncio.Transport", transport)
        self._peers.add(self)
        self._timer = asyncio.get_running_loop().call_later(_LINGER_S, self.shutdown)
        self._h2.initiate_connection()

    def data_received(self, data: bytes) -> None:
        """Answer whatever calls have begun."""
        self._received_bytes += len(data)
        try:
            for event in self._h2.receive_data(data):
                if isinstance(event, h2.events.RequestReceived):
                    self._answer(event)
        except h2.exceptions.ProtocolError:
            self.transport.write(self._h2.data_to_send())
            self.transport.close()
            return
        self.transport.write(self._h2.data_to_send())
        if self._calls >= _MAX_CALLS or self._received_bytes > _MAX_BYTES:
            self.shutdown()

    def connection_lost(self, _error: Exception | None) -> None:
        """Forget the connection."""
        self._timer.cancel()
        self._peers.discard(self)

    def shutdown(self) -> None:
        """Say goodbye."""
        if not self.transport.is_closing():
            self._h2.close_connection()
            self.transport.write(self._h2.data_to_send())
            self.transport.close()

    def _answer(self, event: Any) -> None:
        self._calls += 1
        if dict(event.headers).get(b"content-type", b"").startswith(b"application/grpc"):
            trailers = [(b":status", b"200"), (b"content-type", b"application/grpc"), (b"grpc-status", _UNIMPLEMENTED), (b"grpc-message", self._text)]
            self._h2.send_headers(event.stream_id, trailers, end_stream=True)
        else:
            self._h2.send_headers(event.stream_id, [(b":status", b"505"), (b"content-type", b"text/plain; charset=utf-8")])
            self._h2.send_data(event.stream_id, self._text + b"\n", end_stream=True)
