"""Where a series goes: values in even steps in; the middle line, a band, and the seasonal-naive line beside it out.

Many simple forecasters (`smoothing.py`: of the values or their logarithms, with the shortest period as a season and the longer one as harmonics taken off
before; each also drawn back towards its long-run level) forecast what has already happened, from a dozen places in the past. The best of them are
averaged, by how well they did; the band is as wide as the average was wrong there (split conformal, Vovk et al. 2005), each place judged by an average
that was chosen without it. Combining simple ones does better than choosing one (Makridakis et al. 2020, the M4 competition).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from spyglass.analyze.series.longwave import longwave
from spyglass.analyze.series.seasons import periods
from spyglass.analyze.series.smoothing import LABELS, forecasts
from spyglass.model.errors import InputError

__all__ = ["MOST_STEPS", "Forecast", "forecast"]

Floats = npt.NDArray[np.float64]
MOST_STEPS: Final = 1_000  # ahead
_FEWEST: Final = 12  # values
_REMEMBERED: Final = 6_000  # the latest values; older ones teach little
_PLACES: Final = 12  # in the past
_LONGEST: Final = 400  # steps of a season that is kept place by place; longer ones are harmonics
_AVERAGED: Final = 10
_WORTH: Final = 1.15  # times the error of the best, that one of the average may have
_HALVES: Final = (0.25, 1.0, 4.0)  # periods after which half the way back to the long-run level is gone
_SHOWN: Final = 5


@dataclass(frozen=True, slots=True)
class Forecast:
    """Lines of `steps` values; errors are those of the places in the past, in sizes of the seasonal-naive step (MASE)."""

    middle: Floats
    low: Floats
    high: Floats
    naive: Floats
    coverage: float  # that the band is meant to have
    periods: list[int]
    mase: float | None  # None: the series stood still, or is too short to look back
    naive_mase: float | None
    made_of: dict[str, float]  # the heaviest of those that were averaged, and their weights
    places: int  # in the past, that it was tried at


def forecast(values: Floats, steps: int, coverage: float = 0.9, step_s: float = 0.0) -> Forecast:
    """`steps` values beyond the last one.

    Raises:
        InputError: too few values, or too many steps.
    """
    if not 1 <= steps <= MOST_STEPS:
        raise InputError(f"steps: expected 1 to {MOST_STEPS}, got {steps}")
    values = _ended(values)[-_REMEMBERED:]
    known = int(np.isfinite(values).sum())
    if known < _FEWEST:
        raise InputError(f"{known} values: at least {_FEWEST} are needed to forecast; ask for a longer time range or smaller buckets")
    found = periods(values, step_s)
    period = found[0] if found and found[0] <= _LONGEST else 1
    longer = [one for one in found if one != period][:1]
    origins = _origins(values, steps, period)
    tried, labels = _tried(values, [*origins, len(values)], steps, period, longer)
    scale = _scale(values, period)
    naive = np.stack([_naive(values[:origin], period, steps) for origin in [*origins, len(values)]])
    truth = np.stack([_padded(values[origin : origin + steps], steps) for origin in origins]) if origins else np.zeros((0, steps))
    errors = np.abs(tried[:-1] - truth[:, None, :])
    weights = _weights(_means(errors)) if origins else _even(labels)
    middle = weights @ tried[-1]
    own = _left_out(tried[:-1], errors, truth)
    width = _width(own, steps, coverage, values, period)
    order = [int(at) for at in np.argsort(-weights, kind="stable")[:_SHOWN] if weights[at] > 0]
    with np.errstate(all="ignore"):
        mase, naive_mase = (float(np.nanmean(np.abs(one))) / scale if len(origins) and scale > 0 else None for one in (own, naive[:-1] - truth))
    made_of = {labels[at]: round(float(weights[at]), 3) for at in order}
    floor = 0.0 if np.nanmin(values) >= 0 else -np.inf  # what was never below zero is a count, a size or a share of something
    low, high = np.maximum(middle - width, floor), np.maximum(middle + width, floor)
    return Forecast(np.maximum(middle, floor), low, high, naive[-1], coverage, found, mase, naive_mase, made_of, len(origins))


def _ended(values: Floats) -> Floats:
    """Without the gap at the end: the forecast begins after the last value."""
    known = np.flatnonzero(np.isfinite(values))
    return values[known[0] : known[-1] + 1] if len(known) else values[:0]


def _origins(values: Floats, steps: int, period: int) -> list[int]:
    """Places in the last half from which `steps` are known, at least two periods in."""
    count = len(values)
    first = max(count // 2, min(2 * period + 2, count - 2), 8)
    last = count - steps
    if last <= first:
        last, first = count - max(1, min(steps, count // 6)), max(first, count - max(steps, count // 3))
    if last < first:
        return []
    spread = min(_PLACES, last - first + 1)
    return sorted({round(place) for place in np.linspace(first, last, spread)})


def _tried(values: Floats, origins: Sequence[int], steps: int, period: int, longer: Sequence[int]) -> tuple[Floats, list[str]]:
    """Origins x forecasters x steps, and what the forecasters are called."""
    found: list[Floats] = []
    labels: list[str] = []
    sizes = values[np.isfinite(values)]
    for logarithm in (False, True) if sizes.min() > 0 and sizes.max() > 1.2 * sizes.min() else (False,):
        base = np.log(values) if logarithm else values
        for long in (None, *longer):
            columns = np.repeat(base[:, None], len(origins), axis=1)
            waves = np.zeros((len(origins), steps))
            for column, origin in enumerate(origins) if long else ():
                if origin < 1.2 * (long or 0):
                    continue
                wave = longwave(base[:origin], long or 1, origin + steps)
                columns[:origin, column] -= wave[:origin]
                waves[column] = wave[origin:]
            plain = forecasts(columns, period, origins, steps)
            back, back_labels = _back(plain, period, steps)
            lines = np.concatenate([plain, back], axis=1) + waves[:, None, :]
            top = float(np.log(sizes.max())) + 3 if logarithm else 0.0
            found.append(np.exp(np.minimum(lines, top)) if logarithm else lines)
            about = f"{' of logarithms' if logarithm else ''}{f', harmonics of {long}' if long else ''}"
            labels += [f"{label}{about}" for label in (*LABELS, *back_labels)]
    return np.concatenate(found, axis=1), labels


def _back(plain: Floats, period: int, steps: int) -> tuple[Floats, list[str]]:
    """The quick ones drawn back to the slow one of the same season."""
    by_label = {label: at for at, label in enumerate(LABELS)}
    lines, labels = [], []
    for season in (0.05, 0.2, 0.5):
        slow = plain[:, by_label[f"smoothing(level 0.02, trend 0, season {season:g})"]]
        for level in (0.3, 0.9):
            quick = plain[:, by_label[f"smoothing(level {level:g}, trend 0, season {season:g})"]]
            for half in _HALVES:
                left = 0.5 ** (np.arange(1, steps + 1) / max(half * period, 1.0))
                lines.append(slow + left * (quick - slow))
                labels.append(f"back to the usual(level {level:g}, half {half:g}, season {season:g})")
    return np.stack(lines, axis=1), labels


def _naive(values: Floats, period: int, steps: int) -> Floats:
    """The latest value of the same place in the period."""
    padded = np.concatenate([np.full(-len(values) % period, np.nan), values]).reshape(-1, period)
    known = np.isfinite(padded)
    last = np.where(known.any(axis=0), len(padded) - 1 - known[::-1].argmax(axis=0), 0)
    season = padded[last, np.arange(period)]
    season = np.where(np.isfinite(season), season, np.nanmedian(values))
    again: Floats = np.tile(season, -(-steps // period))[:steps]
    return again


def _scale(values: Floats, period: int) -> float:
    """The mean step of the seasonal-naive line (Hyndman and Koehler 2006)."""
    with np.errstate(invalid="ignore"):
        steps = np.abs(values[period:] - values[:-period])
    return float(np.nanmean(steps)) if np.isfinite(steps).any() else 0.0


def _padded(values: Floats, steps: int) -> Floats:
    return np.concatenate([values, np.full(steps - len(values), np.nan)])


def _means(errors: Floats) -> Floats:
    """Of each forecaster, over the places; each place counts as much as the others, whatever its size was."""
    by_place = np.nanmean(np.where(np.isfinite(errors).any(axis=2, keepdims=True), errors, 0.0), axis=2)
    middle = np.median(by_place, axis=1, keepdims=True)
    shares: Floats = (by_place / np.where(middle > 0, middle, 1.0)).mean(axis=0)
    return shares


def _weights(means: Floats) -> Floats:
    """By the inverse square of the error, of the few that are nearly as good as the best."""
    best = np.argsort(means, kind="stable")[:_AVERAGED]
    best = best[means[best] <= _WORTH * means[best[0]] + 1e-12]
    weights = np.zeros(len(means))
    weights[best] = 1 / np.maximum(means[best], 1e-9) ** 2
    shares: Floats = weights / weights.sum()
    return shares


def _even(labels: Sequence[str]) -> Floats:
    """Nothing could be tried: the middle of the road."""
    weights = np.zeros(len(labels))
    weights[labels.index("smoothing(level 0.3, trend 0, season 0.2)")] = 1.0
    return weights


def _left_out(tried: Floats, errors: Floats, truth: Floats) -> Floats:
    """Errors of the average at each place, when it is chosen by the other places."""
    if len(tried) < 2:
        alone: Floats = tried[:, 0] - truth if len(tried) else np.zeros((0, truth.shape[1]))
        return alone
    lines = [_weights(_means(np.delete(errors, place, axis=0))) @ tried[place] for place in range(len(tried))]
    rest: Floats = np.stack(lines) - truth
    return rest


def _width(own: Floats, steps: int, coverage: float, values: Floats, period: int) -> Floats:
    """Half of the band at each step: errors grow with the steps as they did, and what is not covered is as rare as was asked."""
    sizes = np.abs(own)
    if np.isfinite(sizes).sum() < 8:
        spread = 1.4826 * float(np.nanmedian(np.abs(np.diff(values)))) if len(values) > 1 else 0.0
        guessed: Floats = spread * 1.7 * np.sqrt(np.arange(1, steps + 1))
        return guessed
    growth = _growth(sizes, steps, period)
    relative = (sizes / growth)[np.isfinite(sizes)]
    rank = min(1.0, coverage * (1 + 0.25 / max(len(own), 1)))  # the errors of one place are alike, though not equal
    wide: Floats = growth * float(np.quantile(relative, rank))
    return wide


def _growth(sizes: Floats, steps: int, period: int) -> Floats:
    """The mean error at each step, smoothed over a period, never shrinking."""
    with np.errstate(all="ignore"):
        counts = np.isfinite(sizes).sum(axis=0)
        sums = np.nansum(sizes, axis=0)
    half = max(1, min(period, steps) // 2)
    kernel = np.ones(2 * half + 1)
    smooth = np.convolve(sums, kernel, "same") if steps >= len(kernel) else np.full(steps, sums.sum())
    shares = np.convolve(counts, kernel, "same") if steps >= len(kernel) else np.full(steps, counts.sum())
    means = np.where(shares > 0, smooth / np.maximum(shares, 1), 0.0)
    found: Floats = np.maximum(np.maximum.accumulate(means), 1e-12 + 1e-9 * float(np.nanmax(sizes)))
    return found
