"""Spans of some traces in; the runs of one agent in them out, each with the time that its end waited for each step, and what it lost to retries.

A *step* is a tool, a model, another agent, the agent itself (what no span below it covers), or else the operation or kind of a span. A call is a *retry* when
the one before it of the same step, asked the same, in the same run had failed before it began. What was lost is the time from the begin of the failed call to
the begin of the retry, waiting included, and the cost of the failed call.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from spyglass.model.columns import flat
from spyglass.model.forest import critical_ns, nearest, parent_rows

__all__ = ["ITSELF", "Retries", "Runs", "runs_of"]

Index = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
ITSELF: Final = "itself"
_OTHERS: Final = ("others", "")
_MOST_STEPS: Final = 500  # told apart
_CALLS: Final = {"llm": "model", "embedding": "model", "reranker": "model", "tool": "tool"}  # what names them


@dataclass(frozen=True, slots=True)
class Retries:
    """One row per retry."""

    run: Index
    step: Index
    lost_ns: Index
    lost_usd: Floats


@dataclass(frozen=True, slots=True)
class Runs:
    """n runs by their begin; steps are pairs of kind and name."""

    places: list[tuple[str, str]]  # trace and span id of each, hex
    begin_ns: Index
    duration_ns: Index
    cost_usd: Floats  # of what was called in them
    steps: list[tuple[str, str]]
    waited_ns: Index  # (n, steps): adds up to the durations
    retries: Retries

    def __len__(self) -> int:
        return len(self.places)

    def part(self, chosen: npt.NDArray[np.bool_]) -> Runs:
        """Some of them."""
        at = np.flatnonzero(chosen)
        number = np.full(len(self), -1, np.int64)
        number[at] = np.arange(len(at))
        kept = np.flatnonzero(chosen[self.retries.run])
        retries = Retries(number[self.retries.run[kept]], self.retries.step[kept], self.retries.lost_ns[kept], self.retries.lost_usd[kept])
        places = [self.places[row] for row in at.tolist()]
        return Runs(places, self.begin_ns[at], self.duration_ns[at], self.cost_usd[at], self.steps, self.waited_ns[at], retries)


def runs_of(spans: pa.Table, agent: str) -> Runs:
    """The outermost runs of an agent that took any time.

    Args:
        spans: columns id and parent (uint64, alike for the same span of the same trace; parent 0: none), trace_id and span_id (hex), version, start (ns),
            duration_ns, kind, agent, model, tool, operation, failed, asked (a hash of the input), cost_usd; every copy of each.
        agent: its name.
    """
    spans = _unique(spans)
    parent = parent_rows(_numbers(spans, "id").view(np.uint64), _numbers(spans, "parent").view(np.uint64))
    start, length = _numbers(spans, "start"), _numbers(spans, "duration_ns")
    kinds, agents = (np.array(spans[name].to_pylist(), object) for name in ("kind", "agent"))
    mine = (kinds == "agent") & (agents == agent) & (length > 0)
    top = _tops(parent, mine)
    tops = np.unique(top[top >= 0])
    tops = tops[np.argsort(start[tops], kind="stable")]
    run = np.full(len(parent), -1, np.int64)
    run[tops] = np.arange(len(tops))
    run = np.where(top >= 0, run[top], -1)
    waited = critical_ns(parent, start, start + length, tops)
    steps, step = _steps(spans, kinds, agents, agent)
    table = np.zeros((len(tops), len(steps)), np.int64)
    on = np.flatnonzero(waited >= 0)
    np.add.at(table, (run[on], step[on]), waited[on])
    inside = run >= 0
    cost = np.bincount(run[inside], _costs(spans)[inside], len(tops)).astype(np.float64)
    places = list(zip(*(spans[name].take(pa.array(tops)).to_pylist() for name in ("trace_id", "span_id")), strict=True))
    called = np.isin(kinds.astype(str), list(_CALLS)) & inside
    return Runs(places, start[tops], length[tops], cost, steps, table, _retries(spans, run, step, np.flatnonzero(called)))


def _unique(spans: pa.Table) -> pa.Table:
    """The latest copy of each span."""
    own, version = _numbers(spans, "id"), _numbers(spans, "version")
    order = np.lexsort((version, own))
    last = np.append(np.flatnonzero(np.diff(own[order]) != 0), len(order) - 1) if len(order) else order
    return spans.take(pa.array(np.sort(order[last])))


def _tops(parent: Index, mine: npt.NDArray[np.bool_]) -> Index:
    """For each span the outermost run that it lies in, itself maybe; -1: none."""
    itself, above = np.arange(len(parent)), nearest(parent, mine)
    outer = np.where(above >= 0, above, itself)
    for _ in range(max(len(parent), 2).bit_length()):
        outer = outer[outer]
    return np.where(mine[outer], outer, -1) if len(parent) else outer


def _steps(spans: pa.Table, kinds: npt.NDArray[np.object_], agents: npt.NDArray[np.object_], agent: str) -> tuple[list[tuple[str, str]], Index]:
    """What the spans are steps of, and the number of each."""
    names = {name: spans[name].to_pylist() for name in ("model", "tool", "operation")}
    known: dict[tuple[str, str], int] = {}
    step = np.empty(len(kinds), np.int64)
    for row, (kind, whose) in enumerate(zip(kinds.tolist(), agents.tolist(), strict=True)):
        own = ("agent", ITSELF if whose == agent else whose) if kind == "agent" else (kind or "span", names[_CALLS.get(kind, "operation")][row])
        key = own if own in known or len(known) < _MOST_STEPS else _OTHERS
        step[row] = known.setdefault(key, len(known))
    return list(known), step


def _retries(spans: pa.Table, run: Index, step: Index, calls: Index) -> Retries:
    start, length, asked = (_numbers(spans, name)[calls] for name in ("start", "duration_ns", "asked"))
    failed = np.asarray(flat(spans["failed"]).to_numpy(zero_copy_only=False), bool)[calls]
    order = np.lexsort((start, asked, step[calls], run[calls]))
    first, then = order[:-1], order[1:]
    same = (run[calls][first] == run[calls][then]) & (step[calls][first] == step[calls][then]) & (asked[first] == asked[then])
    again = same & failed[first] & (start[then] >= start[first] + length[first])
    lost, retry = first[again], then[again]
    return Retries(run[calls][retry], step[calls][retry], start[retry] - start[lost], _costs(spans)[calls][lost])


def _costs(spans: pa.Table) -> Floats:
    return np.nan_to_num(np.asarray(flat(spans["cost_usd"]).to_numpy(), np.float64), posinf=0.0, neginf=0.0)


def _numbers(spans: pa.Table, name: str) -> Index:
    column = flat(spans[name])
    return np.asarray(column.to_numpy(zero_copy_only=False)).view(np.int64) if column.type == pa.uint64() else np.asarray(column.cast(pa.int64()), np.int64)
