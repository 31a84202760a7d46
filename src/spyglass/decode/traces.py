"""Spans as columns: what ptars made of trace bodies in, the wire columns of schema SPAN out."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from spyglass.decode import keyvalues, rules
from spyglass.decode.columns import Index, Issues, any_of, flat, identifiers, lists, no_lists, numbers, plausible, times, unsigned, words
from spyglass.decode.origin import Arrival, Origin
from spyglass.decode.shape import WIRE
from spyglass.decode.table import Columns, finished
from spyglass.model.schema import Kind

__all__ = ["decode"]

_SCHEMA = WIRE[Kind.SPAN]
_NO_EVENTS, _NO_LINKS = (pa.array([], _SCHEMA.field(name).type.value_type) for name in ("events", "links"))
_SPAN_KINDS, _STATUSES = pa.array(rules.SPAN_KINDS), pa.array(rules.STATUSES)
_WRAPPED = np.uint64(2**63)  # times from here on do not fit a timestamp


def decode(root: pa.Array, arrival: Arrival) -> Columns:
    """The spans of the bodies; those without a valid trace id and span id are left out and counted.

    Raises:
        LimitError: the bodies, or one of them, would cost too much; also the errors of `keyvalues.attributes`.
    """
    origin = Origin("traces", root, arrival)
    origin.check_repeats(origin.scope_of)
    columns, received, bad_project = origin.columns(origin.scope_of)
    spans, issues = origin.records, Issues(len(origin.records))
    issues.mark(bad_project, "project_invalid")
    columns |= _plain(spans)
    columns["span_kind"] = _enum(spans.field("kind"), _SPAN_KINDS, "span_kind", issues)
    columns["status"] = _enum(spans.field("status").field("code"), _STATUSES, "status", issues)
    columns["trace_id"], traced, _ = identifiers(spans.field("trace_id"), 16)
    columns["span_id"], named, _ = identifiers(spans.field("span_id"), 8)
    columns["parent_span_id"], _, bad_parent = identifiers(spans.field("parent_span_id"), 8)
    issues.mark(bad_parent, "parent_id_invalid")
    columns |= _time(numbers(spans.field("start_time_unix_nano")), numbers(spans.field("end_time_unix_nano")), received, issues)
    columns["events"] = _events(spans.field("events"), issues)
    columns["links"] = _links(spans.field("links"), issues)
    columns["issues"] = issues.column()
    rejected = {"trace_id_invalid": ~traced, "span_id_invalid": traced & ~named}
    return finished(_SCHEMA, columns, origin.body_of(origin.scope_of), rejected)


def _plain(spans: Any) -> dict[str, pa.Array]:
    attributes = keyvalues.attributes(spans.field("attributes"))
    return {
        "attributes": attributes.maps,
        "attribute_types": attributes.types,
        "dropped_attributes": spans.field("dropped_attributes_count"),
        "trace_state": spans.field("trace_state"),
        "flags": spans.field("flags"),
        "name": spans.field("name"),
        "status_message": spans.field("status").field("message"),
        "dropped_events": spans.field("dropped_events_count"),
        "dropped_links": spans.field("dropped_links_count"),
    }


def _enum(column: pa.Array, names: pa.Array, issue: str, issues: Issues) -> pa.Array:
    found = numbers(column)
    unknown = (found < 0) | (found >= len(names))
    issues.mark_unknown(unknown, issue, found)
    return words(names, np.where(unknown, 0, found))


def _time(start: NDArray[np.uint64], end: NDArray[np.uint64], received: Index, issues: Issues) -> dict[str, pa.Array]:
    """Start and duration, by the rules which `reference` spells out."""
    good = plausible(start, received)
    issues.mark(~good, "time_implausible")
    duration = end - start  # wraps where the next lines refuse it
    ends, late = end != 0, end < start
    long = ends & ~late & (duration > rules.LONGEST_NS)
    issues.mark(~ends, "no_end")
    issues.mark(ends & late, "end_before_start")
    issues.mark(long, "end_implausible")
    usable = ends & ~late & ~long
    return {
        "start": times(np.where(good, start, received.astype(np.uint64))),
        "original_start_ns": unsigned(np.where(good, 0, start)),
        "duration_ns": unsigned(np.where(usable, duration, 0)),
        "original_end_ns": unsigned(np.where(usable, 0, end)),
    }


def _events(column: pa.Array, issues: Issues) -> pa.Array:
    events, offsets = flat(column)
    if not len(events):
        return no_lists(len(column), _NO_EVENTS)
    attributes, told = keyvalues.attributes(events.field("attributes")), numbers(events.field("time_unix_nano"))
    issues.mark(any_of(offsets, told >= _WRAPPED), "event_time_out_of_range")
    members = [times(told), events.field("name"), attributes.maps, attributes.types, events.field("dropped_attributes_count")]
    return lists(offsets, pa.StructArray.from_arrays(members, fields=list(_NO_EVENTS.type)))


def _links(column: pa.Array, issues: Issues) -> pa.Array:
    links, offsets = flat(column)
    if not len(links):
        return no_lists(len(column), _NO_LINKS)
    attributes = keyvalues.attributes(links.field("attributes"))
    trace_id, _, bad_trace = identifiers(links.field("trace_id"), 16)
    span_id, _, bad_span = identifiers(links.field("span_id"), 8)
    issues.mark(any_of(offsets, bad_trace | bad_span), "link_id_invalid")
    members = [trace_id, span_id, links.field("trace_state"), links.field("flags")]
    members += [attributes.maps, attributes.types, links.field("dropped_attributes_count")]
    return lists(offsets, pa.StructArray.from_arrays(members, fields=list(_NO_LINKS.type)))
