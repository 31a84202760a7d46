"""Where a series changes its law: Bayesian online change point detection with straight lines between the changes.

Adams and MacKay 2007 (arXiv:0710.3742); the segments are Bayesian linear regressions on time with a normal-inverse-gamma prior (Fearnhead and Liu 2007),
so that a trend is no chain of changes. For a few hundred figures that matter: the cost of a value grows with the segments that are still possible,
of which the most probable `keeps` are kept.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import numpy as np
import numpy.typing as npt

__all__ = ["ChangePoints", "Settings"]

Floats = npt.NDArray[np.float64]
_NEAR: Final = 10  # values: where a bend lies cannot be told more exactly
_PATIENT: Final = 64  # values after which the noise is looked at less often
_STEADY: Final = 1.5  # the noise that is reckoned with may be wrong by this factor
_FEW: Final = 256  # values that a segment has at first
_UNIT: Final = 10.0  # values: time within a segment is counted in these, so that slopes are of the size of levels


@dataclass(frozen=True, slots=True)
class Settings:
    """The prior."""

    hazard: float = 1e-4  # chance of a change at any value
    certain: float = 0.99  # a change is told when it is as probable as this
    level: float = 100.0  # deviations of the prior of levels, in noises
    slope: float = 10.0  # and of slopes, in noises per ten values
    keeps: int = 300  # segments that are considered
    warms: int = 8  # differences from which the size of the noise is found first


class ChangePoints:
    """One series. `step` takes its values one after the other."""

    def __init__(self, settings: Settings | None = None) -> None:
        self._settings = settings or Settings()
        self._values: list[float] = []
        self._noise = 0.0
        self._last = 0  # index at which the segment that goes on began
        self._ages = _ages(self._settings.level, self._settings.slope, _FEW)
        self._begin()

    def step(self, value: float) -> int | None:
        """The index at which a new segment began, once that is certain; it lies before the newest value. What is no number counts as its predecessor."""
        if not np.isfinite(value):
            value = self._values[-1] if self._values else 0.0
        self._values.append(value)
        count = len(self._values)
        if count <= self._settings.warms:
            return None
        noise = _noise(np.array(self._values)) if count < _PATIENT or count % 16 == 0 else self._noise
        if not self._noise or not 1 / _STEADY < noise / self._noise < _STEADY:
            self._noise = noise
            self._begin()
            for at in range(count - 1):
                self._observe(at)
        self._observe(count - 1)
        return self._changed()

    def _begin(self) -> None:
        keeps = self._settings.keeps
        self._segments = 0  # of what follows, the first so many are in use, in no order
        self._starts: npt.NDArray[np.int64] = np.zeros(keeps, np.int64)
        self._weights: Floats = np.zeros(keeps)  # log probabilities
        self._levels: Floats = np.zeros(keeps)
        self._slopes: Floats = np.zeros(keeps)
        self._scale: Floats = np.zeros(keeps)

    def _observe(self, at: int) -> None:
        """The recursion of the paper, over all segments at once."""
        self._spread(at)
        used = slice(self._segments)
        if at >= len(self._ages.spread):
            self._ages = _ages(self._settings.level, self._settings.slope, 2 * len(self._ages.spread))
        ages = at - self._starts[used]
        spread, shape = self._ages.spread[ages], 1 + 0.5 * ages
        error = (self._values[at] - self._values[0]) / self._noise - self._levels[used] - self._slopes[used] * (ages / _UNIT)
        square = error * error / spread
        scale, weights = self._scale[used], self._weights[used]
        weights += self._ages.density[ages] - 0.5 * np.log(scale) - (shape + 0.5) * np.log1p(square / (2 * scale))  # Student's t
        weights -= np.logaddexp.reduce(weights)
        self._levels[used] += self._ages.levels[ages] * error
        self._slopes[used] += self._ages.slopes[ages] * error
        scale += 0.5 * square

    def _spread(self, at: int) -> None:
        """A segment may begin here; the least probable one is forgotten when there are too many."""
        settings = self._settings
        if at:
            self._weights[: self._segments] += np.log1p(-settings.hazard)
        if self._segments < settings.keeps:
            free = self._segments
            self._segments += 1
        else:
            free = int(self._weights.argmin())
        self._starts[free] = at
        self._weights[free] = np.log(settings.hazard) if at else 0.0
        self._levels[free] = self._slopes[free] = 0.0
        self._scale[free] = 1.0

    def _changed(self) -> int | None:
        """The most probable beginning, when it and its neighbours are certain and the segment told before is not possible any more."""
        starts, weights = self._starts[: self._segments], self._weights[: self._segments]
        best = int(starts[weights.argmax()])
        if best <= self._last:
            return None
        probabilities = np.exp(weights)
        near = probabilities[np.abs(starts - best) <= _NEAR].sum()
        before = probabilities[starts < self._last + 3].sum()
        if near <= self._settings.certain or before >= 1 - self._settings.certain:
            return None
        self._last = best
        return best


def _noise(values: Floats) -> float:
    """The deviation of values from a line, by medians of differences; of neighbours alone it would be too small where values wander."""
    found = 0.0
    for apart in (1, 2, 4, 8):
        differences = values[apart:] - values[:-apart]
        if len(differences) < 4:
            break
        middle = np.median(differences)
        found = max(found, 1.4826 * float(np.median(np.abs(differences - middle))) / np.sqrt(2))
    return found or float(np.diff(values).std()) or max(abs(float(values[0])), 1.0) * 1e-3


@dataclass(frozen=True, slots=True)
class _Ages:
    """What depends on how old a segment is and on no value of it: one row per value that it has."""

    spread: Floats  # of the next value, in noises, squared
    levels: Floats  # how much of an error goes to the level
    slopes: Floats  # and to the slope
    density: Floats  # of Student's t, what is the same for all errors


@lru_cache(maxsize=8)
def _ages(level: float, slope: float, count: int) -> _Ages:
    """Of so many values: the covariance of a straight line's level and slope shrinks with each, wherever it lies."""
    top, both, bottom = level**2, 0.0, slope**2
    rows = np.empty((3, count))
    for age in range(count):
        time = age / _UNIT
        to_level, to_slope = top + both * time, both + bottom * time
        spread = 1 + to_level + to_slope * time
        rows[:, age] = spread, to_level / spread, to_slope / spread
        top, both, bottom = top - to_level * to_level / spread, both - to_level * to_slope / spread, bottom - to_slope * to_slope / spread
    shape: Floats = 1 + 0.5 * np.arange(count, dtype=np.float64)
    density: Floats = _log_gamma(shape + 0.5) - _log_gamma(shape) - 0.5 * np.log(2 * np.pi * rows[0])
    return _Ages(rows[0], rows[1], rows[2], density)


def _log_gamma(x: Floats) -> Floats:
    """Stirling's series after a shift by seven; relative error below 1e-12 for x > 0 (Abramowitz and Stegun 6.1.41)."""
    shift = np.zeros_like(x)
    for more in range(7):
        shift += np.log(x + more)
    x = x + 7
    series = (1 / 12 - (1 / 360 - (1 / 1260 - 1 / (1680 * x * x)) / (x * x)) / (x * x)) / x
    found: Floats = (x - 0.5) * np.log(x) - x + 0.5 * np.log(2 * np.pi) + series - shift
    return found
