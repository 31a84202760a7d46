"""Source: a file to be read, uncompressed on the way, in one pass and with little memory.

Whether it is compressed is seen from its first bytes; the first part of what is in it (`head`) can be looked at before it is read.
"""

from __future__ import annotations

import io
import sys
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO, Final, Self

import pyarrow as pa

__all__ = ["HEAD_BYTES", "Source"]

HEAD_BYTES: Final = 64 * 1024
_BUFFER_BYTES: Final = 1024 * 1024
_COMPRESSIONS: Final = {b"\x1f\x8b": "gzip", b"\x28\xb5\x2f\xfd": "zstd"}


class Source:
    """One file, or standard input for `-`. Reading raises OSError where the file is cut off or damaged."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.name = "standard input" if str(path) == "-" else str(path)
        self._raw: BinaryIO = sys.stdin.buffer if str(path) == "-" else path.open("rb")
        self._counted = _Counted(self._raw)
        self.told_position: int | None = None  # set by readers that do not read the stream
        try:
            self._open()
        except BaseException:
            self.close()
            raise

    def _open(self) -> None:
        begin = self._counted.read(4)
        self._counted.put_back(begin)
        form = next((form for magic, form in _COMPRESSIONS.items() if begin.startswith(magic)), None)
        self.compressed = form is not None
        plain: Any = pa.CompressedInputStream(pa.PythonFile(self._counted, "r"), form) if form else self._counted
        self._rewound = _Counted(plain)
        self.head = self._rewound.read(HEAD_BYTES)
        self._rewound.put_back(self.head)
        self.stream = io.BufferedReader(self._rewound, _BUFFER_BYTES)

    @property
    def size(self) -> int:
        """Bytes of the file as it lies on the disk; 0 when nobody knows."""
        return 0 if str(self.path) == "-" else self.path.stat().st_size

    @property
    def position(self) -> int:
        """How many bytes of the file, as it lies on the disk, were read."""
        return self._counted.position if self.told_position is None else self.told_position

    def close(self) -> None:
        """Let go of the file."""
        if self._raw is not sys.stdin.buffer:
            self._raw.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()


class _Counted(io.RawIOBase):
    """A raw stream over anything with `read`, which counts, and takes bytes back at its start."""

    def __init__(self, inner: Any) -> None:
        self._inner, self._back, self._taken = inner, b"", 0

    @property
    def position(self) -> int:
        return self._taken - len(self._back)

    def readable(self) -> bool:
        return True

    def put_back(self, data: bytes) -> None:
        self._back = data + self._back

    def read(self, size: int | None = -1) -> bytes:
        """Exactly `size` bytes, less only at the end."""
        parts = []
        left = sys.maxsize if size is None or size < 0 else size
        while left > 0 and (part := self._once(min(left, _BUFFER_BYTES))):
            parts.append(part)
            left -= len(part)
        return b"".join(parts)

    def readinto(self, buffer: Any) -> int:
        part = self._once(len(buffer))
        buffer[: len(part)] = part
        return len(part)

    def _once(self, size: int) -> bytes:
        if self._back:
            part, self._back = self._back[:size], self._back[size:]
            return part
        part = bytes(self._inner.read(size))
        self._taken += len(part)
        return part
