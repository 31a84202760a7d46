"""Collecting a field from its sources: the first usable value of each row stays.

In: for one field, sources in order, each offering values for some rows. Out: the field as a column of n rows.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from spyglass.refine.patterns import Mask

__all__ = ["Converter", "Doubtful", "Flags", "Lists", "Numbers", "Rows", "Texts", "constant"]

Rows = npt.NDArray[np.int64]

_INTERNED: Final = 256  # texts up to this length are converted once and remembered
_REMEMBERED: Final = 2_048  # texts that one converter remembers; then it forgets them all
_constants: dict[pa.DataType, pa.Array] = {}


def constant(value: Any, type_: pa.DataType, n: int) -> pa.Array:
    """One type's empty value, n times: a slice of an array that is kept."""
    kept = _constants.get(type_)
    if kept is None or len(kept) < n:
        kept = _constants[type_] = pa.repeat(pa.scalar(value, type_), max(n, 8_192))
    return kept.slice(0, n)


class Converter:
    """A function over single texts, applied to each distinct text once and remembered."""

    def __init__(self, function: Callable[[str], Any]) -> None:
        self._function = function
        self._known: dict[str, Any] = {}

    def __call__(self, text: str) -> Any:
        """The value for a text; None where it has none."""
        if len(text) > _INTERNED:
            return self._function(text)
        if text in self._known:
            return self._known[text]
        if len(self._known) >= _REMEMBERED:
            self._known.clear()
        found = self._known[text] = self._function(text)
        return found

    def distinct(self, values: pa.StringArray) -> tuple[list[Any], npt.NDArray[np.int64]]:
        """The converted distinct values, and for each value the place of its own there."""
        encoded = values.dictionary_encode()
        return [self(text) for text in encoded.dictionary.to_pylist()], encoded.indices.to_numpy(zero_copy_only=False).astype(np.int64)


_QUOTES_OR_SPACE: Final = np.isin(np.arange(256), [ord(c) for c in "\"' \t\r\n"])
_LONGEST_ABSENT: Final = 12  # characters, spaces around it included


class Doubtful:
    """Finds the texts that may say nothing or are in quotes, by their length and first byte: everything else is taken as it is."""

    def __init__(self, absent: frozenset[str]) -> None:
        self._first = np.isin(np.arange(256), [ord(word[0]) for word in absent if word])

    def __call__(self, values: pa.StringArray) -> Mask:
        """Which values need a closer look."""
        _, offsets, data = values.buffers()
        bounds = np.frombuffer(offsets, dtype=np.int32)[values.offset : values.offset + len(values) + 1]
        lengths = np.diff(bounds)
        empty: Mask = lengths == 0
        if data is None or not data.size:
            return empty
        first = np.frombuffer(data, dtype=np.uint8)[np.minimum(bounds[:-1], data.size - 1)]
        doubtful: Mask = empty | _QUOTES_OR_SPACE[first] | (self._first[first] & (lengths <= _LONGEST_ABSENT))
        return doubtful


class Texts:
    """A text column in the making."""

    def __init__(self, n: int, doubtful: Doubtful, unquote: Converter) -> None:
        self.free: Mask = np.ones(n, dtype=bool)
        self._n = n
        self._doubtful = doubtful
        self._unquote = unquote
        self._chunks: list[pa.StringArray] = []
        self._at: Rows = np.full(n, -1, dtype=np.int64)
        self._base = 0
        self._done: pa.StringArray | None = None

    def offer(self, rows: Rows, values: pa.StringArray, convert: Converter | None) -> None:
        """Values for free rows; those which say nothing leave their row free."""
        self._done = None
        usable, values = self._converted(values, convert) if convert else self._plain(values)
        places = np.arange(self._base, self._base + len(values))
        if usable is not None:
            rows, places = rows[usable], places[usable]
        self._at[rows] = places
        self.free[rows] = False
        self._chunks.append(values)
        self._base += len(values)

    def _plain(self, values: pa.StringArray) -> tuple[Mask | None, pa.StringArray]:
        """Values as they are; only the doubtful ones are looked at."""
        doubtful = self._doubtful(values)
        if not doubtful.any():
            return None, values
        at = np.flatnonzero(doubtful)
        mended = [self._unquote(text) for text in values.take(pa.array(at)).to_pylist()]
        usable = np.ones(len(values), dtype=bool)
        usable[at[[text is None for text in mended]]] = False
        return usable, pc.replace_with_mask(values, pa.array(doubtful), pa.array(mended, pa.string()))

    @staticmethod
    def _converted(values: pa.StringArray, convert: Converter) -> tuple[Mask | None, pa.StringArray]:
        distinct, places = convert.distinct(values)
        array = pa.array(distinct, pa.string()).take(pa.array(places))
        return (array.is_valid().to_numpy(zero_copy_only=False) if array.null_count else None), array

    def done(self) -> pa.StringArray:
        """The column; "" where no source had a value. Asked again it is the same."""
        if self._done is None:
            self._done = self._made()
        return self._done

    def _made(self) -> pa.StringArray:
        if not self._chunks:
            return constant("", pa.string(), self._n)
        values = self._chunks[0] if len(self._chunks) == 1 else pa.concat_arrays(self._chunks)
        if len(values) == self._n and not self.free.any() and (self._at == np.arange(self._n)).all():
            return values
        empty = self._at < 0
        return values.take(pa.array(self._at, mask=empty)).fill_null("") if empty.any() else values.take(pa.array(self._at))


class Numbers:
    """A number column in the making: `values`, and `told` where a source had one."""

    def __init__(self, n: int, *, zero: bool) -> None:
        self.free: Mask = np.ones(n, dtype=bool)
        self.values = np.zeros(n, dtype=np.float64)
        self._zero = zero

    @property
    def told(self) -> Mask:
        """The rows that have a value."""
        return ~self.free

    def offer(self, rows: Rows, values: npt.NDArray[np.float64]) -> None:
        """Values for free rows; NaN and what is below zero leave their row free."""
        usable = values >= 0 if self._zero else values > 0
        if not usable.all():
            rows, values = rows[usable], values[usable]
        self.values[rows] = values
        self.free[rows] = False


class Flags:
    """A column of truth values in the making."""

    def __init__(self, n: int) -> None:
        self.free: Mask = np.ones(n, dtype=bool)
        self.values = np.zeros(n, dtype=bool)

    def offer(self, rows: Rows, values: pa.StringArray, convert: Converter) -> None:
        """Values for free rows; what is neither true nor false leaves its row free."""
        distinct, places = convert.distinct(values)
        known = np.array([value is not None for value in distinct], dtype=bool)[places]
        self.values[rows[known]] = np.array([bool(value) for value in distinct], dtype=bool)[places][known]
        self.free[rows[known]] = False


class Lists:
    """A column of lists of words in the making."""

    def __init__(self, n: int) -> None:
        self.free: Mask = np.ones(n, dtype=bool)
        self._lists: list[list[str]] = [[]]
        self._at: Rows = np.zeros(n, dtype=np.int64)

    def offer(self, rows: Rows, values: pa.StringArray, convert: Converter) -> None:
        """Values for free rows; empty lists leave their row free."""
        distinct, places = convert.distinct(values)
        at = np.array([self._place(found) for found in distinct], dtype=np.int64)[places]
        rows, at = rows[at > 0], at[at > 0]
        self._at[rows] = at
        self.free[rows] = False

    def _place(self, found: list[str] | None) -> int:
        if not found:
            return 0
        self._lists.append(found)
        return len(self._lists) - 1

    def words(self) -> set[str]:
        """Every word of any row's list."""
        return {word for found in self._lists for word in found}

    def has(self, word: str) -> Mask:
        """The rows whose list contains `word`."""
        return np.array([word in found for found in self._lists], dtype=bool)[self._at]

    def done(self) -> pa.ListArray:
        """The column; an empty list where no source had one."""
        return pa.array(self._lists, pa.list_(pa.string())).take(pa.array(self._at))
