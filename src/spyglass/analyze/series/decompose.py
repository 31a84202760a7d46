"""What a series is made of: values in even steps in; trend, one wave for each period, and the rest out, which add up to the values.

STL (Cleveland, Cleveland, McRae and Terpenning 1990) by local straight lines, robust: what lies far off is in the rest and bends nothing. With more than
one period the shorter one comes first and each is found in what the others leave (MSTL: Bandara, Hyndman and Bergmeir 2021).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from spyglass.analyze.series.loess import bisquare, loess
from spyglass.model.errors import InputError

__all__ = ["Parts", "decompose"]

Floats = npt.NDArray[np.float64]
_CYCLES: Final = 7  # on either side, that a place in the wave is smoothed over: it may change slowly
_ROUNDS: Final = 3
_TREND: Final = 1.5  # of the longest period: what trend is smoothed over
_FEWEST: Final = 4


@dataclass(frozen=True, slots=True)
class Parts:
    """All as long as the values; the rest is NaN where there is no value."""

    trend: Floats
    waves: dict[int, Floats]  # by period, in steps
    rest: Floats
    trend_strength: float  # 0 to 1: how much of what is left without the waves is the trend
    strengths: dict[int, float]  # and of what is left without the trend each wave


def decompose(values: Floats, periods: Sequence[int]) -> Parts:
    """With no period: trend and rest.

    Raises:
        InputError: a period that does not fit in twice, or almost no values.
    """
    count, known = len(values), np.isfinite(values)
    if known.sum() < _FEWEST:
        raise InputError(f"{known.sum()} values: at least {_FEWEST} are needed; ask for a longer time range or smaller buckets")
    if wrong := [period for period in periods if not 2 <= period <= count // 2]:
        raise InputError(f"a period of {wrong[0]} buckets does not fit twice into {count} buckets: ask for a longer time range")
    order = sorted(set(periods))
    half = max(2, round(_TREND * order[-1] / 2)) if order else max(3, count // 10)
    weights = known.astype(np.float64)
    waves = {period: np.zeros(count) for period in order}
    trend = _bridged(loess(values, weights, half))
    for _ in range(_ROUNDS):
        for _ in range(2):
            for period in order:
                others = sum((wave for other, wave in waves.items() if other != period), np.zeros(count))
                waves[period] = _wave(values - trend - others, weights, period)
            trend = _bridged(loess(values - sum(waves.values(), np.zeros(count)), weights, half))
        weights = bisquare(values - trend - sum(waves.values(), np.zeros(count)))
    rest: Floats = values - trend - sum(waves.values(), np.zeros(count))
    usual = weights > 0
    strengths = {period: _strength(rest[usual], wave[usual]) for period, wave in waves.items()}
    return Parts(trend, waves, rest, _strength(rest[usual], trend[usual]), strengths)


def _wave(values: Floats, weights: Floats, period: int) -> Floats:
    """Each place of the period smoothed over the cycles, around zero over every period."""
    count = len(values)
    cycles = -(-count // period)
    padded = np.full(cycles * period, np.nan)
    padded[:count] = values
    shares = np.zeros(cycles * period)
    shares[:count] = weights
    smooth = loess(padded.reshape(cycles, period), shares.reshape(cycles, period), min(_CYCLES, max(cycles, 2)))
    rough = np.nan_to_num(smooth).reshape(-1)[:count]
    found: Floats = rough - _level(rough, period)
    return found


def _level(wave: Floats, period: int) -> Floats:
    """The mean over a period around each step; the first and the last period go on beyond the ends."""
    half = period // 2 + 1
    longer = np.concatenate([wave[np.arange(-half, 0) % period], wave, wave[len(wave) - period + np.arange(half) % period]])
    kernel = np.ones(period) / period if period % 2 else np.concatenate([[0.5], np.ones(period - 1), [0.5]]) / period
    sums = np.convolve(longer, kernel, "valid")
    spare = (len(sums) - len(wave)) // 2
    level: Floats = sums[spare : spare + len(wave)]
    return level


def _bridged(line: Floats) -> Floats:
    """Where a gap is so long that nothing is near: straight through."""
    known = np.isfinite(line)
    if known.all():
        return line
    through: Floats = np.interp(np.arange(len(line)), np.flatnonzero(known), line[known])
    return through


def _strength(rest: Floats, part: Floats) -> float:
    """1 − var(rest) / var(rest + part), not below 0 (Wang, Smith and Hyndman 2006)."""
    whole = float((rest + part).var()) if len(rest) else 0.0
    return max(0.0, 1 - float(rest.var()) / whole) if whole > 0 else 0.0
