"""The inverse of decode: rows of a batch → one OTLP export request, for exports and forwarding.

What decode replaced is put back from the `original_…` columns and the issues, so that decode → encode → decode changes nothing. Rows of the same
resource, scope and metric come together, in the order in which these first appear. What OTLP cannot say (arrival, project, derived columns) is left out.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterable
from typing import Any, Final

import orjson
import pyarrow as pa
from opentelemetry.proto.common.v1.common_pb2 import AnyValue
from opentelemetry.proto.metrics.v1.metrics_pb2 import Metric

from spyglass.decode import rules
from spyglass.decode.entities import fields_of
from spyglass.decode.otlp_json import any_value
from spyglass.decode.shape import WIRE
from spyglass.decode.wire import REQUESTS
from spyglass.model.body import Signal
from spyglass.model.schema import Kind

__all__ = ["encode"]

Row = dict[str, Any]

_SIGNALS: Final[dict[Kind, Signal]] = {Kind.SPAN: "traces", Kind.EVENT: "logs", Kind.POINT: "metrics"}
_NO_TRACE, _NO_SPAN = bytes(16), bytes(8)
_OF_RESOURCE: Final = ("resource_attributes", "resource_attribute_types", "resource_dropped_attributes", "resource_schema_url", "resource_entity_refs")


def encode(kind: Kind, rows: pa.Table) -> bytes:
    """The `Export*ServiceRequest` that says these rows, as protobuf bytes.

    Args:
        kind: of the rows.
        rows: any number, with at least the wire columns of the kind; other columns are not read.
    """
    request = REQUESTS[_SIGNALS[kind]]()
    scope_of = _Scopes(request, kind)
    add = _ADD[kind]
    for row in _plain_rows(rows.select(WIRE[kind].names)):
        add(scope_of(row), row)
    return bytes(request.SerializeToString())


def _plain_rows(rows: pa.Table) -> Iterable[Row]:
    """Rows with times as nanoseconds (Python has no type for them) and the issues as names with what they tell."""
    numbers = rows.cast(pa.schema([field.with_type(_without_times(field.type)) for field in rows.schema]))
    for batch in numbers.to_batches(max_chunksize=10_000):
        for row in batch.to_pylist():
            row["issues"] = {name: told for name, _, told in (issue.partition(":") for issue in row["issues"])}
            yield row


def _without_times(kind: pa.DataType) -> pa.DataType:
    if pa.types.is_timestamp(kind):
        return pa.int64()
    if pa.types.is_list(kind):
        return pa.list_(_without_times(kind.value_type))
    if pa.types.is_struct(kind):
        return pa.struct([field.with_type(_without_times(field.type)) for field in kind])
    return kind


class _Scopes:
    """The scope message that a row belongs to, made when it is first needed."""

    def __init__(self, request: Any, kind: Kind) -> None:
        name = {Kind.SPAN: "spans", Kind.EVENT: "logs", Kind.POINT: "metrics"}[kind]
        self._resources, self._scopes_name = getattr(request, f"resource_{name}"), f"scope_{name}"
        self._resource_of: dict[object, Any] = {}
        self._scope_of: dict[object, Any] = {}

    def __call__(self, row: Row) -> Any:
        resource_key = _key(row, *_OF_RESOURCE)
        scope_key = _key(row, "scope_name", "scope_version", "scope_attributes", "scope_attribute_types", "scope_dropped_attributes", "scope_schema_url")
        scope = self._scope_of.get((resource_key, scope_key))
        if scope is None:
            scope = self._scope_of[resource_key, scope_key] = getattr(self._resource(resource_key, row), self._scopes_name).add()
            scope.scope.name, scope.scope.version = row["scope_name"], row["scope_version"]
            _add_attributes(scope.scope.attributes, row["scope_attributes"], row["scope_attribute_types"])
            scope.scope.dropped_attributes_count, scope.schema_url = row["scope_dropped_attributes"], row["scope_schema_url"]
        return scope

    def _resource(self, key: object, row: Row) -> Any:
        resource = self._resource_of.get(key)
        if resource is None:
            resource = self._resource_of[key] = self._resources.add()
            _add_attributes(resource.resource.attributes, row["resource_attributes"], row["resource_attribute_types"])
            resource.resource.dropped_attributes_count, resource.schema_url = row["resource_dropped_attributes"], row["resource_schema_url"]
            for fields in fields_of(row["resource_entity_refs"]):
                resource.resource.entity_refs.add(**fields)
        return resource


def _key(row: Row, *names: str) -> tuple[object, ...]:
    return tuple(tuple(value) if isinstance(value, list) else value for value in (row[name] for name in names))


# ---- values


def _add_attributes(target: Any, texts: list[tuple[str, str]], types: str) -> None:
    for (key, text), code in zip(texts, types, strict=True):
        pair = target.add(key=key)
        if code != "e":
            pair.value.CopyFrom(_value(code, text))


def _value(code: str, text: str) -> Any:
    """The AnyValue of a type code and a text (the table in `model.schema`)."""
    match code:
        case "s":
            return AnyValue(string_value=text)
        case "b":
            return AnyValue(bool_value=text == "true")
        case "i":
            return AnyValue(int_value=int(text))
        case "d":
            return AnyValue(double_value=float(text))
        case "y":
            return AnyValue(bytes_value=base64.b64decode(text))
        case "a" | "k":
            return _plain_value(orjson.loads(text))
        case "A" | "K":
            return AnyValue.FromString(any_value(orjson.loads(text)))
    return AnyValue()


def _plain_value(item: object) -> Any:
    value = AnyValue()
    if isinstance(item, str):
        value.string_value = item
    elif isinstance(item, bool):
        value.bool_value = item
    elif isinstance(item, int):
        value.int_value = item
    elif isinstance(item, float):
        value.double_value = item
    elif isinstance(item, list):
        value.array_value.SetInParent()
        value.array_value.values.extend(_plain_value(member) for member in item)
    elif isinstance(item, dict):
        value.kvlist_value.SetInParent()
        for key, member in item.items():
            value.kvlist_value.values.add(key=key, value=_plain_value(member))
    return value


def _number(names: tuple[str, ...], row: Row, column: str, issue: str) -> int:
    """The number of an enum, from its word or from the issue of a number without a word."""
    told = row["issues"].get(f"{issue}_unknown")
    return int(told) if told is not None else names.index(row[column])


def _unsigned(time_ns: int) -> int:
    return time_ns % 2**64


def _id(value: bytes) -> bytes:
    return value if any(value) else b""


# ---- records


def _add_span(scope: Any, row: Row) -> None:
    issues = row["issues"]
    start = row["original_start_ns"] if "time_implausible" in issues else row["start"]
    replaced = issues.keys() & {"no_end", "end_before_start", "end_implausible"}
    span = scope.spans.add(
        trace_id=row["trace_id"],
        span_id=row["span_id"],
        parent_span_id=_id(row["parent_span_id"]),
        trace_state=row["trace_state"],
        flags=row["flags"],
        name=row["name"],
        kind=_number(rules.SPAN_KINDS, row, "span_kind", "span_kind"),
        start_time_unix_nano=start,
        end_time_unix_nano=row["original_end_ns"] if replaced else start + row["duration_ns"],
        dropped_attributes_count=row["dropped_attributes"],
        dropped_events_count=row["dropped_events"],
        dropped_links_count=row["dropped_links"],
    )
    _add_attributes(span.attributes, row["attributes"], row["attribute_types"])
    code = _number(rules.STATUSES, row, "status", "status")
    if code or row["status_message"]:
        span.status.code, span.status.message = code, row["status_message"]
    for told in row["events"]:
        event = span.events.add(time_unix_nano=_unsigned(told["time"]), name=told["name"], dropped_attributes_count=told["dropped_attributes"])
        _add_attributes(event.attributes, told["attributes"], told["attribute_types"])
    for told in row["links"]:
        link = span.links.add(trace_id=_id(told["trace_id"]), span_id=_id(told["span_id"]), trace_state=told["trace_state"], flags=told["flags"])
        link.dropped_attributes_count = told["dropped_attributes"]
        _add_attributes(link.attributes, told["attributes"], told["attribute_types"])


def _add_event(scope: Any, row: Row) -> None:
    issues = row["issues"]
    told = issues.get("severity_number_unknown")
    record = scope.log_records.add(
        time_unix_nano=0 if "no_time" in issues else row["original_time_ns"] if "time_implausible" in issues else row["time"],
        observed_time_unix_nano=_unsigned(row["observed_time"]),
        severity_number=row["severity_number"] if told is None else int(told),
        severity_text=row["severity_text"],
        dropped_attributes_count=row["dropped_attributes"],
        flags=row["flags"],
        trace_id=_id(row["trace_id"]),
        span_id=_id(row["span_id"]),
        event_name=_event_name(row),
    )
    if row["body_type"] != "e":
        record.body.CopyFrom(_value(row["body_type"], row["body"]))
    _add_attributes(record.attributes, row["attributes"], row["attribute_types"])


def _event_name(row: Row) -> str:
    """What the sender wrote into the field: nothing, where the attributes or the body say the same."""
    located = row["issues"].get("event_name_location")
    if located is not None:
        return str(located)
    told = next((text for key in rules.EVENT_NAME_KEYS for name, text in row["attributes"] if name == key and text), "")
    body = row["body"] if row["body_type"] == "s" else ""
    derived = told or (body if rules.is_event_name(body) else "")
    return "" if derived == row["event_name"] else str(row["event_name"])


def _add_point(scope: Any, row: Row) -> None:
    """A point in the metric it belongs to: the last of its scope, when that is the same, so that the order is kept."""
    metric = scope.metrics[-1] if len(scope.metrics) else None
    if metric is None or not _is_of(metric, row):
        metric = scope.metrics.add(name=row["metric"], description=row["description"], unit=row["unit"])
        _add_attributes(metric.metadata, row["metadata"], row["metadata_types"])
        data = getattr(metric, row["type"])
        data.SetInParent()
        if row["type"] in ("sum", "histogram", "exponential_histogram"):
            data.aggregation_temporality = _number(rules.TEMPORALITIES, row, "temporality", "temporality")
        if row["type"] == "sum":
            data.is_monotonic = row["monotonic"]
    issues = row["issues"]
    point = getattr(metric, row["type"]).data_points.add(
        start_time_unix_nano=row["original_start_ns"] if "start_implausible" in issues else row["start"],
        time_unix_nano=row["original_time_ns"] if "time_implausible" in issues else row["time"],
        flags=row["flags"],
    )
    _add_attributes(point.attributes, row["attributes"], row["attribute_types"])
    _FILL[row["type"]](point, row)
    for told in row["exemplars"]:
        exemplar = point.exemplars.add(time_unix_nano=_unsigned(told["time"]), trace_id=_id(told["trace_id"]), span_id=_id(told["span_id"]))
        if told["value_int"] is None:
            exemplar.as_double = told["value"]
        else:
            exemplar.as_int = told["value_int"]
        _add_attributes(exemplar.filtered_attributes, told["attributes"], told["attribute_types"])


def _is_of(metric: Any, row: Row) -> bool:
    if (metric.name, metric.description, metric.unit, metric.WhichOneof("data")) != (row["metric"], row["description"], row["unit"], row["type"]):
        return False
    if (metric.metadata or row["metadata"]) and not _has_metadata(metric, row):
        return False
    if row["type"] in ("gauge", "summary"):
        return True
    data = getattr(metric, row["type"])
    temporality = _number(rules.TEMPORALITIES, row, "temporality", "temporality")
    return bool(data.aggregation_temporality == temporality and (row["type"] != "sum" or data.is_monotonic == row["monotonic"]))


def _has_metadata(metric: Any, row: Row) -> bool:
    told = Metric()
    _add_attributes(told.metadata, row["metadata"], row["metadata_types"])
    return [pair.SerializeToString() for pair in told.metadata] == [pair.SerializeToString() for pair in metric.metadata]


def _fill_number(point: Any, row: Row) -> None:
    if row["value_type"] == "i":
        point.as_int = row["value_int"]
    elif row["value_type"] == "d":
        point.as_double = row["value"]


def _fill_counts(point: Any, row: Row) -> None:
    point.count = row["count"]
    for name in ("sum", "min", "max"):
        if row[f"has_{name}"]:
            setattr(point, name, row[name])


def _fill_histogram(point: Any, row: Row) -> None:
    _fill_counts(point, row)
    point.bucket_counts.extend(row["bucket_counts"])
    point.explicit_bounds.extend(row["explicit_bounds"])


def _fill_exponential(point: Any, row: Row) -> None:
    _fill_counts(point, row)
    point.scale, point.zero_count, point.zero_threshold = row["scale"], row["zero_count"], row["zero_threshold"]
    for side in ("positive", "negative"):
        offset, counts = row[f"{side}_offset"], row[f"{side}_counts"]
        if offset or counts:
            buckets = getattr(point, side)
            buckets.offset = offset
            buckets.bucket_counts.extend(counts)


def _fill_summary(point: Any, row: Row) -> None:
    point.count, point.sum = row["count"], row["sum"]
    for quantile, value in zip(row["quantiles"], row["quantile_values"], strict=True):
        point.quantile_values.add(quantile=quantile, value=value)


_FILL: Final[dict[str, Callable[[Any, Row], None]]] = {
    "gauge": _fill_number,
    "sum": _fill_number,
    "histogram": _fill_histogram,
    "exponential_histogram": _fill_exponential,
    "summary": _fill_summary,
}
_ADD: Final[dict[Kind, Callable[[Any, Row], None]]] = {Kind.SPAN: _add_span, Kind.EVENT: _add_event, Kind.POINT: _add_point}
