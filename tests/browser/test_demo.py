"""The demo by one click, from the start page of an empty server to a trace that is worth looking at."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import httpx
import pytest


@pytest.fixture(scope="module")
def fresh(run_server: Any, tmp_path_factory: pytest.TempPathFactory) -> Any:
    """A server that got nothing."""
    with run_server(tmp_path_factory.mktemp("fresh"), STORE__COMMIT_INTERVAL_S="0.05") as server:
        yield server


def test_one_click_tells_the_demo(fresh: Any, open_page: Callable[..., Any]) -> None:
    """It goes into a project of its own; a second one is refused while it goes on; it can be stopped, and what it told stays and leads on."""
    page = open_page(fresh, "/start")
    page.get_by_role("button", name="Start the demo").click()
    page.get_by_role("link", name="an agent that runs in circles").wait_for()
    again = httpx.post(f"{fresh.url}/api/v1/demo", json={}, timeout=20, trust_env=False, verify=False)
    assert (again.status_code, again.json()["code"]) == (409, "conflict")
    page.get_by_role("button", name="Stop").click()
    page.get_by_text("Stopped").wait_for()
    fresh.settled()
    ledger = fresh.get("/api/v1/ledger", project="demo").json()
    assert {sender["client"] for sender in ledger["senders"]} - {"runner:spyglass"} == {"demo"}  # the server itself may have found something
    page.get_by_role("link", name="Look at it").click()
    page.wait_for_url("**/traces?project=demo")
    page.locator("a[data-row]").first.wait_for()


def test_a_wish_that_cannot_be_is_refused(fresh: Any) -> None:
    """With what may be wished."""
    answer = httpx.post(f"{fresh.url}/api/v1/demo", json={"project": "a/b", "past_s": 1, "extra": 1}, timeout=20, trust_env=False, verify=False)
    assert answer.status_code == 422
    assert {"project", "past_s", "extra"} <= {problem["at"].split(".")[-1] for problem in answer.json()["problems"]}
