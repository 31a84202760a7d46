"""What a list shows of one trace, from its tree: the same as traces/cards.sql says of many, without asking again.

In: a tree. Out: a row with the columns of traces/cards.sql.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from spyglass.store.read.tree import Tree

__all__ = ["card"]

_MOST_NAMES: Final = 20
_OF_ROOT: Final = ("name", "kind", "status", "status_message", "input", "output", "service", "environment")
_TIME: Final = pa.timestamp("ns", tz="UTC")
_NOBODY: Final = bytes(8)


def card(tree: Tree, trace_id: bytes) -> pa.Table | None:
    """None: the tree does not know it, because it does not hold the whole trace or its root has not come."""
    rows = tree.rows
    starts = np.asarray(rows["start"].to_numpy(), np.int64)
    roots = np.flatnonzero(pc.equal(rows["parent_span_id"], pa.scalar(_NOBODY, rows["parent_span_id"].type)).to_numpy())
    if tree.truncated or not len(roots):
        return None
    root = int(roots[np.argmin(starts[roots])])
    begin = int(starts.min())
    told: dict[str, Any] = {
        "trace_id": trace_id,
        "start": begin,
        "duration_ns": int((starts + np.asarray(rows["duration_ns"].to_numpy(), np.int64)).max()) - begin,
        "spans": len(tree),
        "errors": _count(pc.equal(rows["status"], "error")),
        "plumbing": _count(rows["plumbing"]),
        "pending": _count(rows["pending"]),
        "root_span_id": rows["span_id"][root].as_py(),
        "session_id": _any(rows["session_id"]),
        "user_id": _any(rows["user_id"]),
        **{name: rows[name][root].as_py() for name in _OF_ROOT},
        "agents": _names(rows["agent"]),
        "models": _names(rows["model"]),
        "tools": _names(rows["tool"].filter(pc.equal(rows["kind"], "tool"))),
        "dialects": _names(rows["dialect"]),
    }
    return pa.table({name: pa.array([value], _TIME if name == "start" else None) for name, value in told.items()})


def _count(flags: pa.ChunkedArray) -> int:
    return int(pc.sum(flags).as_py() or 0)


def _any(column: pa.ChunkedArray) -> str:
    given = column.filter(pc.not_equal(column, ""))
    return str(given[0].as_py()) if len(given) else ""


def _names(column: pa.ChunkedArray) -> list[str]:
    return sorted(name for name in pc.unique(column).to_pylist() if name)[:_MOST_NAMES]
