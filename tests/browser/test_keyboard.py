"""Every page by keyboard alone: reached, walked, and left again with the focus where it was."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest

Page = Callable[..., Any]

PAGES = {
    "g t": ("/traces", "Traces"),
    "g s": ("/sessions", "Sessions"),
    "g l": ("/live", "Live"),
    "g e": ("/logs", "Events"),
    "g x": ("/explore/metrics", "Metrics"),
    "g b": ("/dashboards", "Dashboards"),
    "g a": ("/agents", "Agents"),
    "g o": ("/tools", "Tools"),
    "g m": ("/models", "Models"),
    "g y": ("/system", "System"),
    "g q": ("/sql", "SQL"),
    "g c": ("/start", "Connect"),
    "g p": ("/docs", "API"),
}
FOCUSED = "(() => { const one = document.activeElement; return one.getAttribute('aria-label') || one.textContent || one.id; })()"
# What shows where the focus is: an outline, a ring, or a border of another colour.
VISIBLE = """(() => {
  const one = document.activeElement, look = getComputedStyle(one);
  if (one === document.body) return true;
  return look.outlineStyle !== 'none' || look.boxShadow !== 'none' || one.closest(':focus-within') !== null && look.borderColor !== 'rgba(0, 0, 0, 0)';
})()"""


def press(page: Any, keys: str) -> None:
    for key in keys.split():
        page.keyboard.press(key)


def test_every_page_is_reached_by_its_keys(page: Page) -> None:
    """One after the other, each with its heading."""
    shown = page("/start")
    shown.get_by_text("Listening.").wait_for()
    for keys, (path, heading) in PAGES.items():
        press(shown, keys)
        shown.wait_for_url(f"**{path}*")
        shown.get_by_role("heading", name=heading, exact=True).first.wait_for()


@pytest.mark.parametrize("path", ["/live", "/logs", "/logs?show=patterns", "/agents", "/agents/front%20desk", "/models", "/system", "/dashboards/overview"])
def test_tab_goes_through_a_page_and_always_shows_where(page: Page, path: str) -> None:
    """Nothing holds the focus, and nothing that has it looks as if it had not."""
    shown = page(path)
    shown.get_by_role("heading").first.wait_for()
    shown.get_by_role("navigation").first.wait_for()
    seen = []
    for _ in range(40):
        shown.keyboard.press("Tab")
        assert shown.evaluate(VISIBLE), shown.evaluate(FOCUSED)
        seen.append(shown.evaluate(FOCUSED))
    assert len(set(seen)) > 15


def test_what_opens_gives_the_focus_back(page: Page) -> None:
    """The palette, the list of keys, and a menu."""
    shown = page("/agents")
    shown.locator("a[data-row]").first.wait_for()
    press(shown, "j j")
    row = shown.evaluate("document.activeElement.dataset.row")
    assert row == "1"
    for opens in ("Control+k", "?"):
        shown.keyboard.press(opens)
        shown.get_by_role("dialog").wait_for()
        shown.keyboard.press("Escape")
        shown.get_by_role("dialog").wait_for(state="hidden")
        shown.locator("a[data-row='1']:focus").wait_for()
    button = shown.get_by_role("button", name="Light or dark")
    button.focus()
    shown.keyboard.press("Enter")
    shown.get_by_role("menuitem", name="Light").wait_for()
    shown.keyboard.press("Escape")
    shown.locator("button[aria-label='Light or dark']:focus").wait_for()


def test_agents_are_listed_drawn_and_opened(page: Page) -> None:
    """A row by Enter, the graph by v, a node of it by Enter."""
    shown = page("/agents")
    shown.locator("a[data-row]").first.wait_for()
    press(shown, "v")
    node = shown.get_by_label("Agent orders desk,")
    node.wait_for()
    shown.keyboard.press("Tab")
    node.focus()
    assert node.evaluate("(one) => getComputedStyle(one).outlineStyle") == "solid"
    shown.keyboard.press("Enter")
    shown.wait_for_url("**/agents/orders*")
    shown.go_back()
    node.wait_for()
    press(shown, "v")
    shown.locator("a[data-row]").first.wait_for()
    press(shown, "j Enter")
    shown.wait_for_url("**/agents/*")


def test_events_are_filtered_walked_and_grouped(page: Page) -> None:
    """A facet, rows, patterns, and back from a pattern to its events."""
    shown = page("/logs")
    shown.locator("button[data-row]").first.wait_for()
    facet = shown.get_by_role("list", name="Severity").get_by_role("button", name="error").first
    facet.focus()
    shown.keyboard.press("Enter")
    shown.wait_for_url("**query=severity:error*")
    press(shown, "v")
    shown.wait_for_url("**show=patterns*")
    pattern = shown.get_by_role("table", name="Patterns").get_by_role("button").first
    pattern.focus()
    shown.keyboard.press("Enter")
    shown.wait_for_url(lambda address: "show=patterns" not in address)
    shown.locator("[aria-busy=false] button[data-row]").first.wait_for()
    press(shown, "j Enter")
    shown.locator("button[data-row='0'][aria-expanded=true]").wait_for()


def test_a_button_that_waits_keeps_the_focus(page: Page) -> None:
    """And does nothing until the answer is there."""
    shown = page("/sql")
    held: list[Any] = []
    shown.route(re.compile(r"/api/v1/sql\?"), lambda route: held.append(route))  # noqa: PLW0108  Playwright writes to what it is handed
    run = shown.get_by_role("button", name="Run")
    run.focus()
    press(shown, "Enter")
    shown.locator("button[aria-busy=true]:focus").wait_for()
    press(shown, "Enter")
    shown.evaluate("() => new Promise(requestAnimationFrame)")  # what was asked until now is heard of by then
    assert len(held) == 1
    held[0].continue_()
    shown.locator("button:not([aria-busy]):focus").get_by_text("Run").wait_for()


def test_tabs_and_choices_go_by_arrows(page: Page) -> None:
    """As radio buttons do."""
    shown = page("/live")
    shown.get_by_role("radio", name="All").focus()
    shown.keyboard.press("ArrowRight")
    shown.wait_for_url("**kind=span*")
    shown.keyboard.press("p")
    shown.get_by_text("Paused").wait_for()


def test_a_span_opened_by_keys_gives_the_focus_back(page: Page, fed: Any) -> None:
    """Walking leaves the focus in the tree; what closes the panel from within it leads back there."""
    trace = fed.get("/api/v1/traces", query="kind:llm", limit=1).json()["items"][0]["trace_id"]
    shown = page(f"/traces/{trace}?view=tree")
    shown.get_by_role("treeitem").first.wait_for()
    press(shown, "j j")
    tree = shown.locator("[role=tree]:focus")
    tree.wait_for()
    shown.get_by_role("button", name="Close the span").focus()
    shown.keyboard.press("Enter")
    tree.wait_for()
