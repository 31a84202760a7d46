"""How the values of a series are spread: values in; counts, moments, quantiles, a histogram and how heavy the tail is out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

__all__ = ["QUANTILES", "Bar", "Summary", "summary"]

Floats = npt.NDArray[np.float64]
QUANTILES: Final = (0.01, 0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99)
_MOST_BARS: Final = 60
_HEAVY: Final = 50.0  # times the median, that the largest of positive values must be for bars of equal ratio
_TAIL: Final = 0.05  # the largest values, from which the tail is judged
_FEWEST: Final = 10


@dataclass(frozen=True, slots=True)
class Bar:
    """Values from `low` to below `high`; the last bar has its upper end, too."""

    low: float
    high: float
    count: int


@dataclass(frozen=True, slots=True)
class Summary:
    """Of the values that are there; figures are None where there are too few."""

    count: int
    missing: int
    zeros: int
    mean: float | None
    deviation: float | None
    least: float | None
    greatest: float | None
    skew: float | None  # 0: even to both sides
    quantiles: dict[str, float]
    tail_index: float | None  # of the upper tail (Hill 1975): below about 3, single values rule the mean; None: too few, or not positive
    memory: float | None  # correlation with the value one step before
    bars: list[Bar]


def summary(values: Floats) -> Summary:
    """Values that are not finite are counted as missing."""
    known = values[np.isfinite(values)]
    count = len(known)
    if not count:
        return Summary(0, len(values), 0, None, None, None, None, None, {}, None, None, [])
    mean, deviation = float(known.mean()), float(known.std(ddof=1)) if count > 1 else None
    centred = known - mean
    spread = float(np.sqrt((centred**2).mean()))
    skew = float(((centred / spread) ** 3).mean()) if spread > 0 and count >= 3 else None
    quantiles = {f"{share:g}": float(value) for share, value in zip(QUANTILES, np.quantile(known, QUANTILES), strict=True)}
    zeros = int((known == 0).sum())
    ends = float(known.min()), float(known.max())
    return Summary(count, len(values) - count, zeros, mean, deviation, *ends, skew, quantiles, _tail_index(known), _memory(values), _bars(known))


def _tail_index(known: Floats) -> float | None:
    """Hill's estimate from the largest values."""
    most = int(len(known) * _TAIL)
    largest = np.sort(known)[-most - 1 :]
    if most < _FEWEST or largest[0] <= 0 or largest[-1] <= largest[0]:
        return None
    return float(1 / np.log(largest[1:] / largest[0]).mean())


def _memory(values: Floats) -> float | None:
    both = np.isfinite(values[:-1]) & np.isfinite(values[1:])
    first, second = values[:-1][both], values[1:][both]
    if len(first) < _FEWEST or not first.std() > 0 or not second.std() > 0:
        return None
    return float(np.corrcoef(first, second)[0, 1])


def _bars(known: Floats) -> list[Bar]:
    """As wide as Freedman and Diaconis (1981) say; of equal ratio where the values span orders of magnitude."""
    low, high = float(known.min()), float(known.max())
    if low == high:
        return [Bar(low, high, len(known))]
    ratio = low > 0 and high > _HEAVY * float(np.median(known))
    scale = np.log(known) if ratio else known
    quarter = float(np.subtract(*np.quantile(scale, (0.75, 0.25))))
    width = 2 * quarter / len(known) ** (1 / 3)
    span = float(scale.max() - scale.min())
    number = int(min(_MOST_BARS, max(5, np.ceil(span / width)))) if width > span / _MOST_BARS else min(_MOST_BARS, max(5, round(len(known) ** 0.5)))
    edges = np.geomspace(low, high, number + 1) if ratio else np.linspace(low, high, number + 1)
    edges[0], edges[-1] = low, high
    counts, _ = np.histogram(known, edges)
    return [Bar(float(edges[at]), float(edges[at + 1]), int(counts[at])) for at in range(number)]
