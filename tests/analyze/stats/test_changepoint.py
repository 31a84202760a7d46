"""Where a series changes its law."""

from __future__ import annotations

import math

import numpy as np
import pytest

from spyglass.analyze.stats.changepoint import ChangePoints, _log_gamma


def told(values):
    """Changes by the value at which they were told."""
    detector = ChangePoints()
    return {at: change for at, change in enumerate(map(detector.step, values)) if change is not None}


def test_a_step_and_a_bend_are_found_soon_and_where_they_are():
    """Within a few values."""
    random = np.random.default_rng(1)
    level = np.concatenate([np.zeros(80), np.full(80, 6.0), 6 + 0.5 * np.arange(80)]) + random.normal(0, 1, 240)
    found = told(level)
    assert len(found) == 2
    (at_step, step), (at_bend, bend) = found.items()
    assert abs(step - 80) <= 2
    assert at_step <= 90
    assert abs(bend - 160) <= 8
    assert at_bend <= 190


@pytest.mark.parametrize("slope", [0.0, 0.3])
def test_noise_and_trends_are_no_changes(slope):
    """Nor is what is no number."""
    random = np.random.default_rng(2)
    values = random.normal(0, 1, 300) + slope * np.arange(300)
    values[50] = np.nan
    assert told(values) == {}
    assert told([5.0] * 100) == {}


def test_the_logarithm_of_gamma_is_that_of_the_standard_library():
    """Where the densities need it."""
    places = np.array([0.5, 1.0, 1.5, 2.0, 7.5, 100.0, 1e6])
    assert np.allclose(_log_gamma(places), [math.lgamma(place) for place in places], rtol=1e-12, atol=2e-11)
