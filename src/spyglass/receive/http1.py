"""HTTP/1.1 as both of our ports speak it, OTLP/HTTP and the web's: uvicorn's protocol, with its gaps closed.

In: the bytes of a connection. Out: requests for the ASGI app, and the app's answers.
"""

from __future__ import annotations

import asyncio
import json
from typing import Any, Final

import httptools
import uvicorn
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from uvicorn.server import ServerState

from spyglass.receive.answers import problem_type

__all__ = ["Http1"]

_MAX_HEAD_BYTES: Final = 64 * 1024
_OFFER: Final = frozenset({b"upgrade", b"connection", b"http2-settings"})
_TIMEOUT_S: Final = 30.0
_GRACE_S: Final = 1.0  # the app notices a slow body itself, and answers better


def _refusal(status: int, title: str, detail: str) -> bytes:
    """An answer to what never became a request; problem+json, as everything that fails."""
    body = json.dumps({"type": problem_type("input_invalid"), "title": title, "status": status, "code": "input_invalid", "detail": detail}).encode()
    head = f"HTTP/1.1 {status} {title}\r\ncontent-type: application/problem+json\r\ncontent-length: {len(body)}\r\nconnection: close\r\n\r\n"
    return head.encode() + body


_LATE: Final = _refusal(408, "Request Timeout", "the rest of the request did not come in time")
_LONG: Final = _refusal(431, "Request Header Fields Too Large", f"address and headers may have {_MAX_HEAD_BYTES} bytes together; ask for less, or by POST")
_WRONG: Final = _refusal(400, "Bad Request", f"this is not HTTP/1.1, or its address is longer than {_MAX_HEAD_BYTES} bytes")


class Http1(HttpToolsProtocol):
    """uvicorn's protocol, with three differences.

    Its patience ends: uvicorn waits for ever for the rest of a request. Its memory too: uvicorn takes headers of any length.
    A request that also offers an upgrade we do not know (Java's client offers HTTP/2 so) is read as the HTTP/1.1 request that it is: httptools takes its body
    for the other protocol, and the app would answer an empty one. A WebSocket is an upgrade that we know, where the configuration has a protocol for it.
    """

    def __init__(
        self,
        config: uvicorn.Config,
        server_state: ServerState,
        app_state: dict[str, Any] | None = None,
        _loop: asyncio.AbstractEventLoop | None = None,
        *,
        timeout_s: float = _TIMEOUT_S,
    ) -> None:
        super().__init__(config, server_state, app_state or {}, _loop)
        self.access_log = False
        self._timeout_s = timeout_s + _GRACE_S
        self._timer: asyncio.TimerHandle | None = None
        self._in_head = False
        self._head_bytes = 0

    def data_received(self, data: bytes) -> None:
        """Take bytes of the connection."""
        self._unset_keepalive_if_required()
        head = self.headers
        try:
            self.parser.feed_data(data)
        except httptools.HttpParserUpgrade as upgrade:
            if self._offers_upgrade():
                self._decline_upgrade(data[upgrade.args[0] :])
            elif self._should_upgrade():
                self.handle_websocket_upgrade()
                return
            else:
                self.cycle.keep_alive = False  # CONNECT, which the app refuses; what follows is not HTTP
        except httptools.HttpParserError:
            self._refuse(_WRONG)
            return
        if self._in_head and self.headers is head:  # uvicorn makes a new list for each request: this one has gone on for all of the data
            self._head_bytes += len(data)
            if self._head_bytes > _MAX_HEAD_BYTES:
                self._refuse(_LONG)

    def on_message_begin(self) -> None:
        """A request begins: its clock runs."""
        super().on_message_begin()
        self._head_bytes = 0
        self._stop_waiting()
        self._in_head = True
        self._timer = self.loop.call_later(self._timeout_s, self._late)

    def on_headers_complete(self) -> None:
        """Its head is whole."""
        if not self._offers_upgrade():
            super().on_headers_complete()
            self._in_head = False

    def on_message_complete(self) -> None:
        """All of it is here."""
        if not self._offers_upgrade():
            super().on_message_complete()
            self._stop_waiting()

    def connection_lost(self, exc: Exception | None) -> None:
        """The client has gone."""
        super().connection_lost(exc)
        self._stop_waiting()

    def _refuse(self, answer: bytes) -> None:
        self.transport.write(answer)
        self.transport.close()

    def _offers_upgrade(self) -> bool:
        """Whether the request offers an upgrade that we decline. CONNECT is none, though httptools says so."""
        return bool(self.parser.should_upgrade()) and self.parser.get_method() != b"CONNECT" and not self._should_upgrade()

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
        unanswered = self._in_head or not self.cycle.response_started
        if unanswered and not self.transport.is_closing():
            self.transport.write(_LATE)
        self.transport.close()

    def _stop_waiting(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
