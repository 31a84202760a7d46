"""`spyglass demo` fills an empty server."""

from __future__ import annotations

from typing import Any

import pytest
import typer


def test_the_past_is_told_and_can_be_looked_at(run: Any, server: Any, told: Any, project: str) -> None:
    """What was sent is there: agents, sessions, tools, cost, nothing left unpriced."""
    result = run("demo", "--once", "--past", "20m", "--rate", "8", "--seed", "1", "-e", server.endpoint, "--project", project, "--json")
    server.settled()
    (sent,) = told(result)
    summary = server.get("/api/v1/summary", project=project).json()
    assert (result.exit_code, sent["rejected"], summary["spans"]) == (0, 0, sent["spans"])
    assert {"front desk", "coder", "lead researcher", "price watcher"} <= set(summary["names"]["agents"])
    assert summary["unpriced"] == summary["without_usage"] == 0
    assert summary["cost_usd"] > 1
    assert summary["model_errors"] > 0 < summary["tool_errors"]
    for sight in sent["sights"]:
        assert server.get(f"/api/v1/traces/{sight['trace_id']}", project=project).json()["total"] > 30


def test_it_says_where_to_look(run: Any, server: Any, project: str) -> None:
    """With commands that can be copied, and goes on live for as long as wanted."""
    result = run("demo", "--for", "1.5s", "--past", "2m", "--rate", "30", "-e", server.endpoint, "--url", server.url, "--project", project)
    assert result.exit_code == 0
    assert server.url in result.stdout
    assert f"spyglass query 'status:error' --project {project}" in result.stdout
    assert "in all" in result.stdout


def test_a_server_that_is_named_says_itself_where_it_takes_records(run: Any, server: Any, told: Any, project: str) -> None:
    """`--url` (or SPYGLASS_URL) is enough, whatever its ports are; an address of the environment goes before it."""
    (sent,) = told(run("demo", "--once", "--past", "1m", "--rate", "30", "--url", server.url, "--project", project, "--json"))
    server.settled()
    assert server.get("/api/v1/summary", project=project).json()["spans"] == sent["spans"] > 0
    with pytest.raises(Exception, match="refused"):
        run("demo", "--once", "--past", "1m", "--url", server.url, OTEL_EXPORTER_OTLP_ENDPOINT="http://127.0.0.1:9")


def test_a_length_that_is_none_is_a_wrong_call(run: Any) -> None:
    """Code 2, and what would be right."""
    result = run("demo", "--for", "long")
    assert result.exit_code == 2
    assert "5m" in result.stderr
    assert issubclass(typer.BadParameter, Exception)


def test_no_server_is_told_at_once(run: Any) -> None:
    """Nothing is imagined for nobody."""
    with pytest.raises(Exception, match="refused"):
        run("demo", "--once", "--past", "1m", "-e", "http://127.0.0.1:9")
