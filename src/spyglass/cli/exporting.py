"""Writes an export: the server's stream of Arrow pages comes in, a file of any of our formats goes out.

The file appears under its name only when it is whole.
"""

from __future__ import annotations

import gzip
import io
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, Final, cast

import httpx
import pyarrow as pa
import zstandard

from spyglass.cli.client import check
from spyglass.cli.formats import Format, FormatOrAuto, What
from spyglass.cli.formats.recognise import WRITERS
from spyglass.model.errors import InputError, StoreError
from spyglass.model.schema import Kind

__all__ = ["Asked", "write_file"]


_KINDS: Final[dict[What, Kind]] = {"spans": Kind.SPAN, "events": Kind.EVENT, "points": Kind.POINT}
_SUFFIXES: Final[dict[str, Format]] = {".parquet": "parquet", ".pb": "otlp-proto", ".binpb": "otlp-proto", ".otlp": "otlp-proto"}


@dataclass(frozen=True, slots=True)
class Asked:
    """What of the server is wanted."""

    what: What
    parameters: dict[str, Any]


def write_file(client: httpx.Client, asked: Asked, output: Path, form: FormatOrAuto, tell: Callable[[int], None]) -> int:
    """Write everything that was asked for, and give the number of records. `tell` hears how many they are so far.

    Raises:
        InputError: the question, or the format for this kind, is wrong.
        StoreError: the server failed, or its answer broke off; there is no file then.
    """
    chosen = _format_of(output) if form == "auto" else form
    if chosen == "parquet" and output.suffix in (".gz", ".zst"):
        raise InputError(f"--output {output}: Parquet compresses by itself; leave {output.suffix} away")
    records = 0
    with client.stream("GET", "/api/v1/export", params={**asked.parameters, "format": "arrow"}) as response:
        check(response)
        with _opened(output) as out:
            writer = WRITERS[chosen](out, _KINDS[asked.what])
            try:
                for page in _pages(response):
                    writer.add(page)
                    records += page.num_rows
                    tell(records)
            except BaseException:
                writer.discard()
                raise
            writer.close()
    return records


def _format_of(output: Path) -> Format:
    stem = output.with_suffix("") if output.suffix in (".gz", ".zst") else output
    return _SUFFIXES.get(stem.suffix, "otlp-json")


def _pages(response: httpx.Response) -> Iterator[pa.Table]:
    """The pages of the stream.

    Raises:
        StoreError: it broke off.
    """
    try:
        with pa.ipc.open_stream(io.BufferedReader(_Body(response.iter_raw()), 1 << 20)) as reader:
            for batch in reader:
                yield pa.Table.from_batches([batch])
    except (httpx.TransportError, pa.ArrowInvalid) as error:
        raise StoreError(f"the server's answer broke off ({error}); nothing was written. Its log says why; try a shorter time range (--from, --to)") from error


class _Body(io.RawIOBase):
    """The body of an answer as a file."""

    def __init__(self, chunks: Iterator[bytes]) -> None:
        self._chunks, self._rest = chunks, b""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        while not self._rest:
            part = next(self._chunks, None)
            if part is None:
                return 0
            self._rest = part
        size = min(len(buffer), len(self._rest))
        buffer[:size], self._rest = self._rest[:size], self._rest[size:]
        return size


@contextmanager
def _opened(output: Path) -> Iterator[BinaryIO]:
    """The file to write, compressed as its suffix says. It gets its name when the block ends well, and is gone when it does not."""
    if str(output) == "-":
        yield sys.stdout.buffer
        sys.stdout.buffer.flush()
        return
    unfinished = output.with_name(f".{output.name}.{os.getpid()}.unfinished")
    try:
        with unfinished.open("wb") as file, _compressed(file, output.suffix) as out:
            yield out
        unfinished.replace(output)
    except OSError as error:
        raise InputError(f"--output {output}: cannot be written: {error.strerror or error}") from error
    finally:
        unfinished.unlink(missing_ok=True)


@contextmanager
def _compressed(file: BinaryIO, suffix: str) -> Iterator[BinaryIO]:
    if suffix == ".gz":
        with gzip.GzipFile(fileobj=file, mode="wb", compresslevel=5, mtime=0) as out:
            yield cast("BinaryIO", out)
    elif suffix == ".zst":
        with zstandard.ZstdCompressor(level=3).stream_writer(file, closefd=False) as out:
            yield cast("BinaryIO", out)
    else:
        yield file
