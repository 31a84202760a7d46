"""New messages as a table of schema MESSAGE.

In: messages with the row that said them first. Out: one row each, what the conversation is taken from that row.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import pyarrow as pa

from spyglass.model.batch import Batch
from spyglass.model.columns import flat
from spyglass.model.schema import MESSAGE, Kind
from spyglass.refine.messages.canonical import HASH_BYTES, Canonical

__all__ = ["Told", "message_table"]

_HASH: Final = MESSAGE.field("hash").type
_OF_ROW: Final = ("project", "received", "trace_id", "span_id", "session_id", "service", "agent", "model")


# A message and where it was said: row of the batch, input or output, where in that row's hashes, conversation. A plain tuple: there are very many.
Told = tuple[int, str, int, str, Canonical]


def message_table(batch: Batch, told: list[Told]) -> pa.Table:
    """Schema MESSAGE, one row for each of `told`."""
    rows, directions, starts, scopes, messages = zip(*told, strict=True)
    at = pa.array(rows, pa.int64())
    columns = {name: flat(batch.rows[name]).take(at) for name in _OF_ROW}
    columns["start"] = flat(batch.rows["time" if batch.kind is Kind.EVENT else "start"]).take(at)
    columns["scope"] = pa.array(scopes, pa.string())
    columns["hash"] = pa.Array.from_buffers(_HASH, len(told), [None, pa.py_buffer(b"".join([message.hash for message in messages]))])
    columns["direction"] = pa.array(directions, pa.string())
    columns["position"] = pa.array(np.array(starts, np.uint32) // HASH_BYTES)
    columns["role"] = pa.array([message.role for message in messages], pa.string())
    columns["text"] = pa.array([message.text for message in messages], pa.string())
    columns["body"] = pa.array([message.body for message in messages], pa.binary()).cast(pa.string())
    return pa.Table.from_arrays([columns[field.name] for field in MESSAGE], schema=MESSAGE)
