"""History is priced again through the API: nothing changes by itself, and a new price stands wherever a cost is told."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from opentelemetry.proto.logs.v1.logs_pb2 import LogRecord
from tests.flow.conftest import Client, attributes, chat, records, span, spans

Eventually = Callable[..., Any]


def told(client: Client, trace: bytes, eventually: Eventually) -> None:
    """A model call in a tier, within an agent's run, and one that only a log record tells."""
    client.post(
        spans(
            span("invoke_agent a", trace=trace, number=1, gen_ai__operation__name="invoke_agent", gen_ai__agent__name="a"),
            chat(trace=trace, number=2, under=1, tokens=(1000, 10), gen_ai__openai__response__service_tier="flex", gen_ai__response__model="our-own"),
        )
    )
    logged = {"event.name": "api_request", "session.id": "s-1", "model": "claude-sonnet-4-5", "input_tokens": 1000, "output_tokens": 3}
    record = LogRecord(time_unix_nano=time.time_ns(), event_name="claude_code.api_request", attributes=attributes(logged))
    client.post(records(record, scope="com.anthropic.claude_code.events"))
    eventually(lambda: client.told("/summary")["model_calls"], lambda calls: calls == 2)


def reprice(client: Client) -> tuple[int, int]:
    """How many calls were looked at, and changed."""
    answer = client.http.post(f"{client.server.url}/api/v1/prices/reprice", params={"project": client.project})
    assert answer.status_code == 200, answer.text
    return answer.json()["calls"], answer.json()["changed"]


def costs(client: Client, trace: bytes) -> tuple[Any, ...]:
    """Of the summary, the trace, its dearest span, and calls as SQL gives them."""
    whole = client.told(f"/traces/{trace.hex()}")
    by_sql = client.sql("SELECT sum(cost_usd) AS usd FROM calls")[0]["usd"]
    return client.told("/summary")["cost_usd"], whole["trace"]["cost_usd"], max(one["cost_usd"] for one in whole["items"]), by_sql


def test_the_table_of_the_arrival_gives_the_same(client: Any, trace: bytes, eventually: Eventually) -> None:
    """Asked for as often as one likes."""
    told(client, trace, eventually)
    before = costs(client, trace)
    assert before[1] > 0
    assert reprice(client) == (2, 0)
    assert costs(client, trace) == before


def test_a_new_price_stands_wherever_a_cost_is_told(run_server: Any, http: Any, channel: Any, trace: bytes, eventually: Eventually, tmp_path: Path) -> None:
    """After a restart with prices of the operator's own: summary, trace, its spans, search."""
    with run_server(tmp_path, STORE__COMMIT_INTERVAL_S="0.05") as server:
        told(Client(server, "p", http, channel), trace, eventually)
    with run_server(tmp_path, PRICES__OVERRIDES=json.dumps([{"model": "*", "input": 100, "output": 0}])) as server:
        client = Client(server, "p", http, channel)
        assert reprice(client) == (2, 2)
        assert costs(client, trace) == pytest.approx((0.2, 0.1, 0.1, 0.2))
        assert [row["trace_id"] for row in client.items("/spans", query="cost>0.09")] == [trace.hex()]
