"""What every page has: keys, palette, colours, range, and a word where something is not there."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from tests.browser.tab import at_rest

Page = Callable[..., Any]


def open_palette(shown: Any) -> None:
    shown.keyboard.press("Control+k")
    shown.get_by_role("dialog").get_by_role("combobox").wait_for()


def test_the_question_mark_lists_the_keys(page: Page) -> None:
    """All that are bound now, those of the page among them; Escape closes."""
    shown = page("/traces")
    shown.get_by_role("heading", name="Traces").wait_for()
    shown.keyboard.press("?")
    told = shown.get_by_role("dialog")
    for text in ("Refresh", "Search", "Next row", "Last hour", "Zoom to what is marked"):
        told.get_by_text(text, exact=True).wait_for()
    shown.keyboard.press("Escape")
    told.wait_for(state="hidden")


def test_a_key_is_listed_once_as_what_it_does_here(page: Page, fed: Any) -> None:
    """A page's own key wins over that of all pages, which is not listed then; arrows stand beside the letters that do the same."""
    shown = page(f"/traces/{fed.get('/api/v1/traces', query='agent:coder status:error', limit=1).json()['items'][0]['trace_id']}?view=tree")
    shown.get_by_role("treeitem").first.wait_for()
    shown.keyboard.press("?")
    told = shown.get_by_role("dialog")
    told.get_by_text("Error before", exact=True).wait_for()
    assert told.get_by_text("Fold the navigation").count() == 0
    assert told.locator("div", has_text="Next span").last.locator("kbd").all_inner_texts() == ["J", "↓"]
    shown.keyboard.press("Escape")
    told.wait_for(state="hidden")
    shown.keyboard.press("[")
    shown.wait_for_url("**span=*")
    assert shown.get_by_role("button", name="Fold the navigation").count() == 1


def test_what_ends_a_sequence_begins_none(page: Page) -> None:
    """`g t` and then `2` is no `t 2`."""
    shown = page("/start")
    shown.get_by_text("Listening.").wait_for()
    shown.keyboard.type("gt2gc")
    shown.wait_for_url("**/start")
    shown.go_back()
    shown.wait_for_url("**/traces")
    assert "from=" not in shown.url


TITLES = {
    "/agents/coder": "coder · Agent · Spyglass",
    "/dashboards/cost": "Cost · Dashboard · Spyglass",
    "/embed/dashboards/cost": "Cost · Dashboard · Spyglass",
    "/alerts?show=channels": "Channels · Alerts · Spyglass",
    "/alerts/rule": "New · Alert rule · Spyglass",
    "/no/such/page": "No such page · Spyglass",
}


@pytest.mark.parametrize("path", TITLES)
def test_the_tab_is_called_after_what_is_shown(page: Page, path: str) -> None:
    """Not only after the kind of page."""
    page(path).wait_for_function("(title) => document.title === title", arg=TITLES[path])


@pytest.mark.parametrize("path", ["/alerts", "/alerts?show=routing", "/system", "/dashboards/cost"])
def test_nothing_scrolls_sideways_on_a_phone(page: Page, path: str) -> None:
    """The page and its tabs fit 360 px, and a chart has room beside its legend."""
    shown = page(path, viewport={"width": 360, "height": 740})
    at_rest(shown)
    wide = "[...document.querySelectorAll('main, main [role=radiogroup], main [class*=parts]')].filter((one) => one.scrollWidth > one.clientWidth + 1).length"
    assert shown.evaluate(wide) == 0
    plots = shown.locator("section figure [role=slider]:not([hidden])").evaluate_all("(all) => all.map((one) => one.clientHeight)")
    assert all(height >= 80 for height in plots)


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
    open_palette(shown)
    shown.keyboard.type("trac")
    shown.keyboard.press("Enter")
    shown.wait_for_url("**/traces")
    open_palette(shown)
    shown.keyboard.type("0123456789abcdef0123456789abcdef")
    shown.get_by_role("option", name="Open trace").wait_for()


def test_what_is_typed_while_the_palette_opens_goes_into_it(page: Page) -> None:
    """Nobody who knows the keys waits for it."""
    shown = page("/start")
    shown.get_by_text("Listening.").wait_for()
    shown.keyboard.press("Control+k")  # it has to be loaded once
    shown.get_by_role("dialog").get_by_role("combobox").wait_for()
    shown.keyboard.press("Escape")
    shown.get_by_role("dialog").wait_for(state="detached")
    shown.keyboard.press("Control+k")
    shown.keyboard.type("sessions")
    shown.get_by_role("option", name="Search traces for sessions").wait_for()
    assert shown.get_by_role("dialog").get_by_role("combobox").input_value() == "sessions"


def test_the_palette_finds_agents_and_searches_traces(page: Page) -> None:
    """What is no page may be an agent; whatever is typed can be searched for."""
    shown = page("/start", own=True)  # it offers what was opened lately, too
    shown.get_by_text("Listening.").wait_for()
    open_palette(shown)
    shown.keyboard.type("front de")
    shown.get_by_role("option", name="front desk").wait_for()
    shown.keyboard.press("Enter")
    shown.wait_for_url("**/agents/front%20desk")
    open_palette(shown)
    shown.keyboard.type("lost parcel")
    shown.get_by_role("option", name='Search traces for "lost parcel"').click()
    shown.wait_for_url("**/traces?query=*")
    assert shown.get_by_label("Search text").input_value() == '"lost parcel"'


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
    """Below the navigation, and leads back."""
    shown = page("/no/such/page")
    shown.get_by_text("There is no such page").wait_for()
    shown.get_by_role("navigation", name="Pages").wait_for()
    shown.get_by_role("link", name="Go to traces").click()
    shown.wait_for_url("**/traces")


def test_an_embedded_page_has_no_chrome(page: Page) -> None:
    """Only what it shows."""
    shown = page("/embed/traces")
    shown.locator("a[data-row]").first.wait_for()
    assert shown.get_by_role("navigation").count() == 0


def test_the_skip_link_is_first(page: Page) -> None:
    """One Tab, one Enter, and the page has the focus."""
    shown = page("/start", own=True)
    shown.get_by_text("Listening.").wait_for()
    shown.keyboard.press("Tab")
    shown.keyboard.press("Enter")
    assert shown.evaluate("document.activeElement.id") == "main"


def test_the_api_describes_itself(page: Page) -> None:
    """From its own document, without anything of others."""
    shown = page("/docs?find=facets")
    shown.get_by_text("/api/v1/facets").first.click()
    shown.get_by_role("rowheader", name="query").wait_for()
