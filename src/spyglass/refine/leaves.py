"""The texts inside Arrow columns, however deep: as flat arrays to look at, and put back where they were.

In: a column of strings, maps, lists and structs. Out: its leaves (one flat string array each), or the column with other leaves.
Nothing is copied on the way down: a leaf is a view of the column's buffers.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Literal

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from spyglass.model.columns import flat

__all__ = ["Ints", "Leaf", "Path", "data", "flat", "leaves", "offsets", "replaced"]

_STRING, _MAP, _LIST, _STRUCT = pa.string().id, pa.map_(pa.string(), pa.string()).id, pa.list_(pa.null()).id, pa.struct([]).id

Ints = npt.NDArray[np.int64]
Role = Literal["text", "key", "value", "types"]
Path = tuple[str, ...]  # the column, then a field of each struct, "[]" for the items of a list, "key" or "value" for those of a map


class Leaf:
    """One flat string array of a column: m values, of which `row_of` knows the row."""

    __slots__ = ("_distinct", "bytes", "levels", "path", "role", "values")

    def __init__(self, path: Path, values: pa.StringArray, role: Role, levels: tuple[Ints, ...]) -> None:
        """`levels`: offsets of the lists and maps around it, outermost first."""
        self.path, self.values, self.role, self.levels = path, values, role, levels
        self.bytes: npt.NDArray[np.uint8] = np.frombuffer(data(values), np.uint8)  # all values end to end
        self._distinct: list[str] | None = None

    @property
    def distinct(self) -> list[str]:
        """Each value once; for keys, of which there are few."""
        if self._distinct is None:
            self._distinct = [value for value in pc.unique(self.values).to_pylist() if value]
        return self._distinct

    def row_of(self, indexes: Ints) -> Ints:
        """The rows of the column in which these values are."""
        for level in reversed(self.levels):
            indexes = np.searchsorted(level, indexes, side="right") - 1
        return indexes


def offsets(array: pa.Array) -> Ints:
    """The offsets of a string, binary, list or map array, from 0, one more than it has values."""
    if not len(array):
        return np.zeros(1, np.int64)
    raw: Ints = np.frombuffer(array.buffers()[1], np.int32, len(array) + 1, array.offset * 4).astype(np.int64)
    return raw - int(raw[0])


def data(array: pa.Array) -> memoryview:
    """The bytes of a string or binary array, end to end."""
    buffers = array.buffers()
    if not len(array) or buffers[2] is None:
        return memoryview(b"")
    first, size = _bounds(array)
    return memoryview(buffers[2])[first : first + size]


def leaves(name: str, array: pa.Array) -> Iterator[Leaf]:
    """The string arrays inside a column; of a map the keys, and directly after them the values. Attribute type codes have the role `types`."""
    yield from _leaves((name,), array, (), _role(name))


def _role(name: str) -> Role:
    return "types" if name.endswith("_types") or name == "body_type" else "text"


def _leaves(path: Path, array: pa.Array, levels: tuple[Ints, ...], role: Role) -> Iterator[Leaf]:
    if not len(array):
        return
    kind = array.type
    if kind.id == _STRING:
        yield Leaf(path, array, role, levels)
    elif kind.id == _MAP:
        inner = (*levels, offsets(array))
        keys, values = _children(array)
        yield Leaf((*path, "key"), keys, "key", inner)
        yield Leaf((*path, "value"), values, "value", inner)
    elif kind.id == _LIST:
        yield from _leaves((*path, "[]"), _child(array), (*levels, offsets(array)), role)
    elif kind.id == _STRUCT:
        for i, field in enumerate(kind):
            yield from _leaves((*path, field.name), array.field(i), levels, _role(field.name))


def replaced(path: Path, array: pa.Array, new: Mapping[Path, pa.Array]) -> pa.Array:
    """A column in which the leaves of `new` stand for those at their paths; all else is shared with `array`."""
    if path in new:
        return new[path]
    if not any(target[: len(path)] == path for target in new):
        return array
    kind = array.type
    mask = array.is_null() if array.null_count else None
    if kind.id == _MAP:
        keys, values = _children(array)
        keys, values = new.get((*path, "key"), keys), new.get((*path, "value"), values)
        return pa.MapArray.from_arrays(_int32(offsets(array)), keys, values, type=kind, mask=mask)
    if kind.id == _LIST:
        child = replaced((*path, "[]"), _child(array), new)
        return pa.ListArray.from_arrays(_int32(offsets(array)), child, type=kind, mask=mask)
    fields = [replaced((*path, field.name), array.field(i), new) for i, field in enumerate(kind)]
    return pa.StructArray.from_arrays(fields, fields=list(kind), mask=mask)


def _int32(values: Ints) -> pa.Array:
    return pa.array(values.astype(np.int32), pa.int32())


def _bounds(array: pa.Array) -> tuple[int, int]:
    """Where the children or bytes of an array start, and how many they are."""
    if not len(array):
        return 0, 0
    raw = memoryview(array.buffers()[1]).cast("i")
    first = raw[array.offset]
    return first, raw[array.offset + len(array)] - first


def _child(array: pa.ListArray) -> pa.Array:
    return array.values.slice(*_bounds(array))


def _children(array: pa.MapArray) -> tuple[pa.Array, pa.Array]:
    bounds = _bounds(array)
    return array.keys.slice(*bounds), array.items.slice(*bounds)
