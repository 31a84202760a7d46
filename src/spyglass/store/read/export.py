"""Records whole, oldest first, page by page: what an export is made of.

Of a span that was stored more than once only the best copy is told, and long attribute values and states of snapshots stand in their places again. Pages are
taken by the sorting key, so an export never holds more than one of them, and how many rows a page has follows from how large they are.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import structlog

from spyglass.model.schema import SCHEMAS, Kind
from spyglass.store.read.asking import EVERYTHING, Ask, Scope, ask, received_bound
from spyglass.store.read.states import with_states
from spyglass.store.rows import LONG

__all__ = ["of_trace", "pages", "with_long_values"]

log = structlog.get_logger()

_PAGE_BYTES: Final = 8 * 1024 * 1024
_FIRST_ROWS, _LEAST_ROWS, _MOST_ROWS = 200, 20, 4_000
_REACH_NS: Final = 3_600 * 10**9  # copies of a span are looked for this far around it: a clock that is replaced gives each copy another start
_PAYLOAD_WAITS_S: Final = (0.1, 0.3, 1.0)  # long values are committed just after their spans
_MOST_COPIES: Final = 1_000_000
_MISSING: Final = "long_value_missing"

Key = dict[str, Any]


def pages(engine: Ask, kind: Kind, scope: Scope) -> Iterator[pa.Table]:
    """The records of a kind that match, as tables of `SCHEMAS[kind]` with at least one row each.

    Raises:
        StoreError, QueryError, Refused: as `engine.read`; after some pages too.
    """
    read, key_of, begin = _ROADS[kind]
    after, size = begin(scope.from_ns), _FIRST_ROWS
    while True:
        found = ask(engine, f"export/{kind}s", scope.parameters(**after, limit=size), filter_sql=scope.filter_sql)
        if found.num_rows:
            after = key_of(found)
            for whole in read(engine, scope, found):
                if whole.num_rows:
                    yield whole.select(SCHEMAS[kind].names).cast(SCHEMAS[kind])
        if found.num_rows < size:
            return
        size = int(np.clip(size * _PAGE_BYTES / max(1, found.nbytes), _LEAST_ROWS, min(_MOST_ROWS, 4 * size)))


def of_trace(scope: Scope, trace_id: str) -> Scope:
    """The scope, of one trace (hex) alone. Points belong to none."""
    condition = "trace_id = toFixedString(unhex({trace:String}), 16)"
    both = condition if scope.filter_sql == EVERYTHING else f"{condition} AND ({scope.filter_sql})"
    return replace(scope, filter_sql=both, filter_parameters={**scope.filter_parameters, "trace": trace_id.lower()})


def _last_ns(table: pa.Table, column: str) -> int:
    return int(table[column][-1].cast(pa.int64()).as_py())


def _span_key(table: pa.Table) -> Key:
    ids = {f"after_{name}": table[f"{name}_id"][-1].as_py().hex() for name in ("trace", "span")}
    return {"after_ns": _last_ns(table, "start"), **ids}


def _event_key(table: pa.Table) -> Key:
    return {"after_ns": _last_ns(table, "time"), "after_id": table["event_id"][-1].as_py().hex()}


def _point_key(table: pa.Table) -> Key:
    return {"after_ns": _last_ns(table, "time"), "after_metric": table["metric"][-1].as_py(), "after_point": table["point_id"][-1].as_py()}


def _as_found(_engine: Ask, _scope: Scope, found: pa.Table) -> Iterator[pa.Table]:
    yield found


def _whole_events(engine: Ask, scope: Scope, found: pa.Table) -> Iterator[pa.Table]:
    return with_states(engine, scope.project, found, _PAGE_BYTES)


# ---- spans


def _whole_spans(engine: Ask, scope: Scope, found: pa.Table) -> Iterator[pa.Table]:
    """The best copies, with their long values."""
    yield with_long_values(engine, scope.project, _best(engine, scope, found))


def with_long_values(engine: Ask, project: str, found: pa.Table) -> pa.Table:
    """Spans of a project, with their versions, as they were before long attribute values were put apart."""
    marks = pc.match_substring(found["attribute_types"], LONG)
    if not pc.any(marks).as_py():
        return found
    for wait_s in (*_PAYLOAD_WAITS_S, None):
        restored, missing = _restored(found, _payloads(engine, project, found.filter(marks)))
        if not missing or wait_s is None:
            break
        time.sleep(wait_s)
    if missing:
        log.warning("long values missing", spans=missing, project=project)
    return restored


def _near(project: str, table: pa.Table, reach_ns: int) -> Key:
    starts = table["start"].cast(pa.int64())
    low, high = pc.min(starts).as_py() - reach_ns, pc.max(starts).as_py() + reach_ns
    traces = [trace.hex() for trace in pc.unique(table["trace_id"]).to_pylist()]
    return {"project": project, "traces": traces, "lo_ns": low, "hi_ns": high, "received_ns": received_bound(low), "limit": _MOST_COPIES}


def _best(engine: Ask, scope: Scope, found: pa.Table) -> pa.Table:
    """Without the rows of which there is a better copy."""
    copies = ask(engine, "export/copies", _near(scope.project, found, _REACH_NS))
    if not copies.num_rows:
        return found
    best = dict(zip(_keys(copies), copies["version"].to_pylist(), strict=True))
    keep = [best.get(key, version) == version for key, version in zip(_keys(found), found["version"].to_pylist(), strict=True)]
    return found.filter(pa.array(keep))


def _payloads(engine: Ask, project: str, spans: pa.Table) -> pa.Table:
    return ask(engine, "export/payloads", _near(project, spans, 0))


def _keys(table: pa.Table) -> list[tuple[bytes, bytes]]:
    return list(zip(table["trace_id"].to_pylist(), table["span_id"].to_pylist(), strict=True))


def _restored(spans: pa.Table, payloads: pa.Table) -> tuple[pa.Table, int]:
    """The spans with their long values, and how many spans have not got them: those keep what there is, and say so in their issues."""
    row_of = {(*key, version): row for row, (key, version) in enumerate(zip(_keys(payloads), payloads["version"].to_pylist(), strict=True))}
    versions = spans["version"].to_pylist()
    types = spans["attribute_types"].to_pylist()
    wanted = [text.count(LONG) for text in types]
    found = [row_of.get((*key, version), -1) if n else -1 for key, version, n in zip(_keys(spans), versions, wanted, strict=True)]
    sizes = [len(text) for text in payloads["attribute_types"].to_pylist()]
    complete = [row >= 0 and sizes[row] == n for row, n in zip(found, wanted, strict=True)]
    picked = payloads.take(pa.array([row for row, good in zip(found, complete, strict=True) if good], pa.int64())).combine_chunks()
    missing = np.array([n > 0 and not good for n, good in zip(wanted, complete, strict=True)], bool)
    return _filled(spans, picked, missing), int(missing.sum())


def _filled(spans: pa.Table, payloads: pa.Table, missing: npt.NDArray[np.bool_]) -> pa.Table:
    """Put the payloads' values, in their order, where the spans' types say LONG."""
    attributes, types = _array(spans["attributes"]), _array(spans["attribute_types"])
    offsets = np.asarray(attributes.offsets.to_numpy(zero_copy_only=False), np.int64)
    keys, values = (part.slice(offsets[0], offsets[-1] - offsets[0]) for part in (attributes.keys, attributes.items))
    codes = np.frombuffer("".join(types.to_pylist()).encode(), np.uint8).copy()
    long = codes == ord(LONG)
    lost = long & np.repeat(missing, np.diff(offsets))
    codes[lost] = ord("s")
    codes[long & ~lost] = np.frombuffer("".join(payloads["attribute_types"].to_pylist()).encode(), np.uint8)
    whole = pc.replace_with_mask(values, pa.array(long & ~lost), _array(payloads["attributes"]).items if len(payloads) else values[:0])
    flat = pa.array((offsets - offsets[0]).astype(np.int32))
    text = codes.tobytes().decode()
    joined = pa.array([text[begin:end] for begin, end in zip(flat.to_pylist()[:-1], flat.to_pylist()[1:], strict=True)], pa.string())
    columns = {"attributes": pa.MapArray.from_arrays(flat, keys, whole), "attribute_types": joined}
    if missing.any():
        told = zip(spans["issues"].to_pylist(), missing.tolist(), strict=True)
        columns["issues"] = pa.array([[*issues, _MISSING] if lack else issues for issues, lack in told], pa.list_(pa.string()))
    for name, column in columns.items():
        spans = spans.set_column(spans.schema.get_field_index(name), name, column)
    return spans


def _array(column: pa.ChunkedArray) -> Any:
    return column.chunk(0) if column.num_chunks == 1 else pa.concat_arrays(column.chunks) if column.num_chunks else pa.array([], column.type)


_ROADS: Final[dict[Kind, tuple[Callable[[Ask, Scope, pa.Table], Iterator[pa.Table]], Callable[[pa.Table], Key], Callable[[int], Key]]]] = {
    Kind.SPAN: (_whole_spans, _span_key, lambda from_ns: {"after_ns": from_ns - 1, "after_trace": "", "after_span": ""}),
    Kind.EVENT: (_whole_events, _event_key, lambda from_ns: {"after_ns": from_ns - 1, "after_id": ""}),
    Kind.POINT: (_as_found, _point_key, lambda from_ns: {"after_ns": from_ns - 1, "after_metric": "", "after_point": 0}),
}
