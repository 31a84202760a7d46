"""Who has fallen silent."""

from __future__ import annotations

import numpy as np

from spyglass.analyze.stats.pauses import Pauses

SERIES = 60
ALL = np.arange(SERIES)


def played(pauses, active, begin, end):
    """The news of each step: `active(step)` are those that are."""
    told = []
    for step in range(begin, end):
        pauses.step(step, np.flatnonzero(active(step)))
        told += [(step, series) for series in np.flatnonzero(pauses.silent(step, ALL).news).tolist()]
    return told


def fleet():
    """Nothing is known of any."""
    pauses = Pauses()
    pauses.grow(SERIES)
    return pauses


def now_and_then(seed, silent=None, since=0):
    """Each is active in six steps of ten, at random."""
    random = np.random.default_rng(seed)

    def active(step):
        found = random.random(SERIES) < 0.63
        if silent is not None and step >= since:
            found[silent] = False
        return found

    return active


def test_who_falls_silent_is_told_once_and_soon():
    """Of a call a minute within a quarter of an hour; who has a beat, within five minutes."""
    told = played(fleet(), now_and_then(1, silent=5, since=400), 1, 600)
    assert [step - 400 <= 20 for step, series in told if series == 5] == [True]
    assert len(told) <= 3
    beats = played(fleet(), lambda step: (7 if step >= 200 else -1) != ALL, 1, 300)
    assert [series for _, series in beats] == [7]
    assert beats[0][0] - 200 <= 5


def test_pauses_of_chance_are_not_told():
    """As often as the budget says: once a day of all, and these are half a day."""
    assert len(played(fleet(), now_and_then(2), 1, 720)) <= 2


def test_a_pause_as_long_as_one_of_its_own_is_none():
    """Every evening all go home, and nobody is told of the second time."""
    chance = now_and_then(3)
    told = played(fleet(), lambda step: chance(step) & (step % 1_440 < 480), 1, 3 * 1_440)
    assert all(step < 1_440 for step, _ in told)


def test_it_goes_on_after_a_restart_as_if_there_had_been_none():
    """To the bit."""
    one, two = fleet(), Pauses()
    played(one, now_and_then(4), 1, 150)
    two.restore(one.save())
    first, second = (played(each, now_and_then(5, silent=3, since=200), 150, 260) for each in (one, two))
    assert first == second
    assert 3 in {series for _, series in first}
