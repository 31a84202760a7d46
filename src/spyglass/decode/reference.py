"""One OTLP request → rows, by upb and plain loops: slow, obviously right.

The columns road (`traces`, `events`, `points`) must give the same rows; tests compare them. It is also the fallback when ptars is
missing or fails.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pyarrow as pa
from google.protobuf.message import DecodeError as ProtobufError

from spyglass.decode import refusal, rules
from spyglass.decode.anyvalue import value_text
from spyglass.decode.entities import entity_text
from spyglass.decode.identity import event_ids, map_digests
from spyglass.decode.limits import LimitError, RepeatsError, check_count
from spyglass.decode.shape import KINDS, WIRE
from spyglass.decode.wire import Request, parse_request
from spyglass.model.body import Signal
from spyglass.model.schema import Kind

__all__ = ["Rows", "decode"]

Row = dict[str, Any]
Texts = list[tuple[str, str]]

_NO_TRACE, _NO_SPAN = bytes(16), bytes(8)


@dataclass(slots=True)
class Rows:
    """`table` has the wire columns of the kind, one row per kept record; `rejected` counts the others by reason."""

    table: pa.Table
    rejected: Counter[str] = field(default_factory=Counter)


def decode(signal: Signal, data: bytes, project: str | None, received_ns: int) -> Rows:
    """The rows of one protobuf body that arrived at `received_ns` (Unix time), for `project` unless the resource decides.

    Raises:
        DecodeError: the body is not an export request of this signal.
    """
    kind = KINDS[signal]
    rejected: Counter[str] = Counter()
    try:
        request = parse_request(signal, data)
        _check_counts(signal, request)
        _check_repeats(signal, request)
        rows = list(_WALKS[kind](request, project, received_ns, rejected))
    except ProtobufError as error:
        raise refusal.from_upb(signal, error) from error
    except LimitError as error:
        raise refusal.from_limit(signal, error) from error
    return Rows(_table(kind, rows), rejected)


def _table(kind: Kind, rows: list[Row]) -> pa.Table:
    schema = WIRE[kind]
    if kind is not Kind.EVENT:
        return pa.Table.from_pylist(rows, schema=schema)
    sent = pa.array([row["sent_ns"] for row in rows], pa.uint64())
    table = pa.Table.from_pylist([{**row, "event_id": _NO_TRACE} for row in rows], schema=schema)
    columns = {name: table[name].combine_chunks() for name in schema.names}
    ids = event_ids(columns, sent, map_digests(columns["resource_attributes"]))
    return table.set_column(schema.get_field_index("event_id"), schema.field("event_id"), ids)


# ---- resource and scope


def _origin(resource_of: Any, scope_of: Any, project: str | None, received_ns: int) -> Row:
    """The columns which a record has from its resource and scope; `issues` starts here."""
    resource, scope = resource_of.resource, scope_of.scope
    resource_texts, resource_types = _attributes(resource.attributes)
    scope_texts, scope_types = _attributes(scope.attributes)
    name = project or _first(resource_texts, rules.PROJECT_KEYS)
    project, good = rules.project_of(name) if name else (rules.DEFAULT_PROJECT, True)
    return {
        "project": project,
        "received": received_ns,
        "service": _first(resource_texts, (rules.SERVICE_KEY,)),
        "environment": _first(resource_texts, rules.ENVIRONMENT_KEYS),
        "scope_name": scope.name,
        "scope_version": scope.version,
        "scope_attributes": scope_texts,
        "scope_attribute_types": scope_types,
        "scope_dropped_attributes": scope.dropped_attributes_count,
        "scope_schema_url": scope_of.schema_url,
        "resource_attributes": resource_texts,
        "resource_attribute_types": resource_types,
        "resource_dropped_attributes": resource.dropped_attributes_count,
        "resource_schema_url": resource_of.schema_url,
        "resource_entity_refs": _entities(resource),
        "issues": [] if good else ["project_invalid"],
    }


def _entities(resource: Any) -> str:
    refs = resource.entity_refs
    check_count(sum(1 + len(ref.id_keys) + len(ref.description_keys) for ref in refs))
    names = ("schema_url", "type", "id_keys", "description_keys")
    return entity_text([{name: list(value) if name.endswith("keys") else value for name in names for value in [getattr(ref, name)]} for ref in refs])


def _attributes(pairs: Iterable[Any]) -> tuple[Texts, str]:
    """Names with texts, and the type codes, in the order sent."""
    values = [(pair.key, *value_text(pair.value)) for pair in pairs]
    return [(key, text) for key, _, text in values], "".join(code for _, code, _ in values)


def _first(texts: Texts, keys: Iterable[str]) -> str:
    """The first text that is not empty, by the order of `keys`."""
    return next((text for key in keys for name, text in texts if name == key and text), "")


def _check_counts(signal: Signal, request: Request) -> None:
    """Resources, scopes, records and, of metrics, points: none may be too many."""
    names = {"traces": ("spans", "spans"), "logs": ("logs", "log_records"), "metrics": ("metrics", "metrics")}[signal]
    resources = getattr(request, f"resource_{names[0]}")
    check_count(len(resources))
    scopes = [getattr(resource, f"scope_{names[0]}") for resource in resources]
    check_count(sum(map(len, scopes)))
    records = [getattr(scope, names[1]) for found in scopes for scope in found]
    check_count(sum(map(len, records)))
    if signal == "metrics":
        check_count(sum(len(_points(metric)) for metrics in records for metric in metrics))


def _check_repeats(signal: Signal, request: Request) -> None:
    size = sum(_repeated(signal, request))
    if size > rules.REPEATED_LIMIT:
        raise RepeatsError(size)


def _repeated(signal: Signal, request: Request) -> Iterator[int]:
    """Bytes that the records of each scope, and of each metric, repeat."""
    if signal == "metrics":
        for resource in request.resource_metrics:
            for scope in resource.scope_metrics:
                size = _header(resource, scope)
                for metric in scope.metrics:
                    texts = (text for pair in _attributes(metric.metadata)[0] for text in pair)
                    yield (size + _bytes(metric.name, metric.description, metric.unit, *texts)) * len(_points(metric))
        return
    spans = signal == "traces"
    for resource in request.resource_spans if spans else request.resource_logs:
        for scope in resource.scope_spans if spans else resource.scope_logs:
            yield _header(resource, scope) * len(scope.spans if spans else scope.log_records)


def _header(resource_of: Any, scope_of: Any) -> int:
    scope = scope_of.scope
    texts = [text for pairs in (resource_of.resource.attributes, scope.attributes) for pair in _attributes(pairs)[0] for text in pair]
    return _bytes(*texts, resource_of.schema_url, _entities(resource_of.resource), scope_of.schema_url, scope.name, scope.version)


def _bytes(*texts: str) -> int:
    return sum(len(text.encode()) for text in texts)


# ---- small things


def _id(value: bytes, length: int) -> bytes:
    return value if len(value) == length else bytes(length)


def _bad_id(value: bytes, length: int) -> bool:
    """Whether an identifier that may be absent has another length."""
    return len(value) not in (0, length)


def _signed(time_ns: int) -> int:
    """A time beyond 2262 wraps, as in the columns; the bits stay."""
    return time_ns - 2**64 if time_ns >= 2**63 else time_ns


def _name(names: tuple[str, ...], number: int, issue: str, issues: list[str]) -> str:
    """The word for an enum's number; a number that has none is the first word, and an issue."""
    if 0 <= number < len(names):
        return names[number]
    issues.append(f"{issue}_unknown:{number}")
    return names[0]


# ---- spans


def _spans(request: Request, project: str | None, received_ns: int, rejected: Counter[str]) -> Iterator[Row]:
    for resource in request.resource_spans:
        for scope in resource.scope_spans:
            origin = _origin(resource, scope, project, received_ns)
            for span in scope.spans:
                if len(span.trace_id) != 16 or span.trace_id == _NO_TRACE:
                    rejected["trace_id_invalid"] += 1
                elif len(span.span_id) != 8 or span.span_id == _NO_SPAN:
                    rejected["span_id_invalid"] += 1
                else:
                    yield _span(span, origin, received_ns)


def _span(span: Any, origin: Row, received_ns: int) -> Row:
    issues = list(origin["issues"])
    attributes, types = _attributes(span.attributes)
    row = origin | {
        "attributes": attributes,
        "attribute_types": types,
        "dropped_attributes": span.dropped_attributes_count,
        "trace_id": span.trace_id,
        "span_id": span.span_id,
        "parent_span_id": _id(span.parent_span_id, 8),
        "trace_state": span.trace_state,
        "flags": span.flags,
        "name": span.name,
        "span_kind": _name(rules.SPAN_KINDS, span.kind, "span_kind", issues),
        "status": _name(rules.STATUSES, span.status.code, "status", issues),
        "status_message": span.status.message,
        "dropped_events": span.dropped_events_count,
        "dropped_links": span.dropped_links_count,
        "issues": issues,
    }
    if _bad_id(span.parent_span_id, 8):
        issues.append("parent_id_invalid")
    row |= _span_time(span.start_time_unix_nano, span.end_time_unix_nano, received_ns, issues)
    row["events"] = [_span_event(event) for event in span.events]
    if any(event.time_unix_nano >= 2**63 for event in span.events):
        issues.append("event_time_out_of_range")
    row["links"] = [_link(link) for link in span.links]
    if any(_bad_id(link.trace_id, 16) or _bad_id(link.span_id, 8) for link in span.links):
        issues.append("link_id_invalid")
    return row


def _span_time(start: int, end: int, received_ns: int, issues: list[str]) -> Row:
    """Start and duration. A start that cannot be is the arrival; the duration is what the sender's two times say, where they can be."""
    good_start = rules.plausible(start, received_ns)
    if not good_start:
        issues.append("time_implausible")
    issue = "no_end" if end == 0 else "end_before_start" if end < start else "end_implausible" if end - start > rules.LONGEST_NS else ""
    if issue:
        issues.append(issue)
    return {
        "start": start if good_start else received_ns,
        "original_start_ns": 0 if good_start else start,
        "duration_ns": 0 if issue else end - start,
        "original_end_ns": end if issue else 0,
    }


def _span_event(event: Any) -> Row:
    attributes, types = _attributes(event.attributes)
    return {
        "time": _signed(event.time_unix_nano),
        "name": event.name,
        "attributes": attributes,
        "attribute_types": types,
        "dropped_attributes": event.dropped_attributes_count,
    }


def _link(link: Any) -> Row:
    attributes, types = _attributes(link.attributes)
    return {
        "trace_id": _id(link.trace_id, 16),
        "span_id": _id(link.span_id, 8),
        "trace_state": link.trace_state,
        "flags": link.flags,
        "attributes": attributes,
        "attribute_types": types,
        "dropped_attributes": link.dropped_attributes_count,
    }


# ---- log records


def _events(request: Request, project: str | None, received_ns: int, rejected: Counter[str]) -> Iterator[Row]:
    del rejected  # every log record is kept
    for resource in request.resource_logs:
        for scope in resource.scope_logs:
            origin = _origin(resource, scope, project, received_ns)
            for record in scope.log_records:
                yield _event(record, origin, received_ns)


def _event(record: Any, origin: Row, received_ns: int) -> Row:
    issues = list(origin["issues"])
    attributes, types = _attributes(record.attributes)
    body_type, body = value_text(record.body)
    number = record.severity_number
    if not 0 <= number <= rules.SEVERITY_MAX:
        issues.append(f"severity_number_unknown:{number}")
        number = 0
    row = origin | {
        "attributes": attributes,
        "attribute_types": types,
        "dropped_attributes": record.dropped_attributes_count,
        "trace_id": _id(record.trace_id, 16),
        "span_id": _id(record.span_id, 8),
        "flags": record.flags,
        "severity_number": number,
        "severity_text": record.severity_text,
        "severity": rules.severity_of_number(number) or rules.severity_of_text(record.severity_text),
        "body": body,
        "body_type": body_type,
        "source": _first(attributes, (rules.SOURCE_KEY,)) or origin["scope_name"] or origin["service"],
        "execution_id": _first(attributes, (rules.EXECUTION_KEY,)),
        "issues": issues,
    }
    issues += ["trace_id_invalid"] * _bad_id(record.trace_id, 16) + ["span_id_invalid"] * _bad_id(record.span_id, 8)
    row |= _event_time(record.time_unix_nano, record.observed_time_unix_nano, received_ns, issues)
    row["event_name"] = _event_name(record.event_name, attributes, body if body_type == "s" else "", issues)
    return row


def _event_time(time: int, observed: int, received_ns: int, issues: list[str]) -> Row:
    """When it happened: as told, else when it was observed, else when it arrived. No observed time stays 0."""
    fallback = observed if rules.plausible(observed, received_ns) else received_ns
    good = rules.plausible(time, received_ns)
    if not good:
        issues.append("time_implausible" if time else "no_time")
    if observed >= 2**63:
        issues.append("observed_time_out_of_range")
    return {
        "time": time if good else fallback,
        "observed_time": _signed(observed),
        "original_time_ns": 0 if good else time,
        "sent_ns": time or observed,
    }


def _event_name(sent: str, attributes: Texts, body: str, issues: list[str]) -> str:
    if sent and not rules.is_location(sent):
        return sent
    told = _first(attributes, rules.EVENT_NAME_KEYS)
    if sent:
        if told:
            issues.append(f"event_name_location:{sent}")
        return told or sent
    return told or (body if rules.is_event_name(body) else "")


# ---- data points


def _metric_points(request: Request, project: str | None, received_ns: int, rejected: Counter[str]) -> Iterator[Row]:
    del rejected  # every data point is kept
    for resource in request.resource_metrics:
        for scope in resource.scope_metrics:
            origin = _origin(resource, scope, project, received_ns)
            for metric in scope.metrics:
                for point in _points(metric):
                    yield _point(metric, point, origin, received_ns)


def _points(metric: Any) -> Any:
    which = metric.WhichOneof("data")
    return getattr(metric, which).data_points if which else ()


def _point(metric: Any, point: Any, origin: Row, received_ns: int) -> Row:
    which = metric.WhichOneof("data")
    data, issues = getattr(metric, which), list(origin["issues"])
    attributes, types = _attributes(point.attributes)
    metadata, metadata_types = _attributes(metric.metadata)
    row = (
        origin
        | _NOTHING
        | {
            "attributes": attributes,
            "attribute_types": types,
            "dropped_attributes": 0,
            "metric": metric.name,
            "description": metric.description,
            "unit": metric.unit,
            "metadata": metadata,
            "metadata_types": metadata_types,
            "type": which,
            "monotonic": which == "sum" and data.is_monotonic,
            "flags": point.flags,
            "issues": issues,
        }
    )
    if which in ("sum", "histogram", "exponential_histogram"):
        row["temporality"] = _name(rules.TEMPORALITIES, data.aggregation_temporality, "temporality", issues)
    row |= _point_time(point.start_time_unix_nano, point.time_unix_nano, received_ns, issues)
    row |= _VALUES[which](point)
    if which != "summary":
        row["exemplars"] = [_exemplar(exemplar) for exemplar in point.exemplars]
        if any(exemplar.time_unix_nano >= 2**63 for exemplar in point.exemplars):
            issues.append("exemplar_time_out_of_range")
        if any(_bad_id(exemplar.trace_id, 16) or _bad_id(exemplar.span_id, 8) for exemplar in point.exemplars):
            issues.append("exemplar_id_invalid")
    return row


_NOTHING: Row = {
    "temporality": "",
    "value": 0.0,
    "value_int": None,
    "value_type": "",
    **dict.fromkeys(("count", "scale", "zero_count", "positive_offset", "negative_offset"), 0),
    **dict.fromkeys(("sum", "min", "max", "zero_threshold"), 0.0),
    **dict.fromkeys(("has_sum", "has_min", "has_max"), False),
    **dict.fromkeys(("bucket_counts", "explicit_bounds", "positive_counts", "negative_counts"), ()),
    **dict.fromkeys(("quantiles", "quantile_values", "exemplars"), ()),
}


def _point_time(start: int, time: int, received_ns: int, issues: list[str]) -> Row:
    """A time that cannot be is the arrival. A start that was not told stays 0, and one that cannot be becomes 0."""
    good_time, good_start = rules.plausible(time, received_ns), start == 0 or rules.plausible(start, received_ns)
    issues += ["time_implausible"] * (not good_time) + ["start_implausible"] * (not good_start)
    return {
        "time": time if good_time else received_ns,
        "original_time_ns": 0 if good_time else time,
        "start": start if good_start else 0,
        "original_start_ns": 0 if good_start else start,
    }


def _number(point: Any) -> Row:
    which = point.WhichOneof("value")
    if which == "as_int":
        return {"value": float(point.as_int), "value_int": point.as_int, "value_type": "i"}
    return {"value": point.as_double, "value_type": "d" if which else ""}


def _summary_of(point: Any) -> Row:
    row: Row = {"count": point.count}
    for name in ("sum", "min", "max"):
        row |= {name: getattr(point, name), f"has_{name}": point.HasField(name)}
    return row


def _histogram(point: Any) -> Row:
    return _summary_of(point) | {"bucket_counts": list(point.bucket_counts), "explicit_bounds": list(point.explicit_bounds)}


def _exponential(point: Any) -> Row:
    return _summary_of(point) | {
        "scale": point.scale,
        "zero_count": point.zero_count,
        "zero_threshold": point.zero_threshold,
        "positive_offset": point.positive.offset,
        "positive_counts": list(point.positive.bucket_counts),
        "negative_offset": point.negative.offset,
        "negative_counts": list(point.negative.bucket_counts),
    }


def _quantiles(point: Any) -> Row:
    values = point.quantile_values
    return {
        "count": point.count,
        "sum": point.sum,
        "has_sum": True,
        "quantiles": [value.quantile for value in values],
        "quantile_values": [value.value for value in values],
    }


def _exemplar(exemplar: Any) -> Row:
    attributes, types = _attributes(exemplar.filtered_attributes)
    number = _number(exemplar)
    return {
        "time": _signed(exemplar.time_unix_nano),
        "value": number["value"],
        "value_int": number.get("value_int"),
        "trace_id": _id(exemplar.trace_id, 16),
        "span_id": _id(exemplar.span_id, 8),
        "attributes": attributes,
        "attribute_types": types,
    }


_VALUES = {
    "gauge": _number,
    "sum": _number,
    "histogram": _histogram,
    "exponential_histogram": _exponential,
    "summary": _quantiles,
}
_WALKS = {Kind.SPAN: _spans, Kind.EVENT: _events, Kind.POINT: _metric_points}
