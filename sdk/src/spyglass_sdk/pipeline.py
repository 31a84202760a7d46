"""A `Target` in, OpenTelemetry processors that send to it out; `init`, `flush` and `shutdown` are what a program calls.

The host's own providers are kept and only get a processor more. Where it has none, ours are set.
"""

from __future__ import annotations

import atexit
import functools
import logging
import os
import threading
from collections.abc import Callable, Mapping, Sequence
from importlib.metadata import version
from typing import ParamSpec

from opentelemetry import _logs, trace
from opentelemetry.exporter.otlp.proto.http._log_exporter import OTLPLogExporter
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk._logs import LoggerProvider, LogRecordProcessor, ReadableLogRecord
from opentelemetry.sdk._logs.export import BatchLogRecordProcessor, LogRecordExportResult
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import ReadableSpan, SpanProcessor, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExportResult

from spyglass_sdk.background import Background
from spyglass_sdk.target import Target, resolve

__all__ = ["flush", "init", "shutdown"]

P = ParamSpec("P")

_log = logging.getLogger("spyglass_sdk")
_lock = threading.RLock()
_pipeline: Pipeline | None = None


class _SpanExporter(OTLPSpanExporter):
    """Counts what could not be delivered."""

    lost = 0

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        result = super().export(spans)
        self.lost += 0 if result is SpanExportResult.SUCCESS else len(spans)
        return result


class _LogExporter(OTLPLogExporter):
    """Counts what could not be delivered."""

    lost = 0

    def export(self, batch: Sequence[ReadableLogRecord]) -> LogRecordExportResult:
        result = super().export(batch)
        self.lost += 0 if result is LogRecordExportResult.SUCCESS else len(batch)
        return result


class Pipeline:
    """Two batch processors, and the one thread that may wait for them."""

    def __init__(self, target: Target, timeout_s: float | None) -> None:
        spans = _SpanExporter(endpoint=target.traces_url, headers=target.headers, timeout=timeout_s)
        logs = _LogExporter(endpoint=target.logs_url, headers=target.headers, timeout=timeout_s)
        self._exporters = (spans, logs)
        self._spans: SpanProcessor = BatchSpanProcessor(spans)
        self._logs: LogRecordProcessor = BatchLogRecordProcessor(logs)
        self.background = Background()

    def attach(self, resource: Resource) -> bool:
        """Give the processors to the host's providers, or to new ones with `resource`. True when both were taken."""
        spans, logs = _attach_spans(self._spans, resource), _attach_logs(self._logs, resource)
        return spans and logs

    def deliver(self) -> bool:
        """Send all that waits. False when something was lost on the way."""
        before = self._lost()
        spans, logs = self._spans.force_flush(), self._logs.force_flush()
        return spans and logs and self._lost() == before

    def close(self) -> bool:
        """Send all that waits, then take nothing more."""
        delivered = self.deliver()
        self._spans.shutdown()
        self._logs.shutdown()
        return delivered

    def _lost(self) -> int:
        return sum(exporter.lost for exporter in self._exporters)


def _harmless(call: Callable[P, bool]) -> Callable[P, bool]:
    """The promise of this package to its host: no exception, but a warning and False."""

    @functools.wraps(call)
    def guarded(*args: P.args, **kwargs: P.kwargs) -> bool:
        try:
            return call(*args, **kwargs)
        except Exception as error:  # the last stop before somebody else's program
            _log.warning("spyglass_sdk.%s: %s", call.__name__, error)
            return False

    return guarded


@_harmless
def init(
    endpoint: str | None = None,
    headers: Mapping[str, str] | None = None,
    service_name: str | None = None,
    project: str | None = None,
    timeout_s: float | None = None,
) -> bool:
    """Send this process' spans and log records to Spyglass. True when that is set up, which says nothing yet of the server.

    Args:
        endpoint: base URL of the OTLP/HTTP port; else `SPYGLASS_ENDPOINT`, `OTEL_EXPORTER_OTLP_ENDPOINT`, http://localhost:4318.
        headers: sent with each request, e.g. authorization; else and besides `SPYGLASS_HEADERS`, `OTEL_EXPORTER_OTLP_HEADERS` (`a=b,c=d`).
        service_name: who sends; else `SPYGLASS_SERVICE_NAME`, `OTEL_SERVICE_NAME`. A provider that the host already has keeps its own.
        project: the tenant, sent as `x-spyglass-project`; else `SPYGLASS_PROJECT`, else the server's default.
        timeout_s: for one export with its retries; else `OTEL_EXPORTER_OTLP_TIMEOUT`, 10.
    """
    global _pipeline  # noqa: PLW0603 - one per process, as OpenTelemetry's own providers are
    if os.environ.get("OTEL_SDK_DISABLED", "").strip().lower() == "true":
        _log.info("nothing is sent: OTEL_SDK_DISABLED is true")
        return False
    with _lock:
        if _pipeline:
            _log.warning("init was called before and still holds; call shutdown() first to change where telemetry goes")
            return True
        target = resolve(os.environ, endpoint=endpoint, headers=headers, service_name=service_name, project=project)
        _pipeline = Pipeline(target, timeout_s)
        atexit.register(shutdown)
        return _pipeline.attach(_resource(target))


@_harmless
def flush(timeout_s: float = 10.0) -> bool:
    """Send what waits now. True when all of it was delivered within `timeout_s` seconds; False too when `init` was not called."""
    pipeline = _pipeline
    return pipeline is not None and pipeline.background.run(pipeline.deliver, timeout_s)


@_harmless
def shutdown(timeout_s: float = 5.0) -> bool:
    """Send what waits, then stop; runs by itself when the process ends. True when all of it was delivered within `timeout_s` seconds."""
    global _pipeline
    with _lock:
        pipeline, _pipeline = _pipeline, None
        atexit.unregister(shutdown)
    return pipeline is None or pipeline.background.run(pipeline.close, timeout_s)


def _resource(target: Target) -> Resource:
    attributes = {"telemetry.distro.name": "spyglass-sdk", "telemetry.distro.version": version("spyglass-sdk")}
    if target.service_name:
        attributes["service.name"] = target.service_name
    return Resource.create(attributes)


def _attach_spans(processor: SpanProcessor, resource: Resource) -> bool:
    provider = trace.get_tracer_provider()
    if not hasattr(provider, "add_span_processor"):  # OpenTelemetry's proxy: nobody has set one yet
        provider = TracerProvider(resource=resource, shutdown_on_exit=False)
        trace.set_tracer_provider(provider)
    provider.add_span_processor(processor)
    return _in_use(provider, trace.get_tracer_provider(), "tracer")


def _attach_logs(processor: LogRecordProcessor, resource: Resource) -> bool:
    provider = _logs.get_logger_provider()
    if not hasattr(provider, "add_log_record_processor"):
        provider = LoggerProvider(resource=resource, shutdown_on_exit=False)
        _logs.set_logger_provider(provider)
    provider.add_log_record_processor(processor)
    return _in_use(provider, _logs.get_logger_provider(), "logger")


def _in_use(ours: object, current: object, kind: str) -> bool:
    if current is not ours:
        _log.warning("this program's OpenTelemetry %s provider takes no further processor; nothing of it is sent", kind)
    return current is ours
