"""Whether all series moved at once: deviations of many series in, how unusual their common part is out.

A cause that all share (a provider, a deployment) may move each of them by less than anybody would tell; their mean it moves beyond doubt.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa

__all__ = ["Together"]

_LEARNS: Final = 60  # means before one is judged
_MEMORY: Final = 0.01
_CLIP: Final = 4.0  # deviations: one series alone shall not move the mean


class Together:
    """The mean of deviations, tick by tick."""

    def __init__(self) -> None:
        self._count = 0.0
        self._mean = 0.0
        self._variance = 0.0

    def step(self, deviations: npt.NDArray[np.float64]) -> tuple[float, float]:
        """The mean of this tick, and by how many deviations of such means it lies from the usual; 0 as long as that is not known."""
        if not len(deviations):
            return 0.0, 0.0
        mean = float(np.clip(deviations, -_CLIP, _CLIP).mean())
        spread = max(self._variance**0.5, 1 / len(deviations) ** 0.5)
        unusual = (mean - self._mean) / spread if self._count >= _LEARNS else 0.0
        self._count += 1
        step = mean - self._mean
        if self._count > _LEARNS:
            step = min(max(step, -_CLIP * spread), _CLIP * spread)
        weight = max(_MEMORY, 1 / self._count)
        self._mean += weight * step
        self._variance = (1 - weight) * (self._variance + weight * step * step)
        return mean, unusual

    def save(self) -> pa.Table:
        """One row."""
        return pa.table({"count": [self._count], "mean": [self._mean], "variance": [self._variance]})

    def restore(self, state: pa.Table) -> None:
        """See `save`."""
        self._count, self._mean, self._variance = (float(state[name][0].as_py()) for name in ("count", "mean", "variance"))
