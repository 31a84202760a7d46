"""The kernel's ring of records, mapped into this process: gives what is complete, per peer and in order, without copying it.

The kernel offers the data twice in a row, so that a record which goes over the end lies in one piece; we map them once, as mapped pages count as our
memory, and give such a record in two pieces.
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
ACTED_ON: Final = frozenset({Kind.EXEC, Kind.LIBRARY})


class Run(NamedTuple):
    """Records of one peer that follow each other, in one piece or two; the pieces are valid until `release`."""

    peer: int
    pieces: tuple[memoryview, ...]
    size: int
    records: int


class Ring:
    """Reader of one ring buffer (its map's descriptor, its size: a power of two). `notice` is shown the records that the probe itself acts on."""

    def __init__(self, descriptor: int, size: int, notice: Callable[[bytes], None]) -> None:
        self._size, self._notice = size, notice
        self._consumer = mmap.mmap(descriptor, mmap.PAGESIZE, prot=mmap.PROT_READ | mmap.PROT_WRITE)
        self._producer = mmap.mmap(descriptor, mmap.PAGESIZE + size, prot=mmap.PROT_READ, offset=mmap.PAGESIZE)
        self._data = memoryview(self._producer)[mmap.PAGESIZE :]
        self._position: int = POSITION.unpack_from(self._consumer)[0]
        self._fence = threading.Lock()

    def take(self, most: int) -> list[Run]:
        """Everything that is complete, up to about `most` bytes. Call `release` when done with it."""
        stop = min(self._end(), self._position + most)
        self._order()
        runs: list[Run] = []
        at, mask, last, data, unpack = self._position, self._size - 1, self._size - HEAD.size, self._data, HEAD.unpack_from
        begin, of, count = at, -1, 0
        while at < stop:
            place = at & mask
            length, kind, peer, _ = unpack(data, place) if place <= last else HEAD.unpack(self._copy(at, HEAD.size))
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

    def _pieces(self, begin: int, size: int) -> tuple[memoryview, ...]:
        place = begin & self._size - 1
        beyond = place + size - self._size
        if beyond <= 0:
            return (self._data[place : place + size],)
        return self._data[place:], self._data[:beyond]

    def _copy(self, begin: int, size: int) -> bytes:
        return b"".join(self._pieces(begin, size))

    def release(self) -> None:
        """Give the space of what was taken back to the kernel."""
        POSITION.pack_into(self._consumer, 0, self._position)

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
        self._data.release()
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
