"""From a call with an attack in its arguments to somebody who did something about it: what is found, how threatened the agent is, and the audit."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import httpx
from tests.flow.conftest import Client, span, spans

ATTACK = json.dumps({"customer": "x' or '1'='1' --"})


def attacked(client: Client, eventually: Callable[..., Any]) -> dict[str, Any]:
    """The finding about a call of `lookup_customer`."""
    trace = b"security-in-flow"
    run = span("invoke_agent clerk", trace=trace, number=1, gen_ai__operation__name="invoke_agent", gen_ai__agent__name="clerk")
    told: dict[str, Any] = {"gen_ai__operation__name": "execute_tool", "gen_ai__agent__name": "clerk", "gen_ai__tool__name": "lookup_customer"}
    call = span("execute_tool", trace=trace, number=2, under=1, **told, gen_ai__tool__call__arguments=ATTACK, gen_ai__tool__call__result="17 rows")
    client.post(spans(run, call)).raise_for_status()

    def found() -> Any:
        return client.items("/findings", query="has:attr.spyglass.finding.owasp")

    return dict(eventually(found)[0])


def say(client: Client, path: str, who: str, note: str) -> httpx.Response:
    """Somebody does something about a finding."""
    return client.http.post(f"{client.server.url}/api/v1{path}", params={"project": client.project}, json={"who": who, "note": note})


def test_a_security_finding_is_mitigated_taken_back_and_told(client: Client, eventually: Callable[..., Any]) -> None:
    """The threat of its agent falls and comes back; each step is in the history, and an event for the audit."""
    finding = attacked(client, eventually)
    assert (finding["agent"], finding["tool"], finding["owasp"], finding["mitigated"]) == ("clerk", "lookup_customer", "ASI02", None)
    (threat,) = client.items("/security/threats")
    weight = {"low": 0.25, "medium": 0.5, "high": 0.75, "critical": 1.0}[finding["impact"]]
    assert (threat["agent"], threat["open"], threat["score"]) == ("clerk", 1, round(finding["confidence"] * weight, 4))
    path = f"/findings/{finding['fingerprint']}"
    (row,) = client.told(path)["chain"]
    assert (row["part"], row["tool"], row["status"], row["input"], row["output"]) == ("shows", "lookup_customer", "unset", ATTACK, "17 rows")

    done = say(client, f"{path}/mitigate", "ann", "bound the parameter").json()
    assert (done["mitigated"]["who"], done["mitigated"]["again"]) == ("ann", False)
    standings = {flag: client.items("/findings", query="has:attr.spyglass.finding.owasp", mitigated=flag) for flag in ("true", "false")}
    assert [len(standings[flag]) for flag in ("true", "false")] == [1, 0]
    (threat,) = client.items("/security/threats")
    assert (threat["score"], threat["open"], threat["mitigated"]) == (0, 0, 1)
    done = say(client, f"{path}/reopen", "bob", "not everywhere").json()
    assert [(step["action"], step["who"]) for step in done["history"]] == [("mitigate", "ann"), ("reopen", "bob")]
    assert client.items("/security/threats")[0]["score"] > 0
    audits = eventually(lambda: client.items("/events", query="event:audit"), lambda found: len(found) == 2)
    assert {one["attributes"]["spyglass.audit.action"] for one in audits} == {"finding.mitigate", "finding.reopen"}


def test_what_nobody_found_cannot_be_mitigated(client: Client) -> None:
    """Nor is it there."""
    nowhere = "/findings/00000000000000ff"
    for answer in (client.get(nowhere), say(client, f"{nowhere}/mitigate", "ann", "")):
        assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
