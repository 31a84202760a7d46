"""Whether more of the latest values are large than before."""

from __future__ import annotations

import numpy as np

from spyglass.analyze.stats.shares import BINS, bins_of, moved


def counts(values):
    return np.bincount(bins_of(values), minlength=BINS).astype(np.float64)


def test_each_quantile_is_told_before_and_after_with_an_interval_that_holds():
    """Of values that have doubled; nine deciles of a hundred draws, 95 of 100 and what a bin is wide."""
    random, held, told = np.random.default_rng(2), 0, 0
    past = counts(np.exp(random.normal(0, 0.5, 50_000)))
    truth = 2 * np.exp(0.5 * np.array([-1.2816, -0.8416, -0.5244, -0.2533, 0.0, 0.2533, 0.5244, 0.8416, 1.2816]))
    for _ in range(100):
        found = moved(past, counts(2 * np.exp(random.normal(0, 0.5, 500))))[:9]
        told += len(found)
        held += sum(one.low / 1.03 <= real <= one.high * 1.03 for one, real in zip(found, truth, strict=True))
        assert all(1.7 < one.after / one.before < 2.4 for one in found)
    assert told == 900
    assert held / told > 0.93


def test_quantiles_of_which_too_little_is_known_are_left_out():
    """Of twenty values no percentile."""
    few = counts(np.linspace(1, 2, 20))
    assert max(one.share for one in moved(few, few)) < 0.95
    assert moved(few, np.zeros(BINS)) == []
