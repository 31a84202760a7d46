"""What happened in each ten seconds: spans in, one row per project, agent, kind, model, tool and version out, as the frame `aggregation.buckets`.

A bucket belongs to the time of arrival, so that it is complete as soon as that time is over, and the same rows always give the same buckets.
What arrives long after it happened (an import) is no news, and not shown to it.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from pydantic import BaseModel

from spyglass.analyze.builtin.bucket import Bucket, numbers_of
from spyglass.model.batch import Batch
from spyglass.model.finding import Finding
from spyglass.plugin.contracts import AnalyzerKind, Frame, State

__all__ = ["BUCKETS", "BUCKET_NS", "Aggregation", "Settings", "analyzer"]

BUCKETS: Final = "aggregation.buckets"
BUCKET_NS: Final = 10 * 10**9
_KEYS: Final = ["project", "agent", "kind", "model", "tool", "agent_version", "bucket_ns"]
# Whole numbers: their sums do not depend on how rows were cut into batches.
_SUMS: Final = ["calls", "errors", "duration_ns", "duration_ms2", "input_tokens", "output_tokens", "cost_nano_usd", "first_chunk_us", "first_chunks"]
_SLOWEST: Final = ["slowest_ns", "slowest_trace", "slowest_span"]
_COLUMNS: Final = [*_KEYS, *_SUMS, *_SLOWEST]
_TAKEN: Final = [
    *_KEYS[:-1],
    *"received duration_ns pending status input_tokens output_tokens cost_usd time_to_first_chunk_s trace_id span_id".split(),
]
_MOST_FRESH: Final = 2_400
_LONGEST_MS: Final = 10**7  # squares of longer ones would not fit when many are added


class Settings(BaseModel, extra="forbid", frozen=True):
    """There are none."""


class Aggregation:
    """Sums of the open buckets."""

    def __init__(self, settings: Settings) -> None:
        del settings
        self._open: dict[int, Bucket] = {}  # by when it began
        self._fresh: list[pa.Table] = []  # spans not added up yet: few at once cost as much as many
        self._first_ns: int | None = None  # begin of the first open bucket

    def observe(self, seen: Batch | Frame) -> Iterable[Finding | Frame]:
        """Spans that have ended."""
        if isinstance(seen, Batch) and len(seen):
            self._fresh.append(seen.rows.select(_TAKEN))
            self._begins(_bucket(pc.min(seen.rows["received"].cast(pa.int64())).as_py()))
            if sum(table.num_rows for table in self._fresh) > _MOST_FRESH:
                self._add_up()
        return ()

    def settle(self, now_ns: int) -> Iterable[Finding | Frame]:
        """Buckets whose time is over."""
        if self._first_ns is None or self._first_ns > now_ns - BUCKET_NS:
            return
        self._add_up()
        over = sorted(begin for begin in self._open if begin <= now_ns - BUCKET_NS)
        done = [self._open.pop(begin).table() for begin in over]
        self._first_ns = min(self._open, default=None)
        if done:
            yield Frame(BUCKETS, pa.concat_tables(done).select(_COLUMNS))

    def save(self) -> State:
        """The open buckets."""
        self._add_up()
        return {"open": pa.concat_tables([self._open[begin].table() for begin in sorted(self._open)]).select(_COLUMNS)} if self._open else {}

    def restore(self, state: State) -> None:
        """See `contracts.Analyzer`."""
        self._open, self._fresh, self._first_ns = {}, [], None
        if "open" in state:
            self._count(state["open"])

    def _begins(self, bucket_ns: int) -> None:
        self._first_ns = bucket_ns if self._first_ns is None else min(self._first_ns, bucket_ns)

    def _add_up(self) -> None:
        """No span is fresh any more."""
        if self._fresh:
            self._count(_measured(pa.concat_tables(self._fresh)))
            self._fresh = []

    def _count(self, figures: pa.Table) -> None:
        begins = figures["bucket_ns"].to_numpy()
        numbers, keys = numbers_of(figures, _KEYS[:-1]), figures.select(_KEYS)
        for begin in np.unique(begins).tolist():
            which = pa.array(np.flatnonzero(begins == begin))
            bucket = self._open.setdefault(begin, Bucket(_SUMS, _SLOWEST))
            bucket.add(numbers[which.to_numpy()], keys.take(which), figures.take(which))
            self._begins(begin)


def _measured(rows: pa.Table) -> pa.Table:
    """The figures of each span that ended."""
    received = rows["received"].cast(pa.int64())
    duration_ns = rows["duration_ns"].cast(pa.int64())
    duration_ms = pc.min_element_wise(pc.divide(duration_ns, 10**6), _LONGEST_MS)
    first_chunk_us = _whole(pc.multiply(rows["time_to_first_chunk_s"].cast(pa.float64()), 1e6))
    figures = {
        **{key: rows[key] for key in _KEYS[:-1]},
        "bucket_ns": pc.subtract(received, _modulo(received, BUCKET_NS)),
        "calls": pa.repeat(pa.scalar(1, pa.int64()), rows.num_rows),
        "errors": pc.equal(rows["status"], "error").cast(pa.int64()),
        "duration_ns": duration_ns,
        "duration_ms2": pc.multiply(duration_ms, duration_ms),
        "input_tokens": rows["input_tokens"].cast(pa.int64()),
        "output_tokens": rows["output_tokens"].cast(pa.int64()),
        "cost_nano_usd": _whole(pc.multiply(rows["cost_usd"], 1e9)),
        "first_chunk_us": first_chunk_us,
        "first_chunks": pc.greater(first_chunk_us, 0).cast(pa.int64()),
        "slowest_ns": duration_ns,
        "slowest_trace": rows["trace_id"],
        "slowest_span": rows["span_id"],
    }
    return pa.table(figures).filter(pc.invert(rows["pending"]))


def _whole(numbers: pa.ChunkedArray) -> pa.ChunkedArray:
    """Rounded; 0 for what is no number, or none that can be added up."""
    return pc.round(pc.if_else(pc.less(pc.abs(numbers), 2.0**53), numbers, 0.0)).cast(pa.int64())


def _bucket(received_ns: int) -> int:
    return received_ns - received_ns % BUCKET_NS


def _modulo(values: pa.ChunkedArray, by: int) -> pa.ChunkedArray:
    return pc.subtract(values, pc.multiply(pc.divide(values, by), by))


analyzer: Final = AnalyzerKind(
    name="aggregation",
    version="1.0.0",
    description="Sums of every ten seconds per agent, kind, model, tool and version: what other analyzers read.",
    reads=frozenset({"span"}),
    settings=Settings,
    news=True,
    make=Aggregation,
    makes=(BUCKETS,),
)
