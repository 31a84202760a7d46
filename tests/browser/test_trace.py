"""One trace: its views, the chosen span beside them, and a tree of 100,000 spans."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from opentelemetry.proto.trace.v1.trace_pb2 import Span, Status
from tests.browser.tab import at_rest, visit
from tests.browser.telling import tell
from tests.flow.conftest import span, spans

Page = Callable[..., Any]
MANY = 100_000
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
    """The address of a made trace: 100,000 spans, the last of them failed and named like an attack."""
    begin = time.time_ns() - 60 * 10**9
    tell(fed, "default", *(spans(*(_span(number, begin) for number in range(first, first + 5000))) for first in range(1, MANY, 5000)))
    return f"/traces/{BIG}?view=tree"


def _span(number: int, begin_ns: int) -> Span:
    under = 0 if number == 1 else 1 if number % 10 == 2 else number - number % 10 + 2 if number % 10 > 2 else 1
    lasts = MANY * STEP_NS if number == 1 else STEP_NS
    name, trace = HOSTILE if number == MANY else f"span {number}", bytes.fromhex(BIG)
    made = span(name, trace=trace, number=number, under=under, start_ns=begin_ns + number * STEP_NS, duration_ns=lasts)
    if number == MANY:
        made.status.code = Status.STATUS_CODE_ERROR
    return made


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


def test_a_hundred_thousand_spans_open_and_scroll(page: Page, big: str) -> None:
    """The whole tree is there, few rows are drawn, the end is a key away, and names are only text."""
    shown = page(big)
    rows(shown).first.wait_for()
    tree = shown.get_by_role("tree")
    assert tree.evaluate("tree => tree.scrollHeight") > MANY * 20
    for share in (0.2, 0.5, 0.9):
        tree.evaluate("(tree, share) => { tree.scrollTop = tree.scrollHeight * share }", share)
        rows(shown).nth(20).wait_for()
        assert rows(shown).count() < 100
    tree.hover()
    for _ in range(20):
        shown.mouse.wheel(0, -700)
    rows(shown).nth(20).wait_for()
    assert rows(shown).count() < 100
    shown.keyboard.press("]")
    shown.locator("[role=treeitem][aria-selected=true]").get_by_text(HOSTILE).wait_for()
    shown.get_by_role("complementary", name="Span").get_by_role("heading", name=HOSTILE).wait_for()


def test_a_chosen_span_stays_in_sight_until_one_scrolls(page: Page, big: str) -> None:
    """A wheel that still turns when a key chooses a span does not carry it away; whoever scrolls then leaves it behind."""
    shown = page(f"{big}&span={77_777:016x}")
    chosen, tree = shown.locator("[role=treeitem][aria-selected=true]"), shown.get_by_role("tree")
    chosen.wait_for()
    scrolled = "new Promise(done => { tree.addEventListener('scrollend', () => done(), { once: true }); tree.scrollBy(0, -9000) })"
    tree.evaluate(f"tree => {scrolled}")  # as what is left of a wheel's way
    chosen.wait_for()
    tree.hover()
    shown.mouse.wheel(0, -9000)
    chosen.wait_for(state="detached")
    for _ in range(3):
        tree.evaluate("tree => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")
    assert chosen.count() == 0


def test_a_link_leads_to_a_span_deep_in_a_long_trace(page: Page, big: str) -> None:
    """It is chosen, in sight, and told; Back leads to where one came from, and forward to it again."""
    deep = 77_777
    shown = page("/traces")
    visit(shown, f"{big}&span={deep:016x}")
    chosen = shown.locator("[role=treeitem][aria-selected=true]")
    chosen.get_by_text(f"span {deep}", exact=True).wait_for()
    assert chosen.bounding_box()["y"] > 0
    shown.get_by_role("complementary", name="Span").get_by_role("heading", name=f"span {deep}").wait_for()
    shown.go_back()
    shown.wait_for_url("**/traces")
    shown.go_forward()
    chosen.get_by_text(f"span {deep}", exact=True).wait_for()


def test_zoom_and_width_of_the_panel_are_in_the_address(page: Page, failing: str) -> None:
    """Whoever gets the link sees the same part of the time beside a panel as wide."""
    shown = page(f"{failing}?view=tree")
    rows(shown).nth(1).click()
    shown.keyboard.press("+")
    shown.wait_for_url("**zoom=*")
    shown.get_by_role("separator", name="Width of the panel").press("ArrowLeft")
    shown.wait_for_url("**panel=484*")
    again = page(shown.url)
    assert again.get_by_role("complementary", name="Span").bounding_box()["width"] == 484
    again.get_by_role("tree").focus()
    again.keyboard.press("0")
    again.wait_for_function("!location.search.includes('zoom=')")


def test_a_trace_opens_in_sql(page: Page, failing: str) -> None:
    """The question is bound to the trace and its time, and answers."""
    shown = page(failing)
    shown.get_by_role("button", name="More actions").click()
    shown.get_by_role("menuitem", name="Open in SQL").click()
    shown.wait_for_function("location.pathname === '/sql'")
    assert failing.rsplit("/", 1)[1] in shown.url
    shown.get_by_role("main").get_by_text("invoke_").first.wait_for()


def test_each_run_of_an_agent_has_its_own_node(page: Page, failing: str) -> None:
    """The graph by runs has at least as many nodes as the one that puts runs together."""
    shown = page(f"{failing}?view=graph")
    nodes = shown.locator(".react-flow__node")
    nodes.first.wait_for()
    together = nodes.count()
    shown.get_by_text("Each run").click()
    shown.wait_for_url("**graph=runs*")
    shown.wait_for_function("least => document.querySelectorAll('.react-flow__node').length >= least", arg=together)


def test_the_sums_of_the_tree_are_those_of_the_trace(page: Page, fed: Any) -> None:
    """The root's line says the same tokens as the header, which every call enters once."""
    items = fed.get("/api/v1/traces", query="kind:llm", limit=50).json()["items"]
    trace = max(items, key=lambda one: one["input_tokens"])
    shown = page(f"/traces/{trace['trace_id']}?view=tree")
    total = f"{trace['input_tokens'] + trace['output_tokens']:,} tokens, with all below"
    rows(shown).first.get_by_title(total).wait_for()


def test_a_running_trace_tells_what_comes(page: Page, fed: Any) -> None:
    """Spans and messages that arrive later are shown without a click."""
    trace, begin = "cd" * 16, time.time_ns() - 10**9
    _tell(fed, trace, 1, 0, begin, "first question")
    shown = page(f"/traces/{trace}")
    shown.get_by_text("first question").first.wait_for()
    _tell(fed, trace, 2, 1, begin + 10**6, "second question")
    shown.get_by_text("second question").first.wait_for()


def test_what_is_asked_before_the_page_is_there_is_asked_once(page: Page, failing: str) -> None:
    """The questions that begin early are those of the page, to the letter."""
    shown = page(failing, own=True)
    shown.get_by_role("list", name="Transcript").wait_for()
    names = shown.evaluate("performance.getEntriesByType('resource').map((one) => one.name).filter((name) => name.includes('/api/v1/traces/'))")
    first = [name for name in names if re.search(r"/outline\?|/messages\?|[0-9a-f]{32}\?", name) and "cursor=" not in name and "offset=" not in name]
    assert len(first) == len(set(first)) == 3, first


def test_who_reads_at_the_end_of_a_run_stays_there(page: Page, fed: Any) -> None:
    """What comes is in sight for those at the end, and moves nothing for those who scrolled away."""
    trace, begin = "ce" * 16, time.time_ns() - 10**9
    for number in range(1, 6):
        _tell(fed, trace, number, 0, begin + number, "\n".join(f"question {number}, line {line}" for line in range(15)))
    shown = page(f"/traces/{trace}", own=True)
    story = shown.get_by_role("list", name="Transcript")
    story.get_by_text("question 1, line 0").wait_for()
    at_end = "list => list.parentElement.scrollTop > 0 && list.parentElement.scrollTop + list.parentElement.clientHeight > list.parentElement.scrollHeight - 5"
    to_end = (
        f"list => {{ list.there = ({at_end})(list) ? (list.there ?? 0) + 1 : 0; if (!list.there) list.parentElement.scrollTop = 1e6; return list.there > 9 }}"
    )
    shown.wait_for_function(to_end, arg=story.element_handle())  # for some frames: rows are measured on the way
    story.get_by_text("question 5, line 0").wait_for()
    _tell(fed, trace, 6, 0, begin + 6, "the sixth question")
    story.get_by_text("the sixth question").wait_for()
    shown.wait_for_function(at_end, arg=story.element_handle())
    story.evaluate("list => { list.parentElement.scrollTop = 0 }")
    steps = shown.get_by_role("toolbar", name="Playhead").get_by_text("steps")
    before = steps.text_content()
    _tell(fed, trace, 7, 0, begin + 7, "the seventh question")
    shown.wait_for_function("([list, before]) => list.textContent !== before", arg=[steps.element_handle(), before])
    assert story.evaluate("list => list.parentElement.scrollTop") == 0


def _tell(fed: Any, trace: str, number: int, parent: int, at: int, text: str) -> None:
    asked = json.dumps([{"role": "user", "parts": [{"type": "text", "content": text}]}])
    told = {"gen_ai.operation.name": "chat", "gen_ai.request.model": "gpt-5", "gen_ai.input.messages": asked}
    span = {
        "traceId": trace,
        "spanId": f"{number:016x}",
        "parentSpanId": f"{parent:016x}" if parent else "",
        "name": "chat gpt-5",
        "startTimeUnixNano": str(at),
        "endTimeUnixNano": str(at + 10**8),
        "attributes": [{"key": key, "value": {"stringValue": value}} for key, value in told.items()],
    }
    httpx.post(f"{fed.endpoint}/v1/traces", json={"resourceSpans": [{"scopeSpans": [{"spans": [span]}]}]}, trust_env=False, verify=False).raise_for_status()
    fed.settled()


def test_the_flame_graph_of_many_spans_is_walked_by_arrows(page: Page, big: str) -> None:
    """From the root to its longest child, and back."""
    shown = page(f"{big.replace('tree', 'flame')}&span={1:016x}")
    shown.locator("canvas").wait_for()
    shown.keyboard.press("ArrowDown")
    shown.wait_for_function("!location.search.includes('span=0000000000000001')")
    shown.keyboard.press("ArrowUp")
    shown.wait_for_function("location.search.includes('span=0000000000000001')")


def test_a_phone_lists_who_calls_whom(page: Page, failing: str) -> None:
    """In place of a drawing that nobody could read; by touch or keys a line leads to its spans, and it can be drawn all the same."""
    shown = page(f"{failing}?view=graph", viewport={"width": 390, "height": 844})
    lines = shown.get_by_role("list", name="Agents, tools and models").get_by_role("button")
    lines.first.wait_for()
    assert shown.evaluate("document.documentElement.scrollWidth") == 390
    shown.keyboard.press("j")
    shown.keyboard.press("j")
    shown.keyboard.press("Enter")
    shown.wait_for_url("**span=*")
    shown.keyboard.press("Escape")
    shown.get_by_role("complementary", name="Span").wait_for(state="detached")
    shown.keyboard.press("v")
    shown.wait_for_url("**form=map*")
    node = shown.locator(".react-flow__node").first
    node.wait_for()
    box, name = node.bounding_box(), node.locator("span.cut")
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= 390
    assert name.evaluate("one => one.getBoundingClientRect().height") > 9


def test_a_node_of_the_graph_opens_by_enter(page: Page, failing: str) -> None:
    """As by a click."""
    shown = page(f"{failing}?view=graph", own=True)
    node = shown.locator(".react-flow__node").first
    node.wait_for()
    at_rest(shown)  # a graph that is laid out anew would take the focus away
    node.focus()
    shown.keyboard.press("Enter")
    shown.wait_for_url("**span=*")


def test_it_fits_a_phone(page: Page, failing: str) -> None:
    """Nothing sticks out at 360 px; the span is a drawer."""
    shown = page(f"{failing}?view=tree", viewport={"width": 360, "height": 740})
    rows(shown).nth(1).click()
    shown.get_by_role("dialog").get_by_text("Self time").wait_for()
    assert shown.evaluate("document.documentElement.scrollWidth") == 360
    shown.get_by_role("dialog").get_by_role("button", name="Close the span").click()
    shown.get_by_role("dialog").wait_for(state="detached")
