"""How a story is told: scenes with a clock of their own, in which spans open and close and things are logged; records of OTLP come out.

A record is due at a time: a span when it ends, a log record when it happened. So a story can be told of the past at once, and of the present as it goes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from random import Random
from typing import Any, Final

from opentelemetry.proto.common.v1.common_pb2 import InstrumentationScope
from opentelemetry.proto.logs.v1.logs_pb2 import LogRecord
from opentelemetry.proto.resource.v1.resource_pb2 import Resource
from opentelemetry.proto.trace.v1.trace_pb2 import Span

from spyglass.decode.attributes import put, put_all
from spyglass.decode.pieces import Piece
from spyglass.decode.wire import REQUESTS
from spyglass.model.body import Signal

__all__ = ["Failure", "Open", "Record", "Scene", "Service", "pieces"]

_SEVERITIES: Final[dict[str, Any]] = {"debug": 5, "info": 9, "warn": 13, "error": 17}
_KINDS: Final[dict[str, Any]] = {"internal": 1, "server": 2, "client": 3, "producer": 4, "consumer": 5}
_LEVELS: Final[dict[Signal, tuple[str, str, str]]] = {
    "traces": ("resource_spans", "scope_spans", "spans"),
    "logs": ("resource_logs", "scope_logs", "log_records"),
    "metrics": ("resource_metrics", "scope_metrics", "metrics"),
}


@dataclass(frozen=True, slots=True)
class Service:
    """A program that tells of itself."""

    name: str
    version: str
    scope: str  # what instruments it

    def resource(self) -> Any:
        """Who sends."""
        out = Resource()
        told = {"service.name": self.name, "service.version": self.version, "service.instance.id": f"{self.name}-1"}
        sdk = {"telemetry.sdk.name": "opentelemetry", "telemetry.sdk.language": "python", "telemetry.sdk.version": "1.45.0"}
        put_all(out.attributes, {**told, "deployment.environment.name": "production", "host.name": f"{self.name}.example.internal", **sdk})
        return out


@dataclass(frozen=True, slots=True)
class Record:
    """One span, log record or metric, and when it may be sent: at its time, and before a better one takes its place."""

    due_ns: int
    signal: Signal
    service: Service
    scope: str
    message: Any
    stale_ns: int | None = None


class Failure(Exception):
    """Something in the story fails: the spans that it passes through are errors."""

    def __init__(self, kind: str, message: str) -> None:
        super().__init__(message)
        self.kind = kind


@dataclass(slots=True)
class Open:
    """A span that has not ended."""

    span: Any
    scope: str
    announced: Any = None  # what is told of it while it lasts

    def put(self, **values: Any) -> None:
        """Add attributes; `__` in a name stands for a dot."""
        put_all(self.span.attributes, {name.replace("__", "."): value for name, value in values.items()})

    def put_named(self, values: dict[str, Any]) -> None:
        """Add attributes under their names."""
        put_all(self.span.attributes, values)

    def announce(self) -> None:
        """Let it be seen while it lasts, with what is known of it now."""
        self.announced = Span()
        self.announced.CopyFrom(self.span)
        put(self.announced.attributes, "spyglass.pending", True)

    def fail(self, kind: str, message: str) -> None:
        """Say that it went wrong."""
        self.span.status.code, self.span.status.message = 2, message
        put(self.span.attributes, "error.type", kind)


@dataclass(slots=True)
class Scene:
    """One trace: a clock that only the story moves, and what happened so far."""

    service: Service
    dice: Random
    now_ns: int
    session: str = ""
    user: str = ""
    records: list[Record] = field(default_factory=list)
    observe: Callable[..., None] = lambda *_, **__: None  # a figure of a model call, for the metrics
    _open: list[Open] = field(default_factory=list)
    _trace_id: bytes = b""

    def __post_init__(self) -> None:
        """Every scene has a trace of its own."""
        self._trace_id = self.dice.randbytes(16)

    @property
    def trace_id(self) -> str:
        """Hexadecimal."""
        return self._trace_id.hex()

    @property
    def above(self) -> Open:
        """The innermost open span."""
        return self._open[-1]

    def wait(self, low_s: float, high_s: float | None = None) -> None:
        """Let time pass: so many seconds, or between two bounds."""
        seconds = low_s if high_s is None else self.dice.uniform(low_s, high_s)
        self.now_ns += int(seconds * 1e9)

    @contextmanager
    def span(self, name: str, kind: str = "internal", *, scope: str = "", **values: Any) -> Iterator[Open]:
        """A span around what happens within; a Failure passes through and marks it."""
        out = Span(trace_id=self._trace_id, span_id=self.dice.randbytes(8), name=name, kind=_KINDS[kind], flags=257, start_time_unix_nano=self.now_ns)
        if self._open:
            out.parent_span_id = self.above.span.span_id
        opened = Open(out, scope or self.service.scope)
        opened.put(**values)
        self._open.append(opened)
        try:
            yield opened
        except Failure as failure:
            opened.fail(failure.kind, str(failure))
            raise
        finally:
            self._open.pop()
            self.wait(0.0003, 0.002)
            out.end_time_unix_nano = self.now_ns
            if opened.announced is not None:
                self.records.append(Record(out.start_time_unix_nano, "traces", self.service, opened.scope, opened.announced, self.now_ns))
            self.records.append(Record(self.now_ns, "traces", self.service, opened.scope, out))

    def event(self, name: str, at_ns: int | None = None, **values: Any) -> None:
        """Something that happened within the innermost span."""
        event = self.above.span.events.add(name=name, time_unix_nano=at_ns or self.now_ns)
        put_all(event.attributes, {key.replace("__", "."): value for key, value in values.items()})

    def log(self, severity: str, body: str, *, event_name: str = "", scope: str = "", values: dict[str, Any] | None = None) -> None:
        """A log record within the innermost span."""
        record = LogRecord(
            time_unix_nano=self.now_ns,
            observed_time_unix_nano=self.now_ns + 200_000,
            severity_number=_SEVERITIES[severity],
            severity_text=severity.upper(),
            event_name=event_name,
            trace_id=self._trace_id,
            span_id=self.above.span.span_id,
            flags=1,
        )
        if body:
            record.body.string_value = body
        put_all(record.attributes, values or {})
        self.records.append(Record(self.now_ns, "logs", self.service, scope or f"{self.service.name}.app", record))

    def together(self, acts: Iterable[Callable[[], None]]) -> None:
        """Things that happen at the same time: each begins now, and the scene goes on when the last one is done."""
        begin, end = self.now_ns, self.now_ns
        for act in acts:
            self.now_ns = begin
            self.wait(0.001, 0.02)
            act()
            end = max(end, self.now_ns)
        self.now_ns = end


def pieces(records: Iterable[Record], most: int = 1000) -> Iterator[Piece]:
    """Records as export requests of at most so many each, in their order."""
    waiting: dict[Signal, list[Record]] = {}
    for record in records:
        waiting.setdefault(record.signal, []).append(record)
        if len(waiting[record.signal]) == most:
            yield _piece(record.signal, waiting.pop(record.signal))
    for signal, rest in waiting.items():
        yield _piece(signal, rest)


def _piece(signal: Signal, records: list[Record]) -> Piece:
    resources_name, scopes_name, records_name = _LEVELS[signal]
    request = REQUESTS[signal]()
    scopes: dict[tuple[Service, str], Any] = {}
    for record in records:
        key = (record.service, record.scope)
        if key not in scopes:
            resource = getattr(request, resources_name).add(resource=record.service.resource())
            scopes[key] = getattr(resource, scopes_name).add(scope=InstrumentationScope(name=record.scope, version="2.1.0"))
        getattr(scopes[key], records_name).append(record.message)
    return Piece(signal, request.SerializeToString(), len(records), "")
