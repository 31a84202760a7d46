"""Falling success, and how often there is none."""

from __future__ import annotations

import numpy as np
import pytest

from spyglass.analyze.stats.outcomes import Outcomes


def delays(before: float, after: float, series: int = 200, limit: float = 1_000.0, most: int = 600) -> np.ndarray:
    """Runs from the change to the alarm, of each series; `most` where there was none."""
    generator = np.random.default_rng(9)
    outcomes, every = Outcomes(400), np.arange(series)
    outcomes.grow(series)
    good = generator.binomial(400, before, series).astype(float)
    outcomes.step(every, good, 400 - good)
    found = np.full(series, most)
    for run in range(most):
        good = (generator.random(series) < after).astype(float)
        alarmed = outcomes.step(every, good, 1 - good) > np.log(limit)
        found = np.where(alarmed & (found == most), run + 1, found)
    return found


@pytest.mark.parametrize(("after", "within"), [(0.8, 250), (0.7, 65), (0.6, 35)])
def test_a_fall_is_found(after: float, within: int) -> None:
    """From nine of ten; half of the series within so many runs, at one false alarm in a thousand runs."""
    assert np.median(delays(0.9, after)) <= within


def test_what_stays_is_not_accused() -> None:
    """Of 200 series over 600 runs each, 120 false alarms are allowed at a threshold of 1,000; there are fewer."""
    assert (delays(0.9, 0.9) < 600).sum() <= 120
    assert (delays(0.9, 0.95) < 600).sum() <= 10


def test_what_always_succeeded_is_accused_after_a_few_failures() -> None:
    """And one alone is none."""
    outcomes = Outcomes(100)
    outcomes.grow(1)
    slot = np.array([0])
    outcomes.step(slot, np.array([200.0]), np.array([0.0]))
    assert outcomes.step(slot, np.array([0.0]), np.array([1.0]))[0] < np.log(1_000)
    assert outcomes.step(slot, np.array([0.0]), np.array([5.0]))[0] > np.log(1_000)
    assert outcomes.lately(slot)[1][0] == 6
