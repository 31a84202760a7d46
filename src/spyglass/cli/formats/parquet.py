"""Parquet: the records as a table, with the columns of `model.schema.SCHEMAS`. What we wrote can be read back; nothing is lost.

The columns that Spyglass derives (tokens, cost, agent …) are in the file for other tools; reading it back derives them anew.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, BinaryIO, Final

import pyarrow as pa
import pyarrow.parquet as pq

from spyglass.cli.formats.source import Source
from spyglass.decode.encode import encode
from spyglass.decode.pieces import Piece, Skipped, piece_of
from spyglass.decode.shape import KINDS, WIRE
from spyglass.model.body import Signal
from spyglass.model.schema import SCHEMAS, Kind

__all__ = ["Writer", "read"]

_KIND_KEY: Final = b"spyglass.kind"
_ROWS_AT_ONCE: Final = 2_000
_SIGNALS: Final[dict[Kind, Signal]] = {kind: signal for signal, kind in KINDS.items()}
_ONLY: Final = {"span_kind": Kind.SPAN, "severity_number": Kind.EVENT, "metric": Kind.POINT}  # columns that tell the kind of an unmarked file


def read(source: Source) -> Iterator[Piece | Skipped]:
    """The records of a file."""
    if source.compressed or str(source.path) == "-":
        yield Skipped("", "Parquet must lie uncompressed in a file, as it is read from its end")
        return
    try:
        with pq.ParquetFile(source.path) as file:
            yield from _pieces(file, source)
    except pa.ArrowException as error:
        yield Skipped("", f"this Parquet file cannot be read: {str(error).splitlines()[0]}")


def _pieces(file: pq.ParquetFile, source: Source) -> Iterator[Piece | Skipped]:
    kind = _kind(file.schema_arrow)
    wire = WIRE[kind] if kind else None
    missing = [name for name in wire.names if name not in file.schema_arrow.names] if wire else []
    if kind is None or wire is None or missing:
        what = f"columns are missing: {', '.join(missing[:5])}" if missing else "no column tells whether these are spans, events or points"
        yield Skipped("", f"this is no Parquet file of `spyglass export`: {what}")
        return
    row = 0
    for batch in file.iter_batches(_ROWS_AT_ONCE, columns=wire.names):
        place = f"rows {row + 1} to {row + batch.num_rows}"
        table = pa.Table.from_batches([batch]).select(wire.names).cast(wire)
        row += batch.num_rows
        source.told_position = int(source.size * row / max(1, file.metadata.num_rows))
        if piece := piece_of(_SIGNALS[kind], encode(kind, table), place):
            yield piece


def _kind(schema: pa.Schema) -> Kind | None:
    told = (schema.metadata or {}).get(_KIND_KEY, b"").decode()
    if told in set(Kind):
        return Kind(told)
    return next((kind for column, kind in _ONLY.items() if column in schema.names), None)


class Writer:
    """One Parquet file, compressed with zstd."""

    def __init__(self, out: BinaryIO, kind: Kind) -> None:
        schema = SCHEMAS[kind].with_metadata({_KIND_KEY: kind.value})
        self._sink = _Told(out)
        self._file: Any = pq.ParquetWriter(self._sink, schema, compression="zstd")

    def add(self, rows: pa.Table) -> None:
        """Write rows of the kind, as a row group."""
        if rows.num_rows:
            self._file.write_table(rows.replace_schema_metadata(self._file.schema.metadata))

    def close(self) -> None:
        """Write the footer."""
        self._file.close()

    def discard(self) -> None:
        """Write nothing more: without its footer nobody takes the file for whole."""
        self._sink.wanted = False
        self._file.close()


class _Told:
    """A binary file that can only be written, so that Parquet can go to a pipe too: where it stands is counted, not asked."""

    closed = False

    def __init__(self, out: BinaryIO) -> None:
        self._out, self._at = out, 0
        self.wanted = True

    def write(self, data: Any) -> int:
        if self.wanted:
            self._out.write(data)
        self._at += len(data)
        return len(data)

    def tell(self) -> int:
        return self._at

    def flush(self) -> None:
        self._out.flush()

    def close(self) -> None:
        """The file belongs to whoever opened it."""
