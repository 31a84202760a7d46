"""Dashboards: ready-made ones drawn, a copy changed by keyboard and saved, and told where somebody was faster."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import httpx

Page = Callable[..., Any]


def test_a_ready_made_one_is_copied_changed_and_saved(page: Page) -> None:
    """A panel is resized by keyboard; what is saved is there after loading again."""
    shown = page("/dashboards/performance")
    shown.locator("canvas").first.wait_for()
    shown.get_by_role("button", name="Save a copy").click()
    shown.wait_for_url(re.compile(r"/dashboards/[0-9a-f]{8,}"))
    shown.get_by_role("button", name="Change", exact=True).click()
    shown.get_by_role("button", name="Move p95 of model calls:").press("Shift+ArrowRight")
    shown.get_by_role("button", name="Save", exact=True).press("Enter")
    shown.locator("button:focus", has_text="Change").wait_for()
    shown.reload()
    panel = shown.get_by_role("region", name="p95 of model calls").first
    panel.wait_for()
    assert "span 7" in (panel.get_attribute("style") or "")


def test_one_opens_without_chrome(page: Page) -> None:
    """For a frame: no navigation, its panels drawn."""
    shown = page("/embed/dashboards/overview")
    shown.locator("canvas").first.wait_for()
    assert shown.get_by_role("navigation").count() == 0


def test_a_draft_survives_a_reload_and_its_description_is_saved(page: Page) -> None:
    """Nothing that was typed is lost; what is saved is there for all."""
    shown = page("/dashboards/cost")
    shown.get_by_role("button", name="Save a copy").click()
    shown.wait_for_url(re.compile(r"/dashboards/[0-9a-f]{8,}"))
    shown.get_by_role("button", name="Change", exact=True).click()
    shown.get_by_role("textbox", name="Description").fill("For the weekly look at cost")
    shown.reload()
    assert shown.get_by_role("textbox", name="Description").input_value() == "For the weekly look at cost"
    shown.get_by_role("button", name="Save", exact=True).click()
    shown.get_by_role("button", name="Change", exact=True).wait_for()
    shown.get_by_text("For the weekly look at cost").wait_for()


def test_a_panel_is_split_by_two_names_and_a_dashboard_is_deleted_at_the_second_click(page: Page) -> None:
    """A comma may be written; one click too many deletes nothing."""
    shown = page("/dashboards/cost")
    shown.get_by_role("button", name="Save a copy").click()
    shown.wait_for_url(re.compile(r"/dashboards/[0-9a-f]{8,}"))
    shown.get_by_role("button", name="Change", exact=True).click()
    shown.get_by_role("button", name="Change Cost by model").click()
    split = shown.get_by_role("dialog").get_by_role("textbox", name="Split by")
    split.fill("")
    split.press_sequentially("agent, model")
    shown.get_by_role("dialog").get_by_role("button", name="Change", exact=True).click()
    shown.get_by_role("button", name="Change Cost by model").click()
    assert split.input_value() == "agent, model"
    shown.get_by_role("dialog").get_by_role("button", name="Cancel").click()
    shown.get_by_role("button", name="Discard").click()
    shown.get_by_role("button", name="Delete", exact=True).click()
    shown.get_by_role("button", name="Really delete it").click()
    shown.wait_for_url("**/dashboards")


def test_who_was_slower_decides_what_stays(page: Page, fed: Any) -> None:
    """Somebody else saved it meanwhile: that is told, and one may overwrite it, keep a copy, or look at theirs."""
    shown = page("/dashboards/system", refusals=(409,))
    shown.get_by_role("button", name="Save a copy").click()
    shown.wait_for_url(re.compile(r"/dashboards/[0-9a-f]{8,}"))
    shown.get_by_role("button", name="Change", exact=True).click()
    shown.get_by_role("textbox", name="Name").fill("Mine")
    address = f"{fed.url}/api/v1/saved/dashboards/{shown.url.rsplit('/', 1)[1]}"
    theirs = httpx.get(address, timeout=20, trust_env=False, verify=False).json()
    httpx.put(
        address, json={"name": "Theirs", "body": theirs["body"], "version": theirs["version"]}, timeout=20, trust_env=False, verify=False
    ).raise_for_status()
    shown.get_by_role("button", name="Save", exact=True).click()
    shown.get_by_role("dialog").get_by_role("button", name="Overwrite theirs").click()
    shown.get_by_role("dialog").wait_for(state="hidden")
    shown.locator("b", has_text="Mine").wait_for()
    assert httpx.get(address, timeout=20, trust_env=False, verify=False).json()["name"] == "Mine"


def test_one_panel_is_shared(page: Page) -> None:
    """Its link holds all of it: it opens alone, without chrome."""
    shown = page("/dashboards/overview?from=-6h")
    shown.get_by_role("button", name="Share Runs by agent").click()
    link = shown.get_by_role("menuitem", name="Open alone").get_attribute("href") or ""
    shown.goto(link)
    shown.get_by_role("figure", name="Runs by agent").locator("canvas").wait_for()
    assert shown.get_by_role("navigation").count() == 0
    assert "from=-6h" in shown.url


def test_a_metric_is_put_into_a_dashboard(page: Page) -> None:
    """As it is looked at: the metric, how it is put together, and its search."""
    shown = page("/explore/metrics?metric=gen_ai.client.operation.duration&agg=p99")
    shown.get_by_role("button", name="Add to a dashboard").click()
    shown.get_by_role("menuitem", name="A new one").click()
    shown.wait_for_url(re.compile(r"/dashboards/[0-9a-f]{8,}"))
    shown.get_by_role("region", name="gen_ai.client.operation.duration, p99").locator("canvas").wait_for()
