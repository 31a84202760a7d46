"""Which rows are of one kind: rows in, the number of the group of each out, -1 where it is like no other.

HDBSCAN (Campello, Moulavi and Sander 2013): two rows are as near as the sparser of their places allows; groups are what stays together over the longest stretch
of distances, so that nobody has to say how near is near, or how many groups there are. Some lines of numpy; time grows with the square of the rows.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
import numpy.typing as npt

__all__ = ["MOST", "groups"]

Floats = npt.NDArray[np.float64]
Whole = npt.NDArray[np.intp]
MOST: Final = 2_000  # rows
_NEAREST: Final = 1e-9  # rows that are the same are so far apart


def groups(rows: Floats, least: int = 3) -> Whole:
    """`rows`: at most `MOST`, on scales that can be compared; `least`: rows of a group. Numbers go from 0 on, the largest group first.

    Groups are told apart by the gaps between them: rows that are all alike are one group only if there is anything else.
    """
    count = len(rows)
    if count < 2 * least:
        return np.full(count, -1, np.intp)
    children, heights, sizes = _merged(*_tree(_reach(rows, least)))
    chosen = _chosen(*_condensed(children, heights, sizes, least))
    found = np.full(count, -1, np.intp)
    for members in sorted((_members(children, node, count) for node in chosen), key=lambda one: (-len(one), one[0])):
        found[members] = found.max() + 1
    return found


def _reach(rows: Floats, least: int) -> Floats:
    """How near any two are: not nearer than the `least`-th row to either, itself counted."""
    squares = (rows**2).sum(axis=1)
    apart = np.sqrt(np.maximum(squares[:, None] + squares - 2 * rows @ rows.T, 0.0))
    core = np.partition(apart, least - 1, axis=1)[:, least - 1]
    found: Floats = np.maximum(np.maximum(apart, core[:, None]), core)
    return np.maximum(found, _NEAREST)


def _tree(reach: Floats) -> tuple[Whole, Whole, Floats]:
    """The shortest edges that connect all (Prim 1957), the shortest first: both ends, and the length."""
    count = len(reach)
    nearest, by, out = reach[0].copy(), np.zeros(count, np.intp), np.ones(count, np.bool_)
    out[0] = False
    edges = []
    for _ in range(count - 1):
        at = int(np.where(out, nearest, np.inf).argmin())
        edges.append((int(by[at]), at, float(nearest[at])))
        out[at] = False
        closer = reach[at] < nearest
        nearest, by = np.where(closer, reach[at], nearest), np.where(closer, at, by)
    edges.sort(key=lambda edge: edge[2])
    left, right, length = zip(*edges, strict=True)
    return np.array(left, np.intp), np.array(right, np.intp), np.array(length)


def _merged(left: Whole, right: Whole, length: Floats) -> tuple[list[tuple[int, int]], Floats, list[int]]:
    """What each edge brings together: nodes from `len(left) + 1` on have two children, a height and a size."""
    count = len(left) + 1
    root = list(range(2 * count - 1))
    sizes, children = [1] * count, []

    def top(node: int) -> int:
        while root[node] != node:
            root[node] = root[root[node]]
            node = root[node]
        return node

    for at, (one, other) in enumerate(zip(left.tolist(), right.tolist(), strict=True)):
        pair = top(one), top(other)
        children.append(pair)
        sizes.append(sizes[pair[0]] + sizes[pair[1]])
        for node in pair:
            root[node] = count + at
    return children, length, sizes


def _condensed(children: Sequence[tuple[int, int]], heights: Floats, sizes: Sequence[int], least: int) -> tuple[dict[int, float], dict[int, list[int]]]:
    """Groups of at least `least` rows, each before those that it falls apart into: its rows times the density over which each stays; and these parts."""
    count = len(sizes) - len(children)
    density = (1 / heights).tolist()
    stability: dict[int, float] = {}
    parts: dict[int, list[int]] = {}
    waiting = [(len(sizes) - 1, 0.0)]
    while waiting:
        group, born = waiting.pop()
        stability[group], node = 0.0, group
        while node >= count:
            now = density[node - count]
            large = [one for one in children[node - count] if sizes[one] >= least]
            leaving = sizes[node] - (sizes[large[0]] if len(large) == 1 else 0)
            stability[group] += (now - born) * leaving
            if len(large) != 1:
                parts[group] = large
                waiting += [(one, now) for one in large]
                break
            node = large[0]
    return stability, parts


def _chosen(stability: dict[int, float], parts: dict[int, list[int]]) -> list[int]:
    """Each group that lasts longer than its parts together; never the whole."""
    best: dict[int, float] = {}
    kept = set()
    for group in reversed(stability):
        inner = sum(best[one] for one in parts.get(group, ()))
        if stability[group] >= inner:
            kept.add(group)
        best[group] = max(stability[group], inner)
    found, waiting = [], list(parts.get(next(iter(stability)), ()))
    while waiting:
        group = waiting.pop()
        if group in kept:
            found.append(group)
        else:
            waiting += parts.get(group, ())
    return found


def _members(children: Sequence[tuple[int, int]], node: int, count: int) -> list[int]:
    """The rows under a node, in their order."""
    found, waiting = [], [node]
    while waiting:
        one = waiting.pop()
        if one < count:
            found.append(one)
        else:
            waiting += children[one - count]
    return sorted(found)
