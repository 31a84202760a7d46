"""Slow and broken connections: a page says what is wrong in words, keeps what it has, and goes on when it can."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from tests.browser.tab import EMPTY, at_rest, visit

Page = Callable[..., Any]

PAGES = [
    *("/traces", "/sessions", "/live", "/agents", "/agents/front%20desk", "/tools", "/models", "/compare", "/logs", "/logs?show=patterns"),
    *("/system", "/explore/metrics", "/dashboards", "/dashboards/overview", "/sql", "/embed/dashboards/cost", "/alerts", "/security"),
]
EARLY = {"/traces"}  # asks before the app is there
# What may only be said by who was answered.
NOTHING = re.compile(r"Nothing (in this time|is open|to choose|stands out)|No \w+ (was|has|of its own)|There is no such|It works alone|tells neither")
# A page, and a part of it that only an answer brings.
ANSWERED = {"/agents": "a[data-row]", "/embed/dashboards/overview": "section[aria-label=Spans] [class*=number][title]"}
# A page, and what of it must stay when it is asked for again in vain.
KEPT = {
    "/agents": "a[data-row]",
    "/traces": "a[data-row]",
    "/logs?show=patterns": "table[aria-label=Patterns] tbody tr",
    "/logs": "[aria-label='Events by severity'] canvas",
    "/dashboards/overview": "section[aria-label=Spans]:not(:has-text('–'))",
    "/dashboards/cost": "section[aria-label='Dearest sessions'] [role=rowgroup] [role=row]",
}
BROKEN: dict[str, dict[str, Any]] = {
    "not JSON": {"status": 200, "content_type": "application/json", "body": '{"items": [{"agent": "fro'},
    "a proxy's page": {"status": 502, "content_type": "text/html", "body": "<html><h1>Bad Gateway</h1></html>"},
    "busy": {
        "status": 503,
        "content_type": "application/problem+json",
        "body": '{"status":503,"code":"refused","title":"refused","detail":"too busy just now"}',
    },
}


@pytest.mark.parametrize("path", PAGES)
def test_a_server_that_is_away_is_told(page: Page, path: str) -> None:
    """Instead of what cannot be shown, with a button that asks again; nothing is thrown, and not that there is nothing."""
    shown = page("about:blank" if path in EARLY else EMPTY, refusals=("net::ERR_FAILED",))
    shown.route("**/api/v1/**", lambda route: route.abort())
    if path in EARLY:
        shown.goto(path)
    else:
        visit(shown, path)
    shown.get_by_role("alert").first.wait_for()
    shown.get_by_text("cannot be reached").first.wait_for()
    shown.get_by_role("button", name="Try again").first.wait_for()
    assert shown.get_by_text(NOTHING).all_inner_texts() == []


@pytest.mark.parametrize("path", ANSWERED)
def test_a_server_that_hangs_is_told_and_waited_for(page: Page, path: str) -> None:
    """What it never answered is not waited for once it answers again: the page asks anew by itself."""
    shown = page("about:blank")
    shown.clock.install()
    held: list[Any] = []
    for asked in ("**/api/v1/**", "**/health"):
        shown.route(asked, lambda route: held.append(route))  # noqa: PLW0108  Playwright looks into the function
    shown.goto(path)
    told = shown.get_by_text("does not answer")
    for _ in range(600):  # the page's code comes in real time, its patience ends in its own
        if told.count():
            break
        shown.clock.run_for(1000)
        shown.evaluate("fetch('/').then((answer) => answer.text())")
    told.wait_for()
    assert shown.get_by_text(NOTHING).count() == 0
    shown.unroute_all()
    shown.clock.resume()
    shown.locator(ANSWERED[path]).first.wait_for()
    told.wait_for(state="hidden")


@pytest.mark.parametrize("broken", BROKEN)
def test_an_answer_that_is_broken_is_told_and_tried_again(page: Page, broken: str) -> None:
    """In words; one click asks again, and the page is whole."""
    shown = page(EMPTY, refusals=(502, 503))
    shown.route("**/api/v1/agents?**", lambda route: route.fulfill(**BROKEN[broken]))
    visit(shown, "/agents")
    shown.get_by_role("alert").first.wait_for()
    shown.unroute("**/api/v1/agents?**")
    shown.get_by_role("button", name="Try again").first.click()
    shown.locator("a[data-row]").first.wait_for()


@pytest.mark.parametrize("path", KEPT)
def test_a_refresh_that_fails_keeps_what_is_shown(page: Page, path: str) -> None:
    """With a word beside it."""
    shown = page(path, refusals=("net::ERR_FAILED",))
    shown.locator(KEPT[path]).first.wait_for()
    at_rest(shown)
    shown.route("**/api/v1/**", lambda route: route.abort())
    shown.keyboard.press("r")
    shown.get_by_role("alert").first.wait_for()
    assert shown.locator(KEPT[path]).count() > 0


def test_another_range_that_cannot_be_had_does_not_show_the_one_before(page: Page) -> None:
    """What was asked for before is not shown as the answer to what is asked."""
    shown = page("/dashboards/overview", refusals=("net::ERR_FAILED",))
    figure = shown.get_by_role("region", name="Spans", exact=True)
    figure.locator("[class*=number][title]").wait_for()
    shown.route("**/api/v1/**", lambda route: route.abort())
    shown.keyboard.type("t5")
    shown.wait_for_url("**from=-7d*")
    figure.get_by_role("alert").wait_for()
    assert figure.locator("[class*=number]").count() == 0


def test_a_slow_connection_shows_its_frame_at_once(page: Page) -> None:
    """400 kbit/s and half a second of delay: the page is there before its figures, and they come."""
    shown = page("/docs", own=True)
    shown.get_by_role("heading", name="API", exact=True).first.wait_for()
    slow = shown.context.new_cdp_session(shown)
    slow.send("Network.emulateNetworkConditions", {"offline": False, "latency": 500, "downloadThroughput": 50_000, "uploadThroughput": 50_000})
    shown.keyboard.type("ga")
    shown.get_by_role("heading", name="Agents").wait_for()
    shown.locator("a[data-row]").first.wait_for()


def test_a_page_opened_while_the_server_is_away_comes_when_it_is_back(page: Page) -> None:
    """Its code is asked for again, styles too; meanwhile every page says what is wrong, and what is shown is asked for anew."""
    shown = page("/traces", refusals=("net::ERR_FAILED",), own=True)
    shown.locator("a[data-row]").first.wait_for()
    at_rest(shown)
    shown.route("**/*", lambda route: route.abort())
    shown.keyboard.type("gz")
    shown.get_by_text("it goes on by itself").wait_for()
    assert shown.url.endswith("/analyzers")
    shown.unroute("**/*")
    shown.get_by_text("aggregation", exact=True).first.wait_for()
    shown.get_by_text("it goes on by itself").wait_for(state="hidden")
    sheets = "[...document.querySelectorAll('link[rel=stylesheet]')].filter((one) => !one.sheet).length"
    assert shown.evaluate(sheets) == 0


def test_a_refresh_waits_for_an_answer_that_is_on_its_way(page: Page) -> None:
    """Where an answer takes longer than the refreshing by itself, it comes in the end, and is asked for once."""
    shown = page("about:blank")
    shown.clock.install()
    shown.goto("/agents?refresh=10")
    shown.locator("a[data-row]").first.wait_for()
    held: list[Any] = []
    shown.route("**/api/v1/agents?**", lambda route: held.append(route))  # noqa: PLW0108  Playwright looks into the function
    with shown.expect_request("**/api/v1/agents?**"):
        for _ in range(11):
            shown.clock.run_for(1000)
            shown.evaluate("fetch('/health').then((answer) => answer.text())")
    for _ in range(32):  # in small steps, so that what the page asks besides is answered in its time
        shown.clock.run_for(1000)
        shown.evaluate("fetch('/health').then((answer) => answer.text())")
    assert len(held) == 1
    with shown.expect_response("**/api/v1/agents?**"):
        held[0].continue_()
