"""Who has fallen silent: who was active in which step in, those whose pause is longer than chance would have it out, at a chosen rate of false alarms.

A failure detector (Hayashibara and others, The phi accrual failure detector, 2004) for whoever has no beat: the chance of a pause is that of exponential times
behind the mean of the series, in deviations of its pauses, or, where series pause otherwise, what the pool of all of them shows (`tail.py`). A pause
that is no longer than one the series has made lately (nights, weekends) is none.

State: 48 bytes per series.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from spyglass.analyze.stats.tail import Tail

__all__ = ["Pauses", "Settings", "Silent"]

Floats = npt.NDArray[np.float64]
Slots = npt.NDArray[np.intp]
_ARRAYS: Final = ("last", "count", "mean", "variance", "longest", "told")
_REGULAR: Final = 0.25  # of the mean, that pauses differ by at least, however regular they are
_MEMORY: Final = 0.01
_CLIP: Final = 4.0  # deviations that a pause may teach
_AGAIN: Final = 1.25  # so much longer than the longest pause of its own


@dataclass(frozen=True, slots=True)
class Settings:
    """The constants; a step is the unit of time."""

    learns: int = 60  # pauses before a series is judged
    budget_a_day: float = 1.0
    steps_a_day: float = 1_440.0
    longest_halves_days: float = 7.0  # until the longest pause is remembered as half as long


class Silent(NamedTuple):
    """Of the series that were asked for."""

    overdue: npt.NDArray[np.bool_]  # silent for longer than chance would have it
    news: npt.NDArray[np.bool_]  # for the first time in this pause
    judged: npt.NDArray[np.bool_]
    steps: Floats  # since it was active
    usual: Floats  # mean of its pauses
    longest: Floats
    most: Floats  # steps that would have been no alarm


class Pauses:
    """All series."""

    def __init__(self, settings: Settings | None = None) -> None:
        self._settings = settings or Settings()
        self._state: dict[str, Floats] = {name: np.zeros(0) for name in _ARRAYS}
        self._pool = Tail()
        self._rate = 0.0  # pauses of judged series that end in a step, running

    def grow(self, slots: int) -> None:
        """Have at least so many."""
        more = np.zeros(max(0, slots - len(self._state["last"])))
        self._state = {name: np.concatenate([array, more]) for name, array in self._state.items()}

    def forget(self, slots: Slots) -> None:
        """Make these slots free for other series."""
        for array in self._state.values():
            array[slots] = 0

    def step(self, at: int, active: Slots) -> None:
        """Those that are active in the step `at`, each once."""
        state, settings = self._state, self._settings
        slots = active[state["last"][active] > 0]
        pause = at - state["last"][slots]
        judged = state["count"][slots] >= settings.learns
        mean, spread = self._usual(slots)
        self._pool.add(np.maximum(0.0, (pause - mean) / spread)[judged], 0.5 ** (1 / settings.steps_a_day))
        ended = int(judged.sum())
        self._rate += 0.02 * (ended - self._rate) if self._rate else ended
        fade = 0.5 ** (pause / (settings.steps_a_day * settings.longest_halves_days))
        state["longest"][slots] = np.maximum(pause, state["longest"][slots] * fade)
        self._learn(slots, np.where(judged, np.minimum(pause, mean + _CLIP * spread), pause))
        state["last"][active], state["told"][active] = at, 0

    def silent(self, at: int, slots: Slots, weights: Floats | None = None) -> Silent:
        """How these, each once, stand after the step `at`; a pause is news once. `weights`: of each in the budget, whatever their mean."""
        state = self._state
        steps = at - state["last"][slots]
        judged = (state["count"][slots] >= self._settings.learns) & (state["last"][slots] > 0)
        mean, spread = self._usual(slots)
        evened = np.ones(len(slots)) if weights is None or not judged.any() else weights / weights[judged].mean()
        most = np.maximum(mean + self._limits(evened) * spread, _AGAIN * state["longest"][slots])
        overdue = judged & (steps > most)
        news = overdue & (state["told"][slots] == 0)
        state["told"][slots[news]] = 1
        return Silent(overdue, news, judged, steps, mean, state["longest"][slots], most)

    def _usual(self, slots: Slots) -> tuple[Floats, Floats]:
        mean = self._state["mean"][slots]
        return mean, np.maximum(np.sqrt(self._state["variance"][slots]), _REGULAR * np.maximum(mean, 1.0))

    def _limits(self, weights: Floats) -> Floats:
        """The deviations that a pause exceeds as often as the budget says, for each weight."""
        pauses_a_day = max(self._rate * self._settings.steps_a_day, 1.0)
        different, which = np.unique(weights, return_inverse=True)
        chances = [min(0.5, one * self._settings.budget_a_day / pauses_a_day) for one in different.tolist()]
        sizes = [max(-np.log(chance) - 1, self._pool.size(chance) if self._pool.known else 0.0) for chance in chances]
        return np.array(sizes, np.float64)[which]

    def _learn(self, slots: Slots, pause: Floats) -> None:
        state = self._state
        count, mean = state["count"][slots] + 1, state["mean"][slots]
        weight = np.maximum(_MEMORY, 1 / count)
        step = pause - mean
        state["mean"][slots] = mean + weight * step
        state["variance"][slots] = (1 - weight) * (state["variance"][slots] + weight * step * step)
        state["count"][slots] = count

    def save(self) -> dict[str, pa.Table]:
        """All of it."""
        return {"series": pa.table(dict(self._state)), "pool": self._pool.save(), "rate": pa.table({"rate": [self._rate]})}

    def restore(self, state: dict[str, pa.Table]) -> None:
        """See `save`."""
        self._state = {name: state["series"][name].to_numpy().copy() for name in _ARRAYS}
        self._pool.restore(state["pool"])
        self._rate = state["rate"]["rate"][0].as_py()
