"""Even steps: times and values as they were found in, one value for every step between first and last out, gaps filled as asked."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, Literal, get_args

import numpy as np
import numpy.typing as npt

from spyglass.model.errors import InputError

__all__ = ["FILLS", "MOST_STEPS", "Fill", "even", "fill"]

Floats = npt.NDArray[np.float64]
Fill = Literal["none", "zero", "previous", "linear"]
FILLS: Final = get_args(Fill)
MOST_STEPS: Final = 20_000


def even(times_s: Sequence[float] | Floats, values: Sequence[float | None] | Floats, step_s: int, first_s: int, last_s: int) -> Floats:
    """The value of every step from `first_s` to `last_s`, both included and counted in whole steps; NaN where there is none.

    What lies outside is left out, of two values in one step the later one counts, and what is not finite counts as none.

    Raises:
        InputError: more than `MOST_STEPS` steps.
    """
    begin, count = first_s // step_s, last_s // step_s - first_s // step_s + 1
    if count > MOST_STEPS:
        raise InputError(f"{count} buckets of {step_s} s are more than {MOST_STEPS}: ask for larger buckets or a shorter time range")
    grid = np.full(max(count, 0), np.nan)
    at = np.floor_divide(np.asarray(times_s, np.float64), step_s).astype(np.int64) - begin
    found = np.array([np.nan if value is None else value for value in values], np.float64)
    inside = (at >= 0) & (at < len(grid))
    grid[at[inside]] = found[inside]
    grid[~np.isfinite(grid)] = np.nan
    return grid


def fill(values: Floats, how: Fill) -> Floats:
    """The gaps filled: with zero (counts), with what was before (states), in a straight line between neighbours (levels), or not at all."""
    known = np.isfinite(values)
    if how == "none" or known.all():
        return values
    if how == "zero":
        return np.where(known, values, 0.0)
    places = np.flatnonzero(known)
    if not len(places):
        return values
    if how == "linear":
        drawn: Floats = np.interp(np.arange(len(values)), places, values[places])
        drawn[: places[0]] = np.nan
        drawn[places[-1] + 1 :] = np.nan
        return drawn
    latest = np.maximum.accumulate(np.where(known, np.arange(len(values)), -1))
    carried: Floats = np.where(latest >= 0, values[np.maximum(latest, 0)], np.nan)
    return carried
