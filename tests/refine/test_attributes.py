"""The index of attributes by key."""

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spyglass.refine.attributes import Attributes

MAP = pa.map_(pa.string(), pa.string())

rows_of_entries = st.lists(st.lists(st.tuples(st.sampled_from(["a", "b", "", "ü", "a.b"]), st.text(max_size=3)), max_size=6), max_size=12)


def index(rows: list[list[tuple[str, str]]], types: list[str] | None = None) -> Attributes:
    return Attributes(pa.array(rows, MAP), None if types is None else pa.array(types))


@settings(max_examples=60)
@given(rows_of_entries)
def test_a_key_has_the_first_value_of_each_row(rows):
    """Whatever the rows, `entries` says what a walk over them says."""
    found = index(rows)
    for key in {key for row in rows for key, _ in row} | {"missing"}:
        first = [(i, next(value for name, value in row if name == key)) for i, row in enumerate(rows) if any(name == key for name, _ in row)]
        entries = found.entries(key)
        assert list(zip(entries.rows.tolist(), entries.values.to_pylist(), strict=True)) == first
        assert found.rows(key).tolist() == [i for i, _ in first]


@settings(max_examples=40)
@given(rows_of_entries, st.integers(0, 12), st.integers(0, 12))
def test_a_slice_is_indexed_like_a_copy(rows, start, length):
    """A column that is a slice of a longer one gives the entries of its own rows only."""
    column = pa.array(rows, MAP).slice(start, length)
    sliced, copied = Attributes(column), index(rows[start : start + length])
    assert sliced.keys == copied.keys
    for key in copied.keys:
        assert sliced.entries(key).values.to_pylist() == copied.entries(key).values.to_pylist()


def test_types_go_with_their_values():
    """The type code of an entry is found with it, also behind a repeated key."""
    found = index([[("a", "1"), ("b", "x"), ("a", "y")], [("b", "2")]], ["iss", "d"])
    assert found.entries("a").types.tobytes() == b"i"
    assert found.entries("b").types.tobytes() == b"sd"


def test_types_that_do_not_fit_count_as_strings():
    """A batch made by hand with too few type codes is read as text, not refused."""
    assert index([[("a", "1"), ("b", "2")]], [""]).entries("b").types.tobytes() == b"s"


def test_prepared_keys_are_the_same_as_asked_ones():
    """Gathering values of many keys at once changes nothing but the time it takes."""
    rows = [[("a", str(i)), ("b", "x" * i)] for i in range(5)]
    prepared, plain = index(rows), index(rows)
    prepared.prepare(["b", "a", "missing"])
    for key in ("a", "b", "missing"):
        assert prepared.entries(key).values.to_pylist() == plain.entries(key).values.to_pylist()


@pytest.mark.parametrize("column", [pa.array([], MAP), pa.array([[], []], MAP), pa.chunked_array([], MAP), pa.chunked_array([pa.array([[]], MAP)] * 2)])
def test_nothing_in_nothing_out(column):
    """Rows without attributes have no keys."""
    found = Attributes(column)
    assert found.keys == []
    assert len(found.entries("a")) == 0


def test_very_many_distinct_keys_are_kept_apart():
    """More keys than 16 bits can number are still told apart."""
    rows = [[(f"k{row}-{i}", str(i)) for i in range(1000)] for row in range(70)]
    found = index(rows)
    assert len(found.keys) == 70_000
    assert found.entries("k69-999").rows.tolist() == [69]
    assert np.array_equal(found.entries("k3-7").values, pa.array(["7"]))
