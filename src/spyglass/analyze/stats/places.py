"""Who has which slot: the numbers of runs (or of anything that comes and goes) in, places in arrays out, a bounded number of them.

Who was silent for `idle_ns` is forgotten; when all places are taken, the eighth that was silent longest gives way.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from spyglass.analyze.stats.digest import Numbers

__all__ = ["Places"]

Slots = npt.NDArray[np.intp]
Whole = npt.NDArray[np.int64]
_NEVER: Final = -(2**62)


class Places:
    """Slots by number. `len` is how large arrays by slot must be."""

    def __init__(self, most: int, idle_ns: int) -> None:
        self._most, self._idle_ns = most, idle_ns
        self._slots: dict[int, int] = {}
        self._free: list[int] = []
        self._owner: Numbers = np.zeros(0, np.uint64)  # 0: free
        self._active: Whole = np.zeros(0, np.int64)
        self.displaced = 0  # runs that gave way although they were not idle

    def __len__(self) -> int:
        return len(self._owner)

    def of(self, numbers: Numbers, at_ns: Whole) -> tuple[Slots, Slots]:
        """The slot of each row, and the slots that have a new owner; `at_ns` goes up. At most `most` different numbers at once."""
        unique, first, inverse = np.unique(numbers, return_index=True, return_inverse=True)
        order = np.argsort(first, kind="stable")  # who came first is placed first, whatever the numbers
        known = np.array([self._slots.get(number, -1) for number in unique.tolist()], np.intp)
        slots = known.copy()
        stale = (known >= 0) & (self._last(known) < at_ns[first] - self._idle_ns)
        missing = order[known[order] < 0]
        if len(missing) > len(self._free):
            self._make_room(len(missing), known[known >= 0], int(at_ns[0]) if len(at_ns) else 0)
        for at in missing.tolist():
            slots[at] = self._take(int(unique[at]))
        latest = np.full(len(unique), _NEVER)
        np.maximum.at(latest, inverse, at_ns)
        self._active[slots] = latest
        fresh = slots[stale | (known < 0)]
        return slots[inverse], np.sort(fresh)

    def _last(self, slots: Slots) -> Whole:
        found: Whole = np.where(slots >= 0, self._active[np.maximum(slots, 0)], 0) if len(self._active) else np.zeros(len(slots), np.int64)
        return found

    def _take(self, number: int) -> int:
        slot = self._free.pop()
        self._slots[number] = slot
        self._owner[slot] = number
        return slot

    def _make_room(self, wanted: int, kept: Slots, now_ns: int) -> None:
        """Those that are idle go; then there is more room; then those that were silent longest go."""
        taken = np.flatnonzero(self._owner)
        taken = taken[~np.isin(taken, kept)]
        self._release(taken[self._active[taken] < now_ns - self._idle_ns])
        if wanted <= len(self._free):
            return
        self._grow(min(max(64, 2 * len(self), len(self) - len(self._free) + wanted), max(self._most, wanted + len(kept))))
        if wanted > len(self._free):
            left = taken[self._owner[taken] != 0]
            leaving = left[np.argsort(self._active[left], kind="stable")][: max(wanted - len(self._free), len(self) // 8)]
            self.displaced += len(leaving)
            self._release(leaving)

    def _release(self, slots: Slots) -> None:
        for slot, number in zip(slots.tolist(), self._owner[slots].tolist(), strict=True):
            del self._slots[number]
            self._free.append(slot)
        self._owner[slots] = 0

    def _grow(self, size: int) -> None:
        more = size - len(self)
        if more <= 0:
            return
        self._free[:0] = range(size - 1, len(self) - 1, -1)
        self._owner = np.concatenate([self._owner, np.zeros(more, np.uint64)])
        self._active = np.concatenate([self._active, np.full(more, _NEVER)])

    def save(self) -> pa.Table:
        """One row per slot."""
        return pa.table({"owner": self._owner, "active": self._active})

    def restore(self, state: pa.Table) -> None:
        """See `save`."""
        self._owner, self._active = state["owner"].to_numpy().copy(), state["active"].to_numpy().copy()
        self._slots = {int(number): slot for slot, number in enumerate(self._owner.tolist()) if number}
        self._free = [slot for slot in range(len(self) - 1, -1, -1) if not self._owner[slot]]
