"""The transcript: the story of a run, stepped through by keyboard; text of telemetry is text and loads nothing."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest
from tests.browser.tab import at_rest

TRACE = "5bf92f3577b34da6a3ce929d0e0e4736"
LONG, STEPS = "6cf92f3577b34da6a3ce929d0e0e4736", 20_400
CORPUS = [
    "<script>window.hacked=1</script>",
    "<img src=x onerror=window.hacked=1>",
    "<svg/onload=window.hacked=1>",
    "<iframe src=javascript:window.hacked=1></iframe>",
    "<a href=javascript:window.hacked=1 onclick=window.hacked=1>raw</a>",
    "[link](javascript:window.hacked=1)",
    "[link](JaVaScRiPt:window.hacked=1)",
    "[link](data:text/html,<script>window.hacked=1</script>)",
    "[link]( javascript&#58;window.hacked=1)",
    "<javascript:window.hacked=1>",
    "![picture](https://evil.example/pixel.png)",
    "![picture](//evil.example/pixel.png)",
    "[![picture](https://evil.example/a.png)](https://evil.example/)",
    "<style>@import 'https://evil.example/a.css';body{display:none}</style>",
    "<link rel=stylesheet href=https://evil.example/a.css>",
    "<form action=https://evil.example/><input autofocus onfocus=window.hacked=1></form>",
    '```"><img src=x onerror=window.hacked=1>\ncode\n```',
    "| a |\n|---|\n| <img src=x onerror=window.hacked=1> |",
]


def attribute(key: str, value: str) -> dict[str, Any]:
    return {"key": key, "value": {"stringValue": value}}


def span(number: int, parent: int, name: str, trace: str = TRACE, **attributes: str) -> dict[str, Any]:
    at = time.time_ns() - 10**9 + number * 10**6
    told = [attribute(key.replace("__", "."), value) for key, value in attributes.items()]
    ids = {"traceId": trace, "spanId": f"{number:016x}", "parentSpanId": f"{parent:016x}" if parent else ""}
    return {**ids, "name": name, "startTimeUnixNano": str(at), "endTimeUnixNano": str(at + 10**6), "attributes": told}


def hostile_spans() -> list[dict[str, Any]]:
    """An agent, a model call and a tool whose every text is hostile."""
    parts: list[dict[str, Any]] = [{"type": "text", "content": one} for one in CORPUS]
    media = {"type": "uri", "uri": "https://evil.example/pixel.png", "modality": "image"}
    asked = [{"role": "system", "parts": [parts[0]]}, {"role": "user", "parts": [*parts, media, {"type": "uri", "uri": "javascript:window.hacked=1"}]}]
    call = {"type": "tool_call", "id": "c1", "name": CORPUS[1], "arguments": {CORPUS[0]: CORPUS[1]}}
    said = [{"role": "assistant", "parts": [{"type": "reasoning", "content": CORPUS[2]}, *parts, call]}]
    messages = {"gen_ai__input__messages": json.dumps(asked), "gen_ai__output__messages": json.dumps(said)}
    tool = {"gen_ai__tool__name": CORPUS[1], "gen_ai__tool__call__id": "c1", "gen_ai__tool__call__result": CORPUS[1]}
    return [
        span(1, 0, CORPUS[1], gen_ai__operation__name="invoke_agent", gen_ai__agent__name=CORPUS[1]),
        span(2, 1, CORPUS[2], gen_ai__operation__name="chat", gen_ai__request__model=CORPUS[0], **messages),
        span(3, 1, CORPUS[1], gen_ai__operation__name="execute_tool", **tool) | {"status": {"code": 2, "message": CORPUS[1]}},
    ]


@pytest.fixture(scope="module")
def hostile(run_server: Callable[..., Any], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """A server that got a hostile conversation."""
    with run_server(tmp_path_factory.mktemp("hostile"), STORE__COMMIT_INTERVAL_S="0.05") as server:
        body = {"resourceSpans": [{"scopeSpans": [{"spans": hostile_spans()}]}]}
        httpx.post(f"{server.endpoint}/v1/traces", json=body, timeout=20, trust_env=False, verify=False).raise_for_status()
        server.settled()
        yield server


@pytest.fixture(scope="module")
def long(hostile: Any) -> str:
    """The path of a trace of one agent with more tool calls than a transcript shows at once."""
    agent = span(1, 0, "invoke_agent digger", LONG, gen_ai__operation__name="invoke_agent", gen_ai__agent__name="digger")
    tool = {"gen_ai__operation__name": "execute_tool", "gen_ai__tool__name": "dig"}
    for first in range(2, STEPS + 2, 5000):
        numbers = range(first, min(first + 5000, STEPS + 2))
        spans = [span(number, 1, "execute_tool dig", LONG, **tool, gen_ai__tool__call__result=f"hole {number - 1}") for number in numbers]
        body = {"resourceSpans": [{"scopeSpans": [{"spans": [agent, *spans] if first == 2 else spans}]}]}
        httpx.post(f"{hostile.endpoint}/v1/traces", json=body, timeout=60, trust_env=False, verify=False).raise_for_status()
    hostile.settled()
    return f"/traces/{LONG}?view=transcript"


def test_a_long_story_goes_on_when_asked(hostile: Any, long: str, open_page: Callable[..., Any]) -> None:
    """It says where it ends; one click, or Enter, and the last step is there."""
    page = open_page(hostile, long)
    page.get_by_text("its first 20,000 spans and messages are shown").wait_for()
    more, step = page.get_by_role("button", name="Show 20,000 more"), page.get_by_role("slider", name="Step")
    page.get_by_text("20k steps").wait_for()
    more.focus()
    page.keyboard.press("Enter")
    more.wait_for(state="detached")
    page.get_by_text("20.4k steps").wait_for()
    step.focus()
    page.keyboard.press("End")
    page.get_by_text(f"{STEPS} of {STEPS}").wait_for()
    page.get_by_role("list", name="Transcript").get_by_text(f"hole {STEPS}", exact=True).first.wait_for()


def test_hostile_text_is_text(hostile: Any, open_page: Callable[..., Any]) -> None:
    """Nothing runs, nothing is loaded from elsewhere (every page is watched), and no link leads anywhere but to http(s)."""
    page = open_page(hostile, f"/traces/{TRACE}?view=transcript")
    story = page.get_by_role("list", name="Transcript")
    story.get_by_text("<script>window.hacked=1</script>", exact=True).first.wait_for()
    page.get_by_role("button", name="Show all").first.click()
    at_rest(page)
    assert page.evaluate("window.hacked") is None
    assert story.locator("img, iframe, script, style, link, form, object, embed").count() == 0
    links = story.locator("a").evaluate_all("all => all.map(one => [one.href, one.rel])")
    assert links
    assert all(href.startswith(("https://", "http://")) and "noopener" in rel for href, rel in links)


def test_a_result_that_cannot_be_had_is_not_told_as_none(hostile: Any, open_page: Callable[..., Any]) -> None:
    """The row says that its span could not be had, and shows it when it is asked for again."""
    shown = open_page(hostile, "about:blank", refusals=("net::ERR_FAILED",))
    shown.route("**/api/v1/traces/*/spans/*", lambda route: route.abort())
    shown.goto(f"/traces/{TRACE}")
    tool = shown.locator("li:has([aria-label=Result])").first
    tool.get_by_role("alert").first.wait_for()
    assert "no result was recorded" not in tool.inner_text()
    shown.unroute("**/api/v1/traces/*/spans/*")
    tool.get_by_role("button", name="Try again").first.click()
    tool.get_by_role("alert").wait_for(state="detached")
    tool.get_by_label("Result").get_by_text(CORPUS[1]).wait_for()


def test_code_that_was_cut_off_is_asked_for_again(hostile: Any, open_page: Callable[..., Any]) -> None:
    """A part of a page whose code fails to come, once, does not fail the page."""
    shown = open_page(hostile, "about:blank", refusals=("net::ERR_FAILED",))
    shown.route("**/assets/Markdown-*.css", lambda route: route.abort(), times=1)
    shown.goto(f"/traces/{TRACE}?view=transcript")
    shown.get_by_role("list", name="Transcript").get_by_role("table").first.wait_for()  # what only markdown draws
    assert shown.get_by_text("This page failed").count() == 0


def test_the_story_is_walked_by_keyboard(hostile: Any, open_page: Callable[..., Any]) -> None:
    """n and p move the playhead, and the span of its row is the one in the address; Escape leaves the playhead, then the span."""
    page = open_page(hostile, f"/traces/{TRACE}?view=transcript")
    story = page.get_by_role("list", name="Transcript")
    story.get_by_role("listitem").first.wait_for()
    for key in ("n", "n", "p"):
        page.keyboard.press(key)
    page.locator("li[aria-current='step']").wait_for()
    page.wait_for_url(f"**span={2:016x}*")
    page.keyboard.press("Escape")
    page.locator("li[aria-current='step']").wait_for(state="detached")
    page.get_by_label("Span", exact=True).wait_for()  # what was opened last is closed first
    page.keyboard.press("Escape")
    page.get_by_label("Span", exact=True).wait_for(state="detached")


def test_a_session_is_read_turn_by_turn(page: Callable[..., Any]) -> None:
    """From the list to one conversation, and from there to a trace."""
    shown = page("/sessions")
    shown.locator("a[data-row]").first.click()
    turns = shown.get_by_role("list", name="Conversation")
    turns.get_by_role("article").first.get_by_role("link").first.click()
    shown.wait_for_url("**/traces/*")


def test_two_traces_are_compared(page: Callable[..., Any]) -> None:
    """Both are picked from the latest; a step opens to what changed, and the address holds it all."""
    shown = page("/compare")
    for title in ("Choose the first trace", "Choose what to compare it with"):
        shown.get_by_role("heading", name=title).wait_for()
        shown.get_by_role("list", name="Latest traces").get_by_role("button").first.click()
    steps = shown.get_by_role("list", name="Steps")
    steps.get_by_role("button").first.click()
    shown.wait_for_url("**step=0*")
    shown.reload()
    steps.get_by_role("button", expanded=True).wait_for()


def test_a_comparison_is_walked_by_keys(page: Callable[..., Any], fed: Any) -> None:
    """Of two runs that differ a lot: from one difference to the next, opened, closed; Back opens it again, and the keyboard stays where it was."""
    one, other = (fed.get("/api/v1/traces", query=f"agent:{agent}", limit=1).json()["items"][0]["trace_id"] for agent in ("coder", "writer"))
    shown = page(f"/compare?a={one}&b={other}")
    shown.locator("[data-differs]").first.wait_for()
    focused = shown.locator("[data-row][data-differs]:focus")
    for key in ("n", "n", "Enter"):
        shown.keyboard.press(key)
    shown.wait_for_url("**step=*")
    first = focused.get_attribute("data-row")
    shown.keyboard.press("ArrowDown")
    assert focused.get_attribute("data-row") != first
    shown.keyboard.press("Escape")
    shown.get_by_role("button", expanded=True).wait_for(state="detached")
    shown.go_back()
    shown.get_by_role("button", expanded=True).wait_for()
    assert focused.count() == 1


def test_feedback_stands_beside_its_turn(page: Callable[..., Any], fed: Any) -> None:
    """What an evaluation said of a trace is told in its session, with the verdict."""
    events = fed.get("/api/v1/events", query="event:gen_ai.evaluation.result", limit=20).json()["items"]
    event = next(one for one in events if one["session_id"])
    shown = page(f"/sessions/{event['session_id']}")
    shown.get_by_role("list", name="Feedback").get_by_text(event["attributes"]["gen_ai.evaluation.name"]).first.wait_for()


def test_the_tools_of_an_agent_have_a_tab(page: Callable[..., Any], fed: Any) -> None:
    """Those that were used below it, each leading to its first span."""
    span = fed.get("/api/v1/spans", query="kind:tool", limit=1).json()["items"][0]
    shown = page(f"/traces/{span['trace_id']}?view=tree&span={span['span_id']}")
    panel = shown.get_by_role("complementary", name="Span")
    panel.get_by_role("tab", name="Tools").click()
    panel.get_by_role("tabpanel").get_by_role("button", name=span["tool"]).wait_for()
