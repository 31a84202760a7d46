"""`spyglass health` against a server with an agent whose runs fail."""

from __future__ import annotations

import secrets
import time
from typing import Any

import httpx


def send(server: Any, project: str, failed: int) -> None:
    """Twelve runs of an agent, of which some failed, and counted."""
    now, agent = time.time_ns(), {"key": "gen_ai.agent.name", "value": {"stringValue": "ada [odd]"}}
    kind = {"key": "gen_ai.operation.name", "value": {"stringValue": "invoke_agent"}}
    spans = [
        {
            "traceId": secrets.token_hex(16),
            "spanId": secrets.token_hex(8),
            "name": "invoke_agent ada",
            "startTimeUnixNano": str(now - 10**9),
            "endTimeUnixNano": str(now),
            "attributes": [agent, kind],
            "status": {"code": 2 if number < failed else 1},
        }
        for number in range(12)
    ]
    body = {"resourceSpans": [{"scopeSpans": [{"spans": spans}]}]}
    httpx.post(f"{server.endpoint}/v1/traces", json=body, headers={"x-spyglass-project": project}, verify=False).raise_for_status()
    server.settled()
    url = f"{server.url}/api/v1"
    for _ in range(100):
        httpx.post(f"{url}/observability/health", params={"project": project}, json={"action": "recheck"}, timeout=60, verify=False).raise_for_status()
        if httpx.get(f"{url}/health/agents", params={"project": project}, timeout=60, verify=False).json()["items"]:
            return
    raise AssertionError("the runs were never counted")


def test_what_is_critical_ends_with_code_1(run: Any, server: Any, project: str) -> None:
    """Within 80 columns, with what would restore it."""
    send(server, project, failed=12)
    result = run("health", "--url", server.url, "--project", project)
    assert (result.exit_code, max(map(len, result.stdout.splitlines())) <= 80) == (1, True)
    assert "ada [odd]" in result.stdout
    assert "12 of 12 runs failed" in result.stdout


def test_what_is_well_ends_with_code_0(run: Any, told: Any, server: Any, project: str) -> None:
    """As one JSON object, where that is wanted."""
    send(server, project, failed=0)
    result = run("health", "--url", server.url, "--project", project, "--json")
    (item,) = told(result)
    assert (result.exit_code, item["state"], [agent["agent"] for agent in item["agents"]]) == (0, "healthy", ["ada [odd]"])
