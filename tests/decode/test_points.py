"""What becomes of a data point. Each answer is the same on every road."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from opentelemetry.proto.metrics.v1.metrics_pb2 import NumberDataPoint

from spyglass.testing.rows import BASE_NS

NOW = BASE_NS + 3_600 * 10**9
SECOND = 10**9

Make = Callable[..., tuple[Any, Any]]
Rows = Callable[..., list[dict[str, Any]]]


def picked(row: dict[str, Any], expected: dict[str, Any]) -> dict[str, Any]:
    return {name: row[name] for name in expected}


def test_a_sum_is_read_whole(metric: Make, rows: Rows) -> None:
    """Name, unit, temporality, monotonicity, and an integer kept exactly."""
    request, it = metric(name="tokens", description="how many", unit="1")
    it.sum.aggregation_temporality, it.sum.is_monotonic = 1, True
    it.sum.data_points.add(start_time_unix_nano=NOW - SECOND, time_unix_nano=NOW, as_int=2**53 + 1, flags=1).attributes.add(key="m").value.string_value = "x"
    expected = {
        "metric": "tokens",
        "description": "how many",
        "unit": "1",
        "type": "sum",
        "temporality": "delta",
        "monotonic": True,
        "start": NOW - SECOND,
        "time": NOW,
        "value": float(2**53),
        "value_int": 2**53 + 1,
        "value_type": "i",
        "flags": 1,
        "attributes": [("m", "x")],
        "attribute_types": "s",
        "issues": [],
    }
    (row,) = rows("metrics", request)
    assert picked(row, expected) == expected


def test_metadata_is_the_metrics(metric: Make, rows: Rows) -> None:
    """Each point of the metric has it, with its types; the next metric has its own."""
    request, it = metric(name="a")
    it.metadata.add(key="prometheus.type").value.string_value = "unknown"
    it.metadata.add(key="n").value.int_value = 3
    other = request.resource_metrics[0].scope_metrics[0].metrics.add(name="b")
    for each in (it, it, other):
        each.gauge.data_points.add(time_unix_nano=NOW, as_int=1)
    found = [(row["metric"], row["metadata"], row["metadata_types"]) for row in rows("metrics", request)]
    assert found == [("a", [("prometheus.type", "unknown"), ("n", "3")], "si")] * 2 + [("b", [], "")]


def test_a_gauge_may_have_no_value(metric: Make, rows: Rows) -> None:
    """A double, zero and nothing are three things."""
    request, it = metric()
    it.gauge.data_points.add(time_unix_nano=NOW, as_double=1.5)
    it.gauge.data_points.add(time_unix_nano=NOW, as_int=0)
    it.gauge.data_points.add(time_unix_nano=NOW, flags=1)
    found = [(row["value"], row["value_int"], row["value_type"]) for row in rows("metrics", request)]
    assert found == [(1.5, None, "d"), (0.0, 0, "i"), (0.0, None, "")]


def test_a_histogram_is_read_whole(metric: Make, rows: Rows) -> None:
    """Counts and bounds; a sum of zero is not a missing one."""
    request, it = metric()
    it.histogram.aggregation_temporality = 2
    it.histogram.data_points.add(time_unix_nano=NOW, count=3, sum=0.0, max=2.0, bucket_counts=[1, 2], explicit_bounds=[0.5])
    expected: dict[str, Any] = {"type": "histogram", "temporality": "cumulative", "count": 3, "sum": 0.0, "min": 0.0, "max": 2.0}
    expected |= {"has_sum": True, "has_min": False, "has_max": True, "bucket_counts": [1, 2], "explicit_bounds": [0.5], "positive_counts": []}
    (row,) = rows("metrics", request)
    assert picked(row, expected) == expected


def test_an_exponential_histogram_is_read_whole(metric: Make, rows: Rows) -> None:
    """Scale, zero bucket and both sides."""
    request, it = metric()
    point = it.exponential_histogram.data_points.add(time_unix_nano=NOW, count=6, scale=-3, zero_count=1, zero_threshold=0.25)
    point.positive.offset, point.negative.offset = -2, 5
    point.positive.bucket_counts.extend([1, 2])
    point.negative.bucket_counts.extend([2])
    expected: dict[str, Any] = {"scale": -3, "zero_count": 1, "zero_threshold": 0.25, "positive_offset": -2, "positive_counts": [1, 2]}
    expected |= {"negative_offset": 5, "negative_counts": [2], "count": 6, "has_sum": False, "bucket_counts": []}
    (row,) = rows("metrics", request)
    assert picked(row, expected) == expected


def test_a_summary_is_read_whole(metric: Make, rows: Rows) -> None:
    """Quantiles and their values, beside count and sum."""
    request, it = metric()
    point = it.summary.data_points.add(time_unix_nano=NOW, count=2, sum=3.0)
    point.quantile_values.add(quantile=0.5, value=1.0)
    point.quantile_values.add(quantile=0.99, value=2.0)
    expected: dict[str, Any] = {"type": "summary", "temporality": "", "count": 2, "sum": 3.0, "has_sum": True, "exemplars": []}
    expected |= {"quantiles": [0.5, 0.99], "quantile_values": [1.0, 2.0]}
    (row,) = rows("metrics", request)
    assert picked(row, expected) == expected


def test_exemplars_are_read_whole(metric: Make, rows: Rows) -> None:
    """Time, value, the span they were seen in, and the attributes that the point left out."""
    request, it = metric()
    point = it.gauge.data_points.add(time_unix_nano=NOW, as_double=1.0)
    point.exemplars.add(time_unix_nano=NOW, as_int=3, trace_id=b"t" * 16, span_id=b"s" * 8).filtered_attributes.add(key="k").value.int_value = 1
    point.exemplars.add(time_unix_nano=2**63, as_double=0.5, trace_id=b"odd")
    (row,) = rows("metrics", request)
    first = {"time": NOW, "value": 3.0, "value_int": 3, "trace_id": b"t" * 16, "span_id": b"s" * 8, "attributes": [("k", "1")], "attribute_types": "i"}
    second = {"time": -(2**63), "value": 0.5, "value_int": None, "trace_id": bytes(16), "span_id": bytes(8), "attributes": [], "attribute_types": ""}
    assert row["exemplars"] == [first, second]
    assert row["issues"] == ["exemplar_time_out_of_range", "exemplar_id_invalid"]


@pytest.mark.parametrize(("start", "time"), [(0, NOW), (NOW - SECOND, NOW)])
def test_a_start_may_be_unknown(metric: Make, rows: Rows, start: int, time: int) -> None:
    """A start of zero means that the sender does not know it, and stays zero."""
    request, it = metric()
    it.gauge.data_points.add(start_time_unix_nano=start, time_unix_nano=time)
    (row,) = rows("metrics", request)
    assert (row["start"], row["time"], row["issues"]) == (start, time, [])


@pytest.mark.parametrize("odd", [1, NOW + 2 * 86_400 * SECOND, 2**64 - 1])
def test_times_that_cannot_be_are_replaced(metric: Make, rows: Rows, odd: int) -> None:
    """The time becomes the arrival, the start becomes unknown, and both are kept beside."""
    request, it = metric()
    it.gauge.data_points.add(start_time_unix_nano=odd, time_unix_nano=odd)
    (row,) = rows("metrics", request)
    assert (row["start"], row["original_start_ns"], row["time"], row["original_time_ns"]) == (0, odd, NOW, odd)
    assert row["issues"] == ["time_implausible", "start_implausible"]


def test_an_unknown_temporality_is_told(metric: Make, rows: Rows) -> None:
    """Its number is not lost."""
    request, it = metric()
    it.sum.aggregation_temporality = 9
    it.sum.data_points.add(time_unix_nano=NOW)
    (row,) = rows("metrics", request)
    assert (row["temporality"], row["issues"]) == ("", ["temporality_unknown:9"])


def test_points_keep_the_order_of_their_metrics(metric: Make, rows: Rows) -> None:
    """Also when the types of the metrics alternate."""
    request, _ = metric()
    scope = request.resource_metrics[0].scope_metrics[0]
    del scope.metrics[:]
    for number, kind in enumerate(["sum", "gauge", "summary", "sum", "histogram", "gauge"]):
        metric_ = scope.metrics.add(name=str(number))
        getattr(metric_, kind).data_points.add(time_unix_nano=NOW, flags=10 * number)
        getattr(metric_, kind).data_points.add(time_unix_nano=NOW, flags=10 * number + 1)
    found = [(row["metric"], row["flags"]) for row in rows("metrics", request)]
    assert found == [(str(number), 10 * number + place) for number in range(6) for place in range(2)]


def test_of_two_values_the_last_counts(rows: Rows) -> None:
    """Legal protobuf, which nobody sends: a point with a double and then an integer, in a metric that is a sum and then a gauge."""
    point = NumberDataPoint(as_double=1.5, time_unix_nano=NOW).SerializeToString() + NumberDataPoint(as_int=7).SerializeToString()
    data = b"\x3a\x00\x2a" + bytes([len(point) + 2]) + b"\x0a" + bytes([len(point)]) + point
    for tag in (b"\x12", b"\x12", b"\x0a"):
        data = tag + bytes([len(data)]) + data
    (row,) = rows("metrics", data)
    assert (row["type"], row["value"], row["value_int"], row["value_type"]) == ("gauge", 7.0, 7, "i")


def test_a_metric_without_data_is_no_row(metric: Make, rows: Rows) -> None:
    """A name alone tells nothing."""
    assert rows("metrics", metric()[0]) == []
