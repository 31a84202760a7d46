"""A press counts: a page that grows between the press of a mouse and its release, or shows an answer later than another, takes no click away."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest

TRACE, AGENT, TOOL = f"{77:032x}", f"{1:016x}", f"{2:016x}"
NOW = time.time_ns()


def told(span: str, parent: str, name: str, *attributes: tuple[str, str]) -> dict[str, Any]:
    times = {"startTimeUnixNano": str(NOW - 10**9), "endTimeUnixNano": str(NOW)}
    listed = [{"key": key, "value": {"stringValue": value}} for key, value in attributes]
    return {"traceId": TRACE, "spanId": span, "parentSpanId": parent, "name": name, "attributes": listed, **times}


def send(server: Any, *spans: dict[str, Any]) -> None:
    httpx.post(
        f"{server.endpoint}/v1/traces", json={"resourceSpans": [{"scopeSpans": [{"spans": spans}]}]}, timeout=20, trust_env=False, verify=False
    ).raise_for_status()
    server.settled()


def digger() -> dict[str, Any]:
    return told(AGENT, "", "invoke_agent digger", ("gen_ai.operation.name", "invoke_agent"))


@pytest.fixture
def running(run_server: Callable[..., Any], tmp_path: Any) -> Iterator[Any]:
    """A server with a trace that still runs: an agent that has begun, and a tool that it used."""
    with run_server(tmp_path, STORE__COMMIT_INTERVAL_S="0.05") as server:
        tool = told(TOOL, AGENT, "execute_tool dig", ("gen_ai.operation.name", "execute_tool"), ("gen_ai.tool.name", "dig"))
        begun = digger()
        begun["attributes"].append({"key": "spyglass.pending", "value": {"boolValue": True}})
        send(server, begun, tool)
        yield server


def press(page: Any, tab: Any) -> None:
    """The mouse goes down on it, and stays down."""
    box = tab.bounding_box()
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.mouse.down()


def test_a_tab_that_moves_while_it_is_pressed_is_chosen(running: Any, open_page: Callable[..., Any]) -> None:
    """A line that comes in above it pushes it from under the pointer; the click counts for the tab."""
    page = open_page(running, f"/traces/{TRACE}?view=tree&span={TOOL}", refusals=("net::ERR_FAILED",))
    panel = page.get_by_role("complementary", name="Span")
    tab = panel.get_by_role("tab", name="Tools")
    tab.wait_for()
    before = tab.bounding_box()["y"]
    page.route(f"**/spans/{TOOL}?*", lambda route: route.abort())
    press(page, tab)
    page.keyboard.press("r")
    panel.get_by_role("alert").wait_for()
    assert tab.bounding_box()["y"] > before + 28
    page.mouse.up()
    panel.get_by_role("tabpanel", name="Tools").get_by_role("button", name="dig").wait_for()


def test_who_presses_and_goes_away_has_not_clicked(running: Any, open_page: Callable[..., Any]) -> None:
    """As everywhere: the release elsewhere takes the press back."""
    page = open_page(running, f"/traces/{TRACE}?view=tree&span={TOOL}")
    panel = page.get_by_role("complementary", name="Span")
    press(page, panel.get_by_role("tab", name="Tools"))
    page.mouse.move(600, 700)
    page.mouse.up()
    panel.get_by_role("tab", name="Attributes").click()
    panel.get_by_role("tabpanel", name="Attributes").wait_for()
    assert panel.get_by_role("tab", name="Tools").get_attribute("aria-selected") == "false"


def test_a_trace_that_runs_and_ends_moves_nothing(running: Any, open_page: Callable[..., Any]) -> None:
    """That it runs is said with its tree, however late its figures come; that it has ended, in the same place."""
    page = open_page(running, "about:blank")
    held: list[Any] = []
    page.route(f"**/api/v1/traces/{TRACE}?*", lambda route: held.append(route) if not held else route.continue_())
    page.goto(f"/traces/{TRACE}?view=tree&span={TOOL}")
    tab = page.get_by_role("tab", name="Tools")
    tab.wait_for()
    page.get_by_text("Still running").wait_for()
    before = tab.bounding_box()["y"]
    held[0].continue_()
    page.get_by_role("heading", name="invoke_agent digger").wait_for()
    assert abs(tab.bounding_box()["y"] - before) < 1
    send(running, digger())
    page.get_by_text("It has ended").wait_for()
    assert abs(tab.bounding_box()["y"] - before) < 1
