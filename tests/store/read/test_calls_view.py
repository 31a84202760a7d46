"""Promises about the view `calls`: what users of SQL count is what the summary counts."""

from __future__ import annotations

from typing import Any

import pytest

from spyglass.model.errors import QueryError
from spyglass.store.gate import TABLES, run_user_sql
from spyglass.store.read.asking import ask
from spyglass.store.read.summary import summary

FIGURES = {
    "model_calls": "countIf(kind = 'llm')",
    "model_errors": "countIf(kind = 'llm' AND failed)",
    "embeddings": "countIf(kind = 'embedding')",
    "tool_calls": "countIf(kind = 'tool')",
    "tool_errors": "countIf(kind = 'tool' AND failed)",
    "input_tokens": "sumIf(input_tokens, kind = 'llm')",
    "output_tokens": "sumIf(output_tokens, kind = 'llm')",
    "cost_usd": "sum(cost_usd)",
}
BY_LOG = {"kind": "llm", "trace_id": bytes(16), "response_id": "", "session_id": ""}


def fill(tables: Any) -> None:
    """Calls that spans tell, that log records repeat or tell alone, and that only messages tell."""
    tables.spans(12, session_id="both", service="with-tools")
    tables.spans(2, first=40, kind="embedding", cost_usd=0.25, response_id="", span_id=[b"e" * 8, b"f" * 8])
    tables.spans(3, first=48, kind="llm", service="client-only", session_id="", response_id=["r-7", "", ""], status="error", parent_span_id=bytes(8))
    tables.events(6, **BY_LOG | {"session_id": ["both", "both", "alone", "alone", "alone", ""], "cost_usd": 0.5, "input_tokens": 7})
    tables.events(2, first=20, **BY_LOG | {"response_id": ["r-7", "r-8"]})
    tables.events(1, first=30, **BY_LOG | {"kind": "tool", "session_id": "alone", "error_type": "timeout"})
    tables.said(
        {"service": "client-only", "tool": "saw"}, {"service": "client-only", "tool": "hammer", "failed": True}, {"service": "with-tools", "tool": "file"}
    )


def figures(tables: Any, project: str | None) -> dict[str, Any]:
    columns = ", ".join(f"{text} AS {name}" for name, text in FIGURES.items())
    text = f"SELECT {columns} FROM calls WHERE project = {{project:String}}"
    return dict(run_user_sql(tables.engine, text, {"project": tables.project}, project=project).to_pylist()[0])


@pytest.mark.parametrize("fenced", [True, False])
def test_users_count_what_the_summary_counts(tables: Any, fenced: bool) -> None:
    """Whoever tells of a call; other projects with the same sessions, responses and services change nothing."""
    fill(tables)
    other = type(tables)(tables.engine, f"{tables.project}-other")
    other.spans(8, session_id="alone", service="client-only", response_id="r-8")
    told = summary(tables.engine.read, tables.scope())
    assert (told["model_calls"], told["tool_calls"], told["tool_errors"], told["embeddings"]) == (6 + 3 + 3 + 1 + 1, 3 + 1 + 2, 1 + 1 + 1, 2)
    assert figures(tables, tables.project if fenced else None) == pytest.approx({name: told[name] for name in FIGURES})


def test_a_project_with_spans_alone_counts_them(tables: Any) -> None:
    """And what is taken back counts no more."""
    tables.spans(8)
    told = summary(tables.engine.read, tables.scope())
    assert figures(tables, tables.project) == pytest.approx({name: told[name] for name in FIGURES})


def test_conditions_reach_the_table(tables: Any) -> None:
    """Project and start are looked up in its indexes, not filtered from all that it holds."""
    fill(tables)
    text = "EXPLAIN indexes = 1 SELECT count() FROM calls WHERE project = {project:String} AND start >= {since:DateTime64(9, 'UTC')}"
    plan = [line.strip() for line in tables.engine.read(text, {"project": tables.project, "since": "2100-01-01 00:00:00"})["explain"].to_pylist()]
    assert any(line.startswith("Granules: 0/") for line in plan)


def test_other_projects_are_not_there(tables: Any) -> None:
    """The fence of a project holds inside the view."""
    fill(tables)
    assert run_user_sql(tables.engine, "SELECT count() AS n FROM calls", project="nobody")["n"].to_pylist() == [0]


def test_the_books_are_hidden(tables: Any) -> None:
    """Users see what a call was, not how its tellings are kept."""
    tables.spans(1)
    shown = set(run_user_sql(tables.engine, "SELECT * FROM calls", project=tables.project).column_names)
    assert {"kind", "model", "cost_usd", "source", "start"} <= shown
    assert not shown & {"version", "call_key", "counted", "hour", "price_key", "cache_write_1h_tokens"}
    with pytest.raises(QueryError):
        run_user_sql(tables.engine, "SELECT counted FROM calls", project=tables.project)


def test_the_schema_lists_the_view(tables: Any) -> None:
    """Beside the tables, with the columns that it shows."""
    listed = ask(tables.engine.read, "gate/columns", {"tables": list(TABLES)}).to_pylist()
    columns = [row["name"] for row in listed if row["table"] == "calls"]
    assert columns == run_user_sql(tables.engine, "SELECT * FROM calls", project=tables.project).column_names
    assert {"calls", "tellings"} <= {row["table"] for row in listed}


@pytest.mark.parametrize("condition", ["toUInt8(model) >= 0", "intDiv(1, toUInt8(project != {other:String})) >= 0"])
def test_a_condition_never_meets_the_rows_of_others(tables: Any, condition: str) -> None:
    """One that would fail on them, and so tell that they are there, does not fail."""
    tables.spans(4, model="1")
    other = type(tables)(tables.engine, f"{tables.project}-other")
    other.spans(4, model="a secret")
    parameters = {"other": other.project} if "other" in condition else {}
    found = run_user_sql(tables.engine, f"SELECT count() AS n FROM calls WHERE {condition} AND model != ''", parameters, project=tables.project)
    assert found["n"].to_pylist() == [3]
