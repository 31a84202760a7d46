"""Pieces: some records as an export request on their way to a server, and what of a file had to be left out.

Protobuf requests can be joined by joining their bytes, so small pieces become large bodies for nothing; a piece that is too large for one body is
taken apart here.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from google.protobuf.message import DecodeError as ProtobufError

from spyglass.decode.wire import RECORDS, parse_request
from spyglass.model.body import Signal
from spyglass.model.errors import InputError

__all__ = ["Piece", "Skipped", "piece_of", "split"]

_LEVELS: Final[dict[Signal, tuple[str, str, str]]] = {
    "traces": ("resource_spans", "scope_spans", "spans"),
    "logs": ("resource_logs", "scope_logs", "log_records"),
    "metrics": ("resource_metrics", "scope_metrics", "metrics"),
}


@dataclass(frozen=True, slots=True)
class Piece:
    """Records of one signal as the protobuf bytes of an export request."""

    signal: Signal
    data: bytes
    records: int
    place: str  # where in the file they stand, e.g. `line 3`


@dataclass(frozen=True, slots=True)
class Skipped:
    """What of the file could not be read, and why."""

    place: str
    reason: str


def piece_of(signal: Signal, data: bytes, place: str) -> Piece | None:
    """The piece of a request; None when no record is in it.

    Raises:
        InputError: the bytes are no request of this signal.
    """
    try:
        request = parse_request(signal, data)
    except ProtobufError as error:
        raise InputError(f"these bytes are no OTLP {RECORDS[signal]}") from error
    records = _count(signal, request)
    return Piece(signal, data, records, place) if records else None


def split(piece: Piece, most_bytes: int) -> Iterator[Piece]:
    """The piece in parts of about `most_bytes` each; a single record (or metric) larger than that stays whole."""
    if len(piece.data) <= most_bytes:
        yield piece
        return
    resources_name, scopes_name, records_name = _LEVELS[piece.signal]
    whole = parse_request(piece.signal, piece.data)
    part, size = type(whole)(), 0
    for resource in getattr(whole, resources_name):
        for scope in getattr(resource, scopes_name):
            target = None
            for record in getattr(scope, records_name):
                if size and size + record.ByteSize() > most_bytes:
                    yield _part(piece, part)
                    part, size, target = type(whole)(), 0, None
                if target is None:
                    target = _same_scope(part, resource, scope, piece.signal)
                    size += target.ByteSize() + 200
                getattr(target, records_name).append(record)
                size += record.ByteSize() + 5
    if size:
        yield _part(piece, part)


def _part(piece: Piece, request: Any) -> Piece:
    return Piece(piece.signal, request.SerializeToString(), _count(piece.signal, request), piece.place)


def _same_scope(request: Any, resource: Any, scope: Any, signal: Signal) -> Any:
    """A scope without records in the request, like `scope` of `resource`."""
    resources_name, scopes_name, _ = _LEVELS[signal]
    copy = getattr(request, resources_name).add(schema_url=resource.schema_url)
    copy.resource.CopyFrom(resource.resource)
    target = getattr(copy, scopes_name).add(schema_url=scope.schema_url)
    target.scope.CopyFrom(scope.scope)
    return target


def _count(signal: Signal, request: Any) -> int:
    """Spans, log records or data points."""
    resources_name, scopes_name, records_name = _LEVELS[signal]
    scopes = [scope for resource in getattr(request, resources_name) for scope in getattr(resource, scopes_name)]
    if signal != "metrics":
        return sum(len(getattr(scope, records_name)) for scope in scopes)
    kinds = [(metric, metric.WhichOneof("data")) for scope in scopes for metric in scope.metrics]
    return sum(len(getattr(metric, kind).data_points) for metric, kind in kinds if kind)
