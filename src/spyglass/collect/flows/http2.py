"""HTTP/2, read in passing: hyperframe reads frames, hpack header blocks; no part in flow control or settings is taken.

In: bytes of both directions as they were sent, in any pieces, and holes. Out: exchanges, to a `Sink`, one for each stream. Who joins a connection in its middle
knows the bodies, and the headers that were sent in full since then (`hpack_table.py`). A stream ends with END_STREAM, RST_STREAM, the whole of its
content-length (some clients hang up then), GOAWAY or the connection.
"""

from __future__ import annotations

import struct
from collections import deque
from dataclasses import dataclass, field
from typing import Final

from hyperframe.exceptions import HyperframeError
from hyperframe.frame import ContinuationFrame, DataFrame, Frame, GoAwayFrame, HeadersFrame, PushPromiseFrame, RstStreamFrame

from spyglass.collect.flows.exchange import Exchange, Half, Sink
from spyglass.collect.flows.headers import Fields
from spyglass.collect.flows.hpack_table import Fieldset
from spyglass.collect.flows.limits import Account, Held

__all__ = ["PREFACE", "Http2", "plausible"]

PREFACE: Final = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
_HEAD: Final = 9  # bytes before a frame's content
_LONGEST_FRAME: Final = 1024 * 1024  # the largest that clients and servers agree on in practice
_FLAGS: Final = (0x09, 0x2D, 0x00, 0x00, 0x01, 0x0C, 0x01, 0x00, 0x00, 0x04)  # by type, DATA to CONTINUATION
_SIZES: Final = {2: 5, 3: 4, 6: 8, 8: 4}  # of PRIORITY, RST_STREAM, PING, WINDOW_UPDATE
_OF_CONNECTION: Final = frozenset({4, 6, 7})  # SETTINGS, PING, GOAWAY: stream 0


@dataclass(slots=True)
class _Block:
    """A header block whose end has not come."""

    stream: int
    ends: bool  # the stream, with this block
    promised: bool  # of a push: it only has to be decoded
    data: bytearray = field(default_factory=bytearray)


@dataclass(slots=True)
class _Side:
    """One direction."""

    fields: Fieldset
    held: Held  # by the buffer
    buffer: bytearray = field(default_factory=bytearray)
    preface: bool = False  # is still to come
    lost: bool = False  # until a frame begins
    block: _Block | None = None


class Http2:
    """One connection. `begun`: it was seen from its first byte on, so that the preface comes and the header tables are empty."""

    def __init__(self, sink: Sink, account: Account, *, begun: bool) -> None:
        self._sink = sink
        self._account = account
        longest = account.limits.header_bytes
        self._asks = _Side(Fieldset(longest, certain=begun), Held(account), preface=begun)
        self._answers = _Side(Fieldset(longest, certain=begun), Held(account))
        self._open: dict[int, Exchange] = {}
        self._over: deque[int] = deque(maxlen=account.limits.waiting)  # streams that have ended: what still comes begins no new one

    def feed(self, time_ns: int, asking: bool, data: bytes) -> None:
        """The next bytes of a direction."""
        side = self._asks if asking else self._answers
        if side.lost:
            if not plausible(data):
                return
            side.lost = False
        side.buffer += data
        if side.preface:
            if len(side.buffer) < len(PREFACE):
                return
            if side.buffer.startswith(PREFACE):
                del side.buffer[: len(PREFACE)]
            side.preface = False
        try:
            self._read(time_ns, side, asking)
        except HyperframeError:
            self._account.lose("http2_malformed")
            self._lose(side, asking, "malformed")
        if not side.held.be(len(side.buffer)):
            self._lose(side, asking, "memory_full")

    def hole(self, time_ns: int, asking: bool, size: int | None) -> None:
        """Bytes were lost. Inside a DATA frame the count goes on; else the direction waits for the begin of a frame, and no longer knows its header table."""
        side = self._asks if asking else self._answers
        buffer = side.buffer
        if size is not None and not side.lost and not side.preface and len(buffer) >= _HEAD and buffer[3] == 0:
            length = int.from_bytes(buffer[:3])
            exchange = self._open.get(int.from_bytes(buffer[5:9]) & 0x7FFFFFFF)
            if size <= length + _HEAD - len(buffer):
                if exchange is not None:
                    _gap(exchange, asking)
                self.feed(time_ns, asking, bytes(size))
                return
        self._lose(side, asking, "gap")

    def end(self, time_ns: int) -> None:
        """The connection is over: what is open is cut."""
        for number in list(self._open):
            self._finish(time_ns, number, cut="connection_ended")
        self.drop()

    def drop(self) -> None:
        """Give back what is held."""
        for side in (self._asks, self._answers):
            side.buffer.clear()
            side.held.be(0)

    def _read(self, time_ns: int, side: _Side, asking: bool) -> None:
        """Take all frames that are whole."""
        place, view = 0, bytes(side.buffer)
        try:
            while len(view) - place >= _HEAD:
                frame, length = Frame.parse_frame_header(memoryview(view)[place : place + _HEAD])
                if length > _LONGEST_FRAME:
                    raise HyperframeError("frame too long")
                if len(view) - place - _HEAD < length:
                    break
                place += _HEAD + length
                frame.parse_body(memoryview(view)[place - length : place])
                self._take(time_ns, side, asking, frame)
        finally:
            if not side.lost:
                del side.buffer[:place]

    def _take(self, time_ns: int, side: _Side, asking: bool, frame: Frame) -> None:
        match frame:
            case DataFrame():
                self._data(time_ns, asking, frame)
            case HeadersFrame() | PushPromiseFrame():
                promised = isinstance(frame, PushPromiseFrame)
                side.block = _Block(frame.stream_id, "END_STREAM" in frame.flags and not promised, promised, bytearray(frame.data))
                self._block(time_ns, side, asking, frame)
            case ContinuationFrame() if side.block is not None and side.block.stream == frame.stream_id:
                side.block.data += frame.data
                self._block(time_ns, side, asking, frame)
            case ContinuationFrame():
                side.fields.forget()
            case RstStreamFrame():
                self._finish(time_ns, frame.stream_id, cut="reset")
            case GoAwayFrame() if not asking:
                for number in [number for number in self._open if number > frame.last_stream_id]:
                    self._finish(time_ns, number, cut="refused")
            case _:
                pass

    def _data(self, time_ns: int, asking: bool, frame: DataFrame) -> None:
        exchange = self._exchange(time_ns, asking, frame.stream_id)
        if exchange is None:
            if frame.data and not asking:  # after the content-length was reached an empty one may come
                self._account.lose("answer_without_request")
            return
        half = exchange.request if asking else exchange.response
        if not half.known and not half.body.size and half.body.form == "drop" and not half.body.problem:
            half.body.begin("guess", None)
        half.body.feed(time_ns, frame.data)
        length = half.length()
        if "END_STREAM" in frame.flags or (not asking and length is not None and half.body.size >= length):
            self._halve(time_ns, asking, exchange)

    def _block(self, time_ns: int, side: _Side, asking: bool, frame: Frame) -> None:
        """A header block goes on; take it when it is whole."""
        block = side.block
        if block is None:
            return
        if len(block.data) > self._account.limits.header_bytes:
            raise HyperframeError("header block too long")
        if "END_HEADERS" not in frame.flags:
            return
        side.block = None
        certain = side.fields.certain
        fields = side.fields.decode(bytes(block.data))
        if fields is None:
            self._account.lose("headers_unreadable")
        elif not certain:
            self._account.lose("headers_partly_unknown")
        if not block.promised:
            self._headers(time_ns, asking, block, fields or {})

    def _headers(self, time_ns: int, asking: bool, block: _Block, fields: Fields) -> None:
        exchange = self._exchange(time_ns, asking, block.stream)
        if exchange is None:
            return
        half = exchange.request if asking else exchange.response
        if half.known:
            pass  # trailers
        elif asking:
            exchange.ask(fields.get(":method", ""), fields.get(":path", ""), fields)
        else:
            status = fields.get(":status", "")
            if status.startswith("1"):
                return
            self._sink.answering(exchange)
            exchange.answer(time_ns, int(status) if status.isdecimal() and len(status) == 3 else 0, fields)
        if block.ends:
            self._halve(time_ns, asking, exchange)

    def _exchange(self, time_ns: int, asking: bool, number: int) -> Exchange | None:
        """The exchange of a stream; a new one where a request begins."""
        exchange = self._open.get(number)
        if exchange is None and asking and number % 2 and number not in self._over:
            if len(self._open) >= self._account.limits.waiting:
                self._account.lose("too_many_waiting")
                oldest = next(iter(self._open))
                self._open[oldest].lose("too_many_waiting")
                self._finish(time_ns, oldest)
            exchange = self._open[number] = self._sink.open(time_ns, "2", number)
        return exchange

    def _halve(self, time_ns: int, asking: bool, exchange: Exchange) -> None:
        """One half of an exchange is whole."""
        half = exchange.request if asking else exchange.response
        half.over = True
        if asking:
            exchange.asked_ns = time_ns
            half.body.end(time_ns)
        else:
            self._finish(time_ns, exchange.number)

    def _finish(self, time_ns: int, number: int, cut: str = "") -> None:
        exchange = self._open.pop(number, None)
        if exchange is None:
            return
        self._over.append(number)
        if cut:
            exchange.cut(cut)
        exchange.finish(time_ns)
        self._sink.close(exchange)

    def _lose(self, side: _Side, asking: bool, reason: str) -> None:
        """No frame can be read until one begins, and no open body of this direction is whole."""
        side.lost, side.preface, side.block = True, False, None
        side.buffer.clear()
        side.held.be(0)
        side.fields.forget()
        for exchange in self._open.values():
            half = exchange.request if asking else exchange.response
            if not half.over:
                exchange.lose(reason)
                half.body.stop(reason)


def _gap(exchange: Exchange, asking: bool) -> None:
    half: Half = exchange.request if asking else exchange.response
    exchange.lose("gap")
    half.body.stop("gap")


def plausible(data: bytes) -> bool:
    """Whether a frame may begin here: a known type with flags, length and stream number that it can have (RFC 9113, 4.1 and 6)."""
    if len(data) < _HEAD:
        return False
    high, low, kind, flags, stream = struct.unpack(">BHBBI", data[:_HEAD])
    length = high << 16 | low
    if kind >= len(_FLAGS) or flags & ~_FLAGS[kind] or length > _LONGEST_FRAME or stream >> 31:
        return False
    if _SIZES.get(kind, length) != length or (kind == 4 and length % 6):
        return False
    return kind == 8 or bool(stream) != (kind in _OF_CONNECTION)
