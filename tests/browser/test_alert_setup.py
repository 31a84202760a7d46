"""Channels, their forms, and the routing: made, tried and changed by hand."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import httpx
from tests.browser.telling import tell, version

Opening = Callable[..., Any]
PROJECT = "alert-setup-in-a-browser"


def test_a_channel_is_made_of_what_its_kind_says(server: Any, open_page: Opening) -> None:
    """A form for each kind; what is wrong is told at its field; a test says what the other side said."""
    page = open_page(server, f"/alerts?project={PROJECT}&show=channels", refusals=(400,))
    page.get_by_role("button", name="New channel").first.click()
    form = page.get_by_role("dialog")
    form.get_by_role("button", name="Keep").click()
    form.get_by_text("It is needed.").first.wait_for()
    form.get_by_label("Name").fill("team")
    form.get_by_label("URL").fill("nowhere")
    form.get_by_role("button", name="Keep").click()
    form.get_by_role("alert").wait_for()
    form.get_by_label("Kind").select_option("email")
    form.get_by_label("Recipients").wait_for()
    form.get_by_label("Kind").select_option("webhook")
    form.get_by_label("URL").fill("http://127.0.0.1:9/hook")
    form.get_by_label("Secret").fill("a-secret")
    form.get_by_role("button", name="Keep").click()
    form.wait_for(state="detached")
    page.get_by_role("button", name="Send a test to team").click()
    page.get_by_text("not delivered").first.wait_for()
    page.get_by_role("button", name="team", exact=True).click()
    assert page.get_by_role("dialog").get_by_label("Secret").input_value() == "**********"
    page.get_by_role("dialog").get_by_role("button", name="Keep").click()  # a secret as it was shown stays
    page.get_by_role("dialog").wait_for(state="detached")


def test_secrets_are_known_by_name_and_sealed_anew(server: Any, open_page: Opening) -> None:
    """Their values are on no page; one is replaced in the form of its channel; a new key is asked for with who and why."""
    where: dict[str, Any] = {"params": {"project": f"{PROJECT}-secrets"}, "timeout": 60, "trust_env": False, "verify": False}
    settings = {"url": "http://127.0.0.1:9/hook", "secret": "never-to-be-seen"}
    httpx.put(f"{server.url}/api/v1/alert-channels/team", json={"kind": "webhook", "settings": settings}, **where).raise_for_status()
    page = open_page(server, f"/alerts?project={PROJECT}-secrets&show=channels")
    kept = page.get_by_role("table", name="Secrets")
    kept.get_by_text("secret", exact=True).wait_for()
    before = page.locator("code").inner_text()
    page.get_by_role("button", name="Replace secrets of team").click()
    form = page.get_by_role("dialog")
    form.get_by_label("Secret").fill("another-one")
    form.get_by_role("button", name="Keep").click()
    form.wait_for(state="detached")
    page.get_by_role("button", name="New key").click()
    assert form.get_by_role("button", name="Make a new key").is_disabled()
    form.get_by_label("Who").fill("ann")
    form.get_by_role("button", name="Make a new key").click()
    page.get_by_text("of channels sealed anew").wait_for()
    page.wait_for_function("(before) => document.querySelector('code').textContent !== before", arg=before)
    assert "never-to-be-seen" not in page.content()
    assert "another-one" not in page.content()


def test_the_routing_is_changed_and_tried(server: Any, open_page: Opening) -> None:
    """A route below every alert, a schedule that says who is on call, and where an alert would go."""
    page = open_page(server, f"/alerts?project={PROJECT}-routing&show=routing", refusals=(400, 422))
    page.get_by_role("button", name="Add a route below every alert").click()
    form = page.get_by_role("dialog")
    form.locator(":is(input, select, textarea):focus").wait_for()
    form.get_by_label("Match").fill("severity=critical")
    form.get_by_label("Channels").fill("pager")
    form.get_by_label("Group wait, s").fill("90")
    form.get_by_role("button", name="Keep").click()
    form.wait_for(state="detached")
    page.get_by_text("waits 90 s for more").wait_for()
    page.get_by_text("There is no channel pager").wait_for()
    page.get_by_label("Labels of an alert").fill("severity=critical")
    page.get_by_role("button", name="Ask").click()
    page.get_by_text("Route 0.0").wait_for()
    page.get_by_role("button", name="New schedule").click()
    form.get_by_label("Name").fill("ops")
    form.get_by_label("Members").fill("ann\nbob")
    form.get_by_label("Starts").fill("no time")
    form.get_by_role("button", name="Keep").click()
    form.get_by_role("alert").wait_for()
    form.get_by_label("Starts").fill("2026-01-01T00:00:00Z")
    form.get_by_role("button", name="Keep").click()
    form.wait_for(state="detached")
    page.get_by_text("shifts of 7 d").wait_for()
    page.get_by_role("button", name="Take out the route of severity=critical").click()
    page.get_by_text("waits 90 s for more").wait_for(state="detached")


def test_a_policy_is_made_and_what_it_did_is_taken_back(finding_server: Any, open_page: Opening) -> None:
    """A form by what is done; the record says what came of it, and who took it back."""
    project = f"{PROJECT}-actions"
    tell(finding_server, project, version(1, "1", "be quick", agent="coder"))
    page = open_page(finding_server, f"/alerts?project={project}&show=actions")
    page.get_by_role("button", name="New policy").first.click()
    form = page.get_by_role("dialog")
    form.get_by_label("Name").and_(page.locator(":focus")).wait_for()
    form.get_by_role("button", name="Keep").click()
    form.get_by_text("It is needed.").first.wait_for()
    form.get_by_label("Name").fill("stop-coder")
    form.get_by_label("What is done").select_option("stop_run")
    form.get_by_label("Label").fill("agent")
    form.get_by_label("Match").fill("rule=ran")
    form.get_by_label("Severity").select_option("warning")
    form.get_by_label("Mode").select_option("live")
    form.get_by_role("button", name="Keep").click()
    page.get_by_role("table", name="Policies").get_by_text("live", exact=True).wait_for()
    ran = {"kind": "threshold", "source": "spans", "measure": "count", "value": 0, "window_s": 604800}
    rule = {"condition": ran, "group_by": ["agent"], "query": "agent:coder", "interval_s": 5}
    address = f"{finding_server.url}/api/v1/alert-rules/ran"
    httpx.put(address, params={"project": project}, json={"rule": rule}, timeout=60, trust_env=False, verify=False).raise_for_status()
    page.get_by_role("button", name="Undo the action of stop-coder").click()
    form.get_by_label("Who").fill("ann")
    form.get_by_role("button", name="Undo", exact=True).click()
    record = page.get_by_role("table", name="Actions")
    record.get_by_text("taken back").wait_for()
    record.get_by_title("by ann").wait_for()
    page.get_by_role("button", name="stop-coder", exact=True).click()
    form.get_by_role("button", name="Delete").click()
    form.get_by_role("button", name="Really delete it").click()
    page.get_by_text("No policy yet").wait_for()
