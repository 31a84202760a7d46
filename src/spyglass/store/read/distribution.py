"""Distributions: what the buckets of histograms say of the values in them.

In: counts of explicit or exponential buckets, of several histograms with bounds of their own if need be. Out: quantiles, and the least and greatest
value as far as known. A distribution is pieces: so many values between two ends, spread evenly, as Prometheus' histogram_quantile takes them. An end
that nobody told is infinite until `within` cuts it off.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Self

import numpy as np
import numpy.typing as npt

__all__ = ["QUANTILES", "Distribution"]

QUANTILES: Final = (0.5, 0.9, 0.95, 0.99)

_LARGEST: Final = float(np.finfo(np.float64).max)

Numbers = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Distribution:
    """n pieces: `count` values from `low` to `high`; no piece is empty."""

    low: Numbers
    high: Numbers
    count: Numbers

    @classmethod
    def of(cls, low: Sequence[float] | Numbers, high: Sequence[float] | Numbers, count: Sequence[float] | Numbers) -> Self:
        """Pieces with their ends; what holds nothing (or less, where a sender's counts went back) is left out."""
        parts = (np.asarray(part, np.float64) for part in (low, high, count))
        lows, highs, counts = parts
        some = counts > 0
        return cls(lows[some], highs[some], counts[some])

    @classmethod
    def explicit(cls, bounds: Sequence[float], counts: Sequence[int]) -> Self:
        """Buckets between bounds; `counts` has one more than `bounds`, else nothing is known."""
        if len(counts) != len(bounds) + 1:
            return cls.of([], [], [])
        return cls.of([-np.inf, *bounds], [*bounds, np.inf], counts)

    @classmethod
    def exponential(cls, scale: int, indices: Sequence[int], counts: Sequence[int], *, negative: bool = False) -> Self:
        """Buckets from base^index to base^(index + 1), where base is 2^(2^-scale); `negative`: mirrored."""
        begin, end = (_power(np.asarray(indices, np.float64) + step, scale) for step in (0, 1))
        return cls.of(-end, -begin, counts) if negative else cls.of(begin, end, counts)

    @classmethod
    def near_zero(cls, threshold: float, count: int) -> Self:
        """The zero bucket of an exponential histogram."""
        return cls.of([-threshold], [threshold], [count])

    @classmethod
    def together(cls, parts: Sequence[Distribution]) -> Self:
        """All of them as one."""
        if not parts:
            return cls.of([], [], [])
        return cls(*(np.concatenate([getattr(part, name) for part in parts]) for name in ("low", "high", "count")))

    def within(self, least: float | None, greatest: float | None) -> Self:
        """The same, where no value is below `least` or above `greatest`. A piece whose end nobody knows ends at 0 or its other end, as Prometheus has it."""
        low, high = self.low, self.high
        if least is not None:
            low, high = np.maximum(low, least), np.maximum(high, least)
        if greatest is not None:
            low, high = np.minimum(low, greatest), np.minimum(high, greatest)
        low = np.where(np.isinf(low) & (low < 0), np.where(np.isinf(high), np.nan, np.minimum(0.0, high)), low)
        high = np.where(np.isinf(high), low, high)
        known = ~np.isnan(low)
        return type(self)(low[known], high[known], self.count[known])

    def ends(self) -> tuple[float | None, float | None]:
        """Where the lowest piece begins and the highest one ends."""
        return (float(self.low.min()), float(self.high.max())) if len(self.count) else (None, None)

    def quantiles(self, wanted: Sequence[float] = QUANTILES) -> list[float | None]:
        """Values that so many are at or below; None where there are no values. All ends are known: see `within`."""
        if not len(self.count):
            return [None] * len(wanted)
        low, high, count = self._apart()
        reached = np.cumsum(count)
        targets = np.asarray(wanted) * reached[-1]
        at = np.minimum(np.searchsorted(reached, targets), len(reached) - 1)
        share = np.clip((targets - (reached[at] - count[at])) / count[at], 0.0, 1.0)
        return [float(value) for value in np.clip(low[at] * (1 - share) + high[at] * share, low[at], high[at])]

    def _apart(self) -> tuple[Numbers, Numbers, Numbers]:
        """Pieces in order that do not overlap."""
        order = np.lexsort((self.high, self.low))
        low, high, count = self.low[order], self.high[order], self.count[order]
        if (high[:-1] <= low[1:]).all():
            return low, high, count
        wide = high > low
        edges = np.unique(np.concatenate([low[wide], high[wide]]))
        begin, end = edges[:-1], edges[1:]
        inside = (low[wide][:, None] <= begin) & (high[wide][:, None] >= end)
        mass = ((count[wide] / (high[wide] - low[wide]))[:, None] * inside).sum(axis=0) * (end - begin)
        begin, end, mass = (np.concatenate(pair) for pair in ((begin, low[~wide]), (end, high[~wide]), (mass, count[~wide])))
        return _points_between(begin[mass > 0], end[mass > 0], mass[mass > 0])


def _points_between(low: Numbers, high: Numbers, count: Numbers) -> tuple[Numbers, Numbers, Numbers]:
    """In order, where pieces of one value may lie inside of others: these are cut in two there."""
    for value in np.unique(low[low == high]):
        for at in np.flatnonzero((low < value) & (high > value)):
            share = (value - low[at]) / (high[at] - low[at])
            low, high, count = np.append(low, value), np.append(high, high[at]), np.append(count, count[at] * (1 - share))
            high[at], count[at] = value, count[at] * share
    order = np.lexsort((high, low))
    return low[order], high[order], count[order]


def _power(index: Numbers, scale: int) -> Numbers:
    """2^(index * 2^-scale), finite."""
    with np.errstate(over="ignore"):
        return np.asarray(np.minimum(np.exp2(np.ldexp(index, -scale)), _LARGEST), np.float64)
