"""Promises about what other records say of calls that spans tell: it is heard where it surely is of the same call, and nowhere else."""

from __future__ import annotations

from typing import Any

import pyarrow as pa
import pytest

from spyglass.store.calls import call_rows
from spyglass.store.said import TOOL_ERROR
from spyglass.store.witnesses import Witnesses
from spyglass.testing.rows import BASE_NS

SECOND = 10**9
TRACE, OTHER = b"t" * 16, b"o" * 16


def tool(number: int, at_s: float, name: str = "convert", identity: str = "", **columns: Any) -> dict[str, Any]:
    """A tool call as a span tells it."""
    told = {"project": "default", "trace_id": TRACE, "span_id": number.to_bytes(8), "kind": "tool", "tool": name, "tool_call_id": identity}
    return {**told, "call_key": number.to_bytes(16), "version": 1, "failed": False, "start": BASE_NS + round(at_s * SECOND), "received": BASE_NS, **columns}


def answer(at_s: float, place: int = 0, name: str = "convert", identity: str = "", *, failed: bool = False, **columns: Any) -> dict[str, Any]:
    """An answer that goes into the model call at that time, as its message tells it."""
    told = tool(round(at_s * 1000), at_s, name, identity, failed=failed, error_type=TOOL_ERROR if failed else "")
    return told | {"start": told["start"] + place, "call_key": bytes([place]) + identity.ljust(15).encode()[:15]} | columns


def model(number: int, at_s: float, tokens: tuple[int, int], **columns: Any) -> dict[str, Any]:
    """A model call of a second's length as a span tells it."""
    told = {"kind": "llm", "model": "gemini", "session_id": "s", "has_usage": True, "input_tokens": tokens[0], "output_tokens": tokens[1], "cost_usd": 0.1}
    return tool(number, at_s, "") | {"duration_ns": SECOND} | told | columns


def record(number: int, at_s: float, tokens: tuple[int, int, int], **columns: Any) -> dict[str, Any]:
    """A log record of a model call: input, output and the reasoning in it."""
    counts = {"output_tokens": tokens[1], "reasoning_tokens": tokens[2], "cost_usd": 0.2, "trace_id": bytes(16)}
    return model(number, at_s, tokens[:2]) | counts | columns


def completed(calls: list[dict[str, Any]], *, said: list[dict[str, Any]] | None = None, recorded: list[dict[str, Any]] | None = None) -> pa.Table:
    """`calls` after messages and records were heard."""
    witnesses = Witnesses()
    for rows, source in ((said, "message"), (recorded, "event")):
        if rows:
            witnesses.hear(call_rows(rows, source=source))
    return witnesses.complete(call_rows(calls, source="span"))


def failures(calls: pa.Table) -> list[bool]:
    return list(calls["failed"].to_pylist())


def test_a_tool_fails_when_its_answer_says_so() -> None:
    """The call id joins them, whenever the span was."""
    found = completed([tool(1, 0, identity="x"), tool(2, 1, identity="y")], said=[answer(2, 0, identity="x"), answer(2, 1, identity="y", failed=True)])
    assert failures(found) == [False, True]
    assert found["error_type"].to_pylist() == ["", TOOL_ERROR]


def test_a_better_error_type_stays() -> None:
    """A span that tells why it failed knows more than its answer."""
    found = completed([tool(1, 0, identity="x", failed=True, error_type="ValueError")], said=[answer(2, identity="x", failed=True)])
    assert found["error_type"].to_pylist() == ["ValueError"]


def test_ids_of_different_making_are_joined_by_name_and_order() -> None:
    """The answers of a model call are those of the last tools of the name before it."""
    tools = [
        tool(1, 0, identity="adk-1"),
        tool(2, 1, "search", identity="adk-2"),
        tool(3, 2, identity="adk-3"),
        tool(4, 2.1, identity="adk-4"),
        tool(5, 9, identity="adk-5"),
    ]
    said = [answer(1.5, 0, identity="c_0"), answer(3, 0, identity="c_0", failed=True), answer(3, 1, identity="c_1"), answer(3, 2, "search", identity="s_0")]
    assert failures(completed(tools, said=said)) == [False, False, True, False, False]


def test_repeated_answers_leave_the_last_tools_to_the_last_answers() -> None:
    """History that is told anew stands first."""
    said = [answer(3, 0, identity="a", failed=True), answer(3, 1, identity="b")]
    assert failures(completed([tool(1, 1)], said=said)) == [False]


def test_an_answer_of_a_tool_without_a_span_is_nobody_elses() -> None:
    """Where some ids agree, one that does not agree is of another tool."""
    said = [answer(3, 0, identity="x"), answer(3, 1, identity="y", failed=True)]
    assert failures(completed([tool(1, 1, identity="x"), tool(2, 1.5, identity="z")], said=said)) == [False, False]


@pytest.mark.parametrize(
    "said",
    [
        [answer(3, identity="x", failed=True, trace_id=OTHER)],
        [answer(3, identity="x", failed=True, project="other")],
        [answer(3, 0, "search", failed=True)],
        [answer(0.5, failed=True)],
        [answer(3, identity="x", failed=True, error_type="")],
        [answer(3, identity="x", failed=True, trace_id=bytes(16))],
    ],
    ids=["trace", "project", "name", "before", "words", "no trace"],
)
def test_other_calls_are_left_alone(said: list[dict[str, Any]]) -> None:
    """Another trace, tenant or tool, an earlier model call, an answer that only reads like a complaint."""
    assert failures(completed([tool(1, 1, identity="x")], said=said)) == [False]


def test_a_model_call_gets_the_thinking_that_its_span_leaves_out() -> None:
    """Session, model, input and visible output are the same, and the record was made as the call ended."""
    found = completed([model(1, 0, (100, 20)), model(2, 5, (120, 20))], recorded=[record(9, 1, (100, 52, 32), cache_read_tokens=64)]).to_pylist()
    told = [(call["output_tokens"], call["reasoning_tokens"], call["cache_read_tokens"], call["cost_usd"]) for call in found]
    assert told == [(52, 32, 64, 0.2), (20, 0, 0, 0.1)]
    assert [call["span_id"] for call in found] == [(1).to_bytes(8), (2).to_bytes(8)]


@pytest.mark.parametrize("column", ["session_id", "model", "project"])
def test_records_of_others_are_not_taken(column: str) -> None:
    """Everything that both tell must agree."""
    assert completed([model(1, 0, (100, 20))], recorded=[record(9, 1, (100, 52, 32), **{column: "other"})])["reasoning_tokens"].to_pylist() == [0]


@pytest.mark.parametrize("at_s", [-6, 7])
def test_a_record_of_another_time_is_not_taken(at_s: float) -> None:
    """Equal counts occur again and again in long sessions."""
    assert completed([model(1, 0, (100, 20))], recorded=[record(9, at_s, (100, 52, 32))])["reasoning_tokens"].to_pylist() == [0]


def test_a_record_is_for_one_call() -> None:
    """Of two calls that look alike each has its own, the nearest in time."""
    found = completed([model(1, 0, (9, 5)), model(2, 2, (9, 5)), model(3, 3, (9, 5))], recorded=[record(8, 3, (9, 8, 3)), record(9, 1, (9, 6, 1))])
    assert found["reasoning_tokens"].to_pylist() == [1, 3, 0]


def test_a_record_with_a_span_of_its_own_adds_nothing() -> None:
    """Google ADK's events stand in the context of the span that tells the same."""
    assert completed([model(1, 0, (100, 20))], recorded=[record(9, 1, (100, 52, 32), trace_id=TRACE)])["reasoning_tokens"].to_pylist() == [0]


def test_calls_that_tell_all_are_left_as_they_are() -> None:
    """A span with counts of its own is not asked about."""
    rows = call_rows([model(1, 0, (100, 20), cache_read_tokens=1)], source="span")
    witnesses = Witnesses()
    witnesses.hear(call_rows([record(9, 1, (100, 52, 32))], source="event"))
    assert witnesses.complete(rows).equals(rows)


def test_whoever_hears_is_told_what_may_change() -> None:
    """Traces of tools that failed, and sessions of services whose spans left something out."""
    witnesses = Witnesses()
    first = witnesses.hear(call_rows([record(8, 1, (1, 5, 3), service="cli")], source="event"))
    witnesses.complete(call_rows([model(1, 0, (100, 20), service="cli")], source="span"))
    traces, _ = witnesses.hear(call_rows([answer(3, identity="x", failed=True), answer(3, 1, identity="y", trace_id=OTHER)], source="message"))
    _, sessions = witnesses.hear(call_rows([record(9, 1, (2, 5, 3), service="cli"), record(7, 1, (2, 5, 3), service="other", session_id="o")], source="event"))
    assert (first, [trace for trace, _ in traces], sessions) == (([], []), [TRACE], ["s"])
