"""Carries bytes between a client's socket and the socket of our gRPC server, both ways, no faster than either takes them.

In: two connected sockets. Out: the same bytes. On Linux the kernel moves them (splice), so that they never pass through this process's memory;
elsewhere they are read and written.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
import sys
from collections.abc import Callable
from typing import Final, Protocol

__all__ = ["Carrier", "Copying", "Pipe", "Splicing", "best_carriers"]

_STEP_BYTES: Final = 1024 * 1024
_COPY_BYTES: Final = 256 * 1024


class Carrier(Protocol):
    """Takes bytes from one descriptor and puts them into another; holds those which the other did not take."""

    def fill(self, source: int) -> bool:
        """Take what there is; False at the end. Called only when nothing is held. Raises BlockingIOError when there is nothing yet."""

    def drain(self, target: int) -> None:
        """Put all that is held. Raises BlockingIOError when the target takes no more now."""

    def close(self) -> None:
        """Let go of what is held."""


class Copying:
    """Through this process's memory: for any system."""

    def __init__(self) -> None:
        self._held = b""

    def fill(self, source: int) -> bool:
        """Take what there is."""
        self._held = os.read(source, _COPY_BYTES)
        return bool(self._held)

    def drain(self, target: int) -> None:
        """Put all that is held."""
        while self._held:
            self._held = self._held[os.write(target, self._held) :]

    def close(self) -> None:
        """Let go of what is held."""
        self._held = b""


if sys.platform == "linux":
    import fcntl

    class Splicing:
        """Through a pipe of the kernel, borrowed from `spare` while bytes are in it, so that a quiet connection has none."""

        def __init__(self, spare: list[tuple[int, int]]) -> None:
            self._spare = spare
            self._pipe: tuple[int, int] | None = None
            self._held_bytes = 0

        def fill(self, source: int) -> bool:
            """Take what there is."""
            if self._pipe is None:
                self._pipe = self._spare.pop() if self._spare else _new_pipe()
            try:
                self._held_bytes = os.splice(source, self._pipe[1], _STEP_BYTES, flags=os.SPLICE_F_MOVE | os.SPLICE_F_NONBLOCK)
            finally:
                if not self._held_bytes:
                    self._give_back()
            return self._held_bytes > 0

        def drain(self, target: int) -> None:
            """Put all that is held."""
            while self._held_bytes and self._pipe:
                self._held_bytes -= os.splice(self._pipe[0], target, self._held_bytes, flags=os.SPLICE_F_MOVE | os.SPLICE_F_NONBLOCK)
            self._give_back()

        def close(self) -> None:
            """Let go of what is held."""
            if self._pipe is not None:
                for descriptor in self._pipe:
                    os.close(descriptor)
                self._pipe = None

        def _give_back(self) -> None:
            if self._pipe is not None and len(self._spare) < 4:
                self._spare.append(self._pipe)
                self._pipe = None
            self.close()

    def _new_pipe() -> tuple[int, int]:
        pipe = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
        with contextlib.suppress(OSError):  # beyond the user's share of pipe memory the kernel says no, and the pipe stays small
            fcntl.fcntl(pipe[1], fcntl.F_SETPIPE_SZ, _STEP_BYTES)
        return pipe

    def best_carriers() -> Callable[[], Carrier]:
        """A maker of carriers: the fastest of this system."""
        spare: list[tuple[int, int]] = []
        return lambda: Splicing(spare)

else:

    def best_carriers() -> Callable[[], Carrier]:
        """A maker of carriers: the fastest of this system."""
        return Copying


class Pipe:
    """A client and our server, joined until either ends. Owns both sockets; calls `ended` once."""

    def __init__(self, client: socket.socket, inner: socket.socket, first: bytes, carrier: Callable[[], Carrier], ended: Callable[[], None]) -> None:
        self._sockets = (client, inner)
        self._ended: Callable[[], None] | None = ended
        loop = asyncio.get_running_loop()
        self._ways = (
            _Way(loop, client.fileno(), inner.fileno(), carrier(), self.end, first),
            _Way(loop, inner.fileno(), client.fileno(), carrier(), self.end),
        )
        for way in self._ways:
            if self._ended is not None:
                way.start()

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
    """One direction."""

    def __init__(self, loop: asyncio.AbstractEventLoop, source: int, target: int, carrier: Carrier, end: Callable[[], None], first: bytes = b"") -> None:
        self._loop = loop
        self._source, self._target = source, target
        self._carrier = carrier
        self._end = end
        self._first = first

    def start(self) -> None:
        self._loop.add_reader(self._source, self._fill)
        self._drain()

    def stop(self) -> None:
        self._loop.remove_reader(self._source)
        self._loop.remove_writer(self._target)
        self._carrier.close()

    def _fill(self) -> None:
        try:
            more = self._carrier.fill(self._source)
        except BlockingIOError:
            return
        except OSError:
            more = False
        if more:
            self._drain()
        else:
            self._end()

    def _drain(self) -> None:
        try:
            while self._first:
                self._first = self._first[os.write(self._target, self._first) :]
            self._carrier.drain(self._target)
        except BlockingIOError:
            self._loop.remove_reader(self._source)
            self._loop.add_writer(self._target, self._resume)
        except OSError:
            self._end()

    def _resume(self) -> None:
        self._loop.remove_writer(self._target)
        self._loop.add_reader(self._source, self._fill)
        self._drain()
