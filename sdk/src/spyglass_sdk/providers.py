"""Processors in, OpenTelemetry providers that use them out.

The host's own providers are kept, and get one processor (or reader) more; where there is none, ours is set.
"""

from __future__ import annotations

from opentelemetry import _logs, metrics, trace
from opentelemetry.sdk._logs import LoggerProvider, LogRecordProcessor
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import MetricReader
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import SpanProcessor, TracerProvider
from opentelemetry.sdk.trace.sampling import ParentBased, TraceIdRatioBased

from spyglass_sdk.guard import log
from spyglass_sdk.release import VERSION

__all__ = ["attach_logs", "attach_metrics", "attach_spans", "detach_metrics", "resource"]


def resource(service_name: str | None, service_version: str | None, environment: str | None) -> Resource:
    """Who we are, where we make the provider."""
    told = {"service.name": service_name, "service.version": service_version, "deployment.environment.name": environment}
    distro = {"telemetry.distro.name": "spyglass-sdk", "telemetry.distro.version": VERSION}
    return Resource.create({**distro, **{name: value for name, value in told.items() if value}})


def attach_spans(processor: SpanProcessor, own: Resource, sample_ratio: float | None) -> bool:
    """Have the tracer provider in use tell the processor of each span."""
    provider = trace.get_tracer_provider()
    if not hasattr(provider, "add_span_processor"):  # OpenTelemetry's proxy: nobody has set one yet
        sampler = ParentBased(TraceIdRatioBased(sample_ratio)) if sample_ratio is not None else None
        provider = TracerProvider(sampler=sampler, resource=own, shutdown_on_exit=False)
        trace.set_tracer_provider(provider)
    provider.add_span_processor(processor)
    return _in_use(provider, trace.get_tracer_provider(), "tracer")


def attach_logs(processor: LogRecordProcessor, own: Resource) -> bool:
    """Have the logger provider in use tell the processor of each record."""
    provider = _logs.get_logger_provider()
    if not hasattr(provider, "add_log_record_processor"):
        provider = LoggerProvider(resource=own, shutdown_on_exit=False)
        _logs.set_logger_provider(provider)
    provider.add_log_record_processor(processor)
    return _in_use(provider, _logs.get_logger_provider(), "logger")


def attach_metrics(reader: MetricReader, own: Resource) -> bool:
    """Have the reader collect from the meter provider in use."""
    provider = metrics.get_meter_provider()
    if hasattr(provider, "add_metric_reader"):
        provider.add_metric_reader(reader)
        return True
    if isinstance(provider, MeterProvider):
        log.warning("this program's OpenTelemetry meter provider takes no further reader; no metrics are sent")
        return False
    ours = MeterProvider(metric_readers=[reader], resource=own, shutdown_on_exit=False)
    metrics.set_meter_provider(ours)
    return _in_use(ours, metrics.get_meter_provider(), "meter")


def detach_metrics(reader: MetricReader, timeout_s: float) -> None:
    """Have the reader collect a last time, then no more."""
    reader.shutdown(timeout_millis=timeout_s * 1e3)
    provider = metrics.get_meter_provider()
    if hasattr(provider, "remove_metric_reader"):
        provider.remove_metric_reader(reader)


def _in_use(ours: object, current: object, kind: str) -> bool:
    if current is not ours:
        log.warning("this program's OpenTelemetry %s provider takes no further processor; nothing of it is sent", kind)
    return current is ours
