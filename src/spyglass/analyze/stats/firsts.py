"""What somebody has never done before: who did which thing how often in, the things that are new out, with the chance that anything new would come.

The chance of something new is the share of all that was seen exactly once (Good 1953), one more added: who does something new every day is not watched
for it, and after a thousand things of five kinds a sixth kind comes once in a thousand. Numbers stand for people and things (`digest`); everything is
counted, nothing is stepped through.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from spyglass.analyze.stats.digest import Numbers, combined
from spyglass.analyze.stats.places import Places

__all__ = ["Firsts", "New"]

Slots = npt.NDArray[np.intp]
Whole = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
_KEPT_NS: Final = 90 * 24 * 3_600 * 10**9  # what nobody did for so long is new again


@dataclass(frozen=True, slots=True)
class New:
    """Of each row: whether it is the first time, and what is known of who did it, before. All arrays of n."""

    first: npt.NDArray[np.bool_]
    chance: Floats  # of anything new
    times: Whole  # things done so far
    kinds: Whole  # different ones
    since_ns: Whole  # the first of all


class Firsts:
    """Counts by who and thing."""

    def __init__(self, most_owners: int, most_things: int) -> None:
        self._owners, self._things = Places(most_owners, _KEPT_NS), Places(most_things, _KEPT_NS)
        self._known: Whole = np.zeros((0, 4), np.int64)  # times, things done once, kinds, first
        self._count: Whole = np.zeros((0, 1), np.int64)

    def see(self, owner: Numbers, thing: Numbers, times: Whole, at_ns: Whole) -> New:
        """Each pair once, in the order of `at_ns`; `times`: how often."""
        owners, strangers = self._owners.of(owner, at_ns)
        self._known = _room(self._known, len(self._owners), strangers)
        things, fresh = self._things.of(combined(owner, thing), at_ns)
        self._count = _room(self._count, len(self._things), fresh)
        known, count = self._known[owners], self._count[things, 0]
        chance = (known[:, 1] + 1) / (known[:, 0] + 1)
        since = np.where(known[:, 0] > 0, known[:, 3], at_ns)
        found = New(count == 0, chance, known[:, 0].copy(), known[:, 2].copy(), since)
        after = count + times
        self._count[things, 0] = after
        once = (after == 1).astype(np.int64) - (count == 1)
        np.add.at(self._known[:, :3], owners, np.stack([times, once, count == 0], axis=1).astype(np.int64))
        self._known[owners[::-1], 3] = since[::-1]  # the earliest of a new one is written last
        return found

    def save(self) -> dict[str, pa.Table]:
        """Two tables."""
        names = ("times", "once", "kinds", "since")
        owners, things = self._owners.save(), self._things.save()
        for at, name in enumerate(names):
            owners = owners.append_column(name, pa.array(self._known[:, at]))
        return {"owners": owners, "things": things.append_column("count", pa.array(self._count[:, 0]))}

    def restore(self, state: dict[str, pa.Table]) -> None:
        """See `save`."""
        self._owners.restore(state["owners"])
        self._things.restore(state["things"])
        self._known = np.stack([state["owners"][name].to_numpy() for name in ("times", "once", "kinds", "since")], axis=1)
        self._count = state["things"]["count"].to_numpy().reshape(-1, 1).copy()


def _room(array: npt.NDArray[Any], size: int, fresh: Slots) -> npt.NDArray[Any]:
    """As long as there are places; new ones begin at nothing."""
    grown = np.concatenate([array, np.zeros((size - len(array), array.shape[1]), array.dtype)]) if size > len(array) else array
    grown[fresh] = 0
    return grown
