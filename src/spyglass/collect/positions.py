"""How far each followed file was read, over restarts: a small SQLite file of the runner's own.

A file is known by device and inode and by its first bytes, as inodes are used again. One batch may be *pending*: given out, and not known to be kept. It is
given out again after a crash exactly as it was, so that the road knows it by its content and keeps it once.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final, NamedTuple

from spyglass.collect.statements import statements

__all__ = ["HEAD_BYTES", "Fingerprint", "Key", "Pending", "Position", "Positions", "fingerprint", "moved"]

HEAD_BYTES: Final = 1024
_TAIL_BYTES: Final = 256
_SQL: Final = statements("positions")

Key = tuple[int, int]  # device and inode


class Fingerprint(NamedTuple):
    """What the read part of a file looks like: its first bytes, and those before the offset."""

    head_bytes: int
    head: str
    tail: str


@dataclass(frozen=True, slots=True)
class Position:
    """How far a file was read."""

    key: Key
    path: str
    offset: int
    skipping: bool  # within a line that is left out
    print: Fingerprint
    seen_ns: int

    def is_of(self, descriptor: int) -> bool:
        """Whether what was read is still what the file begins with."""
        return self.begins(descriptor) and self.print.tail == _tail(descriptor, self.offset)

    def begins(self, descriptor: int) -> bool:
        """Whether the file has the same first bytes."""
        return _hash(os.pread(descriptor, self.print.head_bytes, 0)) == self.print.head


class Pending(NamedTuple):
    """A batch that was given out: bytes of a file, and the time that its lines without one were given."""

    key: Key
    start: int
    stop: int
    skipping: bool
    time_ns: int
    path: str  # as it was told


class Positions:
    """The file. Used by one thread.

    Raises:
        OSError: the folder cannot be written.
    """

    def __init__(self, folder: Path) -> None:
        self._path = folder / "positions.db"
        self.problem = ""
        try:
            self._open()
        except sqlite3.DatabaseError as error:
            self._path.replace(folder / "positions.damaged")
            kept = folder / "positions.damaged"
            self.problem = f"what was remembered of the files could not be read ({error}), so they are followed as if for the first time; it is kept as {kept}"
            self._open()
        self.is_new = not self._file.execute("PRAGMA user_version").fetchone()[0]  # nothing was ever remembered

    def _open(self) -> None:
        self._file = sqlite3.connect(self._path, isolation_level=None)
        self._path.chmod(0o600)
        self._file.execute("PRAGMA journal_mode=WAL")
        self._file.execute("PRAGMA synchronous=NORMAL")  # whole after a crash of the machine, and nothing lost by one of this process
        self._file.executescript(_SQL["schema"])

    def close(self) -> None:
        """Let go of the file."""
        self._file.close()

    def all(self) -> Iterator[Position]:
        """Every position, the latest first."""
        rows = self._file.execute(_SQL["all"])
        for dev, ino, path, offset, skipping, size, head, tail, seen_ns in rows.fetchall():
            yield Position((dev, ino), path, offset, bool(skipping), Fingerprint(size, head, tail), seen_ns)

    def pending(self) -> Pending | None:
        """The batch that was given out last, unless it is known to be kept."""
        row = self._file.execute(_SQL["pending"]).fetchone()
        return Pending((row[0], row[1]), row[2], row[3], bool(row[4]), *row[5:]) if row else None

    def save(self, positions: list[Position], pending: Pending | None, keep: int = 5_000) -> None:
        """Remember all of it at once; the `keep` latest positions stay."""
        with self._writing():
            self._file.execute("PRAGMA user_version = 1")
            rows = [(*one.key, one.path, one.offset, one.skipping, *one.print, one.seen_ns) for one in positions]
            self._file.executemany(_SQL["keep"], rows)
            if pending is None:
                self._file.execute(_SQL["forget_pending"])
            else:
                self._file.execute(_SQL["keep_pending"], (*pending.key, *pending[1:]))
            if positions:
                self._file.execute(_SQL["prune"], (keep,))

    @contextlib.contextmanager
    def _writing(self) -> Iterator[None]:
        try:
            self._file.execute("BEGIN IMMEDIATE")
            yield
            self._file.execute("COMMIT")
        except sqlite3.Error as error:
            if self._file.in_transaction:
                self._file.execute("ROLLBACK")
            raise OSError(f"how far files were read cannot be remembered in {self._path}: {error}") from error


def fingerprint(descriptor: int, offset: int) -> Fingerprint:
    """Of a file that was read up to `offset`."""
    head = os.pread(descriptor, HEAD_BYTES, 0)
    return Fingerprint(len(head), _hash(head), _tail(descriptor, offset))


def moved(position: Position, offset: int, descriptor: int, *, skipping: bool, now_ns: int) -> Position:
    """The position after more was read."""
    return replace(position, offset=offset, skipping=skipping, print=fingerprint(descriptor, offset), seen_ns=now_ns)


def _tail(descriptor: int, offset: int) -> str:
    begin = max(0, offset - _TAIL_BYTES)
    return _hash(os.pread(descriptor, offset - begin, begin))


def _hash(data: bytes) -> str:
    return hashlib.blake2b(data, digest_size=16).hexdigest()
