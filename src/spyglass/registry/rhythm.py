"""How long a silence may last before it is suspicious, by each sender's own rhythm. Times between signs of life in, limits in seconds out; rows of columns.

Who beats is judged by phi-accrual (Hayashibara, Défago, Yared, Katayama: The phi accrual failure detector, 2004): intervals between beats are taken for normal,
and a silence is suspicious when its chance is below 10^-8. As in Akka's detector a pause is allowed on top of the mean, and the deviation has a floor, because
a regular sender would be suspected at the first delay. It has a ceiling too: an irregular one is found within three beats all the same.

Who does not beat only shows what it does, and work may take long: intervals are taken for log-normal, beginning with what is known of the same agent, and the
limit lies between ten minutes and eight hours.
"""

from __future__ import annotations

from math import erfc, log10, sqrt
from statistics import NormalDist
from typing import Final

import numpy as np
import numpy.typing as npt

__all__ = ["PHI", "Rhythms", "phi"]

Rows = npt.NDArray[np.int64]
Seconds = npt.NDArray[np.float64]

PHI: Final = 8.0
_DEVIATIONS: Final = -NormalDist().inv_cdf(10.0**-PHI)  # 5.6
_PAUSE: Final = 1.25  # beats that may be late on top of the mean
_FLOOR, _CEILING = 1 / 16, 1 / 11  # of the deviation, in beats: with the pause, limits of 2.6 to 2.76 beats
_WINDOW: Final = 50  # intervals that the averages remember
_ENOUGH: Final = 2  # intervals, before a rhythm is one's own
_OUTLIER: Final = 4.0  # what is so many times longer or shorter than usual teaches no more than that
_LEAST_BEAT_S: Final = 0.5
_SEVERAL: Final = 5

_USUAL_LOG: Final = float(np.log(20.0))  # of work that nothing is known of
_USUAL_SPREAD: Final = 1.5
_PRIOR: Final = 5.0  # intervals that what is usual counts for
_LOG_DEVIATIONS: Final = 5.6  # the same chance
_LEAST_S, _MOST_S = 600.0, 8 * 3600.0


def phi(silence_s: Seconds, mean_s: Seconds, deviation_s: Seconds) -> Seconds:
    """How surprising a silence is for who beats: 1 is a chance of one in ten, 8 one in a hundred million.

    >>> phi(np.array([10.0, 26.0, 30.0]), np.array([10.0]), np.array([0.0])).round(1).tolist()
    [0.0, 8.0, 32.8]
    """
    late = (silence_s - mean_s * (1 + _PAUSE)) / _bounded(mean_s, deviation_s)
    return np.array([-log10(max(erfc(one / sqrt(2)) / 2, 1e-300)) for one in late.tolist()]) + 0.0


class Rhythms:
    """The rhythms of n senders, each a row."""

    def __init__(self, rows: int) -> None:
        self.intervals = np.zeros(rows)  # between beats, that were seen
        self._mean, self._square = np.zeros(rows), np.zeros(rows)
        self._signs = np.zeros(rows)
        self._log_mean, self._log_square = np.full(rows, _USUAL_LOG), np.full(rows, _USUAL_SPREAD**2)

    def begin(self, row: int, like: Rhythms | None = None, other: int = 0) -> None:
        """A new sender, of which nothing is known but what is known of another one."""
        usual = like is not None and like.intervals[other] >= _WINDOW / 2
        self.intervals[row] = _ENOUGH if usual else 0
        self._mean[row], self._square[row] = (like._mean[other], like._square[other]) if like is not None and usual else (0.0, 0.0)
        known = like is not None and like._signs[other] > 0
        self._signs[row] = 0
        self._log_mean[row] = like._log_mean[other] if like is not None and known else _USUAL_LOG
        self._log_square[row] = like._log_square[other] if like is not None and known else _USUAL_SPREAD**2

    def declare(self, row: int, every_s: float) -> None:
        """It says how often it beats."""
        if self.intervals[row] < _ENOUGH and every_s > 0:
            self.intervals[row], self._mean[row], self._square[row] = _ENOUGH, max(every_s, _LEAST_BEAT_S), 0.0

    def beat(self, rows: Rows, interval_s: Seconds) -> None:
        """Each beat so long after the one before. No row twice."""
        seen, mean = self.intervals[rows], self._mean[rows]
        known = seen >= _ENOUGH
        interval_s = np.where(known, np.clip(interval_s, mean / _OUTLIER, mean * _OUTLIER), np.maximum(interval_s, _LEAST_BEAT_S))
        weight = 1 / np.minimum(seen + 1, _WINDOW)
        off = interval_s - mean
        self._mean[rows] = mean + weight * off
        self._square[rows] = np.where(seen > 0, (1 - weight) * (self._square[rows] + weight * off**2), 0.0)
        self.intervals[rows] = seen + 1

    def sign(self, rows: Rows, interval_s: Seconds) -> None:
        """Each showed some life so long after the last time. No row twice."""
        told, seen = np.log(np.maximum(interval_s, 0.1)), self._signs[rows]
        weight = 1 / np.minimum(seen + 1 + _PRIOR, _WINDOW)
        off = np.clip(told - self._log_mean[rows], -3 * _USUAL_SPREAD, 3 * _USUAL_SPREAD)
        self._log_mean[rows] += weight * off
        self._log_square[rows] = (1 - weight) * (self._log_square[rows] + weight * off**2)
        self._signs[rows] = seen + 1

    def usual_s(self, rows: Rows) -> float:
        """The median time between beats of those that beat; 0 where they are fewer than five."""
        means = self._mean[rows][self.intervals[rows] >= _ENOUGH]
        return float(np.median(means)) if len(means) >= _SEVERAL else 0.0

    def limits(self, rows: Rows) -> Seconds:
        """The longest silence that is not suspicious."""
        mean = np.maximum(self._mean[rows], _LEAST_BEAT_S)
        beating = mean * (1 + _PAUSE) + _DEVIATIONS * _bounded(mean, np.sqrt(self._square[rows]))
        spread = np.clip(np.sqrt(self._log_square[rows]), 1.0, 2 * _USUAL_SPREAD)
        working = np.clip(np.exp(np.minimum(self._log_mean[rows] + _LOG_DEVIATIONS * spread, 20.0)), _LEAST_S, _MOST_S)
        return np.where(self.intervals[rows] >= _ENOUGH, beating, working)


def _bounded(mean_s: Seconds, deviation_s: Seconds) -> Seconds:
    return np.clip(deviation_s, mean_s * _FLOOR, mean_s * _CEILING)
