"""A viewer that does not read loses its own oldest frames, is told how many, and harms nobody."""

import asyncio
import socket

from spyglass.testing.rows import spans

ROWS, BATCHES = 250, 16
ALL = "fields=full&rate=2000&burst=10000"  # about 4 kB a frame: 16 MB, more than sockets hold


async def narrow(port: int) -> socket.socket:
    """A connection that holds little of what its owner has not read."""
    connection = socket.socket()
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 8192)
    connection.setblocking(False)
    await asyncio.get_running_loop().sock_connect(connection, ("127.0.0.1", port))
    return connection


async def test_a_slow_viewer_loses_only_its_own_oldest_frames(start):
    """What it lost and what it got add up; it got the newest; the fast one got everything, in order."""
    live = await start({"stream": {"queue_frames": 600}}, send_buffer=8192)
    async with live.socket(ALL, max_queue=1, sock=await narrow(live.port)) as slow, live.socket("rate=2000&burst=10000") as fast:
        await slow.until(len)
        await fast.until(len)
        for batch in range(BATCHES):
            live.publish(spans(ROWS, first=batch * ROWS))
            await fast.frames((batch + 1) * ROWS)
        assert live.hub.status().dropped.keys() == {"slow"}
        seen = await slow.until(lambda frames: frames[-1].get("cursor") == fast.seen[-1]["cursor"])
    rows = [frame for frame in seen if frame["type"] == "span"]
    lost = [frame for frame in seen if frame["type"] == "lost"]
    assert {frame["reason"] for frame in lost} == {"slow"}
    assert len(rows) + sum(frame["count"] for frame in lost) == ROWS * BATCHES
    assert [frame["cursor"] for frame in rows[-600:]] == [frame["cursor"] for frame in fast.seen[-600:]]
    assert [frame["type"] for frame in fast.seen[1:]] == ["span"] * ROWS * BATCHES


async def test_publishing_never_waits_for_a_viewer(start):
    """Batches are taken at once, however much is waiting for viewers that do not read."""
    live = await start(send_buffer=8192)
    async with live.socket(ALL, max_queue=1, sock=await narrow(live.port)) as slow:
        await slow.until(len)
        table = spans(ROWS)
        async with asyncio.timeout(5):
            for _ in range(100):
                await asyncio.to_thread(live.publish, table)
        slow.connection.transport.abort()


async def test_a_viewer_that_takes_nothing_is_given_up(start):
    """After the write timeout its place is free, though it never closed its connection."""
    live = await start(send_buffer=8192, write_timeout_s=0.2)
    async with live.socket(ALL, max_queue=1, sock=await narrow(live.port)) as stuck:
        await stuck.until(len)
        table = spans(ROWS)
        for _ in range(BATCHES):
            live.publish(table)
        await live.viewers(0)
        stuck.connection.transport.abort()


async def test_what_this_server_could_not_take_is_told_too(start):
    """Rows that the bus had to drop are told as lost by the server."""
    live = await start(capacity=1)
    async with live.socket() as viewer:
        await viewer.until(len)
        for _ in range(5):  # in one go, before the hub has a turn
            live.publish(spans(3))
        lost = await viewer.one("lost")
        rows = await viewer.frames(3)
    assert lost["reason"] == "server"
    assert lost["count"] + len(rows) == 15
