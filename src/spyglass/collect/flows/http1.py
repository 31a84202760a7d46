"""HTTP/1.0 and 1.1, read in passing: h11 reads each message, a fresh pair of its state machines for each exchange.

In: bytes of both directions as they were sent, in any pieces, and holes. Out: exchanges, to a `Sink`. Requests may be pipelined; 1xx answers are passed over;
HEAD, CONNECT and Upgrade are as RFC 9112 has them. After bytes that cannot be read, or that were lost, a direction is read again from the next message.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterator
from typing import Final

import h11

from spyglass.collect.flows.exchange import Exchange, Sink, Wire
from spyglass.collect.flows.headers import kept
from spyglass.collect.flows.limits import Account, Held

__all__ = ["ANSWER", "REQUEST", "Http1"]

REQUEST: Final = re.compile(rb"(?:GET|POST|PUT|PATCH|DELETE|HEAD|OPTIONS|CONNECT|TRACE|PROPFIND|REPORT|MKCOL|QUERY) [!-~]")
ANSWER: Final = re.compile(rb"HTTP/1\.[01] \d\d\d")
_ZEROS: Final = bytes(64 * 1024)
_LONGEST_FILLED: Final = 64 * 1024 * 1024  # of a hole whose size is known
_MOST_PARKED: Final = 256 * 1024


class Http1:
    """One connection."""

    def __init__(self, sink: Sink, account: Account) -> None:
        self._sink = sink
        self._account = account
        self._waiting: deque[Exchange] = deque()  # asked, not yet answered in full
        self._asking: Exchange | None = None  # its request is on its way
        self._asks: h11.Connection | None = self._request_reader()  # None: lost, until a message begins
        self._answers: h11.Connection | None = None  # of the first that waits
        self._answers_lost = False
        self._proposed = False  # the last request wants to speak another protocol
        self._parked = bytearray()  # what the asking side has sent since then
        self._parked_held = Held(account)
        self._tunnel: Wire | None = None

    def feed(self, time_ns: int, asking: bool, data: bytes) -> None:
        """The next bytes of a direction."""
        if self._tunnel is not None:
            self._tunnel.feed(time_ns, asking, data)
        elif not asking:
            self._answer(time_ns, data)
        elif self._proposed:
            self._park(data)
        else:
            self._ask(time_ns, data)

    def hole(self, time_ns: int, asking: bool, size: int | None) -> None:
        """Bytes were lost. Inside a body whose length was told the count goes on; else the direction waits for the next message."""
        if self._tunnel is not None:
            self._tunnel.hole(time_ns, asking, size)
            return
        exchange = self._asking if asking else (self._waiting[0] if self._waiting else None)
        if exchange is not None:
            exchange.lose("gap")
            half = exchange.request if asking else exchange.response
            half.body.stop("gap")
            left = half.length()
            if size is not None and left is not None and size <= min(left - half.body.size, _LONGEST_FILLED):
                self._fill(time_ns, asking, size)
                return
        self._lose(asking)

    def end(self, time_ns: int) -> None:
        """The connection is over: an answer without a length is whole now, the others are cut."""
        if self._tunnel is not None:
            self._tunnel.end(time_ns)
        if self._answers is not None and not self._answers_lost:
            self._answers.receive_data(b"")
            self._read_answer(time_ns)
        while self._waiting:
            exchange = self._waiting[0]
            exchange.cut("connection_ended")
            self._finish(exchange.ended_ns if self._answers_lost and exchange.ended_ns else time_ns)

    def drop(self) -> None:
        """Give back what is held."""
        self._unpark()
        if self._tunnel is not None:
            self._tunnel.drop()

    # the asking direction

    def _ask(self, time_ns: int, data: bytes) -> None:
        if self._asks is None:
            if REQUEST.match(data) is None:
                return
            self._asks = self._request_reader()
        while data and self._asks is not None:
            self._asks.receive_data(data)
            data = self._read_request(time_ns, self._asks)
            if data and self._proposed:
                self._park(data)
                return

    def _read_request(self, time_ns: int, reader: h11.Connection) -> bytes:
        """Take what is there of the request; what follows its end."""
        try:
            for event in _events(reader):
                if isinstance(event, h11.Request):
                    self._asked(time_ns, event)
                elif isinstance(event, h11.Data) and self._asking is not None:
                    self._asking.request.body.feed(time_ns, bytes(event.data))
                elif isinstance(event, h11.EndOfMessage):
                    self._end_request(time_ns)
                    self._asks = self._request_reader()
                    return reader.trailing_data[0]
        except (h11.RemoteProtocolError, h11.LocalProtocolError):
            self._account.lose("http1_malformed")
            if self._asking is not None:
                self._asking.lose("malformed")
            self._lose(asking=True)
        return b""

    def _asked(self, time_ns: int, event: h11.Request) -> None:
        if self._answers_lost:  # what was to come of the old answers is lost: a client asks when it has its answer
            while self._waiting:
                self._finish(self._waiting[0].ended_ns or time_ns)
        version = "1.0" if event.http_version == b"1.0" else "1.1"
        exchange = self._asking = self._sink.open(time_ns, version)  # type: ignore[arg-type]  # one of the two literals
        exchange.ask(event.method.decode("ascii"), event.target.decode("latin-1"), kept((n.decode("ascii"), v.decode("latin-1")) for n, v in event.headers))
        self._waiting.append(exchange)
        if len(self._waiting) > self._account.limits.waiting:
            self._account.lose("too_many_waiting")
            self._waiting[0].lose("too_many_waiting")
            self._finish(time_ns)

    def _end_request(self, time_ns: int) -> None:
        exchange, self._asking = self._asking, None
        if exchange is not None:
            exchange.asked_ns = time_ns
            exchange.request.over = True
            exchange.request.body.end(time_ns)
            self._proposed = exchange.method == "CONNECT" or ("upgrade" in exchange.request.fields and not exchange.status)

    def _park(self, data: bytes) -> None:
        """Keep what follows a proposal until its answer says how to read it."""
        if len(self._parked) + len(data) > _MOST_PARKED or not self._parked_held.be(len(self._parked) + len(data)):
            self._account.lose("upgrade_unanswered")
            self._unpark()
            self._lose(asking=True)
            self._proposed = False
        else:
            self._parked += data

    def _unpark(self) -> bytes:
        parked = bytes(self._parked)
        self._parked.clear()
        self._parked_held.be(0)
        return parked

    # the answering direction

    def _answer(self, time_ns: int, data: bytes) -> None:
        if self._answers_lost:
            if ANSWER.match(data) is None:
                if self._waiting:
                    self._waiting[0].ended_ns = time_ns
                return
            if self._waiting and self._waiting[0].response.known:
                self._finish(self._waiting[0].ended_ns or time_ns)
            self._answers_lost = False
        while data:
            if not self._waiting:
                self._account.lose("answer_without_request")
                return
            if self._answers is None:
                self._answers = self._answer_reader(self._waiting[0])
            self._answers.receive_data(data)
            data = self._read_answer(time_ns)
            if data and self._tunnel is not None:
                self._tunnel.feed(time_ns, False, data)
                return

    def _read_answer(self, time_ns: int) -> bytes:
        """Take what is there of the answer; what follows its end."""
        reader, exchange = self._answers, self._waiting[0] if self._waiting else None
        if reader is None or exchange is None:
            return b""
        try:
            for event in _events(reader):
                if isinstance(event, h11.InformationalResponse | h11.Response):
                    if self._headed(time_ns, exchange, event):
                        return reader.trailing_data[0]
                elif isinstance(event, h11.Data):
                    exchange.response.body.feed(time_ns, bytes(event.data))
                elif isinstance(event, h11.EndOfMessage):
                    exchange.response.over = True
                    self._finish(time_ns)
                    return reader.trailing_data[0]
        except (h11.RemoteProtocolError, h11.LocalProtocolError):
            if not reader.trailing_data[1]:  # not merely cut off
                self._account.lose("http1_malformed")
                exchange.lose("malformed")
                exchange.ended_ns = time_ns
                self._lose(asking=False)
        return b""

    def _headed(self, time_ns: int, exchange: Exchange, event: h11.InformationalResponse | h11.Response) -> bool:
        """The head of an answer was read; whether the connection speaks another protocol from here on."""
        informational = isinstance(event, h11.InformationalResponse)
        if informational and event.status_code != 101:
            return False
        self._sink.answering(exchange)
        exchange.answer(time_ns, event.status_code, kept((n.decode("ascii"), v.decode("latin-1")) for n, v in event.headers))
        if informational or (exchange.method == "CONNECT" and event.status_code < 300):
            self._switch(time_ns, exchange)
            return True
        if self._proposed and exchange is self._waiting[-1]:
            self._proposed = False  # refused: what was parked is HTTP
            self._ask(time_ns, self._unpark())
        return False

    def _switch(self, time_ns: int, exchange: Exchange) -> None:
        self._waiting.clear()
        self._answers = None

        def close(ended_ns: int) -> None:
            exchange.ended_ns = ended_ns
            self._sink.close(exchange)

        self._tunnel = self._sink.switch(exchange, close)
        parked = self._unpark()
        if parked:
            self._tunnel.feed(time_ns, True, parked)

    def _finish(self, time_ns: int) -> None:
        """The first that waits is over."""
        exchange = self._waiting.popleft()
        self._answers = None
        if exchange is self._asking and not exchange.response.over:
            self._asking = None
        exchange.finish(time_ns)
        self._sink.close(exchange)

    # both

    def _lose(self, asking: bool) -> None:
        """Nothing of a direction can be read until a message begins."""
        if not asking:
            self._answers_lost = True
            return
        self._asks = None
        if self._asking is not None:
            self._asking.lose("gap")
            self._asking.request.body.stop("gap")
            self._asking = None

    def _fill(self, time_ns: int, asking: bool, size: int) -> None:
        """Let zeros stand for what was lost: the body is no longer kept, only its length counts."""
        while size:
            piece = min(size, len(_ZEROS))
            self.feed(time_ns, asking, _ZEROS[:piece])
            size -= piece

    def _request_reader(self) -> h11.Connection:
        return h11.Connection(h11.SERVER, max_incomplete_event_size=self._account.limits.header_bytes)

    def _answer_reader(self, exchange: Exchange) -> h11.Connection:
        """A state machine that believes to have asked what the exchange asks."""
        reader = h11.Connection(h11.CLIENT, max_incomplete_event_size=self._account.limits.header_bytes)
        method = exchange.method if exchange.method in {"HEAD", "CONNECT"} else "GET"
        proposal = [("Upgrade", "any"), ("Connection", "Upgrade")] if "upgrade" in exchange.request.fields else []
        reader.send(h11.Request(method=method, target="/", headers=[("Host", "any"), *proposal]))
        reader.send(h11.EndOfMessage())
        return reader


def _events(reader: h11.Connection) -> Iterator[h11.Event]:
    """What of the message is there."""
    while not isinstance(event := reader.next_event(), type):  # NEED_DATA and PAUSED are types
        yield event
        if isinstance(event, h11.ConnectionClosed):
            return
