"""The last seasons again: values in even steps in; what they would be if the last one, two, three or five periods came again out.

Each also at the level of the latest period, and with the step that the level has made from period to period, whole or by half (the seasonal random walk with
drift, and Theta, which goes on by half the slope: Assimakopoulos and Nikolopoulos 2000). They do in one line what smoothing needs many seasons to learn, so
they stand in where few were seen, and for a week whose days differ.
"""

from __future__ import annotations

from itertools import product
from typing import Final

import numpy as np
import numpy.typing as npt

__all__ = ["AGAIN", "SHIFTED", "again", "shifted"]

Floats = npt.NDArray[np.float64]
_AGAIN: Final = (1, 2, 3, 5)  # periods that are averaged
_DRIFTING: Final = tuple(product((1, 3), (2, 5, 12), (0.5, 1.0)))  # periods averaged, periods that the drift is of, share of it
_KNOWN: Final = 0.25  # of a period, or its level is not told
_NEAR: Final = 4  # short periods that two times a longer period apart are compared by
_SHARES: Final = (0.5, 1.0)  # of the shift between them
AGAIN: Final = (
    *(f"last {count} again" for count in _AGAIN),
    *(f"last {count} at today's level" for count in _AGAIN),
    *(f"last {count}, {share:g} of the drift of {over}" for count, over, share in _DRIFTING),
)
SHIFTED: Final = tuple(f"one period ago, moved by {share:g} of the change since" for share in _SHARES)


def again(values: Floats, period: int, steps: int) -> Floats:
    """Lines (as `AGAIN`) x steps; the last value is known."""
    rows = np.concatenate([np.full(-len(values) % period, np.nan), values]).reshape(-1, period)
    if len(rows) > 1 and np.isfinite(rows[0]).mean() < 0.5:
        rows = rows[1:]
    usual = _mean(rows, np.full(period, np.nanmedian(values)))
    levels = _levels(rows, usual)
    level, shape = levels[-1], usual - usual.mean()
    rounds = np.arange(steps) // period + 1.0
    lines = [_tiled(_mean(rows[-count:], usual), steps) for count in _AGAIN]
    shapes = {count: _tiled(_mean(rows[-count:] - levels[-count:, None], shape), steps) for count in _AGAIN}
    lines += [level + shapes[count] for count in _AGAIN]
    lines += [level + shapes[count] + share * _drift(levels, over) * rounds for count, over, share in _DRIFTING]
    return np.stack(lines)


def shifted(values: Floats, period: int, near: int, steps: int) -> Floats:
    """`_SHARES` x steps: one longer period ago, moved by half of what the level has moved since, or by all; a level is that of some periods of `near`."""
    last = _tiled(np.where(np.isfinite(values[-period:]), values[-period:], np.nanmedian(values)), steps)
    window = min(_NEAR * near, period)
    before = values[max(0, len(values) - period - window) : len(values) - period]
    moved = float(np.nanmedian(values[-window:]) - np.nanmedian(before)) if np.isfinite(before).any() and np.isfinite(values[-window:]).any() else 0.0
    return np.stack([last + share * moved for share in _SHARES])


def _levels(rows: Floats, usual: Floats) -> Floats:
    """Of each period, beside what is usual at the places that are known; of one that is hardly known that of the one before."""
    away = rows - usual
    counts = np.isfinite(away).sum(axis=1)
    told = counts >= _KNOWN * rows.shape[1]
    last = np.maximum.accumulate(np.where(told, np.arange(len(rows)), 0))
    levels: Floats = (np.nansum(away, axis=1) / np.maximum(counts, 1))[last]
    levels += usual.mean()
    return levels


def _drift(levels: Floats, over: int) -> float:
    """Of the level, a period; the median of more than two steps, so that one jump is none."""
    moves = np.diff(levels[-over - 1 :])
    if not len(moves):
        return 0.0
    return float(np.median(moves) if len(moves) > 2 else moves.mean())


def _mean(rows: Floats, otherwise: Floats) -> Floats:
    """Of each place, as it is known."""
    counts = np.isfinite(rows).sum(axis=0)
    means: Floats = np.where(counts > 0, np.nansum(rows, axis=0) / np.maximum(counts, 1), otherwise)
    return means


def _tiled(row: Floats, steps: int) -> Floats:
    found: Floats = np.tile(row, -(-steps // len(row)))[:steps]
    return found
