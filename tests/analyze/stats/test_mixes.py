"""Changes of a mix, and how often there is none."""

from __future__ import annotations

import numpy as np
import pytest

from spyglass.analyze.stats.mixes import Mixes


def played(mixes: Mixes, blocks: int, shares: np.ndarray, generator: np.random.Generator, slots: int) -> np.ndarray:
    """The largest evidence of each slot over so many blocks."""
    most = np.zeros(slots)
    every = np.arange(slots)
    for _ in range(blocks):
        counts = generator.multinomial(100, shares, slots).astype(float)
        for bin_, column in enumerate(counts.T):
            mixes.add(every, np.full(slots, bin_), column)
        judged = mixes.judge()
        most[judged.slots] = np.maximum(most[judged.slots], judged.evidence)
    return most


def test_what_stays_is_not_accused() -> None:
    """Of 400 series over 100 blocks each: with a threshold of 10,000 blocks about four are; ten at most."""
    generator = np.random.default_rng(2)
    mixes = Mixes(8)
    mixes.grow(400)
    assert (played(mixes, 108, np.array([0.3, 0.2, 0.2, 0.1, 0.1, 0.05, 0.04, 0.01]), generator, 400) > np.log(10_000)).sum() <= 10


def test_a_change_is_found_soon() -> None:
    """15 of 100 things moved to another bin: nearly always within six blocks."""
    generator = np.random.default_rng(3)
    mixes = Mixes(8)
    mixes.grow(100)
    played(mixes, 16, np.array([0.3, 0.2, 0.2, 0.1, 0.1, 0.05, 0.04, 0.01]), generator, 100)
    found = played(mixes, 6, np.array([0.15, 0.2, 0.2, 0.1, 0.1, 0.05, 0.04, 0.16]), generator, 100) > np.log(10_000)
    assert found.mean() > 0.95


def test_strata_that_change_their_sizes_are_no_change_within() -> None:
    """Half as many small requests, answered as before."""
    generator = np.random.default_rng(4)
    mixes = Mixes(8, strata=2)
    mixes.grow(200)
    within = np.array([0.4, 0.3, 0.2, 0.1]), np.array([0.1, 0.2, 0.3, 0.4])
    played(mixes, 20, np.concatenate([0.8 * within[0], 0.2 * within[1]]), generator, 200)
    assert (played(mixes, 10, np.concatenate([0.3 * within[0], 0.7 * within[1]]), generator, 200) > np.log(10_000)).sum() <= 4
    assert (played(mixes, 4, np.concatenate([0.3 * within[1], 0.7 * within[0]]), generator, 200) > np.log(10_000)).mean() > 0.95


def test_things_that_come_in_bunches_are_not_accused() -> None:
    """What is alike within a block is learned as being uneven."""
    generator = np.random.default_rng(5)
    mixes = Mixes(4)
    mixes.grow(200)
    accused = 0
    for _ in range(40):
        shares = generator.dirichlet([6, 6, 6, 6], 200)
        for bin_ in range(4):
            mixes.add(np.arange(200), np.full(200, bin_), np.round(shares[:, bin_] * 120))
        accused += int((mixes.judge().evidence > np.log(10_000)).sum())
    assert accused <= 20


def test_what_is_remembered_is_restored() -> None:
    """To the last bit."""
    generator = np.random.default_rng(6)
    first, second = Mixes(4), Mixes(4)
    first.grow(5)
    played(first, 14, np.full(4, 0.25), generator, 5)
    second.restore(first.save())
    shares = np.array([0.7, 0.1, 0.1, 0.1])
    np.testing.assert_array_equal(played(first, 3, shares, np.random.default_rng(1), 5), played(second, 3, shares, np.random.default_rng(1), 5))


@pytest.mark.parametrize("counts", [0.0, 1e12])
def test_nothing_and_very_much_are_numbers(counts: float) -> None:
    """No division by nothing."""
    mixes = Mixes(4)
    mixes.grow(1)
    for _ in range(12):
        mixes.add(np.array([0]), np.array([1]), np.array([counts]))
        assert np.isfinite(mixes.judge().evidence).all()
