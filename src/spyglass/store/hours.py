"""Hours: under which hour each call is kept.

The table `tellings` is sorted by hour first, so that parts of it which arrive one after the other do not overlap, and a question about a day neither reads
nor merges the rest. Rows replace each other only within an hour: a call that one span tells stays in the hour of its start. Several spans that tell of
one response may start before and after a full hour; so near to one, the first telling decides, and is remembered.

In: rows of `tellings`, each in the hour of its own start. Out: the same rows, in the hours where earlier tellings of them are.
"""

from __future__ import annotations

from collections import OrderedDict
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

__all__ = ["HOUR", "NEAR_S", "Hours", "hours_of"]

HOUR: Final = pa.timestamp("s", tz="UTC")
NEAR_S: Final = 600  # tellings of one response start within so many seconds of each other; `hours` in store/read/asking.py counts on it
_HOUR_S: Final = 3600
_LAST_S: Final = 2**32 // _HOUR_S * _HOUR_S - 2 * _HOUR_S  # DateTime ends in 2106
_REMEMBERED: Final = 100_000  # calls; about 20 MB


class Hours:
    """Bounded memory of the hours of calls near a full hour. Not thread-safe."""

    def __init__(self) -> None:
        self._known: OrderedDict[bytes, int] = OrderedDict()

    def expect(self, calls: pa.Table) -> None:
        """Remember calls that are kept already (columns call_key, hour): what was told before the restart."""
        for key, hour in zip(calls["call_key"].to_pylist(), calls["hour"].cast(pa.int64()).to_pylist(), strict=True):
            self._known[key] = hour

    def place(self, calls: pa.Table) -> pa.Table:
        """Rows of `tellings` (column `hour`: of their own start), in the hours where they belong."""
        begin = calls["start"].cast(pa.int64()).to_numpy() // 10**9
        told = np.asarray(pc.not_equal(calls["response_id"], "").to_numpy(), bool)
        near = np.flatnonzero(told & ((begin + NEAR_S) % _HOUR_S < 2 * NEAR_S))
        if not len(near):
            return calls
        hours = calls["hour"].cast(pa.int64()).to_numpy().copy()
        keys = calls["call_key"].take(pa.array(near)).to_pylist()
        for row, key in zip(near.tolist(), keys, strict=True):
            hours[row] = self._known.setdefault(key, int(hours[row]))
        while len(self._known) > _REMEMBERED:
            self._known.popitem(last=False)
        return calls.set_column(calls.schema.get_field_index("hour"), "hour", pa.array(hours).cast(HOUR))


def hours_of(starts: pa.ChunkedArray | pa.Array) -> pa.Array:
    """The hour of each start (timestamps, ns)."""
    seconds = np.asarray(starts.cast(pa.int64()).to_numpy(), np.int64) // 10**9
    return pa.array(np.clip(seconds // _HOUR_S * _HOUR_S, 0, _LAST_S)).cast(HOUR)
