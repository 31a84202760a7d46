"""What rules measure: windows that overlap, in one query, are what each window by itself would be."""

from __future__ import annotations

from typing import Any

import pyarrow.compute as pc
import pytest

from spyglass.store.read import alerts as read
from spyglass.store.read.asking import Scope

SECOND_NS = 10**9
AGENTS = ("a", "b", "c")


def at(tables: Any) -> int:
    """When the rows begin."""
    from_ns: int = tables.scope().from_ns
    return from_ns + 3_600 * SECOND_NS


def scope_of(tables: Any, windows: read.Windows) -> Scope:
    return Scope(tables.project, windows.from_ns, windows.to_ns)


@pytest.mark.parametrize(("window_s", "step_s", "steps"), [(10, 10, 1), (10, 5, 8), (7, 3, 12), (3, 10, 5), (60, 1, 30)])
def test_windows_are_counted_as_each_by_itself(tables: Any, window_s: int, step_s: int, steps: int) -> None:
    """Whatever the length and the step: each row in every window that it falls into, by group."""
    first_ns = at(tables) + 12 * SECOND_NS
    starts = [at(tables) + number * 131 * 10**6 for number in range(300)]
    agents = [AGENTS[number % 3] for number in range(300)]
    rows = tables.spans(300, start=starts, agent=agents, pending=[False] * 300)
    windows = read.Windows(first_ns, window_s * SECOND_NS, step_s * SECOND_NS, steps)
    table = read.spans(tables.engine.read, scope_of(tables, windows), windows, ["agent"])
    told = {(row["step"], row["groups"][0]): (row["count"], row["errors"]) for row in table.to_pylist()}
    failed = pc.equal(rows["status"], "error").to_pylist()
    wanted: dict[tuple[int, str], tuple[int, int]] = {}
    for step in range(steps):
        end_ns = first_ns + step * step_s * SECOND_NS
        for at_ns, agent, bad in zip(starts, agents, failed, strict=True):
            if end_ns - window_s * SECOND_NS <= at_ns < end_ns:
                count, errors = wanted.get((step, agent), (0, 0))
                wanted[step, agent] = (count + 1, errors + bad)
    assert told == wanted


def test_calls_have_what_they_cost(tables: Any) -> None:
    """Tokens, cost and durations of model calls and of tools, each call once."""
    rows = tables.spans(200)
    windows = read.Windows(at(tables) + 60 * SECOND_NS, 60 * SECOND_NS, SECOND_NS, 1)
    scope = scope_of(tables, windows)
    (row,) = read.calls(tables.engine.read, scope, windows, [], "llm", None).to_pylist()
    calls = rows.filter(pc.equal(rows["kind"], "llm"))
    assert (row["step"], row["groups"], row["count"]) == (0, [], calls.num_rows)
    assert row["input_tokens"] == pc.sum(calls["input_tokens"]).as_py()
    tools = read.calls(tables.engine.read, scope, windows, ["tool"], "tool", None).to_pylist()
    assert sum(one["count"] for one in tools) == pc.sum(pc.equal(rows["kind"], "tool")).as_py()


def test_events_are_counted(tables: Any) -> None:
    """Those of the windows."""
    tables.events(100)
    windows = read.Windows(at(tables) + 60 * SECOND_NS, 60 * SECOND_NS, SECOND_NS, 1)
    (row,) = read.events(tables.engine.read, scope_of(tables, windows), windows, []).to_pylist()
    assert row["count"] == 100


def test_findings_come_in_the_order_of_their_arrival(tables: Any) -> None:
    """Those that arrived between two times, and only what Spyglass itself has found."""
    scopes = ["spyglass.server" if number % 2 else "somebody" for number in range(20)]
    tables.events(20, event_name=["finding"] * 20, scope_name=scopes, body=[f"f{number:02}" for number in range(20)])
    windows = read.Windows(at(tables) + 60 * SECOND_NS, 120 * SECOND_NS, SECOND_NS, 1)
    found = read.findings(tables.engine.read, scope_of(tables, windows), windows.from_ns, windows.to_ns, 5).to_pylist()
    assert [row["body"] for row in found] == ["f01", "f03", "f05", "f07", "f09"]
    assert dict(found[0]["attributes"]) is not None
    assert read.findings(tables.engine.read, scope_of(tables, windows), windows.to_ns, windows.to_ns + 1, 5).num_rows == 0


@pytest.mark.parametrize(("window_s", "step_s", "steps"), [(4, 4, 1), (4, 2, 3), (2, 4, 2)])
def test_a_counter_grows_in_each_window_by_what_came_in_it(tables: Any, window_s: int, step_s: int, steps: int) -> None:
    """Counted from the point before, also of the first window; a reset starts from zero."""
    values = [5, 7, 10, 2, 3, 9, 9, 20, 21, 30]
    grown = [0, 2, 3, 2, 1, 6, 0, 11, 1, 9]
    told = {"metric": "m", "type": "sum", "temporality": "cumulative", "monotonic": True, "value_type": "i", "start": at(tables) - 3_000 * SECOND_NS}
    times = [at(tables) + second * SECOND_NS for second in range(10)]
    told |= {"count": 0, "explicit_bounds": (), "bucket_counts": (), "positive_counts": (), "negative_counts": (), "zero_count": 0, "zero_threshold": 0.0}
    tables.points(10, **told, value_int=values, time=times, attributes=[[("k", "x")]] * 10, attribute_types="", service="s", scope_name="", flags=0)
    windows = read.Windows(at(tables) + 6 * SECOND_NS, window_s * SECOND_NS, step_s * SECOND_NS, steps)
    rows = read.points(tables.engine.read, scope_of(tables, windows), windows, ["attr.k"], "m")
    wanted = []
    for step in range(steps):
        end = 6 + step * step_s
        inside = range(max(0, end - window_s), min(end, 10))
        wanted += [(step, ["x"], len(inside), sum(grown[second] for second in inside), values[inside[-1]])] if inside else []
    assert [(row["bucket"], row["groups"], row["samples"], row["increase"], row["last"]) for row in rows] == wanted
