"""Promises about CSV: the same values as JSON, whatever is in the columns."""

from __future__ import annotations

import csv
import io

import pyarrow as pa

from spyglass.show.tabular import readable, to_csv


def read(table: pa.Table) -> list[list[str]]:
    return list(csv.reader(io.StringIO(to_csv(table).decode())))


def test_ids_are_hex_and_times_are_iso() -> None:
    """At any depth; what is nested is JSON, what is null is empty."""
    table = pa.table(
        {
            "trace_id": pa.array([b"\x0a" * 16], pa.binary(16)),
            "time": pa.array([1_500_000_000_123_456_789]).cast(pa.timestamp("ns", tz="UTC")),
            "hashes": pa.array([[b"\x01\x02"]], pa.list_(pa.binary(2))),
            "ok": pa.array([True]),
            "none": pa.array([None], pa.int64()),
            "cost": pa.array([0.25]),
        }
    )
    names, values = read(table)
    assert names == table.column_names
    assert values == ["0a" * 16, "2017-07-14T02:40:00.123456789Z", '["0102"]', "true", "", "0.25"]


def test_texts_come_back_as_they_were() -> None:
    """Commas, quotes, line ends; columns of one name, and no rows."""
    texts = ["a,b", 'say "x"', "two\nlines", ""]
    assert [row[0] for row in read(pa.table({"t": texts}))[1:]] == texts
    twice = pa.Table.from_arrays([pa.array([1]), pa.array([2])], names=["a", "a"])
    assert read(twice) == [["a", "a"], ["1", "2"]]
    assert to_csv(pa.table({"a": pa.array([], pa.int64())})) == b"a\n"


def test_bytes_that_are_no_text_are_replaced() -> None:
    """Instead of failing the answer."""
    broken = pa.StringArray.from_buffers(2, pa.py_buffer(b"\0\0\0\0\1\0\0\0\2\0\0\0"), pa.py_buffer(b"\xffx"))
    assert readable(pa.table({"t": broken}))["t"].to_pylist() == ["\N{REPLACEMENT CHARACTER}", "x"]
