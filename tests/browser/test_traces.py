"""The list of traces: found, sorted, shared by its address, walked by keyboard."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

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
