"""Which bodies the log has had: keys in, "seen" out, also after a crash and after the segments that held them are gone.

The latest `bound` keys are known. Keys of entries still kept are in the segments; before a segment is deleted, its keys go to the journal.
The first 16 bytes of a key name the body; what follows is a note of whoever brought it, given back to whoever asks for the body again.
"""

from __future__ import annotations

import os
import struct
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Final

import msgspec
import structlog
import xxhash

from spyglass.publish.files import flush, replace, write_all

__all__ = ["Keys"]

_NAME_BYTES: Final = 16

_RECORD: Final = struct.Struct("<IQ")  # size and checksum of the msgpack list of keys that follows
_DECODER: Final = msgspec.msgpack.Decoder(list[bytes])

log = structlog.get_logger()


class Keys:
    """The latest `bound` keys, about 110 bytes of memory each. Not safe for threads by itself; `retire` may run beside the other methods."""

    def __init__(self, path: Path, bound: int) -> None:
        """Read the journal. Raises OSError."""
        self._path = path
        self._bound = bound
        self._known: dict[bytes, bytes] = {}  # name → note
        self._order: deque[bytes] = deque()
        self._journalled = 0
        for keys in self._read():
            self.add(keys)
            self._journalled += len(keys)

    def __contains__(self, key: bytes) -> bool:
        return key[:_NAME_BYTES] in self._known

    def note(self, key: bytes) -> bytes | None:
        """What was noted with this body, mostly nothing; None: the body is not known."""
        return self._known.get(key[:_NAME_BYTES])

    def __len__(self) -> int:
        return len(self._known)

    def add(self, keys: Iterable[bytes]) -> None:
        """Know these; the oldest are forgotten beyond the bound."""
        for key in keys:
            name = key[:_NAME_BYTES]
            if name not in self._known:
                self._known[name] = key[_NAME_BYTES:]
                self._order.append(name)
        while len(self._order) > self._bound:
            self._known.pop(self._order.popleft(), None)

    def retire(self, keys: Sequence[bytes]) -> None:
        """Write the keys of a segment that is about to go to the journal, which holds at most twice the bound.

        Raises:
            OSError: the journal is as before.
        """
        if not keys:
            return
        if not self._journalled or self._journalled + len(keys) > 2 * self._bound:
            journalled = [key for record in self._read() for key in record]
            latest = [*journalled, *keys][-self._bound :]
            replace(self._path, _record(latest))
            self._journalled = len(latest)
        else:
            self._append(_record(keys))
            self._journalled += len(keys)

    def _append(self, record: bytes) -> None:
        fd = os.open(self._path, os.O_WRONLY | os.O_APPEND | os.O_CLOEXEC)
        try:
            size_bytes = os.fstat(fd).st_size
            try:
                write_all(fd, [record])
                flush(fd)
            except OSError:
                os.ftruncate(fd, size_bytes)
                raise
        finally:
            os.close(fd)

    def _read(self) -> Iterator[list[bytes]]:
        """The records of the journal up to the first that is cut off or damaged; what follows that is cut away."""
        data = self._path.read_bytes() if self._path.exists() else b""
        start = 0
        while start < len(data):
            keys = _keys(data, start)
            if keys is None:
                log.warning("log key journal cut", size_bytes=len(data) - start)
                os.truncate(self._path, start)
                return
            yield keys
            start += _RECORD.size + _RECORD.unpack_from(data, start)[0]


def _record(keys: Sequence[bytes]) -> bytes:
    data = msgspec.msgpack.encode(list(keys))
    return _RECORD.pack(len(data), xxhash.xxh3_64_intdigest(data)) + data


def _keys(data: bytes, start: int) -> list[bytes] | None:
    if start + _RECORD.size > len(data):
        return None
    size_bytes, checksum = _RECORD.unpack_from(data, start)
    body = data[start + _RECORD.size : start + _RECORD.size + size_bytes]
    return _DECODER.decode(body) if len(body) == size_bytes and xxhash.xxh3_64_intdigest(body) == checksum else None
