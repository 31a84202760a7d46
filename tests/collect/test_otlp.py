"""What runners tell becomes OTLP: every type of value, in bodies of a bounded size, and always the same bytes."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis
from hypothesis import strategies as st
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from spyglass.collect.otlp import Bounds, Encoded, Scope, encode
from spyglass.decode.attributes import plain
from spyglass.model.told import Event, Point, Span, Told

SCOPE = Scope("spyglass.runner.tested", "1.2.3")
LEAVES = st.none() | st.booleans() | st.integers(-(2**63), 2**63 - 1) | st.floats(allow_nan=False) | st.binary(max_size=20) | st.text(max_size=20)
VALUES = st.recursive(LEAVES, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4), max_leaves=10)


def told(one: Told, **bounds: int) -> tuple[list[Encoded], Counter[str]]:
    """The bodies, and what was left out."""
    dropped: Counter[str] = Counter()
    bodies = list(encode(one, SCOPE, lambda reason, count: dropped.update({reason: count}), Bounds(**bounds)))
    return bodies, dropped


def log_records(bodies: list[Encoded]) -> list[Any]:
    requests = [ExportLogsServiceRequest.FromString(body.data) for body in bodies]
    return [record for request in requests for group in request.resource_logs for scope in group.scope_logs for record in scope.log_records]


@given(value=VALUES)
@hypothesis(max_examples=60)
def test_every_type_of_value_arrives_as_it_was(value: Any) -> None:
    """As an attribute and as a body, at any depth."""
    (record,) = log_records(told(Told(events=[Event("e", 1, {"a": value}, body={"b": value})]))[0])
    assert plain(record.attributes[0].value) == value
    assert plain(record.body) == {"b": value}


def test_a_span_has_all_that_was_told() -> None:
    """Ids, times, kind, status, events, and the resource and scope around it."""
    span = Span("chat", 10, 20, b"t" * 16, b"s" * 8, b"p" * 8, "client", {"n": 1}, "it broke", [Event("first token", 12, {"k": "v"})])
    ((signal, data, records),), _ = told(Told({"service.name": "agent"}, spans=[span]))
    group = ExportTraceServiceRequest.FromString(data).resource_spans[0]
    (found,) = group.scope_spans[0].spans
    assert (signal, records, group.resource.attributes[0].key, group.scope_spans[0].scope.name) == ("traces", 1, "service.name", SCOPE.name)
    assert (found.trace_id, found.span_id, found.parent_span_id, found.kind) == (b"t" * 16, b"s" * 8, b"p" * 8, 3)
    assert (found.start_time_unix_nano, found.end_time_unix_nano, found.status.code, found.status.message) == (10, 20, 2, "it broke")
    assert (found.events[0].name, found.events[0].time_unix_nano) == ("first token", 12)


def test_points_of_one_metric_are_together() -> None:
    """Gauges as gauges, sums cumulative since their start; whole numbers stay whole."""
    points = [Point("cpu", 5, 1.5, "s", {"mode": "user"}, "sum", True, 1), Point("cpu", 5, 2, "s", {"mode": "idle"}, "sum", True, 1), Point("up", 5, True)]
    ((_, data, records),), _ = told(Told(points=points))
    cpu, up = ExportMetricsServiceRequest.FromString(data).resource_metrics[0].scope_metrics[0].metrics
    assert (records, cpu.unit, cpu.sum.is_monotonic, cpu.sum.aggregation_temporality) == (3, "s", True, 2)
    assert [(point.as_double, point.as_int, point.start_time_unix_nano) for point in cpu.sum.data_points] == [(1.5, 0, 1), (0.0, 2, 1)]
    assert up.gauge.data_points[0].as_int == 1


def test_bodies_are_bounded_and_nothing_is_lost_between_them() -> None:
    """Each is about as large as it may be; order stays; the same Told gives the same bytes."""
    one = Told({"service.name": "x"}, [Event(f"e{number}", number + 1, {"text": "x" * 500}) for number in range(200)])
    bodies, dropped = told(one, body_bytes=10_000)
    assert (len(bodies) > 5, max(len(body.data) for body in bodies) <= 10_000, dropped) == (True, True, Counter())
    assert [record.event_name for record in log_records(bodies)] == [f"e{number}" for number in range(200)]
    assert told(one, body_bytes=10_000)[0] == bodies


@pytest.mark.parametrize(
    ("bad", "reason"),
    [
        (Event("e", -1), "invalid"),
        (Event("e", 1, {"a": object()}), "invalid"),
        (Event("e", 1, {1: 2}), "invalid"),  # type: ignore[dict-item]
        (Event("e", 1, trace_id=b"short"), "invalid"),
        ("not an event", "invalid"),
        (Event("e", 1, body="x" * 5_000), "too_large"),
    ],
)
def test_what_cannot_be_told_is_counted_and_harms_no_other(bad: Any, reason: str) -> None:
    """Wrong times, types, names, ids; a record that is too large."""
    bodies, dropped = told(Told(events=[Event("before", 1), bad, Event("after", 2)]), record_bytes=4_000)
    assert [record.event_name for record in log_records(bodies)] == ["before", "after"]
    assert dropped == Counter({reason: 1})


def test_a_value_without_end_is_no_trap() -> None:
    """A list in itself, and a Told with more records than may come at once."""
    endless: list[Any] = []
    endless.append(endless)
    _, dropped = told(Told(events=[Event("e", 1, {"a": endless}), *[Event("e", 1)] * 9]), records=4)
    assert dropped == Counter({"invalid": 1, "too_many": 6})


def test_text_that_is_no_utf8_arrives_readable() -> None:
    """Paths may have bytes of any encoding; numbers beyond 64 bits become text."""
    (record,) = log_records(told(Told(events=[Event("e", 1, {"path": "/tmp/\udcff", "big": 2**70})]))[0])
    assert [plain(attribute.value) for attribute in record.attributes] == ["/tmp/\ufffd", str(2**70)]


def test_a_share_of_it_is_told_where_wanted() -> None:
    """Traces whole, the same ones each time, and every point."""
    traces = [number.to_bytes(16) for number in range(1, 101)]
    spans = [Span("s", 1, 2, trace, number.to_bytes(8)) for trace in traces for number in (1, 2)]
    one = Told(events=[Event(f"e{number}", 1) for number in range(200)], spans=spans, points=[Point("p", 1, 1)] * 20)
    dropped: Counter[str] = Counter()
    bodies = list(encode(one, SCOPE, lambda reason, count: dropped.update({reason: count}), Bounds(sample=0.5)))
    kept = {body.signal: body.records for body in bodies}
    assert (kept["metrics"], kept["traces"] % 2, kept["traces"] + kept["logs"] + dropped["sampled"]) == (20, 0, 400)
    assert 60 < kept["logs"] < 140
    assert list(encode(one, SCOPE, lambda *_: None, Bounds(sample=0.5))) == bodies
