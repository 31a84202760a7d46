"""What some executions come to: sums over the spans below each, their steps, and which execution stands above which.

In: the skeleton of a few traces (executions/skeleton.sql), their calls, and the spans at which executions stand. Out: one entry per execution. An execution's
figures are those of its whole subtree, so that they hold what the executions below it came to; its steps are its own.

50,000 spans take about 50 ms. Spans whose ancestors go round in a circle lose the parent that closes it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from spyglass.model.forest import parent_rows
from spyglass.model.schema import USAGE

__all__ = ["FIGURES", "Subtrees"]

Index = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]

# What counts as a step of a run that tells none: work that has a meaning of its own.
_STEPS: Final = pa.array(["llm", "tool", "agent", "retriever", "embedding", "reranker", "guardrail", "evaluator", "memory", "mcp"])
FIGURES: Final = ("model_calls", "model_errors", "tool_calls", "tool_errors", *USAGE)


@dataclass(frozen=True, slots=True)
class _Nodes:
    """n spans: where each stands (`parent`: row of it, -1 without), and per row the row of the nearest execution at or above it (-1: none)."""

    parent: Index
    levels: list[Index]  # rows by depth, tops first
    nearest: Index
    step: Mask


class Subtrees:
    """The executions of some traces, and what lies below each."""

    def __init__(self, spans: pa.Table, calls: pa.Table, runs: pa.Table) -> None:
        """`runs` has columns id, place, source; an execution whose span did not come has no entry. Of two at one span, that which is the span goes first."""
        self._spans = spans
        own = _unsigned(spans["place"])
        order = np.argsort(own)
        self._row_of: dict[str, int] = {}
        self._id_of: dict[int, str] = {}
        self._take(runs, own, order)
        parent = parent_rows(own, _unsigned(spans["above"]))
        levels = _levels(parent)
        at = np.zeros(len(own), bool)
        at[list(self._id_of)] = True
        nearest = _nearest(parent, levels, at)
        work = np.asarray(pc.is_in(spans["kind"], _STEPS).to_numpy(), bool) & ~np.asarray(spans["plumbing"].to_numpy(), bool)
        self._nodes = _Nodes(parent, levels, nearest, _outermost(parent, levels, work, at))
        self._sums = self._summed(calls, own, order)

    def __contains__(self, execution: str) -> bool:
        return execution in self._row_of

    def figures(self, execution: str) -> dict[str, int | float]:
        """Calls, tokens and cost, spans and failed spans of its subtree."""
        row = self._row_of[execution]
        counts = {name: int(values[row]) for name, values in self._sums.items() if name != "cost_usd"}
        return {**counts, "cost_usd": float(self._sums["cost_usd"][row])}

    def parent(self, execution: str) -> str:
        """The nearest execution above it; empty: none."""
        above = self._nodes.parent[self._row_of[execution]]
        found = int(self._nodes.nearest[above]) if above >= 0 else -1
        return self._id_of.get(found, "")

    def children(self, execution: str) -> list[str]:
        """The executions of which it is the nearest one above."""
        return [other for other in self._row_of if other != execution and self.parent(other) == execution]

    def steps(self, execution: str) -> pa.Table:
        """The spans that are its steps, in order: each does work, and stands below it with no other such span and no other execution between."""
        rows = self._own_steps(execution)
        return self._spans.take(pa.array(rows))

    def step_count(self, execution: str) -> int:
        """How many `steps` there are."""
        return len(self._own_steps(execution))

    def last_step(self, execution: str) -> dict[str, Any] | None:
        """The step that began last; None: there is none."""
        rows = self._own_steps(execution)
        return self._spans.slice(int(rows[-1]), 1).to_pylist()[0] if len(rows) else None

    def _own_steps(self, execution: str) -> Index:
        row, nodes = self._row_of[execution], self._nodes
        above = np.where(nodes.parent >= 0, nodes.nearest[nodes.parent], -1)
        return np.flatnonzero(nodes.step & (above == row))

    def _take(self, runs: pa.Table, own: npt.NDArray[np.uint64], order: Index) -> None:
        if not len(own):
            return
        places = _unsigned(runs["place"])
        at = order[np.minimum(np.searchsorted(own, places, sorter=order), len(own) - 1)]
        found = own[at] == places
        for execution, source, row, known in zip(runs["id"].to_pylist(), runs["source"].to_pylist(), at.tolist(), found.tolist(), strict=True):
            if known:
                self._row_of[execution] = row
                if source == "span" or row not in self._id_of:
                    self._id_of[row] = execution

    def _summed(self, calls: pa.Table, own: npt.NDArray[np.uint64], order: Index) -> dict[str, npt.NDArray[Any]]:
        count = len(own)
        failed = np.asarray(self._spans["failed"].to_numpy(), bool)
        sums: dict[str, npt.NDArray[Any]] = {name: np.zeros(count, np.int64) for name in FIGURES}
        sums |= {"cost_usd": np.zeros(count), "spans": np.ones(count, np.int64), "errors": failed.astype(np.int64)}
        if count and calls.num_rows:
            _add_calls(sums, calls, own, order)
        for level in reversed(self._nodes.levels[1:]):
            for values in sums.values():
                np.add.at(values, self._nodes.parent[level], values[level])
        return sums


def _add_calls(sums: dict[str, npt.NDArray[Any]], calls: pa.Table, own: npt.NDArray[np.uint64], order: Index) -> None:
    places = _unsigned(calls["place"])
    at = order[np.minimum(np.searchsorted(own, places, sorter=order), len(own) - 1)]
    known = own[at] == places
    at, told = at[known], calls.filter(pa.array(known))
    failed = np.asarray(told["failed"].to_numpy(), bool)
    for name, kind in (("model", "llm"), ("tool", "tool")):
        of = np.asarray(pc.equal(told["kind"], kind).to_numpy(), bool)
        np.add.at(sums[f"{name}_calls"], at, of.astype(np.int64))
        np.add.at(sums[f"{name}_errors"], at, (of & failed).astype(np.int64))
    spoken = np.asarray(pc.equal(told["kind"], "llm").to_numpy(), bool)
    for name in USAGE:
        np.add.at(sums[name], at, np.where(spoken, np.asarray(told[name].to_numpy(), np.int64), 0))
    np.add.at(sums["cost_usd"], at, np.asarray(told["cost_usd"].to_numpy(), np.float64))


def _levels(parent: Index) -> list[Index]:
    """Rows by their depth, tops first; `parent` has no circles."""
    depth = np.zeros(len(parent), np.int64)
    reached = parent.copy()
    while (walk := reached >= 0).any():
        depth[walk] += 1
        reached[walk] = parent[reached[walk]]
    order = np.argsort(depth, kind="stable")
    return np.split(order, np.searchsorted(depth[order], np.arange(1, depth.max() + 1))) if len(parent) else []


def _nearest(parent: Index, levels: list[Index], at: Mask) -> Index:
    nearest = np.where(at, np.arange(len(parent)), -1)
    for level in levels[1:]:
        nearest[level] = np.where(at[level], level, nearest[parent[level]])
    return nearest


def _outermost(parent: Index, levels: list[Index], work: Mask, at: Mask) -> Mask:
    """Of work within work of the same execution only the outer one; an execution begins anew."""
    within = np.zeros(len(parent), bool)  # below a step of the same execution
    for level in levels[1:]:
        above = parent[level]
        within[level] = ~at[above] & (work[above] | within[above])
    return work & ~within


def _unsigned(column: pa.ChunkedArray) -> npt.NDArray[np.uint64]:
    return np.asarray(column.to_numpy(), np.uint64)
