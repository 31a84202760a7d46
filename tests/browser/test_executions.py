"""Executions: found by how they stand, followed while they go on, and opened."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import httpx
import pytest
from tests.browser.chips import chosen, press
from tests.browser.tab import visit
from tests.browser.telling import event, journey, tell
from tests.flow.conftest import records

Opening = Callable[..., Any]
PROJECT = "executions-in-a-browser"


@pytest.fixture(scope="module")
def told(server: Any) -> Any:
    """A run that goes on, one that failed, one that succeeded."""
    failed = {"spyglass__execution__status": "error", "error__type": "ValueError", "error__message": "the plan has no end"}
    tell(server, PROJECT, records(event("start", "watching", 5, agent="watcher"), event("start", "judging", 6, agent="critic")))
    tell(server, PROJECT, records(event("end", "judging", 7, agent="critic", **failed)), journey())
    return server


def test_executions_are_found_by_how_they_stand(told: Any, open_page: Opening) -> None:
    """The chips count, choose and stand in the address; a row leads to its page, which says what went wrong."""
    page = open_page(told, f"/executions?project={PROJECT}")
    page.get_by_role("link", name="watcher, running").wait_for()
    page.get_by_role("button", name="failed 1").click()
    page.wait_for_url("**status=failed*")
    page.get_by_role("link", name="watcher, running").wait_for(state="detached")
    page.get_by_role("link", name="critic, failed").click()
    page.get_by_role("alert").get_by_text("the plan has no end").wait_for()
    page.get_by_role("link", name="critic", exact=True).wait_for()


def test_chips_are_switched_from_where_the_address_is(told: Any, open_page: Opening) -> None:
    """Two pressed at once are both on; one pressed again is off, and Back brings it back."""
    page = open_page(told, f"/executions?project={PROJECT}")
    page.get_by_role("button", name="failed 1").wait_for()
    press(page, "running", "failed")
    chosen(page, "status", "running", "failed")
    page.get_by_role("link", name="critic, failed").wait_for()
    press(page, "running")
    chosen(page, "status", "failed")
    page.go_back()
    chosen(page, "status", "running", "failed")


def test_where_nothing_matches_the_filters_are_cleared(told: Any, open_page: Opening) -> None:
    """All of them at once, by a button that says so."""
    page = open_page(told, f"/executions?project={PROJECT}&agent=watcher&status=failed")
    page.get_by_role("heading", name="No execution matches").wait_for()
    page.get_by_role("button", name="Clear the filters").click()
    page.wait_for_url(lambda url: "agent=" not in url and "status=" not in url)
    page.get_by_role("link", name="watcher, running").wait_for()


def test_an_agent_is_chosen(told: Any, open_page: Opening) -> None:
    """In a field that holds who ran."""
    page = open_page(told, f"/executions?project={PROJECT}&agent=watcher")
    page.get_by_role("link", name="watcher, running").wait_for()
    assert page.locator("a[data-row]").count() == 1
    page.get_by_role("button", name="running 1").click()
    page.get_by_role("link", name="watcher, running").wait_for()


def test_what_goes_on_is_followed(server: Any, open_page: Opening) -> None:
    """Steps and the end show up by themselves, in the list and beside the live tail."""
    project = f"{PROJECT}-live"
    tell(server, project, records(event("start", "searching", 0, agent="searcher")))
    page = open_page(server, f"/executions?project={project}")
    page.get_by_role("link", name="searcher, running").wait_for()
    tell(server, project, records(event("step", "searching", 1, agent="searcher", spyglass__execution__step="look around")))
    page.get_by_text("look around").wait_for()
    visit(page, f"/live?project={project}")
    page.get_by_role("complementary", name="Running now").get_by_role("link", name="searcher").click()
    page.wait_for_url("**/executions/searching*")
    tell(server, project, records(event("end", "searching", 2, agent="searcher", spyglass__execution__status="ok")))
    page.get_by_text("succeeded", exact=True).first.wait_for()


def test_an_execution_that_is_not_there_is_told(server: Any, open_page: Opening) -> None:
    """With a way back."""
    page = open_page(server, "/executions/nobody", refusals=(404,))
    page.get_by_role("heading", name="There is no such execution").wait_for()
    page.get_by_role("link", name="All executions").click()
    page.wait_for_url("**/executions")


def test_an_execution_is_asked_to_stop_and_that_is_taken_back(server: Any, open_page: Opening) -> None:
    """On its page and in the list of stops, as long as its program has not heard of it."""
    project = f"{PROJECT}-stops"
    tell(server, project, records(event("start", "turning", 0, agent="turner")))
    page = open_page(server, f"/executions/turning?project={project}")
    page.get_by_role("button", name="Stop it").click()
    form = page.get_by_role("dialog")
    form.get_by_label("Who").fill("ann")
    form.get_by_label("Why").fill("it goes round")
    form.get_by_role("button", name="Ask it to stop").click()
    page.get_by_text("to stop by ann").wait_for()
    visit(page, f"/alerts?project={project}&show=actions")
    stops = page.get_by_role("table", name="Stops")
    stops.get_by_role("link", name="turning").wait_for()
    stops.get_by_role("button", name="Take back the stop of turning").click()
    stops.get_by_text("taken back").wait_for()
    page.get_by_role("button", name="Stop an execution").click()
    form.get_by_label("Id of the execution").fill("turning")
    form.get_by_role("button", name="Ask it to stop").click()
    stops.get_by_text("not heard yet").wait_for()
    heard: dict[str, Any] = {"params": {"project": project}, "json": {"execution_ids": ["turning"]}, "timeout": 60, "trust_env": False, "verify": False}
    httpx.post(f"{server.url}/api/v1/execution-stops/heard", **heard).raise_for_status()
    stops.get_by_text("its program knows").wait_for()
    assert stops.get_by_role("button").count() == 0
