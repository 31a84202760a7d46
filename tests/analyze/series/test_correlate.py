"""Correlation: what is known exactly, and how often noise is called a connection."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest

from spyglass.analyze.series.correlate import correlate, lagged
from spyglass.analyze.series.tails import normal, student

Floats = npt.NDArray[np.float64]


def wandering(generator: np.random.Generator, count: int, memory: float) -> Floats:
    """An autoregressive series of first order."""
    noise, found = generator.normal(size=count + 100), np.zeros(count + 100)
    for at in range(1, count + 100):
        found[at] = memory * found[at - 1] + noise[at]
    return found[100:]


@pytest.mark.parametrize(("t", "freedom", "wanted"), [(2.228139, 10, 0.05), (12.7062, 1, 0.05), (1.959964, 1e6, 0.05), (3.169273, 10, 0.01), (0.0, 5, 1.0)])
def test_tails_are_those_of_the_tables(t: float, freedom: float, wanted: float) -> None:
    """Student's t, both sides."""
    assert student(t, freedom) == pytest.approx(wanted, rel=1e-4)
    assert student(-t, freedom) == student(t, freedom)


def test_many_degrees_are_normal() -> None:
    """As they must become."""
    assert student(2.5, 1e7) == pytest.approx(normal(2.5), rel=1e-4)


def test_what_rises_together_is_found_by_rank() -> None:
    """A curve is a connection of ranks; in a straight line it is less."""
    x = np.arange(1.0, 60.0)
    assert correlate(x, np.exp(x / 5), "spearman").coefficient == pytest.approx(1.0)
    assert (correlate(x, np.exp(x / 5)).coefficient or 0) < 0.9
    assert correlate(x, -3 * x + 2).coefficient == pytest.approx(-1.0)


@pytest.mark.parametrize("memory", [0.0, 0.5, 0.9, 0.95])
@pytest.mark.parametrize("method", ["pearson", "spearman"])
def test_series_that_wander_by_themselves_are_no_connection(memory: float, method: str) -> None:
    """At most one in twenty, and a little, is called so at p < 0.05; without the effective number it were two of three."""
    generator = np.random.default_rng(5)
    found = [correlate(wandering(generator, 288, memory), wandering(generator, 288, memory), method) for _ in range(300)]  # type: ignore[arg-type]
    assert sum((one.probability or 0) < 0.05 for one in found) / len(found) <= 0.08
    assert all(one.effective <= one.pairs for one in found)


def test_the_lag_is_found() -> None:
    """The second follows the first by three steps."""
    generator = np.random.default_rng(1)
    first = generator.normal(size=300)
    second = np.concatenate([np.zeros(3), first[:-3]]) + generator.normal(size=300)
    best = min(lagged(first, second, 10), key=lambda one: one.probability or 1)
    assert (best.lag, (best.probability or 1) < 1e-6) == (3, True)


@pytest.mark.parametrize("broken", [np.nan, np.inf, 1e308, 0.0])
def test_hostile_values_give_no_number_that_is_none(broken: float) -> None:
    """A series that stands still, is empty or holds what is no number has no coefficient, and says so."""
    still = np.full(50, broken)
    one = correlate(still, np.arange(50.0))
    assert one.coefficient is None or abs(one.coefficient) <= 1
    assert correlate(np.zeros(0), np.zeros(0)).coefficient is None
