"""What happens now: records as they come, held while one reads, and the agents that run."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import httpx
import pytest


@pytest.fixture(scope="module")
def quiet(run_server: Any, tmp_path_factory: pytest.TempPathFactory) -> Any:
    """A server that only this file sends to."""
    with run_server(tmp_path_factory.mktemp("quiet"), STORE__COMMIT_INTERVAL_S="0.05") as server:
        yield server


def send(server: Any, number: int, name: str, **more: Any) -> None:
    now = time.time_ns()
    span = {"traceId": f"{number:032x}", "spanId": f"{number:016x}", "name": name, "startTimeUnixNano": str(now - 10**9), "endTimeUnixNano": str(now), **more}
    body = {"resourceSpans": [{"scopeSpans": [{"spans": [span]}]}]}
    httpx.post(f"{server.endpoint}/v1/traces", json=body, timeout=20, trust_env=False, verify=False).raise_for_status()


def test_records_come_wait_and_lead_to_their_trace(quiet: Any, open_page: Callable[..., Any]) -> None:
    """While it is paused they are counted, and shown when it goes on; names are text."""
    page = open_page(quiet, "/live")
    page.get_by_text("Listening").wait_for()
    send(quiet, 1, "<img src=x onerror=alert(1)>")
    page.get_by_text("<img src=x onerror=alert(1)>").wait_for()
    page.keyboard.press("p")
    send(quiet, 2, "second")
    page.get_by_role("button", name="Show 1 new").wait_for()
    assert page.get_by_text("second").count() == 0
    page.get_by_role("button", name="Show 1 new").click()
    page.get_by_text("second").wait_for()
    page.get_by_role("link", name="second").click()
    page.wait_for_url(f"**/traces/{2:032x}?span={2:016x}")


def test_the_filter_is_in_the_address(quiet: Any, open_page: Callable[..., Any]) -> None:
    """Only what matches is shown."""
    page = open_page(quiet, "/live?query=name:wanted&kind=span")
    page.get_by_text("Listening").wait_for()
    send(quiet, 3, "other")
    send(quiet, 4, "wanted")
    page.get_by_role("link", name="wanted").wait_for()
    assert page.locator("a[data-row]").count() == 1


def test_a_run_that_goes_on_is_shown(quiet: Any, open_page: Callable[..., Any]) -> None:
    """An agent's span that began and has not ended, with a link to its trace."""
    attributes = [
        {"key": "gen_ai.operation.name", "value": {"stringValue": "invoke_agent"}},
        {"key": "gen_ai.agent.name", "value": {"stringValue": "planner"}},
        {"key": "logfire.span_type", "value": {"stringValue": "pending_span"}},
        {"key": "logfire.pending_parent_id", "value": {"stringValue": "0000000000000000"}},
    ]
    send(quiet, 5, "invoke_agent planner", attributes=attributes, parentSpanId=f"{6:016x}")
    page = open_page(quiet, "/live")
    page.get_by_role("complementary", name="Running now").get_by_role("link", name="planner").wait_for()


def test_a_trace_opened_before_it_is_stored_comes_by_itself(quiet: Any, open_page: Callable[..., Any]) -> None:
    """Who follows a link of the tail is told that it is awaited, and has it when the store does."""
    page = open_page(quiet, f"/traces/{21:032x}", refusals=(404,))
    page.get_by_role("status").get_by_text("Waiting for the trace to be stored").wait_for()
    send(quiet, 21, "late")
    page.get_by_role("heading", name="late").wait_for()


def test_it_goes_on_after_the_server_was_away(run_server: Any, tmp_path: Any, open_page: Callable[..., Any]) -> None:
    """On the same ports the tail comes back by itself: what was shown stays, what comes is shown, and nothing is shown twice."""
    with run_server(tmp_path, STORE__COMMIT_INTERVAL_S="0.05") as first:
        page = open_page(first, "/live", refusals=("net::ERR_", "WebSocket", 503))  # a server that has just begun may have too much to answer
        page.get_by_text("Listening").wait_for()
        send(first, 11, "before")
        page.get_by_role("link", name="before").wait_for()
        first.settled()
    page.get_by_text("No connection, trying again").wait_for()
    ports = ["--http-port", str(first.http), "--otlp-http-port", str(first.otlp_http), "--otlp-grpc-port", str(first.otlp_grpc)]
    with run_server(tmp_path, *ports, STORE__COMMIT_INTERVAL_S="0.05") as second:
        send(second, 12, "while away")
        page.get_by_role("status").get_by_text("Live", exact=True).wait_for()
        send(second, 13, "after")
        page.get_by_role("link", name="after").wait_for()
        page.get_by_role("link", name="before").wait_for()
        shown = page.get_by_role("link", name="while away").count()
        told = page.get_by_role("status").get_by_text("left out").count()
        assert shown or told
        assert page.locator("a[data-row]").count() == 2 + shown
