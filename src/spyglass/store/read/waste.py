"""What agents waste: calls of tools that came to nothing, and runs that went round in circles."""

from __future__ import annotations

from typing import Any, Final

import pyarrow as pa

from spyglass.store.read.asking import Ask, Scope, ask
from spyglass.store.read.executions import rows
from spyglass.store.read.whereabouts import Whereabouts

__all__ = ["MOST_CALLS", "loops", "runs_of", "tools"]

MOST_CALLS: Final = 200_000
_OVER_NS: Final = 10 * 60 * 10**9  # the same as of the analyzer `tools`: a model may still read the result
_MOST_RUNS: Final = 5_000


def tools(engine: Ask, scope: Scope, agent: str, now_ns: int, limit: int) -> pa.Table:
    """Columns of waste/tools.sql, most called first; of one agent, or of all where it is empty. `scope` is one of time, without a search."""
    return ask(engine, "waste/tools", scope.parameters(call_agent=agent, calls=MOST_CALLS, over_ns=now_ns - _OVER_NS, limit=limit))


def loops(engine: Ask, scope: Scope, agent: str, limit: int, skip: int = 0) -> pa.Table:
    """Columns of findings/loops.sql. `scope` is one of events."""
    return ask(engine, "findings/loops", scope.parameters(about=agent, limit=limit, skip=skip), filter_sql=scope.filter_sql)


def runs_of(engine: Ask, project: str, traces: list[str], now_ns: int) -> dict[str, list[dict[str, Any]]]:
    """The executions that stand in these traces, by trace; rows as `executions.rows` tells them."""
    at = Whereabouts.of(engine, project, traces)
    if not at:
        return {}
    ids = ask(engine, "executions/of_traces", at.parameters | {"limit": _MOST_RUNS})["id"].to_pylist()
    found: dict[str, list[dict[str, Any]]] = {}
    for row in rows(engine, project, ids, now_ns):
        found.setdefault(row["trace_id"], []).append(row)
    return found
