"""Calls on the wire which may be told by the agent's own spans, too, so that they may be counted twice: for telemetry health."""

from __future__ import annotations

from typing import Any, Final

import pyarrow as pa

from spyglass.store.likeness import compare
from spyglass.store.read.asking import Ask, Scope, ask
from spyglass.store.twins import own_calls, wire_calls

__all__ = ["unsure"]

_BEFORE_NS: Final = 900 * 10**9


def unsure(engine: Ask, scope: Scope) -> int:
    """How many of them there are, of the first 5,000 calls on the wire."""
    bounds = scope.parameters()

    def read(name: str, parameters: dict[str, Any]) -> pa.Table:
        return ask(engine, name, parameters)

    wires = wire_calls(read, bounds["project"], bounds["lo_ns"], bounds["hi_ns"])
    if not wires:
        return 0
    standing, own = own_calls(read, bounds["project"], wires[0].start_ns - _BEFORE_NS, wires[-1].end_ns + 1, {wire.key for wire in wires})
    kept = set(standing["call_key"].to_pylist())
    mine = {row["call_key"] for row in standing.select(["call_key", "dialect"]).to_pylist() if row["dialect"] == "watch"}
    return len(compare([wire for wire in wires if wire.key in kept & mine], own).unsure)
