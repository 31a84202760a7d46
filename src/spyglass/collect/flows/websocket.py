"""WebSocket, read in passing (RFC 6455, with permessage-deflate): a reader of the websockets library for each direction.

In: bytes of both directions after the handshake. Out: messages, to a callable; how many there were, to the exchange of the handshake.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from websockets.extensions.permessage_deflate import PerMessageDeflate
from websockets.frames import Frame, Opcode
from websockets.protocol import CLIENT, SERVER, Protocol, Side

from spyglass.collect.flows.exchange import Exchange
from spyglass.collect.flows.limits import Account, Held

__all__ = ["Listener", "Silent", "WebSocket"]

Listener = Callable[[int, bool, bytes], None]
"""Takes a text message: time, whether the asking side sent it, and its bytes."""

_DATA: Final = frozenset({Opcode.TEXT, Opcode.BINARY, Opcode.CONT})


class _Reader:
    """One direction. Messages longer than a body may be end it, as does a hole."""

    def __init__(self, side: Side, extension: PerMessageDeflate | None, account: Account) -> None:
        self._protocol = Protocol(side, max_size=account.limits.body_bytes)
        self._held = Held(account)  # by a message that is not whole, about
        self._protocol.extensions = [] if extension is None else [extension]
        self._parts: list[bytes] = []
        self._text = False
        self.dead = False

    def feed(self, data: bytes) -> list[tuple[bool, bytes]]:
        """The messages that are whole now: whether it is text, and its bytes."""
        if not self._held.be(self._held.size + len(data)):
            self.drop()
            return []
        self._protocol.receive_data(data)
        self._protocol.data_to_send()  # answers to pings, which the real ends give
        found = []
        for frame in self._protocol.events_received():
            if not isinstance(frame, Frame) or frame.opcode not in _DATA:
                self.dead = self.dead or (isinstance(frame, Frame) and frame.opcode is Opcode.CLOSE)
                continue
            if frame.opcode is not Opcode.CONT:
                self._text, self._parts = frame.opcode is Opcode.TEXT, []
            self._parts.append(bytes(frame.data))
            if frame.fin:
                found.append((self._text, b"".join(self._parts)))
                self._parts = []
                self._held.be(0)
        if self.dead:
            self.drop()
        return found

    def drop(self) -> None:
        """Read no more, and give back what is held."""
        self.dead = True
        self._parts = []
        self._held.be(0)

    @property
    def failed(self) -> bool:
        """Whether what came is no WebSocket."""
        return self._protocol.parser_exc is not None


class WebSocket:
    """One connection after its handshake; `listen` is None where nobody wants the messages."""

    def __init__(self, exchange: Exchange, close: Callable[[int], None], account: Account, listen: Listener | None) -> None:
        self._exchange = exchange
        self._close = close
        self._account = account
        self._listen = listen
        told = exchange.response.fields.get("sec-websocket-extensions", "")
        self._asks = _Reader(SERVER, _extension(told, "client"), account)
        self._answers = _Reader(CLIENT, _extension(told, "server"), account)

    def feed(self, time_ns: int, asking: bool, data: bytes) -> None:
        """The next bytes of a direction."""
        reader = self._asks if asking else self._answers
        if reader.dead:
            return
        for text, message in reader.feed(data):
            name = "sent" if asking else "received"
            self._exchange.messages[name] = self._exchange.messages.get(name, 0) + 1
            if text and self._listen is not None:
                self._listen(time_ns, asking, message)
        if reader.failed and not reader.dead:
            self._account.lose("websocket_malformed")
            reader.drop()

    def hole(self, time_ns: int, asking: bool, size: int | None) -> None:
        """Bytes were lost: nothing after them can be read."""
        del time_ns, size
        (self._asks if asking else self._answers).drop()
        self._exchange.lose("gap")

    def end(self, time_ns: int) -> None:
        """The connection is over."""
        self._close(time_ns)
        self.drop()

    def drop(self) -> None:
        """Give back what is held."""
        self._asks.drop()
        self._answers.drop()


class Silent:
    """A protocol that we do not read; only its end is told."""

    def __init__(self, close: Callable[[int], None]) -> None:
        self._close = close

    def feed(self, time_ns: int, asking: bool, data: bytes) -> None:
        """Pass over it."""

    def hole(self, time_ns: int, asking: bool, size: int | None) -> None:
        """Pass over it."""

    def end(self, time_ns: int) -> None:
        """The connection is over."""
        self._close(time_ns)

    def drop(self) -> None:
        """Nothing is held."""


def _extension(told: str, sender: str) -> PerMessageDeflate | None:
    """What reads the messages of `sender` (`client` or `server`), as the answer to the handshake agreed on it."""
    name, *parameters = (part.strip() for part in told.partition(",")[0].split(";"))
    if name.lower() != "permessage-deflate":
        return None
    bits = 15
    for parameter in parameters:
        key, _, value = parameter.partition("=")
        value = value.strip('" ')
        if key.strip() == f"{sender}_max_window_bits" and value.isdecimal() and 8 <= int(value[:3]) <= 15:
            bits = int(value)
    return PerMessageDeflate(f"{sender}_no_context_takeover" in parameters, True, bits, 15)
