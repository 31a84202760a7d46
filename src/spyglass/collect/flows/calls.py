"""All of it together: records of streams in, model calls, MCP calls and HTTP exchanges out.

In: `Chunk`, `StreamEnd` and `Exit` records. Out: spans and events. Holds a bounded amount, and counts by reason what it could not tell. No bytes make it raise.
"""

from __future__ import annotations

from collections import OrderedDict, defaultdict
from collections.abc import Callable
from typing import Final

import structlog

from spyglass.collect.flows.connection import Connection
from spyglass.collect.flows.exchange import Exchange
from spyglass.collect.flows.limits import Account, Limits
from spyglass.collect.flows.providers.compatible import provider_for
from spyglass.collect.flows.providers.mcp_http import McpHttp
from spyglass.collect.flows.sse import ServerEvent
from spyglass.collect.flows.stdio import Pipes
from spyglass.collect.flows.telling import Roots, Teller
from spyglass.collect.flows.wire_json import Json, document, named
from spyglass.collect.records import Chunk, Endpoint, Exit, Record, Stream, StreamEnd
from spyglass.model.told import Event, Span

__all__ = ["Flows"]

_REMEMBERED: Final = 4096  # ends of connections

log = structlog.get_logger()


class Flows:
    """Reads all streams of a watch; for one thread. `roots` says where the spans belong, `ids` gives their ids (random if not told)."""

    def __init__(self, roots: Roots, *, limits: Limits | None = None, ids: Callable[[], bytes] | None = None) -> None:
        self._account = Account(limits)
        self._teller = Teller(roots, ids)
        self._mcp = McpHttp(self._account, self._teller)
        self._pipes = Pipes(self._account, self._teller)
        self._connections: OrderedDict[Stream, Connection] = OrderedDict()
        self._by_pid: defaultdict[int, set[Stream]] = defaultdict(set)
        self._clients: OrderedDict[tuple[Endpoint, Endpoint], None] = OrderedDict()
        self._found: list[Span | Event] = []

    def take(self, record: Record) -> list[Span | Event]:
        """What this record completes, which is mostly nothing. Records of other kinds are passed over."""
        if isinstance(record, Chunk):
            if record.stream.kind == "stdio":
                self._guarded(lambda: self._found.extend(self._pipes.take(record)), record.stream)
            else:
                self._piece(record)
        elif isinstance(record, StreamEnd):
            self._guarded(lambda: self._ended(record), record.stream)
        elif isinstance(record, Exit):
            self._exited(record)
        return self._given()

    def end(self) -> list[Span | Event]:
        """Everything is over: what is open is told as far as it came."""
        for stream in list(self._connections):
            self._close(stream, self._connections[stream].last_ns, "watch_ended")
        self._guarded(lambda: self._found.extend(self._pipes.close()))
        self._mcp.close()
        return self._given()

    def losses(self) -> dict[str, int]:
        """What was lost or not told since the last time, by reason."""
        return self._account.losses()

    @property
    def held_bytes(self) -> int:
        """What is held of bodies that are not over."""
        return self._account.held

    # connections

    def _piece(self, chunk: Chunk) -> None:
        """What comes most often, so without the call that `_guarded` needs."""
        try:
            self._chunk(chunk)
        except Exception as error:
            self._failed(error, chunk.stream)

    def _chunk(self, chunk: Chunk) -> None:
        connection = self._connections.get(chunk.stream)
        if connection is None:
            connection = self._connections[chunk.stream] = Connection(chunk.actor, self._account, self, secure=chunk.stream.kind != "http")
            self._by_pid[chunk.stream.pid].add(chunk.stream)
        else:
            self._connections.move_to_end(chunk.stream)
        connection.take(chunk)
        limits = self._account.limits
        if len(self._connections) > limits.streams or self._account.exchanges > limits.exchanges:
            self._evict(next(iter(self._connections)), "too_many_streams")
        elif self._account.held > limits.held_bytes // 8 * 7:  # who waits for ever must not keep the memory from those who talk
            busy = next((stream for stream, other in self._connections.items() if other.busy), None)
            if busy is not None and busy != chunk.stream:
                self._evict(busy, "memory_full")

    def _evict(self, stream: Stream, reason: str) -> None:
        self._account.lose(reason)
        self._close(stream, self._connections[stream].last_ns, reason)

    def _ended(self, ended: StreamEnd) -> None:
        if ended.stream.kind == "stdio":
            self._found.extend(self._pipes.end(ended))
        else:
            self._close(ended.stream, ended.time_ns)

    def _exited(self, record: Exit) -> None:
        pid = record.actor.pid
        for stream in list(self._by_pid.get(pid, ())):
            self._close(stream, record.time_ns)
        self._guarded(lambda: self._found.extend(self._pipes.exit(pid, record.time_ns)))

    def _close(self, stream: Stream, time_ns: int, reason: str = "") -> None:
        connection = self._forget(stream)
        if connection is not None:
            self._guarded(lambda: connection.end(time_ns, reason), stream)
            connection.drop()

    def _forget(self, stream: Stream) -> Connection | None:
        streams = self._by_pid.get(stream.pid)
        if streams is not None:
            streams.discard(stream)
            if not streams:
                del self._by_pid[stream.pid]
        return self._connections.pop(stream, None)

    def _guarded(self, work: Callable[[], None], stream: Stream | None = None) -> None:
        """The last line: a stream on which a parser fails is dropped, and the others go on."""
        try:
            work()
        except Exception as error:
            self._failed(error, stream)

    def _failed(self, error: Exception, stream: Stream | None) -> None:
        self._account.lose("parser_failed")
        log.warning("stream dropped", pid=stream.pid if stream else 0, error=type(error).__name__)
        connection = self._forget(stream) if stream else None
        if connection is not None:
            connection.drop()

    def _given(self) -> list[Span | Event]:
        found, self._found = self._found, []
        return found

    # what connections say

    def exchange(self, exchange: Exchange) -> None:
        """Tell an exchange that is over: as MCP, as a model call, or as plain HTTP."""
        if self._twin(exchange):
            self._found.append(self._teller.http(exchange))
        elif self._mcp.claims(exchange):
            self._found.extend(self._mcp.read(exchange))
        else:
            self._found.append(self._model_call(exchange) or self._teller.http(exchange))

    def event(self, exchange: Exchange, event: ServerEvent) -> None:
        """Tell an event of an open stream, where it is MCP's."""
        if not self._twin(exchange):
            self._found.extend(self._mcp.event(exchange, event))

    def client(self, local: Endpoint, remote: Endpoint) -> None:
        """Remember a connection that a watched process has made."""
        self._clients[local, remote] = None
        self._clients.move_to_end((local, remote))
        if len(self._clients) > _REMEMBERED:
            self._clients.popitem(last=False)

    def _twin(self, exchange: Exchange) -> bool:
        """Whether a server tells what its client, watched too, tells in full."""
        return not exchange.client and exchange.remote is not None and exchange.local is not None and (exchange.remote, exchange.local) in self._clients

    def _model_call(self, exchange: Exchange) -> Span | None:
        asked = _asked(exchange)
        provider = provider_for(exchange, asked)
        if provider is None:
            return None
        try:
            call = provider.read(exchange, asked)
        except Exception as error:  # documents have any shape: what one file could not read is still an exchange
            self._account.lose("reading_failed")
            log.warning("model call not read", provider=provider.name, error=type(error).__name__)
            return None
        if not asked:
            call.model = named(exchange.request.body.whole(), "model") or call.model
        return self._teller.call(exchange, call)


def _asked(exchange: Exchange) -> Json:
    """The request's document; empty where it is none, or not whole."""
    body = exchange.request.body
    return document(body.whole()) if body.size and not body.problem else {}
