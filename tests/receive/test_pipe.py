"""Bytes between a client and the gRPC server."""

from __future__ import annotations

import asyncio
import random
import socket

import pytest

from spyglass.receive.pipe import Pipe


class Joined:
    """A client and a server with a pipe between them."""

    def __init__(self, first: bytes = b"") -> None:
        self.client, outer = socket.socketpair()
        inner, self.server = socket.socketpair()
        for one in (self.client, outer, inner, self.server):
            one.setblocking(False)
        self.ends = 0
        self.pipe = Pipe(outer, inner, self._ended)
        self.pipe.start(first)

    def _ended(self) -> None:
        self.ends += 1

    def close(self) -> None:
        self.pipe.end()
        self.client.close()
        self.server.close()


async def read_all(one: socket.socket, size: int) -> bytes:
    got = bytearray()
    async with asyncio.timeout(60):
        while len(got) < size:
            piece = await asyncio.get_running_loop().sock_recv(one, 65536)
            if not piece:
                break
            got += piece
    return bytes(got)


async def test_bytes_arrive_whole_and_in_order_both_ways():
    """Also more than any buffer between holds."""
    joined, loop = Joined(b"first "), asyncio.get_running_loop()
    there, back = random.Random(1).randbytes(5_000_000), random.Random(2).randbytes(3_000_000)
    sends = asyncio.gather(loop.sock_sendall(joined.client, there), loop.sock_sendall(joined.server, back))
    got = await asyncio.gather(read_all(joined.server, len(there) + 6), read_all(joined.client, len(back)))
    await sends
    assert got == [b"first " + there, back]
    joined.close()


async def test_a_side_that_does_not_read_holds_the_other_back():
    """What waits is bounded by the kernel's buffers; nothing is collected."""
    joined, loop = Joined(), asyncio.get_running_loop()
    sent = 0
    async with asyncio.timeout(60):
        idle = 0
        while idle < 20:  # until it has not moved for a while
            try:
                sent += joined.client.send(bytes(65536))
                idle = 0
            except BlockingIOError:
                idle += 1
            await asyncio.sleep(0.002)
    assert sent < 4_000_000
    assert len(await read_all(joined.server, sent)) == sent
    await loop.sock_sendall(joined.client, b"more")
    assert await read_all(joined.server, 4) == b"more"
    joined.close()


@pytest.mark.parametrize("side", ["client", "server"])
async def test_the_end_of_one_side_is_the_end_of_the_other(side):
    """With everything that was said before; told once."""
    joined, loop = Joined(), asyncio.get_running_loop()
    leaving, staying = (joined.client, joined.server) if side == "client" else (joined.server, joined.client)
    await loop.sock_sendall(leaving, b"goodbye")
    leaving.close()
    assert await read_all(staying, 100) == b"goodbye"
    assert joined.ends == 1
    joined.close()
    assert joined.ends == 1


async def test_many_pipes_at_once_do_not_mix_their_bytes():
    """They share a buffer; their bytes never meet."""
    pairs = [Joined() for _ in range(20)]
    loop = asyncio.get_running_loop()
    bodies = [random.Random(number).randbytes(300_000) for number in range(20)]
    sends = asyncio.gather(*(loop.sock_sendall(joined.client, body) for joined, body in zip(pairs, bodies, strict=True)))
    got = await asyncio.gather(*(read_all(joined.server, 300_000) for joined in pairs))
    await sends
    assert got == bodies
    for joined in pairs:
        joined.close()
