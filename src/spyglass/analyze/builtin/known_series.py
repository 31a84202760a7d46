"""Which series has which slot: keys in, slots out; when there are too many, those that were silent longest give theirs up."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pyarrow as pa

__all__ = ["KnownSeries"]

Slots = npt.NDArray[np.intp]
Key = tuple[str, str, str]


class KnownSeries:
    """Keys and when they were seen last, bounded."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._slots: dict[Key, int] = {}  # the one that was seen longest ago first
        self._keys: list[Key] = []
        self._given_up: list[int] = []

    @property
    def size(self) -> int:
        """Slots in use or given up."""
        return len(self._keys)

    def slots(self, keys: Sequence[Key]) -> Slots:
        """The slot of each; new ones get one, of the longest silent where there is no other."""
        return np.array([self._slot(key) for key in keys], np.intp)

    def key(self, slot: int) -> Key:
        """Whose slot it is."""
        return self._keys[slot]

    def given_up(self) -> Slots:
        """Slots that have another series since the last time this was asked: what was known there is of somebody else."""
        found = np.array(self._given_up, np.intp)
        self._given_up = []
        return found

    def _slot(self, key: Key) -> int:
        found = self._slots.pop(key, None)
        if found is None:
            if len(self._keys) < self._most:
                found = len(self._keys)
                self._keys.append(key)
            else:
                oldest = next(iter(self._slots))
                found = self._slots.pop(oldest)
                self._keys[found] = key
                self._given_up.append(found)
        self._slots[key] = found
        return found

    def save(self) -> pa.Table:
        """One row per slot, and the order of silence."""
        order = {slot: at for at, slot in enumerate(self._slots.values())}
        parts = {name: pa.array([key[at] for key in self._keys], pa.string()) for at, name in enumerate(("project", "name", "part"))}
        return pa.table({**parts, "order": pa.array([order[slot] for slot in range(len(self._keys))], pa.int64())})

    def restore(self, state: pa.Table) -> None:
        """See `save`."""
        self._keys = list(zip(*(state[name].to_pylist() for name in ("project", "name", "part")), strict=True))
        order = np.argsort(state["order"].to_numpy(), kind="stable")
        self._slots = {self._keys[int(slot)]: int(slot) for slot in order}
