"""Log records and events: found, opened, and followed to their trace."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

Page = Callable[..., Any]


def test_an_event_opens_and_leads_to_its_trace(page: Page) -> None:
    """With body and attributes, by keyboard."""
    shown = page("/logs?query=has:trace_id")
    shown.locator("button[data-row]").first.wait_for()
    shown.keyboard.press("j")
    shown.keyboard.press("Enter")
    shown.locator("button[data-row='0'][aria-expanded=true]").wait_for()
    shown.get_by_role("link", name="Open in its trace").click()
    shown.wait_for_url("**/traces/*")


def test_facets_narrow_the_events(page: Page) -> None:
    """Severity is chosen beside the list, and stands in the search."""
    shown = page("/logs")
    shown.get_by_role("list", name="Severity").get_by_role("button", name="error").first.click()
    shown.wait_for_url("**query=severity:error*")
    shown.locator("button[data-row]", has_text="error").first.wait_for()
    shown.locator("button[data-row]", has_text="info").first.wait_for(state="detached")


def test_severities_are_charted(page: Page) -> None:
    """Each in its colour, with its name."""
    shown = page("/logs")
    shown.get_by_role("figure", name="Events by severity").get_by_role("button", name="warning").wait_for()


def test_words_that_nothing_says_are_told(page: Page) -> None:
    """And what to do."""
    shown = page("/logs?query=zyzzyva")
    shown.get_by_text("No event matches").wait_for()
    shown.get_by_role("group").get_by_role("button", name="Clear the search").click()
    shown.locator("button[data-row]").first.wait_for()


def test_what_is_said_again_and_again_is_a_pattern(page: Page) -> None:
    """Figures in it are masked; it leads to its events."""
    shown = page("/logs?show=patterns&query=severity:error")
    pattern = shown.get_by_role("table", name="Patterns").get_by_role("button", name="Bad Gateway").first
    pattern.wait_for()
    pattern.click()
    shown.locator("button[data-row]", has_text="502 Bad Gateway").first.wait_for()
    assert "body%3A" in shown.url or "body:" in shown.url
