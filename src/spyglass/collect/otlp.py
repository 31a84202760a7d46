"""What a runner tells, as OTLP: one Told in, the protobuf bytes of export requests out, each of a bounded size.

Nothing but the Told decides the bytes (no clock, no counter): what is told again after a crash is byte for byte what it was, and the road keeps it once.
A record that cannot be told is left out and counted; it harms no other.

Events are many and alike: their attributes are remembered as they were encoded, and put together as bytes, which takes a third of the time that messages do.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import islice
from typing import Any, Final, NamedTuple

import xxhash
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import InstrumentationScope, KeyValue
from opentelemetry.proto.logs.v1.logs_pb2 import LogRecord
from opentelemetry.proto.metrics.v1.metrics_pb2 import Metric
from opentelemetry.proto.resource.v1.resource_pb2 import Resource
from opentelemetry.proto.trace.v1 import trace_pb2

from spyglass.model.body import Signal
from spyglass.model.told import Attributes, Event, Point, Span, Told, Value

__all__ = ["Bounds", "Encoded", "Scope", "encode"]

_KINDS: Final[Mapping[str, Any]] = {"internal": 1, "server": 2, "client": 3, "producer": 4, "consumer": 5}
_ERROR: Final[Any] = 2  # status code
_CUMULATIVE: Final[Any] = 2  # temporality
_INT64: Final = range(-(2**63), 2**63)
_DEEPEST: Final = 16  # lists in lists: the decoder of the road takes 30 in all
_SURROGATE: Final = re.compile("[\ud800-\udfff]")  # bytes that were no UTF-8, as `os.fsdecode` has them
_FRAME_BYTES: Final = 8  # around a record in its list, at most
_REMEMBERED, _SHORT = 4096, 256  # attributes, and characters of one that is remembered
# Numbers of fields in OTLP's messages; those of traces and of logs are the same.
_ATTRIBUTES: Final = 6  # of a LogRecord
_RESOURCE, _RECORDS = 1, 2


class Scope(NamedTuple):
    """Who tells: the instrumentation scope of all records."""

    name: str
    version: str


class Bounds(NamedTuple):
    """How much at once."""

    body_bytes: int = 2**20  # of one request, unless a single record is larger
    record_bytes: int = 4 * 2**20  # larger records are left out
    records: int = 100_000  # of one Told; the rest is left out
    sample: float = 1.0  # share of spans and events that is told


class Encoded(NamedTuple):
    """An export request."""

    signal: Signal
    data: bytes
    records: int


Drop = Callable[[str, int], None]


class _Unfit(ValueError):
    """A record that cannot be told."""


class _Record(NamedTuple):
    """A span or an event, encoded."""

    data: bytes
    trace_id: bytes


def encode(told: Told, scope: Scope, drop: Drop, bounds: Bounds) -> Iterator[Encoded]:
    """The requests of a Told, made one at a time as they are asked for: spans, then events, then points.

    What is left out is given to `drop` with its reason and number: `invalid` (not OpenTelemetry: a wrong type, an id of a wrong length, a time that is none),
    `too_large`, `too_many`, `sampled`.

    Raises:
        ValueError: the resource cannot be told, so nothing can.
    """
    resource = Resource()
    _put_all(resource.attributes, told.resource)
    left = bounds.records
    for signal, records, make in (("traces", told.spans, _span), ("logs", told.events, _log_record), ("metrics", told.points, _metric)):
        taken = min(left, len(records))
        left -= taken
        if taken < len(records):
            drop("too_many", len(records) - taken)
        made = _made(islice(records, taken), make, drop)
        if signal == "metrics":
            yield from _Metrics(resource, scope, bounds).pack(made, drop)
        else:
            packer = _Packer(signal, resource, scope, bounds)  # type: ignore[arg-type]
            yield from packer.pack(made if bounds.sample >= 1 else _sampled(made, bounds.sample, drop), drop)


def _made(records: Iterable[Any], make: Callable[[Any], Any], drop: Drop) -> Iterator[Any]:
    for record in records:
        try:
            yield make(record)
        except (TypeError, ValueError, AttributeError, OverflowError, RecursionError):
            drop("invalid", 1)


def _sampled(records: Iterable[_Record], share: float, drop: Drop) -> Iterator[_Record]:
    """Those whose hash says so: of their trace, or else of their own, so that the same is chosen when it is told again."""
    for record in records:
        if xxhash.xxh3_64_intdigest(record.trace_id or record.data) < share * 2**64:
            yield record
        else:
            drop("sampled", 1)


class _Packer:
    """Puts spans or events into requests until these are full."""

    def __init__(self, signal: Signal, resource: Any, scope: Scope, bounds: Bounds) -> None:
        self._signal, self._bounds = signal, bounds
        self._resource = _field(_RESOURCE, resource.SerializeToString(deterministic=True))
        self._scope = _field(_RESOURCE, InstrumentationScope(name=scope.name, version=scope.version).SerializeToString())
        self._begin()

    def pack(self, records: Iterable[_Record], drop: Drop) -> Iterator[Encoded]:
        for data, _ in records:
            size = len(data) + _FRAME_BYTES
            if size > self._bounds.record_bytes:
                drop("too_large", 1)
                continue
            if len(self._parts) > 1 and self._size + size > self._bounds.body_bytes:
                yield self._end()
            self._parts.append(_field(_RECORDS, data))
            self._size += size
        if len(self._parts) > 1:
            yield self._end()

    def _begin(self) -> None:
        self._parts = [self._scope]
        self._size = len(self._resource) + len(self._scope) + 4 * _FRAME_BYTES

    def _end(self) -> Encoded:
        of_resource = self._resource + _field(_RECORDS, b"".join(self._parts))
        out = Encoded(self._signal, _field(_RESOURCE, of_resource), len(self._parts) - 1)
        self._begin()
        return out


class _Metrics:
    """Puts points into requests until these are full; those of one metric into one list."""

    def __init__(self, resource: Any, scope: Scope, bounds: Bounds) -> None:
        self._resource, self._bounds = resource, bounds
        self._scope = InstrumentationScope(name=scope.name, version=scope.version)
        self._begin()

    def pack(self, records: Iterable[Any], drop: Drop) -> Iterator[Encoded]:
        for record in records:
            size = record.ByteSize() + _FRAME_BYTES
            if size > self._bounds.record_bytes:
                drop("too_large", 1)
                continue
            if self._count and self._size + size > self._bounds.body_bytes:
                yield self._end()
            self._add(record)
            self._size += size
            self._count += 1
        if self._count:
            yield self._end()

    def _begin(self) -> None:
        self._metrics: dict[tuple[Any, ...], Any] = {}
        self._size = self._resource.ByteSize() + self._scope.ByteSize() + 4 * _FRAME_BYTES
        self._count = 0
        self._request = ExportMetricsServiceRequest()
        self._records = self._request.resource_metrics.add(resource=self._resource).scope_metrics.add(scope=self._scope).metrics

    def _end(self) -> Encoded:
        out = Encoded("metrics", self._request.SerializeToString(deterministic=True), self._count)
        self._begin()
        return out

    def _add(self, record: Any) -> None:
        form = record.WhichOneof("data")
        key = (record.name, record.unit, form, form == "sum" and record.sum.is_monotonic)
        known = self._metrics.get(key)
        if known is None:
            self._records.append(record)
            self._metrics[key] = getattr(self._records[-1], form).data_points
        else:
            known.extend(getattr(record, form).data_points)


def _field(number: int, data: bytes) -> bytes:
    """A field below 16 that holds bytes, as protobuf writes it (https://protobuf.dev/programming-guides/encoding/): tag, length, content."""
    size = len(data)
    if size < 0x80:
        return bytes((number << 3 | 2, size)) + data
    head = bytearray((number << 3 | 2,))
    while size >= 0x80:
        head.append(size & 0x7F | 0x80)
        size >>= 7
    head.append(size)
    return bytes(head) + data


def _span(span: Span) -> _Record:
    if not isinstance(span, Span) or len(span.trace_id) != 16 or len(span.span_id) != 8 or len(span.parent_span_id) not in {0, 8}:
        raise _Unfit
    out = trace_pb2.Span(
        trace_id=span.trace_id,
        span_id=span.span_id,
        parent_span_id=span.parent_span_id,
        name=_text(span.name),
        kind=_KINDS.get(span.kind, 0),
        start_time_unix_nano=span.start_ns,
        end_time_unix_nano=span.end_ns,
    )
    _put_all(out.attributes, span.attributes)
    for event in span.events:
        told = out.events.add(name=_text(event.name), time_unix_nano=event.time_ns)
        _put_all(told.attributes, event.attributes)
    if span.failed is not None:
        out.status.code, out.status.message = _ERROR, _text(span.failed)
    return _Record(out.SerializeToString(deterministic=True), span.trace_id)


def _log_record(event: Event) -> _Record:
    if not isinstance(event, Event) or len(event.trace_id) not in {0, 16} or len(event.span_id) not in {0, 8}:
        raise _Unfit
    out = LogRecord(
        time_unix_nano=event.time_ns,
        severity_number=event.severity,  # type: ignore[arg-type]
        event_name=_text(event.name),
        trace_id=event.trace_id,
        span_id=event.span_id,
    )
    if event.body is not None:
        _put_value(out.body, event.body)
    parts = [out.SerializeToString(deterministic=True)]
    for key, value in event.attributes.items():
        kind = type(value)
        alike = kind is int or kind is bool or (kind is str and len(value) <= _SHORT)  # type: ignore[arg-type]
        parts.append(_remembered(key, value) if alike else _attribute(key, value))
    return _Record(b"".join(parts), event.trace_id)


def _attribute(key: str, value: Value) -> bytes:
    """The field of a log record."""
    out = KeyValue(key=_text(key))
    _put_value(out.value, value)
    return _field(_ATTRIBUTES, out.SerializeToString(deterministic=True))


@lru_cache(_REMEMBERED, typed=True)
def _remembered(key: str, value: str | int) -> bytes:
    return _attribute(key, value)


def _metric(point: Point) -> Any:
    """A metric with this one point."""
    if not isinstance(point, Point) or point.form not in {"gauge", "sum"} or not point.name:
        raise _Unfit
    out = Metric(name=_text(point.name), unit=_text(point.unit))
    if point.form == "sum":
        out.sum.aggregation_temporality, out.sum.is_monotonic = _CUMULATIVE, point.monotonic
        target = out.sum.data_points.add(time_unix_nano=point.time_ns, start_time_unix_nano=point.start_ns)
    else:
        target = out.gauge.data_points.add(time_unix_nano=point.time_ns, start_time_unix_nano=point.start_ns)
    if isinstance(point.value, int) and point.value in _INT64:
        target.as_int = int(point.value)
    else:
        target.as_double = point.value
    _put_all(target.attributes, point.attributes)
    return out


def _put_all(target: Any, values: Attributes, depth: int = 0) -> None:
    for key, value in values.items():
        _put_value(target.add(key=_text(key)).value, value, depth)


def _put_value(target: Any, value: Value, depth: int = 0) -> None:
    """Write a value into an AnyValue. Numbers beyond 64 bits become text, None stays an empty value."""
    if depth > _DEEPEST:
        raise _Unfit
    match value:
        case str():
            target.string_value = _text(value)
        case bool():
            target.bool_value = value
        case int() if value in _INT64:
            target.int_value = value
        case int():
            target.string_value = str(value)
        case float():
            target.double_value = value
        case bytes() | bytearray() | memoryview():
            target.bytes_value = bytes(value)
        case Mapping():
            target.kvlist_value.SetInParent()
            _put_all(target.kvlist_value.values, value, depth + 1)
        case Sequence():
            target.array_value.SetInParent()
            for item in value:
                _put_value(target.array_value.values.add(), item, depth + 1)
        case None:
            target.SetInParent()
        case _:
            raise _Unfit


def _text(text: str) -> str:
    """Text that is UTF-8 for sure."""
    return text if text.isascii() else _SURROGATE.sub("\ufffd", text)
