"""Schemas by fingerprint, so that no entry of the log carries its 73 columns: a fingerprint in, an Arrow schema out.

The current schemas are known from the code; each is also kept as a small file beside the segments, so that a later version, whose schemas
differ, still reads what this one wrote.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

import pyarrow as pa
import xxhash

from spyglass.model.schema import MESSAGE, PIECE, SCHEMAS
from spyglass.publish.files import replace

__all__ = ["Schemas", "conform", "fingerprint"]


def fingerprint(schema: pa.Schema) -> int:
    """64 bits that name a schema."""
    return int(xxhash.xxh3_64_intdigest(schema.serialize()))


_CURRENT: Final[dict[int, pa.Schema]] = {fingerprint(schema): schema for schema in (*SCHEMAS.values(), MESSAGE, PIECE)}


class Schemas:
    """Every schema that a folder's segments were written with."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._known = dict(_CURRENT)

    def keep(self) -> None:
        """Write the current schemas where they are not yet. Raises OSError."""
        for name, schema in _CURRENT.items():
            if not self._path(name).exists():
                replace(self._path(name), schema.serialize().to_pybytes())

    def get(self, name: int) -> pa.Schema | None:
        """The schema of this fingerprint; None when its file is gone or is not what it should be."""
        if name not in self._known:
            try:
                data = self._path(name).read_bytes()
            except OSError:
                return None
            if xxhash.xxh3_64_intdigest(data) != name:
                return None
            self._known[name] = pa.ipc.read_schema(pa.py_buffer(data))
        return self._known[name]

    def _path(self, name: int) -> Path:
        return self._directory / f"schema-{name:016x}.arrow"


def conform(table: pa.Table, schema: pa.Schema) -> pa.Table:
    """The table with exactly these columns: new ones are null, gone ones are left out, changed ones are cast.

    Raises:
        pa.ArrowException: a column cannot become what is wanted.
    """
    if table.schema.equals(schema):
        return table
    columns = [table[field.name].cast(field.type) if field.name in table.schema.names else pa.nulls(table.num_rows, field.type) for field in schema]
    return pa.Table.from_arrays(columns, schema=schema)
