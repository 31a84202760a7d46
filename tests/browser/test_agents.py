"""Agents, and one of them: found, sorted, its figures over time, and where its names lead."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.browser.chips import chosen, press

Page = Callable[..., Any]


def test_an_agent_is_opened_from_the_list(page: Page) -> None:
    """With its figures, tools, models, calls between agents and runs."""
    shown = page("/agents?sort=cost")
    shown.get_by_role("link", name="front desk", exact=True).click()
    shown.wait_for_url("**/agents/front*")
    for heading in ("What runs wait for", "Tools", "Models", "Calls between agents", "Runs"):
        shown.get_by_role("heading", name=heading, exact=True).wait_for()
    shown.get_by_role("table", name="Calls between agents").get_by_role("link", name="orders desk").wait_for()
    shown.locator("canvas").first.wait_for()


def test_chips_are_switched_from_where_the_address_is(page: Page) -> None:
    """Two pressed at once are both on; one pressed again is off. Where no agent is left, a button clears them."""
    shown = page("/agents?query=coder")
    shown.get_by_role("link", name="coder", exact=True).wait_for()
    press(shown, "only registered", "registered and seen")
    chosen(shown, "state", "declared", "both")
    press(shown, "only registered")
    chosen(shown, "state", "both")
    shown.get_by_role("heading", name="No agent matches").wait_for()
    shown.get_by_role("button", name="Clear the filters").click()
    shown.wait_for_url(lambda url: "state=" not in url and "query=" not in url)
    shown.get_by_role("link", name="coder", exact=True).wait_for()


def test_a_chart_is_walked_and_zoomed_by_keyboard(page: Page) -> None:
    """Arrows tell a moment, with Shift they mark, Enter zooms the page; Back takes it back. The table says the same."""
    shown = page("/agents/front%20desk?from=-1h")
    chart = shown.get_by_role("slider", name="Runs over time", exact=True)
    shown.locator("canvas").first.wait_for()
    chart.press("End")
    for _ in range(3):
        chart.press("Shift+ArrowLeft")
    chart.press("Enter")
    shown.wait_for_url("**from=20*to=20*")
    shown.go_back()
    shown.get_by_role("button", name="Runs as a table", exact=True).click()
    shown.get_by_role("region", name="Runs in numbers").get_by_text("succeeded").wait_for()


def test_tools_and_models_are_told(page: Page) -> None:
    """By use, and models with their prices."""
    shown = page("/tools")
    shown.get_by_role("table", name="Tools").get_by_role("link", name="ask_desk").wait_for()
    shown.get_by_role("link", name="Models", exact=True).click()
    shown.get_by_role("table", name="Models", exact=True).get_by_role("link").first.wait_for()
    shown.get_by_role("textbox", name="Find a model in the price table").fill("gpt-4o-mini")
    shown.wait_for_url("**price=gpt-4o-mini*")


def test_an_agent_is_drawn_among_those_it_calls_and_its_definition_is_told(page: Page) -> None:
    """Calls stand on the edges; the system prompt is whole."""
    shown = page("/agents/front%20desk")
    shown.get_by_label("Agent billing desk,").wait_for()
    shown.locator(".react-flow__edge-text").first.wait_for()
    shown.get_by_role("heading", name="System prompt").wait_for()
    shown.get_by_role("link", name="Where it was seen").click()
    shown.wait_for_url("**/traces/*span=*")


def test_the_charts_of_an_agent_are_its_own(page: Page, fed: Any) -> None:
    """What the cost chart adds up to is the agent's cost, not everybody's."""
    agents = {one["agent"]: one for one in fed.get("/api/v1/agents").json()["items"]}
    points = fed.get("/api/v1/series/calls", agent="writer", kind="llm").json()["items"]
    assert abs(sum(point["cost_usd"] for point in points) - agents["writer"]["cost_usd"]) < 1e-9
    shown = page("/agents/writer")
    with shown.expect_request("**/api/v1/series/calls?*agent=writer*"):
        shown.reload()


def test_an_agent_asked_for_by_its_id_has_its_name_in_the_address(page: Page) -> None:
    """The rest of the address stays, and Back leads to where one came from."""
    shown = page("/agents")
    shown.goto("/agents/agent-coder?from=-3h")
    shown.wait_for_url("**/agents/coder?from=-3h")
    shown.go_back()
    shown.wait_for_url("**/agents")
