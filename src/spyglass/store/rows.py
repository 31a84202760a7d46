"""Batch rows -> rows of the tables: versions are given, and long attribute values go apart.

Lists and charts read `spans`; a value longer than LONG_VALUE_BYTES stands there with its first characters and the type code LONG, and whole in
`payloads`, which is sorted by trace: the calls of one conversation repeat each other, and there they are neighbours, so that they compress away.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from spyglass.model.columns import flat
from spyglass.model.schema import TIME

__all__ = ["LONG", "LONG_VALUE_BYTES", "message_rows", "payload_columns", "restore", "span_rows"]

LONG_VALUE_BYTES: Final = 512
LONG: Final = ">"
_PREVIEW_CHARS: Final = 128
_EPOCH_MS: Final = 1_577_836_800_000  # 2020-01-01: keeps the milliseconds of a version within 40 bits

payload_columns: Final = ["project", "trace_id", "start", "span_id", "received", "version", "attributes", "attribute_types"]


def span_rows(rows: pa.Table) -> tuple[pa.Table, pa.Table]:
    """Rows of `spans` and of `payloads` (spans with at least one long value) for n rows of schema SPAN."""
    rows = rows.combine_chunks().append_column("version", _versions(rows))
    attributes, types = flat(rows["attributes"]), flat(rows["attribute_types"])
    offsets = np.asarray(attributes.offsets.to_numpy(zero_copy_only=False), np.int64)
    values = attributes.items.slice(offsets[0], offsets[-1] - offsets[0]) if len(offsets) else attributes.items
    long = np.asarray(pc.greater(pc.binary_length(values), LONG_VALUE_BYTES).to_numpy(zero_copy_only=False), bool)
    if not long.any():
        return rows, _payloads(rows, attributes, types, np.zeros(0, np.int64))
    return _split(rows, attributes, types, long)


def _split(rows: pa.Table, attributes: pa.MapArray, types: pa.StringArray, long: npt.NDArray[np.bool_]) -> tuple[pa.Table, pa.Table]:
    offsets = np.asarray(attributes.offsets.to_numpy(zero_copy_only=False), np.int64)
    base, flat = offsets[0], offsets - offsets[0]
    keys = attributes.keys.slice(base, flat[-1])
    values = attributes.items.slice(base, flat[-1])
    codes = _codes(types)
    kept = pc.replace_with_mask(values, pa.array(long), pc.utf8_slice_codeunits(values.filter(pa.array(long)), 0, _PREVIEW_CHARS))
    marked = codes.copy()
    marked[long] = ord(LONG)
    lean = _map_of(flat, keys, kept), _types_of(flat, marked)
    before = np.concatenate([[0], np.cumsum(long)])[flat]
    has = np.flatnonzero(np.diff(before))
    apart = before[np.append(has, has[-1] + 1)] if len(has) else np.zeros(1, np.int64)
    mask = pa.array(long)
    whole = _map_of(apart, keys.filter(mask), values.filter(mask)), _types_of(apart, codes[long])
    spans = rows.set_column(rows.schema.get_field_index("attributes"), "attributes", lean[0])
    spans = spans.set_column(rows.schema.get_field_index("attribute_types"), "attribute_types", lean[1])
    return spans, _payloads(rows, *whole, has)


def _payloads(rows: pa.Table, attributes: pa.Array, types: pa.Array, at: npt.NDArray[np.int64]) -> pa.Table:
    picked = rows.select(payload_columns[:-2]).take(pa.array(at))
    columns = {name: picked[name] for name in payload_columns[:-2]}
    return pa.table({**columns, "attributes": attributes.slice(0, len(at)), "attribute_types": types.slice(0, len(at))})


def restore(attributes: list[tuple[str, str]], types: str, payload: list[tuple[str, str]], payload_types: str) -> tuple[list[tuple[str, str]], str]:
    """One span's attributes with their long values back in their places; for reading single spans."""
    if LONG not in types:
        return attributes, types
    whole = iter(zip(payload, payload_types, strict=True))
    pairs: list[tuple[str, str]] = []
    codes: list[str] = []
    for pair, code in zip(attributes, types, strict=True):
        full, full_code = next(whole, (pair, "s")) if code == LONG else (pair, code)
        pairs.append(full)
        codes.append(full_code)
    return pairs, "".join(codes)


def message_rows(messages: pa.Table) -> pa.Table:
    """Rows of `messages`: of several tellings the earliest has the highest version, so that it stays."""
    starts = np.asarray(flat(messages["start"]).cast(pa.int64()).to_numpy(zero_copy_only=False), np.int64)
    return messages.append_column("version", pa.array(np.uint64(1 << 63) - starts.astype(np.uint64)))


def _versions(rows: pa.Table) -> pa.Array:
    """Of two copies of a span the finished one wins, then the one with more attributes, then the later one."""
    finished = ~np.asarray(flat(rows["pending"]).to_numpy(zero_copy_only=False), bool)
    count = np.minimum(np.asarray(pc.binary_length(rows["attribute_types"]).to_numpy(), np.uint64), np.uint64((1 << 20) - 1))
    received = np.asarray(rows["received"].cast(TIME).cast(pa.int64()).to_numpy(), np.int64) // 1_000_000 - _EPOCH_MS
    ms = np.clip(received, 0, (1 << 40) - 1).astype(np.uint64)
    return pa.array((finished.astype(np.uint64) << np.uint64(62)) | (count << np.uint64(40)) | ms)


def _codes(types: pa.StringArray) -> npt.NDArray[np.uint8]:
    """All type codes, one byte per attribute (codes are ASCII)."""
    offsets = np.frombuffer(types.buffers()[1], np.int32)[types.offset : types.offset + len(types) + 1]
    return np.frombuffer(types.buffers()[2], np.uint8)[offsets[0] : offsets[-1]].copy()


def _types_of(offsets: npt.NDArray[np.int64], codes: npt.NDArray[np.uint8]) -> pa.StringArray:
    starts = pa.py_buffer(np.ascontiguousarray(offsets, np.int32))
    return pa.StringArray.from_buffers(len(offsets) - 1, starts, pa.py_buffer(np.ascontiguousarray(codes)))


def _map_of(offsets: npt.NDArray[np.int64], keys: pa.Array, values: pa.Array) -> pa.MapArray:
    return pa.MapArray.from_arrays(pa.array(offsets.astype(np.int32)), keys, values)
