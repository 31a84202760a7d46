"""The stage that gives model calls their messages.

In: a normalised batch. Out: the batch with `input_messages` and `output_messages` (hashes, in order), and `Batch.messages`: each message that its
conversation (session, else trace) did not have before. Where messages are found is said by the dialects (`sources.py`); of several places that tell, each row
takes the best one.

A message counts as told once it was in a batch. When that batch could not be kept, `forget` must be called with it, or its messages are lost.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator
from typing import cast

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import structlog
from xxhash import xxh3_64_digest

from spyglass.model.batch import Batch
from spyglass.model.columns import flat
from spyglass.model.schema import Kind
from spyglass.refine.issues import with_issue
from spyglass.refine.messages.canonical import HASH_BYTES, Canonical
from spyglass.refine.messages.finder import Finder, Found
from spyglass.refine.messages.memory import Recent
from spyglass.refine.messages.reader import Reader
from spyglass.refine.messages.sources import Direction, MessageSources
from spyglass.refine.messages.table import Told, message_table
from spyglass.telemetry.metrics import MESSAGES

__all__ = ["Messages"]

log = structlog.get_logger()

_NO_TRACE = bytes(16)
_STARTS = (0,)
_HASHES = pa.list_(pa.binary(HASH_BYTES))


class Messages:
    """The stage. Safe to share between threads: at worst a message is told twice, and the store keeps it once."""

    def __init__(self, sections: Iterable[MessageSources], *, remembered: int = 500_000) -> None:
        """`sections`: of all dialects. `remembered`: how many messages are known to have been told; each takes some 150 bytes."""
        self._reader = Reader(remembered // 2)
        self._finder = Finder(list(sections), self._reader)
        self._told: Recent[bool] = Recent(remembered)

    def __call__(self, batch: Batch) -> Batch:
        """`batch` with its messages; points have none."""
        if batch.kind is Kind.POINT or not len(batch):
            return batch
        try:
            found = self._finder.find(batch)
        except Exception as error:  # one odd value must not take the messages of the others: halve until it is alone
            return self._halved(batch, error)
        told = self._new(batch, found)
        MESSAGES.labels(outcome="seen").inc(found.count - len(told))
        MESSAGES.labels(outcome="new").inc(len(told))
        rows = batch.rows
        for name, hashes in (("input_messages", found.inputs), ("output_messages", found.outputs)):
            if hashes:
                at = rows.schema.get_field_index(name)
                rows = rows.set_column(at, rows.schema.field(at), _lists(hashes, len(batch)))
        return Batch(batch.kind, rows, message_table(batch, told) if told else None, batch.pieces)

    def _halved(self, batch: Batch, error: Exception) -> Batch:
        n = len(batch)
        if n == 1:
            log.error("messages of a row not read", kind=batch.kind.value, error=type(error).__name__)
            MESSAGES.labels(outcome="failed").inc()
            return batch.with_rows(with_issue(batch.rows, "messages_failed"))
        parts = [self(batch.with_rows(batch.rows.slice(at, size))) for at, size in ((0, n // 2), (n // 2, n - n // 2))]
        tables = [part.messages for part in parts if part.messages is not None]
        return Batch(batch.kind, pa.concat_tables([part.rows for part in parts]), pa.concat_tables(tables) if tables else None, batch.pieces)

    def forget(self, batch: Batch) -> None:
        """The messages of `batch` were not kept after all: they are told again when they are seen again."""
        if batch.messages is None:
            return
        columns = (flat(batch.messages[name]).to_numpy(zero_copy_only=False).tolist() for name in ("project", "scope", "hash"))
        for project, scope, message in zip(*columns, strict=True):
            self._told.forget(message + _scope_key(project, scope))

    def _new(self, batch: Batch, found: Found) -> list[Told]:
        """The messages that their conversation did not have yet, each from the row that said it first."""
        rows = _as_told(batch, sorted(found.inputs.keys() | found.outputs.keys()))
        fresh, young, old = found.fresh, self._told.young, self._told.old
        sides: tuple[tuple[Direction, dict[int, bytes]], ...] = (("input", found.inputs), ("output", found.outputs))
        ends: dict[tuple[str, str], bytes] = {}
        told: list[Told] = []
        for row, conversation in zip(rows, _scopes(batch, rows), strict=True):
            end = ends.get(conversation)
            if end is None:
                end = ends[conversation] = _scope_key(*conversation)
            for direction, side in sides:
                hashes = side.get(row)
                if hashes is None:
                    continue
                for start in _STARTS if len(hashes) == HASH_BYTES else range(0, len(hashes), HASH_BYTES):
                    message = hashes[start : start + HASH_BYTES]
                    key = message + end
                    if key not in young:
                        young[key] = True
                        if key not in old:
                            told.append((row, direction, start, conversation[1], fresh.get(message) or self._again(found, row, message)))
        self._told.trim()
        self._reader.trim()
        return told

    def _again(self, found: Found, row: int, message: bytes) -> Canonical:
        """A message of the row that another conversation had before: it is known by its hash alone, and parsed again."""
        for rows, parse in found.origins:
            if (at := bisect_left(rows, row)) < len(rows) and rows[at] == row:
                parse(at)
        return found.fresh[message]


def _as_told(batch: Batch, rows: list[int]) -> list[int]:
    """The rows in the order in which exporters tell of them, by their end: files of other systems have any order."""
    if batch.kind is Kind.EVENT:
        ends = flat(batch.rows["time"]).cast(pa.int64()).to_numpy()
    else:
        ends = flat(batch.rows["start"]).cast(pa.int64()).to_numpy().astype(np.uint64) + flat(batch.rows["duration_ns"]).to_numpy()
    some = np.array(rows, np.int64)
    return cast("list[int]", some[np.argsort(ends[some], kind="stable")].tolist())


def _scope_key(project: str, scope: str) -> bytes:
    return xxh3_64_digest(f"{project}\0{scope}".encode())


def _scopes(batch: Batch, rows: list[int]) -> Iterator[tuple[str, str]]:
    """Project and conversation of these rows: the session, else the trace, else the record itself."""
    names = ("project", "session_id", "trace_id", "event_id" if batch.kind is Kind.EVENT else "span_id")
    columns = [flat(batch.rows[name]) for name in names]
    if len(rows) < len(batch):
        some = pa.array(rows, pa.int64())
        columns = [column.take(some) for column in columns]
    texts = (column.to_numpy(zero_copy_only=False).tolist() for column in columns)  # ten times faster than to_pylist for ids
    for project, session, trace, own in zip(*texts, strict=True):
        yield project, session or (trace.hex() if trace != _NO_TRACE else f"{batch.kind.value}:{own.hex()}")


def _lists(hashes: dict[int, bytes], rows: int) -> pa.ListArray:
    """The column: one list of hashes per row."""
    lengths: npt.NDArray[np.int32] = np.zeros(rows + 1, np.int32)
    for row, told in hashes.items():
        lengths[row + 1] = len(told) // HASH_BYTES
    content = pa.py_buffer(b"".join([hashes[row] for row in sorted(hashes)]))
    values = pa.Array.from_buffers(pa.binary(HASH_BYTES), int(lengths.sum()), [None, content])
    return pa.ListArray.from_arrays(pa.array(np.cumsum(lengths, dtype=np.int32), pa.int32()), values, type=_HASHES)
