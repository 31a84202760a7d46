"""Our own Parquet files."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from spyglass.cli.formats.parquet import Writer
from spyglass.decode.encode import encode
from spyglass.decode.pieces import Skipped
from spyglass.model.schema import SCHEMAS, Kind
from spyglass.testing.rows import events, points, spans


def written(kind: Kind, *pages: pa.Table) -> bytes:
    """A file with these pages."""
    out = io.BytesIO()
    writer = Writer(out, kind)
    for page in pages:
        writer.add(page)
    writer.close()
    return out.getvalue()


@pytest.mark.parametrize(("kind", "make"), [(Kind.SPAN, spans), (Kind.EVENT, events), (Kind.POINT, points)])
def test_every_column_reads_back(read: Any, kind: Kind, make: Callable[..., pa.Table]) -> None:
    """By us as OTLP, and by anybody as a table of the documented columns."""
    rows = make(100)
    data = written(kind, rows.slice(0, 60), rows.slice(60))
    assert pq.read_table(io.BytesIO(data)).replace_schema_metadata(None).equals(rows.cast(SCHEMAS[kind]))
    assert b"".join(item.data for item in read(data)) == encode(kind, rows)


def test_a_file_without_rows_is_whole(read: Any) -> None:
    """It has its columns."""
    data = written(Kind.POINT)
    assert pq.read_schema(io.BytesIO(data)).names == SCHEMAS[Kind.POINT].names
    assert read(data) == []


def test_the_kind_is_seen_from_the_columns_too(read: Any) -> None:
    """Where another tool has rewritten the file and dropped our mark."""
    out = io.BytesIO()
    pq.write_table(events(10).replace_schema_metadata(None), out)
    assert [item.signal for item in read(out.getvalue())] == ["logs"]


@pytest.mark.parametrize("table", [pa.table({"a": [1]}), pa.table({"metric": ["m"]})])
def test_a_table_of_something_else_is_told(read: Any, table: pa.Table) -> None:
    """With what is missing."""
    out = io.BytesIO()
    pq.write_table(table, out)
    (item,) = read(out.getvalue())
    assert isinstance(item, Skipped)
    assert "column" in item.reason


def test_a_damaged_file_is_told(read: Any) -> None:
    """Not shown as a traceback."""
    (item,) = read(written(Kind.SPAN, spans(10))[:-40])
    assert isinstance(item, Skipped)
    assert "cannot be read" in item.reason
