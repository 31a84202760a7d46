"""Carries bytes between a client's socket and the socket of our gRPC server, both ways, no faster than either takes them.

In: two connected sockets. Out: the same bytes. What the slower side does not take at once is all that is ever held, and nothing more is read meanwhile.
(Letting the kernel move the bytes with splice(2) was measured: no cheaper for large messages, dearer for small ones.)
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable
from typing import Final

__all__ = ["Pipe"]

# One for all pipes: bytes stay in it only within one callback. Of 64, 128, 256 and 512 KiB this was the fastest for messages of 425 kB.
_BUFFER: Final = memoryview(bytearray(256 * 1024))


class Pipe:
    """A client and our server, joined until either ends. Owns both sockets, which do not block; calls `ended` once."""

    def __init__(self, client: socket.socket, inner: socket.socket, ended: Callable[[], None]) -> None:
        self._sockets = (client, inner)
        self._ended: Callable[[], None] | None = ended
        self._ways = (_Way(client, inner, self.end), _Way(inner, client, self.end))

    def start(self, first: bytes) -> None:
        """Begin, with what the client has said already."""
        for way in self._ways:
            way.start()
        self._ways[0].pass_on(memoryview(first))

    def end(self) -> None:
        """Close both sides."""
        ended, self._ended = self._ended, None
        if ended is None:
            return
        for way in self._ways:
            way.stop()
        for side in self._sockets:
            side.close()
        ended()


class _Way:
    """One direction. Reads while nothing is held, and writes while something is."""

    def __init__(self, source: socket.socket, target: socket.socket, end: Callable[[], None]) -> None:
        self._loop = asyncio.get_running_loop()
        self._source, self._target = source, target
        self._end = end
        self._held = b""

    def start(self) -> None:
        self._loop.add_reader(self._source, self._read)

    def stop(self) -> None:
        self._loop.remove_reader(self._source)
        self._loop.remove_writer(self._target)

    def _read(self) -> None:
        try:
            size = self._source.recv_into(_BUFFER)
        except BlockingIOError:
            return
        except OSError:
            size = 0
        if size:
            self.pass_on(_BUFFER[:size])
        else:
            self._end()

    def pass_on(self, data: memoryview) -> None:
        try:
            sent = self._target.send(data)
        except BlockingIOError:
            sent = 0
        except OSError:
            self._end()
            return
        self._held = bytes(data[sent:])
        if self._held:
            self._loop.remove_reader(self._source)
            self._loop.add_writer(self._target, self._write)

    def _write(self) -> None:
        self._loop.remove_writer(self._target)
        self._loop.add_reader(self._source, self._read)
        self.pass_on(memoryview(self._held))
