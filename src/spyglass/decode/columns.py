"""Small operations on Arrow columns and numpy arrays which the signals share. n rows in, n rows out; nothing goes row by row."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from spyglass.decode import rules
from spyglass.model.schema import TIME

__all__ = [
    "Index",
    "Issues",
    "Mask",
    "any_of",
    "choose",
    "each_distinct",
    "empty_texts",
    "filled",
    "first_texts",
    "flat",
    "identifiers",
    "lists",
    "map_bytes",
    "marked",
    "matches",
    "no_lists",
    "numbers",
    "owners",
    "plausible",
    "repeated",
    "times",
    "unsigned",
    "words",
]

Index = NDArray[np.int64]
Mask = NDArray[np.bool_]


def flat(column: pa.Array) -> tuple[pa.Array, Index]:
    """The members of a list column, and where each list's members start (n + 1 positions, from 0)."""
    offsets = column.offsets.to_numpy().astype(np.int64)
    first, last = int(offsets[0]), int(offsets[-1])
    return column.values.slice(first, last - first), offsets - first  # `flatten` would look for nulls, and ptars has none


def owners(offsets: Index) -> Index:
    """The row to which each member belongs."""
    return np.repeat(np.arange(len(offsets) - 1), np.diff(offsets))


def no_lists(count: int, members: pa.Array) -> pa.Array:
    """A column of empty lists of what `members`, an empty column, would hold."""
    return pa.Array.from_buffers(pa.list_(members.type), count, [None, pa.py_buffer(bytes((count + 1) * 4))], children=[members])


def lists(offsets: Index, members: pa.Array) -> pa.Array:
    """A list column with these members."""
    return pa.Array.from_buffers(pa.list_(members.type), len(offsets) - 1, [None, pa.py_buffer(offsets.astype(np.int32))], children=[members])


def any_of(offsets: Index, members: Mask) -> Mask:
    """Whether a list has a member that is marked."""
    found = np.zeros(len(offsets) - 1, bool)
    found[owners(offsets)[members]] = True
    return found


def repeated(columns: Mapping[str, pa.Array], index: Index) -> dict[str, pa.Array]:
    """The values of columns of one length at these positions."""
    rows = pa.StructArray.from_arrays([*columns.values()], [*columns])
    if len(index) == len(rows) and bool((index == np.arange(len(index))).all()):
        return dict(columns)
    taken = pc.take(rows, pa.array(index), boundscheck=False)
    return {name: taken.field(place) for place, name in enumerate(columns)}


def numbers(column: pa.Array, kind: Any = None) -> NDArray[Any]:
    """The numbers of a column without nulls, or with nulls as 0."""
    array: NDArray[Any] = (column.fill_null(0) if column.null_count else column).to_numpy(zero_copy_only=False)
    return array if kind is None else array.astype(kind, copy=False)


def times(values: NDArray[Any]) -> pa.Array:
    """Timestamps from nanoseconds; uint64 beyond 2262 wraps, the bits stay."""
    return pa.Array.from_buffers(TIME, len(values), [None, pa.py_buffer(np.ascontiguousarray(values))])


def unsigned(values: NDArray[Any]) -> pa.Array:
    """A uint64 column."""
    return pa.array(values.astype(np.uint64, copy=False))


def words(names: pa.Array, index: NDArray[Any]) -> pa.Array:
    """`names[index[i]]` for each row."""
    return pc.take(names, pa.array(index), boundscheck=False)


def empty_texts(count: int) -> pa.Array:
    """A column of empty texts."""
    return pa.Array.from_buffers(pa.string(), count, [None, pa.py_buffer(bytes((count + 1) * 4)), pa.py_buffer(b"")])


def marked(rows: Index, count: int) -> Mask:
    """`count` rows, of which these are marked."""
    mask = np.zeros(count, bool)
    mask[rows] = True
    return mask


def filled(texts: pa.Array) -> Mask:
    """Which texts are not empty."""
    return numbers(pc.binary_length(texts)) > 0


def choose(where: Mask, one: pa.Array, other: pa.Array) -> pa.Array:
    """`one` in the marked rows, `other` in the rest."""
    if where.all():
        return one
    return pc.if_else(pa.array(where), one, other) if where.any() else other


def matches(texts: pa.Array, pattern: str) -> Mask:
    """Which texts match a regular expression (RE2)."""
    return numbers(pc.match_substring_regex(texts, pattern))


def each_distinct(texts: pa.Array, function: Callable[[str], str]) -> pa.Array:
    """`function` of each text, called once per distinct text."""
    distinct = texts.dictionary_encode()
    return pc.take(pa.array([function(text) for text in distinct.dictionary.to_pylist()], pa.string()), distinct.indices)


def plausible(told: NDArray[np.uint64], received: Index) -> Mask:
    """`rules.plausible` for columns."""
    return (told >= np.uint64(rules.EARLIEST_NS)) & (told <= (received + rules.AHEAD_NS).astype(np.uint64))


def identifiers(column: Any, width: int) -> tuple[pa.Array, Mask, Mask]:
    """Trace or span ids of fixed width, zeros where there is none; which rows had one, and which had one of another length."""
    _, ends, data = column.buffers()
    positions = np.frombuffer(ends, np.int32, len(column) + 1, column.offset * 4) if len(column) else np.zeros(1, np.int32)
    sizes = np.diff(positions)
    good, bad = sizes == width, (sizes != width) & (sizes != 0)
    found: NDArray[np.uint8] = np.frombuffer(data, np.uint8) if data and data.size else np.zeros(0, np.uint8)
    out = np.zeros((len(column), width), np.uint8)
    if bad.any():
        out[good] = found[positions[:-1][good][:, None] + np.arange(width)]
    else:
        out[good] = found[positions[0] : positions[-1]].reshape(-1, width)
    good[good] = out[good].any(axis=1)
    return pa.Array.from_buffers(pa.binary(width), len(column), [None, pa.py_buffer(out)]), good, bad


def map_bytes(maps: Any) -> Index:
    """Bytes of names and texts of each map."""
    ends = maps.offsets.to_numpy()
    sizes = np.zeros(len(maps.keys) + 1, np.int64)
    lengths = pc.add(pc.binary_length(maps.keys), pc.binary_length(maps.items))
    np.cumsum(lengths.to_numpy(zero_copy_only=False), out=sizes[1:])
    per_map: Index = np.diff(sizes[ends])
    return per_map


def first_texts(maps: Any, groups: Sequence[Sequence[str]]) -> list[pa.Array]:
    """For each group of names: the first text that is not empty, by the order of the names, then of the entries; "" where there is none."""
    if len(maps.keys) <= _FEW:
        rows = [_told(row) for row in maps.to_pylist()]
        return [pa.array([_first(row, group) for row in rows], pa.string()) for group in groups]
    keys, texts, ends = maps.keys, maps.items, maps.offsets.to_numpy()
    names = [name for group in groups for name in group]
    which = pc.index_in(keys, pa.array(names)).fill_null(-1).to_numpy(zero_copy_only=False)
    hits = np.flatnonzero(which >= 0)
    hits = hits[pc.binary_length(texts.take(pa.array(hits))).to_numpy(zero_copy_only=False) > 0][::-1]
    rows, which, number = np.searchsorted(ends, hits, side="right") - 1, which[hits], 0
    columns = []
    for group in groups:
        found = np.full(len(maps), -1, np.int64)
        for name in range(number, number + len(group))[::-1]:
            mine = which == name
            found[rows[mine]] = hits[mine]  # of repeated rows the last is kept: the first entry, since hits run backwards
        number += len(group)
        told = found >= 0
        columns.append(pc.fill_null(texts.take(pa.array(found, mask=~told)), "") if told.any() else empty_texts(len(maps)))
    return columns


def _told(entries: list[tuple[str, str]]) -> dict[str, str]:
    return {name: text for name, text in reversed(entries) if text}


def _first(told: dict[str, str], names: Sequence[str]) -> str:
    return next((told[name] for name in names if name in told), "")


_FEW: Final = 200  # entries; fewer are faster one by one
_NO_TEXTS: Final = pa.array([], pa.string())


class Issues:
    """What is wrong with the rows, gathered kind by kind; a row tells its issues in the order in which the kinds were marked."""

    def __init__(self, count: int) -> None:
        self._count = count
        self._rows: list[Index] = []
        self._texts: list[str] = []
        self._codes: list[NDArray[np.int64]] = []

    def mark(self, where: Mask, text: str) -> None:
        """`text` is an issue of these rows."""
        rows = np.flatnonzero(where)
        if len(rows):
            self.mark_rows(rows, [text], np.zeros(len(rows), np.int64))

    def mark_unknown(self, where: Mask, issue: str, found: NDArray[Any]) -> None:
        """A number that has no word: `issue` with the number itself."""
        rows = np.flatnonzero(where)
        if len(rows):
            values, codes = np.unique(found[rows], return_inverse=True)
            self.mark_rows(rows, [f"{issue}_unknown:{value}" for value in values.tolist()], codes)

    def mark_rows(self, rows: Index, texts: list[str], codes: NDArray[np.int64]) -> None:
        """`texts[codes[i]]` is an issue of row `rows[i]`."""
        self._rows.append(rows)
        self._codes.append(codes + len(self._texts))
        self._texts += texts

    def column(self) -> pa.Array:
        """The issues of each row, list<string>."""
        if not self._rows:
            return no_lists(self._count, _NO_TEXTS)
        rows = np.concatenate(self._rows)
        order = np.argsort(rows, kind="stable")
        offsets = np.zeros(self._count + 1, np.int64)
        np.cumsum(np.bincount(rows, minlength=self._count), out=offsets[1:])
        return lists(offsets, words(pa.array(self._texts, pa.string()), np.concatenate(self._codes)[order]))
