"""OpenTelemetry's own exporters, as they are."""

from __future__ import annotations

import asyncio
import logging

import grpc
import pytest
from opentelemetry.exporter.otlp.proto.grpc.metric_exporter import OTLPMetricExporter as GrpcMetrics
from opentelemetry.exporter.otlp.proto.grpc.trace_exporter import OTLPSpanExporter as GrpcSpans
from opentelemetry.exporter.otlp.proto.http import Compression
from opentelemetry.exporter.otlp.proto.http.metric_exporter import OTLPMetricExporter as HttpMetrics
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter as HttpSpans
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import MetricExportResult, PeriodicExportingMetricReader
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor, SpanExportResult

from spyglass.model.errors import DecodeError, Refused
from spyglass.receive.limits import Limits


@pytest.fixture
def logged(caplog, monkeypatch):
    """What the exporters log, repetitions too: they leave those out, and so what they log would depend on other tests."""
    for name in list(logging.root.manager.loggerDict):
        if name.startswith("opentelemetry"):
            monkeypatch.setattr(logging.getLogger(name), "filters", [])
    with caplog.at_level(logging.WARNING):
        yield caplog


def send_spans(exporter, names=("a", "b")) -> list[SpanExportResult]:
    """What the exporter says of one export per span."""
    results: list[SpanExportResult] = []
    export = exporter.export
    exporter.export = lambda spans: results.append(export(spans)) or results[-1]
    provider = TracerProvider(shutdown_on_exit=False)
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    for name in names:
        provider.get_tracer("test").start_span(name).end()
    provider.shutdown()
    return results


def names_of(sink) -> list[str]:
    return [
        span.name
        for body in sink.bodies
        for resource in ExportTraceServiceRequest.FromString(body.data).resource_spans
        for scope in resource.scope_spans
        for span in scope.spans
    ]


@pytest.mark.parametrize("compression", list(Compression))
async def test_spans_over_http(serve, sink, compression):
    """With each of the exporter's compressions."""
    server = await serve(grpc=None)
    exporter = HttpSpans(f"{server.url}/v1/traces", compression=compression)
    assert await asyncio.to_thread(send_spans, exporter) == [SpanExportResult.SUCCESS] * 2
    assert names_of(sink) == ["a", "b"]


@pytest.mark.parametrize("compression", [grpc.Compression.NoCompression, grpc.Compression.Gzip])
async def test_spans_over_grpc(serve, sink, compression):
    """With and without compression."""
    server = await serve(http=None)
    exporter = GrpcSpans(f"http://{server.target}", compression=compression)
    assert await asyncio.to_thread(send_spans, exporter) == [SpanExportResult.SUCCESS] * 2
    assert names_of(sink) == ["a", "b"]


@pytest.mark.parametrize("protocol", ["http", "grpc"])
async def test_metrics_over_both(serve, sink, protocol):
    """A counter, read and sent once."""
    server = await serve()
    exporter = HttpMetrics(f"{server.url}/v1/metrics") if protocol == "http" else GrpcMetrics(f"http://{server.target}")

    def send() -> MetricExportResult:
        reader = PeriodicExportingMetricReader(exporter, export_interval_millis=3_600_000)
        provider = MeterProvider([reader], shutdown_on_exit=False)
        provider.get_meter("test").create_counter("tokens").add(3)
        done = provider.force_flush(5_000)
        provider.shutdown()
        return MetricExportResult.SUCCESS if done else MetricExportResult.FAILURE

    assert await asyncio.to_thread(send) is MetricExportResult.SUCCESS
    assert {(body.signal, body.transport) for body in sink.bodies} == {("metrics", protocol)}


async def test_the_exporter_tries_again_when_it_is_told_to(serve, sink):
    """A refusal with a short wait becomes a success within one export, over gRPC."""
    server = await serve(http=None)
    refusals = [Refused("not yet", retry_after_s=0.05)]

    def judge(_body):
        if refusals:
            raise refusals.pop()

    sink.judge = judge
    assert await asyncio.to_thread(send_spans, GrpcSpans(f"http://{server.target}"), ("a",)) == [SpanExportResult.SUCCESS]
    assert names_of(sink) == ["a"]


async def test_the_exporter_gives_up_on_a_bad_body_and_logs_our_words(serve, sink, logged):
    """400 and INVALID_ARGUMENT are final; over gRPC our words reach whoever reads the agent's log (over HTTP the exporter shows the code alone)."""
    server = await serve()
    sink.error = DecodeError("no such span")
    for exporter in (HttpSpans(f"{server.url}/v1/traces"), GrpcSpans(f"http://{server.target}")):
        assert await asyncio.to_thread(send_spans, exporter, ("a",)) == [SpanExportResult.FAILURE]
    assert "code: 400" in logged.text
    assert "no such span" in logged.text


async def test_exporters_at_the_wrong_port_log_where_to_go(serve, logged):
    """The commonest mistake of all, in the words that the agent's log shows."""
    server = await serve()
    for exporter in (HttpSpans(f"http://{server.target}/v1/traces"), GrpcSpans(server.url)):
        assert await asyncio.to_thread(send_spans, exporter, ("a",)) == [SpanExportResult.FAILURE]
    assert f"OTLP/HTTP is on port {server.http_port}" in logged.text
    assert f"OTLP/gRPC is on port {server.grpc_port}" in logged.text


async def test_a_rate_that_is_exceeded_is_survived(serve, sink):
    """The exporter waits as told, and nothing is lost."""
    server = await serve(http=None, limits=Limits(max_requests_per_s=20, burst_s=0.05))
    results = await asyncio.to_thread(send_spans, GrpcSpans(f"http://{server.target}"), tuple("abcde"))
    assert (results, names_of(sink)) == ([SpanExportResult.SUCCESS] * 5, list("abcde"))
