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
    "/sql",
    "/docs?find=traces",
    "/embed/dashboards/overview",
    "/embed/traces",
    "/nowhere",
]
VIEWS = ["transcript", "tree", "graph&form=map", "graph&form=list", "flame", "evidence", "raw"]
MOST_TABS = 700
# Roles that are worked with, and so must say what they are.
WORKED = {
    *("button", "link", "checkbox", "radio", "switch", "tab", "menuitem", "option", "treeitem"),
    *("textbox", "searchbox", "combobox", "spinbutton", "slider", "application", "tree", "listbox"),
}
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
    page.evaluate("() => { document.activeElement?.blur(); window.walked = 0; }")
    mark = """() => {
      const one = document.activeElement;
      if (one === document.body || one.dataset.walked !== undefined) return one !== document.body && window.walked > 2;
      one.dataset.walked = "";
      window.walked += 1;
      return false;
    }"""
    for _ in range(MOST_TABS):
        page.keyboard.press("Tab")
        if page.evaluate(mark):
            break
    return int(page.evaluate("window.walked"))


def nameless(page: Any) -> list[str]:
    """Roles of all that is worked with and has no name, as the browser tells them to a screen reader."""
    told = page.context.new_cdp_session(page).send("Accessibility.getFullAXTree")["nodes"]
    seen = [node for node in told if not node["ignored"] and node["role"]["value"] in WORKED]
    return [str(node) for node in seen if not node.get("name", {}).get("value", "").strip()]


def at_rest(page: Any) -> None:
    """Nothing more comes: no skeleton, no request under way."""
    page.locator("h1, h2, [role=main], main").first.wait_for()
    page.wait_for_load_state("networkidle")
    page.locator("[class*=bone]").first.wait_for(state="detached")


def check(page: Any) -> None:
    at_rest(page)
    assert nameless(page) == []
    assert walk(page) > 0
    assert page.evaluate(MISSED) == []


@pytest.mark.parametrize("path", PAGES)
def test_tab_reaches_all_that_can_be_clicked(page: Page, path: str) -> None:
    """Links, buttons, fields, rows, and whatever else listens for a click; each with a name."""
    check(page(path, refusals=("WebSocket",)) if path == "/live" else page(path))


@pytest.fixture(scope="module")
def failing(fed: Any) -> str:
    """The path of a trace with messages and errors."""
    return f"/traces/{fed.get('/api/v1/traces', query='agent:coder status:error', limit=1).json()['items'][0]['trace_id']}"


@pytest.mark.parametrize("view", VIEWS)
def test_tab_reaches_all_of_a_trace(page: Page, failing: str, view: str) -> None:
    """In each view."""
    check(page(f"{failing}?view={view}"))


@pytest.mark.parametrize("tab", ["Summary", "Messages", "Attributes", "Cost", "Raw"])
def test_tab_reaches_all_of_a_span(page: Page, failing: str, tab: str) -> None:
    """In each part of its panel."""
    shown = page(f"{failing}?view=tree")
    shown.get_by_role("treeitem").nth(1).click()
    shown.get_by_role("tab", name=tab).click()
    check(shown)


def test_tab_reaches_all_of_a_session(page: Page, fed: Any) -> None:
    """Its turns, and what is said of them."""
    session = fed.get("/api/v1/sessions", limit=1).json()["items"][0]["session_id"]
    check(page(f"/sessions/{session}"))


def test_tab_reaches_all_of_a_comparison(page: Page, fed: Any) -> None:
    """Its figures and steps."""
    one, other = [trace["trace_id"] for trace in fed.get("/api/v1/traces", query="agent:coder", limit=2).json()["items"]]
    check(page(f"/compare?a={one}&b={other}"))


def test_tab_reaches_all_of_an_execution(page: Page, fed: Any) -> None:
    """Its moments, its steps, and what was said."""
    run = fed.get("/api/v1/executions", query="agent:coder", status="succeeded", limit=1).json()["items"][0]["id"]
    check(page(f"/executions/{run}?show=messages"))
