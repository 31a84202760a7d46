"""Controls over what arrived, from OTLP in to JSON out and on the command line."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.flow.conftest import Client, chat, span, spans
from typer.testing import CliRunner

from spyglass.cli.main import app


def test_controls_pass_fail_or_have_no_data(client: Client, trace: bytes, eventually: Callable[..., Any]) -> None:
    """A call that no agent answers for fails one control; nothing risky is declared, so that there is nothing to go by."""
    assert {item["state"] for item in client.told("/compliance")["items"]} == {"no_data"}
    agent: dict[str, Any] = {"gen_ai__operation__name": "invoke_agent", "gen_ai__agent__name": "ada"}
    client.post(spans(span("invoke_agent", trace=trace, number=1, **agent), chat(trace=trace, number=2, under=1), chat(trace=trace[::-1], number=3)))
    told = eventually(lambda: client.told("/compliance"), lambda answer: answer["passed"] and answer["failed"] >= 2)
    items = {item["control"]: item for item in told["items"]}
    states = {name: items[name]["state"] for name in ("records.attributed", "records.usage", "records.versioned", "oversight.approved")}
    assert states == {"records.attributed": "fail", "records.usage": "pass", "records.versioned": "fail", "oversight.approved": "no_data"}
    assert items["records.attributed"]["evidence"] == [f"{trace[::-1].hex()}/{(3).to_bytes(8).hex()}"]
    assert "risky_tools" in items["oversight.approved"]["told"]
    assert [item["state"] for item in told["items"]] == sorted((item["state"] for item in told["items"]), key=["fail", "no_data", "pass"].index)

    options = ["analytics", "compliance", "--url", client.server.url, "--project", client.project]
    shown = CliRunner().invoke(app, options, env={"COLUMNS": "80", "NO_COLOR": "1"})
    assert (shown.exit_code, "records.attributed" in shown.stdout) == (1, True), shown.output
