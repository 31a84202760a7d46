"""A project that sends log records and metrics alone, as coding agents do, is shown like any other; and what is sent again counts once."""

from __future__ import annotations

import csv
import io
import secrets
import time
from collections.abc import Callable
from typing import Any

import pytest
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
from opentelemetry.proto.logs.v1.logs_pb2 import SEVERITY_NUMBER_INFO, LogRecord
from opentelemetry.proto.metrics.v1.metrics_pb2 import AGGREGATION_TEMPORALITY_DELTA
from tests.flow.conftest import SECOND_NS, Client, any_value, attributes, chat, records, span, spans

SCOPE = "com.anthropic.claude_code.events"
START_NS = time.time_ns() - 60 * SECOND_NS


def record(event: str, at: int, **told: Any) -> LogRecord:
    """As Claude Code writes it."""
    values = {"event.name": event, "session.id": "s-1", **told}
    return LogRecord(time_unix_nano=START_NS + at, severity_number=SEVERITY_NUMBER_INFO, body=any_value(f"claude_code.{event}"), attributes=attributes(values))


def sessions() -> ExportMetricsServiceRequest:
    """A metric of the same service."""
    request = ExportMetricsServiceRequest()
    group = request.resource_metrics.add()
    group.resource.attributes.extend(attributes({"service.name": "claude-code"}))
    scope = group.scope_metrics.add()
    scope.scope.name = "com.anthropic.claude_code"
    counter = scope.metrics.add(name="claude_code.session.count", unit="count").sum
    counter.aggregation_temporality, counter.is_monotonic = AGGREGATION_TEMPORALITY_DELTA, True
    counter.data_points.add(time_unix_nano=START_NS, as_double=1)
    return request


@pytest.fixture(scope="module")
def coding(server: Any, http: Any, channel: Any, eventually: Callable[..., Any]) -> Client:
    """Two model calls, one of which tells no tokens, and a prompt; each record comes in two bodies."""
    client = Client(server, f"records-{secrets.token_hex(4)}", http, channel)
    call = {"model": "claude-sonnet-4-5", "input_tokens": 10, "output_tokens": 5, "duration_ms": 900, "cost_usd": 0.01}
    members = [record("user_prompt", 1), record("api_request", 2, **call), record("api_request", 3, model="claude-sonnet-4-5", duration_ms=100)]
    client.post(records(*members, service="claude-code", scope=SCOPE))
    client.post(records(*members, record("user_prompt", 4), service="claude-code", scope=SCOPE))
    client.post(sessions())
    eventually(lambda: client.told("/series/events")["items"], lambda items: sum(item["count"] for item in items) == 4)
    eventually(lambda: client.told("/metrics")["items"])
    return client


def test_its_sources_are_listed_with_what_they_send(coding: Client) -> None:
    """And with what they lack, in words."""
    found = {item["scope_name"]: item for item in coding.told("/sources")["items"]}
    logs, metrics = found[SCOPE], found["com.anthropic.claude_code"]
    assert (logs["kinds"], logs["events"], logs["model_events"], logs["without_usage"]) == (["events"], 4, 2, 1)
    assert any(hint.startswith("1 of 2 model calls tells no tokens") for hint in logs["hints"])
    assert (metrics["kinds"], metrics["points"], metrics["hints"]) == (["points"], 1, [])


def test_its_facets_are_those_of_its_records(coding: Client) -> None:
    """Where nothing else was asked for; long and short ranges, with a search and without."""
    for more in ({}, {"from": "-1h"}, {"query": "model:claude-sonnet-4-5"}):
        told = coding.told("/facets", **more)
        values = {facet["field"]: {one["value"]: one["count"] for one in facet["values"]} for facet in told["items"]}
        assert (told["kind"], told["exact"], values["model"]) == ("events", True, {"claude-sonnet-4-5": 2})
    assert coding.told("/facets", kind="spans")["items"] == []


def test_its_values_complete_a_search(coding: Client) -> None:
    """With how many records have them."""
    told = coding.told("/search/complete", text="model:cl")["items"]
    assert {"text": "claude-sonnet-4-5", "kind": "value", "about": "2 log records"} in told
    assert any(item["text"] == "user_prompt" for item in coding.told("/search/complete", text="event:us")["items"])


def test_spans_that_are_sent_again_count_once(client: Client, trace: bytes, eventually: Callable[..., Any]) -> None:
    """In facets and series, over long ranges and short ones, and among the projects; and who tells twice is told."""
    outer = chat(trace=trace, number=1, start_ns=START_NS)
    inner = chat(trace=trace, number=2, under=1, start_ns=START_NS + 1)
    for number in (3, 4):
        client.post(spans(outer, span(trace=trace, number=number, start_ns=START_NS), scope="framework"))
        client.post(spans(inner, span(trace=trace, number=number + 2, start_ns=START_NS), scope="library"))
    eventually(lambda: client.told("/summary")["spans"], lambda count: count == 6)
    for more in ({}, {"from": "-1h"}):
        kinds = next(facet["values"] for facet in client.told("/facets", **more)["items"] if facet["field"] == "kind")
        assert {one["value"]: one["count"] for one in kinds} == {"llm": 2, "span": 4}
    assert sum(item["count"] for item in client.told("/series/spans")["items"]) == 6
    assert next(item["spans"] for item in client.items("/projects") if item["project"] == client.project) == 6
    found = {item["scope_name"]: item for item in client.told("/sources")["items"]}
    assert (found["library"]["spans"], found["library"]["model_spans"], found["framework"]["told_by"]) == (3, 1, [])
    assert found["library"]["told_by"] == [{"service": "test", "scope_name": "framework", "spans": 1, "events": 0}]


def test_csv_has_the_values_of_json(client: Client, trace: bytes, eventually: Callable[..., Any]) -> None:
    """Ids are hex; all columns of a span can be asked for by its trace id."""
    client.post(spans(chat(trace=trace, number=1)))
    text = "SELECT * FROM spans WHERE trace_id = unhex({id:String})"
    eventually(lambda: client.sql("SELECT trace_id FROM spans"))
    body = {"sql": text, "parameters": {"id": trace.hex()}}
    address, project = f"{client.server.url}/api/v1/sql", {"project": client.project}
    [item] = client.http.post(address, params=project, json=body).json()["items"]
    [row] = csv.DictReader(io.StringIO(client.http.post(address, params=project, json=body, headers={"accept": "text/csv"}).text))
    assert row.keys() == item.keys()
    assert (row["trace_id"], row["span_id"], row["start"], row["model"]) == (trace.hex(), item["span_id"], item["start"], item["model"])
