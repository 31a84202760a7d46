"""Events with the states of their snapshots put back in: rows with manifests in, the same with what was sent out, in tables of a bounded size.

A snapshot whose state is not kept any more keeps its manifest, and says so (`state_missing`).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import numpy as np
import orjson
import pyarrow as pa
import pyarrow.compute as pc
import structlog

from spyglass.model.columns import flat
from spyglass.store.read.asking import Ask
from spyglass.store.read.snapshots import state_of

__all__ = ["with_states"]

log = structlog.get_logger()

_MISSING: Final = "state_missing"
_LOOKED_AT: Final = ("body", "body_type", "issues")


def with_states(engine: Ask, project: str, events: pa.Table, most_bytes: int) -> Iterator[pa.Table]:
    """The events (columns of schema EVENT) in order; a table has states of so many bytes, or of one snapshot."""
    mine = pc.and_(pc.equal(events["event_name"], "execution.snapshot"), pc.equal(events["body_type"], "k"))
    rows = np.flatnonzero(flat(mine).to_numpy(zero_copy_only=False)).tolist()
    first, size = 0, 0
    waiting: list[int] = []
    for row in rows:
        expected = _size_of(events["body"][row].as_py())
        if waiting and size + expected > most_bytes:
            yield _restored(engine, project, events.slice(first, row - first), [each - first for each in waiting])
            first, size, waiting = row, 0, []
        waiting.append(row)
        size += expected
    yield _restored(engine, project, events.slice(first), [each - first for each in waiting])


def _size_of(manifest: str) -> int:
    try:
        told = orjson.loads(manifest)
    except orjson.JSONDecodeError:
        return len(manifest)
    return int(told.get("size_bytes", 0)) if isinstance(told, dict) else len(manifest)


def _restored(engine: Ask, project: str, events: pa.Table, rows: list[int]) -> pa.Table:
    if not rows:
        return events
    columns = {name: events[name].to_pylist() for name in _LOOKED_AT}
    received = events["received"].cast(pa.int64())
    missing = 0
    for row in rows:
        told = {name: values[row] for name, values in columns.items()}
        if "snapshots_failed" in told["issues"]:
            continue
        state = state_of(engine, project, told | {"received_ns": received[row].as_py()})
        if state.data is None:
            columns["issues"][row] = [*told["issues"], _MISSING]
            missing += 1
        else:
            columns["body"][row], columns["body_type"][row] = state.data.decode("utf-8", "replace"), state.code
    if missing:
        log.warning("states missing in an export", snapshots=missing, project=project)
    for name, values in columns.items():
        at = events.schema.get_field_index(name)
        events = events.set_column(at, name, pa.array(values, events.schema.field(at).type))
    return events
