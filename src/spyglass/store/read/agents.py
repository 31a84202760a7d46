"""Agents and their executions, as derived from what arrived."""

from __future__ import annotations

import pyarrow as pa

from spyglass.store.read.asking import EVERYTHING, Ask, Place, Scope, ask

__all__ = ["agents", "executions", "totals"]


def agents(engine: Ask, scope: Scope, limit: int, skip: int = 0) -> pa.Table:
    """One row per agent name, last seen first."""
    return ask(engine, "agents/list", scope.parameters(limit=limit, skip=skip), filter_sql=scope.filter_sql)


def totals(engine: Ask, scope: Scope, limit: int) -> pa.Table:
    """Calls, tokens and cost per agent."""
    return ask(engine, "agents/totals", scope.parameters(limit=limit))


def executions(engine: Ask, scope: Scope, limit: int, after: Place | None) -> tuple[pa.Table, Place | None]:
    """Runs of agents, latest first, and where the next page begins."""
    place = {"before_ns": after.figure if after else scope.to_ns, "before_id": after.id if after else "", "limit": limit + 1}
    events = "true" if scope.filter_sql == EVERYTHING else "false"  # a search expression is about spans
    table = ask(engine, "executions/list", scope.parameters(**place), filter_sql=scope.filter_sql, events=events)
    kept = table.slice(0, limit)
    following = Place(kept["start_ns"][-1].as_py(), kept["place"][-1].as_py()) if table.num_rows > limit else None
    return kept.drop_columns(["start_ns", "place"]), following
