"""Pairs: the two halves of one call that share no id, as Logfire sends streamed calls.

In: lean span rows whose `pair_key` is `request:<key>` or `result:<key>`. Out: which request goes with which result: of each key the n-th request in time
order with the n-th result. A half whose other half has not come waits for it, up to a bound, and counts for itself meanwhile.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

__all__ = ["Pairs"]

_WAITING: Final = 10_000  # halves; the oldest are forgotten first
_FROM_RESULT: Final = (
    "response_id stream has_usage input_tokens output_tokens cache_read_tokens cache_write_tokens reasoning_tokens cost_usd cost_source time_to_first_chunk_s"
).split()


class Pairs:
    """Bounded memory of halves that wait."""

    def __init__(self) -> None:
        self._waiting: pa.Table | None = None

    def join(self, rows: pa.Table) -> tuple[pa.Table, pa.Table]:
        """Rows to tell, where requests have what their results said, and results told before that now belong to a request (to be taken back).

        Args:
            rows: n new lean rows of any kind.
        """
        halves = rows.filter(pc.not_equal(rows["pair_key"], ""))
        if not halves.num_rows:
            return rows, rows.slice(0, 0)
        known = 0 if self._waiting is None else self._waiting.num_rows
        pool = pa.concat_tables([self._waiting, halves]) if self._waiting is not None else halves
        requests, results = _matched(pool)
        joined = pool.take(pa.array(requests))
        for name in _FROM_RESULT:
            joined = joined.set_column(joined.schema.get_field_index(name), name, pool[name].take(pa.array(results)))
        alone = np.setdiff1d(np.arange(pool.num_rows), np.concatenate([requests, results]))
        self._waiting = pool.take(pa.array(alone[-_WAITING:]))
        rest = rows.filter(pc.equal(rows["pair_key"], ""))
        told = pa.concat_tables([rest, joined, pool.take(pa.array(alone[alone >= known]))])
        return told, pool.take(pa.array(results[results < known]))


def _matched(pool: pa.Table) -> tuple[np.ndarray[tuple[int], np.dtype[np.int64]], np.ndarray[tuple[int], np.dtype[np.int64]]]:
    """Rows of requests and of their results, pairwise."""
    halves: dict[str, tuple[list[int], list[int]]] = {}
    keys = pool["pair_key"].to_pylist()
    for row in np.argsort(pool["start"].cast(pa.int64()).to_numpy(), kind="stable").tolist():
        side, _, key = keys[row].partition(":")
        requests, results = halves.setdefault(key, ([], []))
        (requests if side == "request" else results).append(row)
    pairs = [pair for requests, results in halves.values() for pair in zip(requests, results, strict=False)]
    both = np.asarray(pairs, np.int64).reshape(-1, 2)
    return both[:, 0], both[:, 1]
