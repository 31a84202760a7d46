"""What is different about some traces, and where they went wrong, over the API."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import httpx
from tests.flow.conftest import chat, spans


def test_traces_that_a_search_picks_are_compared_with_the_others(server: Any, eventually: Callable[..., Any]) -> None:
    """Each search is one of its own; a wrong one is told."""
    now_ns = time.time_ns()
    traces = [(now_ns + at).to_bytes(16, "big") for at in range(40)]
    calls = [chat(trace=trace, number=1, start_ns=now_ns - 10**9) for trace in traces]
    headers = {"content-type": "application/x-protobuf", "x-spyglass-project": "contrast"}
    httpx.post(f"{server.endpoint}/v1/traces", content=spans(*calls).SerializeToString(), headers=headers, trust_env=False, verify=False).raise_for_status()
    with httpx.Client(base_url=f"{server.url}/api/v1", trust_env=False, verify=False) as api:
        asked = {"project": "contrast", "picked": f"trace_id:{traces[0].hex()}", "query": "kind:llm"}
        told = eventually(lambda: (found := api.get("/contrast", params=asked).json())["traces"] == 40 and found)
        assert (told["picked"], told["sampled"], told["next_cursor"]) == (1, False, None)
        assert api.get("/contrast", params=asked | {"picked": "("}).status_code == 400
        assert api.get("/contrast", params={"project": "contrast"}).status_code == 422


def test_a_trace_has_suspects_and_no_trace_has_none(server: Any, eventually: Callable[..., Any]) -> None:
    """With a span to open."""
    now_ns = time.time_ns()
    trace = now_ns.to_bytes(16, "big")
    body = spans(chat(trace=trace, number=7, start_ns=now_ns - 10**9))
    headers = {"content-type": "application/x-protobuf"}
    httpx.post(f"{server.endpoint}/v1/traces", content=body.SerializeToString(), headers=headers, trust_env=False, verify=False).raise_for_status()
    with httpx.Client(base_url=f"{server.url}/api/v1", trust_env=False, verify=False) as api:
        told = eventually(lambda: (found := api.get(f"/traces/{trace.hex()}/attribution")).status_code == 200 and found.json())
        assert told["suspects"]
        assert len(told["suspects"][0]["span_id"]) == 16
        assert api.get(f"/traces/{'1' * 32}/attribution").status_code == 404
