"""How rare a figure is among all that its pool has shown."""

from __future__ import annotations

import numpy as np
import pytest

from spyglass.analyze.stats.tail import Tail

RARE = 2.3e-5


def pool(sizes):
    """Of logarithms."""
    found = Tail(300, logarithms=True)
    found.add(np.maximum(sizes, 0.0))
    return found


@pytest.mark.parametrize(("law", "true"), [("normal", 4.08), ("exponential", 10.68)])
def test_a_tail_of_logarithms_is_continued_as_it_bends(law, true):
    """Forty times beyond the rarest that was counted: within a tenth, whether it is light or heavy."""
    draw = {"normal": lambda random: random.normal(0, 1, 10_000), "exponential": lambda random: random.exponential(1, 10_000)}[law]
    told = [pool(draw(np.random.default_rng(seed))).size(RARE) for seed in range(20)]
    assert np.median(told) == pytest.approx(true, rel=0.06)
    assert np.mean(np.abs(np.array(told) / true - 1) < 0.2) >= 0.9


def test_sizes_and_probabilities_of_logarithms_belong_together():
    """Beyond what was counted; where fewer were seen, a size is less rare."""
    sizes = np.random.default_rng(4).normal(0, 1, 10_000)
    many, few = pool(sizes), pool(sizes[:500])
    for probability in (1e-4, RARE, 1e-7):
        assert many.probability(np.array([many.size(probability)]))[0] == pytest.approx(probability, rel=1e-6)
    assert few.size(RARE) > many.size(RARE)


@pytest.mark.parametrize("sizes", [np.zeros(1_000), np.full(1_000, 3.0), np.repeat([1.0, 9.0], 500), np.full(1_000, np.inf)])
def test_what_has_no_tail_harms_nobody(sizes):
    """All alike, of two kinds, beyond all."""
    told = pool(sizes)
    assert told.size(RARE) >= 0
    assert (told.probability(np.array([0.0, 3.0, 1e9])) >= 0).all()
