"""What analyzers remember, on the disk: tables by analyzer in, one file out, replaced as a whole; and back.

A file that cannot be read, or was written by another version of an analyzer, is as none: that analyzer begins anew, and it is said.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final, TypeAlias

import orjson
import pyarrow as pa
import structlog

from spyglass.plugin.contracts import State

__all__ = ["Kept", "Packed", "load", "pack", "save", "write"]

log = structlog.get_logger()

_FORMAT: Final = b"spyglass-analyzers-1"


@dataclass(frozen=True, slots=True)
class Kept:
    """All of it at one moment: everything that arrived until `until_ns` has been observed."""

    until_ns: int
    states: Mapping[tuple[str, str], State]  # by name and version of the analyzer


Packed: TypeAlias = "dict[tuple[str, str], dict[str, bytes]]"
"""By name and version of the analyzer, its tables by their names, as Arrow files."""


def pack(state: State) -> dict[str, bytes]:
    """The tables of one as they are now."""
    return {name: _bytes(table) for name, table in sorted(state.items())}


def save(path: Path, kept: Kept) -> None:
    """Pack and write it.

    Raises:
        OSError: it could not be written.
    """
    write(path, kept.until_ns, {key: pack(state) for key, state in kept.states.items()})


def write(path: Path, until_ns: int, packed: Packed) -> None:
    """Write it, so that a crash leaves the old file or the new one.

    Raises:
        OSError: it could not be written.
    """
    fresh = path.with_suffix(".new")
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        file.write(_FORMAT + b"\n" + orjson.dumps(until_ns) + b"\n")
        for (name, version), tables in sorted(packed.items()):
            for table_name, body in tables.items():
                file.write(orjson.dumps([name, version, table_name, len(body)]) + b"\n" + body)
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(path)


def load(path: Path) -> Kept | None:
    """What was saved; None when there is nothing that can be used."""
    try:
        with path.open("rb") as file:
            if file.readline().rstrip() != _FORMAT:
                raise ValueError("another format")
            until_ns = int(orjson.loads(file.readline()))
            states: dict[tuple[str, str], dict[str, pa.Table]] = {}
            while line := file.readline():
                name, version, table_name, size = orjson.loads(line)
                states.setdefault((name, version), {})[table_name] = pa.ipc.open_file(pa.py_buffer(file.read(size))).read_all()
    except FileNotFoundError:
        return None
    except (OSError, ValueError, TypeError, pa.ArrowInvalid) as error:
        log.warning("state of analyzers not usable, they begin anew", file=path.name, error=str(error)[:200])
        return None
    return Kept(until_ns, states)


def _bytes(table: pa.Table) -> bytes:
    sink = pa.BufferOutputStream()
    with pa.ipc.new_file(sink, table.schema, options=pa.ipc.IpcWriteOptions(compression="zstd")) as writer:
        writer.write_table(table)
    return bytes(sink.getvalue())
