"""A wave so long that few of it were seen (a year of days): values in, the wave at every step and beyond out, as a few harmonics (Fourier).

Fitted by least squares beside a curve for the trend, with what lies far off drawn in, and a little towards zero, so that less than two waves promise little.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

__all__ = ["longwave"]

Floats = npt.NDArray[np.float64]
_HARMONICS: Final = 6
_BENDS: Final = 3  # powers of time in the trend
_PULL: Final = 0.02  # towards zero, in shares of the number of values
_FAR: Final = 3.0  # medians of size


def longwave(values: Floats, period: float, count: int) -> Floats:
    """The wave at `count` steps from the first on; without level and trend."""
    known = np.flatnonzero(np.isfinite(values))
    waves = _waves(np.arange(count), period)
    time = np.linspace(-1, 1, len(values))
    design = np.concatenate([np.stack([time[known] ** power for power in range(_BENDS + 1)], axis=1), waves[known]], axis=1)
    pull = np.diag([0.0] * (_BENDS + 1) + [_PULL * len(known)] * waves.shape[1]) + 1e-9 * len(known) * np.eye(design.shape[1])
    target = values[known]
    square = design.T @ design + pull
    for _ in range(3):
        weights = np.linalg.solve(square, design.T @ target)
        line = design @ weights
        rest = values[known] - line
        bound = _FAR * float(np.median(np.abs(rest)))
        target = line + np.clip(rest, -bound, bound)
    wave: Floats = waves @ weights[_BENDS + 1 :]
    return wave


def _waves(steps: npt.NDArray[np.int64], period: float) -> Floats:
    angles = 2 * np.pi * steps[:, None] * np.arange(1, _HARMONICS + 1) / period
    found: Floats = np.concatenate([np.sin(angles), np.cos(angles)], axis=1)
    return found
