"""Bytes to the disk so that they stay there: paths and buffers in, durable files out."""

from __future__ import annotations

import contextlib
import fcntl
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from spyglass.model.errors import ConfigError

__all__ = ["flush", "flush_directory", "own", "replace", "write_all"]

_MOST_BUFFERS: Final = 512  # of one writev; POSIX systems take 1024
_FULL_FSYNC: Final[int | None] = getattr(fcntl, "F_FULLFSYNC", None)  # macOS, whose fsync stops at the drive's cache


def flush(fd: int) -> None:
    """Wait until the content of a file is on the disk. Raises OSError."""
    if _FULL_FSYNC is not None:
        fcntl.fcntl(fd, _FULL_FSYNC)
    else:
        os.fdatasync(fd)


def flush_directory(path: Path) -> None:
    """Wait until names made or removed in a folder are on the disk. Raises OSError."""
    fd = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)


def write_all(fd: int, buffers: Sequence[Any]) -> None:
    """Write buffers (anything with bytes inside) one after the other, all of them. Raises OSError; then some may be written."""
    waiting = [memoryview(buffer).cast("B") for buffer in buffers if len(buffer)]
    start = 0
    while start < len(waiting):
        written = os.writev(fd, waiting[start : start + _MOST_BUFFERS])
        while start < len(waiting) and written >= len(waiting[start]):
            written -= len(waiting[start])
            start += 1
        if written:
            waiting[start] = waiting[start][written:]


def replace(path: Path, data: bytes) -> None:
    """Give a file new content: after a crash it has the old or the new, never a part. Raises OSError; then it has the old."""
    fresh = path.with_name(path.name + ".new")
    fd = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
    try:
        write_all(fd, [data])
        flush(fd)
    except OSError:
        with contextlib.suppress(OSError):
            fresh.unlink()
        raise
    finally:
        os.close(fd)
    fresh.rename(path)
    flush_directory(path.parent)


def own(directory: Path) -> int:
    """Make this process the only one that uses a folder, until it closes the answered descriptor or ends.

    Raises:
        ConfigError: the folder cannot be made or written, or another process has it.
    """
    try:
        directory.mkdir(parents=True, exist_ok=True, mode=0o700)
        fd = os.open(directory / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise ConfigError(f"{directory}: expected a folder that can be written, got {error.strerror}; choose another data directory") from error
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        owner = os.pread(fd, 32, 0).decode("ascii", "replace").strip() or "unknown"
        os.close(fd)
        raise ConfigError(
            f"{directory}: expected to be the only process that uses this folder, but process {owner} has it; stop that, or choose another data directory"
        ) from error
    os.ftruncate(fd, 0)
    os.pwrite(fd, f"{os.getpid()}\n".encode(), 0)
    return fd
