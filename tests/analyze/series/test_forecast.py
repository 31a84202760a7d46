"""Forecasts of series whose law is known."""

from __future__ import annotations

import warnings

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spyglass.analyze.series.forecast import forecast
from spyglass.model.errors import InputError

Floats = npt.NDArray[np.float64]


def seasonal(seed: int, count: int = 500) -> Floats:
    """A wave, a slope and noise that remembers."""
    generator, steps = np.random.default_rng(seed), np.arange(count)
    noise = np.zeros(count)
    for at in range(1, count):
        noise[at] = 0.6 * noise[at - 1] + generator.normal()
    found: Floats = 50 + 0.02 * steps + 8 * np.sin(2 * np.pi * steps / 24) + noise
    return found


def test_it_is_better_than_the_naive_line_and_the_band_holds() -> None:
    """Over 30 series: an error of at most 0.95 of it, and 9 of 10 values, give or take six in a hundred, within the band of 90 %."""
    errors, naive, within = [], [], []
    for seed in range(30):
        values = seasonal(seed)
        made, truth = forecast(values[:-24], 24, 0.9, 3600), values[-24:]
        errors.append(np.abs(made.middle - truth).mean())
        naive.append(np.abs(made.naive - truth).mean())
        within += ((truth >= made.low) & (truth <= made.high)).tolist()
    assert np.mean(errors) < 0.95 * np.mean(naive)
    assert 0.84 <= np.mean(within) <= 0.97


def test_it_says_what_it_is_worth() -> None:
    """Its error in the past beside that of the naive line, and what it is made of."""
    made = forecast(seasonal(1), 24, 0.9, 3600)
    assert made.periods == [24]
    assert (made.mase or 9) < (made.naive_mase or 0)
    assert made.made_of
    assert sum(made.made_of.values()) <= 1.001


def weekly(seed: int, weeks: int = 8) -> Floats:
    """Hours of working days and of quiet weekends."""
    generator, hours = np.random.default_rng(seed), np.arange(weeks * 168)
    found: Floats = np.where(hours // 24 % 7 < 5, 60 + 40 * np.sin(2 * np.pi * hours / 24), 20.0) + generator.normal(0, 4, len(hours))
    return found


def test_a_weekend_is_not_forecast_as_a_working_day() -> None:
    """Days of a week differ: over 6 series two days that are weekend are forecast far better than as the day before was."""
    errors, naive = [], []
    for seed in range(6):
        values = weekly(seed)
        known, truth = values[: 7 * 168 + 120], values[7 * 168 + 120 :]
        made = forecast(known, 48, 0.9, 3600)
        errors.append(np.abs(made.middle - truth).mean())
        naive.append(np.abs(made.naive - truth).mean())
    assert np.mean(errors) < 0.25 * np.mean(naive)


def test_of_what_grows_by_shares_the_band_grows_with_it() -> None:
    """Sales that triple: two years ahead of each of 12 the band of 90 % has 8 to 10 of 10."""
    within = []
    for seed in range(12):
        generator, months = np.random.default_rng(seed), np.arange(144)
        noise = np.cumsum(generator.normal(0, 0.015, len(months))) + generator.normal(0, 0.03, len(months))
        values = np.exp(4.6 + 0.009 * months + 0.2 * np.sin(2 * np.pi * months / 12) + noise)
        made, truth = forecast(values[:-24], 24, 0.9, 30.44 * 86_400), values[-24:]
        within += ((truth >= made.low) & (truth <= made.high)).tolist()
    assert 0.8 <= np.mean(within) <= 1.0


def test_a_dip_in_the_past_makes_no_boundless_band() -> None:
    """A hundredfold fall for some days, long over."""
    generator = np.random.default_rng(3)
    values = 100 * np.exp(0.2 * np.sin(2 * np.pi * np.arange(600) / 24) + generator.normal(0, 0.1, 600))
    values[330:400] /= 100
    made = forecast(values, 24, 0.9, 3600)
    assert (made.high - made.low).max() < 500


def test_a_straight_line_goes_on() -> None:
    """Without noise there is nothing to be wrong about."""
    made = forecast(np.arange(100.0), 10)
    np.testing.assert_allclose(made.middle, np.arange(100.0, 110.0), atol=3)


@pytest.mark.parametrize("still", [0.0, 5.0, -3.0])
def test_what_stands_still_stands_still(still: float) -> None:
    """And it has no error to be measured by."""
    made = forecast(np.full(60, still), 5)
    np.testing.assert_allclose(made.middle, still, atol=1e-6)
    assert made.mase is None


def test_what_was_never_negative_stays_so() -> None:
    """Counts that fall to nothing."""
    made = forecast(np.maximum(0, 50 - np.arange(60.0)), 20)
    assert made.low.min() >= 0


@given(st.lists(st.one_of(st.just(float("nan")), st.floats(-1e6, 1e6)), min_size=12, max_size=60), st.integers(1, 30))
@settings(max_examples=30)
def test_whatever_came_before_lines_are_numbers(values: list[float], steps: int) -> None:
    """Or it is refused, with what to do; a band has its ends in order."""
    series = np.array(values)
    try:
        made = forecast(series, steps)
    except InputError as error:
        assert "are needed" in error.message  # noqa: PT017
        return
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        lines = np.stack([made.low, made.middle, made.high, made.naive])
    assert np.isfinite(lines).all()
    assert (made.low <= made.high).all()
    assert lines.shape == (4, steps)


def test_too_many_steps_are_refused() -> None:
    """Nobody knows."""
    with pytest.raises(InputError, match="steps: expected 1 to 1000"):
        forecast(np.arange(50.0), 5000)
