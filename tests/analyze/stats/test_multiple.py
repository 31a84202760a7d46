"""Many tests at once."""

from __future__ import annotations

import numpy as np
import pytest

from spyglass.analyze.stats.multiple import believed, fisher


def test_two_shares_are_compared_exactly():
    """Fisher's tea: three of four against one of four; and shares that are equal."""
    assert fisher(3, 4, 1, 4) == pytest.approx(34 / 70)
    assert fisher(10, 100, 10, 100) == pytest.approx(1.0)
    assert fisher(0, 10, 0, 10) == 1.0
    assert fisher(40, 1000, 400, 1000) < 1e-50


def test_of_what_is_believed_few_are_false():
    """A hundred worlds in which twenty of two hundred tests have something to find."""
    random = np.random.default_rng(1)
    shares = []
    for _ in range(100):
        probabilities = np.concatenate([random.random(20) * 1e-4, random.random(180)])
        told = believed(probabilities) <= 0.05
        shares.append(told[20:].sum() / max(told.sum(), 1))
    assert np.mean(shares) <= 0.06
