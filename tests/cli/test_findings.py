"""Findings in the terminal: listed by what they are and how they stand, shown with their rows, mitigated and taken back."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from tests.flow.conftest import span, spans

from spyglass.model.errors import InputError, NotFound

ATTACK = json.dumps({"customer": "x' or '1'='1' --"})


@pytest.fixture
def findings(run: Any, server: Any, project: str) -> Callable[..., Any]:
    """Run a command against a project in which an attack is found."""
    told: dict[str, Any] = {"gen_ai__operation__name": "execute_tool", "gen_ai__agent__name": "clerk", "gen_ai__tool__name": "lookup_customer"}
    body = spans(span("execute_tool", trace=b"findings-in-cli-", **told, gen_ai__tool__call__arguments=ATTACK)).SerializeToString()
    headers = {"content-type": "application/x-protobuf", "x-spyglass-project": project}
    httpx.post(f"{server.endpoint}/v1/traces", content=body, headers=headers, timeout=60, trust_env=False, verify=False).raise_for_status()
    deadline = time.monotonic() + 120
    while not server.get("/api/v1/findings", project=project, query="has:attr.spyglass.finding.owasp").json()["items"]:
        assert time.monotonic() < deadline
        threading.Event().wait(0.1)
    return lambda *arguments, **variables: run("findings", *arguments, "--url", server.url, "--project", project, **variables)


def test_findings_are_listed_shown_mitigated_and_taken_back(findings: Any, told: Any) -> None:
    """Within 80 columns; what somebody did decides in which list one stands."""
    chosen = ("list", "tool:lookup_customer or tool:none", "--agent", "clerk", "--severity", "info", "--analyzer", "injection")
    (found,) = told(findings(*chosen, "--json"))
    shown = findings(*chosen).stdout
    assert found["fingerprint"] in shown
    assert max(map(len, shown.splitlines())) <= 80
    assert findings("list", "--analyzer", "nobody").exit_code == 4
    story = findings("show", found["fingerprint"]).stdout
    assert "lookup_customer" in story
    assert "standing: open" in story
    assert "mitigated by ann" in findings("mitigate", found["fingerprint"], "-m", "bound it", "--as", "ann").stdout
    assert told(findings(*chosen, "--open", "--json")) == []
    assert [one["fingerprint"] for one in told(findings(*chosen, "--mitigated", "--json"))] == [found["fingerprint"]]
    assert "open" in findings("reopen", found["fingerprint"]).stdout
    (whole,) = told(findings("show", found["fingerprint"], "--json"))
    step = whole["history"][0]
    assert (step["action"], step["who"], step["note"]) == ("mitigate", "ann", "bound it")


def test_a_verdict_is_given_shown_and_taken_back(findings: Any, told: Any) -> None:
    """In the list where there is room, in the whole with who, why and what it does; without one there is nothing to take back."""
    (found,) = told(findings("list", "--analyzer", "injection", "--json"))
    mine = found["fingerprint"]
    with pytest.raises(InputError, match="has no verdict"):
        findings("verdict", mine, "none")
    said = findings("verdict", mine, "noise", "-m", "its nightly batch", "--as", "ann").stdout
    assert "noise, says ann" in said
    (whole,) = told(findings("show", mine, "--json"))
    assert {name: whole["verdict"][name] for name in ("verdict", "who", "note")} == {"verdict": "noise", "who": "ann", "note": "its nightly batch"}
    assert "verdict: noise, says ann" in findings("show", mine).stdout
    assert "noise" in findings("list", "--analyzer", "injection", COLUMNS="160").stdout
    assert "no verdict" in findings("verdict", mine, "none", "--as", "ann").stdout
    assert [step["action"] for step in told(findings("show", mine, "--json"))[0]["history"]] == ["noise", "forget"]


def test_what_nobody_found_is_told(run: Any, server: Any, project: str) -> None:
    """And a search that cannot be understood, and an empty project."""
    where = ("--url", server.url, "--project", project)
    assert run("findings", "list", *where).exit_code == 4
    with pytest.raises(NotFound):
        run("findings", "show", "00000000000000ff", *where)
    with pytest.raises(InputError):
        run("findings", "list", "duration:>>", *where)
