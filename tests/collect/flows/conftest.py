"""Streams for the parsers: bytes that real clients and servers exchanged, or that were written by hand, as the chunks that the kernel would tell."""

from __future__ import annotations

import asyncio
import itertools
import json
from collections.abc import Awaitable, Callable, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import h2.config
import h2.connection
import h2.events

from spyglass.collect.flows.calls import Flows
from spyglass.collect.flows.limits import Limits
from spyglass.collect.flows.telling import by_root
from spyglass.collect.records import Actor, Chunk, Endpoint, Stream, StreamEnd
from spyglass.model.told import Span

START = 1_767_225_600_000_000_000
STEP = 1_000_000  # ns from one operation to the next
PIECE = 16 * 1024
AGENT = Actor(pid=100, started_ns=START - 10**9, ppid=1, uid=1000, root=100, command="agent")
SERVER, CLIENT = Endpoint("192.0.2.1", 443), Endpoint("192.0.2.9", 50000)


@dataclass
class Tape:
    """What passed on one connection, as its client saw it."""

    moves: list[tuple[str, bytes]] = field(default_factory=list)

    def out(self, data: bytes) -> None:
        self.moves.append(("out", data))

    def into(self, data: bytes) -> None:
        self.moves.append(("in", data))


def stream(number: int = 1, actor: Actor = AGENT, kind: str = "tls") -> Stream:
    return Stream(kind, actor.pid, actor.started_ns, number)


def chunks(
    moves: Iterable[tuple[str, bytes]], *, number: int = 1, actor: Actor = AGENT, kind: str = "tls", server: bool = False, piece: int = PIECE
) -> list[Chunk]:
    """Each move as an operation, in pieces; `server`: as the other end sees them."""
    operations = {"out": itertools.count(), "in": itertools.count()}
    remote, local = (CLIENT, SERVER) if server else (SERVER, CLIENT)
    found = []
    for step, (seen, data) in enumerate(moves):
        way = {"out": "in", "in": "out"}[seen] if server else seen
        operation = next(operations[way])
        for offset in range(0, len(data), piece):
            part = data[offset : offset + piece]
            found.append(Chunk(START + step * STEP, actor, stream(number, actor, kind), way, operation, offset, len(data), part, remote, local))
    return found


def end(number: int = 1, actor: Actor = AGENT, after: int = 1000, kind: str = "tls") -> StreamEnd:
    return StreamEnd(START + after * STEP, actor, stream(number, actor, kind))


def flows(**limits: int) -> Flows:
    ids = itertools.count(1)
    return Flows(by_root("watch"), limits=Limits(**limits), ids=lambda: next(ids).to_bytes(8))


def told(records: Iterable[Any], using: Flows | None = None) -> list[Span]:
    """All that the records tell, in order."""
    reader = using or flows()
    found = [item for record in records for item in reader.take(record)] + reader.end()
    assert reader.held_bytes == 0
    return found


def attribute(span: Span, name: str) -> Any:
    return span.attributes.get(name)


def said(span: Span, name: str = "gen_ai.output.messages") -> Any:
    return json.loads(span.attributes[name])


def post(path: str, body: Any, *headers: str, host: str = "api.example.com") -> bytes:
    """A request of HTTP/1.1."""
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    head = [f"POST {path} HTTP/1.1", f"Host: {host}", "Content-Type: application/json", f"Content-Length: {len(data)}", *headers]
    return "\r\n".join(head).encode() + b"\r\n\r\n" + data


def reply(body: Any, *headers: str, status: str = "200 OK", kind: str = "application/json") -> bytes:
    """An answer of HTTP/1.1 with its length."""
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    head = [f"HTTP/1.1 {status}", f"Content-Type: {kind}", f"Content-Length: {len(data)}", *headers]
    return "\r\n".join(head).encode() + b"\r\n\r\n" + data


def events(*documents: Any, named: bool = False) -> list[bytes]:
    """Server-sent events."""
    lines = [document if isinstance(document, bytes) else json.dumps(document).encode() for document in documents]
    names = [f"event: {document['type']}\n".encode() if named and isinstance(document, dict) else b"" for document in documents]
    return [name + b"data: " + line + b"\n\n" for name, line in zip(names, lines, strict=True)]


def chunked(pieces: Iterable[bytes], *headers: str, kind: str = "text/event-stream") -> list[bytes]:
    """An answer whose pieces are sent one by one."""
    head = "\r\n".join(["HTTP/1.1 200 OK", f"Content-Type: {kind}", "Transfer-Encoding: chunked", *headers]).encode() + b"\r\n\r\n"
    return [head, *(f"{len(piece):x}\r\n".encode() + piece + b"\r\n" for piece in pieces), b"0\r\n\r\n"]


CHAT = {"model": "gpt-test", "messages": [{"role": "user", "content": "hello"}]}
COMPLETION = {
    "id": "chatcmpl-1",
    "object": "chat.completion",
    "model": "gpt-test-1",
    "choices": [{"index": 0, "message": {"role": "assistant", "content": "hi"}, "finish_reason": "stop"}],
    "usage": {"prompt_tokens": 7, "completion_tokens": 2, "prompt_tokens_details": {"cached_tokens": 3}},
}
DELTAS = [
    {"id": "chatcmpl-2", "model": "gpt-test-1", "choices": [{"index": 0, "delta": {"role": "assistant", "content": ""}}]},
    *({"id": "chatcmpl-2", "choices": [{"index": 0, "delta": {"content": word}}]} for word in ("one ", "two ", "three")),
    {"id": "chatcmpl-2", "choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]},
]


# real clients against a small server that writes down what passes

Handler = Callable[[str, bytes], Awaitable[tuple[str, list[bytes]]]]
"""Path and body in; content type and pieces of the answer out."""


class _Http2(asyncio.Protocol):
    def __init__(self, tapes: list[Tape], handler: Handler) -> None:
        self.tape, self.handler = Tape(), handler
        tapes.append(self.tape)
        self.state = h2.connection.H2Connection(h2.config.H2Configuration(client_side=False, header_encoding="utf-8"))
        self.bodies: dict[int, tuple[str, bytearray]] = {}
        self.tasks: set[asyncio.Task[None]] = set()
        self.space = asyncio.Event()

    def connection_made(self, transport: Any) -> None:
        self.transport = transport
        self.state.initiate_connection()
        self.flush()

    def flush(self) -> None:
        data = self.state.data_to_send()
        if data:
            self.tape.into(data)
            self.transport.write(data)

    def data_received(self, data: bytes) -> None:
        self.tape.out(data)
        for event in self.state.receive_data(data):
            match event:
                case h2.events.RequestReceived():
                    self.bodies[event.stream_id] = (dict(event.headers)[":path"], bytearray())
                case h2.events.DataReceived():
                    self.bodies[event.stream_id][1].extend(event.data)
                    self.state.acknowledge_received_data(event.flow_controlled_length, event.stream_id)
                case h2.events.StreamEnded():
                    task = asyncio.get_running_loop().create_task(self.answer(event.stream_id))
                    self.tasks.add(task)
                    task.add_done_callback(self.tasks.discard)
                case h2.events.WindowUpdated():
                    self.space.set()
        self.flush()

    async def answer(self, number: int) -> None:
        path, body = self.bodies[number]
        kind, pieces = await self.handler(path, bytes(body))
        self.state.send_headers(number, [(":status", "200"), ("content-type", kind), ("x-request-id", f"req-{number}")])
        for piece in pieces:
            self.state.send_data(number, piece, pad_length=3)
            self.flush()
            await asyncio.sleep(0)
        self.state.end_stream(number)
        self.flush()


class _Http1(asyncio.Protocol):
    def __init__(self, tapes: list[Tape], handler: Handler) -> None:
        self.tape, self.handler, self.buffer = Tape(), handler, b""
        tapes.append(self.tape)
        self.tasks: set[asyncio.Task[None]] = set()

    def connection_made(self, transport: Any) -> None:
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        self.tape.out(data)
        self.buffer += data
        head, blank, body = self.buffer.partition(b"\r\n\r\n")
        lengths = [int(line.split(b":")[1]) for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")]
        if blank and len(body) >= (lengths or [0])[0]:
            self.buffer = b""
            task = asyncio.get_running_loop().create_task(self.answer(head.split(b" ")[1].decode(), body))
            self.tasks.add(task)
            task.add_done_callback(self.tasks.discard)

    async def answer(self, path: str, body: bytes) -> None:
        kind, pieces = await self.handler(path, body)
        for data in chunked(pieces, kind=kind):
            self.tape.into(data)
            self.transport.write(data)
            await asyncio.sleep(0)


@asynccontextmanager
async def serving(handler: Handler, *, http2: bool = False) -> Any:
    """A server on the loopback; gives its address and a tape of each connection."""
    tapes: list[Tape] = []
    protocol = _Http2 if http2 else _Http1
    server = await asyncio.get_running_loop().create_server(lambda: protocol(tapes, handler), "127.0.0.1", 0)
    async with server:
        port = server.sockets[0].getsockname()[1]
        yield f"http://127.0.0.1:{port}", tapes


def recut(moves: Iterable[tuple[str, bytes]], sizes: list[int]) -> list[tuple[str, bytes]]:
    """The same bytes in pieces whose sizes are taken in turn from a list."""
    turn = itertools.cycle(sizes)
    found = []
    for way, data in moves:
        place = 0
        while place < len(data):
            size = next(turn)
            found.append((way, data[place : place + size]))
            place += size
    return found
