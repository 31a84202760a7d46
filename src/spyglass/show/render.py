"""Rows as JSON: times are ISO 8601 with nanoseconds and Z, ids are hex, maps are objects, what is not a number in JSON is null."""

from __future__ import annotations

from typing import Any

import orjson
import pyarrow as pa
import pyarrow.compute as pc
from starlette.responses import JSONResponse

from spyglass.model.times import iso, iso_texts

__all__ = ["Json", "iso", "rows"]


class Json(JSONResponse):
    """A JSON answer; bytes become hex, named tuples objects."""

    def render(self, content: Any) -> bytes:
        """Orjson, with hex for bytes."""
        return orjson.dumps(content, default=_default, option=orjson.OPT_NON_STR_KEYS)


def rows(table: pa.Table) -> list[dict[str, Any]]:
    """Each row as an object, ready for `Json`."""
    columns = {name: _plain(table[name].combine_chunks()) for name in table.column_names}
    lists = {name: column.to_pylist() for name, column in columns.items()}
    return [dict(zip(lists, values, strict=True)) for values in zip(*lists.values(), strict=True)]


def _plain(column: pa.Array | pa.ChunkedArray) -> pa.Array:
    """The column with its times as text, at any depth; maps stay lists of pairs for `_default` and `pairs`."""
    if isinstance(column, pa.ChunkedArray):
        column = pa.concat_arrays(column.chunks) if column.num_chunks else pa.array([], column.type)
    if pa.types.is_timestamp(column.type):
        return iso_texts(column)
    if pa.types.is_struct(column.type):
        names = [field.name for field in column.type]
        return pa.StructArray.from_arrays([_plain(part) for part in column.flatten()], names)
    if pa.types.is_list(column.type) and (pa.types.is_struct(column.type.value_type) or pa.types.is_timestamp(column.type.value_type)):
        offsets = pc.subtract(column.offsets, column.offsets[0])
        return pa.ListArray.from_arrays(offsets, _plain(column.flatten()))
    return column


def _default(value: Any) -> Any:
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, tuple) and hasattr(value, "_asdict"):
        return value._asdict()
    raise TypeError(f"{type(value).__name__} is not JSON")
