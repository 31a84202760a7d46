"""Promises about facets: values with their counts, of spans and of log records, each record once however often it came."""

from __future__ import annotations

from typing import Any

import pytest

from spyglass.model.errors import QueryError
from spyglass.model.schema import Kind
from spyglass.store.read import facets, hourly, series

HOUR_NS = 3_600 * 10**9


def by_hours(tables: Any) -> Any:
    """A range that is read from the sums per hour."""
    return tables.scope(from_ns=tables.scope().from_ns - 6 * HOUR_NS)


def told(tables: Any, scope: Any, kind: Kind = Kind.SPAN, limit: int = 50) -> dict[tuple[str, str], tuple[int, int]]:
    found = facets.facets(tables.engine.read, scope, kind, limit)
    assert found.exact
    return {(row["field"], row["value"]): (row["count"], row["errors"]) for row in found.table.to_pylist()}


def test_facets_count_values(tables: Any) -> None:
    """The same from the spans and from the sums per hour."""
    tables.spans(40)
    assert told(tables, tables.scope()) == told(tables, by_hours(tables))
    assert told(tables, tables.scope())["kind", "llm"] == (20, 0)


def test_a_span_that_is_sent_again_counts_once(tables: Any) -> None:
    """Also where it was counted already, and where it came richer; what is new is added."""
    tables.spans(40)
    once = told(tables, by_hours(tables))
    tables.spans(40)
    assert told(tables, by_hours(tables)) == told(tables, tables.scope()) == once
    tables.spans(4, model="better", attributes=[[(str(at), "x") for at in range(100)]] * 4, attribute_types="s" * 100)
    better = told(tables, by_hours(tables))
    assert (better["kind", "llm"], better["model", "better"]) == (once["kind", "llm"], (4, 1))
    tables.spans(8, first=40)
    assert told(tables, by_hours(tables))["kind", "llm"] == (24, 0)


def test_hours_with_copies_and_hours_without_add_up(tables: Any) -> None:
    """The former are counted, the latter summed; the limit is that of each field."""
    tables.spans(4, at_ns=tables.scope().from_ns - 2 * HOUR_NS)
    for _ in range(2):
        tables.spans(4, first=4)
    assert told(tables, by_hours(tables))["kind", "llm"] == (4, 0)
    assert [value for field, value in told(tables, by_hours(tables), limit=1) if field == "kind"] == ["llm"]


def test_an_answer_that_took_hours_as_they_are_says_so(tables: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where there are too many spans to look through."""
    monkeypatch.setattr(hourly, "_MOST_CHECKED", 3)
    for _ in range(2):
        tables.spans(4)
    found = facets.facets(tables.engine.read, by_hours(tables), Kind.SPAN, 20)
    assert (found.exact, {row["count"] for row in found.table.to_pylist() if row["value"] == "llm"}) == (False, {4})


def test_an_hour_is_looked_through_once(tables: Any) -> None:
    """As long as nothing arrives."""
    tables.spans(8)
    asked: list[str] = []

    def counting(sql: str, parameters: dict[str, Any]) -> Any:
        asked.append(sql)
        return tables.engine.read(sql, parameters)

    first, second = (facets.facets(counting, by_hours(tables), Kind.SPAN, 20) for _ in range(2))
    assert first.table.equals(second.table)
    assert len([sql for sql in asked if "FINAL" in sql]) == 1


def test_what_arrives_between_two_questions_is_looked_at_again(tables: Any) -> None:
    """Copies that come when their hour was found to have none are counted once all the same."""
    tables.spans(8)
    late = [True]

    def overtaken(sql: str, parameters: dict[str, Any]) -> Any:
        if "left_out" in parameters and late.pop():
            tables.spans(8)
            late.append(False)
        return tables.engine.read(sql, parameters)

    found = facets.facets(overtaken, by_hours(tables), Kind.SPAN, 20)
    assert (found.exact, {row["count"] for row in found.table.to_pylist() if row["value"] == "llm"}) == (True, {4})


def test_log_records_have_facets(tables: Any) -> None:
    """By name, severity, service, model and agent, each record once."""
    for _ in range(2):
        tables.events(8, model="gpt-5", agent="planner", status="unset")
    found = told(tables, tables.scope(), Kind.EVENT)
    assert (found["model", "gpt-5"], found["agent", "planner"], found["severity", "error"]) == ((8, 2), (8, 2), (2, 2))
    assert {field for field, _ in found} >= {"event_name", "service", "source"}
    assert told(tables, tables.scope(filter_sql="severity = {s:String}", s="info"), Kind.EVENT)["model", "gpt-5"] == (2, 0)


def test_values_of_a_field_begin_as_asked(tables: Any) -> None:
    """Of spans and of log records; only of columns that there are."""
    for _ in range(2):
        tables.spans(4, session_id=["alpha", "alpha", "Alps", "beta"])
        tables.events(2, session_id=["alpha", ""])
    ask = tables.engine.read
    assert [(row["value"], row["count"]) for row in facets.values(ask, tables.scope(), Kind.SPAN, "session_id", "al", 9)] == [("alpha", 2), ("Alps", 1)]
    assert [(row["value"], row["count"]) for row in facets.values(ask, tables.scope(), Kind.EVENT, "session_id", "", 9)] == [("alpha", 1)]
    for column in ("duration_ns", "nope", "1; DROP TABLE spans"):
        with pytest.raises(QueryError, match="no text"):
            facets.values(ask, tables.scope(), Kind.SPAN, column, "", 9)


def test_attribute_names_are_those_of_spans_and_log_records(tables: Any) -> None:
    """With how many records have them, each once."""
    for _ in range(2):
        tables.spans(4)
        tables.events(2, attributes=[[("only.here", "x"), ("test.row", "1")]] * 2, attribute_types="ss")
    found = {row["key"]: row["count"] for row in facets.attribute_keys(tables.engine.read, tables.scope(), 100).to_pylist()}
    assert (found["only.here"], found["test.row"]) == (2, 6)


def test_series_count_copies_once(tables: Any) -> None:
    """Of spans and of log records."""
    for _ in range(2):
        tables.spans(8)
        tables.events(8)
    [spans] = series.spans(tables.engine.read, tables.scope(), 31_536_000, []).to_pylist()
    [events] = series.events(tables.engine.read, tables.scope(), 31_536_000, []).to_pylist()
    assert (spans["count"], events["count"], events["errors"]) == (8, 8, 2)
