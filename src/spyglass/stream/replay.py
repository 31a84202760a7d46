"""What a viewer missed while it was away: entries of the ring and its plan in, the rows that it wants of each out. Plain functions for a worker thread."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

import numpy as np

from spyglass.stream.evaluate import Plan, match
from spyglass.stream.filter import Rows
from spyglass.stream.ring import Entry, Place

__all__ = ["Missed", "missed", "page_rows", "trim"]

_PAGE: Final = 500  # about 10 ms of rendering
_PAGE_FULL: Final = 50
_NONE: Final = np.empty(0, np.int64)


class Missed(NamedTuple):
    """The rows of one entry that a viewer wants and has not got. Names the entry and does not hold it: what waits long may be gone by then."""

    end: Place
    rows: Rows
    failed: int  # rows that could not be looked at, or did not reach this server


def missed(plan: Plan, entries: Sequence[Entry], place: Place, now_ns: int) -> list[Missed]:
    """One for each of the entries, those without wanted rows included; of the first entry only what comes after `place`."""
    found = []
    for entry in entries:
        new = entry.number > place.number
        rows = match(plan.want.filter, entry, now_ns)
        failed = (entry.lost if new else 0) + (len(entry.batch) if rows is None else 0)
        rows = _NONE if rows is None else rows if new else rows[rows > place.row]
        found.append(Missed(entry.end, rows, failed))
    return found


def trim(found: list[Missed], most: int) -> tuple[list[Missed], int]:
    """The newest `most` of the rows, and how many older ones were left out."""
    over = max(0, sum(len(one.rows) for one in found) - most)
    left_out, kept = over, []
    for one in found:
        cut = min(over, len(one.rows))
        over -= cut
        kept.append(one._replace(rows=one.rows[cut:]))
    return kept, left_out


def page_rows(plan: Plan, max_frames: int) -> int:
    """How many rows are rendered at once: few enough for the viewer's queue, and to let others have the worker in between."""
    return min(_PAGE_FULL if plan.full else _PAGE, max_frames)
