"""The file in which the loss ledger outlives the process: lines in, the same lines out. Replaced as a whole, so that a crash leaves the old or the new one."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import TypeVar

import msgspec
import structlog

__all__ = ["read", "write"]

log = structlog.get_logger()

T = TypeVar("T")


def read(path: Path, of: type[T]) -> list[T]:
    """What `write` wrote. A file that cannot be read is told in the log and begun anew: counts are no reason not to start."""
    try:
        return msgspec.json.decode(path.read_bytes(), type=list[of])  # type: ignore[valid-type]
    except FileNotFoundError:
        return []
    except (OSError, msgspec.DecodeError) as error:
        log.warning("ledger begun anew", file=path.name, error=type(error).__name__)
        return []


def write(path: Path, lines: Sequence[object], *, durably: bool) -> None:
    """Replace the file. `durably`: after a power cut it is there too. A disk that does not take it is told in the log; the next time may succeed."""
    new = path.with_suffix(".new")
    try:
        with new.open("wb") as file:
            file.write(msgspec.json.encode(lines))
            if durably:
                file.flush()
                os.fsync(file.fileno())
        new.replace(path)
    except OSError as error:
        log.warning("ledger not saved", file=path.name, error=error.strerror)
