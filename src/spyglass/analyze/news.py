"""What is news and what is not: rows in, those that arrived soon after they happened out.

Analyzers of rates, of what is usual and of what goes on count by arrival, so that what is over never changes. An import, a backfill, or what a sender kept
back while it was cut off arrives at once although it happened over hours: counted by arrival it would be a flood, a spend without like and an hour at which
nobody ever works. So these analyzers are not shown it. Exact rules (an injection, a loop, five failures within five minutes) hold whenever it happened.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pyarrow as pa

__all__ = ["news"]


def news(rows: pa.Table, latest_ns: int) -> pa.Table:
    """Those whose end, or time, lies at most so long before their arrival; `rows` itself where that holds for all, or they have no such times."""
    happened = _happened(rows)
    if happened is None or not rows.num_rows:
        return rows
    fresh = _whole(rows, "received") - happened <= latest_ns
    return rows if fresh.all() else rows.filter(pa.array(fresh))


def _happened(rows: pa.Table) -> npt.NDArray[np.int64] | None:
    """When each was over."""
    names = frozenset(rows.column_names)
    if names >= {"received", "start", "duration_ns"}:
        return _whole(rows, "start") + _whole(rows, "duration_ns")
    return _whole(rows, "time") if names >= {"received", "time"} else None


def _whole(rows: pa.Table, name: str) -> npt.NDArray[np.int64]:
    found: npt.NDArray[np.int64] = rows[name].cast(pa.int64(), safe=False).to_numpy()
    return found
