"""Where the time of an agent's runs goes, and what retries take, from OTLP in to JSON out."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from opentelemetry.proto.trace.v1.trace_pb2 import Span, Status
from tests.flow.conftest import SECOND_NS, Client, span, spans

RUNS = 30


def _run(number: int, begin_ns: int, searching_s: float) -> list[Span]:
    """Of ten seconds, with a search that fails, and one that does not."""
    trace = (begin_ns + number).to_bytes(16)
    tool: dict[str, Any] = {"gen_ai__operation__name": "execute_tool", "gen_ai__tool__name": "search"}
    failed = span("search", trace=trace, number=2, under=1, start_ns=begin_ns + SECOND_NS, **tool)
    failed.status.code = Status.STATUS_CODE_ERROR
    run = span("run", trace=trace, number=1, start_ns=begin_ns, duration_ns=10 * SECOND_NS, gen_ai__operation__name="invoke_agent", gen_ai__agent__name="ada")
    again = span("search", trace=trace, number=3, under=1, start_ns=begin_ns + 2 * SECOND_NS, duration_ns=round(searching_s * SECOND_NS), **tool)
    return [run, failed, again]


def test_the_critical_path_of_an_agent_is_told(client: Client, eventually: Callable[..., Any]) -> None:
    """Step by step, against the range before, with what retries take; who is not known has none."""
    now_ns = time.time_ns()
    hour_ns = 3_600 * SECOND_NS
    members = [
        member
        for begin_ns, searching in ((now_ns - 2 * hour_ns, 1.0), (now_ns - hour_ns, 7.0))
        for number in range(RUNS)
        for member in _run(number, begin_ns + number * 20 * SECOND_NS, searching)
    ]
    client.post(spans(*members)).raise_for_status()
    asked = {"from": str(now_ns - hour_ns), "to": str(now_ns)}
    told = eventually(lambda: client.get("/agents/ada/critical-path", **asked).json(), lambda found: found.get("runs") == found.get("runs_before") == RUNS)
    first = told["items"][0]
    assert (first["kind"], first["name"], round(first["share"], 3), round(first["share_before"], 3)) == ("tool", "search", 0.8, 0.2)
    assert first["change"]["false_share"] < 0.01
    assert (told["retries"]["retries"], round(told["retries"]["time_share"], 3), told["retried"][0]["name"]) == (RUNS, 0.1, "search")
    assert "80% of it in the tool search" in told["told"]
    assert "Retries take 10.0% of the time. " in told["told"]  # what they take nothing of is not told
    same = client.told("/agents/ada/critical-path", **asked, before_from=asked["from"], before_to=asked["to"])
    assert same["items"][0]["share_before"] == first["share"]
    assert client.get("/agents/ada/critical-path", before_from="-2h").status_code == 400
    assert client.get("/agents/nobody/critical-path").status_code == 404
