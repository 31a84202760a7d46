"""Which spans of a trace stand for a call, and what each of those calls used: sums over a subtree then count a call once, however many spans tell of it.

In: a tree and its calls. Out: one entry per row of it, and the sums of a trace. The calls are those that the trace's totals are made of (store/calls.py
decides), so that sum and total agree.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from spyglass.model.schema import USAGE
from spyglass.store.read.asking import Ask, ask
from spyglass.store.read.tree import Tree, ids
from spyglass.store.read.whereabouts import Whereabouts

__all__ = ["Counted", "calls_of", "counts_of", "sums_of"]

_MOST_CALLS: Final = 300_000  # no more than a tree has rows


@dataclass(frozen=True, slots=True)
class Counted:
    """n rows, as the tree has them; where no call stands, zeros."""

    call: npt.NDArray[np.bool_]
    input_tokens: npt.NDArray[np.int64]  # of model calls only, as in the totals of a trace
    output_tokens: npt.NDArray[np.int64]
    cost_usd: npt.NDArray[np.float64]


def calls_of(engine: Ask, at: Whereabouts) -> pa.Table:
    """What is told of the calls of a trace, by whomever: columns of traces/calls.sql."""
    return ask(engine, "traces/calls", at.parameters | {"limit": _MOST_CALLS}, hours=at.hours)


def sums_of(calls: pa.Table, trace_id: bytes) -> pa.Table | None:
    """What the calls come to, as traces/totals.sql says it of many traces. None: not only spans tell of them, so which count is a longer story."""
    if not pc.all(_told_by_spans(calls)).as_py():
        return None
    spoken, used = pc.equal(calls["kind"], "llm"), pc.equal(calls["kind"], "tool")
    told: dict[str, Any] = {"trace_id": trace_id}
    for name, of in (("model", spoken), ("tool", used)):
        told |= {f"{name}_calls": _sum(of), f"{name}_errors": _sum(pc.and_(of, calls["failed"]))}
    told |= {name: _sum(calls[name].filter(spoken)) for name in USAGE} | {"cost_usd": _sum(calls["cost_usd"])}
    return pa.table({name: [value] for name, value in told.items()})


def counts_of(tree: Tree, calls: pa.Table) -> Counted:
    """What the rows of a tree stand for."""
    calls = calls.filter(_told_by_spans(calls))
    count = len(tree)
    found = Counted(np.zeros(count, bool), np.zeros(count, np.int64), np.zeros(count, np.int64), np.zeros(count))
    if not calls.num_rows:
        return found
    rows = tree.rows_of(ids(calls["span_id"]))
    known = rows >= 0
    at_row, told = rows[known], calls.filter(pa.array(known)).combine_chunks()
    spoken = np.asarray(pc.equal(told["kind"], "llm").to_numpy(), bool)
    found.call[at_row] = True
    np.add.at(found.input_tokens, at_row, np.where(spoken, _numbers(told["input_tokens"]), 0))
    np.add.at(found.output_tokens, at_row, np.where(spoken, _numbers(told["output_tokens"]), 0))
    np.add.at(found.cost_usd, at_row, np.asarray(told["cost_usd"].to_numpy(), np.float64))
    return found


def _told_by_spans(calls: pa.Table) -> pa.ChunkedArray:
    """A trace of a transcript counts for itself, whatever tells the same calls in other traces."""
    return pc.is_in(calls["source"], pa.array(["span", "transcript"]))


def _sum(column: pa.ChunkedArray) -> int | float:
    return pc.sum(column).as_py() or 0


def _numbers(column: pa.ChunkedArray) -> npt.NDArray[np.int64]:
    return np.asarray(column.to_numpy(), np.int64)
