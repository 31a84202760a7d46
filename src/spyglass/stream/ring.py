"""The recent batches in the order in which they came: deliveries in, what came after a place out. So that a viewer that was away misses nothing.

Bounded by bytes and by age. The batches are shared with the rest of the process, not copied.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import Final, NamedTuple

import pyarrow as pa
import pyarrow.compute as pc

from spyglass.model.batch import Batch
from spyglass.plugin.contracts import Delivery
from spyglass.stream.cursor import Cursor

__all__ = ["Entry", "Place", "Ring"]

_MS: Final = 10**6


class Place(NamedTuple):
    """Everything up to and including `row` of the batch with this number has been seen."""

    number: int
    row: int


@dataclass(frozen=True, slots=True)
class Entry:
    """One batch with at least one row. Its number is one more than that of the entry before it."""

    number: int
    batch: Batch
    last: Cursor  # of its last row
    arrived_ns: int  # wall time, when the hub took it; never goes back from one entry to the next
    lost: int  # rows of earlier batches that did not reach the hub
    size_bytes: int

    @property
    def end(self) -> Place:
        """After its last row."""
        return Place(self.number, self.last.row)


class Ring:
    """Not for several threads."""

    def __init__(self, max_bytes: int, max_age_s: float, started_ns: int) -> None:
        self.max_bytes, self.max_age_ns = max_bytes, round(max_age_s * 10**9)
        self.size_bytes = 0
        self._entries: deque[Entry] = deque()
        self._numbers: dict[int, int] = {}  # log offset → number, of what is kept
        self._before = Cursor(-1, started_ns // _MS, 0)  # the end of the newest entry that is no longer kept
        self._next = 0

    def __len__(self) -> int:
        return len(self._entries)

    @property
    def start(self) -> Place:
        """Before the oldest row kept."""
        return Place(self._next - len(self._entries) - 1, self._before.row)

    @property
    def end(self) -> Place:
        """After the newest row."""
        return self._entries[-1].end if self._entries else self.start

    @property
    def end_cursor(self) -> Cursor:
        """The cursor of `end`."""
        return self._entries[-1].last if self._entries else self._before

    @property
    def start_ms(self) -> int:
        """When the newest batch that is no longer kept was received, or when the watching began."""
        return self._before.received_ms

    def append(self, delivery: Delivery, arrived_ns: int) -> Entry:
        """Keep a delivery, and let go of what is too much or too old."""
        batch = delivery.batch
        size = int(batch.rows.get_total_buffer_size()) + (0 if batch.messages is None else int(batch.messages.get_total_buffer_size()))
        last = Cursor(delivery.offset, _received_ms(batch, arrived_ns), len(batch) - 1)
        entry = Entry(self._next, batch, last, arrived_ns, delivery.lost, size)
        self._next += 1
        self._entries.append(entry)
        self._numbers[delivery.offset] = entry.number
        self.size_bytes += size
        while self.size_bytes > self.max_bytes or (self._entries and self._entries[0].arrived_ns < arrived_ns - self.max_age_ns):
            self._let_go()
        return entry

    def get(self, number: int) -> Entry | None:
        """The entry with that number, if it is still kept."""
        at = number - (self._next - len(self._entries))
        return self._entries[at] if 0 <= at < len(self._entries) else None

    def after(self, place: Place) -> list[Entry]:
        """The entries that hold rows after the place, oldest first."""
        return [entry for entry in self._entries if entry.end > place]

    def find(self, cursor: Cursor) -> Place | None:
        """Where the viewer with that cursor stands; None: rows after it are no longer kept, or were never seen by this process."""
        if cursor == self._before:
            return self.start
        entry = self.get(self._numbers.get(cursor.offset, -1))
        known = entry is not None and entry.last.received_ms == cursor.received_ms and cursor.row <= entry.last.row
        return Place(entry.number, cursor.row) if entry is not None and known else None

    def _let_go(self) -> None:
        gone = self._entries.popleft()
        self.size_bytes -= gone.size_bytes
        self._before = gone.last
        if self._numbers.get(gone.last.offset) == gone.number:
            del self._numbers[gone.last.offset]


def _received_ms(batch: Batch, otherwise_ns: int) -> int:
    """Of the newest row. From the rows and not from a clock, so that every process which reads the log says the same."""
    newest = pc.max(batch.rows["received"]).cast(pa.int64()).as_py()
    return max(0, int(otherwise_ns if newest is None else newest)) // _MS
