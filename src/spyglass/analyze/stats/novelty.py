"""How new a value is to its series: the distance to the nearest value that the series ever had, against how far apart its values usually are.

Values are told apart as bins of a fraction of the series' own spread, found in its first values; what lies beyond the last bin counts as far as it is.
The distance is judged by its own running mean and deviation, and tells only when it beats the largest of late (the record, which fades): a series that
is always surprising surprises nobody. On the half of the Numenta Anomaly Benchmark that it was made with, this alone reaches what needs contexts and
networks elsewhere (docs/benchmarks.md). After the idea of conformal k-nearest-neighbours (Burnaev and Ishimtsev 2016, arXiv:1608.04585), with k = 1.

State: one row of arrays per series; about 330 bytes.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa

__all__ = ["TOLD", "Novelty", "Settings", "spread_out"]

Floats = npt.NDArray[np.float64]
Slots = npt.NDArray[np.intp]
TOLD: Final = 0.25
"""A score that is worth telling where there is no budget of alarms: a quarter more than the record."""
_BINS: Final = 256
_EVEN: Final = 100  # bins on either side of the centre that are as wide as `bin_width`; the others grow
_FARTHEST: Final = 1e4  # spreads
_TINY: Final = 1e-12


@dataclass(frozen=True, slots=True)
class Settings:
    """The constants; those of time are in values of the series."""

    learns: int = 200  # values from which centre and spread are found, before anything can be told
    bin_width: float = 0.2  # of the spread
    memory: float = 0.0005  # weight of a new distance in the running mean, once there are many
    record_fades: float = 0.98  # the record goes back to 1 by so much a value
    largest: float = 60.0  # deviations; beyond, all is equally new


class Novelty:
    """The state of many series, by slot."""

    def __init__(self, settings: Settings | None = None, slots: int = 0) -> None:
        self._settings = settings or Settings()
        self._edges = _edges(self._settings.bin_width)
        self._middles = np.concatenate([self._edges[:1], (self._edges[:-1] + self._edges[1:]) / 2, self._edges[-1:]])
        self._count: npt.NDArray[np.int64] = np.zeros(slots, np.int64)
        self._centre: Floats = np.zeros(slots)
        self._square: Floats = np.zeros(slots)  # sum of squared differences to the centre, then the spread
        self._seen: npt.NDArray[np.bool_] = np.zeros((slots, _BINS), np.bool_)
        self._low: Floats = np.zeros(slots)  # smallest and largest of the first values
        self._high: Floats = np.zeros(slots)
        self._mean: Floats = np.zeros(slots)
        self._variance: Floats = np.zeros(slots)
        self._record: Floats = np.ones(slots)

    def __len__(self) -> int:
        return len(self._count)

    def grow(self, slots: int) -> None:
        """Have at least so many; new ones are as if nothing had been seen."""
        more = slots - len(self)
        if more <= 0:
            return
        for name in ("_count", "_centre", "_square", "_low", "_high", "_mean", "_variance"):
            array = getattr(self, name)
            setattr(self, name, np.concatenate([array, np.zeros(more, array.dtype)]))
        self._record = np.concatenate([self._record, np.ones(more)])
        self._seen = np.concatenate([self._seen, np.zeros((more, _BINS), np.bool_)])

    def forget(self, slots: Slots) -> None:
        """Make these slots free for other series."""
        for array in (self._count, self._centre, self._square, self._low, self._high, self._mean, self._variance):
            array[slots] = 0
        self._record[slots] = 1
        self._seen[slots] = False

    def step(self, slots: Slots, values: Floats) -> Floats:
        """One value of each of some different series: how new it is, 0 when not. By how much it beats the record: 1 is twice as new as anything of late."""
        score = np.zeros(len(slots))
        usable = np.isfinite(values)
        learning = usable & (self._count[slots] < self._settings.learns)
        if learning.any():
            self._learn(slots[learning], values[learning])
        judged = usable & ~learning
        if judged.any():
            score[judged] = self._judge(slots[judged], values[judged])
        return score

    def _learn(self, slots: Slots, values: Floats) -> None:
        """Centre and spread, by Welford's method."""
        count = self._count[slots] + 1
        difference = values - self._centre[slots]
        centre = self._centre[slots] + difference / count
        square = self._square[slots] + difference * (values - centre)
        learned = count == self._settings.learns
        spread = np.sqrt(square / count) + 1e-6 * np.abs(values) + _TINY
        self._count[slots], self._centre[slots] = count, centre
        self._square[slots] = np.where(learned, spread, square)
        self._low[slots] = np.where(count == 1, values, np.minimum(self._low[slots], values))
        self._high[slots] = np.where(count == 1, values, np.maximum(self._high[slots], values))
        done = slots[learned]
        if len(done):
            self._seen[done, self._bins(done, values[learned])[0]] = True

    def _judge(self, slots: Slots, values: Floats) -> Floats:
        settings = self._settings
        distance = self._distance(slots, values)
        count = self._count[slots] + 1
        mean, variance = self._mean[slots], self._variance[slots]
        known = count - settings.learns
        deviations = np.where(known > 1, np.clip(np.abs(distance - mean) / (np.sqrt(variance) + 1e-9 * np.abs(mean) + _TINY), 0, settings.largest), 0.0)
        deviations = np.where(distance > mean, deviations, 0.0)
        record = self._record[slots]
        score = np.where(deviations > record, deviations / record - 1, 0.0)
        record = np.maximum(record, deviations)
        self._record[slots] = 1 + (record - 1) * settings.record_fades
        weight = np.maximum(settings.memory, 1 / known)
        step = distance - mean
        self._mean[slots] = mean + weight * step
        self._variance[slots] = (1 - weight) * (variance + weight * step * step)
        self._count[slots] = count
        return score

    def _distance(self, slots: Slots, values: Floats) -> Floats:
        """To the nearest bin that was seen, in spreads; and this one is seen now."""
        bins, places = self._bins(slots, values)
        gaps = np.where(self._seen[slots], np.abs(self._middles - places[:, None]), np.inf)
        near: Floats = np.where(self._seen[slots, bins], 0.0, gaps.min(axis=1))
        self._seen[slots, bins] = True
        return near

    def _bins(self, slots: Slots, values: Floats) -> tuple[Slots, Floats]:
        """Where values belong: the bin, and how many spreads from the centre."""
        places = np.clip((values - self._centre[slots]) / self._square[slots], -_FARTHEST, _FARTHEST)
        return np.searchsorted(self._edges, places), places

    def save(self) -> pa.Table:
        """One row per slot."""
        packed = np.packbits(self._seen, axis=1)
        return pa.table(
            {
                **{name: getattr(self, f"_{name}") for name in ("count", "centre", "square", "low", "high", "mean", "variance", "record")},
                "seen": pa.array([row.tobytes() for row in packed], pa.binary(_BINS // 8)),
            }
        )

    def restore(self, state: pa.Table) -> None:
        """See `save`."""
        for name in ("count", "centre", "square", "low", "high", "mean", "variance", "record"):
            setattr(self, f"_{name}", state[name].to_numpy().copy())
        packed = np.frombuffer(b"".join(state["seen"].to_pylist()), np.uint8).reshape(-1, _BINS // 8)
        self._seen = np.unpackbits(packed, axis=1).astype(np.bool_)


def _edges(width: float) -> Floats:
    """Between the bins: evenly near the centre, then farther and farther apart."""
    even = width * np.arange(_EVEN + 1)
    far = np.geomspace(even[-1], _FARTHEST, _BINS // 2 - _EVEN)[1:]
    side = np.concatenate([even, far])
    return np.concatenate([-side[:0:-1], side])


def spread_out(values: Floats, learns: int = 200) -> Floats:
    """A whole series with its large values drawn together: the logarithm of the size, beside the deviation of the first values, so that zero is no wall."""
    first = values[:learns]
    drawn: Floats = np.log(np.abs(values) + np.std(first[np.isfinite(first)]) + _TINY)
    return drawn
