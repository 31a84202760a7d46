"""What real frameworks sent comes to what their programs truly did."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

SOURCES = ["claude-code", "logfire", "openinference-anthropic", "otel-genai-openai", "traceloop-openai", "vercel-ai-7"]
ALL_TIME = {"from": "2020-01-01", "to": "2030-01-01"}
Eventually = Callable[..., Any]

pytestmark = pytest.mark.corpus


def replay(client: Any, folder: Path) -> dict[str, Any]:
    """Send every body of a capture as it was sent; gives the truth."""
    meta = json.loads((folder / "meta.json").read_text())
    for request in meta["requests"]:
        data = (folder / request["file"]).read_bytes()
        if request["transport"] == "grpc":
            client.channel.unary_unary(request["path"])(data, metadata=(("x-spyglass-project", client.project),), timeout=30)
            continue
        zipped = request["content_encoding"] == "gzip"
        headers = {"content-encoding": "gzip"} if zipped else {}
        told = {"content-type": request["content_type"], "x-spyglass-project": client.project, **headers}
        answer = client.http.post(f"{client.server.endpoint}{request['path']}", content=gzip.compress(data) if zipped else data, headers=told)
        assert answer.status_code == 200, answer.text
    truth: dict[str, Any] = meta["expected"]
    return truth


def truth_of(expected: dict[str, Any]) -> dict[str, int]:
    """Figures of the summary; tokens of streams that asked for no usage are in no telemetry."""
    tools = expected.get("tool_executions")
    told = {
        "succeeded": expected["llm_ok"],
        "input_tokens": expected["input_tokens_incl_cache"] - expected["input_tokens"] + expected["input_tokens_reported"],
        "output_tokens": expected["output_tokens_reported"],
    }
    return told | ({"tool_calls": sum(tools.values()), "tool_errors": expected["tool_failures"]} if tools is not None else {})


@pytest.mark.parametrize("source", SOURCES)
def test_the_summary_is_the_truth(client: Any, corpus: Path, eventually: Eventually, source: str) -> None:
    """Successful model calls, tokens, tools and their failures; agents and sessions as far as they are visible."""
    expected = replay(client, corpus / "otlp-captures" / source)
    truth = truth_of(expected)

    def look() -> dict[str, Any]:
        told: dict[str, Any] = client.told("/summary", **ALL_TIME)
        return told | {"succeeded": told["model_calls"] - told["model_errors"]}

    told = eventually(look, lambda found: {name: found[name] for name in truth} == truth)
    assert set(expected.get("sessions_visible_in_telemetry") or ()) <= set(told["names"]["sessions"])
    assert {name.lower() for name in expected.get("agents") or ()} <= {name.lower() for name in told["names"]["agents"]}


EDGES = {  # name of the root → what the list says of the trace
    "session": {"spans": 5, "model_calls": 3, "input_tokens": 30, "output_tokens": 15},
    "chat gpt-4o": {"spans": 1, "model_calls": 1, "input_tokens": 10, "output_tokens": 5},
    "odd values": {"spans": 1, "model_calls": 1, "input_tokens": 42, "output_tokens": 7},
    "level 0": {"spans": 300},
    "fan-out": {"spans": 2001, "model_calls": 2000, "errors": 40, "model_errors": 40},
    "chat huge": {"spans": 1, "model_calls": 1},
}


def test_edge_cases_are_exact(client: Any, corpus: Path, eventually: Eventually) -> None:
    """Late parents, duplicates, odd values, depth, width and size: trace by trace."""
    replay(client, corpus / "otlp-captures" / "edge-cases-1")

    def look() -> dict[str, dict[str, int]]:
        items = {item["name"]: item for item in client.items("/traces", limit=100, **ALL_TIME)}
        return {name: {figure: items.get(name, {}).get(figure, -1) for figure in figures} for name, figures in EDGES.items()}

    eventually(look, lambda found: found == EDGES)
