"""The entries of an attribute column by key: rows, values and type codes of one key are a slice, not a search.

In: a `map<string, string>` column, and its type codes (`schema.py`) where somebody wants them. Out: `Attributes`, which sorts the entries by key
once, with numpy; after that `entries(key)` costs a slice and one `take`, whatever the batch. Where a row says a key twice the first
one counts.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from spyglass.model.columns import flat

__all__ = ["Attributes", "Entries"]

Rows = npt.NDArray[np.int64]

_NO_ROWS: Final[Rows] = np.empty(0, dtype=np.int64)
_NO_TYPES: Final = np.empty(0, dtype=np.uint8)


@dataclass(frozen=True, slots=True)
class Entries:
    """What one key says: `rows` ascending and each at most once; `values` go with them, and so do `types` where they were given."""

    rows: Rows
    values: pa.StringArray
    types: npt.NDArray[np.uint8]  # type codes as bytes; empty when the index was made without them

    def __len__(self) -> int:
        return len(self.rows)


class Attributes:
    """An index over one attribute column of n rows. Cost: one hash and one radix sort of the keys."""

    def __init__(self, column: pa.Array | pa.ChunkedArray, types: pa.Array | pa.ChunkedArray | None = None) -> None:
        """Index `column` (map<string, string>); `types` holds one character per entry."""
        maps = flat(column)
        offsets = maps.offsets.to_numpy(zero_copy_only=False).astype(np.int64)
        first, last = (int(offsets[0]), int(offsets[-1])) if len(offsets) else (0, 0)
        self._values: pa.StringArray = maps.items.slice(first, last - first)
        keys = maps.keys.slice(first, last - first).dictionary_encode()
        self.dictionary: pa.StringArray = keys.dictionary  # the distinct keys
        self._names: list[str] = keys.dictionary.to_pylist()
        self._ids = {name: i for i, name in enumerate(self._names)}
        self._sort(keys.indices.to_numpy(zero_copy_only=False), np.repeat(np.arange(len(maps), dtype=np.int64), np.diff(offsets)))
        self._types = _NO_TYPES if types is None else _type_codes(flat(types), len(self._order))[self._order]
        self._seen: dict[str, Entries] = {}

    def _sort(self, ids: npt.NDArray[np.int32], row_of: Rows) -> None:
        """Order the entries by key and, within a key, by row; numpy sorts 16-bit numbers by radix."""
        small = ids.astype(np.uint16) if len(self._names) <= 65_536 else ids
        self._order = np.argsort(small, kind="stable")
        self._rows = row_of[self._order]
        self._bounds = [0, *np.cumsum(np.bincount(ids, minlength=len(self._names))).tolist()]
        sorted_ids = small[self._order]
        again = (self._rows[1:] == self._rows[:-1]) & (sorted_ids[1:] == sorted_ids[:-1])
        self._repeats = bool(again.any())

    @property
    def keys(self) -> list[str]:
        """Every distinct key, in the order of first appearance."""
        return self._names

    def __contains__(self, key: object) -> bool:
        return key in self._ids

    def rows(self, key: str) -> Rows:
        """The rows that have `key`, ascending, each once; no value is touched."""
        at = self._ids.get(key)
        if at is None:
            return _NO_ROWS
        rows = self._rows[self._bounds[at] : self._bounds[at + 1]]
        return rows[_first(rows)] if self._repeats else rows

    def prepare(self, keys: Iterable[str]) -> None:
        """Gather the values of several keys in one go, as they will all be asked for."""
        wanted = [(key, self._ids[key]) for key in keys if key in self._ids and key not in self._seen]
        if not wanted:
            return
        slices = [slice(self._bounds[at], self._bounds[at + 1]) for _, at in wanted]
        values = self._values.take(pa.array(np.concatenate([self._order[part] for part in slices])))
        done = 0
        for (key, _), part in zip(wanted, slices, strict=True):
            size = part.stop - part.start
            self._seen[key] = self._once(self._rows[part], values.slice(done, size), self._types[part])
            done += size

    def entries(self, key: str) -> Entries:
        """The entries of `key`; empty when no row has it. Kept, so that a second look is free."""
        found = self._seen.get(key)
        if found is None:
            self.prepare([key])
            found = self._seen.setdefault(key, Entries(_NO_ROWS, pa.array([], pa.string()), _NO_TYPES))
        return found

    def _once(self, rows: Rows, values: pa.StringArray, types: npt.NDArray[np.uint8]) -> Entries:
        """The first entry of each row."""
        if not self._repeats:
            return Entries(rows, values, types)
        once = _first(rows)
        return Entries(rows[once], values.filter(pa.array(once)), types[once] if len(types) else types)


def _first(rows: Rows) -> npt.NDArray[np.bool_]:
    return np.concatenate(([True], rows[1:] != rows[:-1])) if len(rows) else np.empty(0, dtype=bool)


def _type_codes(types: pa.StringArray, entries: int) -> npt.NDArray[np.uint8]:
    """All type codes in one array; strings everywhere where they do not go one to one with the entries (a batch made by hand)."""
    text = "".join(types.to_pylist()).encode()
    return np.frombuffer(text, dtype=np.uint8) if len(text) == entries else np.full(entries, ord("s"), dtype=np.uint8)
