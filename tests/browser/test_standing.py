"""Health and workflows: the worst agent first, what would restore it, and a workflow that somebody declared."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import httpx
import pytest

Page = Callable[..., Any]


@pytest.fixture
def counted(fed: Any) -> Any:
    """The server, with all that the demo told counted."""
    httpx.post(f"{fed.url}/api/v1/observability/health", json={"action": "recheck"}, timeout=60, trust_env=False, verify=False).raise_for_status()
    return fed


def test_the_worst_agent_stands_first(counted: Any, page: Page) -> None:
    """With its score and what would restore it; its row leads to its page, which tells all parts."""
    shown = page("/standing")
    first = shown.locator("a[data-row]").first
    first.wait_for()
    worst = httpx.get(f"{counted.url}/api/v1/health/agents", trust_env=False, verify=False).json()["items"][0]
    assert first.get_attribute("aria-label") == worst["agent"]
    first.click()
    shown.get_by_role("list", name=f"Parts of the health of {worst['agent']}").wait_for()


def test_agents_are_chosen_by_state(counted: Any, page: Page) -> None:
    """By the address, and back."""
    shown = page("/standing?state=degraded")
    shown.get_by_role("radio", name="degraded").wait_for(state="attached")
    shown.get_by_text("All", exact=True).click()
    shown.locator("a[data-row]").first.wait_for()
    assert "state=" not in shown.url


def test_a_declared_workflow_is_drawn(counted: Any, page: Page) -> None:
    """Its steps and edges, also where none of it ever ran."""
    declared = {"steps": [{"id": "plan"}, {"id": "write"}], "edges": [{"from": "plan", "to": "write"}]}
    httpx.post(f"{counted.url}/api/v1/workflows/night%20report", json=declared, trust_env=False, verify=False).raise_for_status()
    shown = page("/workflows")
    shown.locator("a[data-row][aria-label='night report']").click()
    shown.get_by_text("Declared and never run: plan, write.").wait_for()
    shown.get_by_role("table", name="Steps").get_by_text("write (declared)").wait_for()
