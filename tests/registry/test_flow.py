"""Steps and graphs of workflows from spans."""

from __future__ import annotations

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from spyglass.registry.flow import Step, followed, graph_of, steps_of


def row(number: int, under: int, label: str, at: int, lasts: int = 10, kind: str = "agent", **told: Any) -> dict[str, Any]:
    """A span as sql/workflows/spans.sql gives it; ids are small numbers."""
    plain = {"plumbing": False, "pending": False, "failed": False, "error_type": "", "status_message": ""}
    ids = {"span_id": number.to_bytes(8), "parent_span_id": under.to_bytes(8)}
    return plain | ids | {"kind": kind, "label": label, "start_ns": at, "duration_ns": lasts} | told


def step(name: str, at: int, lasts: int, state: Any = "succeeded") -> Step:
    return Step(name, "agent", state, b"x", at, lasts)


def test_steps_are_what_is_nearest_below() -> None:
    """Plumbing and spans without a kind are looked through; what is below a step is its own business."""
    rows = [
        row(1, 0, "flow", 0, kind="workflow"),
        row(2, 1, "edge", 1, kind="chain", plumbing=True),
        row(3, 2, "writer", 5),
        row(4, 3, "search", 6, kind="tool"),
        row(5, 1, "GET", 20, kind=""),
        row(6, 5, "reader", 21, failed=True, error_type="Timeout"),
        row(7, 9, "stranger", 3),
    ]
    found = steps_of(rows, (1).to_bytes(8))
    assert [(one.id, one.state, one.error_type) for one in found] == [("writer", "succeeded", ""), ("reader", "failed", "Timeout")]


def test_an_agent_that_wraps_the_whole_run_is_no_step() -> None:
    """The same name, and nothing beside it."""
    rows = [row(1, 0, "desk", 0, kind="workflow"), row(2, 1, "desk", 1), row(3, 2, "planner", 2), row(4, 2, "writer", 20)]
    assert [one.id for one in steps_of(rows, (1).to_bytes(8))] == ["planner", "writer"]


def test_spans_in_a_circle_end_nowhere() -> None:
    """Each is looked at once."""
    rows = [row(1, 2, "a", 0, kind=""), row(2, 1, "b", 0, kind="")]
    assert steps_of(rows, (1).to_bytes(8)) == []


def test_parallel_steps_fork_and_join() -> None:
    """What overlaps follows the same step, and both come before what comes after."""
    steps = [step("plan", 0, 10), step("left", 11, 20), step("right", 12, 30), step("join", 50, 5)]
    names = [(steps[before].id, steps[after].id) for before, after in followed(steps)]
    assert names == [("plan", "left"), ("plan", "right"), ("left", "join"), ("right", "join")]


def test_nothing_follows_what_still_runs() -> None:
    """However long ago it began."""
    assert followed([step("one", 0, 0, "running"), step("two", 100, 5)]) == []


@settings(max_examples=100)
@given(st.lists(st.tuples(st.integers(0, 50), st.integers(0, 20)), max_size=15))
def test_what_follows_is_the_order_without_shortcuts(spans: list[tuple[int, int]]) -> None:
    """A step follows another one if, and only if, that ended before and no third is between."""
    steps = sorted((step(str(number), at, lasts) for number, (at, lasts) in enumerate(spans)), key=lambda one: one.start_ns)
    before = {(a, b) for a in range(len(steps)) for b in range(len(steps)) if steps[a].end_ns <= steps[b].start_ns}
    direct = {(a, b) for a, b in before if not any((a, c) in before and (c, b) in before for c in range(len(steps)))}
    assert set(followed(steps)) == direct


def test_runs_become_one_graph() -> None:
    """Loops are edges back; counts are of runs and of steps."""
    loop = [step("model", 0, 10), step("tools", 11, 5), step("model", 20, 30)]
    short = [step("model", 0, 20, "failed")]
    graph = graph_of([loop, short])
    model, tools = graph.steps
    assert (model.id, model.runs, model.count, model.errors, model.first, model.last) == ("model", 2, 3, 1, 2, 2)
    assert (tools.runs, tools.count, tools.first, tools.last) == (1, 1, 0, 0)
    assert model.quantile_ns(0.5) == 20
    assert graph.edges == {("model", "tools"): 1, ("tools", "model"): 1}
