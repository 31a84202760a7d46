"""Which rows are of one kind."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spyglass.analyze.stats.grouping import groups


def test_kinds_are_found_whatever_their_size_and_density():
    """The largest comes first; what is like nothing is in no group."""
    random = np.random.default_rng(1)
    parts = [random.normal(0, 0.3, (40, 4)), random.normal(5, 0.3, (25, 4)), random.normal(-6, 0.9, (15, 4)), np.eye(4) * 30]
    found = groups(np.concatenate(parts))
    assert [set(found[begin:end].tolist()) for begin, end in ((0, 40), (40, 65), (65, 80))] == [{0}, {1}, {2}]
    assert set(found[80:].tolist()) == {-1}


@pytest.mark.parametrize("rows", [np.zeros((0, 3)), np.zeros((5, 3)), np.zeros((50, 3)), np.full((8, 1), 1e300)])
def test_where_there_is_one_kind_or_too_little_there_are_no_groups(rows):
    """Nothing fails either."""
    with np.errstate(over="ignore", invalid="ignore"):
        assert set(groups(rows).tolist()) <= {-1, 0}


@given(st.integers(0, 10_000), st.integers(2, 6))
@settings(max_examples=20)
def test_the_order_of_rows_does_not_matter(seed, least):
    """The same rows are together, and each group has as many as it must."""
    random = np.random.default_rng(seed)
    rows = np.concatenate([random.normal(middle, 0.5, (12, 2)) for middle in (0, 6, 12)])
    order = random.permutation(len(rows))
    found, moved = groups(rows, least), groups(rows[order], least)
    assert np.array_equal(found[order][:, None] == found[order], moved[:, None] == moved)
    assert all((found == one).sum() >= least for one in set(found.tolist()) - {-1})
