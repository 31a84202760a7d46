"""Who is above whom, and what the end of a span waited for."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as some

from spyglass.model.forest import critical_ns, nearest, parent_rows


def test_the_time_of_a_run_is_that_of_what_ended_last() -> None:
    """Of parallel children the later one; what no child covers is the run's own."""
    parent = np.array([-1, 0, 0, 2])
    start, end = np.array([0, 10, 20, 30]), np.array([100, 80, 90, 50])
    assert critical_ns(parent, start, end, np.array([0])).tolist() == [30, -1, 50, 20]


trees = some.lists(some.tuples(some.integers(-1, 8), some.integers(0, 100), some.integers(0, 100)), min_size=1, max_size=9)


@given(trees)
def test_times_add_up_to_the_duration(told: list[tuple[int, int, int]]) -> None:
    """Whatever children do: beside each other, before and after their parent, with clocks that are wrong."""
    parent = np.array([min(above, row - 1) for row, (above, _, _) in enumerate(told)])
    parent[0] = -1
    start = np.array([begin for _, begin, _ in told])
    end = start + np.array([lasts for *_, lasts in told])
    waited = critical_ns(parent, start, end, np.array([0]))
    assert waited[waited >= 0].sum() == end[0] - start[0]


def test_circles_are_cut_and_ancestors_found() -> None:
    """A span that is its own ancestor loses a parent; the nearest of those wanted is found over others."""
    ids = np.array([1, 2, 3, 4], np.uint64)
    assert min(parent_rows(ids, np.array([2, 1, 1, 3], np.uint64)).tolist()) == -1
    parent = parent_rows(ids, np.array([0, 1, 2, 3], np.uint64))
    assert nearest(parent, np.array([True, False, False, False])).tolist() == [-1, 0, 0, 0]
