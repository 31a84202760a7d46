"""Agents and their executions, as derived from what arrived."""

from __future__ import annotations

import pyarrow as pa

from spyglass.store.read.asking import Ask, Place, Scope, ask
from spyglass.store.read.matching import beside, of_matching_records

__all__ = ["agents", "executions", "totals"]


def agents(engine: Ask, scope: Scope, limit: int, skip: int = 0, events: Scope | None = None) -> pa.Table:
    """One row per agent name, last seen first; told by spans, or by log records alone. `events` as in `summary`."""
    scope, events_sql = beside(scope, events)
    return ask(engine, "agents/list", scope.parameters(limit=limit, skip=skip), filter_sql=scope.filter_sql, events=events_sql)


def totals(engine: Ask, scope: Scope, limit: int) -> pa.Table:
    """Calls, tokens and cost per agent."""
    return ask(engine, "agents/totals", scope.parameters(limit=limit))


def executions(engine: Ask, scope: Scope, limit: int, after: Place | None, events: Scope | None = None) -> tuple[pa.Table, Place | None]:
    """Runs of agents, latest first, and where the next page begins. `events` as in `summary`."""
    scope, events_sql = beside(scope, events)
    place = {"before_ns": after.figure if after else scope.to_ns, "before_id": after.id if after else "", "limit": limit + 1}
    table = ask(engine, "executions/list", scope.parameters(**place), filter_sql=scope.filter_sql, events=of_matching_records(events_sql))
    kept = table.slice(0, limit)
    following = Place(kept["start_ns"][-1].as_py(), kept["place"][-1].as_py()) if table.num_rows > limit else None
    return kept.drop_columns(["start_ns", "place"]), following
