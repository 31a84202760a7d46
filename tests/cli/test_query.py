"""What was sent can be listed, opened and asked for."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from spyglass.cli.formats.otlp_json import Writer
from spyglass.model.clock import SystemClock
from spyglass.model.schema import Kind
from spyglass.testing.rows import events, spans


@pytest.fixture(scope="module")
def project(server: Any, tmp_path_factory: pytest.TempPathFactory) -> str:
    """A project with some spans and events."""
    import httpx

    folder: Path = tmp_path_factory.mktemp("query")
    at = SystemClock().now_ns() - 60 * 10**9
    for kind, rows, path in ((Kind.SPAN, spans(40, at_ns=at), "traces"), (Kind.EVENT, events(20, at_ns=at), "logs")):
        with (folder / path).open("wb") as out:
            Writer(out, kind).add(rows)
        headers = {"content-type": "application/json", "x-spyglass-project": "query"}
        httpx.post(f"{server.endpoint}/v1/{path}", content=(folder / path).read_bytes(), headers=headers, trust_env=False).raise_for_status()
    server.settled()
    return "query"


@pytest.fixture
def ask(run: Any, server: Any, project: str) -> Any:
    """Run a command against the project."""
    return lambda *arguments: run(*arguments, "--url", server.url, "--project", project)


@pytest.mark.parametrize("what", ["traces", "spans", "events", "sessions", "agents", "executions"])
def test_every_list_fits_80_columns(ask: Any, told: Any, what: str) -> None:
    """As a table for people and as JSON for programs."""
    lines = ask("query", "--what", what, "-n", "5").stdout.splitlines()
    assert 2 <= len(lines) <= 6
    assert max(map(len, lines)) <= 80
    assert len(told(ask("query", "--what", what, "-n", "5", "--json"))) == len(lines) - 1


def test_trace_ids_are_shown_whole(ask: Any) -> None:
    """So that they can be copied, and opened."""
    trace_id = ask("query", "-n", "1").stdout.splitlines()[1].split()[1]
    tree = ask("trace", trace_id)
    assert (len(trace_id), tree.exit_code) == (32, 0)
    assert "planner" in tree.stdout
    assert max(map(len, tree.stdout.splitlines())) <= 80


def test_searches_and_limits_hold(ask: Any, told: Any) -> None:
    """Over several pages of the API."""
    assert len(told(ask("query", "kind:llm", "--what", "spans", "-n", "7", "--json"))) == 7
    assert ask("query", "kind:reranker", "--what", "spans").exit_code == 4


def test_sql_answers_rows(ask: Any, told: Any) -> None:
    """With bound parameters, as a table, as JSON, as CSV."""
    text = "SELECT kind, count() AS n FROM spans WHERE kind = {kind:String} GROUP BY kind"
    assert told(ask("sql", text, "-P", "kind=llm", "--json")) == [{"kind": "llm", "n": 20}]
    assert ask("sql", text, "-P", "kind=tool").stdout.split() == ["kind", "n", "tool", "10"]
    assert ask("sql", text, "-P", "kind=tool", "--format", "csv").stdout.splitlines()[0].replace('"', "") == "kind,n"
