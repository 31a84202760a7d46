"""What every page has: keys, palette, colours, range, and a word where something is not there."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

Page = Callable[..., Any]


def test_the_question_mark_lists_the_keys(page: Page) -> None:
    """All that are bound now, those of the page among them; Escape closes."""
    shown = page("/traces")
    shown.get_by_role("heading", name="Traces").wait_for()
    shown.keyboard.press("?")
    told = shown.get_by_role("dialog")
    for text in ("Refresh", "Search", "Next row", "Last hour"):
        told.get_by_text(text, exact=True).wait_for()
    shown.keyboard.press("Escape")
    told.wait_for(state="hidden")


def test_keys_lead_to_pages_and_ranges(page: Page) -> None:
    """A sequence is two keys one after the other."""
    shown = page("/traces")
    shown.get_by_role("heading", name="Traces").wait_for()
    shown.keyboard.type("t2")
    shown.wait_for_url("**/traces?from=-1h")
    shown.keyboard.type("gc")
    shown.wait_for_url("**/start?from=-1h")


def test_the_palette_opens_a_trace_by_its_id(page: Page) -> None:
    """And finds pages by their name."""
    shown = page("/start")
    shown.get_by_text("Listening.").wait_for()
    shown.keyboard.press("Control+k")
    shown.get_by_role("dialog").get_by_role("combobox").wait_for()
    shown.keyboard.type("trac")
    shown.keyboard.press("Enter")
    shown.wait_for_url("**/traces")
    shown.keyboard.press("Control+k")
    shown.get_by_role("dialog").get_by_role("combobox").wait_for()
    shown.keyboard.type("0123456789abcdef0123456789abcdef")
    shown.get_by_role("option", name="Open trace").wait_for()


def test_colours_are_chosen_and_kept(page: Page) -> None:
    """The system decides until somebody does; then that stays, also after a reload."""
    shown = page("/start", color_scheme="dark")
    scheme = "document.documentElement.dataset.mantineColorScheme"
    assert shown.evaluate(scheme) == "dark"
    shown.get_by_role("button", name="Light or dark").click()
    shown.get_by_role("menuitem", name="Light").click()
    shown.locator("html[data-mantine-color-scheme=light]").wait_for()
    shown.reload()
    shown.get_by_text("Listening.").wait_for()
    assert shown.evaluate(scheme) == "light"


def test_an_unknown_address_says_so(page: Page) -> None:
    """And leads back."""
    shown = page("/no/such/page")
    shown.get_by_text("There is no such page").wait_for()
    shown.get_by_role("link", name="Go to traces").click()
    shown.wait_for_url("**/traces")


def test_an_embedded_page_has_no_chrome(page: Page) -> None:
    """Only what it shows."""
    shown = page("/embed/traces")
    shown.locator("a[data-row]").first.wait_for()
    assert shown.get_by_role("navigation").count() == 0


def test_the_skip_link_is_first(page: Page) -> None:
    """One Tab, one Enter, and the page has the focus."""
    shown = page("/start")
    shown.get_by_text("Listening.").wait_for()
    shown.keyboard.press("Tab")
    shown.keyboard.press("Enter")
    assert shown.evaluate("document.activeElement.id") == "main"


def test_the_api_describes_itself(page: Page) -> None:
    """From its own document, without anything of others."""
    shown = page("/docs?find=facets")
    shown.get_by_text("/api/v1/facets").first.click()
    shown.get_by_role("rowheader", name="query").wait_for()
