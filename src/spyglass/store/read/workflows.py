"""Workflows as they ran: which there are, their runs, and the spans that their steps are made of."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import pyarrow as pa

from spyglass.store.read.asking import HIGHEST, Ask, Place, Scope, ask, fragment
from spyglass.store.read.whereabouts import Whereabouts

__all__ = ["MOST_SPANS", "run_spans", "runs", "workflows"]

MOST_SPANS: Final = 100_000  # of the runs that one graph is made of


def workflows(engine: Ask, scope: Scope, limit: int, skip: int = 0) -> pa.Table:
    """One row per name, last seen first."""
    return ask(engine, "workflows/list", scope.parameters(limit=limit, skip=skip), **_marks())


def runs(engine: Ask, scope: Scope, name: str, limit: int, after: Place | None = None) -> tuple[pa.Table, Place | None]:
    """Runs of a workflow, latest first, and where the next page begins."""
    place = {"before_ns": after.figure if after else scope.to_ns, "before_id": after.id if after else HIGHEST, "limit": limit + 1}
    table = ask(engine, "workflows/runs", scope.parameters(workflow=name, **place), **_marks())
    kept = table.slice(0, limit)
    following = Place(kept["start_ns"][-1].as_py(), kept["place"][-1].as_py()) if table.num_rows > limit else None
    return kept, following


def run_spans(engine: Ask, project: str, traces: Sequence[str]) -> pa.Table:
    """Spans of these traces (hex), at most `MOST_SPANS`, in order of time; traces that do not exist are left out."""
    at = Whereabouts.of(engine, project, traces)
    return ask(engine, "workflows/spans", at.parameters | {"limit": MOST_SPANS}, where=at.condition, called=fragment("workflows/name"))


def _marks() -> dict[str, str]:
    return {"heads": fragment("workflows/heads"), "called": fragment("workflows/name")}
