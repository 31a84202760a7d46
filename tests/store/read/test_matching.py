"""Promises about searches over calls: what only log records tell is found by what log records say."""

from __future__ import annotations

from typing import Any

import pytest

from spyglass.model.errors import QueryError
from spyglass.model.schema import Kind
from spyglass.search.parse import parse
from spyglass.store.filters import compile as compile_filter
from spyglass.store.read import agents, executions, runs, sessions
from spyglass.store.read.asking import Scope
from spyglass.store.read.summary import summary
from spyglass.store.read.usage import usage

BARE = {"trace_id": bytes(16), "span_id": bytes(8), "response_id": ""}


def searched(tables: Any, text: str) -> tuple[Scope, Scope | None]:
    """The scopes of an expression for spans and for log records."""

    def scope(kind: Kind) -> Scope:
        every = tables.scope()
        made = compile_filter(parse(text, kind), kind, every.to_ns, from_ns=every.from_ns, to_ns=every.to_ns)
        return Scope(every.project, every.from_ns, every.to_ns, made.sql, made.parameters)

    try:
        return scope(Kind.SPAN), scope(Kind.EVENT)
    except QueryError:
        return scope(Kind.SPAN), None


def logs(tables: Any) -> None:
    """Two sessions that only log records tell of: model calls with and without a response id, and a tool."""
    tables.events(
        4,
        **BARE
        | {
            "kind": ["llm", "llm", "tool", "llm"],
            "session_id": ["s-1", "s-1", "s-1", "s-2"],
            "response_id": ["", "r-1", "", "r-2"],
            "model": ["claude-a", "claude-b", "", "gpt"],
            "tool": ["", "", "saw", ""],
            "agent": ["coder", "coder", "coder", "writer"],
            "input_tokens": [10, 20, 0, 40],
            "cost_usd": [0.5, 0.25, 0.0, 1.0],
            "error_type": "",
            "duration_ns": 10**9,
            "has_usage": [True, True, False, True],
            "cost_source": ["reported", "reported", "", "reported"],
            "status": "ok",
        },
    )


@pytest.mark.parametrize(
    ("text", "calls", "tools", "tokens", "cost", "names"),
    [
        ("session:s-1", 2, 1, 30, 0.75, ["s-1"]),
        ("model:claude*", 2, 0, 30, 0.75, ["s-1"]),
        ("kind:llm", 3, 0, 70, 1.75, ["s-1", "s-2"]),
        ("kind:tool or session:s-2", 1, 1, 40, 1.0, ["s-1", "s-2"]),
        ("session:s-1 cost>0.3", 1, 0, 10, 0.5, ["s-1"]),
        ("session:s-3", 0, 0, 0, 0.0, []),
        ("kind:llm is:root", 0, 0, 0, 0.0, []),
    ],
)
def test_a_search_finds_what_only_log_records_tell(tables: Any, text: str, calls: int, tools: int, tokens: int, cost: float, names: list[str]) -> None:
    """Calls, tokens, cost and people; nothing where it asks what only spans know."""
    logs(tables)
    told = summary(tables.engine.read, *searched(tables, text))
    assert (told["model_calls"], told["tool_calls"], told["input_tokens"], told["names"]["sessions"]) == (calls, tools, tokens, names)
    assert told["cost_usd"] == pytest.approx(cost)


def test_spans_and_log_records_are_searched_by_their_own_columns(tables: Any) -> None:
    """One expression, two tables: both sides bind values, and what spans tell is not counted again."""
    logs(tables)
    tables.spans(4, session_id="s-1", model="claude-a", input_tokens=5)
    tables.spans(4, first=16, session_id="s-4", model="claude-a", input_tokens=3)
    told = summary(tables.engine.read, *searched(tables, "model:claude-a"))
    assert (told["model_calls"], told["input_tokens"], told["names"]["sessions"]) == (4, 16, ["s-1", "s-4"])
    told = summary(tables.engine.read, *searched(tables, "tokens>=30 model:gpt"))
    assert (told["model_calls"], told["spans"]) == (1, 0)


def test_more_sessions_than_are_listed_are_counted_by_the_search(tables: Any) -> None:
    """Also those of log records alone."""
    tables.events(10_001, **BARE | {"kind": "llm", "session_id": [f"s-{at}" for at in range(10_001)], "model": "m"})
    assert summary(tables.engine.read, *searched(tables, "model:m"))["sessions"] == 10_001


def test_sessions_of_log_records_are_found(tables: Any) -> None:
    """By what their records say; a search for what only spans know finds none."""
    logs(tables)
    for text, found in (("model:claude*", ["s-1"]), ("kind:llm", ["s-2", "s-1"]), ("is:root", [])):
        scope, events = searched(tables, text)
        assert sessions.page(tables.engine.read, scope, 10, None, past=True, events=events)[0] == found


def test_agents_of_log_records_are_listed(tables: Any) -> None:
    """Without runs, which only spans have; with and without a search."""
    logs(tables)
    tables.spans(4, agent="coder", status="ok")
    found = {row["agent"]: (row["runs"], row["spans"], row["sessions"]) for row in agents.agents(tables.engine.read, tables.scope(), 10).to_pylist()}
    assert found == {"coder": (1, 4, 2), "writer": (0, 0, 1)}
    scope, events = searched(tables, "session:s-2 duration>=1s")
    assert [row["agent"] for row in agents.agents(tables.engine.read, scope, 10, events=events).to_pylist()] == ["writer"]


def test_executions_of_log_records_are_found_whole(tables: Any) -> None:
    """When one of their records matches."""
    tables.events(2, **BARE | {"kind": "", "execution_id": "run-1", "event_name": ["execution.start", "execution.end"], "session_id": ["s-1", ""]})
    tables.events(1, first=8, **BARE | {"kind": "", "execution_id": "run-2", "event_name": "execution.start", "session_id": "s-2"})
    scope, events = searched(tables, "session:s-1")
    found, _ = runs.page(tables.engine.read, scope, runs.Wanted(), 10, None, events)
    assert [(row["id"], row["status"]) for row in executions.listed(tables.engine.read, tables.project, found, 0)] == [("run-1", "succeeded")]


def test_use_of_tools_and_models_is_searched_the_same(tables: Any) -> None:
    """As the summary."""
    logs(tables)
    scope, events = searched(tables, "session:s-1")
    assert [(row["name"], row["calls"]) for row in usage(tables.engine.read, scope, "model", "", 10, events=events).to_pylist()] == [
        ("claude-a", 1),
        ("claude-b", 1),
    ]
    assert [row["name"] for row in usage(tables.engine.read, scope, "tool", "", 10, events=events).to_pylist()] == ["saw"]
