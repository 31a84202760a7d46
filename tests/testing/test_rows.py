"""Rows for tests and benchmarks."""

from __future__ import annotations

from collections.abc import Callable

import pyarrow as pa
import pytest

from spyglass.model.schema import EVENT, MESSAGE, POINT, SPAN
from spyglass.testing.rows import events, messages, points, spans


@pytest.mark.parametrize(("make", "schema"), [(spans, SPAN), (events, EVENT), (points, POINT), (messages, MESSAGE)])
def test_every_column_is_filled(make: Callable[..., pa.Table], schema: pa.Schema) -> None:
    """The table has its schema, is valid, and has no null; no rows are rows too."""
    table = make(20)
    table.validate(full=True)
    assert table.schema == schema
    assert not [name for name in table.schema.names if table[name].null_count]
    assert make(0).schema == schema


@pytest.mark.parametrize("make", [spans, events, points])
def test_a_row_is_the_same_whoever_asks(make: Callable[..., pa.Table]) -> None:
    """Row i does not depend on how many rows are made."""
    assert pa.concat_tables([make(4), make(4, first=4)]).combine_chunks() == make(8)


def test_hashes_of_spans_are_those_of_the_messages() -> None:
    """Every message a span points at is there once."""
    table, known = spans(20), messages(20)["hash"].to_pylist()
    told = {each for name in ("input_messages", "output_messages") for row in table[name].to_pylist() for each in row}
    assert told == set(known)
    assert len(known) == len(set(known))


def test_columns_can_be_replaced() -> None:
    """A list is one value per row, anything else is repeated."""
    table = spans(2, name=["a", "b"], agent="x", issues=("late",))
    assert table.select(["name", "agent", "issues"]).to_pylist() == [
        {"name": "a", "agent": "x", "issues": ["late"]},
        {"name": "b", "agent": "x", "issues": ["late"]},
    ]


def test_a_wrong_column_is_an_error() -> None:
    """A typing mistake in a test must not pass."""
    with pytest.raises(ValueError, match="agnet"):
        spans(1, agnet="x")
    with pytest.raises(ValueError, match="expected 2 values"):
        spans(2, name=["one"])
