"""The moments of a run: gone to by keyboard and by the address, compared, and the run compared with its fork."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from tests.browser.telling import journey, tell

Opening = Callable[..., Any]
PROJECT = "time-travel-in-a-browser"


@pytest.fixture(scope="module")
def told(server: Any) -> Any:
    """A run, and a fork that went another way after its second step."""
    fork = {"spyglass__execution__forked_from": "journey", "spyglass__execution__forked_at_step": 2}
    tell(server, PROJECT, journey(), journey("other", "market", **fork))
    return server


def test_a_run_is_walked_by_keyboard(told: Any, open_page: Opening) -> None:
    """Arrows, Home and End go from moment to moment; where one rests stands in the address, and is there again when the page is."""
    page = open_page(told, f"/executions/journey?project={PROJECT}")
    slider = page.get_by_role("slider", name="Moment of the run")
    slider.press("Home")
    page.get_by_text("No snapshot was taken until then.").wait_for()
    slider.press("ArrowRight")
    slider.press("ArrowRight")
    page.wait_for_url("**at=2*")
    state = page.get_by_role("tabpanel", name="State")
    state.get_by_text("lighthouse added").wait_for()
    page.reload()
    state.get_by_text("lighthouse added").wait_for()
    assert slider.get_attribute("aria-valuetext").startswith("step 2: choose")
    slider.press("End")
    page.wait_for_url(lambda url: "at=" not in url)
    state.get_by_text("old town").wait_for()


def test_a_step_leads_to_its_moment(told: Any, open_page: Opening) -> None:
    """With what is new, what is other, and what is gone."""
    page = open_page(told, f"/executions/journey?project={PROJECT}")
    page.get_by_role("list", name="Steps").get_by_role("button").nth(2).click()
    page.wait_for_url("**at=3*")
    state = page.get_by_role("tabpanel", name="State")
    state.get_by_text("budget: 40 added").wait_for()
    state.locator("[data-change=removed]").get_by_text("draft").wait_for()


def test_two_moments_are_compared(told: Any, open_page: Opening) -> None:
    """Any two: what changed stands in a table."""
    page = open_page(told, f"/executions/journey?project={PROJECT}&at=3")
    page.get_by_role("combobox", name="Changes since").select_option(label="step 1: choose")
    page.get_by_role("tab", name="Changes").click()
    page.wait_for_url("**against=1*")
    table = page.get_by_role("table", name="Changes")
    for pointer in ("/budget", "/draft", "/stops/1", "/stops/2"):
        table.get_by_text(pointer, exact=True).wait_for()


def test_a_fork_stands_beside_its_origin(told: Any, open_page: Opening) -> None:
    """Linked from both; what they have in common, and where they part."""
    page = open_page(told, f"/executions/journey?project={PROJECT}")
    page.get_by_role("table", name="Around it").get_by_text("fork after step 2").wait_for()
    page.get_by_role("link", name="Side by side").click()
    page.get_by_text("The first 2 steps are the same. The fork took over 2 steps.").wait_for()
    page.get_by_role("list", name="Steps side by side").get_by_role("button").nth(2).click()
    page.locator("ins").get_by_text("market").wait_for()


def test_all_of_it_fits_on_a_phone(told: Any, open_page: Opening) -> None:
    """Nothing sticks out sideways."""
    page = open_page(told, f"/executions/journey?project={PROJECT}&at=2", viewport={"width": 390, "height": 800})
    page.get_by_role("tabpanel", name="State").get_by_text("lighthouse added").wait_for()
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
