"""One bucket while it is open: figures of spans in as they come, a row per key out when it is over.

Whatever comes is added up at once, so that the end of a bucket does not wait for all of it. Keys are numbers (`stats/digest.py`): to sort and group ten
thousand agents' names anew takes a tenth of a second.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from spyglass.analyze.stats.digest import Numbers, combined, of_names

__all__ = ["Bucket", "numbers_of"]

Whole = npt.NDArray[np.intp]
Sums = npt.NDArray[np.int64]


def numbers_of(rows: pa.Table, keys: Sequence[str]) -> Numbers:
    """A number for each row, the same for the same keys."""
    return combined(*(of_names(rows[key]) for key in keys))


class Bucket:
    """Sums and slowest calls by key."""

    def __init__(self, sums: Sequence[str], slowest: Sequence[str]) -> None:
        """`slowest`: the columns of a duration, and of the ids of its span."""
        self._names, self._slowest_names = sums, slowest
        self._places: dict[int, int] = {}
        self._keys: list[pa.Table] = []
        self._sums: Sums = np.zeros((len(sums), 0), np.int64)
        self._slowest: Sums = np.zeros(0, np.int64)
        self._ids: Numbers = np.zeros((0, 3), np.uint64)

    def __len__(self) -> int:
        return len(self._places)

    def add(self, numbers: Numbers, keys: pa.Table, figures: pa.Table) -> None:
        """More of it: the number of each row's key, the keys, and what is to be added up."""
        unique, first, which = np.unique(numbers, return_index=True, return_inverse=True)
        known = np.array([self._places.get(number, -1) for number in unique.tolist()], np.intp)
        fresh = np.flatnonzero(known < 0)
        known[fresh] = np.arange(len(self), len(self) + len(fresh))
        self._places.update(zip(unique[fresh].tolist(), known[fresh].tolist(), strict=True))
        if len(fresh):
            self._keys.append(keys.take(pa.array(first[fresh])))
            self._grow(len(fresh))
        order = np.argsort(which, kind="stable")
        begins = np.searchsorted(which[order], np.arange(len(unique)))
        for at, name in enumerate(self._names):
            self._sums[at, known] += np.add.reduceat(figures[name].to_numpy()[order], begins)
        self._compare(known, which, figures)

    def table(self) -> pa.Table:
        """Each key once, in an order that does not depend on how rows came."""
        order = np.argsort(np.fromiter(self._places, np.uint64, len(self)))
        duration, trace, span = self._slowest_names
        ids = np.frombuffer(self._ids[order].astype(">u8").tobytes(), np.uint8).reshape(len(self), 24)
        table = pa.concat_tables(self._keys).take(pa.array(order)).combine_chunks()
        for at, name in enumerate(self._names):
            table = table.append_column(name, pa.array(self._sums[at, order]))
        table = table.append_column(duration, pa.array(self._slowest[order]))
        for name, part in ((trace, ids[:, :16]), (span, ids[:, 16:])):
            kept = pa.FixedSizeBinaryArray.from_buffers(pa.binary(part.shape[1]), len(self), [None, pa.py_buffer(part.tobytes())])
            table = table.append_column(name, kept)
        return table

    def _grow(self, more: int) -> None:
        self._sums = np.concatenate([self._sums, np.zeros((len(self._names), more), np.int64)], axis=1)
        self._slowest = np.concatenate([self._slowest, np.full(more, -1)])
        self._ids = np.concatenate([self._ids, np.zeros((more, 3), np.uint64)])

    def _compare(self, places: Whole, which: Whole, figures: pa.Table) -> None:
        """The slowest call; of equals, the one with the smallest ids."""
        duration, *names = self._slowest_names
        lasted = figures[duration].to_numpy()
        longest = np.full(len(places), -1)
        np.maximum.at(longest, which, lasted)
        most = np.flatnonzero((lasted == longest[which]) & (lasted >= self._slowest[places[which]]))
        if not len(most):
            return
        taken = figures.select(names).take(pa.array(most))
        ids = np.concatenate([_words(column) for column in taken.columns], axis=1)
        own = places[which[most]]
        held = (lasted[most] == self._slowest[own]) & ~_less(ids, self._ids[own])
        order = np.flatnonzero(~held)
        order = order[np.lexsort((*ids[order].T[::-1], own[order]))][::-1]
        self._slowest[own[order]], self._ids[own[order]] = lasted[most][order], ids[order]  # the smallest is written last


def _words(column: pa.ChunkedArray) -> Numbers:
    """Ids as numbers that are ordered as they are."""
    array = column.combine_chunks()
    width = array.type.byte_width
    data = np.frombuffer(array.buffers()[1], np.uint8)[array.offset * width : (array.offset + len(array)) * width]
    return data.view(">u8").reshape(len(array), width // 8).astype(np.uint64)


def _less(left: Numbers, right: Numbers) -> npt.NDArray[np.bool_]:
    """Row by row, the first word that differs decides."""
    found = np.zeros(len(left), np.bool_)
    for at in reversed(range(left.shape[1])):
        found = (left[:, at] < right[:, at]) | ((left[:, at] == right[:, at]) & found)
    return found
