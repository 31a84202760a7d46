"""Trend, waves and rest of series that were made of known ones."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spyglass.analyze.series.decompose import decompose
from spyglass.analyze.series.seasons import periods
from spyglass.model.errors import InputError

STEPS = np.arange(1200)


def test_the_parts_are_those_that_it_was_made_of() -> None:
    """To a fraction of the noise, gap and outlier included."""
    generator = np.random.default_rng(0)
    wave, trend = 3 * np.sin(2 * np.pi * STEPS / 24), 10 + 0.01 * STEPS
    values = trend + wave + generator.normal(0, 0.3, len(STEPS))
    values[500], values[800:830] = 100.0, np.nan
    parts = decompose(values, [24])
    assert np.abs(parts.trend - trend).mean() < 0.1
    assert np.abs(parts.waves[24] - wave).mean() < 0.15
    assert parts.rest[500] > 80
    assert min(parts.strengths[24], parts.trend_strength) > 0.9


@given(st.integers(0, 5), st.sampled_from([[], [7], [12, 60]]))
@settings(max_examples=15)
def test_the_parts_add_up(seed: int, wanted: list[int]) -> None:
    """To the values, wherever there is one."""
    values = np.random.default_rng(seed).normal(size=200)
    values[seed * 10 : seed * 10 + 9] = np.nan
    parts = decompose(values, wanted)
    whole = parts.trend + sum(parts.waves.values()) + parts.rest
    known = np.isfinite(values)
    np.testing.assert_allclose(whole[known], values[known], atol=1e-9)
    assert np.isfinite(parts.trend).all()


def test_what_repeats_is_found() -> None:
    """A day and a week of hours; in noise nothing."""
    generator = np.random.default_rng(2)
    values = 5 * np.sin(2 * np.pi * STEPS / 24) + 4 * np.cos(2 * np.pi * STEPS / 168) + generator.normal(size=len(STEPS))
    assert periods(values, 3600) == [24, 168]
    assert periods(5 * np.sin(2 * np.pi * STEPS / 17) + generator.normal(size=len(STEPS))) == [17]
    assert sum(bool(periods(generator.normal(size=400), 3600)) for _ in range(20)) <= 2


def test_a_period_that_does_not_fit_is_refused() -> None:
    """With what to do."""
    with pytest.raises(InputError, match="does not fit twice"):
        decompose(np.arange(20.0), [15])
    with pytest.raises(InputError, match="at least"):
        decompose(np.full(50, np.nan), [])
