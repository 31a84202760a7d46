"""The ways of an agent's runs through its tools."""

from __future__ import annotations

from typing import Final

import pyarrow as pa

from spyglass.store.read.asking import Ask, Scope, ask

__all__ = ["MOST_RUNS", "MOST_STEPS", "ways"]

MOST_RUNS: Final = 10_000
MOST_STEPS: Final = 200  # of one run that are looked at


def ways(engine: Ask, scope: Scope, agent: str) -> pa.Table:
    """Columns of flow/ways.sql; at most `MOST_RUNS` runs, the latest. `scope` is one of time, without a search."""
    return ask(engine, "flow/ways", scope.parameters(call_agent=agent, runs=MOST_RUNS, steps=MOST_STEPS, limit=MOST_RUNS))
