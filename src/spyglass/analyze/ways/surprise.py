"""How surprising each step of a run was to who knows all other runs: a graph and its ways in, the chance of each way's least likely step out.

The chance of a step is how often it was taken from there, among all steps from there and one more for each different one, which is what is kept for what was
never seen (Witten and Bell 1991, method C). The run itself is left out: nothing is likely only because it was done this once.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from spyglass.analyze.ways.graph import Graph, Way

__all__ = ["Surprise", "surprises"]

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Surprise:
    """Of one way."""

    bits: float  # the mean over its steps of -log2 of their chance
    chance: float  # of its least likely step
    edge: int  # which step that is
    at: int  # its place in the way, from 0
    seen: int  # how often others left the step before it


def surprises(graph: Graph, ways: Sequence[Way]) -> list[Surprise | None]:
    """One for each way; None where nothing is known of what others do."""
    if not len(graph.edge):
        return [None] * len(ways)
    chance, others = _chances(graph)
    found: list[Surprise | None] = []
    begins = np.searchsorted(graph.way, np.arange(len(ways) + 1))
    for begin, end in zip(begins[:-1].tolist(), begins[1:].tolist(), strict=True):
        known = np.flatnonzero(others[begin:end] > 0)
        if not len(known):
            found.append(None)
            continue
        own = chance[begin:end][known]
        worst = int(known[np.argmin(own)])
        at = begin + worst
        found.append(Surprise(float(-np.log2(own).mean()), float(chance[at]), int(graph.edge[at]), worst, int(others[at])))
    return found


def _chances(graph: Graph) -> tuple[Floats, Floats]:
    """Of each transition: its chance without the run itself, and how often others left the step before it."""
    edges, names = len(graph.count), len(graph.names)
    step = graph.before[graph.edge]
    own, own_at = np.unique(graph.way * edges + graph.edge, return_inverse=True)
    mine = np.bincount(own_at)[own_at]  # how often this run takes the edge
    left, left_at = np.unique(graph.way * names + step, return_inverse=True)
    mine_left = np.bincount(left_at)[left_at]  # how often it leaves the step
    others_taken = graph.count[graph.edge] - mine
    others_left = graph.left()[graph.edge] - mine_left
    only = (graph.count[own % edges] == np.bincount(own_at)).astype(np.float64)  # edges that nobody else takes
    ways_of_step = np.bincount(graph.before, minlength=names)[step]
    step_of_own = (own // edges) * names + graph.before[own % edges]
    lonely = np.bincount(np.searchsorted(left, step_of_own), only, len(left))[left_at]
    different = ways_of_step - lonely
    with np.errstate(invalid="ignore", divide="ignore"):
        chance = np.where(others_taken > 0, others_taken, different) / (others_left + different)
    return np.where(others_left > 0, np.maximum(chance, 1e-300), 1.0), others_left.astype(np.float64)
