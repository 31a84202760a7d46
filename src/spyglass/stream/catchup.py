"""What a viewer missed: its plan and its place in, pages of frames out, oldest first, until it stands where the stream is now.

Rows are looked for in the ring first, so that what is more than the bound is known, and rendered a page at a time, as fast as the viewer takes them.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final, NamedTuple

import numpy as np

from spyglass.stream.cursor import Cursor
from spyglass.stream.evaluate import Plan, match, sums_of
from spyglass.stream.filter import Rows
from spyglass.stream.frame import Frame, render
from spyglass.stream.ring import Entry, Place
from spyglass.stream.shared import Shared
from spyglass.stream.windows import Sums

__all__ = ["CatchUp", "Page"]

_PAGE: Final = 500  # about 10 ms of rendering
_PAGE_FULL: Final = 50
_NONE: Final = np.empty(0, np.int64)


class _Missed(NamedTuple):
    """The rows of one entry that are wanted. Names the entry and does not hold it: when its turn comes, the ring may have let go of it."""

    end: Place
    rows: Rows
    failed: int  # rows that could not be looked at, or did not reach this server


@dataclass(frozen=True, slots=True)
class Page:
    """What one step gave. `expired`: rows that were too many, with the time (ms) from which the kept ones are."""

    frames: Sequence[Frame] = ()
    sums: Sums | None = None
    entry: Entry | None = None  # that `sums` are of
    failed: int = 0
    gone: int = 0  # rows that left the ring before their turn came
    expired: tuple[int, int] | None = None


class CatchUp:
    """One viewer's way from a place to the end of the ring."""

    def __init__(self, shared: Shared, plan: Plan, place: Place, seen: Cursor) -> None:
        self.place = place  # up to there everything was handed out
        self.seen = seen  # the cursor of the last entry that was handed out whole
        self.done = False
        self._shared, self._plan = shared, plan
        self._waiting: deque[_Missed] = deque()
        self._budget = shared.limits.replay_frames

    async def step(self, room: int) -> Page:
        """The next page, of up to `room` frames; may be empty. Sets `done`, without having waited for anything, where nothing more is missing."""
        if self._waiting:
            return await self._page(self._waiting[0], room)
        entries = self._shared.ring.after(self.place)
        if not entries:
            self.done = True
            return Page()
        look = partial(_missed, self._plan, entries, self.place, self._shared.now_ns())
        found = await self._shared.run(look)
        kept, left_out = (found, 0) if self._plan.windowed else _trim(found, self._budget)
        self._waiting.extend(kept)
        self._budget -= sum(len(one.rows) for one in kept)
        return Page(expired=(left_out, self._first_ms(kept))) if left_out else Page()

    def _first_ms(self, kept: list[_Missed]) -> int:
        """When the first of the rows that were kept was received."""
        number = next((one.end.number for one in kept if len(one.rows)), kept[-1].end.number)
        entry = self._shared.ring.get(number)
        return self._shared.ring.start_ms if entry is None else entry.last.received_ms

    async def _page(self, one: _Missed, room: int) -> Page:
        entry = self._shared.ring.get(one.end.number)
        if entry is None:
            self._move(len(one.rows), None)
            return Page(failed=one.failed, gone=len(one.rows))
        if self._plan.windowed:
            sums = await self._shared.run(partial(sums_of, self._plan, entry, one.rows, self._shared.now_ns()))
            self._move(len(one.rows), entry)
            return Page(sums=sums, entry=entry, failed=one.failed)
        rows = one.rows[: min(_PAGE if self._plan.whole is None else _PAGE_FULL, room)]
        frames = await self._shared.run(partial(render, entry, rows, self._plan.whole)) if len(rows) else []
        self._move(len(rows), entry)
        return Page(frames, failed=one.failed)

    def _move(self, count: int, entry: Entry | None) -> None:
        """Past `count` rows of the first entry that waits."""
        one = self._waiting[0]
        if count < len(one.rows):
            self.place = Place(one.end.number, int(one.rows[count - 1]))
            self._waiting[0] = _Missed(one.end, one.rows[count:], 0)
            return
        self._waiting.popleft()
        self.place = one.end
        self.seen = self.seen if entry is None else entry.last


def _missed(plan: Plan, entries: Sequence[Entry], place: Place, now_ns: int) -> list[_Missed]:
    """One for each of the entries that has something to tell, and for the last one; of the first entry only what comes after `place`."""
    found = []
    for entry in entries:
        new = entry.number > place.number
        rows = match(plan.want.filter, entry, now_ns)
        failed = (entry.lost if new else 0) + (len(entry.batch) if rows is None else 0)
        rows = _NONE if rows is None else rows if new else rows[rows > place.row]
        if len(rows) or failed or entry is entries[-1]:
            found.append(_Missed(entry.end, rows, failed))
    return found


def _trim(found: list[_Missed], most: int) -> tuple[list[_Missed], int]:
    """The newest `most` of the rows, and how many older ones were left out. What has nothing to tell any more goes, but for the last one."""
    left_out = over = max(0, sum(len(one.rows) for one in found) - most)
    kept = []
    for one in found:
        cut = min(over, len(one.rows))
        over -= cut
        kept.append(one._replace(rows=one.rows[cut:]))
    return [one for one in kept if len(one.rows) or one.failed or one is kept[-1]], left_out
