"""The ways of an agent's runs through its tools, as calls tell them."""

from __future__ import annotations

from typing import Any

from spyglass.store.read.flow import MOST_STEPS, ways

NO_PARENT = bytes(8)


def run(tables: Any, number: int, tools: list[str], version: str = "1", agent: str = "smith", times: int = 1, **more: Any) -> None:
    """A run of an agent and its calls of tools in order, told so many times; only the run says its version."""
    trace, count = number.to_bytes(16), len(tools) + 1
    ids = [bytes([at + 1]) * 8 for at in range(count)]
    versions = [version, *[""] * len(tools)]
    told = {"kind": ["agent", *["tool"] * len(tools)], "tool": ["", *tools], "agent_version": versions, "parent_span_id": [NO_PARENT, *[ids[0]] * len(tools)]}
    for _ in range(times):
        tables.spans(count, first=number * 100, trace_id=trace, span_id=ids, agent=agent, **told, **more)


def test_runs_that_took_the_same_steps_are_one_way(tables: Any) -> None:
    """By version; a span that came twice is one call, other agents' runs are none."""
    run(tables, 1, ["search", "read"], times=2)
    run(tables, 2, ["search", "read"])
    run(tables, 3, ["search", "read"], version="2")
    run(tables, 4, ["read", "read", "search"])
    run(tables, 5, ["search", "read"], agent="joiner")
    found = ways(tables.engine.read, tables.scope(), "smith").to_pylist()
    assert sorted((row["version"], row["way"], row["runs"], bool(row["cut"])) for row in found) == [
        ("1", ["read", "read", "search"], 1, False),
        ("1", ["search", "read"], 2, False),
        ("2", ["search", "read"], 1, False),
    ]
    latest = next(row for row in found if row["runs"] == 2)
    assert latest["trace_id"] == (2).to_bytes(16).hex()
    assert ways(tables.engine.read, tables.scope(), "nobody").num_rows == 0


def test_a_long_way_is_cut_and_says_so(tables: Any) -> None:
    """Its end is not known."""
    count = MOST_STEPS + 7
    ids = [at.to_bytes(8) for at in range(1, count + 1)]
    tables.spans(count, trace_id=b"l" * 16, span_id=ids, kind="tool", tool="dig", agent="mole", agent_version="")
    (row,) = ways(tables.engine.read, tables.scope(), "mole").to_pylist()
    assert (len(row["way"]), bool(row["cut"]), row["version"]) == (MOST_STEPS, True, "")
