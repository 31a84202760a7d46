"""The list of traces: found, sorted, shared by its address, walked by keyboard."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from tests.browser.tab import visit

Page = Callable[..., Any]


def rows(page: Any) -> Any:
    return page.locator("a[data-row]")


def test_the_list_shows_traces_and_opens_one(page: Page) -> None:
    """A row leads to its trace, and Back to the list as it was."""
    shown = page("/traces")
    rows(shown).first.wait_for()
    address = rows(shown).first.get_attribute("href")
    rows(shown).first.click()
    shown.wait_for_url(f"**{address}")
    shown.go_back()
    rows(shown).first.wait_for()


def test_the_list_is_asked_for_once_and_with_the_page(page: Page) -> None:
    """Before any script is there, as the page's own head says; the app takes that answer and asks for no other."""
    shown = page("/traces", own=True)
    rows(shown).first.wait_for()
    asked = "performance.getEntriesByType('resource').filter((one) => one.name.includes('/api/v1/traces?')).map((one) => one.initiatorType)"
    assert shown.evaluate(asked) == ["link"]


def test_a_deep_link_is_the_whole_state(page: Page) -> None:
    """Search, order, columns and range come from the address, and stay when one goes on."""
    shown = page("/traces?query=is:error&sort=cost&columns=name,cost&from=-1h")
    rows(shown).first.wait_for()
    assert shown.get_by_label("Search text").input_value() == "is:error"
    assert shown.get_by_role("columnheader").all_inner_texts() == ["Name", "Cost"]
    assert shown.get_by_role("columnheader", name="Cost").get_attribute("aria-sort") == "descending"
    shown.get_by_role("button", name="Time range: Last hour").wait_for()
    shown.get_by_role("link", name="Connect").click()
    shown.wait_for_url("**/start?*from=-1h*")


def test_a_mistake_is_shown_at_its_place(page: Page) -> None:
    """With the server's words; what was asked stays to be mended."""
    shown = page("/traces", refusals=(400,))
    rows(shown).first.wait_for()
    bar = shown.get_by_label("Search text")
    bar.fill("is:error knd:llm")
    bar.press("Enter")
    shown.get_by_role("alert").get_by_text("did you mean").wait_for()
    assert shown.get_by_role("alert").locator("mark").inner_text() == "knd"


def test_rows_are_walked_by_keyboard(page: Page) -> None:
    """j and k from anywhere, Enter opens."""
    shown = page("/traces")
    rows(shown).first.wait_for()
    for key in ("j", "j", "j", "k"):
        shown.keyboard.press(key)
    shown.locator("a[data-row='1']:focus").wait_for()
    address = rows(shown).nth(1).get_attribute("href")
    shown.keyboard.press("Enter")
    shown.wait_for_url(f"**{address}")


def test_the_end_of_the_list_brings_more(page: Page) -> None:
    """A page at a time, and only rows in sight are drawn."""
    shown = page("/traces")
    rows(shown).first.wait_for()
    with shown.expect_response(lambda answer: "cursor=" in answer.url):
        rows(shown).first.focus()
        shown.keyboard.press("End")
    assert rows(shown).count() < 80


def test_it_fits_a_phone(page: Page) -> None:
    """Nothing sticks out at 360 px, and the navigation is behind its button."""
    shown = page("/traces", viewport={"width": 360, "height": 740})
    rows(shown).first.wait_for()
    assert shown.evaluate("document.documentElement.scrollWidth") == 360
    shown.get_by_role("button", name="Open the navigation").click()
    shown.get_by_role("dialog").get_by_role("link", name="Connect").click()
    shown.wait_for_url("**/start")
    assert shown.evaluate("document.querySelector('main').scrollWidth") == 360


def test_facets_and_search_text_are_one_state(page: Page) -> None:
    """A click on a value writes the search, another one takes it out again; what the text says is marked beside it."""
    shown = page("/traces?query=duration>1ms")
    kinds = shown.get_by_role("list", name="Kind", exact=True)
    kinds.get_by_role("button", name="tool").first.click()
    bar = shown.get_by_label("Search text")
    shown.wait_for_function("document.querySelector('[aria-label=\"Search text\"]').value === 'duration>1ms kind:tool'")
    kinds.get_by_role("button", name="tool", pressed=True).wait_for()
    bar.fill("-kind:tool")
    bar.press("Enter")
    kinds.get_by_role("button", name="Without tool", pressed=True, include_hidden=True).wait_for(state="attached")


def test_two_quick_clicks_on_facets_both_count(page: Page) -> None:
    """The second comes before the page has drawn the first."""
    shown = page("/traces")
    shown.get_by_role("list", name="Kind").get_by_role("button", name="tool").first.wait_for()
    shown.get_by_role("list", name="Kind").evaluate("""(list) => {
      const buttons = [...list.querySelectorAll("button[aria-pressed]:not([aria-label])")];
      for (const kind of ["llm", "tool"]) buttons.find((one) => one.title.startsWith(`${kind}:`)).click();
    }""")
    shown.wait_for_url("**query=kind:llm,tool*")


def test_what_a_facet_leaves_out_keeps_the_focus(page: Page) -> None:
    """A second press takes it back."""
    shown = page("/traces")
    without = shown.get_by_role("list", name="Kind").get_by_role("button", name="Without tool")
    without.focus()
    shown.keyboard.press("Enter")
    shown.wait_for_url("**query=-kind:tool*")
    shown.locator("button[aria-label='Without tool'][aria-pressed=true]:focus").wait_for()
    shown.keyboard.press("Enter")
    shown.wait_for_url(lambda address: "query" not in address)


def test_the_search_is_completed(page: Page) -> None:
    """Observed values are offered while one types, taken by keys, and put in quotes where they need them."""
    shown = page("/traces")
    rows(shown).first.wait_for()
    shown.keyboard.press("/")
    shown.keyboard.type("agent:fro")
    shown.get_by_role("option", name="front desk").wait_for()
    shown.keyboard.press("ArrowDown")
    shown.keyboard.press("Enter")
    assert shown.get_by_label("Search text").input_value() == 'agent:"front desk" '
    shown.keyboard.press("Enter")
    shown.wait_for_url("**query=agent:*")


def test_rows_are_selected_by_keyboard(page: Page) -> None:
    """x and Shift with arrows; two can be compared, and all that match be taken."""
    shown = page("/traces")
    rows(shown).first.wait_for()
    for key in ("j", "x", "Shift+ArrowDown"):
        shown.keyboard.press(key)
    told = shown.get_by_role("toolbar", name="What was selected")
    told.get_by_text("2 traces").wait_for()
    assert "a=" in (told.get_by_role("link", name="Compare").get_attribute("href") or "")
    told.get_by_role("button", name="that match").wait_for()  # how many is known a little later
    for key in (".", "Enter"):
        shown.keyboard.press(key)
    told.get_by_role("status").get_by_text("that match").wait_for()
    shown.keyboard.press("Enter")
    told.get_by_role("status").get_by_text(re.compile(r"^\d+ traces$")).wait_for()
    shown.keyboard.press("Escape")
    told.wait_for(state="hidden")
    shown.locator("a[data-row]:focus").wait_for()


def test_what_was_selected_is_exported(page: Page) -> None:
    """As a file, by the browser itself."""
    shown = page("/traces")
    rows(shown).first.wait_for()
    shown.get_by_role("checkbox").nth(1).check()
    shown.get_by_role("button", name="Export").click()
    with shown.expect_download() as download:
        shown.get_by_role("menuitem", name="OTLP JSON").click()
    assert download.value.suggested_filename == "spyglass-default-spans.jsonl"
    assert "resourceSpans" in download.value.path().read_text()


def test_a_pulse_zooms_by_keyboard(page: Page) -> None:
    """Arrows tell a bar, Enter makes its time the range of the page."""
    shown = page("/traces?from=-1h")
    rows(shown).first.wait_for()
    strip = shown.locator("[role=slider][aria-label^='Spans over time']:not([aria-valuemax='0'])")  # its bars may come after the list
    strip.focus()
    for key in ("End", "Shift+ArrowLeft", "Enter"):
        shown.keyboard.press(key)
    shown.wait_for_url("**to=*")


def test_a_view_is_saved_applied_renamed_and_deleted(page: Page) -> None:
    """It keeps what the address says."""
    shown = page("/traces?query=is:error&sort=cost")
    rows(shown).first.wait_for()
    shown.get_by_role("button", name="Views").click()
    shown.get_by_role("menuitem", name="Save this view").click()
    shown.get_by_role("dialog").wait_for()
    shown.keyboard.press("Escape")
    shown.locator("button:focus", has_text="Views").wait_for()  # not the item of the menu, which is gone
    shown.keyboard.press("Enter")
    shown.get_by_role("menuitem", name="Save this view").click()
    shown.get_by_role("textbox", name="Name").fill("Dear mistakes")
    shown.get_by_role("button", name="Save", exact=True).click()
    shown.get_by_role("dialog").wait_for(state="hidden")
    visit(shown, "/traces")
    shown.get_by_role("button", name="Views").click()
    shown.get_by_role("menuitem", name="Dear mistakes").click()
    shown.wait_for_url("**/traces?*sort=cost*")
    shown.get_by_role("button", name="Views").click()
    shown.get_by_role("button", name="Rename Dear mistakes").click()
    shown.get_by_role("textbox", name="Name").fill("Mistakes")
    shown.get_by_role("button", name="Save", exact=True).click()
    shown.get_by_role("dialog").wait_for(state="hidden")
    shown.get_by_role("button", name="Views").click()
    shown.get_by_role("button", name="Delete Mistakes").click()
    shown.get_by_role("button", name="Delete", exact=True).click()
    shown.get_by_role("dialog").wait_for(state="hidden")


def test_widths_and_order_of_columns_are_in_the_address(page: Page) -> None:
    """Moved by keys in the menu of columns."""
    shown = page("/traces?columns=name,cost&widths=cost:200")
    rows(shown).first.wait_for()
    assert (shown.get_by_role("columnheader", name="Cost").bounding_box() or {})["width"] == 200
    shown.get_by_role("button", name="Columns").click()
    shown.get_by_role("menuitemcheckbox", name="Cost").press("ArrowLeft")
    shown.wait_for_url("**columns=cost,name*")


def test_the_list_is_charted_in_place(page: Page) -> None:
    """By agent, from a link."""
    shown = page("/traces?chart=cost&by=agent")
    chart = shown.get_by_role("figure", name="Cost by agent")
    chart.get_by_role("button", pressed=True).first.wait_for()


def test_a_phone_has_selection_columns_and_order(page: Page) -> None:
    """Boxes beside the cards, and a menu for what heads of columns do elsewhere."""
    shown = page("/traces", viewport={"width": 390, "height": 844})
    rows(shown).first.wait_for()
    shown.get_by_role("checkbox", name=re.compile("^Select ")).first.check()
    shown.get_by_role("toolbar", name="What was selected").get_by_text("1 trace", exact=True).wait_for()
    shown.get_by_role("button", name="Columns").click()
    shown.get_by_role("menuitemcheckbox", name="Cost").first.click()
    shown.wait_for_url("**sort=cost*")
    shown.get_by_role("menuitemcheckbox", name="Model").click()
    shown.wait_for_url("**columns=*model*")
    assert shown.evaluate("document.documentElement.scrollWidth") == 390


def test_a_trace_whose_root_tells_nothing_shows_what_was_asked(page: Page, fed: Any) -> None:
    """The first message of a user stands where the root's input would."""
    items = fed.get("/api/v1/traces", query="kind:llm", limit=20).json()["items"]
    silent = [one["trace_id"] for one in items if not one["input"]]
    told = fed.get("/api/v1/traces/openings", trace_id=silent).json()["items"]
    assert told
    shown = page("/traces?query=kind:llm")
    shown.get_by_title(told[0]["text"], exact=True).first.wait_for()


def test_a_head_sorts_and_again_turns_it_round(page: Page) -> None:
    """By a click or by keyboard, told to those who do not see it, and kept in the address; Back undoes it."""
    shown = page("/traces?columns=name,duration,calls")
    rows(shown).first.wait_for()
    head = shown.get_by_role("columnheader", name="Duration")
    head.get_by_role("button", name="Duration", exact=True).click()
    shown.wait_for_url("**sort=duration*")
    longest = rows(shown).first.get_attribute("href")
    assert head.get_attribute("aria-sort") == "descending"
    shown.keyboard.press("Enter")
    shown.wait_for_url("**order=asc*")
    shown.locator("[role=columnheader][aria-sort=ascending]").get_by_text("Duration").wait_for()
    shown.wait_for_function("longest => document.querySelector('a[data-row]')?.getAttribute('href') !== longest", arg=longest)
    shown.get_by_role("columnheader", name="Name").get_by_role("button", name="Name", exact=True).click()
    shown.locator("[role=columnheader][aria-sort=ascending]").get_by_text("Name").wait_for()
    shown.go_back()
    shown.wait_for_url("**sort=duration*order=asc*")
