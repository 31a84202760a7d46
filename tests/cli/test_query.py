"""What was sent can be listed, opened and asked for."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from spyglass.cli.otlp import Sender
from spyglass.model.clock import SystemClock
from spyglass.story.day import Day
from spyglass.story.telling import pieces


@pytest.fixture(scope="module")
def project(server: Any) -> str:
    """A project in which something happens."""
    sender, now_ns = Sender(server.endpoint, "query"), SystemClock().now_ns()
    for piece in pieces(Day(1, now_ns - 600 * 10**9, now_ns, 10).until(now_ns)):
        sender.add(piece)
    sender.flush()
    sender.close()
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


def test_who_has_not_run_has_no_duration(ask: Any, server: Any, project: str) -> None:
    """Not even one of nothing."""
    httpx.post(f"{server.url}/api/v1/agents/idle/register", params={"project": project}, json={}, verify=False).raise_for_status()
    line = next(line for line in ask("query", "--what", "agents").stdout.splitlines() if line.startswith("idle "))
    assert line.split() == ["idle", "0", "0", "0"]


def test_trace_ids_are_shown_whole(ask: Any) -> None:
    """So that they can be copied, and opened."""
    trace_id = ask("query", "kind:llm", "-n", "1").stdout.splitlines()[1].split()[1]
    tree = ask("trace", trace_id)
    assert (len(trace_id), tree.exit_code) == (32, 0)
    assert "llm " in tree.stdout
    assert max(map(len, tree.stdout.splitlines())) <= 80


def test_searches_and_limits_hold(ask: Any, told: Any) -> None:
    """Over several pages of the API."""
    assert len(told(ask("query", "kind:llm", "--what", "spans", "-n", "7", "--json"))) == 7
    assert ask("query", "kind:reranker", "--what", "spans").exit_code == 4


def test_traces_are_sorted_either_way(ask: Any, told: Any) -> None:
    """By what they took, for one; other lists say that they cannot be."""
    took = [[item["duration_ns"] for item in told(ask("query", "--sort", "duration", "--order", order, "--json"))] for order in ("desc", "asc")]
    assert took[0] == sorted(took[0], reverse=True)
    assert took[1] == sorted(took[1])
    assert took[0][0] > took[1][0]
    assert ask("query", "--what", "spans", "--sort", "duration").exit_code == 2


def test_sql_answers_rows(ask: Any, told: Any) -> None:
    """With bound parameters, as a table, as JSON, as CSV."""
    text = "SELECT kind, count() AS n FROM spans WHERE kind = {kind:String} GROUP BY kind"
    (row,) = told(ask("sql", text, "-P", "kind=llm", "--json"))
    assert (row["kind"], row["n"] > 10) == ("llm", True)
    assert ask("sql", text, "-P", "kind=llm").stdout.split() == ["kind", "n", "llm", str(row["n"])]
    assert ask("sql", text, "-P", "kind=llm", "--format", "csv").stdout.splitlines()[0].replace('"', "") == "kind,n"
