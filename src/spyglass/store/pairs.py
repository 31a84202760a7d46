"""Pairs: the two halves of one call that share no id, as Logfire sends streamed calls.

In: lean span rows whose `pair_key` is `request:<key>` or `result:<key>`. Out: which request goes with which result: of each key the n-th request in time
order with the n-th result. A half whose other half has not come waits for it, up to a bound, and counts for itself meanwhile. Pairs are remembered, so
that rows which are told again (a trace that came in parts) are joined as they were the first time.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

__all__ = ["Joined", "Pairs"]

_REMEMBERED: Final = 10_000  # halves that wait, and pairs; the oldest are forgotten first
_FROM_RESULT: Final = (
    "response_id stream has_usage input_tokens output_tokens cache_read_tokens cache_write_tokens reasoning_tokens cost_usd cost_source price_key "
    "cache_write_1h_tokens time_to_first_chunk_s"
).split()

Key = tuple[str, bytes, bytes]  # project, trace id, span id
Index = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Joined:
    """What becomes of some rows: the rows to tell, where requests have what their results said; results that are no calls; traces of halves from before."""

    told: pa.Table
    taken_back: pa.Table
    touched: frozenset[bytes]  # traces of requests that came earlier and have their result now: what stands above them must be looked up


class Pairs:
    """Bounded memory of halves and pairs. Not thread-safe."""

    def __init__(self) -> None:
        self._waiting: pa.Table | None = None
        self._said: OrderedDict[Key, dict[str, Any]] = OrderedDict()  # request → what its result says
        self._results: OrderedDict[Key, None] = OrderedDict()  # results of known pairs

    def join(self, rows: pa.Table) -> Joined:
        """Join what belongs together; the same rows may come again.

        Args:
            rows: n lean rows of any kind.
        """
        halves = rows.filter(pc.not_equal(rows["pair_key"], ""))
        if not halves.num_rows:
            return Joined(rows, rows.slice(0, 0), frozenset())
        keys = _keys(halves)
        again = pa.array([key in self._results for key in keys])
        pool, new = self._pool(halves.filter(pa.array([key not in self._said and key not in self._results for key in keys])))
        requests, results = _matched(pool)
        self._remember(pool, requests, results)
        alone = np.setdiff1d(np.arange(pool.num_rows), np.concatenate([requests, results]))
        self._waiting = pool.take(pa.array(alone[-_REMEMBERED:]))
        earlier = pool.take(pa.array(requests[requests < new]))
        asked = pa.concat_tables([halves.filter(pa.array([key in self._said for key in keys])), earlier])
        rest = rows.filter(pc.equal(rows["pair_key"], ""))
        told = pa.concat_tables([rest, self._filled(asked), pool.take(pa.array(alone[alone >= new]))])
        gone = pa.concat_tables([halves.filter(again), pool.take(pa.array(results[results < new]))])
        return Joined(told, gone, frozenset(earlier["trace_id"].to_pylist()))

    def _pool(self, halves: pa.Table) -> tuple[pa.Table, int]:
        """Halves that wait and these, each once, and the row at which these begin."""
        if self._waiting is None:
            return halves, 0
        again = set(_keys(halves))
        old = self._waiting.filter(pa.array([key not in again for key in _keys(self._waiting)], pa.bool_()))
        return pa.concat_tables([old, halves]), old.num_rows

    def _remember(self, pool: pa.Table, requests: Index, results: Index) -> None:
        said = pool.select(_FROM_RESULT).take(pa.array(results)).to_pylist()
        for request, result, values in zip(_keys(pool.take(pa.array(requests))), _keys(pool.take(pa.array(results))), said, strict=True):
            self._said[request] = values
            self._results[result] = None
        for memory in (self._said, self._results):
            while len(memory) > _REMEMBERED:
                memory.popitem(last=False)

    def _filled(self, requests: pa.Table) -> pa.Table:
        """Requests with what their results said."""
        said = [self._said[key] for key in _keys(requests)]
        for name in _FROM_RESULT:
            at = requests.schema.get_field_index(name)
            requests = requests.set_column(at, name, pa.array([values[name] for values in said], requests.schema.field(at).type))
        return requests


def _keys(rows: pa.Table) -> list[Key]:
    return list(zip(rows["project"].to_pylist(), rows["trace_id"].to_pylist(), rows["span_id"].to_pylist(), strict=True))


def _matched(pool: pa.Table) -> tuple[Index, Index]:
    """Rows of requests and of their results, pairwise."""
    halves: dict[tuple[str, str], tuple[list[int], list[int]]] = {}
    projects, keys = pool["project"].to_pylist(), pool["pair_key"].to_pylist()
    for row in np.argsort(pool["start"].cast(pa.int64()).to_numpy(), kind="stable").tolist():
        side, _, key = keys[row].partition(":")
        requests, results = halves.setdefault((projects[row], key), ([], []))
        (requests if side == "request" else results).append(row)
    pairs = [pair for requests, results in halves.values() for pair in zip(requests, results, strict=False)]
    both = np.asarray(pairs, np.int64).reshape(-1, 2)
    return both[:, 0], both[:, 1]
