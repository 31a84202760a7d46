"""What stands out in several figures together: broken relations, and noise."""

from __future__ import annotations

import numpy as np
import pytest

from spyglass.analyze.series.profiles import unusual
from spyglass.analyze.series.standing_out import stands_out
from spyglass.model.errors import InputError

STEP_S = 300.0


def figures(seed, count=800, law="normal"):
    """Three figures that follow one load, each with its own noise, and a wave of the day."""
    generator = np.random.default_rng(seed)
    noise = (lambda: generator.standard_t(4, count)) if law == "student" else (lambda: getattr(generator, law)(0, 1, count))
    load = 10 * np.sin(2 * np.pi * np.arange(count) / 288) + 3 * noise()
    return [50 + load + 0.4 * noise(), 90 + 2 * load + 0.8 * noise(), 20 - load + 0.4 * noise()]


@pytest.mark.parametrize("method", ["pca", "lof", "autoencoder"])
def test_a_relation_that_breaks_is_found_though_each_figure_is_usual(method):
    """And the figure that broke it is the one that is named."""
    made = figures(3)
    made[1][700] -= 12  # two of its usual deviations
    seen = unusual(made, ["plain"] * 3, STEP_S, 0.3, method)
    assert int(np.nanargmax(seen.scores)) == 700
    assert int(seen.shares[700].argmax()) == 1
    assert not stands_out(made[1], STEP_S, 0.3).points[700]


def test_a_forest_finds_what_is_far_from_all():
    """Relations it does not see."""
    made = figures(3, 400)
    for values, off in zip(made, (60, 120, -60), strict=True):
        values[250] += off
    seen = unusual(made, ["plain"] * 3, STEP_S, 0.3, "isolation_forest")
    assert int(np.nanargmax(seen.scores)) == 250


@pytest.mark.parametrize(("method", "law"), [("pca", "normal"), ("pca", "student"), ("lof", "normal"), ("lof", "student"), ("isolation_forest", "normal")])
def test_noise_alarms_as_often_as_was_asked(method, law):
    """Between a third and three times the budget, in the sum of some series, whatever the scores mean."""
    series = 1 if method == "isolation_forest" else 4
    alarms = sum(int(unusual(figures(seed, 600, law), ["plain"] * 3, STEP_S, 6.0, method).alarms.sum()) for seed in range(series))
    expected = series * 600 * STEP_S / 86_400 * 6.0
    assert expected / 3 <= alarms <= expected * 3


def test_alarms_of_one_kind_are_put_together():
    """By which figures are off, and not by how far; each step without an alarm is in no group."""
    made = figures(3)
    for at in (100, 300, 500, 520, 640):
        made[1][at] -= 12 + at / 100
    for at in (150, 350, 450, 700):
        made[2][at] += 9 + at / 200
    seen = unusual(made, ["plain"] * 3, STEP_S, 6.0, "pca")
    assert {int(seen.groups[at]) for at in (100, 300, 500, 520, 640)} == {0}
    assert {int(seen.groups[at]) for at in (150, 350, 450, 700)} == {1}
    assert (seen.groups[~seen.alarms] == -1).all()


def test_an_autoencoder_says_whether_it_is_worth_its_while():
    """Where figures follow a curve it is; where they follow a line components do as well."""
    generator = np.random.default_rng(6)
    load = generator.normal(0, 1, 900)
    curved = [load + generator.normal(0, 0.05, 900), load**2 + generator.normal(0, 0.05, 900)]
    left, straight = unusual(curved, ["plain"] * 2, STEP_S, 1.0, "autoencoder").left_over
    assert left < 0.7 * straight
    left, straight = unusual(figures(7), ["plain"] * 3, STEP_S, 1.0, "autoencoder").left_over
    assert left > 0.8 * straight


def test_steps_without_a_value_say_nothing():
    """Nor does a figure that never changes."""
    made = [*figures(5, 300), np.full(300, 7.0)]
    made[0][10] = np.nan
    seen = unusual(made, ["plain"] * 4, STEP_S, 1.0, "pca")
    assert np.isnan(seen.scores[10])
    assert not seen.alarms[10]
    assert np.nansum(seen.shares[:, 3]) == 0


@pytest.mark.parametrize("made", [[], [np.zeros(500)], [np.full(500, np.nan)], [np.arange(20.0)]])
def test_too_little_is_told(made):
    """Nothing, what never changes, what is not known, and what is short."""
    with pytest.raises(InputError, match="at least 60"):
        unusual(made, ["plain"] * len(made), STEP_S, 1.0, "lof")
