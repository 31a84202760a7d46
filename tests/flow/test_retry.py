"""A body that is sent again, because its answer got lost, is stored once."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import grpc
import httpx
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
from opentelemetry.proto.logs.v1.logs_pb2 import LogRecord
from tests.flow.conftest import Client, Request, records, span, spans

SENT = "SELECT count() FROM events WHERE event_name != 'finding'"  # what the server itself finds comes when it comes
COUNTS = f"SELECT (SELECT count() FROM spans) AS spans, ({SENT}) AS events, (SELECT count() FROM points) AS points"
ONCE = [{"spans": 1, "events": 1, "points": 1}]


def bodies(trace: bytes) -> list[Request]:
    """One of each signal."""
    now = time.time_ns()
    points = ExportMetricsServiceRequest()
    points.resource_metrics.add().scope_metrics.add().metrics.add(name="m").gauge.data_points.add(time_unix_nano=now, as_int=1)
    return [spans(span(trace=trace)), records(LogRecord(time_unix_nano=now)), points]


def test_the_same_body_again_is_stored_once(client: Any, trace: bytes, eventually: Callable[..., Any]) -> None:
    """Each signal, three times, over both protocols; every time it is answered with success."""
    for body in bodies(trace):
        assert client.post(body).status_code == 200
        assert client.post(body).status_code == 200
        assert client.call(body) == b""
    eventually(lambda: client.sql(COUNTS), lambda rows: rows == ONCE)
    client.server.settled()
    assert client.sql(COUNTS) == ONCE


def test_another_project_gets_its_own(client: Any, other: Any, trace: bytes, eventually: Callable[..., Any]) -> None:
    """The same bytes for two tenants are two bodies."""
    for each in (client, other):
        for body in bodies(trace):
            each.post(body)
    for each in (client, other):
        eventually(lambda each=each: each.sql(COUNTS), lambda rows: rows == ONCE)


def test_a_restart_in_between_changes_nothing(run_server: Any, http: httpx.Client, tmp_path: Path, trace: bytes, eventually: Callable[..., Any]) -> None:
    """The log remembers what it kept."""
    sent = bodies(trace)
    for _ in range(2):
        with run_server(tmp_path) as server:
            client = Client(server, "default", http, grpc.insecure_channel(f"127.0.0.1:{server.otlp_grpc}"))
            assert [client.post(body).status_code for body in sent] == [200] * 3
            eventually(lambda client=client: client.sql(COUNTS), lambda rows: rows == ONCE)
            server.settled()
            assert client.sql(COUNTS) == ONCE
            assert client.told("/summary")["spans"] == 1
