"""Where a trouble of an agent comes from, from OTLP in to JSON out."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable
from typing import Any

import pytest
from opentelemetry.proto.trace.v1.trace_pb2 import Status
from tests.flow.conftest import SECOND_NS, Client, chat, span, spans
from typer.testing import CliRunner

from spyglass.cli.main import app

MINUTES, ONSET = 90, 80
BEGIN_NS = time.time_ns() // (60 * SECOND_NS) * 60 * SECOND_NS - (MINUTES + 2) * 60 * SECOND_NS
AT = str(BEGIN_NS + ONSET * 60 * SECOND_NS)


@pytest.fixture(scope="module")
def troubled(server: Any, http: Any, channel: Any, eventually: Callable[..., Any]) -> Client:
    """A planner that calls a researcher, whose search fails since minute 80; a calculator of the planner goes on as before."""
    client = Client(server, f"rootcause-{secrets.token_hex(4)}", http, channel)
    front, back = [], []
    for minute in range(MINUTES):
        for run in range(6):
            start = BEGIN_NS + minute * 60 * SECOND_NS + run * SECOND_NS
            trace, broken = (minute * 10 + run + 1).to_bytes(16), minute >= ONSET and run % 2 == 0
            status = Status(code=Status.STATUS_CODE_ERROR if broken else Status.STATUS_CODE_OK)
            agent: dict[str, Any] = {"gen_ai__operation__name": "invoke_agent"}
            tool: dict[str, Any] = {"gen_ai__operation__name": "execute_tool"}
            outer = span("invoke_agent planner", trace=trace, number=1, start_ns=start, gen_ai__agent__name="planner", **agent)
            inner = span("invoke_agent researcher", trace=trace, number=2, under=1, start_ns=start, gen_ai__agent__name="researcher", **agent)
            search = span("execute_tool search", trace=trace, number=3, under=2, start_ns=start, gen_ai__tool__name="search", **tool)
            sums = span("execute_tool sums", trace=trace, number=4, under=1, start_ns=start, gen_ai__tool__name="sums", **tool)
            for one in (outer, inner, search):
                one.status.CopyFrom(status)
            front += [outer, sums, chat(trace=trace, number=5, under=1, start_ns=start)]
            back += [inner, search]
    client.post(spans(*front, service="front"))
    client.post(spans(*back, service="back"))
    eventually(
        lambda: client.told("/analytics/buckets", series="tool.count", **{"from": BEGIN_NS, "bucket_s": 60})["values"], lambda got: sum(got) == 12 * MINUTES, 30
    )
    return client


def test_the_failing_tool_is_the_likeliest_cause(troubled: Client) -> None:
    """Not the agents above it, which fail as well; the path says who called it."""
    told = troubled.told("/rootcause", agent="planner", at=AT, symptom="failures")
    first = told["items"][0]
    assert (first["node"], first["path"]) == ("tool:search", ["agent:planner", "agent:researcher", "tool:search"])
    assert (first["before"], round(first["during"], 1)) == (0.0, 0.5)
    assert "tool:sums" not in [item["node"] for item in told["items"]]
    assert "The likeliest cause is tool:search: 50% of its calls failed instead of 0%" in told["told"]


def test_services_are_ranked_as_well(troubled: Client) -> None:
    """The service behind, not the one in front."""
    told = troubled.told("/rootcause", service="front", at=AT)
    assert told["items"][0]["node"] == "service:back"


@pytest.mark.parametrize(
    ("parameters", "status", "wanted"),
    [
        ({"agent": "planner", "service": "front"}, 400, "either agent or service"),
        ({"agent": "nobody"}, 404, "nobody"),
        ({"service": "nowhere"}, 404, "was not called"),
    ],
)
def test_what_cannot_be_told_is_refused(troubled: Client, parameters: dict[str, str], status: int, wanted: str) -> None:
    """With what to do."""
    answer = troubled.get("/rootcause", at=AT, **parameters)
    assert (answer.status_code, wanted in answer.json()["detail"]) == (status, True), answer.text


def test_the_command_line_shows_causes(troubled: Client) -> None:
    """Within 80 columns; what stands out, too."""
    options = ["--url", troubled.server.url, "--project", troubled.project]
    environment = {"COLUMNS": "80", "NO_COLOR": "1"}
    cause = CliRunner().invoke(app, ["analytics", "rootcause", AT, "--agent", "planner", *options], env=environment)
    assert (cause.exit_code, "tool:search" in cause.stdout) == (0, True), cause.output
    past = ["--kind", "tool", "--figure", "failures", "--bucket", "60", "--from", str(BEGIN_NS)]
    seen = CliRunner().invoke(app, ["analytics", "detect", "researcher", *past, *options], env=environment)
    assert (seen.exit_code, "buckets stand out" in seen.stdout.replace("\n", " ")) == (0, True), seen.output
