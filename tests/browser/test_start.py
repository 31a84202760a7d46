"""The first minute: where to send, and the first span the moment it arrives."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import httpx
import pytest


@pytest.fixture(scope="module")
def empty(run_server: Any, tmp_path_factory: pytest.TempPathFactory) -> Any:
    """A server that got nothing."""
    with run_server(tmp_path_factory.mktemp("empty"), STORE__COMMIT_INTERVAL_S="0.05") as server:
        yield server


def send(server: Any, name: str) -> None:
    span = {"traceId": "4bf92f3577b34da6a3ce929d0e0e4736", "spanId": "00f067aa0ba902b7", "name": name, "startTimeUnixNano": "1", "endTimeUnixNano": "2"}
    body = {"resourceSpans": [{"scopeSpans": [{"spans": [span]}]}]}
    httpx.post(f"{server.endpoint}/v1/traces", json=body, timeout=20, trust_env=False, verify=False).raise_for_status()


def test_the_first_span_is_announced_and_leads_to_its_trace(empty: Any, open_page: Callable[..., Any]) -> None:
    """An empty server opens on the start page, which names its own port, waits, and says what came; names are text, never markup."""
    page = open_page(empty, "/", refusals=(404,))  # what is seen live is in the store a moment later
    page.wait_for_url("**/start")
    page.get_by_text(f"http://localhost:{empty.otlp_http}").first.wait_for()
    page.get_by_text("Listening.").wait_for()
    send(empty, "<img src=x onerror=alert(1)>")
    page.get_by_text("1 span arrived").wait_for()
    page.get_by_text("<img src=x onerror=alert(1)>").wait_for()
    page.get_by_role("link", name="Open the trace").click()
    page.wait_for_url("**/traces/4bf92f3577b34da6a3ce929d0e0e4736")


def test_a_way_to_connect_is_a_link(page: Callable[..., Any]) -> None:
    """What was chosen stands in the address."""
    shown = page("/start?with=claude-code")
    shown.get_by_text("CLAUDE_CODE_ENABLE_TELEMETRY=1").wait_for()
    shown.get_by_role("link", name="LangChain").click()
    shown.get_by_text("LangChainInstrumentor().instrument()").wait_for()
    assert shown.url.endswith("with=langchain")
