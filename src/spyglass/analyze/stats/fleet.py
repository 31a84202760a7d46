"""Many series of one metric, one value of each at a time: which stand out now, at a false-alarm rate that is chosen and not hoped for.

Two channels for every series. *Point*: how far the value lies from the running mean, in running deviations; both forget, and learn from a value no more
than four deviations' worth, so that an incident does not become the norm at once. *Shift*: Page's cumulative sum (CUSUM) of the same deviations upwards
and downwards, for small changes that stay. What is rare is judged by the pool of all series (`tail.py`): deviations are as large as the metric makes
them, and the threshold is the size that the whole pool exceeds as often as the budget allows. Where series have weights the budget is shared out by them,
and stays what it is (Genovese, Roeder and Wasserman 2006: weights of mean one cost nothing).

State: 48 bytes per series.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from spyglass.analyze.stats.tail import Tail

__all__ = ["Alarms", "Fleet", "Settings"]

Floats = npt.NDArray[np.float64]
Slots = npt.NDArray[np.intp]
_ARRAYS: Final = ("count", "mean", "variance", "up", "down", "peak")
_TINY: Final = 1e-12
_PEAKS: Final = 300  # of cumulative sums that must have been seen: their tail is exponential, whatever the values (Siegmund 1985)


@dataclass(frozen=True, slots=True)
class Settings:
    """The constants; those of time are in values of a series."""

    memory: float = 0.01  # weight of a new value in the running mean
    learns: int = 60  # values before a series is judged
    clip: float = 4.0  # deviations that a value may teach
    least: float = 0.0  # deviation that a series has at least, however still it stood
    slack: float = 0.5  # of the cumulative sum: half the shift that it finds soonest, in deviations
    ticks_a_day: float = 1_440.0
    budget_a_day: float = 1.0  # false alarms of the whole pool and each channel
    day_fades: float = 0.5  # what the pool saw a day ago counts so much


class Alarms(NamedTuple):
    """Places in what was given, and how rare they are."""

    points: Slots
    shifts: Slots
    deviations: Floats  # of every value
    low: Floats  # the band in which no value would have been an alarm
    high: Floats
    sums: Floats  # of every value: the cumulative sum upwards, or that downwards below zero, whichever is larger
    probability: Floats  # of every value's deviation in its pool
    judged: npt.NDArray[np.bool_]  # which of the series are known well enough


class Fleet:
    """All series of one metric."""

    def __init__(self, settings: Settings | None = None, slots: int = 0) -> None:
        self._settings = settings or Settings()
        self._state: dict[str, Floats] = {name: np.zeros(slots) for name in _ARRAYS}
        self._points, self._peaks = Tail(), Tail(_PEAKS)
        self._rate = 0.0  # judged values a tick, running
        self._peak_rate = 0.0

    def __len__(self) -> int:
        return len(self._state["count"])

    def grow(self, slots: int) -> None:
        """Have at least so many."""
        if slots > len(self):
            self._state = {name: np.concatenate([array, np.zeros(slots - len(array))]) for name, array in self._state.items()}

    def forget(self, slots: Slots) -> None:
        """Make these slots free for other series."""
        for array in self._state.values():
            array[slots] = 0

    def explained(self, slots: Slots) -> None:
        """What these did lately has been told as the doing of something else: their cumulative sums begin anew."""
        for name in ("up", "down", "peak"):
            self._state[name][slots] = 0

    def step(self, slots: Slots, values: Floats, point: Floats | None = None, shift: Floats | None = None) -> Alarms:
        """One value of each of some different series; what is no number is passed over. `point`, `shift`: weights of each in the budget of the channel."""
        settings, state = self._settings, self._state
        usable = np.isfinite(values)
        count, mean = state["count"][slots], state["mean"][slots]
        deviation = np.maximum(np.sqrt(state["variance"][slots]), settings.least) + 1e-9 * np.abs(mean) + _TINY
        judged = usable & (count >= settings.learns)
        z = np.where(judged, (values - mean) / deviation, 0.0)
        size = np.abs(z)
        limit = self._limits(self._points, self._rate, _evened(point, judged))
        points = np.flatnonzero(judged & (size > limit))
        probability = self._points.probability(size)
        limits = self._limits(self._peaks, self._peak_rate, _evened(shift, judged))
        shifts, sums = self._shift(slots, z, judged, size > limit, limits)
        self._learn(slots, values, usable)
        self._remember(size[judged])
        return Alarms(points, shifts, z, mean - limit * deviation, mean + limit * deviation, sums, probability, judged)

    def _limits(self, pool: Tail, rate: float, weights: Floats) -> Floats:
        """The sizes that the pool exceeds as often as the budget says, for each weight."""
        a_day = rate * self._settings.ticks_a_day
        if not a_day:
            return np.full(len(weights), np.inf)
        different, which = np.unique(weights, return_inverse=True)
        return np.array([pool.size(min(0.5, one * self._settings.budget_a_day / a_day)) for one in different.tolist()], np.float64)[which]

    def _shift(self, slots: Slots, z: Floats, judged: npt.NDArray[np.bool_], already: npt.NDArray[np.bool_], limits: Floats) -> tuple[Slots, Floats]:
        """Cumulative sums; the largest value of each stretch above zero goes to its pool, and beginning anew follows an alarm."""
        settings, state = self._settings, self._state
        pulled = np.clip(z, -settings.clip, settings.clip)
        up = np.where(judged, np.maximum(0.0, state["up"][slots] + pulled - settings.slack), state["up"][slots])
        down = np.where(judged, np.maximum(0.0, state["down"][slots] - pulled - settings.slack), state["down"][slots])
        peak = np.maximum(state["peak"][slots], np.maximum(up, down))
        told = judged & (np.maximum(up, down) > limits) & ~already
        over = judged & (((up == 0) & (down == 0)) | told)
        # What the other channel tells is no small change: summed up, it would be told again long after it was over.
        anew = over | (judged & already)
        ended = peak[over & (peak > 0)]
        fade = settings.day_fades ** (1 / settings.ticks_a_day)
        self._peaks.add(ended, fade)
        self._peak_rate += 0.02 * (len(ended) - self._peak_rate) if self._peak_rate else len(ended)
        state["up"][slots], state["down"][slots] = np.where(anew, 0, up), np.where(anew, 0, down)
        state["peak"][slots] = np.where(anew, 0, peak)
        return np.flatnonzero(told), np.where(up >= down, up, -down)

    def _learn(self, slots: Slots, values: Floats, usable: npt.NDArray[np.bool_]) -> None:
        settings, state = self._settings, self._state
        slots, values = slots[usable], values[usable]
        count, mean, variance = state["count"][slots] + 1, state["mean"][slots], state["variance"][slots]
        step = values - mean
        bound = settings.clip * np.maximum(np.sqrt(variance), settings.least)
        step = np.where((count > settings.learns) & (bound > 0), np.clip(step, -bound, bound), step)
        weight = np.maximum(settings.memory, 1 / count)
        state["mean"][slots] = mean + weight * step
        state["variance"][slots] = (1 - weight) * (variance + weight * step * step)
        state["count"][slots] = count

    def _remember(self, sizes: Floats) -> None:
        self._points.add(sizes, self._settings.day_fades ** (1 / self._settings.ticks_a_day))
        self._rate += 0.02 * (len(sizes) - self._rate) if self._rate else len(sizes)

    def save(self) -> dict[str, pa.Table]:
        """All of it."""
        rates = pa.table({"points": [self._rate], "peaks": [self._peak_rate]})
        return {"series": pa.table(dict(self._state)), "points": self._points.save(), "peaks": self._peaks.save(), "rates": rates}

    def restore(self, state: dict[str, pa.Table]) -> None:
        """See `save`."""
        self._state = {name: state["series"][name].to_numpy().copy() for name in _ARRAYS}
        self._points.restore(state["points"])
        self._peaks.restore(state["peaks"])
        self._rate, self._peak_rate = (state["rates"][name][0].as_py() for name in ("points", "peaks"))


def _evened(weights: Floats | None, judged: npt.NDArray[np.bool_]) -> Floats:
    """Of mean one over the series that are judged."""
    if weights is None or not judged.any():
        return np.ones(len(judged))
    found: Floats = weights / weights[judged].mean()
    return found
