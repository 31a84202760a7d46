"""Telemetry is hostile text: whatever it says in whichever field, a page shows it as text, and nothing of it runs or becomes a part of the page."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

import httpx
import pytest
from tests.browser.tab import at_rest

HIT = "window.hit = 1"
CORPUS = (
    f"<img src=x onerror='{HIT}'>",
    f"<script>{HIT}</script>",
    f'"><svg onload={HIT}>',
    f"javascript:{HIT}",
    f"[link](javascript:{HIT}) ![image](x onerror={HIT})",
    f"${{{HIT}}} {{{{{HIT}}}}}",
    f"'-{HIT}-' \u202e\u0000 \U0001f600",
    f"</title></script><iframe srcdoc='<script>parent.{HIT}</script>'>",
)
# What only hostile text could have made; the app's own scripts have a source, its links an address of http.
MADE = "document.querySelectorAll('img[src=x], svg[onload], iframe, script:not([src]), a[href^=javascript i], [onerror], [onload]').length"


def text(value: str) -> dict[str, Any]:
    return {"stringValue": value}


def attributes(values: dict[str, str]) -> list[dict[str, Any]]:
    return [{"key": key, "value": text(value)} for key, value in values.items()]


def records(number: int, hostile: str) -> dict[str, Any]:
    """A run of an agent with a model call and a tool call, a log record and a metric, which say it in every field."""
    now = time.time_ns() - 60 * 10**9
    ids = {"traceId": f"{number + 1:032x}", "startTimeUnixNano": str(now), "endTimeUnixNano": str(now + 10**9)}
    who = {"gen_ai.agent.name": hostile, "gen_ai.agent.version": hostile, "gen_ai.conversation.id": hostile, "user.id": hostile, hostile: hostile}
    model = {"gen_ai.request.model": hostile, "gen_ai.provider.name": hostile, "gen_ai.system_instructions": hostile, "gen_ai.input.messages": hostile}
    tools = {"gen_ai.tool.definitions": '[{"name":' + repr(hostile.replace('"', "")).replace("'", '"') + ',"description":"<b>x</b>"}]'}
    failed = {"status": {"code": 2, "message": hostile}}
    spans: list[dict[str, Any]] = [
        {"name": hostile, "spanId": f"{number * 3 + 1:016x}", "attributes": attributes({"gen_ai.operation.name": "invoke_agent", **who}), **ids, **failed},
        {"name": hostile, "spanId": f"{number * 3 + 2:016x}", "attributes": attributes({"gen_ai.operation.name": "chat", **who, **model, **tools})} | ids,
        {
            "name": hostile,
            "spanId": f"{number * 3 + 3:016x}",
            "attributes": attributes({"gen_ai.operation.name": "execute_tool", "gen_ai.tool.name": hostile, "error.type": hostile, **who}),
            **ids,
            **failed,
        },
    ]
    for span in spans[1:]:
        span["parentSpanId"] = f"{number * 3 + 1:016x}"
    resource = {"attributes": attributes({"service.name": hostile, "service.version": hostile, "deployment.environment.name": hostile, "host.name": hostile})}
    scope = {"name": hostile, "version": hostile}
    log = {"timeUnixNano": str(now), "severityNumber": 17, "severityText": hostile, "eventName": hostile, "body": text(hostile), "attributes": attributes(who)}
    point = {"timeUnixNano": str(now), "asDouble": 1.0, "attributes": attributes({hostile: hostile})}
    metric = {"name": hostile or "m", "description": hostile, "unit": hostile[:60], "gauge": {"dataPoints": [point]}}
    return {
        "traces": {"resourceSpans": [{"resource": resource, "scopeSpans": [{"scope": scope, "spans": spans}]}]},
        "logs": {"resourceLogs": [{"resource": resource, "scopeLogs": [{"scope": scope, "logRecords": [log]}]}]},
        "metrics": {"resourceMetrics": [{"resource": resource, "scopeMetrics": [{"scope": scope, "metrics": [metric]}]}]},
    }


@pytest.fixture(scope="module")
def hostile(run_server: Any, tmp_path_factory: pytest.TempPathFactory) -> Any:
    """A server to which only such text was sent; its saved things have such names."""
    with run_server(tmp_path_factory.mktemp("hostile"), STORE__COMMIT_INTERVAL_S="0.05") as server:
        for number, one in enumerate(CORPUS):
            for signal, body in records(number, one).items():
                httpx.post(f"{server.endpoint}/v1/{signal}", json=body, timeout=20, trust_env=False, verify=False).raise_for_status()
            panel = {"title": one, "chart": "bar", "source": "spans", "measure": "count", "query": "", "group_by": ["agent"], "x": 0, "y": 0, "w": 6, "h": 5}
            saved = {"dashboards": {"description": one, "panels": [panel]}, "queries": {"sql": "SELECT 1", "chart": "table"}}
            for kind, body in saved.items():
                httpx.post(f"{server.url}/api/v1/saved/{kind}", json={"name": one.replace("\0", ""), "body": body}, timeout=20, trust_env=False, verify=False)
        server.settled()
        yield server


@pytest.mark.parametrize(
    ("path", "shows"),
    [
        ("/agents", "a[data-row]"),
        ("/agents?show=graph", "main"),
        (f"/agents/{quote(CORPUS[0], safe='')}", "h2"),
        (f"/agents/{quote(CORPUS[4], safe='')}", "h2"),
        ("/tools", "table a"),
        ("/models", "table a"),
        ("/logs", "button[data-row]"),
        ("/logs?show=patterns", "table button"),
        ("/system", "article"),
        ("/explore/metrics", "figure"),
        ("/dashboards", "main a"),
        ("/live", "main"),
        ("/sql?sql=SELECT agent, service, name FROM spans", "[role=cell]"),
        (f"/embed/panel?title={quote(CORPUS[0], safe='')}&chart=table&group_by=agent", "[role=cell]"),
    ],
)
def test_hostile_text_is_shown_and_does_nothing(hostile: Any, open_page: Callable[..., Any], path: str, shows: str) -> None:
    """On every list, in every column; nothing is made of it, nothing runs, and the console has no word."""
    page = open_page(hostile, path)
    page.locator(shows).first.wait_for()
    at_rest(page)
    assert page.evaluate("window.hit === undefined")
    assert page.evaluate(MADE) == 0


def test_an_opened_event_shows_hostile_text_whole(hostile: Any, open_page: Callable[..., Any]) -> None:
    """Body, attributes and facts that are links."""
    page = open_page(hostile, "/logs")
    for _ in CORPUS:
        page.locator("button[data-row][aria-expanded=false]").first.click()
    page.get_by_text("onerror").first.wait_for()
    assert page.evaluate("window.hit === undefined")
    assert page.evaluate(MADE) == 0


def test_a_tail_shows_hostile_text(hostile: Any, open_page: Callable[..., Any]) -> None:
    """As it comes."""
    page = open_page(hostile, "/live")
    page.get_by_text("Listening").wait_for()
    for signal, body in records(99, CORPUS[0]).items():
        httpx.post(f"{hostile.endpoint}/v1/{signal}", json=body, timeout=20, trust_env=False, verify=False).raise_for_status()
    page.locator("a[data-row]").first.wait_for()
    assert page.evaluate("window.hit === undefined")
    assert page.evaluate(MADE) == 0
