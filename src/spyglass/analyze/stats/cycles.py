"""Sequences that repeat themselves: the steps of many runs in, for each step how long the run has been going round with a period of 1 to `periods` out.

A step continues a cycle of period p when it is the step that was p steps before. So many in a row as R times p make R + 1 rounds. Exact, whatever the
batches; a few numbers of state per run and no step of Python per row.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from spyglass.analyze.stats.digest import Numbers

__all__ = ["Cycles", "Group", "Rounds", "earlier", "newest", "ranked"]

Slots = npt.NDArray[np.intp]
Whole = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Group:
    """Rows of several slots, those of one slot together and in their order."""

    slots: Slots  # of each row
    begins: Slots  # index of the first row of its slot, of each row
    lasts: Slots  # indices of the last row of every slot
    ranks: Slots  # how many rows of its slot are before each row


@dataclass(frozen=True, slots=True)
class Rounds:
    """Per step: period of the longest cycle that goes on (0: none), how often it went round, the worth before the second round, whether a round ends."""

    period: Whole
    count: Whole
    since: Whole
    whole: npt.NDArray[np.bool_]


def ranked(slots: Slots) -> Group:
    """What `Cycles` needs to know of rows that are sorted by slot."""
    at = np.arange(len(slots))
    first = np.ones(len(slots), np.bool_)
    first[1:] = slots[1:] != slots[:-1]
    lasts = np.flatnonzero(np.append(first[1:], True)) if len(slots) else at
    begins = np.maximum.accumulate(np.where(first, at, 0))
    return Group(slots, begins, lasts, at - begins)


def earlier(before: npt.NDArray[Any], group: Group, values: npt.NDArray[Any], back: int) -> npt.NDArray[Any]:
    """The value `back` rows before each row in its slot; `before` holds those of earlier batches, the last column the newest."""
    size = before.shape[1]
    found = np.empty(len(values), np.result_type(values, before))
    found[back:] = values[: max(len(values) - back, 0)]
    at = np.flatnonzero(group.ranks < back)  # of these it is in an earlier batch
    found[at] = before[group.slots[at], np.minimum(size - back + group.ranks[at], size - 1)]
    return found


def newest(before: npt.NDArray[Any], group: Group, values: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """The newest values of each slot in `group.lasts`, as many as `before` has columns; the last column is the newest."""
    lasts, ranks = group.lasts, group.ranks[group.lasts]
    slots, size = group.slots[lasts], before.shape[1]
    found = np.empty((len(lasts), size), before.dtype)
    for back in range(size):
        column = np.minimum(size - back + ranks, size - 1)
        found[:, size - 1 - back] = np.where(ranks >= back, values[np.maximum(lasts - back, 0)], before[slots, column])
    return found


class Cycles:
    """The state of many runs, by slot."""

    def __init__(self, periods: int) -> None:
        self._periods = periods
        self._latest: Numbers = np.zeros((0, periods), np.uint64)  # the last column is the newest; 0: none
        self._streak: Whole = np.zeros((0, periods), np.int64)  # steps in a row that were as `period` steps before
        self._since: Whole = np.zeros((0, periods), np.int64)
        self._worth: Whole = np.zeros(0, np.int64)  # at the newest step

    def grow(self, slots: int) -> None:
        """Have so many."""
        for name in ("_latest", "_streak", "_since", "_worth"):
            array = getattr(self, name)
            fresh = np.zeros((slots - len(array), *array.shape[1:]), array.dtype)
            setattr(self, name, np.concatenate([array, fresh]))

    def forget(self, slots: Slots) -> None:
        """These are new runs."""
        for array in (self._latest, self._streak, self._since, self._worth):
            array[slots] = 0

    def step(self, group: Group, keys: Numbers, worth: Whole) -> Rounds:
        """The next steps: `keys` tell them apart, `worth` is what the run had spent by then."""
        at = np.arange(len(keys))
        before = np.where(group.ranks > 0, worth[np.maximum(at - 1, 0)], self._worth[group.slots])
        period, count, since = np.zeros((3, len(keys)), np.int64)
        found = Rounds(period, count, since, np.zeros(len(keys), np.bool_))
        steps = np.zeros(len(keys), np.int64)  # that the longest cycle covers
        for back in range(1, self._periods + 1):
            length, start = self._lengths(group, earlier(self._latest, group, keys, back) == keys, back, before)
            better = (length >= back) & (length + back > steps)
            steps[better] = length[better] + back
            found.period[better], found.count[better], found.since[better] = back, length[better] // back + 1, start[better]
            found.whole[better] = length[better] % back == 0
        self._remember(group, keys, worth)
        return found

    def _lengths(self, group: Group, same: npt.NDArray[np.bool_], back: int, before: Whole) -> tuple[Whole, Whole]:
        """How many steps in a row continue the cycle, and what had been spent before them."""
        at, begins, slots = np.arange(len(same)), group.begins, group.slots
        broken = np.maximum.accumulate(np.where(same, -1, at))
        whole = broken < begins  # the cycle goes on since before these rows, if there was one
        base = np.where(whole, begins - 1, broken)
        carried = np.where(whole, self._streak[slots, back - 1], 0)
        length = at - base + carried
        start = np.where(carried > 0, self._since[slots, back - 1], before[np.minimum(base + 1, len(same) - 1)])
        self._streak[slots[group.lasts], back - 1] = length[group.lasts]
        self._since[slots[group.lasts], back - 1] = start[group.lasts]
        return length, start

    def _remember(self, group: Group, keys: Numbers, worth: Whole) -> None:
        slots = group.slots[group.lasts]
        self._latest[slots] = newest(self._latest, group, keys)
        self._worth[slots] = worth[group.lasts]

    def save(self) -> pa.Table:
        """One row per slot."""
        columns: dict[str, npt.NDArray[np.generic]] = {"worth": self._worth}
        for name in ("latest", "streak", "since"):
            columns |= {f"{name}_{at}": getattr(self, f"_{name}")[:, at] for at in range(self._periods)}
        return pa.table(columns)

    def restore(self, state: pa.Table) -> None:
        """See `save`."""
        self._worth = state["worth"].to_numpy().copy()
        for name in ("latest", "streak", "since"):
            setattr(self, f"_{name}", np.stack([state[f"{name}_{at}"].to_numpy() for at in range(self._periods)], axis=1))
