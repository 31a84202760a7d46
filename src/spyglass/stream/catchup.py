"""What a viewer missed: its plan and its place in, pages of frames out, oldest first, until it stands where the stream is now.

Rows are looked for in the ring first, so that what is more than the bound is known, and rendered a page at a time, as fast as the viewer takes them.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final, NamedTuple

import numpy as np
import structlog

from spyglass.stream.cursor import Cursor
from spyglass.stream.evaluate import Plan, match, sums_of
from spyglass.stream.filter import Filter, Rows
from spyglass.stream.frame import Frame, render
from spyglass.stream.kin import together
from spyglass.stream.ring import Entry, Place
from spyglass.stream.shared import Shared
from spyglass.stream.windows import Sums

__all__ = ["CatchUp", "Page"]

log = structlog.get_logger()

_PAGE: Final = 500  # about 10 ms of rendering
_PAGE_FULL: Final = 50
_NONE: Final = np.empty(0, np.int64)


class _Missed(NamedTuple):
    """The rows of one entry that are wanted. Names the entry and does not hold it: when its turn comes, the ring may have let go of it."""

    end: Place
    rows: Rows
    failed: int  # rows that could not be looked at, or did not reach this server
    late: bool = False  # they come before the place, and match only because of what came after it


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
        ring = self._shared.ring
        known = ring.after(ring.start) if self._plan.want.filter.related else entries
        look = partial(_missed, self._plan, known, self.place, self._shared.now_ns())
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
        cursor = str(self.seen) if one.late else None
        frames = await self._shared.run(partial(render, entry, rows, self._plan.whole, cursor)) if len(rows) else []
        self._move(len(rows), entry)
        return Page(frames, failed=one.failed)

    def _move(self, count: int, entry: Entry | None) -> None:
        """Past `count` rows of the first entry that waits."""
        one = self._waiting[0]
        if count < len(one.rows):
            self.place = self.place if one.late else Place(one.end.number, int(one.rows[count - 1]))
            self._waiting[0] = one._replace(rows=one.rows[count:], failed=0)
            return
        self._waiting.popleft()
        if one.late:
            return
        self.place = one.end
        self.seen = self.seen if entry is None else entry.last


def _missed(plan: Plan, known: Sequence[Entry], place: Place, now_ns: int) -> list[_Missed]:
    """One for each of the entries that has something to tell, and for the last one; of the first entry only what comes after `place`.

    `known` has the entries after `place`, and for a filter that asks for relatives those before it, too, of which rows may match now.
    """
    found = [] if plan.windowed or not plan.want.filter.related else _late(plan.want.filter, known, place, now_ns)  # windows that are over stay as they are
    matching = _matching(plan.want.filter, known, now_ns)
    entries = [entry for entry in known if entry.end > place]
    for entry in entries:
        new = entry.number > place.number
        rows = matching(entry)
        failed = (entry.lost if new else 0) + (len(entry.batch) if rows is None else 0)
        rows = _NONE if rows is None else rows if new else rows[rows > place.row]
        if len(rows) or failed or entry is entries[-1]:
            found.append(_Missed(entry.end, rows, failed))
    return found


def _late(wanted: Filter, known: Sequence[Entry], place: Place, now_ns: int) -> list[_Missed]:
    """The rows before the place that match with all that is known, and do not with what comes before the place alone."""
    before = [entry for entry in known if entry.number <= place.number]
    if not before or len(before) == len(known):
        return []
    try:
        then, now = together(wanted, before, now_ns), together(wanted, known, now_ns)
    except Exception:
        log.exception("live filter failed", entries=len(known))
        return []
    rows = [(entry, np.setdiff1d(now.get(entry.number, _NONE), then.get(entry.number, _NONE))) for entry in before]
    return [_Missed(entry.end, new, 0, late=True) for entry, found in rows if len(new := _up_to(found, entry, place))]


def _up_to(rows: Rows, entry: Entry, place: Place) -> Rows:
    """Of the entry in which the place is, those before it."""
    return rows[rows <= place.row] if entry.number == place.number else rows


def _matching(wanted: Filter, known: Sequence[Entry], now_ns: int) -> Callable[[Entry], Rows | None]:
    """What gives the rows of each of the entries that match; None where the filter fails."""
    if not wanted.related:
        return lambda entry: match(wanted, entry, now_ns)
    try:
        rows = together(wanted, known, now_ns)
    except Exception:
        log.exception("live filter failed", entries=len(known))
        return lambda _: None
    return lambda entry: rows.get(entry.number, _NONE)


def _trim(found: list[_Missed], most: int) -> tuple[list[_Missed], int]:
    """The newest `most` of the rows, and how many older ones were left out. What has nothing to tell any more goes, but for the last one."""
    left_out = over = max(0, sum(len(one.rows) for one in found) - most)
    kept = []
    for one in found:
        cut = min(over, len(one.rows))
        over -= cut
        kept.append(one._replace(rows=one.rows[cut:]))
    return [one for one in kept if len(one.rows) or one.failed or one is kept[-1]], left_out
