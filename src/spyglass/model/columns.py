"""Columns as one array: what tables have in pieces, in; what numpy and most functions want, out."""

from __future__ import annotations

import pyarrow as pa

__all__ = ["flat"]


def flat(column: pa.ChunkedArray | pa.Array) -> pa.Array:
    """A column as one array; no copy where it is one already."""
    if isinstance(column, pa.ChunkedArray):
        return column.chunk(0) if column.num_chunks == 1 else column.combine_chunks()
    return column
