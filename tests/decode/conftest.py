"""Requests, and the roads on which they are decoded."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from random import Random
from typing import Any

import pytest
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from spyglass.decode.decoder import Decoded, Decoder
from spyglass.model.body import Body, Encoding, Signal
from spyglass.testing.rows import BASE_NS

NOW = BASE_NS + 3_600 * 10**9
COPIES = 60  # so many bodies that even one attribute each is read as columns and not one by one

Decode = Callable[..., Decoded]


@pytest.fixture(params=["columns", "many", "reference"])
def decode(request: pytest.FixtureRequest) -> Decode:
    """`decode(signal, message, **body)`: a body decoded as columns, in the midst of many as columns, or by the reference."""
    decoder = Decoder(columns=request.param != "reference")

    def one(signal: Signal, message: Any, *, received_ns: int = NOW, encoding: Encoding = "protobuf", **rest: Any) -> Decoded:
        data = message if isinstance(message, bytes) else message.SerializeToString()
        body = Body(signal, encoding, data, **rest)
        if request.param != "many":
            return decoder.decode(signal, [body], received_ns)
        many = decoder.decode(signal, [body] * COPIES, received_ns)
        count = many.row_counts[0]
        assert many.row_counts == [count] * COPIES
        first = many.batch.rows.slice(0, count)
        last = many.batch.rows.slice(count * (COPIES - 1), count)
        assert str(first.to_pylist()) == str(last.to_pylist())
        return Decoded(many.batch.with_rows(first), many.outcomes[:1], many.row_counts[:1])

    return one


@pytest.fixture
def rows(decode: Decode) -> Callable[..., list[dict[str, Any]]]:
    """`rows(signal, message)`: the rows of a good body, with times in nanoseconds."""

    def of(signal: Signal, message: Any, **rest: Any) -> list[dict[str, Any]]:
        table = decode(signal, message, **rest).batch.rows
        table.validate(full=True)
        return [{name: _ns(value) for name, value in row.items()} for row in table.to_pylist()]

    return of


def _ns(value: Any) -> Any:
    if isinstance(value, list):
        return [_ns(item) for item in value]
    if isinstance(value, dict):
        return {name: _ns(item) for name, item in value.items()}
    return value.value if hasattr(value, "nanosecond") else value


@pytest.fixture
def span() -> Callable[..., tuple[Any, Any]]:
    """Make a trace request with one valid span, given its fields; both are returned."""

    def make(**fields: Any) -> tuple[Any, Any]:
        request = ExportTraceServiceRequest()
        given = {"trace_id": b"t" * 16, "span_id": b"s" * 8, "start_time_unix_nano": NOW - 10**9, "end_time_unix_nano": NOW - 10**8}
        return request, request.resource_spans.add().scope_spans.add().spans.add(**{**given, **fields})

    return make


@pytest.fixture
def record() -> Callable[..., tuple[Any, Any]]:
    """Make a log request with one record, given its fields; both are returned."""

    def make(**fields: Any) -> tuple[Any, Any]:
        request = ExportLogsServiceRequest()
        return request, request.resource_logs.add().scope_logs.add().log_records.add(**{"time_unix_nano": NOW - 10**9, **fields})

    return make


@pytest.fixture
def metric() -> Callable[..., tuple[Any, Any]]:
    """Make a metric request with one metric, given its fields; both are returned."""

    def make(**fields: Any) -> tuple[Any, Any]:
        request = ExportMetricsServiceRequest()
        return request, request.resource_metrics.add().scope_metrics.add().metrics.add(**{"name": "m", **fields})

    return make


@pytest.fixture(scope="session")
def random_request() -> Callable[[Random, Signal], Any]:
    """`random_request(dice, signal)`: a valid request with everything that OTLP allows, odd values first."""
    return lambda dice, signal: {"traces": _traces, "logs": _logs, "metrics": _metrics}[signal](dice)


# ---- random requests

_TIMES = (0, 1, 2**63 - 1, 2**63, 2**64 - 1, NOW, NOW - 10**9, NOW + 3 * 10**9, NOW + 400 * 86_400 * 10**9, 4_000_000_000 * 10**9)
_INTS = (0, 1, -1, 127, 128, 2**31, 2**63 - 1, -(2**63))
_DOUBLES = (0.0, -0.0, 1.0, 0.1, -2.5, 1e300, 5e-324, 1e16, 123456789.125, float("nan"), float("inf"), float("-inf"))


def _text(dice: Random) -> str:
    return dice.choice(["", "a", "event.name", 'é"\\\n\x01', "日本" * 3, "\x00z", "x" * dice.randrange(300), "spyglass.source", "a.b.c"])


def _value(dice: Random, value: Any, depth: int) -> None:
    match dice.randrange(9 if depth else 7):
        case 0 | 1:
            value.string_value = _text(dice)
        case 2:
            value.bool_value = dice.random() < 0.5
        case 3:
            value.int_value = dice.choice(_INTS)
        case 4:
            value.double_value = dice.choice(_DOUBLES)
        case 5:
            value.bytes_value = dice.randbytes(dice.randrange(5))
        case 7:
            value.array_value.SetInParent()
            for _ in range(dice.randrange(4)):
                _value(dice, value.array_value.values.add(), depth - 1)
        case 8:
            value.kvlist_value.SetInParent()
            _attributes(dice, value.kvlist_value.values, depth - 1)


def _attributes(dice: Random, pairs: Any, depth: int = 5) -> None:
    for _ in range(dice.choice((0, 0, 1, 2, 4))):
        pair = pairs.add(key=_text(dice))
        if dice.random() < 0.95:
            _value(dice, pair.value, depth)


def _id(dice: Random, length: int, *, always: bool = False) -> bytes:
    return b"\1" + dice.randbytes(length - 1) if always or dice.random() < 0.7 else b""


def _scopes(dice: Random, resources: Any, scopes: str) -> Iterator[Any]:
    for _ in range(dice.randrange(3)):
        resource = resources.add(schema_url=_text(dice))
        _attributes(dice, resource.resource.attributes)
        resource.resource.dropped_attributes_count = dice.choice((0, 3))
        for _ in range(dice.choice((0, 0, 1, 2))):
            names = ([_text(dice) for _ in range(dice.randrange(3))] for _ in range(2))
            resource.resource.entity_refs.add(type=_text(dice), schema_url=_text(dice), id_keys=next(names), description_keys=next(names))
        for _ in range(dice.randrange(3)):
            scope = getattr(resource, scopes).add(schema_url=_text(dice))
            if dice.random() < 0.8:
                scope.scope.name, scope.scope.version = _text(dice), _text(dice)
                scope.scope.dropped_attributes_count = dice.choice((0, 2**32 - 1))
                _attributes(dice, scope.scope.attributes)
            yield scope


def _traces(dice: Random) -> Any:
    request = ExportTraceServiceRequest()
    for scope in _scopes(dice, request.resource_spans, "scope_spans"):
        for _ in range(dice.randrange(4)):
            span = scope.spans.add(trace_id=_id(dice, 16, always=True), span_id=_id(dice, 8, always=True), parent_span_id=_id(dice, 8), name=_text(dice))
            span.kind, span.flags, span.trace_state = dice.choice((0, 1, 2, 3, 4, 5, 9, -1)), dice.choice((0, 257, 2**32 - 1)), _text(dice)
            span.start_time_unix_nano, span.end_time_unix_nano = dice.choice(_TIMES), dice.choice(_TIMES)
            span.dropped_attributes_count, span.dropped_events_count, span.dropped_links_count = (dice.choice((0, 7)) for _ in range(3))
            if dice.random() < 0.5:
                span.status.code, span.status.message = dice.choice((0, 1, 2, 3)), _text(dice)
            _attributes(dice, span.attributes)
            for _ in range(dice.choice((0, 0, 2))):
                event = span.events.add(time_unix_nano=dice.choice(_TIMES), name=_text(dice), dropped_attributes_count=dice.choice((0, 5)))
                _attributes(dice, event.attributes)
            for _ in range(dice.choice((0, 0, 2))):
                link = span.links.add(trace_id=_id(dice, 16), span_id=_id(dice, 8), trace_state=_text(dice), flags=dice.choice((0, 1)))
                _attributes(dice, link.attributes)
    return request


def _logs(dice: Random) -> Any:
    request = ExportLogsServiceRequest()
    for scope in _scopes(dice, request.resource_logs, "scope_logs"):
        for _ in range(dice.randrange(4)):
            record = scope.log_records.add(time_unix_nano=dice.choice(_TIMES), observed_time_unix_nano=dice.choice(_TIMES), flags=dice.choice((0, 1)))
            record.severity_number, record.severity_text = dice.choice((0, 1, 9, 17, 24, 25, -3)), dice.choice(["", "WARN", "Info2", "odd"])
            record.trace_id, record.span_id = _id(dice, 16), _id(dice, 8)
            record.event_name = dice.choice(["", "", "agent.step", "event otel/src/x.rs:803"])
            if dice.random() < 0.9:
                _value(dice, record.body, 5)
            record.dropped_attributes_count = dice.choice((0, 1))
            _attributes(dice, record.attributes)
    return request


def _metrics(dice: Random) -> Any:
    request = ExportMetricsServiceRequest()
    for scope in _scopes(dice, request.resource_metrics, "scope_metrics"):
        for number in range(dice.randrange(5)):
            metric = scope.metrics.add(name=f"metric.{number}", description=_text(dice), unit=dice.choice(["", "s"]))
            _attributes(dice, metric.metadata, 2)
            kind = dice.choice(["gauge", "sum", "histogram", "exponential_histogram", "summary"])
            data = getattr(metric, kind)
            data.SetInParent()
            if kind not in ("gauge", "summary"):
                data.aggregation_temporality = dice.choice((0, 1, 2, 5))
            if kind == "sum":
                data.is_monotonic = dice.random() < 0.5
            for _ in range(dice.randrange(3)):
                _point(dice, kind, data.data_points.add())
    return request


def _point(dice: Random, kind: str, point: Any) -> None:
    point.start_time_unix_nano, point.time_unix_nano, point.flags = dice.choice(_TIMES), dice.choice(_TIMES), dice.choice((0, 1))
    _attributes(dice, point.attributes, 2)
    if kind in ("gauge", "sum"):
        _number(dice, point)
    elif kind == "summary":
        point.count, point.sum = dice.choice((0, 2**64 - 1)), dice.choice(_DOUBLES)
        for _ in range(dice.randrange(3)):
            point.quantile_values.add(quantile=dice.random(), value=dice.choice(_DOUBLES))
    else:
        point.count = dice.choice((0, 5))
        for name in ("sum", "min", "max"):
            if dice.random() < 0.6:
                setattr(point, name, dice.choice(_DOUBLES))
        if kind == "histogram":
            point.bucket_counts.extend(dice.choice((0, 2**64 - 1)) for _ in range(dice.randrange(4)))
            point.explicit_bounds.extend(dice.choice(_DOUBLES) for _ in range(dice.randrange(4)))
        else:
            point.scale, point.zero_count, point.zero_threshold = dice.choice((0, -3, 20)), dice.choice((0, 9)), dice.choice((0.0, 0.25))
            for side in (point.positive, point.negative):
                side.offset = dice.choice((0, -(2**31), 7))
                side.bucket_counts.extend(dice.choice((0, 2**64 - 1)) for _ in range(dice.randrange(3)))
    if kind != "summary":
        for _ in range(dice.choice((0, 0, 2))):
            exemplar = point.exemplars.add(time_unix_nano=dice.choice(_TIMES), trace_id=_id(dice, 16), span_id=_id(dice, 8))
            _number(dice, exemplar)
            _attributes(dice, exemplar.filtered_attributes, 1)


def _number(dice: Random, point: Any) -> None:
    if dice.random() < 0.5:
        point.as_int = dice.choice(_INTS)
    else:
        point.as_double = dice.choice(_DOUBLES)
