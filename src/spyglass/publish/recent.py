"""The newest appends, still in memory: what a reader that keeps up takes instead of reading and decoding the file again.

In: appends as they join the sequence. Out: their entries, until every cursor has passed them or newer ones need the room.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence

from spyglass.model.batch import Batch
from spyglass.plugin.contracts import Entry
from spyglass.publish.segment import Place

__all__ = ["Recent"]


class Recent:
    """At most `max_bytes`, the newest. Writes are guarded by the log's lock; `get` is safe in any thread."""

    def __init__(self, max_bytes: int = 64 * 2**20) -> None:
        self._max_bytes = max_bytes
        self._kept: OrderedDict[int, tuple[Place, list[Entry]]] = OrderedDict()  # by first offset
        self._size_bytes = 0

    def add(self, place: Place, batches: Sequence[Batch]) -> None:
        """Keep an append, and let go of the oldest beyond the bound."""
        self._kept[place.first] = (place, [Entry(place.first + at, batch, place.appended_ns) for at, batch in enumerate(batches)])
        self._size_bytes += place.memory_bytes
        while self._size_bytes > self._max_bytes:
            self._drop(next(iter(self._kept)))

    def get(self, first: int) -> list[Entry] | None:
        """The entries of the append that begins at this offset; None: it has to be read."""
        found = self._kept.get(first)
        return found[1] if found else None

    def passed(self, position: int) -> None:
        """Let go of what every cursor has done."""
        for first in [first for first, (place, _) in self._kept.items() if place.last < position]:
            self._drop(first)

    def _drop(self, first: int) -> None:
        place, _ = self._kept.pop(first)
        self._size_bytes -= place.memory_bytes
