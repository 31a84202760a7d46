"""How much of their time runs wait for each step, and what of that has changed: two sets of runs in, steps with shares and intervals out.

A share is the mean of the runs' own shares, so that every run counts the same and one long run does not speak for all.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from spyglass.analyze.paths.runs import Runs
from spyglass.analyze.stats.multiple import believed
from spyglass.analyze.stats.shares import exceeded

__all__ = ["FEWEST_RUNS", "Change", "Step", "changed", "steps_of"]

Floats = npt.NDArray[np.float64]
FEWEST_RUNS: Final = 30  # on each side, for anything to be said of a change
_CERTAIN: Final = 30.0  # deviations
_SURE: Final = 1.959964  # deviations that hold 19 of 20


@dataclass(frozen=True, slots=True)
class Step:
    """One step on the critical path."""

    kind: str
    name: str
    share: float  # of a run's time
    mean_ns: float  # of a run
    runs: int  # whose end waited for it


@dataclass(frozen=True, slots=True)
class Change:
    """Of one step's share, now less before."""

    difference: float
    low: float  # the difference lies between this …
    high: float  # … and this, 19 times of 20
    probability: float  # of such a difference by chance (Welch)
    false_share: float  # among all steps that are at least as sure (Benjamini and Hochberg)


def steps_of(runs: Runs) -> dict[tuple[str, str], Step]:
    """By kind and name, the largest share first."""
    shares, count = _shares(runs), len(runs)
    found = [
        Step(kind, name, float(shares[:, at].mean()), float(runs.waited_ns[:, at].mean()), int((runs.waited_ns[:, at] > 0).sum()))
        for at, (kind, name) in enumerate(runs.steps)
        if count and runs.waited_ns[:, at].any()
    ]
    return {(one.kind, one.name): one for one in sorted(found, key=lambda one: (-one.share, one.kind, one.name))}


def changed(before: Runs, now: Runs) -> dict[tuple[str, str], Change]:
    """By kind and name; nothing where either side has too few runs."""
    if min(len(before), len(now)) < FEWEST_RUNS:
        return {}
    sides = [dict(zip(runs.steps, _shares(runs).T, strict=True)) for runs in (before, now)]
    nothing = [np.zeros(len(before)), np.zeros(len(now))]
    keys = sorted(key for key in sides[0].keys() | sides[1].keys() if any(side[key].any() for side in sides if key in side))
    told = [_welch(sides[0].get(key, nothing[0]), sides[1].get(key, nothing[1])) for key in keys]
    false_shares = believed(np.array([probability for *_, probability in told]))
    return {key: Change(*one, float(false)) for key, one, false in zip(keys, told, false_shares, strict=True)}


def _shares(runs: Runs) -> Floats:
    return runs.waited_ns / runs.duration_ns[:, None]


def _welch(before: Floats, now: Floats) -> tuple[float, float, float, float]:
    """Difference, its interval, and how often chance makes as large a one (Welch 1947; Wallace 1959 for deviations of a t)."""
    difference = float(now.mean() - before.mean())
    parts = [float(side.var(ddof=1)) / len(side) for side in (before, now)]
    error = float(np.sqrt(sum(parts)))
    if error < 1e-12:  # all runs of a side alike
        return difference, difference, difference, 1.0 if abs(difference) < 1e-9 else 2 * exceeded(_CERTAIN)
    freedom = sum(parts) ** 2 / sum(part**2 / (len(side) - 1) for part, side in zip(parts, (before, now), strict=True))
    deviations = (8 * freedom + 1) / (8 * freedom + 3) * np.sqrt(freedom * np.log1p((difference / error) ** 2 / freedom))
    return difference, difference - _SURE * error, difference + _SURE * error, min(1.0, 2 * exceeded(float(deviations)))
