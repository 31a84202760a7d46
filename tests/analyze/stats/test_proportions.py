"""Shares of series."""

from __future__ import annotations

import numpy as np
import pytest

from spyglass.analyze.stats.proportions import CHANCE, Proportions, angle_of, share_of

SERIES = 300
ALL = np.arange(SERIES)


def series() -> Proportions:
    """Of all of them."""
    found = Proportions(30.0, learns=60)
    found.grow(SERIES)
    return found


@pytest.mark.parametrize("trials", [1, 2, 7, 30, 5000])
def test_an_angle_leads_back_to_its_share(trials: int) -> None:
    """Exactly, also of none and of all."""
    hits = np.unique(np.linspace(0, trials, 12).astype(int)).astype(float)
    of = np.full(len(hits), float(trials))
    assert share_of(angle_of(hits, of), of) == pytest.approx(hits / trials, abs=1e-9)


@pytest.mark.parametrize("share", [0.0, 0.02, 0.2, 0.5, 1.0])
def test_a_share_that_stays_is_no_change_when_there_is_thirty_times_as_much(share: float) -> None:
    """Neither in the middle nor in its spread, which is that of chance or less."""
    random, usual = np.random.default_rng(3), series()
    means = []
    for minute in range(240):
        trials = random.poisson(2 if minute < 200 else 60, SERIES).astype(float)
        moved = usual.step(ALL, random.binomial(trials.astype(int), share).astype(float), trials)
        if minute >= 100:
            assert np.nanstd(moved.distances) < 1.3 * CHANCE
            means.append(np.nanmean(moved.distances))
    assert abs(np.mean(means[100:]) - np.mean(means[:100])) < 0.3 * CHANCE


def test_a_change_stands_out_and_is_told_as_what_it_is() -> None:
    """Five of five, where one of a hundred is usual."""
    random, usual = np.random.default_rng(4), series()
    for _ in range(100):
        usual.step(ALL, random.binomial(5, 0.01, SERIES).astype(float), np.full(SERIES, 5.0))
    moved = usual.step(ALL, np.full(SERIES, 5.0), np.full(SERIES, 5.0))
    assert moved.distances.min() > 4 * CHANCE
    assert moved.share(0, moved.distances[0]) == pytest.approx(1.0)
    assert moved.share(0, 0.0) < 0.1


def test_an_incident_does_not_become_usual_at_once() -> None:
    """After a quarter of an hour in which all fails, all failing still stands out; and when it is over, what is usual does not."""
    usual, ten = series(), np.full(SERIES, 10.0)
    for minute in range(115):
        moved = usual.step(ALL, ten if minute >= 100 else ten * 0, ten)
    assert moved.distances.min() > 3 * CHANCE
    assert usual.step(ALL, ten * 0, ten).distances.min() > -2 * CHANCE


def test_who_did_nothing_is_passed_over_and_a_slot_that_is_free_begins_anew() -> None:
    """Without a distance; what is kept is all there is."""
    usual, ten = series(), np.full(SERIES, 10.0)
    for _ in range(5):
        usual.step(ALL, ten, ten)
    assert np.isnan(usual.step(ALL, ten * 0, ten * 0).distances).all()
    other = Proportions(30.0, learns=60)
    other.restore(usual.save())
    other.forget(ALL[:1])
    distances = other.step(ALL, ten * 0, ten).distances
    assert distances[0] == 0
    assert (distances[1:] < -3 * CHANCE).all()
