"""Whether more of the latest values are large than before: histograms of the past and of lately in, by how many deviations the share has grown out.

A quantile of the past is a bin; the share of values beyond it is known of both. The difference of their angles has a known deviation, times what windows
of the same source differ by more than chance would have it (overdispersion, found from earlier windows). No shape of the values is assumed.
"""

from __future__ import annotations

from dataclasses import dataclass
from statistics import NormalDist
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

__all__ = ["BINS", "LOGS", "Moved", "Shift", "bins_of", "exceeded", "moved", "needed", "quantile", "shifted"]

Floats = npt.NDArray[np.float64]
Whole = npt.NDArray[np.int64]
BINS: Final = 192
_STEP: Final = float(np.log(1.15))  # each bin is so much wider than the one before: 192 of them are more than eleven decades
_LOWEST: Final = 1e-6
LOGS: Final[Floats] = np.log(_LOWEST) + (np.arange(BINS) + 0.5) * _STEP
"""Of the middle of each bin."""
_MOVED: Final = (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.99)
_SURE: Final = 1.959964  # deviations that hold 95 of 100


@dataclass(frozen=True, slots=True)
class Shift:
    """Of each series: shares beyond the past's quantile, and how far they are apart."""

    before: Floats
    after: Floats
    deviations: Floats  # as if values were independent


class Moved(NamedTuple):
    """A quantile before and after, and between what it lies now in 95 of 100 cases."""

    share: float
    before: float
    after: float
    low: float
    high: float


def bins_of(values: Floats) -> Whole:
    """The bin of each value; -1 of what is no positive number."""
    usable = np.isfinite(values) & (values > 0)
    found: Whole = np.full(len(values), -1, np.int64)
    found[usable] = np.clip(np.floor((np.log(values[usable]) - np.log(_LOWEST)) / _STEP), 0, BINS - 1).astype(np.int64)
    return found


def quantile(counts: Floats, share: float) -> Floats:
    """Of each row of counts, within its bin as if values were spread evenly on the scale; NaN where there are none."""
    summed = np.cumsum(counts, axis=1)
    total = summed[:, -1]
    wanted = share * total
    at = np.minimum((summed < wanted[:, None]).sum(axis=1), BINS - 1)
    rows = np.arange(len(counts))
    below = summed[rows, at] - counts[rows, at]
    with np.errstate(invalid="ignore", divide="ignore"):
        within = np.where(counts[rows, at] > 0, (wanted - below) / counts[rows, at], 0.5)
        found: Floats = np.where(total > 0, np.exp(np.log(_LOWEST) + (at + within) * _STEP), np.nan)
    return found


def moved(past: Floats, fresh: Floats, spread: float = 1.0) -> list[Moved]:
    """The shift function (Doksum 1974): where each decile, and the 95th and 99th percentile, has gone. One row of counts each.

    The interval is that of the ranks of the values after, `spread` times as wide as if they were independent; the past is taken as known. Quantiles for
    which there are too few values are left out.
    """
    found, count = [], float(fresh.sum())
    for share in _MOVED:
        half = _SURE * spread * float(np.sqrt(share * (1 - share) / max(count, 1.0)))
        if share - half <= 0 or share + half >= 1:
            continue
        before, *after = (float(quantile(counts[None], at)[0]) for counts, at in ((past, share), (fresh, share), (fresh, share - half), (fresh, share + half)))
        found.append(Moved(share, before, *after))
    return found


def shifted(past: Floats, fresh: Floats, share: float) -> Shift:
    """How the share of values beyond the past's quantile has changed, row by row."""
    summed = np.cumsum(past, axis=1)
    before_n, after_n = summed[:, -1], fresh.sum(axis=1)
    at = np.minimum((summed < share * before_n[:, None]).sum(axis=1), BINS - 1)
    rows = np.arange(len(past))
    above = np.cumsum(fresh[:, ::-1], axis=1)[:, ::-1]
    beyond = np.where(at + 1 < BINS, above[rows, np.minimum(at + 1, BINS - 1)], 0.0)
    return _compared(before_n - summed[rows, at], before_n, beyond, after_n)


def _compared(before_k: Floats, before_n: Floats, after_k: Floats, after_n: Floats) -> Shift:
    """Two shares, and how far their angles are apart: the deviation of an angle hardly depends on the share, and its law is hardly skewed (Anscombe 1948)."""
    before, after = (before_k + 0.375) / (before_n + 0.75), (after_k + 0.375) / (after_n + 0.75)
    apart = 2 * (np.arcsin(np.sqrt(after)) - np.arcsin(np.sqrt(before)))
    return Shift(before, after, apart / np.sqrt(1 / (before_n + 0.5) + 1 / (after_n + 0.5)))


def needed(budget_a_day: float, looks_a_day: float) -> float:
    """Deviations that chance exceeds `budget_a_day` times in so many looks."""
    return NormalDist().inv_cdf(1 - min(max(budget_a_day / max(looks_a_day, 1e-9), 1e-15), 0.5))


def exceeded(deviations: float) -> float:
    """How often chance exceeds so many deviations."""
    return max(NormalDist().cdf(-deviations), 1e-300)
