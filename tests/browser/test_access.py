"""Every page, view and part of the demo's data can be used by those who see little, hear pages or use keys."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from tests.browser.access import check_reach, check_rules

Page = Callable[..., Any]

PAGES = [
    "/start",
    "/traces",
    "/compare",
    "/sessions",
    "/live",
    "/executions",
    "/standing",
    "/workflows",
    "/agents",
    "/agents?show=graph",
    "/agents/coder",
    "/findings",
    "/security",
    "/flow?agent=coder",
    "/analyzers",
    "/alerts",
    "/alerts/rule",
    "/tools",
    "/models",
    "/logs",
    "/explore/metrics",
    "/dashboards",
    "/dashboards/overview",
    "/system",
    "/alerts?show=channels",
    "/alerts?show=routing",
    "/alerts?show=actions",
    "/system/runners",
    "/settings?find=port",
    "/sql",
    "/docs?find=traces",
    "/nowhere",
]
# Pages of above in another state, which Tab walks only.
STATES = [
    "/traces?query=status:error",
    "/traces?query=agent:nobody",
    "/executions?status=running,failed",
    "/agents/coder?figure=calls&from=-1h",
    "/logs?show=patterns",
    "/dashboards/cost",
    "/embed/dashboards/overview",
    "/embed/traces",
]
VIEWS = ["transcript", "tree", "graph&form=map", "graph&form=list", "flame", "evidence", "raw"]


@pytest.mark.parametrize("path", PAGES)
def test_a_page_is_for_everyone(page: Page, axe: str, path: str) -> None:
    """With data in it: links, buttons, fields, rows, and whatever else listens for a click."""
    shown = page(path)
    check_reach(shown)
    check_rules(shown, axe)


@pytest.mark.parametrize("path", STATES)
def test_tab_reaches_all_in_each_state(page: Page, path: str) -> None:
    """Chosen, empty, or without what is around it."""
    check_reach(page(path))


@pytest.fixture(scope="module")
def failing(fed: Any) -> str:
    """The path of a trace with messages and errors."""
    return f"/traces/{fed.get('/api/v1/traces', query='agent:coder status:error', limit=1).json()['items'][0]['trace_id']}"


@pytest.mark.parametrize("view", VIEWS)
def test_a_trace_is_for_everyone(page: Page, axe: str, failing: str, view: str) -> None:
    """In each view."""
    shown = page(f"{failing}?view={view}")
    check_reach(shown)
    check_rules(shown, axe)


@pytest.mark.parametrize("tab", ["Summary", "Messages", "Attributes", "Cost", "Raw"])
def test_tab_reaches_all_of_a_span(page: Page, failing: str, tab: str) -> None:
    """In each part of its panel."""
    shown = page(f"{failing}?view=tree")
    shown.get_by_role("treeitem").nth(1).click()
    shown.get_by_role("tab", name=tab).click()
    check_reach(shown)


def test_tab_reaches_all_of_a_session(page: Page, fed: Any) -> None:
    """Its turns, and what is said of them."""
    session = fed.get("/api/v1/sessions", limit=1).json()["items"][0]["session_id"]
    check_reach(page(f"/sessions/{session}"))


def test_tab_reaches_all_of_a_comparison(page: Page, fed: Any) -> None:
    """Its figures and steps."""
    one, other = [trace["trace_id"] for trace in fed.get("/api/v1/traces", query="agent:coder", limit=2).json()["items"]]
    check_reach(page(f"/compare?a={one}&b={other}"))


def test_tab_reaches_all_of_an_execution(page: Page, fed: Any) -> None:
    """Its moments, its steps, and what was said."""
    run = fed.get("/api/v1/executions", query="agent:coder", status="succeeded", limit=1).json()["items"][0]["id"]
    check_reach(page(f"/executions/{run}?show=messages"))
