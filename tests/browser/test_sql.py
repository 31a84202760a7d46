"""SQL: run by keyboard, mistakes at their place, answers shared by address, queries saved."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

Page = Callable[..., Any]


def test_a_text_is_run_by_keyboard(page: Page) -> None:
    """What was run is in the address, and its rows are a table."""
    shown = page("/sql")
    editor = shown.get_by_role("textbox", name="SQL")
    editor.press("Control+A")
    shown.keyboard.type("SELECT 41 + 1 AS answer")
    editor.press("Control+Enter")
    shown.get_by_role("cell", name="42").wait_for()
    shown.wait_for_url("**sql=SELECT*")


def test_a_mistake_in_sql_is_marked(page: Page) -> None:
    """At its line and column, with the server's words."""
    shown = page("/sql?sql=SELECT agent%0AFRM calls", refusals=(400,))
    shown.get_by_role("alert").get_by_text("line 2").wait_for()
    shown.locator(".cm-mistake").wait_for()


def test_a_query_is_saved(page: Page) -> None:
    """Under a name, and opened again by it; deleted at the second click."""
    shown = page("/sql?sql=SELECT 7 AS seven")
    shown.get_by_role("cell", name="7", exact=True).wait_for()
    shown.get_by_role("button", name="Saved").click()
    shown.get_by_role("textbox", name="Name of the query").fill("Sevens")
    shown.get_by_role("textbox", name="Name of the query").press("Enter")
    shown.get_by_role("button", name="Sevens").wait_for()
    shown.wait_for_url("**saved=*")
    shown.get_by_role("menuitem", name="Delete Sevens", exact=True).click()
    shown.get_by_role("menuitem", name="Really delete Sevens").click()
    shown.wait_for_url(lambda url: "saved=" not in url)
    shown.get_by_role("button", name="Saved", exact=True).wait_for()


def test_tables_and_columns_are_completed(page: Page) -> None:
    """As one types, and taken with a click; Enter does the same, but not in the first moment that a list is open."""
    shown = page("/sql")
    editor = shown.get_by_role("textbox", name="SQL")
    shown.locator("summary", has_text="spans_minute").wait_for()
    editor.press("Control+A")
    shown.keyboard.type("SELECT count() FROM spans_mi")
    shown.locator(".cm-tooltip-autocomplete").get_by_text("spans_minute").click()
    editor.press("Control+Enter")
    shown.wait_for_url("**spans_minute*")


def test_a_phone_has_the_tables_too(page: Page) -> None:
    """In a drawer; a name goes into the text."""
    shown = page("/sql", viewport={"width": 390, "height": 844})
    shown.get_by_role("button", name="Tables").click()
    shown.get_by_role("dialog").locator("summary", has_text="messages").click()
    shown.get_by_role("dialog").get_by_role("button", name="role").click()
    shown.get_by_role("dialog").wait_for(state="hidden")
    shown.get_by_role("textbox", name="SQL").get_by_text("role").wait_for()
