"""Which node of a call graph a trouble comes from: shifts of all nodes in, the likeliest first, each with what speaks for it.

A slow or failing callee makes its callers slow or failing, never the other way round. So what speaks for a node is how far it strayed, less what the worst
of its own callees explains, and how much of the symptom it could make up: failed calls, or seconds, more than before. What cannot be reached from where the
symptom is seen does not count. After the observation that such simple rules do as well
as learned graphs on realistic cases (Pham et al. 2024, arXiv:2412.17015).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from math import log1p, sqrt
from typing import Final, Literal

from spyglass.analyze.rootcause.shift import Shift

__all__ = ["Candidate", "Symptom", "rank", "reachable"]

Symptom = Literal["latency", "failures", "requests"]
_OTHER: Final = 0.4  # what a figure that is not the symptom's counts
_FARTHER: Final = 0.97  # what a node that is one call farther from the symptom counts
_MADE_UP: Final = 0.7  # of the score is lost by a node that could make up nothing of the symptom
_WORTH: Final = 0.7  # of the usual stray: less speaks for nothing


@dataclass(frozen=True, slots=True)
class Candidate:
    """One node."""

    node: str
    score: float  # 0: nothing speaks for it
    own: float  # how far it strayed, before its callees were looked at
    explained_by: str  # the callee that explains most of it; empty: none
    share_explained: float
    depth: int  # calls from the symptom
    figure: str  # which figure strayed most; empty: none
    shift: Shift | None
    covers: float  # how much of the symptom it could make up, 0 to 1
    path: tuple[str, ...] = field(default=())  # from the symptom to the node


def rank(
    calls: Iterable[tuple[str, str]],
    shifts: Mapping[str, Mapping[str, Shift]],
    symptom_at: str,
    symptom: Symptom,
    more: Mapping[str, float] | None = None,
) -> list[Candidate]:
    """All nodes that can be reached, the likeliest first. `calls`: caller and callee. `shifts`: by node and figure; a figure's name begins with its family.

    `more`: by node, how many failed calls or seconds of calls a time there were more than before; what is not told is not held against a node.
    """
    more = more or {}
    callees: dict[str, set[str]] = {}
    for caller, callee in calls:
        if caller != callee:
            callees.setdefault(caller, set()).add(callee)
    paths = reachable(callees, symptom_at)
    strays = {node: _stray(shifts.get(node, {}), symptom) for node in paths}
    found = []
    for node, path in paths.items():
        own, figure = strays[node]
        below = [(strays[callee][0], callee) for callee in callees.get(node, ()) if callee in strays and node not in _above(callee, paths)]
        worst, culprit = max(below, default=(0.0, ""))
        share = min(1.0, worst / own) if own > 0 else 0.0
        depth = len(path) - 1
        covers = _covers(more, node, symptom_at)
        score = own * (1 - share * share) * _FARTHER**depth * (1 - _MADE_UP * (1 - covers))
        told = shifts.get(node, {}).get(figure) if figure else None
        found.append(Candidate(node, score, own, culprit if share > 0.1 else "", share, depth, figure, told, covers, path))
    return sorted(found, key=lambda one: (-one.score, -one.own, one.depth, one.node))


def reachable(callees: Mapping[str, Iterable[str]], begin: str) -> dict[str, tuple[str, ...]]:
    """The shortest way from `begin` to each node that it calls, over however many others; circles are passed once."""
    paths: dict[str, tuple[str, ...]] = {begin: (begin,)}
    waiting = [begin]
    for node in waiting:
        for callee in sorted(callees.get(node, ())):
            if callee not in paths:
                paths[callee] = (*paths[node], callee)
                waiting.append(callee)
    return paths


def _covers(more: Mapping[str, float], node: str, symptom_at: str) -> float:
    whole = more.get(symptom_at, 0.0)
    if whole <= 0 or node not in more:
        return 1.0
    return sqrt(min(1.0, max(0.0, more[node] / whole)))


def _above(node: str, paths: Mapping[str, tuple[str, ...]]) -> tuple[str, ...]:
    """Those on the way to it, but for the last: in a circle the nearer one is the caller."""
    return paths[node][:-2]


def _stray(shifts: Mapping[str, Shift], symptom: Symptom) -> tuple[float, str]:
    """How far the node strayed in the direction that hurts, and by which figure."""
    best, figure = 0.0, ""
    for name, one in shifts.items():
        family = name.split(".", 1)[0]
        size = one.strayed if family in {"latency", "failures"} else abs(one.strayed)
        if size < _WORTH:
            continue
        weighed = log1p(size) * (1.0 if family == symptom else _OTHER)
        if weighed > best:
            best, figure = weighed, name
    return best, figure
