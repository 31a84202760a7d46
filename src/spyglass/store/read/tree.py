"""A trace as a tree: spans in the order in which a reader goes through them, with what only the whole tree knows.

In: the lean spans of a trace. Out: one row per span in depth-first order, children by their start, and per row its depth, parent row, number of children and
descendants, self time (its own duration less the time in which any child ran), and whether it lies on the critical path.

100,000 spans take about half a second once; pages are slices of the result, which the caller may keep.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from spyglass.model.forest import critical_ns, parent_rows
from spyglass.store.read.asking import Ask, ask
from spyglass.store.read.whereabouts import Whereabouts

__all__ = ["Tree", "build_tree", "ids", "read_tree"]

_MOST_SPANS: Final = 300_000  # rows of one tree: about 200 MB while it is built

Index = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Tree:
    """`rows` in depth-first order with the added columns; `roots` and `orphans` count the tops (an orphan's parent never came)."""

    rows: pa.Table
    roots: int
    orphans: int
    truncated: bool = False  # the trace has more spans than a tree may hold; these are the first

    def __len__(self) -> int:
        return int(self.rows.num_rows)

    def row_of(self, span_id: bytes) -> int | None:
        """The row of a span."""
        found = np.flatnonzero(ids(self.rows["span_id"]) == int.from_bytes(span_id, "little"))
        return int(found[0]) if len(found) else None

    def rows_of(self, spans: npt.NDArray[np.uint64]) -> Index:
        """The rows of several spans (`ids` of theirs); -1 where there is none."""
        own = ids(self.rows["span_id"])
        if not len(own):
            return np.full(len(spans), -1, np.int64)
        order = np.argsort(own)
        at = order[np.minimum(np.searchsorted(own, spans, sorter=order), len(own) - 1)]
        return np.where(own[at] == spans, at, -1)


def read_tree(engine: Ask, at: Whereabouts) -> Tree:
    """The tree of a trace."""
    spans = ask(engine, "traces/tree", at.parameters | {"limit": _MOST_SPANS + 1}, where=at.condition)
    return replace(build_tree(spans.slice(0, _MOST_SPANS)), truncated=spans.num_rows > _MOST_SPANS)


def build_tree(spans: pa.Table) -> Tree:
    """The tree of `spans` (columns of traces/tree.sql; copies of a span are reduced to the best one)."""
    spans = _unique(spans)
    own, parents = ids(spans["span_id"]), ids(spans["parent_span_id"])
    parent = parent_rows(own, parents)
    start = _numbers(spans["start"])
    end = start + _numbers(spans["duration_ns"])
    order, depth = _depth_first(parent, start)
    place = np.empty_like(order)
    place[order] = np.arange(len(order))
    descendants = _descendants(order, depth)
    orphan = (parent < 0) & (parents != 0)
    above = np.where(parent >= 0, place[parent], -1)
    columns = {
        "depth": depth,
        "parent_row": above[order],
        "children": np.bincount(parent[parent >= 0], minlength=len(order))[order],
        "descendants": descendants,
        "orphan": orphan[order],
        "self_ns": _self_times(parent, start, end)[order],
        "critical": (critical_ns(parent, start, end, _longest(parent, start, end)) >= 0)[order],
    }
    rows = spans.take(pa.array(order))
    for name, values in columns.items():
        rows = rows.append_column(name, pa.array(values))
    return Tree(rows, int(((parent < 0) & ~orphan).sum()), int(orphan.sum()))


def _unique(spans: pa.Table) -> pa.Table:
    own, version = ids(spans["span_id"]), np.asarray(spans["version"].to_numpy(), np.uint64)
    order = np.lexsort((version, own))
    last = np.append(np.flatnonzero(np.diff(own[order].astype(np.uint64)) != 0), len(order) - 1) if len(order) else order
    return spans.take(pa.array(np.sort(order[last])))


def _depth_first(parent: Index, start: Index) -> tuple[Index, Index]:
    """Rows in depth-first order and the depth of each in that order."""
    n = len(parent)
    by_start = np.argsort(start, kind="stable")
    by_parent = by_start[np.argsort(parent[by_start], kind="stable")]
    keys = parent[by_parent]
    first = np.searchsorted(keys, np.arange(n), "left").tolist()
    past = np.searchsorted(keys, np.arange(n), "right").tolist()
    rows = by_parent.tolist()
    tops = rows[: int(np.searchsorted(keys, 0, "left"))]
    order: list[int] = []
    depths: list[int] = []
    stack = [(row, 0) for row in reversed(tops)]
    while stack:
        row, depth = stack.pop()
        order.append(row)
        depths.append(depth)
        stack.extend((child, depth + 1) for child in reversed(rows[first[row] : past[row]]))
    return np.asarray(order, np.int64), np.asarray(depths, np.int64)


def _descendants(order: Index, depth: Index) -> Index:
    """How many rows below each row follow it in depth-first order: up to the next row that is not deeper."""
    n = len(order)
    out = np.zeros(n, np.int64)
    open_rows: list[int] = []
    for row, level in enumerate(depth.tolist()):
        while open_rows and depth[open_rows[-1]] >= level:
            top = open_rows.pop()
            out[top] = row - top - 1
        open_rows.append(row)
    for top in open_rows:
        out[top] = n - top - 1
    return out


def _self_times(parent: Index, start: Index, end: Index) -> Index:
    """Duration less the union of the children's intervals, cut to the span's own."""
    covered = np.zeros(len(parent), np.int64)
    inner = np.flatnonzero(parent >= 0)
    inner = inner[np.lexsort((start[inner], parent[inner]))]
    left = np.maximum(start[inner], start[parent[inner]])
    right = np.minimum(end[inner], end[parent[inner]])
    group, reach = -1, 0
    for row, low, high in zip(parent[inner].tolist(), left.tolist(), right.tolist(), strict=True):
        if row != group:
            group, reach = row, low
        if high > reach:
            covered[row] += high - max(low, reach)
            reach = high
    return np.asarray(np.maximum(end - start - covered, 0), np.int64)


def _longest(parent: Index, start: Index, end: Index) -> Index:
    """The longest top, if there is one."""
    tops = np.flatnonzero(parent < 0)
    return tops[np.argmax((end - start)[tops])][None] if len(tops) else tops


def ids(column: pa.ChunkedArray) -> npt.NDArray[np.uint64]:
    """Eight-byte span ids as numbers; zeros are 0."""
    array = pa.concat_arrays(column.chunks) if column.num_chunks != 1 else column.chunk(0)
    if len(array) == 0:
        return np.zeros(0, np.uint64)
    data = np.frombuffer(array.buffers()[1], np.uint8)[array.offset * 8 : (array.offset + len(array)) * 8]
    return np.ascontiguousarray(data).view(np.uint64).copy()


def _numbers(column: pa.ChunkedArray) -> Index:
    return np.asarray(column.to_numpy(), np.int64)
