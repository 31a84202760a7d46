"""How values are spread."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spyglass.analyze.series.summary import summary


def test_figures_are_those_of_the_values() -> None:
    """Gaps are counted apart."""
    found = summary(np.array([1.0, np.nan, 3.0, 0.0, 4.0]))
    assert (found.count, found.missing, found.zeros, found.least, found.greatest) == (4, 1, 1, 0.0, 4.0)
    assert found.mean == 2.0
    assert found.quantiles["0.5"] == 2.0


def test_a_heavy_tail_is_told() -> None:
    """Pareto's index of 2, and bars of equal ratio."""
    values = np.random.default_rng(0).pareto(2, 5_000) + 1
    found = summary(values)
    assert found.tail_index == pytest.approx(2, abs=0.4)
    assert found.bars[-1].high / found.bars[-1].low == pytest.approx(found.bars[0].high / found.bars[0].low, rel=1e-6)


@given(st.lists(st.floats(-1e9, 1e9) | st.just(float("nan")), max_size=80))
@settings(max_examples=60)
def test_every_value_is_in_a_bar(values: list[float]) -> None:
    """Once."""
    found = summary(np.array(values, np.float64))
    assert sum(bar.count for bar in found.bars) == found.count
    assert found.count + found.missing == len(values)
