"""Where a series changes its law: Bayesian online change point detection with straight lines between the changes.

Adams and MacKay 2007 (arXiv:0710.3742); the segments are Bayesian linear regressions on time with a normal-inverse-gamma prior (Fearnhead and Liu 2007),
so that a trend is no chain of changes. For a few hundred figures that matter: the cost of a value grows with the segments that are still possible,
of which the most probable `keeps` are kept.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

__all__ = ["ChangePoints", "Settings"]

Floats = npt.NDArray[np.float64]
_NEAR: Final = 10  # values: where a bend lies cannot be told more exactly
_PATIENT: Final = 64  # values after which the noise is looked at less often
_STEADY: Final = 1.5  # the noise that is reckoned with may be wrong by this factor
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
        self._starts: npt.NDArray[np.int64] = np.zeros(0, np.int64)
        self._weights: Floats = np.zeros(0)  # log probabilities
        self._means: Floats = np.zeros((0, 2))
        self._covariances: Floats = np.zeros((0, 2, 2))
        self._shape: Floats = np.zeros(0)
        self._scale: Floats = np.zeros(0)

    def _observe(self, at: int) -> None:
        """The recursion of the paper, over all segments at once."""
        self._spread(at)
        value = (self._values[at] - self._values[0]) / self._noise
        design = np.stack([np.ones(len(self._starts)), (at - self._starts) / _UNIT], axis=1)
        projected = np.einsum("nij,nj->ni", self._covariances, design)
        spread = 1 + np.einsum("ni,ni->n", design, projected)
        error = value - np.einsum("ni,ni->n", design, self._means)
        self._weights += _student(error, 2 * self._shape, self._scale / self._shape * spread)
        self._weights -= np.logaddexp.reduce(self._weights)
        gain = projected / spread[:, None]
        self._means += gain * error[:, None]
        self._covariances -= gain[:, :, None] * projected[:, None, :]
        self._shape += 0.5
        self._scale += 0.5 * error * error / spread

    def _spread(self, at: int) -> None:
        """A segment may begin here; the least probable one is forgotten when there are too many."""
        settings = self._settings
        hazard = settings.hazard if at else 1.0
        weights = self._weights + np.log1p(-settings.hazard) if at else self._weights
        keep = slice(None) if len(weights) < settings.keeps else np.sort(np.argsort(weights)[1:])
        self._starts = np.append(self._starts[keep], at)
        self._weights = np.append(weights[keep], np.log(hazard))
        self._means = np.concatenate([self._means[keep], np.zeros((1, 2))])
        self._covariances = np.concatenate([self._covariances[keep], np.diag([settings.level**2, settings.slope**2])[None]])
        self._shape = np.append(self._shape[keep], 1.0)
        self._scale = np.append(self._scale[keep], 1.0)

    def _changed(self) -> int | None:
        """The most probable beginning, when it and its neighbours are certain and the segment told before is not possible any more."""
        probabilities = np.exp(self._weights)
        best = int(self._starts[probabilities.argmax()])
        near = probabilities[np.abs(self._starts - best) <= _NEAR].sum()
        before = probabilities[self._starts < self._last + 3].sum()
        if best <= self._last or near <= self._settings.certain or before >= 1 - self._settings.certain:
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


def _student(error: Floats, freedom: Floats, scale: Floats) -> Floats:
    """Log density of Student's t; `scale` is squared."""
    return (
        _log_gamma((freedom + 1) / 2)
        - _log_gamma(freedom / 2)
        - 0.5 * np.log(freedom * np.pi * scale)
        - (freedom + 1) / 2 * np.log1p(error * error / (freedom * scale))
    )


def _log_gamma(x: Floats) -> Floats:
    """Stirling's series after a shift by seven; relative error below 1e-12 for x > 0 (Abramowitz and Stegun 6.1.41)."""
    shift = np.zeros_like(x)
    for more in range(7):
        shift += np.log(x + more)
    x = x + 7
    series = (1 / 12 - (1 / 360 - (1 / 1260 - 1 / (1680 * x * x)) / (x * x)) / (x * x)) / x
    found: Floats = (x - 0.5) * np.log(x) - x + 0.5 * np.log(2 * np.pi) + series - shift
    return found
