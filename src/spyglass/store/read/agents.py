"""Agents, as derived from what arrived."""

from __future__ import annotations

from collections.abc import Sequence

import pyarrow as pa

from spyglass.store.read.asking import Ask, Scope, ask
from spyglass.store.read.matching import beside

__all__ = ["agents", "totals"]


def agents(engine: Ask, scope: Scope, limit: int, skip: int = 0, events: Scope | None = None, only: Sequence[str] = ()) -> pa.Table:
    """One row per agent name, last seen first; told by spans, or by log records alone. `events` as in `summary`; `only`: these agents, empty for all."""
    scope, events_sql = beside(scope, events)
    return ask(engine, "agents/list", scope.parameters(limit=limit, skip=skip, only=list(only)), filter_sql=scope.filter_sql, events=events_sql)


def totals(engine: Ask, scope: Scope, limit: int, only: Sequence[str] = ()) -> pa.Table:
    """Calls, tokens and cost per agent; `only`: of these, empty for all."""
    return ask(engine, "agents/totals", scope.parameters(limit=limit, only=list(only)))
