"""Spans above each other: ids and times in; who is above whom, and what the end of a span waited for, out. Whoever holds spans of any kind may ask."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

__all__ = ["critical_ns", "nearest", "parent_rows"]

Index = npt.NDArray[np.int64]


def parent_rows(own: npt.NDArray[np.uint64], parents: npt.NDArray[np.uint64]) -> Index:
    """The row of each span's parent; -1 without one. Spans that are their own ancestors lose the parent that closes the circle."""
    order = np.argsort(own)
    at = order[np.minimum(np.searchsorted(own, parents, sorter=order), max(len(own) - 1, 0))] if len(own) else order
    parent = np.where((own[at] == parents) & (parents != 0) & (at != np.arange(len(own))), at, -1) if len(own) else at
    return _without_circles(parent)


def nearest(parent: Index, wanted: npt.NDArray[np.bool_]) -> Index:
    """For each span its nearest ancestor for which `wanted` holds, else -1."""
    above = parent.copy()
    for _ in range(max(len(above), 2).bit_length()):
        walk = (above >= 0) & ~wanted[above]
        if not walk.any():
            return above
        above[walk] = above[above[walk]]
    above[(above >= 0) & ~wanted[above]] = -1  # a cycle: such ancestors lead nowhere
    return above


def critical_ns(parent: Index, start: Index, end: Index, tops: Index) -> Index:
    """How long the end of each top waited for each span itself; -1 for spans that are not on the way.

    From the end of a top backwards, always the child that ended last before the point reached: what no such child covers is the span's own time. The times
    below a top add up to its duration.
    """
    waited = np.full(len(parent), -1, np.int64)
    children: dict[int, list[int]] = {}
    for row in np.argsort(end, kind="stable").tolist():
        children.setdefault(int(parent[row]), []).append(row)
    work = [(top, int(start[top]), int(end[top])) for top in tops.tolist()]
    while work:
        row, since, until = work.pop()
        point, waited[row] = until, 0
        for child in reversed(children.get(row, [])):
            if end[child] <= point and end[child] > since:
                waited[row] += point - int(end[child])
                point = max(since, int(start[child]))
                work.append((child, point, int(end[child])))
        waited[row] += max(0, point - since)
    return waited


def _without_circles(parent: Index) -> Index:
    reached = parent.copy()
    for _ in range(max(len(parent), 2).bit_length()):
        walk = reached >= 0
        if not walk.any():
            return parent
        reached[walk] = reached[reached[walk]]
    caught = np.flatnonzero(reached >= 0)  # these never reach a top
    parent = parent.copy()
    seen: set[int] = set()
    for begin in caught.tolist():
        row, path = begin, set[int]()
        while row >= 0 and row not in seen:
            seen.add(row)
            path.add(row)
            row = int(parent[row])
        if row in path:
            parent[row] = -1
    return parent
