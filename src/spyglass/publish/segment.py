"""One file of the log: frames in, frames out.

A file starts with its identity (24 bytes: magic, identity of the log, checksum), then come frames (see `frame.py`). Its name is the first
offset it may hold; it ends where the next file starts. Only the process that made a file adds to it.
"""

from __future__ import annotations

import contextlib
import mmap
import os
import struct
from array import array
from bisect import bisect_left
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final, NamedTuple

import structlog
import xxhash

from spyglass.model.errors import ConfigError
from spyglass.publish import frame
from spyglass.publish.files import flush, replace, write_all
from spyglass.publish.frame import Head

__all__ = ["SUFFIX", "Place", "Segment", "identity_of", "recover"]

SUFFIX: Final = ".log"
_START: Final = struct.Struct("<8sQQ")
_MAGIC: Final = b"SPYLOG\x00\x01"  # the last byte is the version

log = structlog.get_logger()


class Place(NamedTuple):
    """Where a frame is in its file, and what is in it."""

    first: int
    last: int
    position: int
    size_bytes: int
    memory_bytes: int
    rows: int
    appended_ns: int


class _Index:
    """The places of a file, in order, at 56 bytes each."""

    def __init__(self) -> None:
        self._columns = tuple(array("q") for _ in Place._fields)

    def add(self, place: Place) -> None:
        for column, value in zip(self._columns, place, strict=True):
            column.append(value)

    def __len__(self) -> int:
        return len(self._columns[0])

    def __getitem__(self, at: int) -> Place:
        return Place(*(column[at] for column in self._columns))

    def find(self, offset: int) -> int:
        """The number of the frame that holds `offset`, else of the first one after it."""
        return bisect_left(self._columns[1], offset)


class Segment:
    """A file and the places of its frames. `end` is the offset after its last frame."""

    def __init__(self, path: Path, identity: int) -> None:
        self.path = path
        self.identity = identity  # seeds the checksums of its frames
        self.first = int(path.stem)
        self.end = self.first
        self.size_bytes = _START.size
        self.places = _Index()
        self.keys: list[bytes] = []

    def add(self, place: Place, keys: tuple[bytes, ...]) -> None:
        """Know a frame that is in the file."""
        self.places.add(place)
        self.keys.extend(keys)
        self.end = place.last + 1
        self.size_bytes = place.position + place.size_bytes

    def since(self, offset: int) -> Iterator[Place]:
        """The frames which hold `offset` or come after it."""
        return (self.places[at] for at in range(self.places.find(offset), len(self.places)))

    def bytes_since(self, offset: int) -> int:
        """How many bytes of the file belong to those frames."""
        at = self.places.find(offset)
        return self.size_bytes - self.places[at].position if at < len(self.places) else 0


class Appender:
    """Writes at the end of a new file, durably. One thread."""

    def __init__(self, path: Path, identity: int) -> None:
        """Make the file, or empty the one that is there. Raises OSError."""
        replace(path, _start(identity))
        self._fd = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CLOEXEC)
        self._size_bytes = _START.size

    def write(self, buffers: list[Any]) -> None:
        """Add and flush.

        Raises:
            OSError: nothing was added; the file must not be added to again, as a failed flush says nothing about the next one.
        """
        size_bytes = self._size_bytes + sum(map(len, buffers))
        try:
            write_all(self._fd, buffers)
            flush(self._fd)
        except BaseException:
            with contextlib.suppress(OSError):
                os.ftruncate(self._fd, self._size_bytes)
                flush(self._fd)
            raise
        self._size_bytes = size_bytes

    def close(self) -> None:
        """Let go of the file."""
        os.close(self._fd)


def identity_of(path: Path) -> int | None:
    """The identity of the log that made a file; None when its start is damaged.

    Raises:
        ConfigError: another version of Spyglass wrote it, in another form.
        OSError: it cannot be read.
    """
    with path.open("rb") as file:
        start = file.read(_START.size)
    if start[:7] == _MAGIC[:7] and start[7:8] != _MAGIC[7:]:
        raise ConfigError(f"{path}: expected a log of version {_MAGIC[7]}, got version {start[7]}; use the version of Spyglass that wrote it")
    if len(start) < _START.size:
        return None
    magic, identity, checksum = _START.unpack(start)
    return int(identity) if magic == _MAGIC and xxhash.xxh3_64_intdigest(start[:16]) == checksum else None


def recover(path: Path, identity: int, end: int | None) -> Segment:
    """The segment of a file, with every frame that can be used.

    `end` is where the next file starts. None: this is the last file, so that all its payloads are checked, and what a crash left half written
    at its end is cut off. In earlier files payloads are checked when they are read.

    Raises:
        OSError: the file cannot be read or cut.
    """
    segment = Segment(path, identity)
    with path.open("r+b") as file:
        size_bytes = os.fstat(file.fileno()).st_size
        if size_bytes > _START.size:
            with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as mapped, memoryview(mapped) as data:
                for position, head in _frames(data, mapped, identity, check=end is None):
                    if end is None or head.last < end:
                        place = Place(head.first, head.last, position, head.size_bytes, head.memory_bytes, head.rows, head.appended_ns)
                        segment.add(place, head.keys)
        if end is None and size_bytes > segment.size_bytes:
            log.warning("log tail cut", file=path.name, size_bytes=size_bytes - segment.size_bytes)
            file.truncate(segment.size_bytes)
            flush(file.fileno())
    return segment


def _frames(data: memoryview, mapped: mmap.mmap, seed: int, *, check: bool) -> Iterator[tuple[int, Head]]:
    """The usable frames and where they start. Jumps over damage to the next frame."""
    position = _START.size
    while 0 <= position < len(data):
        head = frame.read_head(data, position, seed)
        if head is None:
            position = mapped.find(frame.MAGIC, position + 1)
            continue
        payload = data[position + head.head_bytes : position + head.size_bytes]
        if len(payload) == head.payload_bytes and (not check or frame.whole(head, payload, seed)):
            yield position, head
        position += head.size_bytes


def _start(identity: int) -> bytes:
    start = struct.pack("<8sQ", _MAGIC, identity)
    return start + struct.pack("<Q", xxhash.xxh3_64_intdigest(start))
