"""Tables as CSV: a table comes in, its rows as text go out, with the values that JSON has: ids as hex, times as ISO 8601, what is nested as JSON."""

from __future__ import annotations

import csv
import io
from typing import Any

import orjson
import pyarrow as pa

from spyglass.show.render import rows

__all__ = ["readable", "to_csv"]


def readable(table: pa.Table) -> pa.Table:
    """The table, with text where the database gave bytes as text (`SELECT unhex('ff')`): what is no UTF-8 is replaced."""
    for at, column in enumerate(table.columns):
        try:
            column.validate(full=True)
        except pa.ArrowInvalid:
            if pa.types.is_string(column.type):
                texts = [value if value is None else value.decode("utf-8", "replace") for value in column.cast(pa.binary()).to_pylist()]
                table = table.set_column(at, table.field(at).name, pa.array(texts, pa.string()))
    return table


def to_csv(table: pa.Table) -> bytes:
    """A line with the names of the columns, and one for each row; what is null is empty."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(table.column_names)
    columns = [[_text(row["value"]) for row in rows(pa.table({"value": column}))] for column in table.columns]
    writer.writerows(zip(*columns, strict=True))
    return out.getvalue().encode()


def _text(value: Any) -> str:
    match value:
        case None:
            return ""
        case bytes():
            return value.hex()
        case bool() | list() | dict():
            return orjson.dumps(value, default=_hex, option=orjson.OPT_NON_STR_KEYS).decode()
        case _:
            return str(value)


def _hex(value: Any) -> str:
    if isinstance(value, bytes):
        return value.hex()
    raise TypeError(f"{type(value).__name__} is not JSON")
