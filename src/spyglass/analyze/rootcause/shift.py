"""How far a figure has moved since a trouble began: values before and during in, how many times farther than it usually strays out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from spyglass.analyze.series.scales import SCALES, ScaleName

__all__ = ["Shift", "shift"]

Floats = npt.NDArray[np.float64]
_FEWEST: Final = 3  # values before
_USUAL: Final = 0.98  # of the values before lie nearer than what counts as straying far
_LEAST: Final[dict[ScaleName, float]] = {"size": 0.05, "count": 1.0, "share": 0.03, "plain": 0.0}  # moves that are worth a word, on the scale


@dataclass(frozen=True, slots=True)
class Shift:
    """One figure of one node."""

    before: float  # the median
    during: float  # of the worse half
    strayed: float  # signed: how many times farther than the farthest that is usual


def shift(before: Floats, during: Floats, scale: ScaleName) -> Shift | None:
    """None: too little is known."""
    earlier, later = (one[np.isfinite(one)] for one in (SCALES[scale].there(before), SCALES[scale].there(during)))
    if len(earlier) < _FEWEST or not len(later):
        return None
    middle = float(np.median(earlier))
    away = np.sort(later - middle)
    half = max(1, (len(away) + 1) // 2)
    moved = float(away[-half:].mean()) if abs(away[-half:].mean()) >= abs(away[:half].mean()) else float(away[:half].mean())
    usual = max(float(np.quantile(np.abs(earlier - middle), _USUAL)), _LEAST[scale], 1e-9 * abs(middle), 1e-12)
    back = SCALES[scale].back
    return Shift(float(back(np.array([middle]))[0]), float(back(np.array([middle + moved]))[0]), moved / usual)
