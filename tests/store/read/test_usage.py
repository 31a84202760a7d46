"""Tools and models by use, and which agent called which."""

from __future__ import annotations

from typing import Any

from spyglass.store.read.edges import edges
from spyglass.store.read.usage import usage


def test_each_call_counts_for_what_was_called(tables: Any) -> None:
    """Once, with its errors; of one agent where one is asked for."""
    tables.spans(3, kind="tool", tool=["saw", "hammer", "hammer"], agent=["joiner", "smith", "smith"], status=["ok", "error", "ok"])
    found = usage(tables.engine.read, tables.scope(), "tool", "", 10).to_pylist()
    assert [(row["name"], row["calls"], row["errors"], row["agents"]) for row in found] == [("hammer", 2, 1, ["smith"]), ("saw", 1, 0, ["joiner"])]
    assert [row["name"] for row in usage(tables.engine.read, tables.scope(), "tool", "joiner", 10).to_pylist()] == ["saw"]


def test_a_run_below_another_agents_run_is_a_call(tables: Any) -> None:
    """Also with a tool between; a run below itself and a run below none are not."""
    ids = [bytes([at]) * 8 for at in range(1, 5)]
    tables.spans(
        4,
        trace_id=b"e" * 16,
        span_id=ids,
        parent_span_id=[bytes(8), ids[0], ids[1], ids[2]],
        kind=["agent", "tool", "agent", "agent"],
        agent=["lead", "", "writer", "writer"],
        status=["ok", "ok", "error", "ok"],
    )
    found, partial = edges(tables.engine.read, tables.scope(), "")
    assert [(edge.caller, edge.callee, edge.calls, edge.errors) for edge in found] == [("lead", "writer", 2, 1)]
    assert not partial
    assert edges(tables.engine.read, tables.scope(), "nobody")[0] == []
