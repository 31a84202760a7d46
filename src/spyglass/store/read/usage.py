"""Calls by what was called: tools, and models."""

from __future__ import annotations

from typing import Final, Literal

import pyarrow as pa

from spyglass.store.read.asking import Ask, Scope, ask
from spyglass.store.read.matching import beside, of_matching

__all__ = ["usage"]

_KINDS: Final = {"tool": "'tool'", "model": "'llm', 'embedding'"}


def usage(engine: Ask, scope: Scope, of: Literal["tool", "model"], agent: str, limit: int, skip: int = 0, events: Scope | None = None) -> pa.Table:
    """Columns of calls/usage.sql: one row per tool or model, most called first; of one agent, or of all where it is empty; `events` as in `summary`."""
    scope, events_sql = beside(scope, events)
    return ask(
        engine,
        "calls/usage",
        scope.parameters(call_agent=agent, limit=limit, skip=skip),
        filter_sql=of_matching(scope, events_sql),
        called=of,
        kinds=_KINDS[of],
    )
