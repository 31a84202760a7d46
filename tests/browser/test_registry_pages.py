"""What an agent says of itself, what it was seen to be, and what it is to run with: shown and changed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import httpx
import pytest
from tests.browser.telling import tell, until, version

Opening = Callable[..., Any]
PROJECT = "registry-in-a-browser"
DRAFT = {"type": "author", "owner": "ann", "tags": ["beta"], "capabilities": ["write"], "description": "Writes the plan down."}


@pytest.fixture(scope="module")
def api(server: Any) -> Any:
    """The API, in the project of these tests."""
    with httpx.Client(base_url=f"{server.url}/api/v1/agents", params={"project": PROJECT}, timeout=60, trust_env=False, verify=False) as opened:
        yield opened


@pytest.fixture(scope="module")
def told(server: Any, api: httpx.Client) -> Any:
    """An agent that only registered, and one that ran in two versions."""
    api.post("/writer/register", json=DRAFT).raise_for_status()
    tell(server, PROJECT, version(1, "1", "be kind\nanswer in English"))
    until(lambda: len(api.get("/planner/versions").json().get("items", [])) == 1)  # numbers count in the order in which versions are found
    tell(server, PROJECT, version(2, "2", "be brief\nanswer in English", model="gpt-5-mini"))
    return server


def test_registered_agents_stand_beside_seen_ones(told: Any, open_page: Opening) -> None:
    """And are told apart; a row leads to what they say of themselves."""
    page = open_page(told, f"/agents?project={PROJECT}")
    page.get_by_role("link", name="planner", exact=True).wait_for()
    page.get_by_role("button", name="only registered 1").click()
    page.wait_for_url("**state=declared*")
    page.get_by_role("link", name="planner", exact=True).wait_for(state="detached")
    page.get_by_role("link", name="writer", exact=True).click()
    page.get_by_role("heading", name="Registration").wait_for()
    for text in ("Writes the plan down.", "ann", "beta"):
        page.get_by_text(text, exact=True).wait_for()


def test_two_versions_are_compared(told: Any, api: httpx.Client, open_page: Opening) -> None:
    """Prompt by line, and the model; which is live is told."""
    until(lambda: len(api.get("/planner/versions").json().get("items", [])) == 2)
    page = open_page(told, f"/agents/planner?project={PROJECT}")
    page.get_by_role("table", name="Versions").get_by_role("link", name="What changed").click()
    page.wait_for_url("**diff=1..2*")
    shown = page.get_by_role("region", name="Version 1 and version 2")
    shown.get_by_text("gpt-5-mini").wait_for()
    shown.get_by_role("list", name="Lines of the system prompt").locator("[data-kind=added]").get_by_text("be brief").wait_for()


def test_a_configuration_is_kept_deployed_and_rolled_back(told: Any, open_page: Opening) -> None:
    """With who and why; what is held cannot be moved until it is let go."""
    page = open_page(told, f"/agents/writer?project={PROJECT}")
    for comment, body in (("first", '{"prompt": "be kind"}'), ("shorter", '{"prompt": "be brief"}')):
        page.get_by_role("button", name="New configuration").click()
        page.get_by_role("textbox", name="JSON object").fill(body)
        page.get_by_role("textbox", name="What is new").fill(comment)
        page.get_by_role("button", name="Keep").click()
        page.get_by_role("list", name="Configurations").get_by_text(comment).wait_for()
    page.get_by_role("button", name="Deploy", exact=True).click()
    page.get_by_label("Environment").first.fill("production")
    page.get_by_role("combobox", name="Configuration").select_option("1")
    page.get_by_role("dialog").get_by_role("button", name="Deploy").click()
    page.get_by_role("dialog").wait_for(state="detached")
    page.get_by_role("button", name="Deploy production").click()
    page.get_by_role("dialog").get_by_role("button", name="Deploy").click()
    page.get_by_role("dialog").wait_for(state="detached")
    page.get_by_role("button", name="Roll back production").click()
    page.get_by_role("textbox", name="Why").fill("worse answers")
    page.get_by_role("dialog").get_by_role("button", name="Roll back").click()
    history = page.get_by_role("table", name="History of deployments")
    history.get_by_text("rolled back").wait_for()
    history.get_by_text("worse answers").wait_for()
    page.get_by_role("button", name="Pin production").click()
    page.get_by_role("dialog").get_by_role("button", name="Pin").click()
    page.get_by_role("button", name="Unpin production").wait_for()
    assert page.get_by_role("button", name="Roll back production").count() == 0
