"""How soon a span that was published is a frame at a live viewer: prints p50 and p99 with many viewers over WebSockets.

    python bench/live.py [--viewers N] [--rows R] [--spans-per-s S] [--seconds T] [--filters F]

The server (bus, hub, uvicorn) is this process; all viewers are one other process, on the same cores. Each viewer has a rate of 50 frames a second.
With `--filters F` the viewers ask for F different searches in turn, so that the server has to evaluate each of them.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import multiprocessing
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import fields
from multiprocessing.connection import Connection
from threading import Thread
from typing import Any, cast

import pyarrow as pa
import uvicorn
from fastapi import FastAPI
from websockets.asyncio.client import connect

from spyglass.config.spec import Settings
from spyglass.model.batch import Batch
from spyglass.model.clock import SystemClock
from spyglass.model.schema import SPAN, Kind
from spyglass.publish.bus import Bus
from spyglass.show.app import create_app
from spyglass.show.services import Services
from spyglass.stream.hub import Hub
from spyglass.testing.rows import spans

RATE = 50
SEARCHES = (
    "",
    "kind:llm",
    "tokens>100",
    "agent:plan*",
    "duration>100ms",
    "is:error or kind:tool",
    "attr.test.row>10",
    "name:*chat*",
    "weather or sunny or chat or invoke_agent",
    "-plumbing:true service:travel",
)


def view(port: int, viewers: int, filters: int, pipe: Connection) -> None:
    """The other process: tells when all viewers are connected, and in the end how late each frame was, in seconds."""
    asyncio.run(_view(port, viewers, filters, pipe))


async def _view(port: int, viewers: int, filters: int, pipe: Connection) -> None:
    late: list[float] = []
    lost: dict[str, int] = {}
    connected = asyncio.Semaphore(0)

    async def one(which: int) -> None:
        query = SEARCHES[which % max(1, filters) % len(SEARCHES)]
        async with connect(
            f"ws://127.0.0.1:{port}/events/stream?kind=span&rate={RATE}&burst={RATE}&query={query.replace(' ', '%20')}", compression=None
        ) as socket:
            connected.release()
            async for message in socket:
                now_ns = time.time_ns()
                for frame in json.loads(message):
                    if frame["type"] == "span":
                        late.append((now_ns - frame["duration_ns"]) / 1e9)  # the publisher writes its time there
                    elif frame["type"] == "lost":
                        lost[frame["reason"]] = lost.get(frame["reason"], 0) + frame["count"]

    async with asyncio.TaskGroup() as tasks:
        watching = [tasks.create_task(one(which)) for which in range(viewers)]
        for _ in watching:
            await connected.acquire()
        pipe.send("connected")
        await asyncio.to_thread(pipe.recv)
        for task in watching:
            task.cancel()
    pipe.send((late, lost))


def publish(bus: Bus, rows: int, spans_per_s: int, seconds: float) -> None:
    """Batches at an even pace, each with the time of its publishing as the duration of its spans."""
    table = spans(rows)
    at = SPAN.get_field_index("duration_ns")
    start = time.monotonic()
    for offset in range(round(spans_per_s * seconds / rows)):
        due = start + offset * rows / spans_per_s
        time.sleep(max(0.0, due - time.monotonic()))
        stamped = table.set_column(at, SPAN.field(at), pa.repeat(pa.scalar(time.time_ns(), pa.uint64()), rows))
        bus.publish(offset, Batch(Kind.SPAN, stamped))


@contextmanager
def viewing(port: int, viewers: int, filters: int) -> Iterator[Connection]:
    """The other process, with its viewers connected."""
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=view, args=(port, viewers, filters, theirs))
    process.start()
    try:
        yield ours
    finally:
        process.join(20)
        process.kill()


def app(hub: Hub, settings: Settings) -> FastAPI:
    """The API with nothing behind it but the hub."""
    nothing = dict.fromkeys((part.name for part in fields(Services)), cast("Any", None))
    return create_app(Services(**{**nothing, "settings": settings, "clock": SystemClock(), "hub": hub}))


async def lateness_of_loop(worst: list[float]) -> None:
    """How long the event loop of the server keeps others waiting."""
    while True:
        before = time.monotonic()
        await asyncio.sleep(0.005)
        worst.append(time.monotonic() - before - 0.005)


async def measure(chosen: argparse.Namespace) -> None:
    """Serve, publish, and print what the viewers saw."""
    settings, bus = Settings(), Bus()
    hub = Hub(bus.subscribe("live"), settings.stream, SystemClock())
    config = uvicorn.Config(app(hub, settings), port=0, log_level="warning", lifespan="off", ws_per_message_deflate=False)
    server = uvicorn.Server(config)
    waits: list[float] = []
    async with hub.running(), asyncio.TaskGroup() as tasks:
        serving = tasks.create_task(server.serve())
        while not server.started:  # noqa: ASYNC110 - uvicorn has no event for it
            await asyncio.sleep(0.01)
        port = server.servers[0].sockets[0].getsockname()[1]
        with viewing(port, chosen.viewers, chosen.filters) as pipe:
            await asyncio.to_thread(pipe.recv)
            watch = tasks.create_task(lateness_of_loop(waits))
            cpu_s = time.process_time()
            publisher = Thread(target=publish, args=(bus, chosen.rows, chosen.spans_per_s, chosen.seconds))
            publisher.start()
            await asyncio.to_thread(publisher.join)
            cpu_s = time.process_time() - cpu_s
            await asyncio.sleep(0.5)
            pipe.send("stop")
            late, lost = await asyncio.to_thread(pipe.recv)
        watch.cancel()
        status = hub.status()
        hub.close()
        server.should_exit = True
        await serving
    late.sort()
    waits.sort()
    print(f"{chosen.viewers} viewers, {chosen.spans_per_s} spans/s in batches of {chosen.rows}, {chosen.filters} searches: ", end="")
    print(f"{len(late)} frames, lost {lost}")
    print(f"publish to frame: p50 {late[len(late) // 2] * 1e3:.1f} ms, p99 {late[len(late) * 99 // 100] * 1e3:.1f} ms, worst {late[-1] * 1e3:.1f} ms")
    print(f"server: {cpu_s / chosen.seconds * 100:.0f} % of a core; its event loop waits p99 {waits[len(waits) * 99 // 100] * 1e3:.1f} ms")
    print(f"hub: {status.sent_frames} frames sent, dropped {status.dropped}, {status.recent_bytes / 2**20:.0f} MiB of recent batches")


def main() -> None:
    """Run and print."""
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--viewers", type=int, default=50)
    arguments.add_argument("--rows", type=int, default=512)
    arguments.add_argument("--spans-per-s", type=int, default=5_000)
    arguments.add_argument("--seconds", type=float, default=10.0)
    arguments.add_argument("--filters", type=int, default=1, help="how many different searches the viewers have")
    asyncio.run(measure(arguments.parse_args()))


if __name__ == "__main__":
    main()
