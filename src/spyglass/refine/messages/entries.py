"""Attributes and span events of a batch, as far as messages need them: by key, by beginning of a key, by name of an event.

In: columns of a batch. Out: positions of entries, and their rows and values. Keys are compared once per distinct key.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from spyglass.model.columns import flat
from spyglass.refine.leaves import Ints, data, offsets

__all__ = ["Entries", "SpanEvents"]


_IS_OTLP: Final = np.isin(np.arange(256), [ord("A"), ord("K")])


class Entries:
    """The entries of an attribute column of n rows, in order of their rows."""

    def __init__(self, column: pa.MapArray, types: pa.StringArray) -> None:
        ends = offsets(column)
        first = column.offsets[0].as_py() if len(column) else 0
        keys = column.keys.slice(first, int(ends[-1])).dictionary_encode()
        self._values = column.items.slice(first, int(ends[-1]))
        self._ids = keys.indices.to_numpy(zero_copy_only=False)
        self.names: list[str] = keys.dictionary.to_pylist()
        self._places = {name: i for i, name in enumerate(self.names)}
        self._ends = ends
        codes = np.frombuffer(data(types), np.uint8)
        self._codes = codes if len(codes) == len(self._ids) else np.full(len(self._ids), ord("s"), np.uint8)

    def __contains__(self, key: str) -> bool:
        return key in self._places

    def of(self, key: str) -> Ints:
        """Positions of the entries with this key."""
        place = self._places.get(key)
        return np.empty(0, np.int64) if place is None else np.flatnonzero(self._ids == place)

    def below(self, prefix: str) -> Ints:
        """Positions of the entries whose key goes on after `prefix` with a dot and a number."""
        start = f"{prefix}."
        places = [i for i, name in enumerate(self.names) if name.startswith(start) and name[len(start) : len(start) + 1].isdecimal()]
        return np.flatnonzero(np.isin(self._ids, places)) if places else np.empty(0, np.int64)

    def rows(self, positions: Ints) -> Ints:
        """The rows of these entries."""
        return np.searchsorted(self._ends, positions, side="right") - 1

    def numbered(self, positions: Ints, prefix: str) -> tuple[Ints, list[str]]:
        """Of keys `<prefix>.<number>.<rest>` the numbers and the rests; a key is taken apart once."""
        start = len(prefix) + 1
        apart = {place: self.names[place][start:].partition(".") for place in np.unique(self._ids[positions]).tolist()}
        places = self._ids[positions].tolist()
        numbers = {place: int(told[0]) if told[0].isdecimal() else 0 for place, told in apart.items()}
        return np.array([numbers[place] for place in places], np.int64), [apart[place][2] for place in places]

    def texts(self, positions: Ints) -> list[str]:
        """Their values."""
        return list(self._values.take(pa.array(positions)).to_pylist())

    def values(self, positions: Ints) -> list[bytes]:
        """Their values as UTF-8."""
        return list(self._values.take(pa.array(positions)).cast(pa.binary()).to_pylist())

    def are_otlp(self, positions: Ints) -> list[bool] | None:
        """Which of them are in OTLP's own form of lists and maps (`schema.py`); None: none."""
        flags = _IS_OTLP[self._codes[positions]]
        return list(flags.tolist()) if flags.any() else None


class SpanEvents:
    """The span events of a batch."""

    def __init__(self, column: pa.ListArray, wanted: Iterable[str]) -> None:
        """Only events with a wanted name are looked at."""
        ends = offsets(column)
        first = column.offsets[0].as_py() if len(column) else 0
        self._events = column.values.slice(first, int(ends[-1]))
        self._ends = ends
        self.at: npt.NDArray[np.int64] = np.empty(0, np.int64)
        if len(self._events):
            names = self._events.field("name").dictionary_encode()
            words = set(wanted)
            places = [i for i, name in enumerate(names.dictionary.to_pylist()) if name in words]
            if places:
                self.at = np.flatnonzero(np.isin(names.indices.to_numpy(zero_copy_only=False), places))

    def by_row(self) -> dict[int, list[tuple[str, dict[str, str], dict[str, str]]]]:
        """The wanted events of each row that has some, in order of their times: name, attributes, type codes of the attributes."""
        if not len(self.at):
            return {}
        rows = np.searchsorted(self._ends, self.at, side="right") - 1
        some = self._events.take(pa.array(self.at))
        times = some.field("time").cast(pa.int64()).to_pylist()
        columns = zip(rows.tolist(), times, *(some.field(name).to_pylist() for name in ("name", "attributes", "attribute_types")), strict=True)
        found: dict[int, list[tuple[int, str, dict[str, str], dict[str, str]]]] = {}
        for row, time, name, attributes, types in columns:
            codes = dict(zip((key for key, _ in attributes), types, strict=False))
            found.setdefault(row, []).append((time or 0, name, dict(attributes), codes))
        return {row: [told[1:] for told in sorted(events, key=lambda told: told[0])] for row, events in found.items()}


def columns_of(rows: pa.Table) -> tuple[pa.MapArray, pa.StringArray]:
    """The attributes of a table and their type codes, each as one array."""
    return flat(rows["attributes"]), flat(rows["attribute_types"])
