"""Content addresses of log records: the same record sent twice has one id, whenever and in whatever body it arrives.

In: columns of the event schema. Out: 16 bytes a row (XXH3-128). What the arrival decided (`received`, a replaced `time`) is no part of it.
The parts of a row are laid side by side as columns, and each row is hashed once; lengths are among the parts, so that no two rows
share their bytes by chance.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import xxhash
from numpy.typing import NDArray

__all__ = ["event_ids", "map_digests"]

_FIXED: Final = np.dtype(
    [
        ("sent", "<u8"),
        ("trace_id", "V16"),
        ("span_id", "V8"),
        ("resource", "V16"),
        ("project", "<u4"),  # this and the next: lengths
        ("event_name", "<u4"),
        ("body", "<u4"),
        ("attributes", "<u4"),
        ("flags", "<u4"),
        ("severity_number", "u1"),
    ]
)


def event_ids(columns: Mapping[str, pa.Array], sent: pa.Array, resources: pa.Array) -> pa.Array:
    """One id per row.

    Args:
        columns: n rows of the columns of schema EVENT that make a record what it is.
        sent: the time that the sender told (ns), n rows of uint64; 0 where it told none.
        resources: `map_digests` of the resource attributes, n rows.
    """
    count = len(sent)
    fixed = np.zeros(count, _FIXED)
    fixed["sent"] = sent.to_numpy(zero_copy_only=False)
    fixed["resource"] = _fixed_bytes(resources, 16)
    for name, width in (("trace_id", 16), ("span_id", 8)):
        fixed[name] = _fixed_bytes(columns[name], width)
    for name in ("project", "event_name", "body"):
        fixed[name] = pc.binary_length(columns[name]).to_numpy(zero_copy_only=False)
    fixed["attributes"] = np.diff(columns["attributes"].offsets.to_numpy())
    for name in ("flags", "severity_number"):
        fixed[name] = columns[name].to_numpy(zero_copy_only=False)
    offsets = np.arange(count + 1, dtype=np.int32) * _FIXED.itemsize
    texts = [columns[name].cast(pa.binary()) for name in ("project", "event_name", "body", "body_type", "attribute_types")]
    parts = [_binary(offsets, pa.py_buffer(fixed)), *texts, *_map_parts(columns["attributes"])]
    return _digests(pc.binary_join_element_wise(*parts, b""))


def map_digests(maps: pa.Array) -> pa.Array:
    """The XXH3-128 of each map<string, string>, 16 bytes a row; order of entries counts."""
    return _digests(pc.binary_join_element_wise(*_map_parts(maps), b""))


def _map_parts(maps: Any) -> list[pa.Array]:
    """Per row: names, texts, and the lengths of both; four binary arrays over the buffers of the map."""
    rows = maps.offsets.to_numpy()
    names, texts = maps.keys, maps.items
    return [part for side in (names, texts) for part in (_joined(side, rows), _lengths(side, rows))]


def _joined(strings: Any, rows: NDArray[np.int32]) -> pa.Array:
    """Entries `rows[i]..rows[i+1]` as one binary value per row, without a copy."""
    _, offsets, data = strings.buffers()
    ends = np.frombuffer(offsets, np.int32, len(strings) + 1, strings.offset * 4) if offsets else np.zeros(1, np.int32)
    return _binary(ends[rows], data)


def _lengths(strings: Any, rows: NDArray[np.int32]) -> pa.Array:
    lengths = pc.binary_length(strings).to_numpy(zero_copy_only=False).astype(np.int32, copy=False)
    return _binary(rows * np.int32(4), pa.py_buffer(np.ascontiguousarray(lengths)))


def _binary(offsets: NDArray[np.int32], data: pa.Buffer | None) -> pa.Array:
    ends = pa.py_buffer(np.ascontiguousarray(offsets))
    return pa.Array.from_buffers(pa.binary(), len(offsets) - 1, [None, ends, data or pa.py_buffer(b"")])


def _fixed_bytes(array: Any, width: int) -> NDArray[np.void]:
    return np.frombuffer(array.buffers()[1] or b"", f"V{width}", len(array), array.offset * width)


def _digests(rows: pa.Array) -> pa.Array:
    data, digest = rows.buffers()[2] or b"", xxhash.xxh3_128_digest
    view, ends = memoryview(data), np.frombuffer(rows.buffers()[1], np.int32, len(rows) + 1).tolist() if len(rows) else [0]
    hashed = b"".join([digest(view[start:end]) for start, end in pairwise(ends)])
    return pa.Array.from_buffers(pa.binary(16), len(rows), [None, pa.py_buffer(hashed)])
