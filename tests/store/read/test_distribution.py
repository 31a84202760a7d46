"""Promises about distributions: quantiles are ordered, inside, and those of the pieces."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spyglass.store.read.distribution import Distribution

COUNTS = st.lists(st.integers(-3, 50), min_size=1, max_size=6)


@settings(max_examples=60)
@given(COUNTS)
def test_quantiles_are_ordered_and_inside(counts: list[int]) -> None:
    """Whatever the buckets hold."""
    bounds = [float(at + 1) for at in range(len(counts) - 1)]
    found = Distribution.explicit(bounds, counts).within(None, None).quantiles()
    told = [value for value in found if value is not None]
    assert len(told) == (4 if bounds and max(counts) > 0 else 0)
    assert told == sorted(told)
    assert all(0 <= value <= bounds[-1] for value in told)


@settings(max_examples=60)
@given(COUNTS, COUNTS)
def test_a_distribution_beside_itself_has_the_same_quantiles(counts: list[int], others: list[int]) -> None:
    """And two of them have quantiles between those of each."""
    one, two = (Distribution.explicit([float(at + 1) for at in range(len(part) - 1)], part).within(None, None) for part in (counts, others))
    twice = Distribution.together([one, one]).quantiles()
    assert twice == pytest.approx(one.quantiles()) if len(one.count) else twice == [None] * 4
    if len(one.count) and len(two.count):
        low, both, high = one.quantiles(), Distribution.together([one, two]).quantiles(), two.quantiles()
        assert all(min(a, c) - 1e-9 <= b <= max(a, c) + 1e-9 for a, b, c in zip(low, both, high, strict=True))  # type: ignore[type-var, operator]


def test_a_heap_of_equal_values_inside_of_a_piece_keeps_its_place() -> None:
    """Eight zeros among two values spread from -1 to 1: most quantiles are 0."""
    spread = Distribution.together([Distribution.of([-1.0], [1.0], [2]), Distribution.near_zero(0.0, 8)])
    assert spread.quantiles([0.05, 0.5, 0.9, 1.0]) == pytest.approx([-0.5, 0.0, 0.0, 1.0])


def test_known_ends_cut_buckets_off() -> None:
    """All values are 5, and the point says so."""
    assert Distribution.explicit([1.0, 10.0], [0, 7, 0]).within(5.0, 5.0).quantiles([0.1, 0.9]) == [5.0, 5.0]


def test_counts_without_bounds_tell_nothing() -> None:
    """One bucket from nowhere to nowhere, or as many counts as bounds."""
    for bounds, counts in (([], [5]), ([1.0], [5]), ([], [])):
        spread = Distribution.explicit(bounds, counts).within(None, None)
        assert (spread.ends(), spread.quantiles([0.5])) == ((None, None), [None])


def test_exponential_buckets_are_finite() -> None:
    """However far out their index is."""
    spread = Distribution.exponential(-10, [2, -3], [1, 1])
    assert np.isfinite(spread.high).all()
    assert spread.ends()[0] == 0.0
