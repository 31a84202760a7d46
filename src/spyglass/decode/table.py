"""The end of a columns road: named columns → a table of the schema, without the rows that are rejected."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from spyglass.decode.columns import Index, Mask

__all__ = ["Columns", "finished"]


@dataclass(frozen=True, slots=True)
class Columns:
    """`table` has the kept rows in order, `body_of` says which body each is from; `rejected` has the bodies of the others, by reason."""

    table: pa.Table
    body_of: Index
    rejected: Mapping[str, Index]


def finished(schema: pa.Schema, columns: Mapping[str, pa.Array], body_of: Index, rejected: Mapping[str, Mask]) -> Columns:
    """The table of `columns`, in the order of the schema; rows that a mask of `rejected` marks are left out."""
    table = pa.Table.from_arrays([columns[name] for name in schema.names], schema=schema)
    bodies = {reason: body_of[mask] for reason, mask in rejected.items() if mask.any()}
    if not bodies:
        return Columns(table, body_of, {})
    kept = ~np.logical_or.reduce([*rejected.values()])
    return Columns(table.filter(pa.array(kept)), body_of[kept], bodies)
