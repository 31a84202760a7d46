"""What the server looks at by itself, and its settings."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

Opening = Callable[..., Any]


RUNNER = {
    "id": "probe",
    "kind": "tail",
    "version": "1.0.0",
    "description": "Log files as they grow",
    "origin": "built-in",
    "enabled": True,
    "state": "running",
    "since": "2026-01-01T00:00:00Z",
    "level": "partial",
    "problems": ["/var/log/secret.log: cannot be read: grant it with setfacl"],
    "seen": 1200,
    "kept": 1100,
    "dropped": {"too_long": 100},
    "crashes": 0,
    "crashes_in_row": 0,
    "last_error": None,
    "last_error_time": None,
    "next_start": None,
    "last_told": None,
    "settings": {"paths": ["/var/log/*.log"]},
}


def test_a_runner_is_stopped_and_started(server: Any, open_page: Opening) -> None:
    """What it lacks with what grants it, what was dropped and why, and a button that turns it round. The answers stand for a machine that lacks something."""
    state = ["running"]

    def answer(route: Any) -> None:
        if route.request.method == "POST":
            state[:] = ["stopped" if route.request.url.endswith("/probe/stop") else "running"]
            route.fulfill(json=RUNNER | {"state": state[0]})
        else:
            route.fulfill(json={"items": [RUNNER | {"state": state[0]}], "next_cursor": None, "kinds": [], "broken": []})

    page = open_page(server, "about:blank")
    page.route("**/api/v1/runners**", answer)
    page.goto("/system/runners")
    page.get_by_text("runs, sees a part").wait_for()
    page.get_by_text("grant it with setfacl").wait_for()
    page.get_by_text("100 too long").wait_for()
    page.get_by_role("button", name="Stop probe").click()
    page.get_by_role("button", name="Start probe").click()
    page.get_by_role("button", name="Stop probe").wait_for()


def test_a_server_without_runners_says_so(server: Any, open_page: Opening) -> None:
    """With the kinds that there could be."""
    page = open_page(server, "/system/runners")
    page.get_by_role("heading", name="No runner").wait_for()
    page.get_by_role("table", name="Kinds of runners").get_by_text("host", exact=True).wait_for()


def test_settings_say_what_set_them(server: Any, open_page: Opening) -> None:
    """Found by text, which stands in the address; what somebody set names its source."""
    page = open_page(server, "/settings")
    page.get_by_label("Find a setting").fill("commit_interval")
    page.wait_for_url("**find=commit_interval*")
    page.get_by_text("environment SPYGLASS_STORE__COMMIT_INTERVAL_S").wait_for()
    page.get_by_label("Find a setting").fill("nothing is called so")
    page.get_by_role("heading", name="No setting matches").wait_for()
    page.get_by_role("link", name="All settings").click()
    page.get_by_role("checkbox").check()
    page.wait_for_url("**set=1*")
