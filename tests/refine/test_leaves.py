"""The texts inside Arrow columns."""

import numpy as np
import pyarrow as pa
import pytest

from spyglass.model.columns import flat
from spyglass.model.schema import SPAN
from spyglass.refine.leaves import leaves, replaced
from spyglass.testing.rows import spans

COLUMNS = ["attributes", "events", "links", "resource_attributes", "issues", "name", "finish_reasons"]


@pytest.mark.parametrize("column", COLUMNS)
def test_leaves_put_back_make_the_same_column(column):
    """Also of a slice, whose buffers start before and end after it."""
    array = flat(spans(120).slice(7, 90)[column])
    new = {leaf.path: pa.array(leaf.values.to_pylist(), pa.string()) for leaf in leaves(column, array)}
    again = replaced((column,), array, new)
    again.validate(full=True)
    assert again.type == SPAN.field(column).type
    assert again.equals(array)


def test_a_leaf_knows_the_rows_of_its_values():
    """Values of span events, two lists deep, included."""
    array = flat(spans(120)["events"])
    rows = [row for row, events in enumerate(array.to_pylist()) for event in events for _ in event["attributes"]]
    leaf = next(leaf for leaf in leaves("events", array) if leaf.path == ("events", "[]", "attributes", "value"))
    assert leaf.row_of(np.arange(len(leaf.values))).tolist() == rows


def test_nulls_stay_nulls():
    """A missing list or struct is not an empty one."""
    kind = pa.list_(pa.struct([("a", pa.string())]))
    array = pa.array([[{"a": "x"}, None], None, []], kind)
    new = {("c", "[]", "a"): pa.array(["y", None], pa.string())}
    assert replaced(("c",), array, new).to_pylist() == [[{"a": "y"}, None], None, []]
