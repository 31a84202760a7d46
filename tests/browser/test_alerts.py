"""Alerts from the first rule to the last note: tried on the past, kept, fired, taken, silenced, resolved."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import httpx
import pytest
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
from tests.browser.access import check_rules
from tests.browser.tab import visit
from tests.browser.telling import BEGIN_NS, tell, until, version
from tests.flow.conftest import attributes

Opening = Callable[..., Any]
PROJECT = "alerts-in-a-browser"
ANY_CALL = {"kind": "threshold", "source": "spans", "measure": "count", "op": ">", "value": 0, "window_s": 604800}
MODULE = {"match": ["agent=cod*", "agent!=codex"], "warning": 0.999, "error": 0.99, "critical": 0.5, "min_count": 3}
WENT_WELL = {"group_by": ["agent"], "condition": {"kind": "success_rate", "min_count": 1, "modules": [MODULE]}, "labels": {"team": "a b"}}


@pytest.fixture(scope="module")
def told(server: Any) -> Any:
    """An agent that ran once, and a rule that fires for whatever ran."""
    tell(server, PROJECT, version(1, "1", "be quick", agent="coder"))
    hostile = {"title": "<b>ran</b>\u202e", "runbook_url": "https://example.com/runbook", "description": "javascript:alert(1)"}
    rule = {"condition": ANY_CALL, "group_by": ["agent"], "interval_s": 5, **hostile}
    with httpx.Client(base_url=server.url, params={"project": PROJECT}, timeout=60, trust_env=False, verify=False) as api:
        api.put("/api/v1/alert-rules/anything", json={"rule": rule, "author": "ann"}).raise_for_status()
        api.put("/api/v1/alert-rules/went-well", json={"rule": WENT_WELL}).raise_for_status()
        until(lambda: any(one["state"] == "firing" and one["labels"].get("agent") == "coder" for one in api.get("/api/v1/alerts").json()["items"]))
    return server


def test_a_rule_is_tried_on_the_past_and_kept(told: Any, open_page: Opening) -> None:
    """While it is written the page says how often it would have fired; what is wrong is said at its field."""
    page = open_page(told, f"/alerts/rule?project={PROJECT}", refusals=(400, 409))
    form = page.get_by_role("form", name="New rule")
    past = page.get_by_role("complementary", name="On the past")
    form.get_by_role("combobox", name="Of", exact=True).select_option("spans")
    form.get_by_role("combobox", name="Figure").select_option("count")
    form.get_by_role("textbox", name="Bound").fill("many")
    past.get_by_text("As soon as the form is whole.").wait_for()
    form.get_by_role("textbox", name="Bound").fill("0")
    form.get_by_role("textbox", name="At least so many records").fill("0")
    past.get_by_text("It would have fired").wait_for()
    form.get_by_role("textbox", name="Of those that match").fill("agent:")
    past.get_by_role("alert").wait_for()
    form.get_by_role("textbox", name="Of those that match").fill("agent:coder")
    form.get_by_role("textbox", name="Name", exact=True).fill("coder-runs")
    form.get_by_role("textbox", name="Must hold for").fill("1h")
    form.get_by_role("button", name="Keep").click()
    page.wait_for_url("**show=rules*")
    rules = page.get_by_role("table", name="Rules")
    rules.get_by_text("count of spans > 0 over 5m, of agent:coder").wait_for()
    rules.get_by_role("link", name="coder-runs", exact=True).click()
    page.get_by_role("button", name="Delete", exact=True).click()
    page.get_by_role("button", name="Delete coder-runs").click()
    rules.get_by_role("link", name="coder-runs", exact=True).wait_for(state="detached")


def test_what_a_rule_would_have_done_fits_a_phone(told: Any, open_page: Opening) -> None:
    """A table that is too wide scrolls by itself: the page stays where it is."""
    page = open_page(told, f"/alerts/rule?project={PROJECT}&name=anything", viewport={"width": 390, "height": 844})
    page.get_by_role("table", name="Alerts that there would have been").wait_for()
    inner = "document.querySelector('main')"
    assert page.evaluate(f"{inner}.scrollWidth - {inner}.clientWidth") == 0


def test_a_rule_about_a_metric_is_tried_and_kept(told: Any, open_page: Opening) -> None:
    """Its name is completed from what was told, its attributes are named below, its figures are those of points."""
    depths = ExportMetricsServiceRequest()
    metric = depths.resource_metrics.add().scope_metrics.add().metrics.add(name="queue.depth", unit="{job}")
    metric.gauge.data_points.add(time_unix_nano=BEGIN_NS, as_double=7, attributes=attributes({"queue": "mail"}))
    tell(told, PROJECT, depths)
    page = open_page(told, f"/alerts/rule?project={PROJECT}")
    form = page.get_by_role("form", name="New rule")
    form.get_by_role("combobox", name="Of", exact=True).select_option("points")
    form.get_by_label("Metric", exact=True).fill("queue")
    page.get_by_role("option", name="queue.depth").click()
    form.get_by_text("attr.queue").wait_for()
    form.get_by_role("combobox", name="Figure").select_option("max")
    form.get_by_role("textbox", name="Bound").fill("6")
    form.get_by_role("textbox", name="An alert for each").fill("attr.queue")
    page.get_by_role("complementary", name="On the past").get_by_text("It would have fired").wait_for()
    form.get_by_role("textbox", name="Name", exact=True).fill("deep")
    form.get_by_role("button", name="Keep").click()
    page.get_by_role("table", name="Rules").get_by_text("max of queue.depth > 6 over 5m").wait_for()


def test_modules_of_a_rule_are_edited_and_nothing_is_lost(told: Any, open_page: Opening) -> None:
    """What is changed is changed; all else of the rule is as it was."""
    with httpx.Client(base_url=told.url, params={"project": PROJECT}, timeout=60, trust_env=False, verify=False) as api:
        kept = api.get("/api/v1/alert-rules/went-well").raise_for_status().json()["rule"]
        page = open_page(told, f"/alerts/rule?project={PROJECT}&name=went-well")
        form = page.get_by_role("form", name="Rule went-well")
        form.get_by_role("button", name="Add a module").click()
        second = form.get_by_role("group", name="Module 2")
        second.get_by_role("textbox", name="Groups that match").fill("tool=search")
        second.get_by_text("There is no alert for each tool").wait_for()
        second.get_by_role("textbox", name="Groups that match").fill("agent=draft")
        second.get_by_role("button", name="Move Module 2 up").click()
        form.get_by_role("button", name="Keep").click()
        page.get_by_role("table", name="Rules").get_by_text("2 modules otherwise").wait_for()
        draft = {"match": ["agent=draft"], "warning": 0.95, "error": 0.9, "critical": 0.8, "min_count": None}
        wanted = kept | {"condition": kept["condition"] | {"modules": [draft, MODULE]}}
        assert api.get("/api/v1/alert-rules/went-well").json()["rule"] == wanted


def test_an_alert_is_taken_let_go_and_noted(told: Any, open_page: Opening) -> None:
    """By whom and why stands in its history; the list says who has it. What it says is only text."""
    page = open_page(told, f"/alerts?project={PROJECT}&rule=anything")
    page.get_by_role("link", name="warning, firing: <b>ran</b>\\u202e").first.wait_for()
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    panel = page.get_by_role("complementary", name="Alert")
    panel.get_by_role("button", name="Acknowledge").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("textbox", name="Who").fill("ann")
    dialog.get_by_role("textbox", name="Note").fill("looking")
    dialog.get_by_role("button", name="Acknowledge").click()
    page.get_by_role("table", name="Alerts").get_by_text("ann has it").wait_for()
    history = panel.get_by_role("list", name="History")
    history.get_by_text("acknowledged", exact=True).wait_for()
    panel.get_by_role("button", name="Let go").click()
    assert dialog.get_by_role("textbox", name="Who").input_value() == "ann"
    dialog.get_by_role("button", name="Let go").click()
    history.get_by_text("released", exact=True).wait_for()
    assert panel.get_by_role("link", name="https://example.com/runbook").get_attribute("rel") == "noopener noreferrer"
    assert page.locator("a[href^='javascript']").count() == 0
    page.keyboard.press("Escape")
    panel.wait_for(state="detached")


def test_a_link_of_a_notice_leads_to_its_alert(told: Any, open_page: Opening) -> None:
    """As the server writes it."""
    found = httpx.get(f"{told.url}/api/v1/alerts", params={"project": PROJECT, "rule": "anything"}, timeout=60, trust_env=False, verify=False).json()["items"][
        0
    ]
    page = open_page(told, f"/alerts/{found['id']}?project={PROJECT}")
    page.get_by_role("complementary", name="Alert").get_by_role("list", name="History").get_by_text("firing", exact=True).first.wait_for()
    assert f"project={PROJECT}" in page.url


def test_an_alert_is_silenced_and_the_silence_ended(told: Any, open_page: Opening) -> None:
    """It begins with what the alert is about."""
    page = open_page(told, f"/alerts?project={PROJECT}&rule=anything")
    page.get_by_role("link", name="warning, firing: <b>ran</b>\\u202e").first.click()
    page.get_by_role("complementary", name="Alert").get_by_role("button", name="Silence").click()
    dialog = page.get_by_role("dialog")
    assert "rule=anything" in dialog.get_by_role("textbox", name="Labels").input_value()
    dialog.get_by_role("textbox", name="Why").fill("maintenance")
    dialog.get_by_role("button", name="Silence", exact=True).click()
    dialog.wait_for(state="detached")
    page.get_by_text("Silences", exact=True).click()
    table = page.get_by_role("table", name="Silences")
    table.get_by_text("ends in").wait_for()
    table.get_by_role("button", name="End the silence of rule=anything").click()
    table.get_by_text("over", exact=True).wait_for()
    table.get_by_role("button", name="Delete the silence of rule=anything").click()
    page.get_by_text("None. A silence that begins later is a maintenance window.").wait_for()


def test_what_was_delivered_is_told(told: Any, open_page: Opening) -> None:
    """With the answer of the channel; each leads to its alert."""
    page = open_page(told, f"/alerts?project={PROJECT}&show=deliveries")
    page.get_by_role("table", name="Deliveries").get_by_role("link").first.click()
    page.get_by_role("complementary", name="Alert").get_by_role("list", name="History").get_by_text("delivered").first.wait_for()


@pytest.mark.parametrize(
    "path",
    [
        "/alerts?",
        "/alerts?by=cause&cause=agent%20coder&",
        "/alerts?show=rules&",
        "/alerts?show=silences&",
        "/alerts?show=deliveries&",
        "/alerts?show=actions&",
        "/alerts/rule?name=went-well&",
    ],
)
def test_axe_finds_nothing_on_alerts(told: Any, open_page: Opening, axe: str, path: str) -> None:
    """In each part, and in the form."""
    check_rules(open_page(told, f"{path}project={PROJECT}"), axe)


def test_alerts_by_cause_are_taken_and_let_go_at_once(told: Any, open_page: Opening) -> None:
    """By keyboard: the switch is in the address, a cause says who is affected, and what is done is done with all of it."""
    page = open_page(told, f"/alerts?project={PROJECT}&rule=anything")
    page.get_by_role("table", name="Alerts").wait_for()
    page.get_by_role("radiogroup", name="How they are put together").get_by_text("By cause").click()
    page.wait_for_url("**by=cause*")
    page.get_by_role("link", name="warning, firing: agent coder, 1 alert").wait_for()
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    panel = page.get_by_role("complementary", name="Cause")
    panel.get_by_role("link", name="coder", exact=True).wait_for()
    panel.get_by_role("button", name="Acknowledge all").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("textbox", name="Who").fill("ben")
    dialog.get_by_role("button", name="Acknowledge").click()
    page.get_by_role("table", name="Causes of alerts").get_by_text("ben has it").wait_for()
    panel.get_by_role("button", name="Let go of all").click()
    dialog.get_by_role("button", name="Let go").click()
    panel.get_by_role("button", name="Acknowledge all").wait_for()
    panel.get_by_role("link", name="<b>ran</b>").click()
    alert = page.get_by_role("complementary", name="Alert")
    history = alert.get_by_role("list", name="History")
    history.get_by_text("released", exact=True).first.wait_for()
    assert history.get_by_text("by ben").count() >= 2
    page.keyboard.press("Escape")
    panel.wait_for()
    page.keyboard.press("Escape")
    panel.wait_for(state="detached")


def test_causes_fit_a_narrow_screen_and_say_when_there_are_none(told: Any, open_page: Opening) -> None:
    """Nothing has to be scrolled sideways; an address that names what is gone says so."""
    page = open_page(told, f"/alerts?project={PROJECT}&by=cause", viewport={"width": 390, "height": 844})
    page.get_by_role("link", name="agent coder").first.wait_for()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    visit(page, f"/alerts?project={PROJECT}&by=cause&state=resolved&rule=went-well&cause=agent%20nobody")
    page.get_by_text("No alert is put down to it any more.").wait_for()
    page.get_by_text("No alert matches").wait_for(state="attached")
