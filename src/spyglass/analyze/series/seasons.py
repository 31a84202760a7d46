"""What a series repeats: values in even steps in, periods in steps out.

Periods of the calendar are tried first (a day, a week, a year of this step), then the strongest beat that the series itself shows. One counts when what is
left of the series without its trend resembles itself a period later more than chance allows.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

from spyglass.analyze.series.loess import loess

__all__ = ["periods"]

Floats = npt.NDArray[np.float64]
_DAY_S: Final = 86_400
_CALENDAR_S: Final = (3_600, _DAY_S, 7 * _DAY_S, 31_557_600)
_MONTH_S: Final = (28 * _DAY_S, 31 * _DAY_S)
_LEAST: Final = 0.1  # resemblance to itself
_SAME: Final = 0.8  # of the resemblance a period later, that one after a part of it must have to be the period
_FAR: Final = 6.0  # medians of size: one burst is no beat
_ROUNDED: Final = 1e-9  # of the values: what is less is not told by them
_SURE: Final = 3.0  # deviations of the resemblance of noise
_SURER: Final = 5.0  # where any lag might have been the one


def periods(values: Floats, step_s: float = 0.0, most: int = 2) -> list[int]:
    """At most `most`, the shortest first; `step_s` 0: the calendar is not known."""
    count = len(values)
    known = np.isfinite(values)
    if known.sum() < 12:
        return []
    found: list[int] = []
    for period in _calendar(step_s, count):
        if len(found) < most and _resembles(values, known, period, found):
            found.append(_shortest(values, known, period) if not found else period)
    if not found:
        found = [period for period in _beats(values, known) if _resembles(values, known, period, [], _SURER)][:1]
    return sorted(found)


def _calendar(step_s: float, count: int) -> list[int]:
    if step_s <= 0:
        return []
    if _MONTH_S[0] <= step_s <= _MONTH_S[1]:
        return [12] if count >= 24 else []
    whole = [round(period_s / step_s) for period_s in _CALENDAR_S]
    return [period for period in whole if 3 <= period <= count // 2]


def _resembles(values: Floats, known: npt.NDArray[np.bool_], period: int, within: list[int], sure: float = _SURE) -> bool:
    """What the shorter periods do not explain, and what is no trend."""
    rest = _flat(values, known, period)
    for shorter in within:
        rest = rest - _profile(rest, known, shorter)
    near = [_own(rest, known, lag) for lag in (max(1, period // 2), period)]
    pairs = (known[:-period] & known[period:]).sum()
    return bool(near[1] > max(_LEAST, sure / np.sqrt(max(pairs, 1))) and near[1] > near[0])


def _shortest(values: Floats, known: npt.NDArray[np.bool_], period: int) -> int:
    """What repeats three times an hour repeats every hour, too."""
    rest = _flat(values, known, period)
    enough = _SAME * _own(rest, known, period)
    parts = (period // share for share in (6, 4, 3, 2) if period % share == 0 and period // share >= 3)
    return next((part for part in parts if _own(rest, known, part) >= enough and _resembles(values, known, part, [])), period)


def _beats(values: Floats, known: npt.NDArray[np.bool_]) -> list[int]:
    """Lags at which the series resembles itself most, the strongest first."""
    count = len(values)
    rest = np.where(known, _flat(values, known, max(8, count // 4)), 0.0)
    size = 1 << (2 * count).bit_length()
    own = np.fft.irfft(np.abs(np.fft.rfft(rest, size)) ** 2, size)[: count // 3]
    if len(own) < 6 or own[0] <= 0:
        return []
    own = own / own[0]
    inner = np.arange(3, len(own) - 1)
    peaks = inner[(own[inner] > own[inner - 1]) & (own[inner] >= own[inner + 1])]
    return [int(lag) for lag in peaks[np.argsort(-own[peaks], kind="stable")][:3]]


def _flat(values: Floats, known: npt.NDArray[np.bool_], period: int) -> Floats:
    line = loess(values, known.astype(np.float64), max(2, period))
    rest: Floats = values - line
    rest[np.abs(rest) <= _ROUNDED * np.abs(line)] = 0.0
    bound = _FAR * float(np.median(np.abs(rest[known])))
    drawn: Floats = np.clip(rest, -bound, bound) if bound > 0 else rest
    return drawn


def _profile(rest: Floats, known: npt.NDArray[np.bool_], period: int) -> Floats:
    """The mean of each place in the period, at every step."""
    phase = np.arange(len(rest)) % period
    sums = np.bincount(phase[known], rest[known], period)
    counts = np.bincount(phase[known], minlength=period)
    means: Floats = (sums / np.maximum(counts, 1))[phase]
    return means


def _own(rest: Floats, known: npt.NDArray[np.bool_], lag: int) -> float:
    both = known[:-lag] & known[lag:]
    if both.sum() < 4:
        return 0.0
    x, y = rest[:-lag][both], rest[lag:][both]
    spread = float(x.std() * y.std())
    return float(((x - x.mean()) * (y - y.mean())).mean()) / spread if spread > 0 else 0.0
