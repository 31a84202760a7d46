"""When something that grows will be full."""

from __future__ import annotations

import numpy as np
import pytest

from spyglass.analyze.stats.filling import left

MINUTES = np.arange(120)


@pytest.mark.parametrize("seed", range(20))
def test_a_leak_is_continued_to_its_end(seed):
    """Half full after two hours, with noise: the time that is left is within a fifth of the truth, and nearly always in its interval."""
    values = 0.3 + 0.2 * MINUTES / 120 + np.random.default_rng(seed).normal(0, 0.005, 120)
    room = left(values, 1.0)
    assert room is not None
    assert room.likely == pytest.approx(300, rel=0.2)
    assert room.least < room.likely < room.most


def test_the_interval_holds_the_truth_as_often_as_it_says():
    """Nine in ten, of noise that remembers its last value, too."""
    held = 0
    for seed in range(100):
        random = np.random.default_rng(seed)
        noise = np.zeros(120)
        for at in range(1, 120):
            noise[at] = 0.5 * noise[at - 1] + random.normal(0, 0.004)
        room = left(0.3 + 0.2 * MINUTES / 120 + noise, 1.0)
        held += room is not None and room.least <= 301 <= room.most
    assert held >= 80


@pytest.mark.parametrize(
    "values",
    [
        0.7 + 0.05 * np.sin(MINUTES / 5),
        0.5 + 0.3 * (MINUTES % 30) / 30,  # a saw
        np.where(MINUTES < 60, 0.5, 0.8),  # a step
        np.full(120, 0.9),
        0.9 - 0.003 * MINUTES,
        np.where(MINUTES < 115, np.nan, 0.9),
        np.where(MINUTES < 119, 0.5, 5.0),  # full already
    ],
)
def test_what_does_not_grow_steadily_is_not_continued(values):
    """With noise as all readings have it."""
    assert left(values + np.random.default_rng(1).normal(0, 0.003, 120), 1.0) is None


def test_chance_alone_is_hardly_ever_continued():
    """Of a hundred series that wander about a level."""
    random = np.random.default_rng(5)
    told = [left(0.7 + random.normal(0, 0.02, 120), 1.0) for _ in range(100)]
    assert sum(one is not None and one.likely < 720 for one in told) <= 3
