"""The evidence of a trace: what no span explains, what spans claim without evidence, and the page of a watched process."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from typing import Any

import httpx
import pytest

Page = Callable[..., Any]
SECOND_NS = 10**9
TRACE, LONE, WIRE = "e1" * 16, "e2" * 16, "e3" * 16
HOSTILE = "<img src=x onerror='window.hit = 1'>\nsecond line"
HOST = {"host.id": "h1"}
WATCH = {**HOST, "spyglass.watch.id": "w1", "spyglass.runner": "system"}


def attributes(values: dict[str, Any]) -> list[dict[str, Any]]:
    return [{"key": key, "value": _value(value)} for key, value in values.items()]


def _value(value: Any) -> dict[str, Any]:
    if isinstance(value, list):
        return {"arrayValue": {"values": [_value(one) for one in value]}}
    return {"intValue": str(value)} if isinstance(value, int) else {"stringValue": value}


def span(trace: str, number: int, begin_ns: int, at_s: float, took_s: float, **told: Any) -> dict[str, Any]:
    """A span below the first one; `told` are attributes with `__` for dots."""
    start = begin_ns + int(at_s * SECOND_NS)
    return {
        "traceId": trace,
        "spanId": f"{number:016x}",
        "parentSpanId": f"{1:016x}" if number > 1 else "",
        "name": told.pop("name"),
        "startTimeUnixNano": str(start),
        "endTimeUnixNano": str(start + int(took_s * SECOND_NS)),
        "attributes": attributes({key.replace("__", "."): value for key, value in told.items()}),
    }


def run(trace: str, begin_ns: int) -> list[dict[str, Any]]:
    """An agent that removes a file, and claims that it deployed something."""
    tool = {"gen_ai__operation__name": "execute_tool", "gen_ai__tool__name": "shell"}
    return [
        span(trace, 1, begin_ns, 0, 20, name="invoke_agent planner", gen_ai__operation__name="invoke_agent", gen_ai__agent__name="planner"),
        span(trace, 2, begin_ns, 2, 2, name="execute_tool remove", **tool, gen_ai__tool__call__arguments=json.dumps({"command": "rm -f a.txt"})),
        span(trace, 3, begin_ns, 8, 2, name="execute_tool deploy", **tool, gen_ai__tool__call__arguments=json.dumps({"command": "make deploy"})),
    ]


def seen(begin_ns: int, name: str, at_s: float, pid: int, **told: Any) -> dict[str, Any]:
    """An event of a watch whose root is process 40."""
    own = {"process.pid": pid, "process.parent_pid": 1 if pid == 40 else 40, "spyglass.root_pid": 40}
    return {
        "timeUnixNano": str(begin_ns + int(at_s * SECOND_NS)),
        "eventName": name,
        "attributes": attributes(own | {key.replace("__", "."): value for key, value in told.items()}),
    }


def events(begin_ns: int) -> list[dict[str, Any]]:
    """What the agent did: what it tells of, and three things that it does not tell of."""
    return [
        seen(begin_ns, "process.exec", -1, 40, process__command_args=["agent"], process__executable__path="/bin/agent"),
        seen(begin_ns, "process.exec", 2.5, 41, process__command_args=["rm", "-f", "a.txt"], process__executable__path="/bin/rm"),
        seen(begin_ns, "file.delete", 2.6, 41, file__path="/w/a.txt"),
        seen(begin_ns, "process.exit", 2.7, 41, process__exit__code=1),
        seen(begin_ns, "file.write", 12, 40, file__path="/etc/profile", file__written_bytes=9),
        seen(begin_ns, "process.exec", 13, 42, process__command_args=["curl", HOSTILE], process__executable__path="/bin/curl"),
        seen(begin_ns, "net.connect", 13.2, 42, server__address="paste.example", network__peer__port=443),
        seen(begin_ns, "net.close", 13.9, 42, server__address="paste.example", network__peer__port=443, network__sent_bytes=2048),
        seen(begin_ns, "process.exit", 30, 40, process__exit__code=0),
    ]


@pytest.fixture(scope="module")
def watched(fed: Any) -> str:
    """The address of the evidence of a trace; the same trace a day before was watched by nobody."""
    begin_ns = time.time_ns() - 60 * SECOND_NS
    resource = {"attributes": attributes({"service.name": "planner", **HOST, "process.pid": 40})}
    calls = [
        span(WIRE, 9, begin_ns, 5, 1, name="chat m", gen_ai__operation__name="chat", gen_ai__request__model="m", spyglass__evidence="tls", process__pid=40)
    ]
    for told, spans in ((resource, run(TRACE, begin_ns)), (resource, run(LONE, begin_ns - 7200 * SECOND_NS)), ({"attributes": attributes(WATCH)}, calls)):
        _send(fed, "traces", {"resourceSpans": [{"resource": told, "scopeSpans": [{"spans": spans}]}]})
    records = {"resource": {"attributes": attributes(WATCH)}, "scopeLogs": [{"logRecords": events(begin_ns)}]}
    _send(fed, "logs", {"resourceLogs": [records]})
    fed.settled()
    return f"/traces/{TRACE}?view=evidence"


def _send(fed: Any, signal: str, body: dict[str, Any]) -> None:
    httpx.post(f"{fed.endpoint}/v1/{signal}", json=body, timeout=30, trust_env=False, verify=False).raise_for_status()


def line(page: Any, text: str) -> Any:
    return page.get_by_role("treeitem").filter(has_text=text)


def test_what_nothing_explains_is_told_first(page: Page, watched: str) -> None:
    """In red with its number at the tab, claims that nothing was seen of beside it; one of them opens its story."""
    shown = page(watched)
    shown.get_by_text("3 actions that nothing in the trace accounts for").wait_for()
    shown.get_by_text("1 model call on the wire that no span tells of").wait_for()
    shown.get_by_text("1 claim without evidence").wait_for()
    shown.get_by_role("radio", name="Evidence 4 unexplained").wait_for(state="attached")
    shown.get_by_role("button", name="/etc/profile").click()
    shown.get_by_role("complementary", name="Evidence").get_by_text("Nothing in the trace accounts for this.").wait_for()


def test_a_process_stands_below_the_span_that_caused_it(page: Page, watched: str) -> None:
    """With how sure that is and why, in words; Back closes it."""
    shown = page(watched)
    tool, command = line(shown, "execute_tool remove"), line(shown, "rm -f a.txt")
    assert (tool.get_attribute("aria-level"), command.get_attribute("aria-level")) == ("1", "2")
    command.click()
    panel = shown.get_by_role("complementary", name="Evidence")
    panel.get_by_text("almost certain").wait_for()
    assert "the tool was told to run exactly this" in panel.inner_text()
    shown.go_back()
    panel.wait_for(state="detached")
    line(shown, "execute_tool deploy").get_by_text("no evidence").wait_for()


def test_filters_stand_in_the_address(page: Page, watched: str) -> None:
    """Only what is unexplained; files by path; hosts with bytes."""
    shown = page(watched)
    line(shown, "rm -f a.txt").wait_for()
    shown.keyboard.press("u")
    shown.wait_for_url("**only=unexplained*")
    line(shown, "rm -f a.txt").wait_for(state="detached")
    shown.get_by_role("radiogroup", name="What is listed").get_by_text("Files").click()
    shown.get_by_role("table", name="Files").get_by_role("row").nth(1).wait_for()
    assert shown.get_by_role("table", name="Files").get_by_role("row").count() == 2
    shown.get_by_role("button", name="Unexplained only").click()
    shown.get_by_role("radiogroup", name="What is listed").get_by_text("Hosts").click()
    shown.get_by_role("table", name="Hosts").get_by_text("2\u202fKiB").wait_for()


def test_keys_reach_all_of_it(page: Page, watched: str) -> None:
    """`e` opens it, j walks, arrows fold, Escape closes; what is said is only ever text."""
    shown = page(watched.replace("evidence", "tree"))
    shown.get_by_role("tree", name="Spans").wait_for()
    shown.keyboard.press("e")
    line(shown, "curl").wait_for()
    shown.keyboard.press("j")
    shown.wait_for_url("**item=p:**")
    shown.keyboard.press("ArrowLeft")
    line(shown, "curl").wait_for(state="detached")
    shown.keyboard.press("ArrowRight")
    line(shown, "curl").click()
    panel = shown.get_by_role("complementary", name="Evidence")
    panel.get_by_text("onerror='").first.wait_for()
    shown.keyboard.press("Escape")
    panel.wait_for(state="detached")
    assert shown.evaluate("[window.hit, document.querySelectorAll('img[src=x]').length]") == [None, 0]


def test_a_process_has_a_page(page: Page, watched: str) -> None:
    """Its command, its life in time, its parent; and back to the trace."""
    shown = page(watched)
    line(shown, "curl").click()
    shown.get_by_role("link", name="Open its page").click()
    shown.wait_for_url("**/process?process=**")
    shown.get_by_role("list", name="Life").get_by_role("listitem").first.wait_for()
    shown.get_by_role("region", name="Connections", exact=True).last.get_by_text("paste.example").wait_for()
    shown.keyboard.press("u")
    shown.get_by_role("heading", name="agent", exact=True).wait_for()
    shown.get_by_role("button", name="In the evidence of the trace").click()
    shown.get_by_role("tree", name="Evidence").wait_for()


def test_where_nobody_watched_it_says_how_to(page: Page, watched: str) -> None:
    """With the command to copy."""
    shown = page(watched.replace(TRACE, LONE))
    shown.get_by_text("Nobody was watching").wait_for()
    shown.get_by_text("spyglass watch -- COMMAND").wait_for()


@pytest.mark.parametrize("width", [360, 1000])
def test_it_fits_every_width(page: Page, watched: str, width: int) -> None:
    """Nothing is wider than the screen, neither the tab nor the page of a process."""
    shown = page(watched, viewport={"width": width, "height": 780})
    line(shown, "curl").click()
    shown.get_by_role("link", name="Open its page").wait_for()
    assert shown.evaluate("document.documentElement.scrollWidth <= innerWidth")
    shown.get_by_role("link", name="Open its page").click()
    shown.get_by_role("list", name="Life").wait_for()
    assert shown.evaluate("document.documentElement.scrollWidth <= innerWidth")
