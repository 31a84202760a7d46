"""What the critical path of an agent's runs is found in."""

from __future__ import annotations

from typing import Final

import pyarrow as pa

from spyglass.store.read.asking import DAY_NS, Ask, Scope, ask

__all__ = ["MOST_RUNS", "MOST_SPANS", "spans_of_runs"]

MOST_RUNS: Final = 1_000  # traces
MOST_SPANS: Final = 200_000


def spans_of_runs(engine: Ask, scope: Scope, agent: str) -> pa.Table:
    """Columns of paths/spans.sql, trace by trace. `scope` is one of time, in which runs begin, without a search."""
    asked = scope.parameters(run_agent=agent, until_ns=scope.to_ns + DAY_NS, runs=MOST_RUNS, limit=MOST_SPANS)
    return ask(engine, "paths/spans", asked)
