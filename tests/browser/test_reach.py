"""All that a pointer can click, a keyboard can reach, on every page: walked by Tab, and each thing has a name."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

Page = Callable[..., Any]

PAGES = [
    "/start",
    "/traces",
    "/traces?query=status:error",
    "/traces?query=agent:nobody",
    "/compare",
    "/sessions",
    "/live",
    "/executions",
    "/executions?status=running,failed",
    "/agents",
    "/agents?show=graph",
    "/agents/coder",
    "/agents/coder?figure=calls&from=-1h",
    "/findings",
    "/security",
    "/flow?agent=coder",
    "/analyzers",
    "/alerts",
    "/alerts/rule",
    "/tools",
    "/models",
    "/logs",
    "/logs?show=patterns",
    "/explore/metrics",
    "/dashboards",
    "/dashboards/overview",
    "/dashboards/cost",
    "/system",
    "/alerts?show=channels",
    "/alerts?show=routing",
    "/alerts?show=actions",
    "/system/runners",
    "/settings?find=port",
    "/sql",
    "/docs?find=traces",
    "/embed/dashboards/overview",
    "/embed/traces",
    "/nowhere",
]
VIEWS = ["transcript", "tree", "graph&form=map", "graph&form=list", "flame", "evidence", "raw"]
MOST_TABS = 700
ROUNDS = 3
TABS = 14  # pressed before anybody looks whether it begins again
# Roles that are worked with, and so must say what they are.
WORKED = {
    *("button", "link", "checkbox", "radio", "switch", "tab", "menuitem", "option", "treeitem"),
    *("textbox", "searchbox", "combobox", "spinbutton", "slider", "application", "tree", "listbox"),
}
# Marks what has the focus after each Tab: asking the browser after each would take as long as all the rest.
LISTEN = """() => {
  document.activeElement?.blur();
  for (const one of document.querySelectorAll("[data-walked]")) delete one.dataset.walked;
  window.walked = 0;
  window.begunAgain = false;
  window.removeEventListener("keyup", window.marking, true);
  window.marking = ({ key }) => {
    const one = document.activeElement;
    if (key !== "Tab" || one === document.body) return;
    if (one.dataset.walked !== undefined) window.begunAgain ||= window.walked > 2;
    else {
      one.dataset.walked = "";
      window.walked += 1;
    }
  };
  window.addEventListener("keyup", window.marking, true);
}"""
# What can be clicked and is in sight. What React listens for clicks at stands in a property of its own, whatever the element is.
CLICKED = """() => {
  const listens = (one) => {
    const key = Object.keys(one).find((name) => name.startsWith("__reactProps$"));
    return key !== undefined && one[key].onClick !== undefined;
  };
  const shown = (one) => one.checkVisibility({ visibilityProperty: true }) && one.getClientRects().length > 0 && !one.closest("[inert]");
  const worked = "a[href], button, input, select, textarea, summary, [role=button], [role=link], [role=tab], [role=treeitem]";
  return [...document.querySelectorAll("body *")].filter((one) => (one.matches(worked) || listens(one)) && shown(one) && !one.disabled);
}"""
# Reached: Tab came to it, to something in it, or to what holds it and moves among its parts by arrows.
MISSED = f"""() => {{
  const clicked = ({CLICKED})();
  const walked = (one) => one.matches("[data-walked]") || one.querySelector("[data-walked]") !== null;
  const group = "[role=tree], [role=radiogroup], [role=tablist], [role=application], [role=listbox]";
  const rows = (one) => one.closest("[data-row]") ?? one.closest("[role=row]")?.querySelector("[data-row]") ?? one.querySelector("[data-row]");
  const reached = (one) => {{
    if (walked(one)) return true;
    const held = one.closest(group);
    if (held && walked(held)) return true;
    if (one.closest("label")?.control?.matches("[data-walked]")) return true;
    if (one.type === "radio") return document.querySelector(`input[name="${{one.name}}"][data-walked]`) !== null;
    const row = rows(one);
    return row !== null && row !== undefined && document.querySelector("[data-row][data-walked]") !== null;
  }};
  const split = (one) => one.role === "separator" || one.style.cursor === "col-resize" || getComputedStyle(one).cursor === "col-resize";
  return clicked.filter((one) => !reached(one) && !split(one)).map((one) => one.outerHTML.slice(0, 160));
}}"""


def walk(page: Any) -> int:
    """Press Tab until it begins again; what had the focus is marked. Gives how many that were."""
    page.evaluate(LISTEN)
    for _ in range(MOST_TABS // TABS):
        for _ in range(TABS):
            page.keyboard.press("Tab")
        if page.evaluate("window.begunAgain"):
            break
    return int(page.evaluate("window.walked"))


def nameless(page: Any) -> list[str]:
    """Roles of all that is worked with and has no name, as the browser tells them to a screen reader."""
    reader = page.context.new_cdp_session(page)
    told = reader.send("Accessibility.getFullAXTree")["nodes"]
    reader.detach()
    seen = [node for node in told if not node["ignored"] and node["role"]["value"] in WORKED]
    return [str(node) for node in seen if not node.get("name", {}).get("value", "").strip()]


def at_rest(page: Any) -> None:
    """Nothing more comes: no skeleton, no request under way."""
    page.locator("h1, h2, [role=main], main").first.wait_for()
    page.wait_for_load_state("networkidle")
    page.locator("[class*=bone]").first.wait_for(state="detached")


def check(page: Any) -> None:
    """What came while the keyboard walked, as it may where a machine is slow, is walked to in another round; what cannot be reached is missed in each."""
    at_rest(page)
    assert nameless(page) == []
    missed: list[str] = []
    for _ in range(ROUNDS):
        assert walk(page) > 0
        missed = page.evaluate(MISSED)
        if not missed:
            break
        at_rest(page)
    assert missed == []


@pytest.mark.parametrize("path", PAGES)
def test_tab_reaches_all_that_can_be_clicked(same_page: Page, path: str) -> None:
    """Links, buttons, fields, rows, and whatever else listens for a click; each with a name."""
    check(same_page(path, ("WebSocket",) if path == "/live" else ()))


@pytest.fixture(scope="module")
def failing(fed: Any) -> str:
    """The path of a trace with messages and errors."""
    return f"/traces/{fed.get('/api/v1/traces', query='agent:coder status:error', limit=1).json()['items'][0]['trace_id']}"


@pytest.mark.parametrize("view", VIEWS)
def test_tab_reaches_all_of_a_trace(same_page: Page, failing: str, view: str) -> None:
    """In each view."""
    check(same_page(f"{failing}?view={view}"))


@pytest.mark.parametrize("tab", ["Summary", "Messages", "Attributes", "Cost", "Raw"])
def test_tab_reaches_all_of_a_span(same_page: Page, failing: str, tab: str) -> None:
    """In each part of its panel."""
    shown = same_page(f"{failing}?view=tree")
    shown.get_by_role("treeitem").nth(1).click()
    shown.get_by_role("tab", name=tab).click()
    check(shown)


def test_tab_reaches_all_of_a_session(same_page: Page, fed: Any) -> None:
    """Its turns, and what is said of them."""
    session = fed.get("/api/v1/sessions", limit=1).json()["items"][0]["session_id"]
    check(same_page(f"/sessions/{session}"))


def test_tab_reaches_all_of_a_comparison(same_page: Page, fed: Any) -> None:
    """Its figures and steps."""
    one, other = [trace["trace_id"] for trace in fed.get("/api/v1/traces", query="agent:coder", limit=2).json()["items"]]
    check(same_page(f"/compare?a={one}&b={other}"))


def test_tab_reaches_all_of_an_execution(same_page: Page, fed: Any) -> None:
    """Its moments, its steps, and what was said."""
    run = fed.get("/api/v1/executions", query="agent:coder", status="succeeded", limit=1).json()["items"][0]["id"]
    check(same_page(f"/executions/{run}?show=messages"))
