"""Batch: what travels. An immutable Arrow table of one kind, with what the road must know about it."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import pyarrow as pa

from spyglass.model.schema import Kind

__all__ = ["Batch"]


@dataclass(frozen=True, slots=True)
class Batch:
    """`rows` has the columns of `schema.SCHEMAS[kind]`, n rows; all its projects and arrival times are in its columns."""

    kind: Kind
    rows: pa.Table
    messages: pa.Table | None = field(default=None)  # schema MESSAGE: what the rows' hashes point at
    pieces: pa.Table | None = field(default=None)  # schema PIECE: what the states of snapshots were cut into

    def with_rows(self, rows: pa.Table) -> Batch:
        """The same batch with other rows."""
        return replace(self, rows=rows)

    def without_pieces(self) -> Batch:
        """What live viewers get: the rows, and not what large states were cut into."""
        return self if self.pieces is None else replace(self, pieces=None)

    def __len__(self) -> int:
        return int(self.rows.num_rows)
