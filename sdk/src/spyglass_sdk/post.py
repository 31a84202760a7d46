"""A `Target` in, everything between a record and the server out: lanes, batcher, OTLP exporters, outbox, courier. One per process; a fork makes a new one."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Sequence
from typing import Any, Final

from opentelemetry.exporter.otlp.proto.http import Compression
from opentelemetry.exporter.otlp.proto.http._log_exporter import OTLPLogExporter
from opentelemetry.exporter.otlp.proto.http.metric_exporter import OTLPMetricExporter
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk._logs import ReadableLogRecord
from opentelemetry.sdk._logs.export import LogRecordExportResult
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export import SpanExportResult

from spyglass_sdk.batcher import Batcher, HeavyLane, Lane
from spyglass_sdk.courier import Courier
from spyglass_sdk.execution import OPEN
from spyglass_sdk.live import Live
from spyglass_sdk.mailbox import Mailbox
from spyglass_sdk.outbox import Outbox
from spyglass_sdk.settings import Keeping
from spyglass_sdk.tally import Tally
from spyglass_sdk.target import Target

__all__ = ["Post"]

_LARGE: Final = 4096


class Post:
    """Takes records and delivers them."""

    def __init__(self, target: Target, keeping: Keeping, live: Live, timeout_s: float | None, collect: Callable[[], None]) -> None:
        """`collect` has the metrics collected; it is called when all is to be delivered."""
        self.tally = Tally()
        self._heartbeat_ns = round(keeping.heartbeat_s * 1e9)
        self._beat_ns = time.time_ns() + self._heartbeat_ns
        self._live, self._target, self._timeout_s = live, target, timeout_s
        self._outbox = Outbox(keeping.max_buffer_bytes, self.tally)
        spans, announced, logs = (Mailbox(self._outbox, self.tally) for _ in range(3))
        announced.expendable = True
        self._span_exporter = OTLPSpanExporter(session=spans, **_options(target, target.traces_url, timeout_s, "TRACES"))
        self._announcer = OTLPSpanExporter(session=announced, **_options(target, target.traces_url, timeout_s, "TRACES"))
        self._log_exporter = OTLPLogExporter(session=logs, **_options(target, target.logs_url, timeout_s, "LOGS"))

        def export_spans(batch: Sequence[ReadableSpan]) -> bool:
            spans.records = len(batch)
            return self._span_exporter.export(batch) is SpanExportResult.SUCCESS

        def announce(batch: Sequence[ReadableSpan]) -> bool:
            announced.records = len(batch)
            return self._announcer.export(batch) is SpanExportResult.SUCCESS

        def export_logs(batch: Sequence[ReadableLogRecord]) -> bool:
            logs.records = len(batch)
            return self._log_exporter.export(batch) is LogRecordExportResult.SUCCESS

        size, batch = keeping.queue_size, keeping.batch_size
        self.spans = Lane[ReadableSpan](export_spans, self.tally, size, batch)
        self.logs = HeavyLane[ReadableLogRecord](export_logs, self.tally, size, batch, _weight, keeping.max_buffer_bytes)
        self._announced = Lane[ReadableSpan](announce, self.tally, size, batch)
        lanes: list[Lane[Any]] = [self._announced, self.spans, self.logs]  # so that a span's announcement never follows its end
        self._batcher = Batcher(lanes, self._announce, collect, keeping.schedule_delay_s)
        self._courier = Courier(self._outbox, self.tally)

    def metrics(self) -> tuple[Mailbox, OTLPMetricExporter]:
        """An exporter for a metric reader, and the mailbox behind it."""
        mailbox = Mailbox(self._outbox, self.tally)
        return mailbox, OTLPMetricExporter(session=mailbox, **_options(self._target, self._target.metrics_url, self._timeout_s, "METRICS"))

    def adopt(self, mailbox: Mailbox) -> None:
        """Take over the mailbox of an earlier one."""
        mailbox.redirect(self._outbox, self.tally)

    def encode(self, timeout_s: float) -> bool:
        """Bring all that was recorded before into the outbox."""
        return self._batcher.round(timeout_s)

    def hurry(self) -> None:
        """Try a server that was away again, now."""
        self._courier.hurry()

    def close(self) -> None:
        """Take and send nothing more."""
        self._batcher.stop()
        self._courier.stop()

    def _announce(self, now_ns: int) -> None:
        for span in self._live.due(now_ns):
            self._announced.put(span)
        if self._heartbeat_ns and now_ns >= self._beat_ns:
            self._beat_ns = now_ns + self._heartbeat_ns
            OPEN.beat(self._heartbeat_ns / 1e9)


def _weight(record: ReadableLogRecord) -> int:
    """Bytes of a body, about: states and recorded answers may have megabytes."""
    body = record.log_record.body
    return len(body) if isinstance(body, str) and len(body) > _LARGE else 0


def _options(target: Target, url: str | None, timeout_s: float | None, signal: str) -> dict[str, Any]:
    """What is not said is left to the exporter, which reads `OTEL_*` itself; compressed, unless these say otherwise."""
    told = os.environ.get(f"OTEL_EXPORTER_OTLP_{signal}_COMPRESSION") or os.environ.get("OTEL_EXPORTER_OTLP_COMPRESSION")
    return {"endpoint": url, "headers": target.headers, "timeout": timeout_s, "compression": None if told else Compression.Gzip}
