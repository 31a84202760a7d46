"""A slow connection, and one that breaks: something to see at all times, and a way on."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from tests.browser.tab import EMPTY, visit

Page = Callable[..., Any]
SLOW = {"offline": False, "latency": 250, "downloadThroughput": 80_000, "uploadThroughput": 80_000}
BLANK = "!document.body || (!document.body.innerText.trim() && !document.querySelector('[class*=bone], .boot'))"


@pytest.fixture(scope="module")
def trace(fed: Any) -> str:
    """The path of some trace with messages."""
    return f"/traces/{fed.get('/api/v1/traces', query='kind:llm', limit=1).json()['items'][0]['trace_id']}"


@pytest.mark.parametrize("view", ["tree", "transcript"])
def test_a_slow_connection_shows_that_something_comes(page: Page, trace: str, view: str) -> None:
    """From the first paint on the page is never blank, with nothing cached; then the trace is there."""
    shown = page("about:blank")
    session = shown.context.new_cdp_session(shown)
    session.send("Network.enable")
    session.send("Network.emulateNetworkConditions", SLOW)
    shown.goto(f"{trace}?view={view}", wait_until="commit")
    wanted = shown.get_by_role("treeitem") if view == "tree" else shown.get_by_role("list", name="Transcript").get_by_role("listitem")
    seen: list[bool] = []
    while wanted.count() == 0 and len(seen) < 400:
        if shown.evaluate("performance.getEntriesByType('paint').length > 0"):
            seen.append(shown.evaluate(BLANK))
        shown.wait_for_timeout(50)
    wanted.first.wait_for()
    assert len(seen) > 5
    assert not any(seen)


@pytest.mark.parametrize("path", ["/traces", "/sessions"])
def test_a_list_that_cannot_be_had_says_so_and_tries_again(page: Page, path: str) -> None:
    """The server's address does not answer: the reason, and a button that works when it does again."""
    shown = page("about:blank" if path == "/traces" else EMPTY, refusals=("net::ERR_FAILED",))  # the one is asked for before the app is there
    listed = f"**/api/v1{path}?*"
    shown.route(listed, lambda route: route.abort())
    if path == "/traces":
        shown.goto(path)
    else:
        visit(shown, path)
    shown.get_by_role("alert").get_by_text("cannot be reached").first.wait_for()
    shown.unroute(listed)
    shown.get_by_role("button", name="Try again").first.click()
    shown.get_by_role("row").nth(2).wait_for()


def test_a_trace_that_cannot_be_had_says_so_and_tries_again(page: Page, trace: str) -> None:
    """Also when the whole API is away."""
    shown = page("about:blank", refusals=("net::ERR_FAILED",))
    shown.route("**/api/v1/**", lambda route: route.abort())
    shown.goto(f"{trace}?view=tree")
    shown.get_by_text("cannot be reached").first.wait_for()
    shown.unroute("**/api/v1/**")
    shown.get_by_role("button", name="Try again").first.click()
    shown.get_by_role("treeitem").first.wait_for()


def test_a_view_whose_connection_breaks_keeps_what_it_has(page: Page, trace: str) -> None:
    """The tree stays; the panel of a span says that it cannot be had, and has it later."""
    shown = page(f"{trace}?view=tree", refusals=("net::ERR_FAILED",))
    shown.get_by_role("treeitem").first.wait_for()
    shown.route("**/api/v1/traces/*/spans/**", lambda route: route.abort())
    shown.get_by_role("treeitem").first.click()
    panel = shown.get_by_role("complementary", name="Span")
    panel.get_by_role("alert").wait_for()
    shown.unroute("**/api/v1/traces/*/spans/**")
    panel.get_by_role("button", name="Try again").click()
    panel.get_by_text("Self time").wait_for()
    assert shown.get_by_role("treeitem").count() > 0
