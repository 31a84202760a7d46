"""Who called whom: agents whose runs lie below runs of other agents, however many spans are between."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np

from spyglass.store.read.asking import Ask, Scope, ask

__all__ = ["MOST_TRACES", "Edge", "edges"]

MOST_TRACES: Final = 2_000
_MOST_SPANS: Final = 200_000
_DEEPEST: Final = 200  # what is deeper goes in a circle

Key = tuple[bytes, bytes]


@dataclass(slots=True)
class Edge:
    """Runs of `callee` that lie below a run of `caller`."""

    caller: str
    callee: str
    calls: int = 0
    errors: int = 0
    last_ns: int = 0
    durations_ns: list[int] = field(default_factory=list)

    def add(self, row: dict[str, Any]) -> None:
        """One run more."""
        self.calls += 1
        self.errors += row["failed"]
        self.last_ns = max(self.last_ns, row["start_ns"])
        if not row["pending"]:
            self.durations_ns.append(row["duration_ns"])

    def quantile_ns(self, share: float) -> float | None:
        """Of the runs that ended; None: none did."""
        return float(np.quantile(self.durations_ns, share)) if self.durations_ns else None


def edges(engine: Ask, scope: Scope, agent: str) -> tuple[list[Edge], bool]:
    """Edges that `agent` is an end of (all, where it is empty), most calls first, and whether there were more traces or spans than are looked at."""
    asked = scope.parameters(agent=agent, traces=MOST_TRACES, limit=_MOST_SPANS + 1)
    rows = ask(engine, "agents/runs", asked).to_pylist()
    found: dict[tuple[str, str], Edge] = {}
    for caller, row in _called(rows):
        if agent in ("", caller, row["agent"]):
            found.setdefault((caller, row["agent"]), Edge(caller, row["agent"])).add(row)
    traces = len({row["trace_id"] for row in rows})
    return sorted(found.values(), key=lambda edge: (-edge.calls, edge.caller, edge.callee)), traces >= MOST_TRACES or len(rows) > _MOST_SPANS


def _called(rows: list[dict[str, Any]]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Each run with the nearest agent above it that is another one; runs below none are left out."""
    above: dict[Key, tuple[bytes, str]] = {(row["trace_id"], row["span_id"]): (row["parent_span_id"], row["agent"]) for row in rows}
    for row in rows:
        if not row["agent"]:
            continue
        place = row["parent_span_id"]
        for _ in range(_DEEPEST):
            parent, agent = above.get((row["trace_id"], place), (b"", ""))
            if agent and agent != row["agent"]:
                yield agent, row
                break
            if not parent:
                break
            place = parent
