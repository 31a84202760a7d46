"""Directly-follows graphs (van der Aalst 2016): ways of runs in, edges with how often each was taken out; and what two graphs differ in.

A way is the tools of a run in their order; many runs have the same one. Edges lead from step to step; those from `START` are how runs begin, those to `END`
how they end. Steps of one run depend on each other, so two versions are compared by runs: in how many of them was an edge taken at all?
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
import numpy.typing as npt

from spyglass.analyze.stats.multiple import believed, fisher

__all__ = ["END", "START", "Change", "Graph", "Way", "compared", "graph_of", "newcombe"]

START: Final = 0
END: Final = 1
_FIRST: Final = 2  # code of the first tool
_SURE: Final = 1.959964  # deviations that hold 19 of 20
_FALSE_SHARE: Final = 0.05

Whole = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Kind = Literal["appeared", "disappeared", "more", "fewer", "unsure"]


@dataclass(frozen=True, slots=True)
class Way:
    """So many runs took these steps in this order; a `cut` one goes on, nobody knows where."""

    steps: tuple[str, ...]
    runs: int
    cut: bool = False


@dataclass(frozen=True, slots=True)
class Graph:
    """n edges, most taken first; and t transitions, in the order of the ways."""

    names: tuple[str, ...]  # of steps by their codes; empty: begin and end
    before: Whole  # n codes
    after: Whole
    count: Whole  # how often it was taken
    runs: Whole  # in how many runs
    of_runs: int  # all of them
    way: Whole  # t: which way
    edge: Whole  # t: which edge

    def key(self, edge: int) -> tuple[str, str, bool, bool]:
        """What an edge is in whatever graph: names, and whether it is a begin or an end."""
        before, after = int(self.before[edge]), int(self.after[edge])
        return self.names[before], self.names[after], before == START, after == END

    def left(self) -> Whole:
        """How often the step was left that each edge leads away from."""
        return np.bincount(self.before, self.count, len(self.names)).astype(np.int64)[self.before]


@dataclass(frozen=True, slots=True)
class Change:
    """How an edge differs between two graphs: shares of runs, their difference with bounds that hold 19 of 20, and how sure that is."""

    kind: Kind
    difference: float
    low: float
    high: float
    probability: float  # of such a difference by chance (Fisher's exact test)
    false_share: float  # of false ones among all that are at least as sure (Benjamini and Hochberg)


def graph_of(ways: Sequence[Way]) -> Graph:
    """The graph of all of them."""
    names = ["", "", *sorted({step for way in ways for step in way.steps})]
    code = {name: at for at, name in enumerate(names[_FIRST:], _FIRST)}
    befores: list[int] = []
    afters: list[int] = []
    lengths: list[int] = []
    for way in ways:
        steps = [START, *(code[step] for step in way.steps), *([] if way.cut else [END])]
        befores += steps[:-1]
        afters += steps[1:]
        lengths.append(len(steps) - 1)
    runs = np.array([way.runs for way in ways], np.int64)
    of_way = np.repeat(np.arange(len(ways)), lengths)
    pairs = np.array(befores, np.int64) * len(names) + np.array(afters, np.int64)
    edges, edge = np.unique(pairs, return_inverse=True)
    counts = np.bincount(edge, runs[of_way], len(edges)).astype(np.int64)
    once = np.unique(of_way * max(len(edges), 1) + edge)
    taken = np.bincount(once % max(len(edges), 1), runs[once // max(len(edges), 1)], len(edges)).astype(np.int64)
    order = np.lexsort((edges, -counts))
    place = np.empty(len(edges), np.int64)
    place[order] = np.arange(len(edges))
    return Graph(
        tuple(names),
        edges[order] // len(names),
        edges[order] % len(names),
        counts[order],
        taken[order],
        int(runs.sum()),
        of_way,
        place[edge] if len(edge) else edge,
    )


def compared(old: Graph, new: Graph, most: int = 2_000) -> dict[tuple[str, str, bool, bool], Change]:
    """What became of each edge of either; of the `most` that are taken in most runs. Without runs of both nothing can be said."""
    if not old.of_runs or not new.of_runs:
        return {}
    runs = [{graph.key(edge): int(graph.runs[edge]) for edge in range(len(graph.runs))} for graph in (old, new)]
    keys = sorted(set(runs[0]) | set(runs[1]), key=lambda one: (-runs[0].get(one, 0) - runs[1].get(one, 0), one))[:most]
    pairs = [(runs[0].get(key, 0), runs[1].get(key, 0)) for key in keys]
    rare = np.array([fisher(was, old.of_runs, now, new.of_runs) for was, now in pairs], np.float64)
    false_shares = believed(rare)
    found = {}
    for key, (was, now), probability, false_share in zip(keys, pairs, rare.tolist(), false_shares.tolist(), strict=True):
        low, high = newcombe(was, old.of_runs, now, new.of_runs)
        found[key] = Change(_kind(was, now, low + high, false_share), now / new.of_runs - was / old.of_runs, low, high, probability, false_share)
    return found


def _kind(was: int, now: int, way: float, false_share: float) -> Kind:
    if false_share > _FALSE_SHARE:
        return "unsure"
    if not was:
        return "appeared"
    if not now:
        return "disappeared"
    return "more" if way > 0 else "fewer"


def newcombe(was: int, of_old: int, now: int, of_new: int) -> tuple[float, float]:
    """Bounds of the difference of two shares, now less before, that hold 19 of 20 (Newcombe 1998, method 10): also where a share is none or all.

    Example:
        >>> [round(bound, 4) for bound in newcombe(48, 80, 56, 70)]
        [0.0524, 0.3339]
    """
    before, after = was / of_old, now / of_new
    (low_old, high_old), (low_new, high_new) = _wilson(was, of_old), _wilson(now, of_new)
    low = after - before - float(np.hypot(after - low_new, high_old - before))
    high = after - before + float(np.hypot(high_new - after, before - low_old))
    return max(-1.0, low), min(1.0, high)


def _wilson(hits: int, count: int) -> tuple[float, float]:
    share, square = hits / count, _SURE**2
    middle = (share + square / (2 * count)) / (1 + square / count)
    half = _SURE * float(np.sqrt(share * (1 - share) / count + square / (4 * count**2))) / (1 + square / count)
    return middle - half, middle + half
