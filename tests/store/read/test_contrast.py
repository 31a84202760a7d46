"""Promises about two sets of traces side by side."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from spyglass.store.read.contrast import traces


def test_each_trace_is_told_once_with_what_it_has_and_whether_it_is_picked(tables: Any) -> None:
    """Both searches may bind values of the same names."""
    tables.spans(40)
    base = replace(tables.scope(), filter_sql="kind = {p0:String}", filter_parameters={"p0": "tool"})
    picked = replace(tables.scope(), filter_sql="status = {p0:String}", filter_parameters={"p0": "error"})
    rows = traces(tables.engine.read, base, picked).to_pylist()
    assert len(rows) == 10
    assert sum(row["picked"] for row in rows) == 1
    (failed,) = [row for row in rows if row["picked"]]
    assert {"agent\tplanner", "tool\tsearch", "tool_failed\tsearch", "error_type\tTimeoutError", "agent_version\tplanner 1.0", "tool_calls\t1 to 2"} <= set(
        failed["features"]
    )
    assert not any(one.endswith("\t") or not one for row in rows for one in row["features"])


def test_which_tool_followed_which_is_among_it(tables: Any) -> None:
    """In the order of their begin; a span that came twice is one call."""
    for _ in range(2):
        tables.spans(4, kind="tool", tool=["a", "b", "c", "c"])
    (row,) = traces(tables.engine.read, tables.scope(), tables.scope()).to_pylist()
    assert {one for one in row["features"] if one.startswith("step")} == {"step\ta → b", "step\tb → c", "step\tc → c"}
    assert "tool_calls\t3 to 5" in row["features"]
