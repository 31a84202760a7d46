"""Promises about counting: one row per call, however many spans tell of it."""

from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from spyglass.store.calls import calls_of_events, calls_of_spans, lean_rows, loose_traces
from spyglass.store.rows import span_rows
from spyglass.testing.rows import events, spans

ROOT = b"\0" * 8


def trace(*told: dict[str, Any]) -> pa.Table:
    """Spans of one trace: each a dict of columns; `id` and `under` are small numbers (0: no parent)."""
    n = len(told)
    names = {name for span in told for name in span} - {"id", "under"}
    blank = {
        "kind": "chain",
        "status": "unset",
        "response_id": "",
        "tool": "",
        "tool_call_id": "",
        "agent": "",
        "agent_version": "",
        "model": "",
        "session_id": "",
        "has_usage": False,
        "pending": False,
    }
    blank |= dict.fromkeys(("input_tokens", "output_tokens", "cache_read_tokens", "cache_write_tokens", "reasoning_tokens"), 0) | {"cost_usd": 0.0}
    columns = {name: [span.get(name, blank.get(name)) for span in told] for name in {*names, *blank}}
    columns |= {"span_id": [span["id"].to_bytes(8) for span in told], "parent_span_id": [span.get("under", 0).to_bytes(8) for span in told]}
    return lean_rows(span_rows(spans(n, **{"trace_id": [b"t" * 16] * n} | columns))[0])


def counted(rows: pa.Table, *, replace: bool = False) -> list[dict[str, Any]]:
    table = calls_of_spans(rows, now_ns=1, replace=replace)
    return table.filter(pc.field("counted")).to_pylist()


def test_nested_model_spans_are_one_call() -> None:
    """A client's span below a framework's is the same call; usage comes from the outer if it has some."""
    [call] = counted(
        trace(
            {"id": 1, "kind": "llm", "has_usage": True, "input_tokens": 10},
            {"id": 2, "under": 1, "kind": "span"},
            {"id": 3, "under": 2, "kind": "llm", "has_usage": True, "input_tokens": 99, "response_id": "r"},
        )
    )
    assert (call["input_tokens"], call["span_id"], call["response_id"]) == (10, (1).to_bytes(8), "r")


def test_inner_usage_is_lent_to_an_outer_span_without() -> None:
    """If only the inner span tells tokens, the call has them."""
    [call] = counted(trace({"id": 1, "kind": "llm"}, {"id": 2, "under": 1, "kind": "llm", "has_usage": True, "input_tokens": 7}))
    assert (call["input_tokens"], call["span_id"]) == (7, (1).to_bytes(8))


def test_a_sub_agent_below_a_model_span_calls_for_itself() -> None:
    """An agent or tool between two model spans makes them two calls."""
    calls = counted(trace({"id": 1, "kind": "llm"}, {"id": 2, "under": 1, "kind": "agent"}, {"id": 3, "under": 2, "kind": "llm"}))
    assert len(calls) == 2


def test_different_response_ids_are_different_calls() -> None:
    """Nested spans of two different responses are not joined."""
    assert len(counted(trace({"id": 1, "kind": "llm", "response_id": "a"}, {"id": 2, "under": 1, "kind": "llm", "response_id": "b"}))) == 2


def test_equal_response_ids_share_a_key_across_traces() -> None:
    """The table joins rows with one key, so siblings and other traces with the same response are one call."""
    first = trace({"id": 1, "kind": "llm", "response_id": "r"})
    second = first.set_column(first.schema.get_field_index("trace_id"), "trace_id", pa.array([b"u" * 16], pa.binary(16)))
    keys = {call["call_key"] for rows in (first, second) for call in counted(rows)}
    assert len(keys) == 1


def test_the_same_span_twice_is_one_call() -> None:
    """Of two copies the finished one with more attributes counts."""
    rows = trace({"id": 1, "kind": "llm", "has_usage": True, "input_tokens": 5}, {"id": 1, "kind": "llm", "pending": True})
    [call] = counted(rows)
    assert call["input_tokens"] == 5


def test_agents_repeat_usage_in_vain() -> None:
    """What an agent span reports is never a call."""
    assert counted(trace({"id": 1, "kind": "agent", "has_usage": True, "input_tokens": 100})) == []


def test_a_tool_told_by_client_and_server_is_one_execution() -> None:
    """An MCP client's and its server's span of one tool, nested, are one; the same tool for a sub-agent is another."""
    calls = counted(
        trace(
            {"id": 1, "kind": "tool", "tool": "search"},
            {"id": 2, "under": 1, "kind": "mcp"},
            {"id": 3, "under": 2, "kind": "tool", "tool": "search"},
            {"id": 4, "under": 3, "kind": "agent"},
            {"id": 5, "under": 4, "kind": "tool", "tool": "search"},
        )
    )
    assert len(calls) == 2


def test_calls_inherit_agent_and_session_from_above() -> None:
    """A model span that does not say who called belongs to the agent above it."""
    rows = trace({"id": 1, "kind": "agent", "agent": "planner", "session_id": "s"}, {"id": 2, "under": 1}, {"id": 3, "under": 2, "kind": "llm"})
    [call] = counted(rows)
    assert (call["agent"], call["session_id"]) == ("planner", "s")


def test_a_late_parent_takes_the_childs_row_back() -> None:
    """When the outer span arrives later, the inner span's row is replaced by one that does not count."""
    inner = {"id": 2, "under": 1, "kind": "llm"}
    [early] = counted(trace(inner))
    late = calls_of_spans(trace({"id": 1, "kind": "llm"}, inner), now_ns=2, replace=True)
    taken_back = {row["call_key"]: row for row in late.to_pylist()}[early["call_key"]]
    assert not taken_back["counted"]
    assert taken_back["version"] > early["version"]


def test_circles_do_not_hang() -> None:
    """Spans that are their own ancestors are told all the same."""
    assert len(counted(trace({"id": 1, "under": 2, "kind": "llm"}, {"id": 2, "under": 1, "kind": "span"}))) == 1


def test_traces_with_absent_parents_are_loose() -> None:
    """A trace is whole only when every parent is among its spans."""
    assert loose_traces(trace({"id": 1, "kind": "agent"}, {"id": 2, "under": 1})) == set()
    assert loose_traces(trace({"id": 2, "under": 1})) == {b"t" * 16}


def test_log_records_that_are_calls_are_told_as_such() -> None:
    """A record of kind llm becomes a call of source event; other records do not."""
    table = calls_of_events(events(3, kind=["llm", "", "tool"]), now_ns=1)
    assert table["source"].to_pylist() == ["event", "event"]


def test_calls_inherit_the_version_of_their_own_agent() -> None:
    """Not that of another agent further up."""
    above = {"id": 1, "kind": "agent", "agent": "planner", "agent_version": "2"}
    rows = trace(above, {"id": 2, "under": 1, "kind": "llm"}, {"id": 3, "under": 1, "kind": "agent", "agent": "helper"}, {"id": 4, "under": 3, "kind": "llm"})
    assert {(call["agent"], call["agent_version"]) for call in counted(rows)} == {("planner", "2"), ("helper", "")}


def test_a_model_call_without_a_model_has_that_of_the_agent_above() -> None:
    """Codex tells the model on the turn, not on the call."""
    rows = trace({"id": 1, "kind": "agent", "model": "gpt-5"}, {"id": 2, "under": 1, "kind": "llm"}, {"id": 3, "under": 1, "kind": "tool"})
    assert {call["kind"]: call["model"] for call in counted(rows)} == {"llm": "gpt-5", "tool": ""}


def test_a_tool_fails_when_the_execution_inside_it_does() -> None:
    """Claude Code's tool span is fine; the failure is on the execution, which has the same call id."""
    rows = trace({"id": 1, "kind": "tool", "tool_call_id": "c"}, {"id": 2, "under": 1, "kind": "chain", "tool_call_id": "c", "status": "error"})
    [call] = counted(rows)
    assert call["failed"]
