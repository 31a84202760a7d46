"""When something that grows will be full: the latest values of many series in, time left with an interval out.

The slope is the median of the slopes of all pairs (Theil 1950, Sen 1968), which single readings do not move; its interval is Kendall's, widened for
neighbours that are alike. A saw (memory that is freed now and then) has no slope over several of its teeth, and a step grows in one
place only: what did not grow from each quarter to the next alike is not continued.
"""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

__all__ = ["Left", "left"]

Floats = npt.NDArray[np.float64]
_SURE: Final = 1.645  # deviations that hold 90 of 100
_FEWEST: Final = 10
_UNEVEN: Final = 4.0  # times that a quarter may have grown faster or slower than all


class Left(NamedTuple):
    """Time until the limit, in steps of the series: likely, at least, at most (may be infinite)."""

    likely: float
    least: float
    most: float
    slope: float  # a step


def left(values: Floats, limit: float) -> Left | None:
    """Of one series, oldest value first, NaN where there is none; None: it does not grow towards the limit for all that can be said."""
    at = np.flatnonzero(np.isfinite(values))
    known = values[at]
    if len(at) < _FEWEST or known[-1] >= limit:
        return None
    first, second = np.triu_indices(len(at), 1)
    slopes = np.sort((known[second] - known[first]) / (at[second] - at[first]))
    slope = float(np.median(slopes))
    if slope <= 0 or not _steady(at, known, slope):
        return None
    low, high = _interval(slopes, len(at), _alike(known - slope * at))
    if low <= 0:
        return None
    now = float(np.median(known - slope * at) + slope * at[-1])
    room = max(limit - max(now, float(known[-1])), 0.0)
    return Left(room / slope, room / high, room / low, slope)


def _steady(at: npt.NDArray[np.intp], known: Floats, slope: float) -> bool:
    """Whether all four quarters grew alike."""
    middles, places = (np.array([np.median(part) for part in np.array_split(values, 4)]) for values in (known, at))
    grown = np.diff(middles) / np.diff(places)
    return bool(((grown > slope / _UNEVEN) & (grown < slope * _UNEVEN)).all())


def _interval(slopes: Floats, count: int, alike: float) -> tuple[float, float]:
    """By the ranks of the slopes; neighbours that are alike make it as wide as fewer values would."""
    spread = _SURE * np.sqrt(count * (count - 1) * (2 * count + 5) / 18 * (1 + alike) / (1 - alike))
    low, high = (len(slopes) - spread) / 2, (len(slopes) + spread) / 2
    if low < 0 or high > len(slopes) - 1:
        return 0.0, float("inf")
    return float(slopes[int(low)]), float(slopes[min(int(np.ceil(high)), len(slopes) - 1)])


def _alike(rest: Floats) -> float:
    """Correlation of what is left with its neighbour."""
    rest = rest - rest.mean()
    square = float((rest**2).sum())
    return float(np.clip((rest[1:] * rest[:-1]).sum() / square, 0.0, 0.9)) if square > 1e-12 * max(len(rest), 1) else 0.0
