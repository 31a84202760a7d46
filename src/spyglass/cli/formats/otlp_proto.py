"""OTLP protobuf files: one bare export request, or a sequence of requests each behind its length.

A length is a varint (protobuf's own way, what we write) or four bytes, big end first (what the OpenTelemetry Collector's file exporter writes). A request
does not say whether it holds spans, log records or metrics; the fields of its first record do.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import Any, BinaryIO, Final, Literal

import pyarrow as pa

from spyglass.cli.formats.source import Source
from spyglass.decode.encode import encode
from spyglass.decode.pieces import Piece, Skipped, piece_of
from spyglass.model.body import Signal
from spyglass.model.errors import InputError
from spyglass.model.schema import Kind
from spyglass.model.varint import varint

__all__ = ["Writer", "framing", "read", "signal_of"]

Framing = Literal["bare", "varint", "big_endian"]
Field = tuple[int, int, bytes]  # number, wire type, content (empty for numbers)

LARGEST_BYTES: Final = 512 * 1024 * 1024
_RESOURCE: Final = b"\x0a"  # field 1, with a length: how every request begins
_FIXED: Final = {1: 8, 5: 4}


def read(source: Source) -> Iterator[Piece | Skipped]:
    """The records of a file."""
    layout = framing(source.head)
    if layout is None:
        yield Skipped("", "this is not OTLP protobuf: no export request, and no length in front of one")
        return
    for number, message in enumerate(_messages(source.stream, layout), 1):
        place = f"message {number}" if layout != "bare" else f"resource {number}"
        if isinstance(message, str):
            yield Skipped(place, message)
        else:
            yield from _pieces(message, place)


def framing(head: bytes) -> Framing | None:
    """How a file that begins so is laid out; None: it is no OTLP protobuf."""
    if head[:1] == _RESOURCE:
        return "bare"
    if head[:1] == b"\0" and head[4:5] == _RESOURCE:
        return "big_endian"
    length = _varint(io.BytesIO(head[:10]))
    if length and head[_varint_size(length) :][:1] == _RESOURCE:
        return "varint"
    return "big_endian" if head[4:5] == _RESOURCE else None


def _pieces(message: bytes, place: str) -> Iterator[Piece | Skipped]:
    signal = signal_of(message)
    if signal is None:
        yield Skipped(place, "no spans, log records or metrics in it")
        return
    try:
        piece = piece_of(signal, message, place)
    except InputError as error:
        yield Skipped(place, error.message)
        return
    yield piece or Skipped(place, "no records in it")


def _messages(stream: io.BufferedReader[Any], layout: Framing) -> Iterator[bytes | str]:
    """Requests, or what is wrong; after something wrong comes nothing more, as nobody knows where the next one begins."""
    while stream.peek(1):
        tag = stream.read(1) if layout == "bare" else b""
        if layout == "bare" and tag != _RESOURCE:
            yield "not OTLP from here on"
            return
        length = int.from_bytes(stream.read(4)) if layout == "big_endian" else _varint(stream)
        if length is None or length > LARGEST_BYTES:
            yield f"its length is {'broken' if length is None else f'{length} bytes, the most is {LARGEST_BYTES}'}; the rest of the file cannot be read"
            return
        data = stream.read(length)
        if len(data) < length:
            yield f"cut off: {length} bytes were announced, {len(data)} are there"
            return
        if data:
            yield _RESOURCE + varint(length) + data if layout == "bare" else data


def signal_of(request: bytes) -> Signal | None:
    """What the first record of a request is; None where there is no record."""
    try:
        for resource in _content(request, 1):
            for scope in _content(resource, 2):
                for record in _content(scope, 2):
                    return _signal_of_record({(number, kind): data for number, kind, data in _fields(record)})
    except (IndexError, ValueError):
        return None
    return None


def _signal_of_record(fields: dict[tuple[int, int], bytes]) -> Signal | None:
    """By the fields that only one of the three has: (number, wire type) → content."""
    ids = len(fields.get((1, 2), b"")) == 16 and len(fields.get((2, 2), b"")) == 8
    if ids or (7, 1) in fields or (8, 1) in fields:
        return "traces"
    if fields.keys() & {(1, 1), (11, 1), (2, 0), (8, 5)}:
        return "logs"
    return "metrics" if (1, 2) in fields else "logs" if (5, 2) in fields else None


def _content(message: bytes, number: int) -> Iterator[bytes]:
    return (data for found, kind, data in _fields(message) if (found, kind) == (number, 2))


def _fields(message: bytes) -> Iterator[Field]:
    stream = io.BytesIO(message)
    while (tag := _varint(stream)) is not None:
        number, kind = tag >> 3, tag & 7
        if kind == 0:
            _varint(stream)
            yield number, kind, b""
        elif kind == 2:
            yield number, kind, stream.read(_varint(stream) or 0)
        elif kind in _FIXED:
            yield number, kind, stream.read(_FIXED[kind])
        else:
            raise ValueError(f"wire type {kind}")


def _varint(stream: io.BufferedIOBase) -> int | None:
    """The next number; None at the end, or where there is none."""
    number, shift = 0, 0
    while (byte := stream.read(1)) and shift < 64:
        number |= (byte[0] & 127) << shift
        if byte[0] < 128:
            return number
        shift += 7
    return None


def _varint_size(number: int) -> int:
    return max(1, (number.bit_length() + 6) // 7)


class Writer:
    """Export requests, each behind its length as a varint."""

    def __init__(self, out: BinaryIO, kind: Kind) -> None:
        self._out, self._kind = out, kind

    def add(self, rows: pa.Table) -> None:
        """Write rows of the kind."""
        if rows.num_rows:
            request = encode(self._kind, rows)
            self._out.write(varint(len(request)) + request)

    def close(self) -> None:
        """Nothing is left to write."""

    def discard(self) -> None:
        """Nothing is held."""
