"""`init`, `flush` and `shutdown`: what a program calls.

In: arguments and environment. Out: telemetry that goes to Spyglass, and an honest answer whether it did.
"""

from __future__ import annotations

import atexit
import os
import threading
import time
from collections.abc import Iterable, Mapping
from typing import Any

from opentelemetry.sdk.metrics.export import PeriodicExportingMetricReader

from spyglass_sdk import providers
from spyglass_sdk.api import use_target
from spyglass_sdk.configuration import configurations
from spyglass_sdk.execution import OPEN
from spyglass_sdk.executors import carry_into_executors
from spyglass_sdk.guard import harmless, log, told
from spyglass_sdk.instrument import instrument_installed
from spyglass_sdk.live import Live
from spyglass_sdk.post import Post
from spyglass_sdk.processors import Logs, Spans
from spyglass_sdk.propagate import continue_environment
from spyglass_sdk.settings import Keeping, choose, keeping, use
from spyglass_sdk.tally import Delivery
from spyglass_sdk.target import Target, resolve
from spyglass_sdk.workers import end_with_multiprocessing

__all__ = ["flush", "init", "shutdown", "status"]

_lock = threading.RLock()
_pipeline: Pipeline | None = None


class _Reader(PeriodicExportingMetricReader):
    """Ends once, although the provider that it was given to ends it again."""

    _ended = False

    def shutdown(self, timeout_millis: float = 30_000, **options: Any) -> None:
        if not self._ended:
            self._ended = True
            super().shutdown(timeout_millis, **options)


class Pipeline:
    """The processors that the providers know, and the post office behind them."""

    def __init__(self, target: Target, kept: Keeping, timeout_s: float | None) -> None:
        self._target, self._kept, self._timeout_s = target, kept, timeout_s
        self.live = Live(kept.heartbeat_s)
        self.post = Post(target, kept, self.live, timeout_s, self._collect)
        self._spans = Spans(self.post.spans, self.live, lambda timeout_s: bool(self.flush(timeout_s)))
        self._logs = Logs(self.post.logs, lambda timeout_s: bool(self.flush(timeout_s)))
        self._metrics, exporter = self.post.metrics()
        self._reader = _Reader(exporter, kept.metric_interval_s * 1e3)
        self._collecting = False

    def attach(self, service_name: str | None, service_version: str | None, environment: str | None) -> bool:
        """Give the processors to the host's providers, or to new ones. True when all three were taken."""
        own = providers.resource(service_name, service_version, environment)
        spans = providers.attach_spans(self._spans, own, self._kept.sample_ratio)
        logs = providers.attach_logs(self._logs, own)
        self._collecting = providers.attach_metrics(self._reader, own)
        return spans and logs and self._collecting

    def flush(self, timeout_s: float) -> Delivery:
        """Deliver what was recorded until now."""
        deadline, tally = time.monotonic() + timeout_s, self.post.tally
        before = tally.lost()
        encoded = self.post.encode(timeout_s)
        target = tally.recorded
        self.post.hurry()
        settled = tally.wait_settled(target, max(0.0, deadline - time.monotonic()))
        lost = {reason: count - before.get(reason, 0) for reason, count in tally.lost().items() if count > before.get(reason, 0)}
        return Delivery(encoded and settled and not lost, max(0, target - tally.settled), lost)

    def close(self, timeout_s: float) -> Delivery:
        """Deliver what waits, then take nothing more."""
        deadline = time.monotonic() + timeout_s
        if self._collecting:
            self._collecting = False
            providers.detach_metrics(self._reader, timeout_s / 2)
        found = self.flush(max(0.0, deadline - time.monotonic()))
        self._spans.open = self._logs.open = False
        self.live.clear()
        self.post.close()
        if not found:
            log.warning("at the end %d records were not delivered; lost meanwhile: %s", found.waiting, found.lost or "none")
        return found

    def renew(self) -> None:
        """In a forked child: what waits is the parent's, and its threads and locks are not here."""
        self.live.clear()
        self.post = Post(self._target, self._kept, self.live, self._timeout_s, self._collect)
        self._spans.lane, self._logs.lane = self.post.spans, self.post.logs
        self.post.adopt(self._metrics)

    def _collect(self) -> None:
        if self._collecting:
            self._reader.collect()


@harmless(False)
def init(
    endpoint: str | None = None,
    headers: Mapping[str, str] | None = None,
    service_name: str | None = None,
    project: str | None = None,
    timeout_s: float | None = None,
    *,
    service_version: str | None = None,
    environment: str | None = None,
    instrument: bool | Iterable[str] = True,
    propagate: bool = True,
    capture: str | None = None,
    max_payload_bytes: int | None = None,
    track_memory: bool | None = None,
    track_performance: bool | None = None,
    record: bool | None = None,
    max_snapshot_bytes: int | None = None,
    max_record_bytes: int | None = None,
    sample_ratio: float | None = None,
    queue_size: int | None = None,
    batch_size: int | None = None,
    schedule_delay_s: float | None = None,
    max_buffer_bytes: int | None = None,
    metric_interval_s: float | None = None,
    heartbeat_s: float | None = None,
) -> bool:
    """Send this process' spans, log records and metrics to Spyglass. True when that is set up, which says nothing yet of the server.

    Args:
        endpoint: base URL of the OTLP/HTTP port; else `SPYGLASS_ENDPOINT`, `OTEL_EXPORTER_OTLP_ENDPOINT`, http://localhost:4318.
        headers: sent with each request, e.g. authorization; else and besides `SPYGLASS_HEADERS`, `OTEL_EXPORTER_OTLP_HEADERS` (`a=b,c=d`).
        service_name: who sends; else `SPYGLASS_SERVICE_NAME`, `OTEL_SERVICE_NAME`. A provider that the host already has keeps its own.
        project: the tenant, sent as `x-spyglass-project`; else `SPYGLASS_PROJECT`, else the server's default.
        timeout_s: for one request; else `OTEL_EXPORTER_OTLP_TIMEOUT`, 10. A request that may yet succeed is sent again until it is delivered.
        service_version: of the program, where we make the provider.
        environment: where it runs (`production`), where we make the provider.
        instrument: turn on the instrumentations that are installed: all, none, or these by name (`openai`, `langchain`).
        propagate: let context and baggage travel into thread pools, and take up what the parent process gave in TRACEPARENT and BAGGAGE.
        capture: `full`: inputs and outputs as they are; `metadata`: their type and size; `off`: nothing of them.
        max_payload_bytes: of one input or output; what is longer is cut, and said to be.
        track_memory: whether executions tell of memory.
        track_performance: whether executions tell of CPU time.
        record: whether executions are recorded, so that they can be replayed.
        max_snapshot_bytes: of one snapshot of a state; of a larger one a part is sent, and said to be one.
        max_record_bytes: of one recorded answer; a larger one cannot be replayed.
        sample_ratio: share of traces that are recorded, where we make the provider; else OTEL_TRACES_SAMPLER decides.
        queue_size: records of one signal that may wait to be encoded.
        batch_size: records of one request.
        schedule_delay_s: how long a record waits for others, and how soon a running span is announced.
        max_buffer_bytes: encoded requests that may wait for a server that is away.
        metric_interval_s: between two collections of metrics.
        heartbeat_s: between two announcements of a span or execution that runs; 0: it is announced once.
    """
    global _pipeline  # noqa: PLW0603 - one per process, as OpenTelemetry's own providers are
    if os.environ.get("OTEL_SDK_DISABLED", "").strip().lower() == "true":
        log.info("nothing is sent: OTEL_SDK_DISABLED is true")
        return False
    with _lock:
        if _pipeline:
            log.warning("init was called before and still holds; call shutdown() first to change where telemetry goes")
            return True
        target = resolve(os.environ, endpoint=endpoint, headers=headers, service_name=service_name, project=project)
        recorded = choose(os.environ, capture, max_payload_bytes, track_memory, track_performance, record, max_snapshot_bytes, max_record_bytes)
        kept = keeping(os.environ, sample_ratio, queue_size, batch_size, schedule_delay_s, max_buffer_bytes, metric_interval_s, heartbeat_s)
        use(recorded)
        use_target(target)
        _pipeline = Pipeline(target, kept, timeout_s)
        atexit.register(shutdown)
        end_with_multiprocessing(shutdown)
        taken = _pipeline.attach(target.service_name, service_version, environment)
    if propagate:
        carry_into_executors()
        continue_environment(os.environ)
    if instrument is not False:
        instrument_installed(None if instrument is True else frozenset(instrument), recorded.capture)
    return taken


@harmless(Delivery(False))
def flush(timeout_s: float = 10.0) -> Delivery:
    """Deliver all that was recorded until now, and wait for it. True in a condition when the server has it; else it says what waits and what was lost."""
    pipeline = _pipeline
    return pipeline.flush(timeout_s) if pipeline else Delivery(False)


@harmless(Delivery(False))
def shutdown(timeout_s: float = 5.0) -> Delivery:
    """Deliver what waits, then stop; runs by itself when the process ends."""
    global _pipeline
    with _lock:
        pipeline, _pipeline = _pipeline, None
        atexit.unregister(shutdown)
    return pipeline.close(timeout_s) if pipeline else Delivery(True)


@harmless({})
def status() -> dict[str, Any]:
    """What became of the records of this process: recorded, delivered, waiting, lost by reason; spans that run; faults of this package by place.

    And where configurations come from, and what is in the way of them.
    """
    pipeline = _pipeline
    if not pipeline:
        return {"recorded": 0, "delivered": 0, "waiting": 0, "lost": {}, "running": 0, "faults": told(), "configurations": configurations()}
    tally = pipeline.post.tally
    waiting = max(0, tally.recorded - tally.settled)
    return {
        "recorded": tally.recorded,
        "delivered": tally.delivered,
        "waiting": waiting,
        "lost": tally.lost(),
        "running": len(pipeline.live),
        "faults": told(),
        "configurations": configurations(),
    }


def _after_fork() -> None:
    global _lock  # noqa: PLW0603 - another thread may have held it while the process forked
    _lock = threading.RLock()
    OPEN.clear()
    if _pipeline:
        _renew(_pipeline)


@harmless(None)
def _renew(pipeline: Pipeline) -> None:
    pipeline.renew()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)
