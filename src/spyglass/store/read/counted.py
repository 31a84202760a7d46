"""Which spans of a trace stand for a call, and what each of those calls used: sums over a subtree then count a call once, however many spans tell of it.

In: a tree. Out: one entry per row of it. The calls are those that the trace's totals are made of (store/calls.py decides), so that sum and total agree.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from spyglass.store.read.asking import Ask, ask
from spyglass.store.read.tree import Tree, ids
from spyglass.store.read.whereabouts import Whereabouts

__all__ = ["Counted", "calls_of", "counts_of"]

_MOST_CALLS: Final = 300_000  # no more than a tree has rows


@dataclass(frozen=True, slots=True)
class Counted:
    """n rows, as the tree has them; where no call stands, zeros."""

    call: npt.NDArray[np.bool_]
    input_tokens: npt.NDArray[np.int64]  # of model calls only, as in the totals of a trace
    output_tokens: npt.NDArray[np.int64]
    cost_usd: npt.NDArray[np.float64]


def calls_of(engine: Ask, at: Whereabouts) -> pa.Table:
    """The calls of a trace, and the span that each stands at: columns of traces/calls.sql."""
    return ask(engine, "traces/calls", at.parameters | {"limit": _MOST_CALLS}, hours=at.hours)


def counts_of(tree: Tree, calls: pa.Table) -> Counted:
    """What the rows of a tree stand for."""
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


def _numbers(column: pa.ChunkedArray) -> npt.NDArray[np.int64]:
    return np.asarray(column.to_numpy(), np.int64)
