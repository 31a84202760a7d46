"""What is wrong with rows, said on the rows: the column `issues`.

In: a table and the rows concerned. Out: the table whose rows say so, each issue once.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from spyglass.model.columns import flat

__all__ = ["with_issue"]


def with_issue(rows: pa.Table, issue: str, touched: npt.NDArray[np.bool_] | None = None) -> pa.Table:
    """`rows` with `issue` added where `touched` (n flags; None: everywhere); unchanged where there is no such column."""
    at = rows.schema.get_field_index("issues")
    if at < 0:
        return rows
    lists = flat(rows[at]).to_pylist()
    for row in range(len(lists)) if touched is None else np.flatnonzero(touched).tolist():
        if issue not in (own := lists[row] or []):
            lists[row] = [*own, issue]
    return rows.set_column(at, rows.schema.field(at), pa.array(lists, rows.schema.field(at).type))
