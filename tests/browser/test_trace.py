"""One trace: its views, the chosen span beside them, and a tree of 20,000 spans."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import httpx
import pytest

Page = Callable[..., Any]
MANY = 20_000
BIG = "ab" * 16
STEP_NS = 10**6
HOSTILE = "<img src=x onerror=alert(1)>"


@pytest.fixture(scope="module")
def failing(fed: Any) -> str:
    """The address of a trace of the demo that has failed spans."""
    items = fed.get("/api/v1/traces", query="is:error", limit=50).json()["items"]
    return f"/traces/{max(items, key=lambda one: one['spans'])['trace_id']}"


@pytest.fixture(scope="module")
def big(fed: Any) -> str:
    """The address of a made trace: 20,000 spans, the last of them failed and named like an attack."""
    for first in range(0, MANY, 5000):
        spans = [_span(number, time.time_ns() - 60 * 10**9) for number in range(first + 1, first + 5001)]
        resource = {"attributes": [{"key": "service.name", "value": {"stringValue": "maker"}}]}
        body = {"resourceSpans": [{"resource": resource, "scopeSpans": [{"spans": spans}]}]}
        httpx.post(f"{fed.endpoint}/v1/traces", json=body, timeout=60).raise_for_status()
    fed.settled()
    return f"/traces/{BIG}?view=tree"


def _span(number: int, begin_ns: int) -> dict[str, Any]:
    parent = 0 if number == 1 else 1 if number % 10 == 2 else number - number % 10 + 2 if number % 10 > 2 else 1
    start = begin_ns + number * STEP_NS
    return {
        "traceId": BIG,
        "spanId": f"{number:016x}",
        "parentSpanId": f"{parent:016x}" if parent else "",
        "name": HOSTILE if number == MANY else f"span {number}",
        "kind": 1,
        "startTimeUnixNano": str(start),
        "endTimeUnixNano": str(start + (MANY * STEP_NS if number == 1 else STEP_NS)),
        "status": {"code": 2} if number == MANY else {},
    }


def rows(page: Any) -> Any:
    return page.get_by_role("treeitem")


def test_the_tree_tells_and_opens_a_span(page: Page, failing: str) -> None:
    """A click chooses a span; the address holds it, and Back takes it back."""
    shown = page(f"{failing}?view=tree")
    rows(shown).nth(1).click()
    shown.wait_for_url("**span=*")
    shown.get_by_role("complementary", name="Span").get_by_text("Self time").wait_for()
    assert rows(shown).nth(1).get_attribute("aria-selected") == "true"
    shown.go_back()
    shown.get_by_role("complementary", name="Span").wait_for(state="detached")


def test_a_link_to_a_span_opens_every_view_of_it(page: Page, fed: Any, failing: str) -> None:
    """One choice for all views, none of which says a word in the console."""
    span = fed.get(f"/api/v1{failing}/outline").json()["span_id"][-1]
    shown = page(f"{failing}?view=tree&span={span}")
    panel = shown.get_by_role("complementary", name="Span")
    for view in ("Flame", "Graph", "Raw", "Tree"):
        shown.get_by_role("radiogroup", name="View").get_by_text(view).click()
        shown.wait_for_url(f"**view={view.lower()}*span={span}*")
        panel.get_by_text("Self time").wait_for()
    for tab in ("Attributes", "Raw"):
        panel.get_by_role("tab", name=tab).click()
        panel.get_by_role("tabpanel").or_(panel.locator("pre, section").first).first.wait_for()


def test_keys_walk_fold_and_step_to_errors(page: Page, failing: str) -> None:
    """j and k walk, arrows fold, ] leads to the next error, f to the search."""
    shown = page(f"{failing}?view=tree")
    rows(shown).first.wait_for()
    whole = rows(shown).count()
    shown.keyboard.press("j")
    shown.locator("[role=treeitem][aria-selected=true]").wait_for()
    shown.keyboard.press("ArrowLeft")
    shown.locator("[role=treeitem][aria-expanded=false]").wait_for()
    assert rows(shown).count() < whole
    shown.keyboard.press("]")
    shown.locator("[role=treeitem][aria-selected=true][aria-label$='error']").wait_for()
    shown.keyboard.press("f")
    shown.keyboard.type("guardrail")
    shown.get_by_role("search").get_by_text("found").wait_for()


def test_twenty_thousand_spans_open_and_scroll(page: Page, big: str) -> None:
    """The whole tree is there, few rows are drawn, the end is a key away, and names are only text."""
    shown = page(big)
    rows(shown).first.wait_for()
    tree = shown.get_by_role("tree")
    assert tree.evaluate("tree => tree.scrollHeight") > MANY * 20
    for share in (0.2, 0.5, 0.9):
        tree.evaluate("(tree, share) => { tree.scrollTop = tree.scrollHeight * share }", share)
        rows(shown).nth(20).wait_for()
        assert rows(shown).count() < 100
    shown.keyboard.press("]")
    shown.locator("[role=treeitem][aria-selected=true]").get_by_text(HOSTILE).wait_for()
    shown.get_by_role("complementary", name="Span").get_by_role("heading", name=HOSTILE).wait_for()


def test_the_flame_graph_of_many_spans_is_walked_by_arrows(page: Page, big: str) -> None:
    """From the root to its longest child, and back."""
    shown = page(f"{big.replace('tree', 'flame')}&span={1:016x}")
    shown.locator("canvas").wait_for()
    shown.keyboard.press("ArrowDown")
    shown.wait_for_function("!location.search.includes('span=0000000000000001')")
    shown.keyboard.press("ArrowUp")
    shown.wait_for_function("location.search.includes('span=0000000000000001')")


def test_it_fits_a_phone(page: Page, failing: str) -> None:
    """Nothing sticks out at 360 px; the span is a drawer."""
    shown = page(f"{failing}?view=tree", viewport={"width": 360, "height": 740})
    rows(shown).nth(1).click()
    shown.get_by_role("dialog").get_by_text("Self time").wait_for()
    assert shown.evaluate("document.documentElement.scrollWidth") == 360
    shown.get_by_role("dialog").get_by_role("button", name="Close the span").click()
    shown.get_by_role("dialog").wait_for(state="detached")
