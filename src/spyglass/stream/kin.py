"""What a live search with `under`, `over` or `parent:(…)` remembers: spans of earlier batches in, their relatives of later ones found.

A child mostly comes before its parent, which is sent when it ends. So the spans of the last minutes are kept for each such search, with nothing but the
columns that it reads; a new batch is looked at together with the spans of its traces. What is found beside the batch's own rows are rows of earlier batches
which match only now, because of it: they are told late, each once.

Plain functions for the hub's worker thread; bounded by bytes and by age, and what is let go of is counted.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, fields, is_dataclass
from itertools import takewhile
from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import structlog

from spyglass.model.schema import SPAN, Kind
from spyglass.search.lower import lower
from spyglass.search.masks import mask
from spyglass.stream.filter import Filter, Rows
from spyglass.stream.ring import Entry
from spyglass.telemetry.metrics import STREAM_FORGOTTEN

__all__ = ["Brought", "Kin", "Kinships", "Late", "together"]

log = structlog.get_logger()

_ENTRY: Final = "__entry"
_ROW: Final = "__row"
_KEYS: Final = ("trace_id", "span_id", "parent_span_id")
_PIECES: Final = 64  # of the table, before they become one
_NONE: Final = np.empty(0, np.int64)


class Late(NamedTuple):
    """Rows of an earlier entry."""

    number: int
    rows: Rows


class Brought(NamedTuple):
    """What an entry brings: its own rows that match, and rows of earlier entries that match now and did not before."""

    rows: Rows
    late: Sequence[Late] = ()

    @property
    def total(self) -> int:
        """Rows in all."""
        return len(self.rows) + sum(len(late.rows) for late in self.late)


@dataclass(frozen=True, slots=True)
class _Block:
    """The rows of one entry that are remembered."""

    arrived_ns: int
    rows: int
    size_bytes: int


def together(wanted: Filter, entries: Sequence[Entry], now_ns: int) -> dict[int, Rows]:
    """The rows of each entry that match, all entries known at once; by the number of the entry."""
    tables = [_rows_of(entry, wanted, _columns(wanted, now_ns)) for entry in entries if entry.batch.kind is Kind.SPAN]
    found = {entry.number: wanted.rows(entry.batch, now_ns) for entry in entries if entry.batch.kind is not Kind.SPAN}
    if tables and Kind.SPAN in wanted.kinds:
        told = [entry.batch.messages for entry in entries if entry.batch.messages is not None]
        table = pa.concat_tables(tables)
        found |= {late.number: late.rows for late in _by_entry(table, _flags(wanted, table, now_ns, pa.concat_tables(told) if told else None))}
    return found


class Kin:
    """What one search remembers."""

    def __init__(self, wanted: Filter, entries: Iterable[Entry], now_ns: int) -> None:
        """`entries`: what came before; their rows that match by now are not told again."""
        self._wanted, self._columns = wanted, _columns(wanted, now_ns)
        self._blocks: deque[_Block] = deque()
        types = {name: SPAN.field(name).type for name in self._columns} | {_ENTRY: pa.int64(), _ROW: pa.int64()}
        self._known = pa.schema(list(types.items())).empty_table()
        self._told: npt.NDArray[np.bool_] = np.zeros(0, np.bool_)
        for entry in entries:
            if entry.batch.kind is Kind.SPAN:
                self._add(entry, _rows_of(entry, wanted, self._columns))
        self._told = _flags(wanted, self._known, now_ns, None)

    def take(self, entry: Entry, now_ns: int, max_bytes: int, max_age_ns: int) -> Brought:
        """What the entry brings."""
        wanted = self._wanted
        if entry.batch.kind is not Kind.SPAN or Kind.SPAN not in wanted.kinds:
            return Brought(wanted.rows(entry.batch, now_ns))
        new = _rows_of(entry, wanted, self._columns)
        if not new.num_rows:
            return Brought(_NONE)
        near = np.flatnonzero(pc.is_in(self._known["trace_id"], pc.unique(new["trace_id"])).to_numpy()) if len(self._told) else _NONE
        earlier = self._known.take(pa.array(near))
        flags = _flags(wanted, pa.concat_tables([earlier, new]), now_ns, entry.batch.messages)
        before, own = flags[: len(near)], flags[len(near) :]
        late = list(_by_entry(earlier, before & ~self._told[near]))
        self._told[near] |= before
        self._add(entry, new)
        self._told = np.concatenate([self._told, own])
        self._forget(now_ns - max_age_ns, max_bytes)
        return Brought(new[_ROW].to_numpy()[own], late)

    @property
    def size_bytes(self) -> int:
        """Of what is remembered."""
        return sum(block.size_bytes for block in self._blocks)

    def _add(self, entry: Entry, rows: pa.Table) -> None:
        self._known = pa.concat_tables([self._known, rows])
        if self._known[_ROW].num_chunks > _PIECES:
            self._known = self._known.combine_chunks()
        self._blocks.append(_Block(entry.arrived_ns, rows.num_rows, rows.nbytes))

    def _forget(self, before_ns: int, max_bytes: int) -> None:
        over = self.size_bytes - max_bytes
        gone = 0
        while self._blocks and (over > 0 or self._blocks[0].arrived_ns < before_ns):
            block = self._blocks.popleft()
            STREAM_FORGOTTEN.labels("bytes" if over > 0 else "age").inc(block.rows)
            over -= block.size_bytes
            gone += block.rows
        if gone:
            self._known, self._told = self._known.slice(gone), self._told[gone:]


class Kinships:
    """The memories of all searches that ask for relatives, for as long as a viewer has one of them. Together they hold `max_bytes`."""

    def __init__(self, max_bytes: int, max_age_s: float) -> None:
        self._max_bytes, self._max_age_ns = max_bytes, round(max_age_s * 10**9)
        self._of: dict[Filter, Kin] = {}

    def __len__(self) -> int:
        return len(self._of)

    def clear(self) -> None:
        """Nobody asks for relatives now."""
        self._of = {}

    def follow(self, wanted: set[Filter], entries: Sequence[Entry], entry: Entry, now_ns: int) -> dict[Filter, Brought | None]:
        """What an entry brings for each of the searches; None where looking failed. `entries`: what came before it, for those that are new."""
        self._of = {one: self._of[one] for one in wanted if one in self._of}
        found: dict[Filter, Brought | None] = {}
        for one in wanted:
            try:
                if one not in self._of:
                    self._of[one] = Kin(one, takewhile(lambda old: old.number < entry.number, entries), now_ns)
                found[one] = self._of[one].take(entry, now_ns, self._max_bytes // len(wanted), self._max_age_ns)
            except Exception:
                self._of.pop(one, None)  # begins anew with the next entry
                log.exception("live filter failed", kind=str(entry.batch.kind), rows=len(entry.batch))
                found[one] = None
        return found


def _columns(wanted: Filter, now_ns: int) -> tuple[str, ...]:
    """The columns of spans that the search reads."""
    names = set(_named(lower(wanted.tree, Kind.SPAN, now_ns)))
    return tuple(name for name in SPAN.names if name in names or name in _KEYS)


def _named(part: Any) -> Iterator[str]:
    """Every column that a predicate names."""
    if isinstance(part, tuple):
        for one in part:
            yield from _named(one)
    elif is_dataclass(part):
        for field in fields(part):
            value = getattr(part, field.name)
            if field.name == "column":
                yield value
            elif field.name == "columns":
                yield from value
            elif field.name in {"term", "terms"}:
                yield from _named(value)


def _rows_of(entry: Entry, wanted: Filter, columns: Sequence[str]) -> pa.Table:
    """The rows of the project, with the columns that are read and where they come from."""
    rows = entry.batch.rows.select(columns)
    at = np.arange(len(entry.batch), dtype=np.int64)
    rows = rows.append_column(_ENTRY, pa.array(np.full(len(at), entry.number, np.int64))).append_column(_ROW, pa.array(at))
    ours = pc.fill_null(pc.equal(entry.batch.rows["project"], wanted.project), False)
    return rows if pc.all(ours).as_py() else rows.filter(ours)


def _flags(wanted: Filter, rows: pa.Table, now_ns: int, messages: pa.Table | None) -> npt.NDArray[np.bool_]:
    if not rows.num_rows:
        return np.zeros(0, np.bool_)
    return np.array(mask(wanted.tree, rows, Kind.SPAN, now_ns, messages).to_numpy(zero_copy_only=False), np.bool_)


def _by_entry(rows: pa.Table, flags: npt.NDArray[np.bool_]) -> Iterator[Late]:
    """The flagged rows; those of one entry stand together."""
    at = np.flatnonzero(flags)
    if not len(at):
        return
    numbers, places = rows[_ENTRY].to_numpy()[at], rows[_ROW].to_numpy()[at]
    cuts = np.flatnonzero(np.diff(numbers)) + 1
    for number, part in zip(numbers[np.concatenate([[0], cuts])].tolist(), np.split(places, cuts), strict=True):
        yield Late(number, part)
