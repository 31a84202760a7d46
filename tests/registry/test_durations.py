"""Quantiles from counts per bucket."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spyglass.registry.durations import BUCKETS, counts_of, quantile_ns


def counted(durations_ns: list[int]) -> np.ndarray:
    """As sql/figures/slots.sql counts them."""
    buckets = np.clip(np.ceil(3 * np.log2(np.maximum(durations_ns, 1) / 1e7)), 0, BUCKETS - 1).astype(int)
    return np.bincount(buckets, minlength=BUCKETS)[None, :].astype(float)


@settings(max_examples=50)
@given(st.lists(st.integers(2 * 10**7, 10**13), min_size=1, max_size=200), st.sampled_from([0.5, 0.95]))
def test_a_quantile_is_near_the_true_one(durations_ns: list[int], share: float) -> None:
    """Within a bucket, 26 percent wide."""
    true = np.quantile(durations_ns, share, method="inverted_cdf")
    assert quantile_ns(counted(durations_ns), share)[0] == pytest.approx(true, rel=0.27)


def test_lists_of_nothing_are_rows_of_zeros() -> None:
    """Agents that have calls and no runs."""
    one = [0, 0, 0, 2]  # zeros at the end are left out
    column = pa.chunked_array([pa.array([[], one], pa.list_(pa.uint64())), pa.array([[]], pa.list_(pa.uint64()))])
    counts = counts_of(column)
    assert counts.sum(axis=1).tolist() == [0, 2, 0]
    assert quantile_ns(counts, 0.95)[[0, 2]].tolist() == [0, 0]
