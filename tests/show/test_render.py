"""Arrow tables become JSON rows."""

from __future__ import annotations

from datetime import UTC, datetime

import orjson
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spyglass.show.render import Json, rows

NS = pa.timestamp("ns", tz="UTC")


def shown(table: pa.Table) -> list[dict[str, object]]:
    """As a client reads it."""
    return orjson.loads(Json(rows(table)).body)  # type: ignore[no-any-return]


def test_times_keep_their_nanoseconds() -> None:
    """ISO 8601, UTC, nine digits."""
    table = pa.table({"t": pa.array([1_767_225_600_123_456_789, 0], NS)})
    assert shown(table) == [{"t": "2026-01-01T00:00:00.123456789Z"}, {"t": "1970-01-01T00:00:00.000000000Z"}]


@given(st.integers(0, 2**62))
def test_a_time_reads_back(ns: int) -> None:
    """To the second by datetime, to the nanosecond by its digits."""
    [row] = shown(pa.table({"t": pa.array([ns], NS)}))
    text = str(row["t"])
    whole = datetime.fromisoformat(text[:19]).replace(tzinfo=UTC)
    assert int(whole.timestamp()) * 10**9 + int(text[20:29]) == ns


def test_bytes_are_hex() -> None:
    """Ids, alone and in lists."""
    table = pa.table({"id": pa.array([b"\0\xff"], pa.binary(2)), "ids": pa.array([[b"\1\2"]], pa.list_(pa.binary(2)))})
    assert shown(table) == [{"id": "00ff", "ids": ["0102"]}]


@pytest.mark.parametrize("number", [float("nan"), float("inf")])
def test_what_json_has_not_is_null(number: float) -> None:
    """Rather than text that no reader takes."""
    assert shown(pa.table({"n": [number]})) == [{"n": None}]


EVENTS = pa.list_(pa.struct([("time", NS), ("attributes", pa.map_(pa.string(), pa.string())), ("ids", pa.list_(pa.binary(1)))]))


@settings(max_examples=40, deadline=None)
@given(st.lists(st.lists(st.integers(0, 10**18), max_size=3), max_size=6), st.integers(0, 6), st.integers(0, 6))
def test_slices_of_nested_columns_show_their_own_rows(times: list[list[int]], first: int, count: int) -> None:
    """A page of a table has no more and no others than its rows."""
    told = [[{"time": ns, "attributes": [("k", str(ns))], "ids": [b"x"]} for ns in row] for row in times]
    page = pa.table({"events": pa.array(told, EVENTS)}).slice(first, count)
    assert [[item["attributes"] for item in row["events"]] for row in shown(page)] == [[[["k", str(ns)]] for ns in row] for row in times[first : first + count]]  # type: ignore[attr-defined]


def test_an_empty_table_has_no_rows() -> None:
    """Whatever its columns are."""
    assert rows(pa.table({"t": pa.array([], NS), "events": pa.array([], EVENTS)})) == []


def test_columns_of_several_chunks_are_one() -> None:
    """As tables that were put together have them."""
    part = pa.table({"t": pa.array([1], NS), "events": pa.array([[]], EVENTS)})
    assert len(rows(pa.concat_tables([part, part]))) == 2
