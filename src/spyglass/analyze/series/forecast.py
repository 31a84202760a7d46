"""Where a series goes: values in even steps in; the middle line, a band, and the seasonal-naive line beside it out.

Many simple forecasters (`smoothing.py`: of the values or their logarithms, with the shortest period as a season and the longer one as harmonics taken off
before; each also drawn back towards its long-run level; `repeats.py`: the last seasons again, of either length, with or without their drift) forecast what
has already happened, from a dozen places in the past. Of what the best of them say the middle half is averaged (`combine.py`); the band is as wide as that
line was wrong there (split conformal, Vovk et al. 2005), each place judged by a line that was chosen without it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from spyglass.analyze.series.combine import best, left_out, together
from spyglass.analyze.series.longwave import longwave
from spyglass.analyze.series.repeats import AGAIN, SHIFTED, again, shifted
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
_HALVES: Final = (0.25, 1.0, 4.0)  # periods after which half the way back to the long-run level is gone
_SHOWN: Final = 5
_GROWN: Final = 2.0  # times, that errors may be taken to have grown since a place: a place in a dip would make the band boundless
_FEW: Final = 0.15  # share of the rank that the band is widened by when it was tried but once: what was not seen in few places is not rare
_LOGARITHMS: Final = " of logarithms"


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


@dataclass(frozen=True, slots=True)
class _Tried:
    lines: Floats  # origins x forecasters x steps
    labels: list[str]


@dataclass(frozen=True, slots=True)
class _Past:
    values: Floats
    period: int
    apart: float  # places, as many as do not overlap


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
    all_tried = _tried(values, [*origins, len(values)], steps, period, longer)
    tried, labels = all_tried.lines, all_tried.labels
    scale = _scale(values, period)
    naive = np.stack([_naive(values[:origin], period, steps) for origin in [*origins, len(values)]])
    truth = np.stack([_padded(values[origin : origin + steps], steps) for origin in origins]) if origins else np.zeros((0, steps))
    chosen = best(tried[:-1], truth) if origins else _even(labels)
    middle, shares = together(tried[-1, chosen])
    labels = [labels[at] for at in chosen.tolist()]
    own = left_out(tried[:-1], truth)
    sizes = _sizes(own + truth, middle, shares, labels)
    width = sizes[-1] * _width(own / sizes[:-1, None], steps, coverage, _Past(values / sizes[-1], period, _apart(origins, steps)))
    order = [int(at) for at in np.argsort(-shares, kind="stable")[:_SHOWN] if shares[at] > 0]
    with np.errstate(all="ignore"):
        mase, naive_mase = (float(np.nanmean(np.abs(one))) / scale if len(origins) and scale > 0 else None for one in (own, naive[:-1] - truth))
    made_of = {labels[at]: round(float(shares[at]), 3) for at in order}
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


def _tried(values: Floats, origins: Sequence[int], steps: int, period: int, longer: Sequence[int]) -> _Tried:
    """All forecasters from each origin."""
    lines: list[Floats] = []
    labels: list[str] = []
    sizes = values[np.isfinite(values)]
    scales = (False, True) if sizes.min() > 0 and sizes.max() > 1.2 * sizes.min() else (False,)
    top = float(np.log(sizes.max())) + 3 if scales[-1] else 0.0
    bases = [np.log(values) if logarithm else values for logarithm in scales]
    smoothed = _smoothed(bases, origins, steps, period, longer)
    for at, (logarithm, base) in enumerate(zip(scales, bases, strict=True)):
        about = _LOGARITHMS if logarithm else ""
        for long, plain in smoothed[at].items():
            back, back_labels = _back(plain, period, steps)
            found = np.concatenate([plain, back], axis=1)
            lines.append(np.exp(np.minimum(found, top)) if logarithm else found)
            more = f"{about}, harmonics of {long}" if long else about
            labels += [f"{label}{more}" for label in (*LABELS, *back_labels)]
        for name, repeated in _repeated(base, origins, steps, period, longer).items():
            lines.append(np.exp(np.minimum(repeated, top)) if logarithm else repeated)
            labels += [f"{label} ({name}){about}" for label in (*AGAIN, *SHIFTED)[: repeated.shape[1]]]
    return _Tried(np.concatenate(lines, axis=1), labels)


def _smoothed(bases: Sequence[Floats], origins: Sequence[int], steps: int, period: int, longer: Sequence[int]) -> list[dict[int, Floats]]:
    """Of each base, without (0) and with the harmonics of the longer period: origins x settings x steps; all in one pass."""
    columns: list[Floats] = []
    wanted: list[tuple[int, int]] = []
    waves: list[Floats] = []
    for base in bases:
        wanted += [(len(columns), origin) for origin in origins]
        waves += [np.zeros(steps)] * len(origins)
        columns.append(base)
        for long in longer:
            for origin in origins:
                wave = longwave(base[:origin], long, origin + steps) if origin >= 1.2 * long else np.zeros(origin + steps)
                column = base.copy()
                column[:origin] -= wave[:origin]
                wanted.append((len(columns), origin))
                waves.append(wave[origin:])
                columns.append(column)
    lines = forecasts(np.stack(columns, axis=1), period, wanted, steps) + np.stack(waves)[:, None, :]
    parts = iter(np.split(lines, len(bases) * (1 + len(longer))))
    return [{long: next(parts) for long in (0, *longer)} for _ in bases]


def _repeated(base: Floats, origins: Sequence[int], steps: int, period: int, longer: Sequence[int]) -> dict[str, Floats]:
    """The last periods again, of each length: origins x lines x steps.

    A longer period is taken in whole shorter ones, so that a year of days begins and ends on the same day of the week.
    """
    found = {f"periods of {period}": np.stack([again(base[:origin], period, steps) for origin in origins])}
    for long in longer:
        whole = round(long / period) * period
        if whole <= period:
            continue
        rows = []
        for origin in origins:
            known = base[:origin]
            enough = origin >= whole + 2 * period
            lines = again(known, whole if enough else period, steps)
            moved = shifted(known, whole, period, steps) if enough else lines[: len(SHIFTED)]
            rows.append(np.concatenate([lines, moved]))
        found[f"periods of {whole}"] = np.stack(rows)
    return found


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


def _even(labels: Sequence[str]) -> npt.NDArray[np.intp]:
    """Nothing could be tried: the middle of the road."""
    return np.array([labels.index("smoothing(level 0.3, trend 0, season 0.2)")])


def _sizes(lines: Floats, middle: Floats, shares: Floats, labels: Sequence[str]) -> Floats:
    """What errors are measured in, at each place and now: 1, or the level of the line where most of it is of logarithms.

    There errors grow as the series does; without this the band of what doubles would be half as wide as it should be.
    """
    of_logarithms = sum(float(share) for share, label in zip(shares, labels, strict=True) if _LOGARITHMS in label)
    if of_logarithms <= 0.5 or not len(lines):
        return np.ones(len(lines) + 1)
    levels = [float(np.nanmean(np.abs(line))) if np.isfinite(line).any() else 0.0 for line in (*lines, middle)]
    now = levels[-1] or 1.0
    return np.clip(levels, now / _GROWN, now * _GROWN)


def _apart(origins: Sequence[int], steps: int) -> float:
    """How many places there would be if what was forecast from them did not overlap."""
    return min(float(len(origins)), (origins[-1] - origins[0]) / steps + 1) if len(origins) else 0.0


def _width(own: Floats, steps: int, coverage: float, past: _Past) -> Floats:
    """Half of the band at each step: errors grow with the steps as they did, and what is not covered is as rare as was asked."""
    sizes, values = np.abs(own), past.values
    if np.isfinite(sizes).sum() < 8:
        spread = 1.4826 * float(np.nanmedian(np.abs(np.diff(values)))) if len(values) > 1 else 0.0
        guessed: Floats = spread * 1.7 * np.sqrt(np.arange(1, steps + 1))
        return guessed
    growth = _growth(sizes, steps, past.period)
    relative = (sizes / growth)[np.isfinite(sizes)]
    rank = min(1.0, coverage * (1 + _FEW / max(past.apart, 1.0)))
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
