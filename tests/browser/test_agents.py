"""Agents, and one of them: found, sorted, its figures over time, and where its names lead."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

Page = Callable[..., Any]


def test_an_agent_is_opened_from_the_list(page: Page) -> None:
    """With its figures, tools, models, calls between agents and runs."""
    shown = page("/agents?sort=cost")
    shown.get_by_role("link", name="front desk", exact=True).click()
    shown.wait_for_url("**/agents/front*")
    for heading in ("Tools", "Models", "Calls between agents", "Runs"):
        shown.get_by_role("heading", name=heading, exact=True).wait_for()
    shown.get_by_role("table", name="Calls between agents").get_by_role("link", name="orders desk").wait_for()
    shown.locator("canvas").first.wait_for()


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
