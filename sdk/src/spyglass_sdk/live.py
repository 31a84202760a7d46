"""Spans that run in, announcements of them out: a span that outlives one round of the batcher is told of before it ends.

An announcement is the span as it is now with `spyglass.pending`, the same ids, and the time until now as its length; the finished span replaces it. Agents,
workflows and spans that nothing of this process runs around beat: they are announced again and again, so that the server sees that they are alive.
A span that is garbage without having ended beats no more.
"""

from __future__ import annotations

import weakref
from collections.abc import Iterator

from opentelemetry.sdk.trace import ReadableSpan, Span
from opentelemetry.trace import SpanContext

from spyglass_sdk.names import HEARTBEAT, HEARTBEAT_S, OPERATION, PENDING

__all__ = ["Live"]

_BEATING = frozenset({"invoke_agent", "invoke_workflow"})


class _Running:
    __slots__ = ("beats", "next_ns", "span", "top")

    def __init__(self, span: Span, top: bool) -> None:
        self.span = weakref.ref(span)
        self.top = top
        self.beats = 0
        self.next_ns = 0


class Live:
    """The running spans, at most `most`; others are not announced."""

    def __init__(self, heartbeat_s: float, most: int = 10_000) -> None:
        self._heartbeat_ns = round(heartbeat_s * 1e9)
        self._most = most
        self._running: dict[int, _Running] = {}
        self.skipped = 0

    def __len__(self) -> int:
        return len(self._running)

    def start(self, span: Span, context: SpanContext, parent: SpanContext | None) -> None:
        """A span has begun."""
        running = self._running
        if len(running) >= self._most:
            self.skipped += 1
            return
        running[context.span_id] = _Running(span, parent is None or parent.span_id not in running)

    def end(self, span_id: int) -> None:
        """It has ended; nothing is announced of it from now on."""
        self._running.pop(span_id, None)

    def clear(self) -> None:
        """Forget all: they are somebody else's now."""
        self._running.clear()

    def due(self, now_ns: int) -> Iterator[ReadableSpan]:
        """What is to be announced at this wall time. Only one thread at a time may call it."""
        for span_id, running in list(self._running.items()):
            if running.beats and (not self._heartbeat_ns or now_ns < running.next_ns):
                continue
            span = running.span()
            if span is None:
                self.end(span_id)
                continue
            goes_on = running.top or (span.attributes or {}).get(OPERATION) in _BEATING
            if not running.beats or goes_on:
                running.beats += 1
                running.next_ns = now_ns + self._heartbeat_ns
                told = _announcement(span, running.beats, now_ns, self._heartbeat_ns / 1e9 if goes_on else 0)
                if span_id in self._running:
                    yield told


def _announcement(span: Span, beats: int, now_ns: int, every_s: float) -> ReadableSpan:
    attributes = {**(span.attributes or {}), PENDING: True, HEARTBEAT: beats, **({HEARTBEAT_S: every_s} if every_s else {})}
    return ReadableSpan(
        name=span.name,
        context=span.get_span_context(),
        parent=span.parent,
        resource=span.resource,
        attributes=attributes,
        links=span.links,
        kind=span.kind,
        status=span.status,
        start_time=span.start_time,
        end_time=max(now_ns, span.start_time or 0),
        instrumentation_scope=span.instrumentation_scope,
    )
