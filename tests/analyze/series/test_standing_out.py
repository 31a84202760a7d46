"""What stands out: planted points and changes, and noise of several laws."""

from __future__ import annotations

import numpy as np
import pytest

from spyglass.analyze.series.standing_out import stands_out
from spyglass.model.errors import InputError


def test_a_planted_point_is_found_and_the_wave_is_not() -> None:
    """A value that is usual at noon stands out at midnight."""
    generator, steps = np.random.default_rng(4), np.arange(24 * 14)
    values = 100 + 50 * np.sin(2 * np.pi * steps / 24) + generator.normal(0, 3, len(steps))
    values[24 * 10 + 18] = 150.0
    seen = stands_out(values, 3600, budget_a_day=0.1)
    assert np.flatnonzero(seen.points).tolist() == [258]
    assert seen.high[258] < 90
    assert seen.probability[258] < 1e-6


def test_a_change_is_found_where_it_was() -> None:
    """Give or take a few steps."""
    generator = np.random.default_rng(6)
    values = generator.normal(10, 1, 300)
    values[200:] += 6
    assert any(abs(at - 200) <= 3 for at in stands_out(values, 3600).changes)


@pytest.mark.parametrize("law", ["normal", "laplace", "student", "lognormal"])
def test_noise_alarms_as_often_as_was_asked(law: str) -> None:
    """Between half and twice the budget, in the mean of many series."""
    generator, found = np.random.default_rng(7), []
    for _ in range(12):
        noise = generator.standard_t(4, 1440) if law == "student" else getattr(generator, law)(0, 1, 1440)
        found.append(stands_out(noise, 60, 10.0, "size" if law == "lognormal" else "plain").points.sum())
    assert 5 <= np.mean(found) <= 20


@pytest.mark.parametrize("value", [0.0, 1e9, -1e-9])
def test_what_stands_still_is_no_alarm(value: float) -> None:
    """However still it stands."""
    assert not stands_out(np.full(100, value), 60).points.any()


def test_too_few_values_are_refused() -> None:
    """With what to do."""
    with pytest.raises(InputError, match="ask for a longer time range"):
        stands_out(np.arange(5.0), 60)
