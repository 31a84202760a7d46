"""Data points as columns: what ptars made of metric bodies in, the wire columns of schema POINT out.

The points of the five types of metric lie in five lists; their common columns are brought into the order of the metrics first, and
what one type alone has is then put into its places.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from spyglass.decode import keyvalues, rules
from spyglass.decode.columns import (
    Index,
    Issues,
    Mask,
    any_of,
    flat,
    identifiers,
    lists,
    map_bytes,
    no_lists,
    numbers,
    owners,
    plausible,
    repeated,
    times,
    unsigned,
    words,
)
from spyglass.decode.limits import check_count
from spyglass.decode.origin import Arrival, Origin
from spyglass.decode.shape import WIRE
from spyglass.decode.table import Columns, finished
from spyglass.model.schema import Kind

__all__ = ["decode"]

_SCHEMA: Final = WIRE[Kind.POINT]
_NO_EXEMPLARS: Final = pa.array([], _SCHEMA.field("exemplars").type.value_type)
_TYPES: Final = ("gauge", "sum", "histogram", "exponential_histogram", "summary")
_TYPE_NAMES: Final = pa.array(_TYPES)
_TEMPORALITIES: Final = pa.array(rules.TEMPORALITIES)
_VALUE_TYPES: Final = pa.array(["", "d", "i"])
_WRAPPED: Final = np.uint64(2**63)


class OneofError(ValueError):
    """Two members of a oneof were sent. The last one counts, and only upb knows which that is."""


def decode(root: pa.Array, arrival: Arrival) -> Columns:
    """The data points of the bodies, all of them, in the order of their metrics.

    Raises:
        OneofError: ptars cannot tell what was meant.
        LimitError: the bodies, or one of them, would cost too much; also the errors of `keyvalues.attributes`.
    """
    origin = Origin("metrics", root, arrival)
    points = _Points(origin.records)
    scope_of, headers = origin.scope_of[points.metric_of], _headers(origin.records)
    sizes = _sizes(headers)
    origin.check_repeats(scope_of, sizes[points.metric_of])
    columns, received, bad_project = origin.columns(scope_of)
    issues = Issues(points.count)
    issues.mark(bad_project, "project_invalid")
    columns |= repeated(headers, points.metric_of) | {"type": words(_TYPE_NAMES, points.type_of)}
    columns |= _kind_of_sum(origin.records, points, issues)
    columns |= _common(points, received, issues)
    columns |= _values(points) | _histograms(points) | _quantiles(points)
    columns["exemplars"] = _exemplars(points, issues)
    columns["issues"] = issues.column()
    return finished(_SCHEMA, columns, origin.body_of(scope_of), {})


def _headers(metrics: Any) -> dict[str, pa.Array]:
    """What the points of a metric repeat."""
    texts = {"metric": metrics.field("name"), "description": metrics.field("description"), "unit": metrics.field("unit")}
    metadata = keyvalues.attributes(metrics.field("metadata"))
    return texts | {"metadata": metadata.maps, "metadata_types": metadata.types}


def _sizes(headers: Mapping[str, pa.Array]) -> Index:
    """Its bytes, for each metric."""
    texts = [numbers(pc.binary_length(headers[name]), np.int64) for name in ("metric", "description", "unit")]
    sizes: Index = map_bytes(headers["metadata"]) + np.sum(texts, axis=0)
    return sizes


@dataclass(frozen=True, slots=True)
class _Part:
    """The points of one type: their `rows` in the table, in order."""

    points: Any
    rows: Index


class _Points:
    """The points of all types in the order of the metrics: `metric_of` and `type_of` each; `parts` has them by type."""

    def __init__(self, metrics: Any) -> None:
        if len(metrics) and np.sum([_is_there(metrics.field(name)) for name in _TYPES], axis=0).max() > 1:
            raise OneofError("a metric has two types")
        found = [(code, *flat(metrics.field(name).field("data_points"))) for code, name in enumerate(_TYPES)]
        found = [part for part in found if len(part[1])]
        metric_of = np.concatenate([owners(offsets) for _, _, offsets in found] or [np.zeros(0, np.int64)])
        self.count = len(metric_of)
        check_count(self.count)
        self._order = np.argsort(metric_of, kind="stable")
        self.metric_of = metric_of[self._order]
        types = np.concatenate([np.full(len(points), code) for code, points, _ in found] or [np.zeros(0, np.int64)])
        self.type_of = types[self._order]
        self.parts = {_TYPES[code]: _Part(points, np.flatnonzero(self.type_of == code)) for code, points, _ in found}

    def column(self, name: str) -> pa.Array:
        """A field that points of all types have."""
        arrays = [part.points.field(name) for part in self.parts.values()]
        if len(arrays) == 1:
            return arrays[0]
        return pc.take(pa.concat_arrays(arrays), pa.array(self._order), boundscheck=False)

    def scattered(self, name: str, types: tuple[str, ...], kind: Any) -> NDArray[Any]:
        """A number that points of these types have; nulls and the other rows are 0. A dotted name is a field of a field."""
        out = np.zeros(self.count, kind)
        for part in self.of(types):
            out[part.rows] = numbers(_nested(part.points, name))
        return out

    def present(self, name: str, types: tuple[str, ...]) -> NDArray[np.bool_]:
        """Whether the field is there."""
        out = np.zeros(self.count, bool)
        for part in self.of(types):
            out[part.rows] = _is_there(_nested(part.points, name))
        return out

    def of(self, types: tuple[str, ...]) -> list[_Part]:
        """The parts of these types."""
        return [self.parts[name] for name in types if name in self.parts]


def _is_there(column: pa.Array) -> Mask:
    there: Mask = column.is_valid().to_numpy(zero_copy_only=False)
    return there


def _nested(points: Any, name: str) -> Any:
    for part in name.split("."):
        points = points.field(part)
    return points


# ---- what points of all types have


def _kind_of_sum(metrics: Any, points: _Points, issues: Issues) -> dict[str, pa.Array]:
    """Temporality and monotonicity, which belong to the metric."""
    told = np.zeros(points.count, np.int32)
    for name in ("sum", "histogram", "exponential_histogram"):
        if name in points.parts:
            rows = points.parts[name].rows
            told[rows] = numbers(metrics.field(name).field("aggregation_temporality"))[points.metric_of[rows]]
    unknown = (told < 0) | (told >= len(_TEMPORALITIES))
    issues.mark_unknown(unknown, "temporality", told)
    monotonic = np.zeros(points.count, bool)
    if "sum" in points.parts:
        rows = points.parts["sum"].rows
        monotonic[rows] = numbers(metrics.field("sum").field("is_monotonic"))[points.metric_of[rows]]
    return {"temporality": words(_TEMPORALITIES, np.where(unknown, 0, told)), "monotonic": pa.array(monotonic)}


def _common(points: _Points, received: Index, issues: Issues) -> dict[str, pa.Array]:
    if not points.count:
        return {name: pa.array([], _SCHEMA.field(name).type) for name in _COMMON}
    attributes = keyvalues.attributes(points.column("attributes"))
    start, time = numbers(points.column("start_time_unix_nano")), numbers(points.column("time_unix_nano"))
    good_time, good_start = plausible(time, received), (start == 0) | plausible(start, received)
    issues.mark(~good_time, "time_implausible")
    issues.mark(~good_start, "start_implausible")
    return {
        "attributes": attributes.maps,
        "attribute_types": attributes.types,
        "dropped_attributes": pa.array(np.zeros(points.count, np.uint32)),
        "flags": points.column("flags"),
        "time": times(np.where(good_time, time, received.astype(np.uint64))),
        "original_time_ns": unsigned(np.where(good_time, 0, time)),
        "start": times(np.where(good_start, start, 0)),
        "original_start_ns": unsigned(np.where(good_start, 0, start)),
    }


_COMMON: Final = (
    "attributes",
    "attribute_types",
    "dropped_attributes",
    "flags",
    "time",
    "original_time_ns",
    "start",
    "original_start_ns",
)

# ---- what some have

_NUMBERS: Final = ("gauge", "sum")
_DISTRIBUTIONS: Final = ("histogram", "exponential_histogram")
_COUNTED: Final = (*_DISTRIBUTIONS, "summary")


def _values(points: _Points) -> dict[str, pa.Array]:
    value, whole, kind = np.zeros(points.count), np.zeros(points.count, np.int64), np.zeros(points.count, np.int8)
    for part in points.of(_NUMBERS):
        value[part.rows], whole[part.rows], kind[part.rows] = _number(part.points)
    return {
        "value": pa.array(value),
        "value_int": pa.array(whole, mask=kind != _INT),
        "value_type": words(_VALUE_TYPES, kind),
    }


_NOTHING, _DOUBLE, _INT = 0, 1, 2


def _number(points: Any) -> tuple[NDArray[np.float64], NDArray[np.int64], NDArray[np.int8]]:
    """The value as a double, as an int where it is one, and which of them was told."""
    double, whole = points.field("as_double"), points.field("as_int")
    is_int, is_double = _is_there(whole), _is_there(double)
    if (is_int & is_double).any():
        raise OneofError("a value is told twice")
    kind = np.where(is_int, _INT, np.where(is_double, _DOUBLE, _NOTHING)).astype(np.int8)
    exact = numbers(whole)
    return np.where(is_int, exact.astype(np.float64), numbers(double)), exact, kind


def _histograms(points: _Points) -> dict[str, pa.Array]:
    columns = {
        "count": pa.array(points.scattered("count", _COUNTED, np.uint64)),
        "sum": pa.array(points.scattered("sum", _COUNTED, np.float64)),
        "has_sum": pa.array(points.present("sum", _COUNTED)),
        "bucket_counts": _lists_of(points, "histogram", "bucket_counts", "bucket_counts"),
        "explicit_bounds": _lists_of(points, "histogram", "explicit_bounds", "explicit_bounds"),
        "positive_counts": _lists_of(points, "exponential_histogram", "positive.bucket_counts", "positive_counts"),
        "negative_counts": _lists_of(points, "exponential_histogram", "negative.bucket_counts", "negative_counts"),
    }
    for name in ("min", "max"):
        columns[name] = pa.array(points.scattered(name, _DISTRIBUTIONS, np.float64))
        columns[f"has_{name}"] = pa.array(points.present(name, _DISTRIBUTIONS))
    for name, field, kind in _EXPONENTIAL:
        columns[name] = pa.array(points.scattered(field, ("exponential_histogram",), kind))
    return columns


_EXPONENTIAL: Final = (
    ("scale", "scale", np.int32),
    ("zero_count", "zero_count", np.uint64),
    ("zero_threshold", "zero_threshold", np.float64),
    ("positive_offset", "positive.offset", np.int32),
    ("negative_offset", "negative.offset", np.int32),
)


def _lists_of(points: _Points, type_: str, field: str, column: str) -> pa.Array:
    if type_ not in points.parts:
        return no_lists(points.count, pa.array([], _SCHEMA.field(column).type.value_type))
    part = points.parts[type_]
    members, offsets = flat(_nested(part.points, field))
    return lists(_spread(points.count, part.rows, offsets), members)


def _spread(count: int, rows: Index, offsets: Index) -> Index:
    """Offsets for `count` lists of which only `rows` have members."""
    sizes = np.zeros(count + 1, np.int64)
    sizes[rows + 1] = np.diff(offsets)
    return np.cumsum(sizes)


def _quantiles(points: _Points) -> dict[str, pa.Array]:
    if "summary" not in points.parts:
        return {name: no_lists(points.count, pa.array([], pa.float64())) for name in ("quantiles", "quantile_values")}
    part = points.parts["summary"]
    members, offsets = flat(part.points.field("quantile_values"))
    offsets = _spread(points.count, part.rows, offsets)
    return {"quantiles": lists(offsets, members.field("quantile")), "quantile_values": lists(offsets, members.field("value"))}


def _exemplars(points: _Points, issues: Issues) -> pa.Array:
    parts = points.of((*_NUMBERS, *_DISTRIBUTIONS))
    if not any(len(flat(part.points.field("exemplars"))[0]) for part in parts):
        return no_lists(points.count, _NO_EXEMPLARS)
    owner, members = [], []
    for part in parts:
        exemplars, offsets = flat(part.points.field("exemplars"))
        owner.append(part.rows[owners(offsets)])
        members.append(exemplars)
    row_of = np.concatenate(owner)
    order = np.argsort(row_of, kind="stable")
    found = pc.take(pa.concat_arrays(members), pa.array(order), boundscheck=False)
    offsets = np.zeros(points.count + 1, np.int64)
    np.cumsum(np.bincount(row_of, minlength=points.count), out=offsets[1:])
    return lists(offsets, _exemplar_members(found, offsets, issues))


def _exemplar_members(found: Any, offsets: Index, issues: Issues) -> pa.Array:
    attributes, told = keyvalues.attributes(found.field("filtered_attributes")), numbers(found.field("time_unix_nano"))
    value, whole, which = _number(found)
    trace_id, _, bad_trace = identifiers(found.field("trace_id"), 16)
    span_id, _, bad_span = identifiers(found.field("span_id"), 8)
    issues.mark(any_of(offsets, told >= _WRAPPED), "exemplar_time_out_of_range")
    issues.mark(any_of(offsets, bad_trace | bad_span), "exemplar_id_invalid")
    members = [times(told), pa.array(value), pa.array(whole, mask=which != _INT), trace_id, span_id, attributes.maps, attributes.types]
    return pa.StructArray.from_arrays(members, fields=list(_NO_EXEMPLARS.type))
