"""One stream of plaintext: finds out what it speaks, reads it, and hands on what it says.

In: chunks of one stream. Out: exchanges, to a `Listener`. A stream that speaks nothing we know costs a look at the begin of each read and write.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, Literal, Protocol

from spyglass.collect.flows.exchange import Exchange, Half, Wire
from spyglass.collect.flows.http1 import Http1
from spyglass.collect.flows.http2 import Http2
from spyglass.collect.flows.limits import Account
from spyglass.collect.flows.sniff import LONGEST, Guess, sniff
from spyglass.collect.flows.socket_calls import SocketCalls
from spyglass.collect.flows.sse import ServerEvent
from spyglass.collect.flows.streams import Direction
from spyglass.collect.flows.websocket import Silent, WebSocket
from spyglass.collect.records import Actor, Chunk, Endpoint

__all__ = ["Connection", "Listener"]

_OUT: Final = "out"


class Listener(Protocol):
    """Who is told what connections say."""

    def exchange(self, exchange: Exchange) -> None:
        """One is over."""

    def event(self, exchange: Exchange, event: ServerEvent) -> None:
        """A stream of events that a GET keeps open has one more."""

    def client(self, local: Endpoint, remote: Endpoint) -> None:
        """A watched process has made this connection: the other end of it, if that is watched too, tells the same."""


class Connection:
    """A stream and what is known about it; the sink of its wire."""

    def __init__(self, actor: Actor, account: Account, listener: Listener, *, secure: bool = True) -> None:
        self.actor = actor
        self._secure = secure
        self.last_ns = 0
        self._account = account
        self._listener = listener
        self._directions = {"out": Direction(), "in": Direction()}
        self._begins: dict[str, bytes] = {}
        self._kept: list[tuple[int, str, bytes]] = []  # pieces that wait until the protocol is known
        self._wire: Wire | None = None
        self._client = True
        self._remote: Endpoint | None = None
        self._local: Endpoint | None = None
        self._guessed = False
        self._open: dict[int, Exchange] = {}

    @property
    def busy(self) -> bool:
        """Whether an exchange is open."""
        return bool(self._open)

    def take(self, chunk: Chunk) -> None:
        """The next piece."""
        self.last_ns = chunk.time_ns
        if chunk.remote is not None and (self._remote is None or (self._guessed and not chunk.guessed)):
            self._ends(chunk.remote, chunk.local, chunk.guessed)
        placed = self._directions[chunk.direction].place(chunk)
        if placed is None:
            self._account.lose("out_of_order")
            return
        if placed.hole:
            self._account.lose("gaps")
        if self._wire is not None:
            asking = (chunk.direction == _OUT) is self._client
            if placed.hole:
                self._wire.hole(chunk.time_ns, asking, placed.size)
            if placed.data:
                self._wire.feed(chunk.time_ns, asking, placed.data)
        else:
            self._sniff(chunk, placed.data, placed.begins, placed.hole)

    def end(self, time_ns: int, reason: str = "") -> None:
        """Nothing more comes; `reason` where it is we who stop to look."""
        for exchange in self._open.values() if reason else ():
            exchange.lose(reason)
        if self._wire is not None:
            self._wire.end(time_ns)
        self.drop()

    def drop(self) -> None:
        """Give back what is held."""
        for exchange in list(self._open.values()):
            exchange.release()
        self._account.exchanges -= len(self._open)
        self._open.clear()
        self._kept.clear()
        if self._wire is not None:
            self._wire.drop()
            self._wire = None

    # the sink

    def open(self, time_ns: int, version: Literal["1.0", "1.1", "2"], number: int = 0) -> Exchange:
        """A new exchange of this connection."""
        exchange = Exchange(self.actor, self._client, version, Half(self._account), Half(self._account), time_ns, number, secure=self._secure)
        self._open[id(exchange)] = exchange
        self._account.exchanges += 1
        return exchange

    def answering(self, exchange: Exchange) -> None:
        """Listen to a stream of events that was asked for with GET: it may stay open for hours."""
        if exchange.method == "GET" and "text/event-stream" in exchange.request.fields.get("accept", ""):
            exchange.response.body.listener = lambda event: self._heard(exchange, event)

    def close(self, exchange: Exchange) -> None:
        """It is over: tell it, and forget it."""
        if self._open.pop(id(exchange), None) is not None:
            self._account.exchanges -= 1
        self._know(exchange)
        try:
            self._listener.exchange(exchange)
        finally:
            exchange.release()

    def switch(self, exchange: Exchange, close: Callable[[int], None]) -> Wire:
        """A WebSocket is read, another protocol is not."""
        if exchange.request.fields.get("upgrade", "").strip().lower() != "websocket":
            return Silent(close)
        calls = SocketCalls(self, exchange)

        def end(time_ns: int) -> None:
            calls.end(time_ns)
            close(time_ns)

        return WebSocket(exchange, end, self._account, calls.message)

    # what it speaks

    def _sniff(self, chunk: Chunk, data: bytes, begins: bool, hole: bool) -> None:
        begin = self._begins.get(chunk.direction, b"")
        if hole or not begin:
            if self._kept:
                self._forget(chunk.direction)
            begin = data if begins else b""
        else:
            begin += data
        if not begin:
            return
        guess = sniff(begin[: 64 * LONGEST], chunk.direction == _OUT)
        if guess == "other":
            if self._kept:
                self._forget(chunk.direction)
            return
        self._begins[chunk.direction] = begin
        self._kept.append((chunk.time_ns, chunk.direction, data))
        if isinstance(guess, Guess):
            self._begin(guess, chunk.direction)

    def _forget(self, direction: str) -> None:
        self._begins.pop(direction, None)
        self._kept = [piece for piece in self._kept if piece[1] != direction]

    def _begin(self, guess: Guess, direction: str) -> None:
        """The protocol is known: read what has waited, in its order."""
        self._client = (direction == _OUT) is guess.asks
        if guess.protocol == "http1":
            self._wire = Http1(self, self._account)
        else:
            self._wire = Http2(self, self._account, begun=guess.begun)
        if self._remote is not None:
            self._ends(self._remote, self._local, self._guessed)
        kept, self._kept, self._begins = self._kept, [], {}
        for time_ns, way, data in kept:
            self._wire.feed(time_ns, (way == _OUT) is self._client, data)

    # its ends

    def _ends(self, remote: Endpoint, local: Endpoint | None, guessed: bool) -> None:
        """The first pieces of a connection may have come without them."""
        self._remote, self._local, self._guessed = remote, local, guessed
        if self._wire is not None and self._client and local is not None:
            self._listener.client(local, remote)

    def _know(self, exchange: Exchange) -> None:
        exchange.remote, exchange.local, exchange.guessed = self._remote, self._local, self._guessed

    def _heard(self, exchange: Exchange, event: ServerEvent) -> None:
        self._know(exchange)
        self._listener.event(exchange, event)
