"""The kernel's ring of records, mapped into this process: gives what is complete, per peer and in order, without copying it.

Mapped pages count as memory of ours, and the kernel maps all that it is asked for at once. So we map a window where we read, and the next one when we come
there; a record that goes over the end of a window, or of the ring, is given in pieces.
"""

from __future__ import annotations

import mmap
import select
import struct
import threading
from collections.abc import Callable
from typing import Final, NamedTuple

from spyglass.collect.probe.layout import BUSY, DISCARDED, HEAD, RING_HEADER, Kind

__all__ = ["Ring", "Run", "Wakes"]

POSITION: Final = struct.Struct("<Q")
WINDOW: Final = 1 << 20  # bytes; to map them takes 20 µs, and the busiest ring fills thirty in a second
ACTED_ON: Final = frozenset({Kind.EXEC, Kind.LIBRARY})


class Run(NamedTuple):
    """Records of one peer that follow each other, in pieces that are valid until `release`."""

    peer: int
    pieces: tuple[memoryview, ...]
    size: int
    records: int


class Ring:
    """Reader of one ring buffer: its map's descriptor, its size and that of a window, powers of two. `notice` is shown what the probe itself acts on."""

    def __init__(self, descriptor: int, size: int, notice: Callable[[bytes], None], window: int = WINDOW) -> None:
        self._size, self._notice, self._descriptor = size, notice, descriptor
        self._width = min(window, size)
        self._windows: dict[int, memoryview] = {}  # by where in the ring they begin
        self._consumer = mmap.mmap(descriptor, mmap.PAGESIZE, prot=mmap.PROT_READ | mmap.PROT_WRITE)
        self._producer = mmap.mmap(descriptor, mmap.PAGESIZE, prot=mmap.PROT_READ, offset=mmap.PAGESIZE)
        self._position: int = POSITION.unpack_from(self._consumer)[0]
        self._fence = threading.Lock()

    def take(self, most: int) -> list[Run]:
        """Everything that is complete, up to about `most` bytes. Call `release` when done with it."""
        stop = min(self._end(), self._position + most)
        self._order()
        runs: list[Run] = []
        at, width, unpack = self._position, self._width, HEAD.unpack_from
        last = width - HEAD.size
        window, first = self._window(at), at - at % width
        begin, of, count = at, -1, 0
        while at < stop:
            if at - first >= width:
                window, first = self._window(at), at - at % width
            place = at - first
            length, kind, peer, _ = unpack(window, place) if place <= last else HEAD.unpack(self._copy(at, HEAD.size))
            if length & BUSY:
                break
            following = at + ((length & ~DISCARDED) + RING_HEADER + 7 & ~7)
            if kind in ACTED_ON:
                self._notice(self._copy(at, following - at))
            if peer != of:
                if count:
                    runs.append(Run(of, self._pieces(begin, at - begin), at - begin, count))
                begin, of, count = at, peer, 0
            at, count = following, count + 1
        if count:
            runs.append(Run(of, self._pieces(begin, at - begin), at - begin, count))
        self._position = at
        self._order()
        return runs

    def _end(self) -> int:
        end: int = POSITION.unpack_from(self._producer)[0]
        return end

    def _place(self, at: int) -> int:
        """Where in the ring the window around a position begins."""
        return at - at % self._width & self._size - 1

    def _window(self, at: int) -> memoryview:
        """What is around a position."""
        place = self._place(at)
        window = self._windows.get(place)
        if window is None:
            offset = 2 * mmap.PAGESIZE + place  # behind the pages with both positions
            window = self._windows[place] = memoryview(mmap.mmap(self._descriptor, self._width, prot=mmap.PROT_READ, offset=offset))
        return window

    def _pieces(self, begin: int, size: int) -> tuple[memoryview, ...]:
        pieces, end = [], begin + size
        while begin < end:
            place = begin % self._width
            piece = self._window(begin)[place : place + end - begin]
            pieces.append(piece)
            begin += len(piece)
        return tuple(pieces)

    def _copy(self, begin: int, size: int) -> bytes:
        return b"".join(self._pieces(begin, size))

    def release(self) -> None:
        """Give the space of what was taken back to the kernel, and the windows that were left; they go with the last piece that somebody holds."""
        here = self._place(self._position)
        self._windows = {place: window for place, window in self._windows.items() if place == here}
        POSITION.pack_into(self._consumer, 0, self._position)

    def skip(self, position: int) -> None:
        """Begin there, if that lies ahead: bytes of records since the ring was made."""
        self._position = max(self._position, position)

    def waiting(self) -> int:
        """Bytes not taken yet."""
        return self._end() - self._position

    def _order(self) -> None:
        """Keep reads on either side apart: the kernel writes from other CPUs, and a lock taken and given back twice is the barrier that Python has."""
        for _ in range(2):
            with self._fence:
                pass

    def close(self) -> None:
        """Unmap."""
        self._windows.clear()
        self._producer.close()
        self._consumer.close()


class Wakes:
    """Ready when the kernel wakes the ring's reader, not as long as something waits there: else the loop would run for every few records."""

    def __init__(self, descriptor: int) -> None:
        self._edges = select.epoll(1)
        self._edges.register(descriptor, select.EPOLLIN | select.EPOLLET)

    def fileno(self) -> int:
        """To be selected for reading."""
        return self._edges.fileno()

    def take(self) -> None:
        """Take note of a wake-up."""
        self._edges.poll(0, 1)

    def close(self) -> None:
        """Forget the ring."""
        self._edges.close()
