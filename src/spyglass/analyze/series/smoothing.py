"""Exponential smoothing with a damped trend and a season (Holt 1957, Winters 1960, Gardner and McKenzie 1985), many settings side by side in one pass.

Values in even steps in, as many columns as there are variants of the series; what each setting would have forecast from each origin out. The method is
causal, so that one pass gives the forecasts from every origin. A value that lies farther from what was expected than four times what is usual teaches only
as much as that, and a gap teaches nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product
from typing import Final

import numpy as np
import numpy.typing as npt

__all__ = ["LABELS", "forecasts"]

Floats = npt.NDArray[np.float64]
_LEVELS: Final = (0.02, 0.1, 0.3, 0.6, 0.9)  # weight of a new value in the level
_TRENDS: Final = ((0.0, 1.0), (0.05, 0.9), (0.02, 0.98), (0.3, 0.98))  # weight in the slope, and how much of the slope is left a step later
_SEASONS: Final = (0.05, 0.2, 0.5)
_CLIP: Final = 4.0
_USUAL: Final = 0.03  # weight of a new error in what is usual
_GRID: Final = tuple(product(_LEVELS, _TRENDS, _SEASONS))
LABELS: Final = tuple(f"smoothing(level {level:g}, trend {trend:g}, season {season:g})" for level, (trend, _), season in _GRID)


@dataclass(slots=True)
class _State:
    level: Floats  # variants x settings
    slope: Floats
    season: Floats  # places x variants x settings
    usual: Floats  # size of an error


def forecasts(variants: Floats, period: int, wanted: Sequence[tuple[int, int]], horizon: int) -> Floats:
    """Wanted x settings x horizon: of each wanted column of `variants` (steps x columns) from its origin; what a column holds from there on is not looked at.

    `period` 1: no season. An origin is the first step that is not known.
    """
    level_weight, slope_weight, kept, season_weight = (np.array(values)[None, :] for values in zip(*((a, b, phi, c) for a, (b, phi), c in _GRID), strict=True))
    season_weight = season_weight if period > 1 else np.zeros_like(season_weight)
    origins = [origin for _, origin in wanted]
    state = _begin(variants[: min(origins)], period)
    ends: dict[int, list[tuple[int, int]]] = {}
    for at, (column, origin) in enumerate(wanted):
        ends.setdefault(origin, []).append((at, column))
    damped = np.cumsum(kept[0][:, None] ** np.arange(1, horizon + 1)[None, :], axis=1)
    found = np.zeros((len(wanted), len(_GRID), horizon))
    for step in range(max(origins) + 1):
        for at, column in ends.get(step, ()):
            found[at] = _ahead(state, column, (step + np.arange(horizon)) % period, damped)
        if step < len(variants):
            _learn(state, variants[step], step % period, (level_weight, slope_weight, kept, season_weight))
    return found


def _begin(variants: Floats, period: int) -> _State:
    """Level and season of the first three periods."""
    count = variants.shape[1]
    first = variants[: max(3 * period, 4)]
    level = _middle(first)
    season = np.zeros((period, count))
    if period > 1:
        for place in range(period):
            season[place] = np.nan_to_num(_middle(first[place::period]) - level)
        season -= season.mean(axis=0)
    spread = _middle(np.abs(first - level - season[np.arange(len(first)) % period]))
    wide = (1, len(_GRID))
    return _State(np.tile(level[:, None], wide), np.zeros((count, len(_GRID))), np.tile(season[:, :, None], (1, *wide)), np.tile(2 * spread[:, None], wide))


def _middle(values: Floats) -> Floats:
    """The median of each column, 0 where there is none."""
    known = np.isfinite(values).any(axis=0)
    middle = np.zeros(values.shape[1])
    if known.any():
        middle[known] = np.nanmedian(values[:, known], axis=0)
    return middle


def _learn(state: _State, values: Floats, place: int, weights: tuple[Floats, Floats, Floats, Floats]) -> None:
    level_weight, slope_weight, kept, season_weight = weights
    season = state.season[place]
    ahead = state.level + kept * state.slope
    heard = np.isfinite(values)[:, None]
    error = np.where(heard, values[:, None] - ahead - season, 0.0)
    bound = np.where(state.usual > 0, _CLIP * state.usual, np.inf)  # of a series that stood still every value teaches all
    np.minimum(error, bound, out=error)
    np.maximum(error, -bound, out=error)
    state.usual += (_USUAL * heard) * (1.25 * np.abs(error) - state.usual)
    state.slope = kept * state.slope + slope_weight * level_weight * error
    state.level = ahead + level_weight * error
    season += season_weight * (1 - level_weight) * error


def _ahead(state: _State, column: int, places: npt.NDArray[np.int64], damped: Floats) -> Floats:
    found: Floats = state.level[column][:, None] + damped * state.slope[column][:, None] + state.season[places, column].T
    return found
