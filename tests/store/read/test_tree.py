"""Promises about trace trees: order, depth, times, and no input that breaks them."""

import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from spyglass.store.read.tree import build_tree


def tree_of(*spans: tuple[int, int, int, int]) -> pa.Table:
    """Rows of a tree from (id, parent, start, duration)."""
    ids, parents, starts, durations = zip(*spans, strict=True) if spans else ((), (), (), ())
    return build_tree(
        pa.table(
            {
                "span_id": pa.array([i.to_bytes(8, "little") for i in ids], pa.binary(8)),
                "parent_span_id": pa.array([i.to_bytes(8, "little") for i in parents], pa.binary(8)),
                "version": pa.array([1] * len(ids), pa.uint64()),
                "start": pa.array(starts, pa.int64()),
                "duration_ns": pa.array(durations, pa.uint64()),
            }
        )
    ).rows


def ids_of(rows: pa.Table) -> list[int]:
    return [int.from_bytes(span, "little") for span in rows["span_id"].to_pylist()]


def test_depth_first_with_children_by_start() -> None:
    """A reader meets a span, then its children in time order, then its next sibling."""
    rows = tree_of((1, 0, 0, 100), (4, 1, 50, 10), (2, 1, 10, 20), (3, 2, 15, 5))
    assert ids_of(rows) == [1, 2, 3, 4]
    assert rows["depth"].to_pylist() == [0, 1, 2, 1]
    assert rows["descendants"].to_pylist() == [3, 1, 0, 0]
    assert rows["parent_row"].to_pylist() == [-1, 0, 1, 0]


def test_self_time_leaves_out_the_union_of_the_children() -> None:
    """Children that overlap are not subtracted twice; what sticks out of the parent is not subtracted at all."""
    rows = tree_of((1, 0, 0, 100), (2, 1, 10, 30), (3, 1, 20, 40), (4, 1, 90, 50))
    assert rows["self_ns"].to_pylist()[0] == 100 - 50 - 10


def test_the_critical_path_follows_what_ended_last() -> None:
    """Of parallel children the later one is critical."""
    rows = tree_of((1, 0, 0, 100), (2, 1, 10, 20), (3, 1, 10, 80))
    assert dict(zip(ids_of(rows), rows["critical"].to_pylist(), strict=True)) == {1: True, 2: False, 3: True}


def test_orphans_are_shown_at_once() -> None:
    """A span whose parent has not come is a top of its own and says so."""
    rows = tree_of((1, 0, 0, 10), (3, 9, 5, 1))
    assert rows["orphan"].to_pylist() == [False, True]


@settings(max_examples=80, deadline=None)
@given(st.lists(st.tuples(st.integers(1, 12), st.integers(0, 12), st.integers(0, 50), st.integers(0, 50)), max_size=14))
def test_any_parents_give_each_span_once(spans: list[tuple[int, int, int, int]]) -> None:
    """Circles, copies, self-parents: every span stands in the tree exactly once."""
    rows = tree_of(*spans)
    assert sorted(ids_of(rows)) == sorted({span[0] for span in spans})
