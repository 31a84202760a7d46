"""How new a value is to its series."""

from __future__ import annotations

import numpy as np

from spyglass.analyze.stats.novelty import TOLD, Novelty, Settings


def test_a_value_that_was_never_there_is_new_once():
    """Also between two that are usual, where no threshold would see it; the second time it is known."""
    random = np.random.default_rng(1)
    novelty, slots = Novelty(Settings(), 2), np.arange(2)
    for _ in range(2_000):
        two_heaps = random.choice([0.0, 10.0], 2) + random.normal(0, 0.3, 2)
        novelty.step(slots, two_heaps)
    first = novelty.step(slots, np.array([5.0, 10.0]))
    again = novelty.step(slots, np.array([5.0, 10.0]))
    assert first[0] > TOLD
    assert first[1] == 0
    assert again.tolist() == [0, 0]


def test_noise_is_seldom_new():
    """The record of late must be beaten."""
    random = np.random.default_rng(2)
    novelty, slots = Novelty(Settings(), 50), np.arange(50)
    told = np.array([novelty.step(slots, random.normal(3, 2, 50)) for _ in range(3_000)])
    assert (told[1_000:] > TOLD).mean() < 0.003


def test_it_goes_on_after_a_restart_and_forgets_when_told():
    """Bit by bit; a slot that was freed learns anew."""
    random = np.random.default_rng(3)
    one = Novelty(Settings(), 3)
    for _ in range(400):
        one.step(np.arange(3), random.normal(0, 1, 3))
    two = Novelty(Settings())
    two.restore(one.save())
    for _ in range(100):
        values = random.normal(0, 3, 3)
        assert np.array_equal(one.step(np.arange(3), values), two.step(np.arange(3), values))
    two.forget(np.array([1]))
    two.grow(5)
    assert two.step(np.array([1, 4]), np.array([1e6, 1e6])).tolist() == [0, 0]
    assert len(two) == 5
