"""Which privileges rows show: spans and events in, slim rows out: who, by what, which operations.

Of spans the finished calls of tools; of events what runners saw processes do: a program started by root, a file deleted. Where an event names no agent, it is
the watched program's (`service`), which is the name of the run's own span, too.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from spyglass.analyze.builtin.security.operations import OPERATIONS, Bits, names_bits, suspects
from spyglass.model.batch import Batch
from spyglass.model.schema import Kind

__all__ = ["SLIM", "exercised"]

_TOOL_KINDS: Final = pa.array(["tool", "mcp", "retriever"])
_BIT: Final = {name: 1 << at for at, name in enumerate(OPERATIONS)}
_DEEDS: Final = {"process.exec": "executes", "file.write": "writes", "file.delete": "deletes", "file.rmdir": "deletes"}
_EXEC: Final = "process.exec"
_LONGEST: Final = 200
SLIM: Final = pa.schema(
    [
        *((name, pa.string()) for name in ("project", "agent", "by")),
        ("received", pa.int64()),
        ("trace_id", pa.binary(16)),
        ("span_id", pa.binary(8)),
        ("event_id", pa.binary(16)),
        ("bits", pa.uint8()),  # operations: of the name, or of the deed
        ("maybe", pa.uint8()),  # operations that the arguments may have
        ("said", pa.string()),  # these arguments; empty where there are none
    ]
)


def exercised(batch: Batch, known: dict[str, int]) -> pa.Table:
    """Rows of `SLIM`; `known`: what names of tools mean, remembered for the next batch."""
    return _of_spans(batch.rows, known) if batch.kind is Kind.SPAN else _of_events(batch.rows)


def _of_spans(rows: pa.Table, known: dict[str, int]) -> pa.Table:
    keep = pc.and_(pc.is_in(rows["kind"], _TOOL_KINDS), pc.and_(pc.invert(rows["pending"]), pc.not_equal(rows["agent"], "")))
    found = rows.select(["project", "agent", "tool", "received", "trace_id", "span_id", "input"]).filter(keep)
    bits, (maybe, said) = names_bits(found["tool"].combine_chunks(), known), suspects(found["input"])
    event_ids = pa.array([bytes(16)] * found.num_rows, pa.binary(16))
    return _slim(found, found["agent"], found["tool"], event_ids, (bits, maybe, said))


def _of_events(rows: pa.Table) -> pa.Table:
    found = rows.filter(pc.is_in(rows["event_name"], pa.array(list(_DEEDS))))
    if not found.num_rows:
        return SLIM.empty_table()
    attributes = found["attributes"].combine_chunks()
    names = found["event_name"].to_pylist()
    users = pc.map_lookup(attributes, "process.user.id", "first").to_pylist()
    failed = pc.map_lookup(attributes, "error.type", "first").to_pylist()
    paths = pc.map_lookup(attributes, "process.executable.path", "first").to_pylist()
    files = pc.map_lookup(attributes, "file.path", "first").to_pylist()
    bits = np.zeros(len(names), np.uint8)
    for at, (name, user, error) in enumerate(zip(names, users, failed, strict=True)):
        bits[at] = 0 if error else _BIT[_DEEDS[name]] | (_BIT["root"] if user == "0" and name == _EXEC else 0)
    by = pa.array([path or file or name for path, file, name in zip(paths, files, names, strict=True)], pa.string())
    who = pc.if_else(pc.equal(pc.fill_null(found["agent"], ""), ""), found["service"], found["agent"])
    nothing = np.zeros(len(names), np.uint8), pa.array([""] * len(names), pa.string())
    return _slim(found, who, by, found["event_id"], (bits, *nothing))


def _slim(rows: pa.Table, who: pa.ChunkedArray, by: pa.ChunkedArray | pa.Array, ids: pa.ChunkedArray | pa.Array, does: tuple[Bits, Bits, pa.Array]) -> pa.Table:
    columns = [rows["project"], who, pc.utf8_slice_codeunits(by, 0, _LONGEST), rows["received"].cast(pa.int64()), rows["trace_id"], rows["span_id"], ids]
    bits, maybe, said = does
    return pa.Table.from_arrays([*columns, pa.array(bits), pa.array(maybe), said], schema=SLIM).filter(pa.array((bits | maybe) > 0))
