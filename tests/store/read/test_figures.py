"""Promises about figures: the summary, series, facets, agents and sources count each thing once."""

from __future__ import annotations

from typing import Any

import pyarrow as pa
import pytest
from tests.store.conftest import EMBEDDED

from spyglass.model.errors import QueryError
from spyglass.store.read import agents, facets, series, sources
from spyglass.store.read.summary import summary

SECOND_NS = 10**9


def test_the_summary_adds_up(tables: Any) -> None:
    """Traces, spans, calls, tokens, tools, cost, and names."""
    tables.spans(40)
    told = summary(tables.engine.read, tables.scope())
    assert (told["traces"], told["spans"], told["model_calls"], told["tool_calls"], told["tool_errors"]) == (10, 40, 20, 10, 1)
    assert (told["input_tokens"], told["output_tokens"], told["cache_read_tokens"]) == (24_000, 1_600, 20_480)
    assert (told["agents"], told["sessions"], told["names"]["models"]) == (1, 3, ["gpt-4o-mini-2024-07-18"])
    assert told["cost_usd"] == pytest.approx(20 * 0.0001512)


def test_copies_add_nothing(tables: Any) -> None:
    """The same spans told twice come to the same figures."""
    tables.spans(8)
    once = summary(tables.engine.read, tables.scope())
    tables.spans(8)
    assert summary(tables.engine.read, tables.scope()) == once


def test_the_summary_is_half_open(tables: Any) -> None:
    """Two ranges that meet give the whole."""
    rows = tables.spans(40)
    middle = rows["start"][13].cast("int64").as_py()
    left, right = (summary(tables.engine.read, tables.scope(**{bound: middle})) for bound in ("to_ns", "from_ns"))
    assert (left["spans"], right["spans"]) == (13, 27)
    assert left["model_calls"] + right["model_calls"] == 20


def test_a_filter_chooses_the_calls_of_matching_spans(tables: Any) -> None:
    """What only log records tell of is left out then."""
    tables.spans(8)
    tables.events(4, kind="llm", response_id=[f"r{at}" for at in range(4)], session_id="by-events", trace_id=bytes(16))
    assert summary(tables.engine.read, tables.scope())["model_calls"] == 8
    told = summary(tables.engine.read, tables.scope(filter_sql="kind = {wanted:String}", wanted="llm"))
    assert (told["spans"], told["model_calls"], told["tool_calls"], told["names"]["sessions"]) == (4, 4, 0, ["session-0"])


def test_calls_that_only_events_tell_of_count_where_no_span_does(tables: Any) -> None:
    """In a session with spans the records repeat them."""
    tables.spans(4, session_id="spans")
    tables.events(4, kind="llm", trace_id=bytes(16), session_id=["spans", "spans", "events", "events"], response_id=["", "", "", ""])
    assert summary(tables.engine.read, tables.scope())["model_calls"] == 2 + 2


@EMBEDDED
def test_more_sessions_than_are_listed_are_counted(tables: Any) -> None:
    """The names end at 10,000, the number does not."""
    tables.spans(10_500, trace_id=b"t" * 16, session_id=[f"session-{at}" for at in range(10_500)], kind="span")
    tables.events(3, session_id=["session-1", "by-events", ""])
    told = summary(tables.engine.read, tables.scope())
    assert (told["sessions"], len(told["names"]["sessions"]), told["agents"]) == (10_501, 10_000, 1)
    assert (told["left_out"]["sessions"], told["left_out"]["agents"]) == (501, 0)
    few = summary(tables.engine.read, tables.scope(), most_names=2)
    assert (few["sessions"], few["names"]["sessions"], few["left_out"]["sessions"]) == (10_501, told["names"]["sessions"][:2], 10_499)
    assert summary(tables.engine.read, tables.scope(filter_sql="kind = {wanted:String}", wanted="span"))["sessions"] == 10_500


def test_agents_have_runs_and_calls(tables: Any) -> None:
    """Runs, failures, who is running, and totals of what they called."""
    tables.spans(16, agent=["a"] * 8 + ["b"] * 8, status=["error"] + ["ok"] * 15, pending=[False] * 8 + [True] + [False] * 7)
    found = {row["agent"]: row for row in agents.agents(tables.engine.read, tables.scope(), 10).to_pylist()}
    assert {name: (row["runs"], row["failed_runs"], row["running"], row["spans"]) for name, row in found.items()} == {"a": (2, 1, 0, 8), "b": (2, 0, 1, 8)}
    totals = {row["agent"]: row["model_calls"] for row in agents.totals(tables.engine.read, tables.scope(), 10).to_pylist()}
    assert totals == {"a": 4, "b": 4}


def test_series_of_spans_fall_into_buckets(tables: Any) -> None:
    """By time and group; the sum is the whole."""
    begin = tables.scope().from_ns + 3600 * SECOND_NS
    tables.spans(12, start=[begin + at * 10 * SECOND_NS for at in range(12)])
    found = series.spans(tables.engine.read, tables.scope(), 60, ["kind", "attr.gen_ai.operation.name"]).to_pylist()
    assert sum(row["count"] for row in found) == 12
    assert {tuple(row["groups"]) for row in found} == {("agent", "chat"), ("llm", "chat"), ("tool", "chat")}
    assert {row["bucket"] % 60 for row in found} == {0}


def test_series_of_calls_are_the_summary_in_time(tables: Any) -> None:
    """Tokens and cost over all buckets are those of the summary."""
    tables.spans(40)
    found = series.calls(tables.engine.read, tables.scope(), 1, ["model"], "llm").to_pylist()
    told = summary(tables.engine.read, tables.scope())
    assert sum(row["count"] for row in found) == told["model_calls"]
    assert sum(row["input_tokens"] for row in found) == told["input_tokens"]


def test_series_of_events_count_errors(tables: Any) -> None:
    """By severity."""
    tables.events(8)
    [row] = series.events(tables.engine.read, tables.scope(), 31_536_000, []).to_pylist()
    assert (row["count"], row["errors"]) == (8, 2)


@pytest.mark.parametrize("name", ["attributes", "nope", "attr", "1; DROP TABLE spans"])
def test_only_known_columns_group(tables: Any, name: str) -> None:
    """Anything else is an error that lists what there is."""
    with pytest.raises(QueryError, match="group_by"):
        series.spans(tables.engine.read, tables.scope(), 60, [name])


def test_too_many_points_are_refused(tables: Any) -> None:
    """With what to do about it; never cut silently."""
    tables.spans(1)
    with pytest.raises(QueryError, match="larger bucket"):
        series.spans(lambda *_: pa.table({"bucket": range(100_001)}), tables.scope(), 1, [])


@EMBEDDED
def test_short_lists_are_counted_through(tables: Any) -> None:
    """Row by row they give what they give at once."""
    tables.spans(12, agent=[f"agent-{at}" for at in range(12)], service=[f"service-{at}" for at in range(12)])
    tables.points(5)
    for ask in (agents.agents, sources.sources, facets.attribute_keys, series.metrics):
        whole = list(map(str, ask(tables.engine.read, tables.scope(), 1000).to_pylist()))
        assert len(whole) > 4
        assert [str(row) for skip in range(len(whole) + 1) for row in ask(tables.engine.read, tables.scope(), 1, skip).to_pylist()] == whole
