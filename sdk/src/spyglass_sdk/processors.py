"""What OpenTelemetry tells of each span and log record in, the lanes out. Whatever instrumentation makes a record, it passes here."""

from __future__ import annotations

from collections.abc import Callable
from copy import copy

from opentelemetry.context import Context
from opentelemetry.sdk._logs import LogRecordProcessor, ReadableLogRecord, ReadWriteLogRecord
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import ReadableSpan, Span, SpanProcessor

from spyglass_sdk.batcher import Lane
from spyglass_sdk.configuration import stamp_configuration
from spyglass_sdk.guard import tell
from spyglass_sdk.live import Live
from spyglass_sdk.who import stamp, who
from spyglass_sdk.within import stamp_execution

__all__ = ["Logs", "Spans"]

Flush = Callable[[float], bool]


class Spans(SpanProcessor):
    """Stamps a span with who it is for, watches it while it runs, and keeps it when it has ended."""

    def __init__(self, lane: Lane[ReadableSpan], live: Live, flush: Flush) -> None:
        self.lane, self._live, self._flush = lane, live, flush
        self.open = True

    def on_start(self, span: Span, parent_context: Context | None = None) -> None:
        """A span has begun."""
        try:
            context = span.get_span_context()
            if self.open and context.trace_flags.sampled:
                stamp(span, parent_context)
                stamp_execution(span, parent_context)
                stamp_configuration(span)
                self._live.start(span, context, span.parent)
        except Exception as error:  # the host's span goes on
            tell("on_start", error)

    def on_end(self, span: ReadableSpan) -> None:
        """A span has ended."""
        try:
            context = span.context
            if context is None or not context.trace_flags.sampled:
                return
            self._live.end(context.span_id)
            if self.open:
                self.lane.put(span)
        except Exception as error:  # as above
            tell("on_end", error)

    def shutdown(self) -> None:
        """The provider ends. Nothing is waited for: the pipeline goes on delivering until it ends itself."""

    def force_flush(self, timeout_millis: int = 30000) -> bool:
        """The provider's flush is ours."""
        return not self.open or self._flush(timeout_millis / 1e3)


class Logs(LogRecordProcessor):
    """Stamps a log record with who it is for, and keeps it."""

    def __init__(self, lane: Lane[ReadableLogRecord], flush: Flush) -> None:
        self.lane, self._flush = lane, flush
        self.open = True

    def on_emit(self, log_record: ReadWriteLogRecord) -> None:
        """A record was made."""
        try:
            if not self.open:
                return
            record = copy(log_record.log_record)
            own = dict(record.attributes or {})
            told = {name: value for name, value in who(record.context).items() if name not in own}
            if told:
                record.attributes = {**own, **told}
            record.context = Context()  # may hold much, and its ids are in the record
            resource = log_record.resource or Resource.get_empty()
            self.lane.put(ReadableLogRecord(record, resource, log_record.instrumentation_scope, log_record.limits))
        except Exception as error:  # the host's logging goes on
            tell("on_emit", error)

    def shutdown(self) -> None:
        """The provider ends. Nothing is waited for: the pipeline goes on delivering until it ends itself."""

    def force_flush(self, timeout_millis: int = 30000) -> bool:
        """The provider's flush is ours."""
        return not self.open or self._flush(timeout_millis / 1e3)
