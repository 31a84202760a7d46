"""Whether two series go together: their values in even steps in, coefficients with the number of values that they are really worth out.

Neighbouring values of a series are alike, so that a hundred of them tell less than a hundred: two random walks correlate "significantly" most of the
time. The number of independent pairs is Bartlett's (1946), n / (1 + 2 Σ (1 − k/n) ρx(k) ρy(k)); the probability is that of Student's t with so many.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import atanh, sqrt, tanh
from typing import Final, Literal

import numpy as np
import numpy.typing as npt

from spyglass.analyze.series.tails import student

__all__ = ["Correlation", "Method", "correlate", "lagged"]

Floats = npt.NDArray[np.float64]
Method = Literal["pearson", "spearman"]
_FEWEST: Final = 8  # pairs, below which nothing is said
_LEAST: Final = 4.0  # independent pairs that are assumed at least
_NINETY_FIVE: Final = 1.959964


@dataclass(frozen=True, slots=True)
class Correlation:
    """How two series go together, the second one `lag` steps later."""

    method: Method
    lag: int
    coefficient: float | None  # None: too few pairs, or a series that stands still
    pairs: int
    effective: float  # independent pairs that these are worth
    probability: float | None  # of a coefficient as far from zero where nothing connects the two, over all lags that were tried
    low: float | None  # of the coefficient, 95 %
    high: float | None


def correlate(first: Floats, second: Floats, method: Method = "pearson") -> Correlation:
    """The pairs of steps in which both have a value."""
    return _at(first, second, method, 0, 1)


def lagged(first: Floats, second: Floats, most: int, method: Method = "pearson") -> list[Correlation]:
    """The same at every lag from −`most` to `most`; the probabilities allow for that many looks (Bonferroni)."""
    looks = 2 * most + 1
    return [_at(first, second, method, lag, looks) for lag in range(-most, most + 1)]


def _at(first: Floats, second: Floats, method: Method, lag: int, looks: int) -> Correlation:
    if lag > 0:
        first, second = first[:-lag], second[lag:]
    elif lag < 0:
        first, second = first[-lag:], second[:lag]
    both = np.isfinite(first) & np.isfinite(second)
    pairs = int(both.sum())
    if pairs < _FEWEST:
        return Correlation(method, lag, None, pairs, float(pairs), None, None, None)
    x, y = _ready(first, both, method), _ready(second, both, method)
    spread = sqrt(float(np.nansum(x * x)) * float(np.nansum(y * y)))
    if not spread > 0 or not np.isfinite(spread):
        return Correlation(method, lag, None, pairs, float(pairs), None, None, None)
    coefficient = max(-1.0, min(1.0, float(np.nansum(x * y)) / spread))
    effective = _effective(x, y, pairs)
    freedom = max(effective - 2, 1.0)
    t = coefficient * sqrt(freedom / max(1 - coefficient**2, 1e-15))
    half = _NINETY_FIVE / sqrt(max(effective - 3, 0.5))
    middle = atanh(max(-1 + 1e-12, min(1 - 1e-12, coefficient)))
    return Correlation(method, lag, coefficient, pairs, effective, min(1.0, looks * student(t, freedom)), tanh(middle - half), tanh(middle + half))


def _ready(values: Floats, both: npt.NDArray[np.bool_], method: Method) -> Floats:
    """Around zero, of the size of one, ranks where that was asked; NaN where the pair is not whole."""
    ready = np.full(len(values), np.nan)
    found = _ranks(values[both]) if method == "spearman" else values[both] / max(float(np.abs(values[both]).max()), 1e-300)
    ready[both] = found - found.mean()
    if np.nanmax(np.abs(ready)) < 1e-12:
        ready[both] = 0.0
    return ready


def _ranks(values: Floats) -> Floats:
    """Equal ones share the mean of their ranks."""
    _, place, counts = np.unique(values, return_inverse=True, return_counts=True)
    last = np.cumsum(counts)
    means: Floats = (last - (counts - 1) / 2)[place]
    return means


def _effective(x: Floats, y: Floats, pairs: int) -> float:
    """Lags to a quarter of the series, tapered: of later ones so few pairs tell that they tell of noise."""
    most = max(1, len(x) // 4)
    own_x, own_y = _autocorrelation(x, most), _autocorrelation(y, most)
    lags = np.arange(1, most + 1)
    taper = 1 - lags / (most + 1)
    total = float((taper * (1 - lags / len(x)) * own_x * own_y).sum())
    # The sample's memory is too short, the more so the longer the real one is (Kendall 1954): no less than that of two first-order processes, corrected.
    steady = [min(own[0] + (1 + 3 * own[0]) / len(x), 0.999) for own in (own_x, own_y)]
    both = max(steady[0] * steady[1], 0.0) if min(steady) > 0 else 0.0
    inflation = max(1 + 2 * total, (1 + both) / (1 - both))
    return float(min(max(pairs / inflation, _LEAST), pairs))


def _autocorrelation(values: Floats, most: int) -> Floats:
    """At lags 1 to `most`, by the theorem of Wiener and Khinchin; gaps count as the mean."""
    flat = np.nan_to_num(values)
    size = 1 << (2 * len(flat) - 1).bit_length()
    power = np.abs(np.fft.rfft(flat, size)) ** 2
    found = np.fft.irfft(power, size)[: most + 1]
    own: Floats = found[1:] / found[0]
    return own
