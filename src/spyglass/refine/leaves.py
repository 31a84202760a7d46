"""The texts inside Arrow columns, however deep: as flat arrays to look at, and put back where they were.

In: a column of strings, maps, lists and structs. Out: its leaves (one flat string array each), or the column with other leaves.
Nothing is copied on the way down: a leaf is a view of the column's buffers.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt
import pyarrow as pa

__all__ = ["Ints", "Leaf", "Path", "data", "flat", "leaves", "offsets", "replaced"]

Ints = npt.NDArray[np.int64]
Role = Literal["text", "key", "value", "types"]
Path = tuple[str, ...]  # the column, then a field of each struct, "[]" for the items of a list, "key" or "value" for those of a map


@dataclass(frozen=True, slots=True)
class Leaf:
    """One flat string array of a column: m values, of which `row_of` knows the row."""

    path: Path
    values: pa.StringArray
    role: Role
    keys: pa.StringArray | None = None  # of the values of a map, one each
    levels: tuple[Ints, ...] = ()  # offsets of the lists and maps around it, outermost first

    def row_of(self, indexes: Ints) -> Ints:
        """The rows of the column in which these values are."""
        for level in reversed(self.levels):
            indexes = np.searchsorted(level, indexes, side="right") - 1
        return indexes


def flat(column: pa.ChunkedArray | pa.Array) -> pa.Array:
    """A column as one array."""
    if isinstance(column, pa.Array):
        return column
    return column.chunk(0) if column.num_chunks == 1 else column.combine_chunks()


def offsets(array: pa.Array) -> Ints:
    """The offsets of a string, binary, list or map array, from 0, one more than it has values."""
    if not len(array):
        return np.zeros(1, np.int64)
    raw = np.frombuffer(array.buffers()[1], np.int32, len(array) + 1, array.offset * 4).astype(np.int64)
    return raw - raw[0]


def data(array: pa.Array) -> memoryview:
    """The bytes of a string or binary array, end to end."""
    buffers = array.buffers()
    if not len(array) or buffers[2] is None:
        return memoryview(b"")
    raw = np.frombuffer(buffers[1], np.int32, len(array) + 1, array.offset * 4)
    return memoryview(buffers[2])[raw[0] : raw[-1]]


def leaves(name: str, array: pa.Array) -> Iterator[Leaf]:
    """The string arrays inside a column; of a map the keys, then the values. Attribute type codes have the role `types`."""
    yield from _leaves((name,), array, (), _role(name))


def _role(name: str) -> Role:
    return "types" if name.endswith("_types") or name == "body_type" else "text"


def _leaves(path: Path, array: pa.Array, levels: tuple[Ints, ...], role: Role) -> Iterator[Leaf]:
    kind = array.type
    if pa.types.is_string(kind):
        yield Leaf(path, array, role, levels=levels)
    elif pa.types.is_map(kind):
        inner = (*levels, offsets(array))
        keys, values = _children(array)
        yield Leaf((*path, "key"), keys, "key", levels=inner)
        yield Leaf((*path, "value"), values, "value", keys, inner)
    elif pa.types.is_list(kind):
        yield from _leaves((*path, "[]"), _child(array), (*levels, offsets(array)), role)
    elif pa.types.is_struct(kind):
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
    if pa.types.is_map(kind):
        keys, values = _children(array)
        keys, values = new.get((*path, "key"), keys), new.get((*path, "value"), values)
        return pa.MapArray.from_arrays(_int32(offsets(array)), keys, values, type=kind, mask=mask)
    if pa.types.is_list(kind):
        child = replaced((*path, "[]"), _child(array), new)
        return pa.ListArray.from_arrays(_int32(offsets(array)), child, type=kind, mask=mask)
    fields = [replaced((*path, field.name), array.field(i), new) for i, field in enumerate(kind)]
    return pa.StructArray.from_arrays(fields, fields=list(kind), mask=mask)


def _int32(values: Ints) -> pa.Array:
    return pa.array(values.astype(np.int32), pa.int32())


def _bounds(array: pa.Array) -> tuple[int, int]:
    if not len(array):
        return 0, 0
    raw = np.frombuffer(array.buffers()[1], np.int32, len(array) + 1, array.offset * 4)
    return int(raw[0]), int(raw[-1] - raw[0])


def _child(array: pa.ListArray) -> pa.Array:
    return array.values.slice(*_bounds(array))


def _children(array: pa.MapArray) -> tuple[pa.Array, pa.Array]:
    bounds = _bounds(array)
    return array.keys.slice(*bounds), array.items.slice(*bounds)
