"""Even steps and what gaps become."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spyglass.analyze.series.grid import FILLS, even, fill
from spyglass.model.errors import InputError


def test_each_value_comes_into_its_step() -> None:
    """What lies outside is left out, of two in one step the later one counts."""
    found = even([59, 60, 125, 130, 300], [9.0, 1.0, 2.0, 3.0, 9.0], 60, 60, 239)
    np.testing.assert_array_equal(found, [1.0, 3.0, np.nan])


@pytest.mark.parametrize(
    ("how", "wanted"),
    [("none", [None, 2, None, 4, None]), ("zero", [0, 2, 0, 4, 0]), ("previous", [None, 2, 2, 4, 4]), ("linear", [None, 2, 3, 4, None])],
)
def test_gaps_are_filled_as_asked(how: str, wanted: list[float | None]) -> None:
    """A line goes between neighbours only, and nothing is carried backwards."""
    found = fill(np.array([np.nan, 2, np.nan, 4, np.nan]), how)  # type: ignore[arg-type]
    np.testing.assert_array_equal(found, np.array(wanted, np.float64))


@given(st.lists(st.one_of(st.none(), st.floats(width=32)), max_size=40), st.sampled_from(FILLS))
@settings(max_examples=60)
def test_values_that_are_there_stay(values: list[float | None], how: str) -> None:
    """Whatever fills the gaps, and whatever is no number counts as a gap."""
    grid = even(list(range(len(values))), values, 1, 0, len(values) - 1)
    known = np.isfinite(grid)
    np.testing.assert_array_equal(fill(grid, how)[known], grid[known])  # type: ignore[arg-type]


def test_too_many_steps_are_refused() -> None:
    """It says what to ask for instead."""
    with pytest.raises(InputError, match="ask for larger buckets"):
        even([], [], 1, 0, 10**9)
