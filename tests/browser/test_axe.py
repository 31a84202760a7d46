"""What axe finds wrong for people who see little, hear pages or use keys (WCAG 2.2 A and AA): on every page, light and dark."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Page = Callable[..., Any]

AXE = Path(__file__).resolve().parents[2] / "web" / "node_modules" / "axe-core" / "axe.min.js"
PAGES = [
    "/start",
    "/traces",
    "/compare",
    "/sessions",
    "/agents",
    "/agents/coder",
    "/agents/coder?figure=calls&from=-1h",
    "/executions",
    "/standing",
    "/workflows",
    "/findings",
    "/security",
    "/flow?agent=coder",
    "/analyzers",
    "/alerts",
    "/alerts/rule",
    "/tools",
    "/models",
    "/logs",
    "/explore/metrics",
    "/dashboards/overview",
    "/system",
    "/alerts?show=channels",
    "/alerts?show=routing",
    "/alerts?show=actions",
    "/system/runners",
    "/settings",
    "/sql",
]
VIEWS = ["transcript", "tree", "graph", "flame", "raw"]
RUN = """async () => {
  const tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"];
  const found = await window.axe.run(document, { runOnly: tags, resultTypes: ["violations"] });
  return found.violations.flatMap((one) => one.nodes.slice(0, 3).map((node) => `${one.id}: ${node.html.slice(0, 160)}: ${node.failureSummary.slice(0, 300)}`));
}"""
# No colour is on its way to another one; what turns for ever is none.
STILL = "() => document.getAnimations().every((one) => one.playState !== 'running' || one.effect.getComputedTiming().iterations === Infinity)"


@pytest.fixture(scope="session")
def axe() -> str:
    """The checker's source."""
    if not AXE.is_file():
        pytest.skip("axe is not here: (cd web && npm ci)")
    return AXE.read_text(encoding="utf-8")


def check(page: Any, axe: str) -> None:
    """Once all is there: in light, and then, as the system changes to it, in dark."""
    page.locator("h1, h2, [role=main], main").first.wait_for()
    page.wait_for_load_state("networkidle")
    page.locator("[class*=bone]").first.wait_for(state="detached")
    page.evaluate(axe)
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        page.locator(f"html[data-mantine-color-scheme={scheme}]").wait_for()
        page.wait_for_function(STILL)
        assert page.evaluate(RUN) == [], scheme


@pytest.mark.parametrize("path", PAGES)
def test_axe_finds_nothing_on_a_page(same_page: Page, axe: str, path: str) -> None:
    """With data in it."""
    check(same_page(path), axe)


@pytest.mark.parametrize("view", VIEWS)
def test_axe_finds_nothing_in_a_trace(same_page: Page, axe: str, fed: Any, view: str) -> None:
    """In each view."""
    trace = fed.get("/api/v1/traces", query="agent:coder status:error", limit=1).json()["items"][0]["trace_id"]
    check(same_page(f"/traces/{trace}?view={view}"), axe)
