"""What analyzers found, and the analyzers: read, filtered and opened, switched off and on; and that what a finding says harms nobody."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import pytest
from tests.browser.access import check_rules
from tests.browser.telling import tell, tell_findings, version

Opening = Callable[..., Any]
PROJECT = "findings-in-a-browser"
HOSTILE = "<img src=x onerror=\"document.title='owned'\">\u202eevil [x](javascript:alert(1))"
SPAN = f"{'ab' * 16}/{'cd' * 8}"


@dataclass(frozen=True)
class Found:
    """A server with findings, and their fingerprints."""

    server: Any
    slow: str
    shared: str
    stolen: str
    hostile: str


@pytest.fixture(scope="module")
def found(finding_server: Any) -> Found:
    """Four findings: two of one cause, one of another, one that is hostile."""
    band = {"unit": "s", "observed": 8.4, "expected": [0.9, 2.3]}
    coder, planner = {"agent": "coder", "metric": "duration"}, {"agent": "planner"}
    anomaly = {"analyzer": "anomaly", "evidence": [SPAN]}
    told: list[dict[str, Any]] = [
        anomaly | band | {"rule": "duration_point", "title": "coder is slow", "subject": coder, "suggestion": "Compare models.", "probability": 1e-6},
        anomaly | {"rule": "duration_shared", "severity": "error", "title": "14 of 17 agents are slow", "subject": {"metric": "duration"}},
        anomaly
        | {"rule": "sql", "severity": "critical", "title": "planner: SQL in an argument", "subject": planner, "owasp": "ASI02"}
        | {"features": {"tautology": 0.75, "comment": 0.25}},
        {"analyzer": HOSTILE, "rule": HOSTILE, "severity": "info", "title": HOSTILE, "subject": {"agent": HOSTILE}, "suggestion": HOSTILE}
        | {"unit": HOSTILE, "observed": 1e308, "details": {"odd": HOSTILE}},
    ]
    tell(finding_server, PROJECT, version(1, "1", "be quick", agent="coder"))
    return Found(finding_server, *tell_findings(finding_server, PROJECT, *told))


@pytest.fixture
def open_found(found: Found, open_page: Opening) -> Callable[..., Any]:
    """`open_found(path)`: a page of that server."""
    return partial(open_page, found.server)


def test_findings_are_grouped_by_cause_and_the_worst_is_first(found: Found, open_found: Opening) -> None:
    """And the navigation counts what is new, until somebody looked."""
    page = open_found(f"/system?project={PROJECT}")
    page.get_by_role("link", name="Findings 4").click()
    cause = page.get_by_role("region", name="Duration")
    cause.get_by_role("link", name="new, error: 14 of 17 agents are slow").wait_for()
    assert cause.get_by_role("link").count() == 2
    assert page.get_by_role("listitem").get_by_role("link", name=re.compile("critical|warning|error|info")).first.get_attribute("aria-label") == (
        "new, critical: planner: SQL in an argument"
    )
    cause.get_by_role("img", name=re.compile("8.4.s, expected 900.ms to 2.3.s")).wait_for()
    page.get_by_role("link", name="Findings", exact=True).wait_for()


@pytest.mark.parametrize(
    ("path", "group", "named"), [("findings", "Severity", "severity"), ("alerts", "State", "state"), ("alerts?show=deliveries", "State", "delivery")]
)
def test_two_quick_clicks_on_chips_both_count(open_found: Opening, path: str, group: str, named: str) -> None:
    """The second comes before the page has drawn the first."""
    page = open_found(f"/{path}{'&' if '?' in path else '?'}project={PROJECT}")
    chips = page.get_by_role("group", name=group)
    chips.wait_for()
    chips.get_by_role("button").nth(1).wait_for()
    chips.evaluate("(chips) => { for (const chip of [...chips.querySelectorAll('button')].slice(0, 2)) chip.click(); }")
    page.wait_for_url(re.compile(f"[?&]{named}=[a-z]+(,|&{named}=)[a-z]+"))


def test_a_finding_is_told_in_full(found: Found, open_found: Opening) -> None:
    """Opened by keys: class, contributions, the span that shows it; the address leads to the same."""
    page = open_found(f"/findings?project={PROJECT}")
    page.get_by_role("link", name=re.compile("SQL in an argument")).wait_for()
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**finding={found.stolen}*")
    told = page.get_by_role("complementary", name="Finding")
    told.get_by_text("ASI02 Tool misuse and exploitation").wait_for()
    told.get_by_role("list", name="What contributed").get_by_text("tautology").wait_for()
    assert "span=cdcdcdcdcdcdcdcd" in str(told.get_by_role("link", name="span cdcdcdcd").get_attribute("href"))
    page.keyboard.press("Escape")
    told.wait_for(state="detached")


def test_filters_of_findings_are_in_the_address(found: Found, open_found: Opening) -> None:
    """Severity, agent and arrangement; where nothing is left that is said."""
    page = open_found(f"/findings?project={PROJECT}")
    page.get_by_role("button", name="warning 1").click()
    page.wait_for_url("**severity=warning*")
    page.get_by_role("link", name=re.compile("coder is slow")).wait_for()
    page.get_by_role("link", name=re.compile("14 of 17")).wait_for(state="detached")
    page.get_by_role("combobox", name="Agent").select_option("planner")
    page.get_by_role("heading", name="No finding matches").wait_for()
    page.get_by_role("link", name="All findings").click()
    page.get_by_text("Latest first", exact=True).click()
    page.wait_for_url("**by=time*")
    assert page.get_by_role("link", name=re.compile("^(new, )?info:")).count() == 1


def test_a_hostile_finding_is_only_text(found: Found, open_found: Opening) -> None:
    """In the list and in the panel: no element of it, no link that runs, and what turns the direction is seen."""
    page = open_found(f"/findings?project={PROJECT}&finding={found.hostile}")
    told = page.get_by_role("complementary", name="Finding")
    told.get_by_text("\\u202eevil").first.wait_for()
    told.get_by_text("Odd", exact=True).wait_for()
    assert page.locator("main img").count() == 0
    assert page.locator("a[href^='javascript']").count() == 0
    assert "owned" not in page.title()


def test_an_agents_findings_stand_on_its_page(found: Found, open_found: Opening) -> None:
    """Also those that it shares with others; each leads to all of it."""
    page = open_found(f"/agents/coder?project={PROJECT}")
    table = page.get_by_role("table", name="Findings")
    table.get_by_role("link", name="coder is slow").click()
    page.wait_for_url(f"**finding={found.slow}*")
    page.get_by_role("complementary", name="Finding").get_by_text("Compare models.").wait_for()


def test_what_stands_out_of_an_agent_is_drawn_in_its_band(page: Opening) -> None:
    """For a figure that somebody chooses; the choice is in the address."""
    shown = page("/agents/coder?from=-1h")
    shown.get_by_role("combobox", name="Figure").select_option("calls")
    shown.wait_for_url("**figure=calls*")
    shown.get_by_role("button", name="expected to").wait_for()
    shown.get_by_text(re.compile("coder, calls: .* buckets stand out")).wait_for()
    shown.get_by_role("combobox", name="Of which calls").select_option("tool")
    shown.wait_for_url("**calls=tool*")


def test_an_analyzer_is_switched_off_and_on(found: Found, open_found: Opening) -> None:
    """By keyboard, and its settings are refused where they are wrong."""
    page = open_found("/analyzers", refusals=(400, 422))
    switch = page.get_by_role("switch", name="anomaly runs")
    card = page.get_by_role("listitem").filter(has=switch)
    switch.focus()
    page.keyboard.press("Space")
    card.get_by_text("rests: somebody let it rest").wait_for()
    switch.focus()
    page.keyboard.press("Space")
    card.get_by_text("runs", exact=True).wait_for()
    card.locator("summary").click()
    page.get_by_role("button", name="Change the settings of anomaly").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("textbox").fill('{"learns_minutes": -1}')
    dialog.get_by_role("button", name="Set", exact=True).click()
    dialog.get_by_role("alert").get_by_text("learns_minutes").wait_for()


@pytest.mark.parametrize("width", [1440, 390])
def test_axe_finds_nothing_on_findings(found: Found, open_found: Opening, axe: str, width: int) -> None:
    """With one that is open, wide and on a phone."""
    path = f"/findings?project={PROJECT}&finding={found.stolen}"
    check_rules(open_found(path, viewport={"width": width, "height": 900}), axe)
