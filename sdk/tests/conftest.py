"""A receiver of OTLP/HTTP on a real socket, programs that run the SDK in a process of their own, and OpenTelemetry's own in-memory exporters."""

from __future__ import annotations

import gzip
import os
import subprocess
import sys
import textwrap
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from opentelemetry import _logs, metrics, trace
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.sdk._logs import LoggerProvider
from opentelemetry.sdk._logs.export import InMemoryLogRecordExporter, SimpleLogRecordProcessor
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import InMemoryMetricReader
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from spyglass_sdk import settings


@dataclass
class Receiver:
    """What arrived so far. `silent` holds every answer back until the test is over; `statuses` are answered first, one each."""

    url: str = ""
    silent: threading.Event = field(default_factory=threading.Event)
    over: threading.Event = field(default_factory=threading.Event)
    statuses: list[int] = field(default_factory=list)
    answer: bytes = b""
    requests: list[tuple[str, dict[str, str], bytes]] = field(default_factory=list)

    def spans(self) -> list[tuple[str, str]]:
        """Give (service name, span name) of each span that ended, in order of arrival."""
        return [(service, span.name) for service, span in self._spans() if not told(span).get("spyglass.pending")]

    def announced(self) -> list[dict[str, Any]]:
        """Give name and attributes of each announcement."""
        return [{"name": span.name, **told(span)} for _, span in self._spans() if told(span).get("spyglass.pending")]

    def attributes(self, name: str) -> dict[str, Any]:
        """Give the attributes of the first span of this name that ended."""
        return next(told(span) for _, span in self._spans() if span.name == name and not told(span).get("spyglass.pending"))

    def logs(self) -> list[tuple[str, str]]:
        """Give (service name, event name) of each log record, in order of arrival."""
        bodies = [ExportLogsServiceRequest.FromString(body) for path, _, body in self.requests if path == "/v1/logs"]
        groups = [group for body in bodies for group in body.resource_logs]
        return [(_service(group), record.event_name) for group in groups for scope in group.scope_logs for record in scope.log_records]

    def metrics(self) -> set[str]:
        """Give the names of all metrics."""
        bodies = [ExportMetricsServiceRequest.FromString(body) for path, _, body in self.requests if path == "/v1/metrics"]
        return {metric.name for body in bodies for group in body.resource_metrics for scope in group.scope_metrics for metric in scope.metrics}

    def _spans(self) -> Iterator[tuple[str, Any]]:
        bodies = [ExportTraceServiceRequest.FromString(body) for path, _, body in self.requests if path == "/v1/traces"]
        for group in (group for body in bodies for group in body.resource_spans):
            yield from ((_service(group), span) for scope in group.scope_spans for span in scope.spans)


def told(record) -> dict[str, Any]:
    """Attributes of an OTLP record; lists as they are."""
    return {one.key: getattr(one.value, one.value.WhichOneof("value")) for one in record.attributes}


def _service(group) -> str:
    return next(a.value.string_value for a in group.resource.attributes if a.key == "service.name")


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """An OTLP/HTTP receiver on a free port."""
    state = Receiver()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            status = state.statuses.pop(0) if state.statuses else 200
            if status == 200:
                plain = gzip.decompress(body) if self.headers.get("content-encoding") == "gzip" else body
                state.requests.append((self.path, {k.lower(): v for k, v in self.headers.items()}, plain))
            if state.silent.is_set():
                state.over.wait(30)
            self.send_response(status)
            self.send_header("content-type", "application/x-protobuf")
            self.send_header("content-length", str(len(state.answer)))
            self.end_headers()
            self.wfile.write(state.answer)

        def log_message(self, *args: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    server.handle_error = lambda *_: None  # a client that ended while we were silent
    state.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield state
    state.over.set()
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def program() -> Callable[..., subprocess.CompletedProcess[str]]:
    """Run a program with only the environment given; it must end by itself, and well."""

    def run(text: str, **environ: str) -> subprocess.CompletedProcess[str]:
        kept = {k: v for k, v in os.environ.items() if not k.startswith(("OTEL_", "SPYGLASS_")) and "proxy" not in k.lower()}
        command = [sys.executable, "-c", textwrap.dedent(text)]
        done = subprocess.run(command, env=kept | environ, capture_output=True, text=True, timeout=60, check=False)
        assert done.returncode == 0, done.stderr
        return done

    return run


class Memory:
    """What OpenTelemetry's SDK was told in this process."""

    def __init__(self) -> None:
        self._spans, self._logs, self.reader = InMemorySpanExporter(), InMemoryLogRecordExporter(), InMemoryMetricReader()
        self.tracers, self.loggers = TracerProvider(shutdown_on_exit=False), LoggerProvider(shutdown_on_exit=False)
        self.tracers.add_span_processor(SimpleSpanProcessor(self._spans))
        self.loggers.add_log_record_processor(SimpleLogRecordProcessor(self._logs))
        self.meters = MeterProvider([self.reader], shutdown_on_exit=False)

    def clear(self) -> None:
        """Forget what was told."""
        self._spans.clear()
        self._logs.clear()

    @property
    def spans(self) -> list[ReadableSpan]:
        """Spans that ended, in that order."""
        return list(self._spans.get_finished_spans())

    @property
    def events(self) -> list[tuple[str, dict[str, Any]]]:
        """Name and attributes of log records."""
        return [(record.log_record.event_name or "", dict(record.log_record.attributes or {})) for record in self._logs.get_finished_logs()]

    @property
    def records(self) -> list[Any]:
        """Log records as they are."""
        return [record.log_record for record in self._logs.get_finished_logs()]

    def points(self, name: str) -> list[Any]:
        """Data points of a metric, from all that were recorded so far."""
        data = self.reader.get_metrics_data()
        groups = data.resource_metrics if data else []
        found = [metric for group in groups for scope in group.scope_metrics for metric in scope.metrics if metric.name == name]
        return [point for metric in found for point in metric.data.data_points]


@pytest.fixture(scope="session")
def providers() -> Memory:
    """Providers are set once in a process."""
    made = Memory()
    trace.set_tracer_provider(made.tracers)
    _logs.set_logger_provider(made.loggers)
    metrics.set_meter_provider(made.meters)
    return made


@pytest.fixture
def memory(providers: Memory) -> Iterator[Memory]:
    """An empty memory, and the settings of an empty environment."""
    providers.clear()
    settings.use(settings.Recording())
    yield providers
    providers.clear()


@pytest.fixture
def only(memory: Memory) -> Callable[[], ReadableSpan]:
    """Give the one span that was told."""

    def one() -> ReadableSpan:
        (span,) = memory.spans
        return span

    return one
