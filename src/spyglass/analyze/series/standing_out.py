"""What stands out in one series of the past: values in even steps in; the band that was to be expected, alarms and changes out, at a chosen rate.

Three channels. *point*: how far the value lies from trend and waves (`decompose.py`), against how far values of this series usually lie; the tail of these
distances is continued from the bulk of them, so that the alarms do not hide themselves. *new*: a value unlike any before (`stats/novelty.py`).
*change*: from here on the series follows another law (`stats/changepoint.py`). Beside them what the textbook rules would have said.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from spyglass.analyze.series.decompose import decompose
from spyglass.analyze.series.scales import SCALES, ScaleName
from spyglass.analyze.series.seasons import periods
from spyglass.analyze.stats.changepoint import ChangePoints
from spyglass.analyze.stats.novelty import TOLD, Novelty
from spyglass.model.errors import InputError

__all__ = ["Seen", "Tail", "stands_out"]

Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]
_FEWEST: Final = 30  # values
_DAY_S: Final = 86_400.0
_BULK: Final = (0.25, 0.005)  # shares of the distances between which the tail is read, of many; what alarms lies beyond
_MOST_CHANGED: Final = 2_000  # the latest values that changes are looked for in: each costs more than the one before
_LIMITS: Final = (1.0, 50.0)  # deviations; no law of noise that is worth a band needs more
_NARROWEST: Final = 1e-9


@dataclass(frozen=True, slots=True)
class Seen:
    """All lines as long as the values."""

    expected: Floats
    low: Floats
    high: Floats
    deviations: Floats  # NaN: no value
    probability: Floats  # of one as far off where nothing is wrong
    points: Flags
    new: Flags
    changes: list[int]  # steps at which another law began
    limit: float  # deviations beyond which a point alarms
    periods: list[int]
    by_three_deviations: int  # alarms that a plain z-score beyond 3 would have raised
    by_quartiles: int  # and Tukey's fences


def stands_out(values: Floats, step_s: float, budget_a_day: float = 1.0, scale: ScaleName = "plain") -> Seen:
    """`budget_a_day`: false alarms a day of *point* in this series.

    Raises:
        InputError: too few values.
    """
    change = SCALES[scale]
    drawn = change.there(values)
    known = np.isfinite(drawn)
    if known.sum() < _FEWEST:
        raise InputError(f"{known.sum()} values: at least {_FEWEST} are needed to say what is usual; ask for a longer time range or smaller buckets")
    found = periods(drawn, step_s)
    parts = decompose(drawn, found)
    middle = parts.trend + sum(parts.waves.values(), np.zeros(len(values)))
    spread = max(1.4826 * float(np.median(np.abs(parts.rest[known]))), _NARROWEST * float(np.abs(drawn[known]).max()), 1e-12)
    spread = max(spread, float(parts.rest[known].std()) * 0.05)  # of a series that mostly stands still
    deviations = parts.rest / spread
    tail = Tail(np.abs(deviations[known]))
    limit = float(np.clip(tail.size(min(0.1, budget_a_day * step_s / _DAY_S)), *_LIMITS))
    with np.errstate(invalid="ignore"):
        points = np.abs(deviations) > limit
    probability = np.where(known, tail.probability(np.nan_to_num(np.abs(deviations))), np.nan)
    low, high = change.back(middle - limit * spread), change.back(middle + limit * spread)
    return Seen(
        change.back(middle), low, high, deviations, probability, points, _new(drawn), _changes(drawn), limit, found, *_textbook(values[np.isfinite(values)])
    )


class Tail:
    """A line through the logarithm of what survives, over the distance squared, the distance or its logarithm, whichever is straightest."""

    def __init__(self, sizes: Floats) -> None:
        """`sizes`: of what was seen, most of it usual; at least 30, from 0 on."""
        ordered = np.sort(sizes)
        count = len(ordered)
        most, self._least = min(0.5, max(_BULK[0], 60 / count)), min(0.2, max(_BULK[1], 6 / count))
        first = int(count * (1 - most))
        last = max(int(count * (1 - self._least)), first + 8)
        self._known = ordered
        places = ordered[first:last]
        left = np.log((count - np.arange(first, min(last, count))) / count)[: len(places)]
        usable = places > 0
        places, left = places[usable], left[usable]
        self._line = (0.0, 0.0, 1)
        if len(places) < 8 or places[-1] <= places[0]:
            return
        weights = np.exp(left / 2)
        fits = []
        for shape in (2, 1, 0):
            b, a = np.polyfit(_shaped(places, shape), left, 1, w=weights)
            fits.append((float((weights * (left - a - b * _shaped(places, shape)) ** 2).sum()), (float(a), float(b), shape)))
        self._line = min(fits)[1]

    def size(self, probability: float) -> float:
        """That is exceeded with this probability."""
        a, b, shape = self._line
        if b >= 0:
            return float("inf")
        place = (np.log(probability) - a) / b
        return float(np.sqrt(max(place, 0.0)) if shape == 2 else np.exp(min(place, 50.0)) if shape == 0 else max(place, 0.0))

    def probability(self, sizes: Floats) -> Floats:
        """Of one as large; counted where there are enough, by the line beyond."""
        count = len(self._known)
        counted = 1 - np.searchsorted(self._known, sizes, "left") / count
        a, b, shape = self._line
        guessed = np.exp(np.minimum(0.0, a + b * _shaped(np.maximum(sizes, 1e-9), shape))) if b < 0 else counted
        found: Floats = np.where(counted > self._least, counted, np.minimum(guessed, 1.0))
        return found


def _shaped(sizes: Floats, shape: int) -> Floats:
    found: Floats = sizes**2 if shape == 2 else np.log(sizes) if shape == 0 else sizes
    return found


def _new(drawn: Floats) -> Flags:
    """Told by the streaming detector, value after value."""
    detector = Novelty(slots=1)
    slot = np.zeros(1, np.intp)
    return np.array([detector.step(slot, drawn[at : at + 1])[0] > TOLD for at in range(len(drawn))], np.bool_)


def _changes(drawn: Floats) -> list[int]:
    begin = max(0, len(drawn) - _MOST_CHANGED)
    detector = ChangePoints()
    return [begin + at for at in (detector.step(float(value)) for value in drawn[begin:]) if at is not None]


def _textbook(values: Floats) -> tuple[int, int]:
    spread = float(values.std())
    low, high = np.quantile(values, (0.25, 0.75))
    fence = 1.5 * (high - low)
    return int((np.abs(values - values.mean()) > 3 * spread).sum()) if spread > 0 else 0, int(((values < low - fence) | (values > high + fence)).sum())
