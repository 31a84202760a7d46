"""Real answers are what the models of `show/models` say: every field is there, of its type, and no other."""

from __future__ import annotations

import json
import secrets
import time
from collections.abc import Callable
from typing import Any

import pytest
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
from opentelemetry.proto.logs.v1.logs_pb2 import LogRecord
from tests.flow.answers import checked
from tests.flow.conftest import SECOND_NS, Client, any_value, attributes, chat, records, span, spans

TRACE = secrets.token_bytes(16)
SPAN = f"/traces/{TRACE.hex()}/spans/{(2).to_bytes(8).hex()}"
LISTS = (
    "traces spans events sessions agents executions sources facets attributes metrics prices prices/unknown prices/explain ledger projects summary "
    "search/complete series/spans series/calls series/events points"
).split()
WANTED: dict[str, dict[str, Any]] = {
    "search/complete": {"text": "kind:"},
    "prices": {"model": "gpt-4o"},
    "prices/explain": {"model": "gpt-4o", "input_tokens": 10},
    "points": {"metric": "took"},
}


@pytest.fixture(scope="module")
def full(server: Any, http: Any, channel: Any, eventually: Callable[..., Any]) -> Client:
    """A project with some of everything."""
    client = Client(server, f"answers-{secrets.token_hex(4)}", http, channel)
    start = time.time_ns() - 5 * SECOND_NS
    said = [{"role": "user", "parts": [{"type": "text", "content": "Hello?"}]}]
    agent = {"gen_ai__operation__name": "invoke_agent", "gen_ai__agent__name": "planner", "session__id": "s", "user__id": "u"}
    call = chat(trace=TRACE, number=2, under=1, response="r", start_ns=start, gen_ai__input__messages=json.dumps(said), odd=[1, {"a": "b"}])
    call.events.add(time_unix_nano=start, name="e", attributes=attributes({"n": 1}))
    call.links.add(trace_id=b"l" * 16, span_id=b"l" * 8, attributes=attributes({"n": 0.5}))
    unknown = chat(trace=TRACE, number=3, under=1, start_ns=start)
    unknown.attributes[2].value.string_value = "nobody-knows-this-model"
    client.post(
        spans(span("run", trace=TRACE, start_ns=start, **agent), call, unknown, span("open", trace=TRACE, number=4, under=99, start_ns=0, duration_ns=0))
    )
    client.post(
        records(LogRecord(time_unix_nano=start, event_name="execution.start", body=any_value({"k": [1]}), attributes=attributes({"execution.id": "x"})))
    )
    client.post(_metrics(start))
    eventually(lambda: client.told("/summary")["spans"], lambda count: count == 4)
    eventually(lambda: len(client.told("/metrics")["items"]), lambda count: count == 2)
    eventually(lambda: client.told("/events")["items"])
    return client


def _metrics(now_ns: int) -> ExportMetricsServiceRequest:
    request = ExportMetricsServiceRequest()
    scope = request.resource_metrics.add().scope_metrics.add()
    scope.metrics.add(name="load", unit="1").gauge.data_points.add(time_unix_nano=now_ns, as_double=0.5)
    took = scope.metrics.add(name="took", unit="s").histogram
    took.aggregation_temporality = 1
    took.data_points.add(time_unix_nano=now_ns, count=3, sum=1.5, explicit_bounds=[0.1, 1], bucket_counts=[1, 1, 1])
    return request


@pytest.mark.parametrize("name", LISTS)
def test_a_list_is_as_described(full: Client, name: str) -> None:
    """With items in it."""
    told = full.told(f"/{name}", **WANTED.get(name, {}))
    assert told.get("items", True), "the test should send something that is shown here"


def test_a_gauge_is_as_described(full: Client) -> None:
    """Without the quantiles that only histograms have."""
    [point] = full.told("/points", metric="load")["items"]
    assert (point["last"], "p50" in point) == (0.5, False)


def test_a_trace_is_as_described(full: Client) -> None:
    """Its tree, one span whole, and what was said."""
    tree = full.told(f"/traces/{TRACE.hex()}")
    assert (tree["total"], tree["roots"], tree["orphans"]) == (4, 1, 1)
    whole = full.told(SPAN)
    assert whole["attributes"]["odd"] == [1, {"a": "b"}]
    full.told(f"/traces/{TRACE.hex()}/messages")
    full.told(f"{SPAN}/messages")


def test_health_is_as_described(full: Client) -> None:
    """The path of the design documents."""
    checked(full.http.get(f"{full.server.url}/health"))


def test_events_at_the_root_are_the_same(full: Client) -> None:
    """As under /api/v1."""
    assert checked(full.http.get(f"{full.server.url}/events", params={"project": full.project})) == full.told("/events")


def test_rows_of_sql_are_objects(full: Client) -> None:
    """With the names of the columns in order."""
    answer = full.http.post(f"{full.server.url}/api/v1/sql", params={"project": full.project}, json={"sql": "SELECT 1 AS b, 'x' AS a"})
    assert checked(answer) == {"items": [{"b": 1, "a": "x"}], "columns": ["b", "a"], "next_cursor": None}
