"""How far a list in order of time looks at once: windows that grow until the page is full, and leave out times in which nothing happened."""

from __future__ import annotations

from collections.abc import Callable
from math import sqrt
from typing import Final, Literal

import pyarrow as pa

from spyglass.store.read.asking import DAY_NS, Ask, Scope, ask

__all__ = ["after", "before", "latest", "wider"]

Timed = Literal["spans", "events"]

_FIRST_NS: Final = 3600 * 10**9  # of lists of rows, which are read in order and stop by themselves; sub-selects of a search do not
_MOST_GROWTH: Final = 60
_TIMES: Final = {"spans": "start", "events": "time"}


def latest(engine: Ask, scope: Scope, table: Timed, top_ns: int, limit: int, read: Callable[[int, int], pa.Table]) -> pa.Table:
    """The rows that match in a window up to `top_ns` that has more than `limit` of them, if there are so many. `read` reads one, given both its ends."""
    window_ns = _FIRST_NS
    while True:
        low_ns = max(scope.from_ns, top_ns - window_ns)
        rows = read(low_ns, top_ns)
        if rows.num_rows > limit or low_ns <= scope.from_ns:
            return rows
        if rows.num_rows:
            window_ns = wider(window_ns, rows.num_rows, limit + 1)
            continue
        further = before(engine, scope, table, low_ns, window_ns)
        if further is None:
            return rows
        top_ns, window_ns = further


def wider(window_ns: int, found: int, lacking: int) -> int:
    """How much time to look through next, when a window held too little: as much as it lets expect to suffice.

    Both counts are taken for Poisson's, two standard errors on the wrong side: one more look costs more than a longer one.
    """
    if not found:
        return window_ns * _MOST_GROWTH
    hoped = lacking + 2 * sqrt(lacking) + 4
    return round(window_ns * min(hoped / found * (1 + 2 / sqrt(found)), _MOST_GROWTH))


def before(engine: Ask, scope: Scope, table: Timed, low_ns: int, window_ns: int) -> tuple[int, int] | None:
    """Where to go on when a window that began at `low_ns` held nothing that matches: the end of the next one and its length (ns). None: nowhere.

    Mostly nothing matched because nothing happened: then the next window is no longer than this one and ends with the latest record before it.
    """
    top_ns = low_ns - 1
    newest = _nearest(engine, scope, table, "DESC", (max(scope.from_ns, top_ns - DAY_NS), top_ns), (scope.from_ns, top_ns))
    if newest is None:
        return None
    return newest, window_ns if newest < low_ns - window_ns else wider(window_ns, 0, 1)


def after(engine: Ask, scope: Scope, table: Timed, high_ns: int, window_ns: int) -> tuple[int, int] | None:
    """The same for a list that is read earliest first: where the window after one that ended at `high_ns` begins, and its length (ns)."""
    low_ns, last_ns = high_ns + 1, scope.to_ns - 1
    oldest = _nearest(engine, scope, table, "ASC", (low_ns, min(last_ns, low_ns + DAY_NS)), (low_ns, last_ns))
    if oldest is None:
        return None
    return oldest, window_ns if oldest > high_ns + window_ns else wider(window_ns, 0, 1)


def _nearest(engine: Ask, scope: Scope, table: Timed, direction: Literal["ASC", "DESC"], *ranges: tuple[int, int]) -> int | None:
    """The time of the first record of a range (both ends included): within a day if there is one, or else anywhere, which takes three times as long to find."""
    for low_ns, high_ns in ranges:
        found = ask(engine, "lists/nearest", scope.within(low_ns, high_ns), table=table, time=_TIMES[table], direction=direction)
        if found.num_rows:
            return int(found["nearest"][0].as_py())
    return None
