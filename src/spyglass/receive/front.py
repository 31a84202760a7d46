"""What stands at both ports and looks at the first bytes of a connection.

In: connections. Out: each handed, with its first bytes, to whoever speaks its protocol, or to whoever can say that the port is a wrong one.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from typing import Final, Literal, Protocol, cast

import structlog

from spyglass.telemetry.metrics import RECEIVE_REFUSED, WRONG_PROTOCOL

__all__ = ["FirstBytes", "Notices", "Peers", "Spoken", "Taker", "address_of", "hand_to", "hang_up", "spoken"]

log = structlog.get_logger()

Spoken = Literal["http1", "http2", "tls"]
Taker = Callable[[asyncio.Transport, bytes], None]  # takes a connection over, with the bytes that it has sent so far
Choose = Callable[[Spoken, str], Taker]  # by protocol and address of the client

_PREFACE: Final = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"  # RFC 9113, 3.4
_MAX_TOLD: Final = 1_000


def spoken(first: bytes) -> Spoken | None:
    """The protocol of a connection that begins so; None when that takes more bytes to tell."""
    if first.startswith(_PREFACE):
        return "http2"
    if first.startswith(b"\x16\x03"):  # a handshake record of SSL 3.0 or later
        return "tls"
    undecided = _PREFACE.startswith(first) or first == b"\x16"
    return None if undecided else "http1"


def address_of(transport: asyncio.BaseTransport) -> str:
    """The client's address, without its port."""
    peer = transport.get_extra_info("peername")
    return str(peer[0]).removeprefix("::ffff:") if isinstance(peer, tuple) and peer else ""


def hand_to(protocol: asyncio.Protocol) -> Taker:
    """Let another protocol go on."""

    def take(transport: asyncio.Transport, first: bytes) -> None:
        protocol.connection_made(transport)
        transport.set_protocol(protocol)
        protocol.data_received(first)

    return take


def hang_up(transport: asyncio.Transport, _first: bytes) -> None:
    """Say nothing."""
    transport.close()


class Peer(Protocol):
    """One connection of a port, whatever it speaks."""

    transport: asyncio.Transport

    def shutdown(self) -> None:
        """Close it once it has its answer."""


class Peers:
    """The connections of a port. Has what uvicorn's protocols ask of a set."""

    def __init__(self) -> None:
        self._all: set[Peer] = set()
        self._none = asyncio.Event()
        self._none.set()

    def __len__(self) -> int:
        return len(self._all)

    def __iter__(self) -> Iterator[Peer]:
        return iter(self._all)

    def add(self, peer: Peer) -> None:
        """One more."""
        self._all.add(peer)
        self._none.clear()

    def discard(self, peer: Peer) -> None:
        """One less."""
        self._all.discard(peer)
        if not self._all:
            self._none.set()

    remove = discard

    async def close(self, timeout_s: float) -> None:
        """Let each have its answer, and close those that take longer than the time given."""
        for peer in list(self._all):
            peer.shutdown()
        try:
            async with asyncio.timeout(timeout_s):
                await self._none.wait()
        except TimeoutError:
            self.abort()

    def abort(self) -> None:
        """Close all of them now."""
        for peer in list(self._all):
            peer.transport.abort()


class FirstBytes(asyncio.Protocol):
    """A connection whose protocol is not known yet. `peers` are all connections of the port; a new one beyond `max_peers` hears `full` and is closed."""

    def __init__(self, choose: Choose, peers: Peers, notices: Notices, *, max_peers: int, timeout_s: float, full: bytes = b"") -> None:
        self._choose = choose
        self._peers = peers
        self._notices = notices
        self._max_peers = max_peers
        self._timeout_s = timeout_s
        self._full = full
        self._first = b""
        self._timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Wait for the first bytes."""
        self.transport = cast("asyncio.Transport", transport)
        if len(self._peers) >= self._max_peers:
            self._notices.full(address_of(transport))
            self.transport.write(self._full)
            self.transport.close()
            return
        self._peers.add(self)
        self._timer = asyncio.get_running_loop().call_later(self._timeout_s, self.transport.close)

    def data_received(self, data: bytes) -> None:
        """Look, and hand over."""
        self._first += data
        kind = spoken(self._first)
        if kind is not None and not self.transport.is_closing():
            self._leave()
            self._choose(kind, address_of(self.transport))(self.transport, self._first)

    def connection_lost(self, _error: Exception | None) -> None:
        """Forget the connection."""
        self._leave()

    def shutdown(self) -> None:
        """Close the connection: nothing was asked yet."""
        self.transport.close()

    def _leave(self) -> None:
        self._peers.discard(self)
        if self._timer is not None:
            self._timer.cancel()


class Notices:
    """Counts connections that a port has no use for, and logs the first of each client."""

    def __init__(self, port: str) -> None:
        self._port = port
        self._told: set[tuple[str, str]] = set()

    def wrong(self, kind: str, client: str, what: str) -> None:
        """One that speaks another protocol."""
        WRONG_PROTOCOL.labels(self._port, kind).inc()
        if self._is_new(kind, client):
            log.warning("wrong protocol", port=self._port, spoken=kind, client=client, what=what)

    def full(self, client: str) -> None:
        """One too many."""
        RECEIVE_REFUSED.labels(self._port, "connections").inc()
        if self._is_new("full", client):
            log.warning("too many connections", port=self._port, client=client)

    def _is_new(self, kind: str, client: str) -> bool:
        if (kind, client) in self._told or len(self._told) >= _MAX_TOLD:
            return False
        self._told.add((kind, client))
        return True
