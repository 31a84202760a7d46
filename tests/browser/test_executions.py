"""Executions: found by how they stand, followed while they go on, and opened."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
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
    page.goto(f"/live?project={project}")
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
