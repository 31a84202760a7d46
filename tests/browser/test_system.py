"""The page of the system: health in words, sources, the loss ledger, the store."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any


def test_the_system_tells_what_flows_and_what_is_kept(page: Callable[..., Any]) -> None:
    """Words first, then figures; it fits a phone."""
    shown = page("/system", viewport={"width": 390, "height": 844})
    shown.get_by_text("Data flows: what is sent is kept").wait_for()
    shown.get_by_role("table", name="Store").get_by_text("spans", exact=True).wait_for()
    shown.get_by_role("table", name="Loss ledger").wait_for()
    shown.get_by_role("button", name="sources").wait_for()
    assert shown.evaluate("document.querySelector('main').scrollWidth") == 390
