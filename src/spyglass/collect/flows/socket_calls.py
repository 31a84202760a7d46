"""Model calls that are messages of a WebSocket: the Responses API, where a client sends `response.create` and gets the events that a stream would have.

In: text messages of one WebSocket. Out: exchanges, to its sink, as if each question had been a POST.
"""

from __future__ import annotations

from spyglass.collect.flows.exchange import Exchange, Sink
from spyglass.collect.flows.providers.call import text_of
from spyglass.collect.flows.providers.openai_responses import ENDS, is_request
from spyglass.collect.flows.wire_json import document

__all__ = ["SocketCalls"]


class SocketCalls:
    """One connection; its questions are answered one after the other."""

    def __init__(self, sink: Sink, handshake: Exchange) -> None:
        self._sink = sink
        self._handshake = handshake
        self._open: Exchange | None = None

    def message(self, time_ns: int, asking: bool, data: bytes) -> None:
        """Take a text message."""
        if asking:
            self._ask(time_ns, data)
        elif self._open is not None:
            self._open.response.body.feed(time_ns, b"data: " + data.replace(b"\n", b" ") + b"\n\n")
            if text_of(document(data).get("type")) in ENDS:
                self._close(time_ns, cut=False)

    def end(self, time_ns: int) -> None:
        """The connection is over."""
        self._close(time_ns, cut=True)

    def _ask(self, time_ns: int, data: bytes) -> None:
        if b'"response.create"' not in data:
            return
        asked = document(data)
        if asked.get("type") != "response.create" or not is_request(asked):
            return
        self._close(time_ns, cut=True)
        shaken = self._handshake
        exchange = self._open = self._sink.open(time_ns, shaken.version)
        exchange.ask("POST", shaken.path, {**shaken.request.fields, "content-type": "application/json", "content-encoding": ""})
        exchange.request.body.feed(time_ns, data)
        exchange.asked_ns, exchange.request.over = time_ns, True
        exchange.answer(time_ns, 200, {"content-type": "text/event-stream"})

    def _close(self, time_ns: int, *, cut: bool) -> None:
        exchange, self._open = self._open, None
        if exchange is None:
            return
        if cut:
            exchange.cut("connection_ended")
        exchange.finish(time_ns)
        self._sink.close(exchange)
