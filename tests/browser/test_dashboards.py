"""Dashboards: ready-made ones drawn, a copy changed by keyboard and saved, and told where somebody was faster."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

Page = Callable[..., Any]


def test_a_ready_made_one_is_copied_changed_and_saved(page: Page) -> None:
    """A panel is resized by keyboard; what is saved is there after loading again."""
    shown = page("/dashboards/performance")
    shown.locator("canvas").first.wait_for()
    shown.get_by_role("button", name="Save a copy").click()
    shown.wait_for_url(re.compile(r"/dashboards/[0-9a-f]{8,}"))
    shown.get_by_role("button", name="Change", exact=True).click()
    shown.get_by_role("button", name="Move p95 of model calls:").press("Shift+ArrowRight")
    shown.get_by_role("button", name="Save", exact=True).click()
    shown.get_by_role("button", name="Change", exact=True).wait_for()
    shown.reload()
    panel = shown.get_by_role("region", name="p95 of model calls").first
    panel.wait_for()
    assert "span 7" in (panel.get_attribute("style") or "")


def test_one_opens_without_chrome(page: Page) -> None:
    """For a frame: no navigation, its panels drawn."""
    shown = page("/embed/dashboards/overview")
    shown.locator("canvas").first.wait_for()
    assert shown.get_by_role("navigation").count() == 0
