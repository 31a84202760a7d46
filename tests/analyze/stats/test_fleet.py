"""Many series at a chosen rate of false alarms."""

from __future__ import annotations

import numpy as np
import pytest

from spyglass.analyze.stats.fleet import Fleet, Settings

SERIES = 400


def quiet(draw, days=1.0, budget=20.0):
    """A fleet that has seen so much noise, and the alarms of each tick."""
    fleet, slots = Fleet(Settings(budget_a_day=budget), SERIES), np.arange(SERIES)
    told = [fleet.step(slots, draw(SERIES)) for _ in range(round(days * 1440))]
    return fleet, [(len(one.points), len(one.shifts)) for one in told]


@pytest.mark.parametrize("law", ["normal", "student", "skewed", "counts"])
def test_false_alarms_keep_to_the_budget_whatever_the_noise(law):
    """Within half and twice, give or take what chance does to twenty."""
    random = np.random.default_rng(7)
    draws = {
        "normal": lambda n: random.normal(5, 2, n),
        "student": lambda n: random.standard_t(5, n),
        "skewed": lambda n: np.exp(random.normal(0, 0.7, n)),
        "counts": lambda n: 2 * np.sqrt(random.poisson(6, n) + 0.375),
    }
    _, told = quiet(draws[law], days=2)
    points, shifts = np.array(told[1440:]).sum(axis=0)
    assert points <= 55
    assert 4 <= shifts <= 60


def test_a_jump_and_a_small_change_that_stays_are_found():
    """At the same budget."""
    random = np.random.default_rng(8)
    fleet, _ = quiet(lambda n: random.normal(0, 1, n))
    slots = np.arange(SERIES)
    values = random.normal(0, 1, SERIES)
    values[3] = 9
    told = fleet.step(slots, values)
    assert 3 in told.points
    assert told.low[3] < 0 < told.high[3] < 9
    found: set[int] = set()
    for _ in range(40):
        values = random.normal(0, 1, SERIES)
        values[100:200] += 1.5
        told = fleet.step(slots, values)
        found |= set(told.points.tolist()) | set(told.shifts.tolist())
    assert len([at for at in found if 100 <= at < 200]) >= 70


def test_nothing_is_told_before_enough_is_known():
    """Neither by a new series, nor by a new pool; what is no number changes nothing."""
    fleet = Fleet(Settings(), 4)
    for at in range(59):
        told = fleet.step(np.arange(4), np.array([1e9 * (at % 2), np.nan, np.inf, 1.0]))
        assert not len(told.points)
        assert not len(told.shifts)
    assert fleet.save()["series"]["count"].to_pylist() == [59, 0, 0, 59]


def test_it_goes_on_after_a_restart_as_if_there_had_been_none():
    """Bit by bit."""
    random = np.random.default_rng(9)
    fleet, _ = quiet(lambda n: random.normal(0, 1, n), days=0.1)
    other = Fleet(Settings(budget_a_day=20.0))
    other.restore(fleet.save())
    for _ in range(50):
        values = random.normal(0, 1.2, SERIES)
        one, two = (each.step(np.arange(SERIES), values) for each in (fleet, other))
        assert all(np.array_equal(a, b) for a, b in zip(one, two, strict=True))


def test_weights_move_thresholds_and_no_false_alarm_more_is_spent():
    """What one series gives up the others get: a twentieth at most, among four hundred."""
    random = np.random.default_rng(10)
    fleet, _ = quiet(lambda n: random.normal(0, 1, n), days=0.2)
    usual = Fleet(Settings(budget_a_day=20.0))
    usual.restore(fleet.save())
    weights, values = np.ones(SERIES), random.normal(0, 1, SERIES)
    weights[3], weights[4] = 0.001, 10.0
    moved, before = fleet.step(np.arange(SERIES), values, weights, weights), usual.step(np.arange(SERIES), values)
    width, usually = ((one.high - one.low) / 2 for one in (moved, before))
    assert width[4] < usually[4]
    assert width[3] > 1.1 * usually[3]
    assert np.allclose(np.delete(width, [3, 4]), np.delete(usually, [3, 4]), rtol=0.05)
    assert (np.delete(width, [3, 4]) >= np.delete(usually, [3, 4]) - 1e-12).all()  # the useful one costs them something


def test_of_a_small_fleet_six_times_as_much_is_found_within_the_day():
    """Twenty agents with a call or two a minute: their pool need not be as large as that of thousands, and keeps to its budget."""
    random, slots = np.random.default_rng(12), np.arange(20)
    fleet = Fleet(Settings(least=1.0), 20)
    quiet = [fleet.step(slots, 2 * np.sqrt(random.poisson(1.5, 20) + 0.375)) for _ in range(480)]
    assert sum(len(one.points) + len(one.shifts) for one in quiet) <= 2
    found = set()
    for _ in range(15):
        told = fleet.step(slots, 2 * np.sqrt(random.poisson(np.where(slots == 3, 9.0, 1.5)) + 0.375))
        found |= {*told.points.tolist(), *told.shifts.tolist()}
    assert 3 in found


def test_what_was_told_as_jumps_is_no_small_change_afterwards():
    """An incident of ten steps is over when it is over: nobody hears a quarter of an hour later that a value has stayed above the usual."""
    random = np.random.default_rng(3)
    fleet, _ = quiet(lambda n: random.normal(0, 1, n), days=0.5)
    slots, away = np.arange(SERIES), np.where(np.arange(SERIES) == 7, 12.0, 0.0)
    during = [fleet.step(slots, random.normal(0, 1, SERIES) + away) for _ in range(10)]
    assert sum(7 in one.points for one in during) >= 9
    after = [fleet.step(slots, random.normal(0, 1, SERIES)) for _ in range(30)]
    assert not any(7 in one.shifts for one in after)
    assert max(one.sums[7] for one in after) < 8


def test_what_is_explained_otherwise_begins_anew():
    """All moved at once, and that was told: none of them is told by itself later."""
    random = np.random.default_rng(3)
    fleet, _ = quiet(lambda n: random.normal(0, 1, n), days=0.5)
    slots = np.arange(SERIES)
    for _ in range(10):
        fleet.step(slots, random.normal(9, 1, SERIES))
        fleet.explained(slots)
    after = [fleet.step(slots, random.normal(0, 1, SERIES)) for _ in range(30)]
    assert max(float(np.abs(one.sums).max()) for one in after[:5]) < 15
