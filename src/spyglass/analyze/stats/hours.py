"""When somebody is at work: hours with activity in, whether this one is unusual for who keeps regular hours out. UTC; days of the week and weekends apart.

An hour is unusual when it and its two neighbours were silent on all days like this one, although activity that came at any hour alike would have been
there with near certainty (Poisson). So who works around the clock is never told, and neither is who is seldom there at all.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from spyglass.analyze.stats.digest import Numbers
from spyglass.analyze.stats.places import Places

__all__ = ["Hours", "Judged"]

Whole = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
HOUR_NS: Final = 3_600 * 10**9
_KEPT_NS: Final = 90 * 24 * HOUR_NS
_LEAST_DAYS: Final = 10  # days like this one
_BY_CHANCE: Final = 1e-3  # that activity without any habit left these hours empty
_NEVER: Final = -1


@dataclass(frozen=True, slots=True)
class Judged:
    """Of each row. All arrays of n."""

    unusual: npt.NDArray[np.bool_]
    chance: Floats  # of activity in this hour
    days: Whole  # like this one, so far
    expected: Floats  # active hours among these, had there been no habit


class Hours:
    """Forty-eight counts each."""

    def __init__(self, most: int) -> None:
        self._places = Places(most, _KEPT_NS)
        self._counts: npt.NDArray[np.int64] = np.zeros((0, 50), np.int64)  # by hour of week days and of weekends; then first hour and latest hour

    def see(self, who: Numbers, at_ns: Whole) -> Judged:
        """Each once, in the order of `at_ns`, of one hour."""
        slots, fresh = self._places.of(who, at_ns)
        size = len(self._places)
        grown = np.zeros((size - len(self._counts), 50), np.int64)
        self._counts = np.concatenate([self._counts, grown]) if len(grown) else self._counts
        self._counts[fresh] = 0
        self._counts[fresh, 48:] = _NEVER
        hour = at_ns // HOUR_NS
        first, latest = self._counts[slots, 48], self._counts[slots, 49]
        begins = np.where(first == _NEVER, hour, first)
        place, days, every = _like(begins, hour)
        near = sum(self._counts[slots, place - place % 24 + (place + step) % 24] for step in (-1, 0, 1))
        share = self._counts[slots, :48].sum(axis=1) / np.maximum(every * 24, 1)
        expected = 3 * days * share
        is_new = latest != hour
        unusual = is_new & (near == 0) & (days >= _LEAST_DAYS) & (np.exp(-expected) <= _BY_CHANCE)
        self._counts[slots[is_new], place[is_new]] += 1
        self._counts[slots, 48], self._counts[slots, 49] = begins, hour
        return Judged(unusual, (near + 1) / (3 * days + 2), days, expected)

    def save(self) -> pa.Table:
        """One row per slot."""
        rows = pa.array([row.tobytes() for row in self._counts], pa.binary(400))
        return self._places.save().append_column("counts", rows)

    def restore(self, state: pa.Table) -> None:
        """See `save`."""
        self._places.restore(state)
        self._counts = np.frombuffer(b"".join(state["counts"].to_pylist()), np.int64).reshape(-1, 50).copy()


def _like(begins: Whole, hour: Whole) -> tuple[npt.NDArray[np.intp], Whole, Whole]:
    """Place among the forty-eight, days like this one between both, and days of any sort."""
    first, today = (begins // 24).astype("datetime64[D]"), (hour // 24).astype("datetime64[D]")
    every: Whole = (today - first).astype(np.int64)
    week: Whole = np.busday_count(first, today).astype(np.int64)
    weekend = ~np.is_busday(today)
    place: npt.NDArray[Any] = hour % 24 + np.where(weekend, 24, 0)
    return place.astype(np.intp), np.where(weekend, every - week, week), every
