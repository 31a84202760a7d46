"""Log records as columns: what ptars made of log bodies in, the wire columns of schema EVENT out."""

from __future__ import annotations

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
    choose,
    each_distinct,
    filled,
    first_texts,
    identifiers,
    marked,
    matches,
    numbers,
    plausible,
    times,
    unsigned,
    words,
)
from spyglass.decode.identity import event_ids, map_digests
from spyglass.decode.origin import Arrival, Origin
from spyglass.decode.shape import WIRE
from spyglass.decode.table import Columns, finished
from spyglass.model.schema import Kind

__all__ = ["decode"]

_SCHEMA: Final = WIRE[Kind.EVENT]
_SEVERITIES: Final = pa.array([rules.severity_of_number(number) for number in range(rules.SEVERITY_MAX + 1)])
_STRING: Final = ord("s")


def decode(root: pa.Array, arrival: Arrival) -> Columns:
    """The log records of the bodies, all of them.

    Raises:
        LimitError: the bodies, or one of them, would cost too much; also the errors of `keyvalues.attributes`.
    """
    origin = Origin("logs", root, arrival)
    origin.check_repeats(origin.scope_of)
    columns, received, bad_project = origin.columns(origin.scope_of)
    records, issues = origin.records, Issues(len(origin.records))
    issues.mark(bad_project, "project_invalid")
    columns |= _plain(records)
    columns["body"], body_codes = keyvalues.values(records.field("body"))
    columns["body_type"] = keyvalues.code_texts(body_codes)
    columns |= _severity(records, issues)
    columns["trace_id"], _, bad_trace = identifiers(records.field("trace_id"), 16)
    columns["span_id"], _, bad_span = identifiers(records.field("span_id"), 8)
    issues.mark(bad_trace, "trace_id_invalid")
    issues.mark(bad_span, "span_id_invalid")
    time, observed = numbers(records.field("time_unix_nano")), numbers(records.field("observed_time_unix_nano"))
    columns |= _time(time, observed, received, issues)
    groups = (rules.EVENT_NAME_KEYS, (rules.SOURCE_KEY,), (rules.EXECUTION_KEY,))
    told, source, columns["execution_id"] = first_texts(columns["attributes"], groups)
    columns["source"] = choose(filled(source), source, choose(filled(columns["scope_name"]), columns["scope_name"], columns["service"]))
    columns["event_name"] = _event_names(records.field("event_name"), told, columns["body"], body_codes == _STRING, issues)
    columns["issues"] = issues.column()
    digests = pc.take(map_digests(origin.resource_attributes.maps), pa.array(origin.resource_of_scope[origin.scope_of]))
    columns["event_id"] = event_ids(columns, unsigned(np.where(time != 0, time, observed)), digests)
    return finished(_SCHEMA, columns, origin.body_of(origin.scope_of), {})


def _plain(records: Any) -> dict[str, pa.Array]:
    attributes = keyvalues.attributes(records.field("attributes"))
    return {
        "attributes": attributes.maps,
        "attribute_types": attributes.types,
        "dropped_attributes": records.field("dropped_attributes_count"),
        "flags": records.field("flags"),
        "severity_text": records.field("severity_text"),
    }


def _severity(records: Any, issues: Issues) -> dict[str, pa.Array]:
    number = numbers(records.field("severity_number"))
    unknown = (number < 0) | (number > rules.SEVERITY_MAX)
    issues.mark_unknown(unknown, "severity_number", number)
    number = np.where(unknown, 0, number).astype(np.uint8)
    severity = words(_SEVERITIES, number)
    if not number.all():
        severity = choose(number == 0, each_distinct(records.field("severity_text"), rules.severity_of_text), severity)
    return {"severity_number": pa.array(number), "severity": severity}


def _time(time: NDArray[np.uint64], observed: NDArray[np.uint64], received: Index, issues: Issues) -> dict[str, pa.Array]:
    """When it happened, by the rules which `reference` spells out."""
    arrival = received.astype(np.uint64)
    fallback, good = np.where(plausible(observed, received), observed, arrival), plausible(time, received)
    issues.mark(~good & (time != 0), "time_implausible")
    issues.mark(time == 0, "no_time")
    issues.mark(observed >= np.uint64(2**63), "observed_time_out_of_range")
    return {
        "time": times(np.where(good, time, fallback)),
        "observed_time": times(observed),
        "original_time_ns": unsigned(np.where(good, 0, time)),
    }


def _event_names(sent: pa.Array, told: pa.Array, bodies: pa.Array, texts: Mask, issues: Issues) -> pa.Array:
    """The field, unless it is but a place in a source and an attribute tells; else what an attribute tells; else a body that is a name."""
    field, attribute = filled(sent), filled(told)
    replaced = attribute & field
    if replaced.any():
        replaced &= matches(sent, rules.LOCATION)
        rows = np.flatnonzero(replaced)
        places = pc.take(sent, pa.array(rows)).dictionary_encode()
        names = [f"event_name_location:{place}" for place in places.dictionary.to_pylist()]
        issues.mark_rows(rows, names, places.indices.to_numpy().astype(np.int64))
    name = choose(field & ~replaced, sent, told)
    left = np.flatnonzero(texts & ~field & ~attribute & (numbers(pc.binary_length(bodies)) <= rules.EVENT_NAME_MAX))
    if len(left):
        found = left[matches(pc.take(bodies, pa.array(left)), rules.EVENT_NAME)]
        name = choose(marked(found, len(sent)), bodies, name)
    return name
