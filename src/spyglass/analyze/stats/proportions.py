"""Shares of many series, so many hits of so many trials of each at a time: how far each lies from the share that is usual for it.

Freeman and Tukey's angle (1950) has the deviation 1/√(4n + 2) of n trials, whatever the share; its mean depends on n. So what is compared is not the angle but
its distance from the angle that the usual share has with as many trials: a share that stays is no change, however many trials there are.

State: 24 bytes per series.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa

__all__ = ["CHANCE", "Moved", "Proportions", "angle_of", "share_of"]

Floats = npt.NDArray[np.float64]
Slots = npt.NDArray[np.intp]
_ARRAYS: Final = ("count", "hits", "trials")
CHANCE: Final = 0.5
"""Deviation of a distance by pure chance."""


@dataclass(frozen=True)
class Moved:
    """Of some series at one time."""

    distances: Floats  # NaN: there were no trials
    angles: Floats  # of the usual share
    trials: Floats
    heft: Floats  # by how much a difference of angles was multiplied

    def share(self, at: int, distance: float) -> float:
        """The share that lies so far from the usual one."""
        return float(share_of(self.angles[at : at + 1] + distance / self.heft[at], np.maximum(self.trials[at : at + 1], 1.0))[0])


class Proportions:
    """All series of one metric. `most`: trials that count, as with more the smallest change of a share would stand out."""

    def __init__(self, most: float, learns: int, memory: float = 0.01, clip: float = 4.0) -> None:
        """`learns`, `memory` and `clip` as of `fleet.Settings`."""
        self._most, self._learns, self._memory, self._clip = most, learns, memory, clip
        self._state: dict[str, Floats] = {name: np.zeros(0) for name in _ARRAYS}

    def grow(self, slots: int) -> None:
        """Have at least so many."""
        more = np.zeros(max(0, slots - len(self._state["count"])))
        self._state = {name: np.concatenate([array, more]) for name, array in self._state.items()}

    def forget(self, slots: Slots) -> None:
        """Make these slots free for other series."""
        for array in self._state.values():
            array[slots] = 0

    def step(self, slots: Slots, hits: Floats, trials: Floats) -> Moved:
        """Hits and trials of each of some different series; who had no trials is passed over."""
        tried = trials > 0
        known = self._state["trials"][slots]
        with np.errstate(invalid="ignore", divide="ignore"):
            own = np.where(tried, hits / trials, 0.0)
            usual = np.where(known > 0, self._state["hits"][slots] / known, own)
        heft = np.sqrt(np.minimum(trials, self._most) + 0.5)
        angles = angle_of(usual * trials, trials)
        distances = np.where(tried, (angle_of(hits, trials) - angles) * heft, np.nan)
        self._learn(slots[tried], own[tried], trials[tried], angles[tried], heft[tried])
        return Moved(distances, angles, trials, heft)

    def _learn(self, slots: Slots, shares: Floats, trials: Floats, angles: Floats, heft: Floats) -> None:
        """An incident does not become usual at once: what lies further than `clip` deviations teaches no more than that."""
        count = self._state["count"][slots] + 1
        bound = self._clip * CHANCE / heft
        bounded = np.clip(shares, share_of(angles - bound, trials), share_of(angles + bound, trials))
        shares = np.where(count > self._learns, bounded, shares)
        weight = np.maximum(self._memory, 1 / count)
        for name, value in (("hits", shares * trials), ("trials", trials)):
            self._state[name][slots] += weight * (value - self._state[name][slots])
        self._state["count"][slots] = count

    def save(self) -> pa.Table:
        """All of it."""
        return pa.table(dict(self._state))

    def restore(self, state: pa.Table) -> None:
        """See `save`."""
        self._state = {name: state[name].to_numpy().copy() for name in _ARRAYS}


def angle_of(hits: Floats, trials: Floats) -> Floats:
    """Of so many hits: the mean of both arcsines."""
    found: Floats = (np.arcsin(np.sqrt(hits / (trials + 1))) + np.arcsin(np.sqrt((hits + 1) / (trials + 1)))) / 2
    return found


def share_of(angle: Floats, trials: Floats) -> Floats:
    """Back from the angle (Miller 1978, The inverse of the Freeman-Tukey double arcsine transformation)."""
    none = angle_of(np.zeros_like(trials), trials)
    both = 2 * np.clip(angle, none, np.pi / 2 - none)
    sine = np.sin(both)
    root = np.sqrt(np.maximum(0.0, 1 - (sine + (sine - 1 / sine) / trials) ** 2))
    found: Floats = np.clip((1 - np.sign(np.cos(both)) * root) / 2, 0.0, 1.0)
    return found
