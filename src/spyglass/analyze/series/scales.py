"""Scales on which deviations of a figure are alike whatever its size: values to the scale, and back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
import numpy.typing as npt

__all__ = ["SCALES", "Scale", "ScaleName"]

Floats = npt.NDArray[np.float64]
ScaleName = Literal["plain", "count", "size", "share"]


@dataclass(frozen=True, slots=True)
class Scale:
    """Both ways."""

    there: Callable[[Floats], Floats]
    back: Callable[[Floats], Floats]


def _same(values: Floats) -> Floats:
    return values


def _root(values: Floats) -> Floats:
    """Anscombe's: the deviation of a count does not depend on its size."""
    found: Floats = 2 * np.sqrt(np.maximum(values, 0) + 0.375)
    return found


def _square(values: Floats) -> Floats:
    found: Floats = np.maximum(0.0, (np.maximum(values, 0) / 2) ** 2 - 0.375)
    return found


def _logarithm(values: Floats) -> Floats:
    found: Floats = np.log(np.where(values > 0, values, np.nan))
    return found


def _exponential(values: Floats) -> Floats:
    found: Floats = np.exp(np.minimum(values, 700.0))
    return found


def _angle(values: Floats) -> Floats:
    found: Floats = np.arcsin(np.sqrt(np.clip(values, 0, 1)))
    return found


def _sine(values: Floats) -> Floats:
    found: Floats = np.sin(np.clip(values, 0, np.pi / 2)) ** 2
    return found


SCALES: Final[dict[ScaleName, Scale]] = {
    "plain": Scale(_same, _same),
    "count": Scale(_root, _square),
    "size": Scale(_logarithm, _exponential),
    "share": Scale(_angle, _sine),
}
