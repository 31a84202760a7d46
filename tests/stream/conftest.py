"""A hub behind a real server, and clients of both transports."""

from __future__ import annotations

import asyncio
import json
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field, fields
from typing import Any, cast

import httpx
import pyarrow as pa
import pytest
import uvicorn
from fastapi import FastAPI
from httpx_sse import ServerSentEvent, aconnect_sse
from websockets.asyncio.client import ClientConnection, connect

from spyglass.config.spec import Settings
from spyglass.model.batch import Batch
from spyglass.model.clock import SystemClock
from spyglass.model.schema import Kind
from spyglass.publish.bus import Bus
from spyglass.show.app import create_app
from spyglass.show.services import Services
from spyglass.stream.hub import Hub, Limits

Frames = list[dict[str, Any]]


async def eventually(condition: Callable[[], bool]) -> None:
    """Wait for what nobody tells of."""
    async with asyncio.timeout(60):
        while not condition():
            await asyncio.sleep(0.01)


@dataclass
class Watcher:
    """One viewer. Groups of frames come in; `frames` waits until there are enough of a type."""

    groups: AsyncIterator[Frames]
    seen: Frames = field(default_factory=list)

    async def until(self, enough: Callable[[Frames], bool]) -> Frames:
        """Everything seen so far, as soon as it is enough."""
        async with asyncio.timeout(60):
            while not enough(self.seen):
                self.seen += await anext(self.groups)
        return self.seen

    async def frames(self, count: int = 1, kind: str | tuple[str, ...] = ("span", "event", "point")) -> Frames:
        """The first `count` frames of a type."""

        def wanted() -> Frames:
            return [frame for frame in self.seen if frame["type"] in kind]

        await self.until(lambda _: len(wanted()) >= count)
        return wanted()

    async def one(self, kind: str) -> dict[str, Any]:
        """The next frame of a type; it is not given again."""
        found = (await self.frames(1, (kind,)))[0]
        self.seen.remove(found)
        return found


@dataclass
class Socket(Watcher):
    """A viewer over a WebSocket."""

    connection: ClientConnection | None = None

    async def say(self, **message: Any) -> None:
        """Send a message."""
        await self.send(json.dumps(message))

    async def send(self, text: str) -> None:
        """Send text."""
        assert self.connection is not None
        await self.connection.send(text)


@dataclass
class Live:
    """A running hub and its server."""

    bus: Bus
    hub: Hub
    port: int
    offset: int = 0

    def publish(self, rows: pa.Table, kind: Kind = Kind.SPAN, messages: pa.Table | None = None) -> int:
        """Publish a batch at the next log offset."""
        self.offset += 1
        self.bus.publish(self.offset, Batch(kind, rows, messages))
        return self.offset

    @asynccontextmanager
    async def socket(self, query: str = "", path: str = "/events/stream", **options: Any) -> AsyncIterator[Socket]:
        """A viewer over a WebSocket, after its hello was sent."""
        async with connect(f"ws://127.0.0.1:{self.port}{path}?{query}", **{"compression": None, **options}) as connection:
            yield Socket(_messages(connection), connection=connection)

    @asynccontextmanager
    async def events(self, query: str = "", path: str = "/events/stream", **headers: str) -> AsyncIterator[Watcher]:
        """A viewer of server-sent events."""
        url = f"http://127.0.0.1:{self.port}{path}?{query}"
        async with httpx.AsyncClient(timeout=10, verify=False) as client, aconnect_sse(client, "GET", url, headers=headers) as source:
            yield Watcher(_events(source.aiter_sse()))

    async def get(self, path: str, **headers: str) -> httpx.Response:
        """An answer that ends."""
        async with httpx.AsyncClient(timeout=10, verify=False) as client:
            return await client.get(f"http://127.0.0.1:{self.port}{path}", headers=headers)

    async def viewers(self, count: int) -> None:
        """Wait until there are so many viewers."""
        await self.eventually(lambda: self.hub.status().viewers == count)

    async def eventually(self, condition: Callable[[], bool]) -> None:
        """Wait until it holds."""
        await eventually(condition)


async def _messages(connection: ClientConnection) -> AsyncIterator[Frames]:
    async for message in connection:
        yield json.loads(message)


async def _events(events: AsyncIterator[ServerSentEvent]) -> AsyncIterator[Frames]:
    async for event in events:
        if event.data:
            yield json.loads(event.data)


def services(settings: Settings, hub: Hub) -> Services:
    """The hub and nothing else."""
    nothing = dict.fromkeys((part.name for part in fields(Services)), cast("Any", None))
    return Services(**{**nothing, "version": "0", "settings": settings, "clock": SystemClock(), "hub": hub})


@pytest.fixture(scope="session")
def app() -> FastAPI:
    """The API, made once for all tests of this room: that takes longer than they do. Each test puts its own services into it."""
    return create_app(services(Settings(), cast("Hub", None)))


class Server(uvicorn.Server):
    """Stops at once, where uvicorn looks ten times a second whether it shall."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.stopping = asyncio.Event()

    async def main_loop(self) -> None:
        """Until it shall stop."""
        await self.stopping.wait()


@asynccontextmanager
async def serving(app: Any, send_buffer: int | None) -> AsyncIterator[int]:
    """The app on a free port."""
    listening = socket.create_server(("127.0.0.1", 0))
    if send_buffer is not None:  # connections inherit it
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, send_buffer)
    server = Server(uvicorn.Config(app, lifespan="off", log_config=None, ws_per_message_deflate=False))
    task = asyncio.create_task(server.serve(sockets=[listening]))
    await eventually(lambda: server.started)
    try:
        yield int(listening.getsockname()[1])
    finally:
        server.stopping.set()
        await task


@pytest.fixture
async def start(app: FastAPI) -> AsyncIterator[Callable[..., Any]]:
    """What makes a `Live` with other settings; it is stopped when the test ends."""
    async with AsyncExitStack() as stack:

        async def begin(settings: dict[str, Any] | None = None, capacity: int = 64, send_buffer: int | None = None, **limits: Any) -> Live:
            chosen, bus = Settings(**(settings or {})), Bus()
            hub = Hub(bus.subscribe("live", capacity=capacity), chosen.stream, SystemClock(), Limits(**limits))
            await stack.enter_async_context(hub.running())
            app.state.services = services(chosen, hub)
            port = await stack.enter_async_context(serving(app, send_buffer))
            stack.callback(hub.close)
            return Live(bus, hub, port)

        yield begin


@pytest.fixture
async def live(start: Callable[..., Any]) -> Live:
    """A running hub with the default settings."""
    return cast("Live", await start())
