"""The entries of an attribute column by key: rows, values and type codes of one key are a slice, not a search.

In: a `map<string, string>` column with its type codes (`schema.py`). Out: `Attributes`, which sorts the entries by key once, with numpy;
after that `entries(key)` costs a slice and one `take`, whatever the batch. Where a row says a key twice the first one counts.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

__all__ = ["Attributes", "Entries"]

Rows = npt.NDArray[np.int64]
_STRING: Final = ord("s")


@dataclass(frozen=True, slots=True)
class Entries:
    """What one key says: `rows` ascending and each at most once; `values` and `types` go with them."""

    rows: Rows
    values: pa.StringArray
    types: npt.NDArray[np.uint8]  # type codes of `schema.py` as bytes

    def __len__(self) -> int:
        return len(self.rows)


class Attributes:
    """An index over one attribute column of n rows. Cost: one hash and one radix sort of the keys."""

    def __init__(self, column: pa.Array | pa.ChunkedArray, types: pa.Array | pa.ChunkedArray | None = None) -> None:
        """Index `column` (map<string, string>); without `types` every value counts as a string."""
        flat = _flat(column)
        offsets = flat.offsets.to_numpy(zero_copy_only=False).astype(np.int64)
        first, last = (int(offsets[0]), int(offsets[-1])) if len(offsets) else (0, 0)
        self._values: pa.StringArray = flat.items.slice(first, last - first)
        keys = flat.keys.slice(first, last - first).dictionary_encode()
        self._row_of = np.repeat(np.arange(len(flat), dtype=np.int64), np.diff(offsets))
        self._types = None if types is None else _type_codes(_flat(types), len(self._row_of))
        self.dictionary: pa.StringArray = keys.dictionary  # the distinct keys
        self._names: list[str] = keys.dictionary.to_pylist()
        self._ids = {name: i for i, name in enumerate(self._names)}
        self._sort(keys.indices.to_numpy(zero_copy_only=False))
        self._seen: dict[str, Entries] = {}

    def _sort(self, ids: npt.NDArray[np.int32]) -> None:
        """Order the entries by key and, within a key, by row; numpy sorts 16-bit numbers by radix."""
        small = ids.astype(np.uint16) if len(self._names) <= 65_536 else ids
        self._order = np.argsort(small, kind="stable")
        self._bounds = np.concatenate(([0], np.cumsum(np.bincount(ids, minlength=len(self._names)))))

    @property
    def keys(self) -> list[str]:
        """Every distinct key, in the order of first appearance."""
        return self._names

    def __contains__(self, key: object) -> bool:
        return key in self._ids

    def count(self, key: str) -> int:
        """How many entries `key` has, duplicates included."""
        at = self._ids.get(key)
        return 0 if at is None else int(self._bounds[at + 1] - self._bounds[at])

    def rows(self, key: str) -> Rows:
        """The rows that have `key`, ascending, each once; no value is touched."""
        at = self._ids.get(key)
        if at is None:
            return np.empty(0, dtype=np.int64)
        rows = self._row_of[self._positions(at)]
        return rows[_first(rows)] if _repeats(rows) else rows

    def entries(self, key: str) -> Entries:
        """The entries of `key`; empty when no row has it. Kept, so that a second look is free."""
        found = self._seen.get(key)
        if found is None:
            found = self._seen[key] = self._gather(key)
        return found

    def _gather(self, key: str) -> Entries:
        at = self._ids.get(key)
        if at is None:
            return Entries(np.empty(0, dtype=np.int64), pa.array([], pa.string()), np.empty(0, dtype=np.uint8))
        positions = self._positions(at)
        rows = self._row_of[positions]
        if _repeats(rows):
            once = _first(rows)
            positions, rows = positions[once], rows[once]
        types = np.full(len(rows), _STRING, dtype=np.uint8) if self._types is None else self._types[positions]
        return Entries(rows, self._values.take(pa.array(positions)), types)

    def _positions(self, at: int) -> Rows:
        return self._order[self._bounds[at] : self._bounds[at + 1]]


def _repeats(rows: Rows) -> bool:
    return len(rows) > 1 and bool((rows[1:] == rows[:-1]).any())


def _first(rows: Rows) -> npt.NDArray[np.bool_]:
    return np.concatenate(([True], rows[1:] != rows[:-1]))


def _flat(column: pa.Array | pa.ChunkedArray) -> pa.Array:
    if isinstance(column, pa.ChunkedArray):
        return column.chunk(0) if column.num_chunks == 1 else pa.concat_arrays(column.chunks) if column.num_chunks else pa.array([], column.type)
    return column


def _type_codes(types: pa.StringArray, entries: int) -> npt.NDArray[np.uint8] | None:
    """All type codes in one array; None where they do not go one to one with the entries (a hand-made batch)."""
    joined = pc.binary_join(pa.ListArray.from_arrays(pa.array([0, len(types)], pa.int32()), types), "")
    text = (joined[0].as_py() or "").encode()
    return np.frombuffer(text, dtype=np.uint8) if len(text) == entries else None
