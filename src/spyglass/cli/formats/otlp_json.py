"""OTLP/JSON files: what the OpenTelemetry Collector's file exporter writes (one export request per line), whole documents, and single resources.

What a value is, is seen from its members: `resourceSpans` makes a request, `scopeSpans` one resource of a request; the same for logs and metrics.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO, Final

import orjson
import pyarrow as pa

from spyglass.cli.formats.documents import Value, values
from spyglass.cli.formats.source import Source
from spyglass.decode.encode import encode
from spyglass.decode.encode_json import to_json
from spyglass.decode.otlp_json import to_protobuf
from spyglass.decode.pieces import Piece, Skipped, piece_of
from spyglass.decode.shape import KINDS
from spyglass.decode.wire import parse_request
from spyglass.model.body import Signal
from spyglass.model.errors import InputError
from spyglass.model.schema import Kind

__all__ = ["Writer", "read"]

_NAMES: Final[dict[Signal, str]] = {"traces": "Spans", "logs": "Logs", "metrics": "Metrics"}
_SIGNALS: Final[dict[Kind, Signal]] = {kind: signal for signal, kind in KINDS.items()}


def read(source: Source) -> Iterator[Piece | Skipped]:
    """The records of a file."""
    for value in (item for found in values(source) for item in _listed(found)):
        if isinstance(value, Skipped):
            yield value
            continue
        try:
            pieces: list[Piece | Skipped] = list(_pieces(value))
        except InputError as error:
            yield Skipped(value.place, error.message)
            continue
        yield from pieces or [Skipped(value.place, "no resourceSpans, resourceLogs or resourceMetrics with records in it")]


def _listed(value: Value | Skipped) -> Iterator[Value | Skipped]:
    """The items of a list, else the value itself."""
    if isinstance(value, Skipped) or not value.data.startswith(b"["):
        yield value
        return
    try:
        items = orjson.loads(value.data)
    except orjson.JSONDecodeError as error:
        yield Skipped(value.place, f"not JSON: {error}")
        return
    for number, item in enumerate(items, 1):
        yield Value(f"{value.place}, item {number}".removeprefix(", "), orjson.dumps(item))


def _pieces(value: Value) -> Iterator[Piece]:
    found = False
    for signal, name in _NAMES.items():
        if value.member in (f"resource{name}", f"resource_{name.lower()}"):
            request = to_protobuf(signal, _wrapped(name, value.data))
        elif _mentions(value.data, "resource", name):
            request = to_protobuf(signal, value.data)
        else:
            continue
        if request and (piece := piece_of(signal, request, value.place)):
            found = True
            yield piece
    if not found:
        yield from _of_resource(value)


def _of_resource(value: Value) -> Iterator[Piece]:
    """The value as one ResourceSpans, ResourceLogs or ResourceMetrics."""
    for signal, name in _NAMES.items():
        if _mentions(value.data, "scope", name) and (piece := piece_of(signal, to_protobuf(signal, _wrapped(name, value.data)), value.place)):
            yield piece


def _mentions(data: bytes, level: str, name: str) -> bool:
    return f'"{level}{name}"'.encode() in data or f'"{level}_{name.lower()}"'.encode() in data


def _wrapped(name: str, data: bytes) -> bytes:
    return f'{{"resource{name}":['.encode() + data + b"]}"


class Writer:
    """One export request per line."""

    def __init__(self, out: BinaryIO, kind: Kind) -> None:
        self._out, self._kind = out, kind

    def add(self, rows: pa.Table) -> None:
        """Write rows of the kind."""
        if rows.num_rows:
            self._out.write(to_json(parse_request(_SIGNALS[self._kind], encode(self._kind, rows))) + b"\n")

    def close(self) -> None:
        """Nothing is left to write."""

    def discard(self) -> None:
        """Nothing is held."""
