"""What stands out in several series together: one row of figures for each even step in; how unusual each step is beside the others, at a chosen rate, out.

Each figure is freed of its trend and its waves where these are well known, and measured in its usual deviations. What is left is judged by a method of
`stats/outliers.py` that has not seen the step: the steps are cut into five parts, and each part is judged by what is usual in the other four. So all methods
keep the same budget, whatever their scores mean: the limit is read off the tail of these held-out scores (conformal prediction, Vovk 2005; beyond what
was counted the tail is continued as in `standing_out.py`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from spyglass.analyze.series.decompose import decompose
from spyglass.analyze.series.scales import SCALES, ScaleName
from spyglass.analyze.series.seasons import periods
from spyglass.analyze.series.standing_out import Tail
from spyglass.analyze.stats.grouping import MOST, groups
from spyglass.analyze.stats.outliers import Method, left_over, precision_of, scores
from spyglass.model.errors import InputError

__all__ = ["Unusual", "unusual"]

Floats = npt.NDArray[np.float64]
_FEWEST: Final = 60  # steps of which all figures are known
_MOST: Final = 6_000  # the latest
_PARTS: Final = 5
_CYCLES: Final = 7  # of a wave: of fewer each step would be its own wave, and nothing would be left of it
_FARTHEST_USUAL: Final = 4.0  # deviations: what is taken for usual is drawn in so far, or what stands out would hide itself
_FARTHEST: Final = 50.0
_DAY_S: Final = 86_400.0


@dataclass(frozen=True, slots=True)
class Unusual:
    """All as long as the steps; NaN where a figure is not known."""

    scores: Floats
    probability: Floats  # of one as unusual where nothing is wrong
    alarms: npt.NDArray[np.bool_]
    shares: Floats  # steps × figures: what each adds that the others do not explain, 1 together
    limit: float  # the score beyond which a step alarms
    strays: Floats  # steps × figures: how far each lies from what the others lead to expect, in deviations of that
    groups: npt.NDArray[np.intp]  # which alarms are of one kind: the same figures off in the same proportion; -1: no alarm, or like no other
    left_over: tuple[float, float] | None  # of `autoencoder`: the share of what steps differ by that it leaves unexplained, and as many components of PCA do


def unusual(figures: Sequence[Floats], scales: Sequence[ScaleName], step_s: float, budget_a_day: float, method: Method) -> Unusual:
    """`figures`: equally long series; one that never changes tells nothing, and is left out. `budget_a_day`: false alarms a day.

    Raises:
        InputError: too few steps of which all figures are known, or none that changes.
    """
    count = len(figures[0]) if figures else 0
    rests = np.stack([_rest(values, scale, step_s) for values, scale in zip(figures, scales, strict=True)], axis=1) if count else np.zeros((0, 1))
    moving = np.array([bool(np.nanmax(np.abs(column), initial=0.0) > 0) for column in rests.T])
    known = np.isfinite(rests[:, moving]).all(axis=1) & (np.arange(count) >= count - _MOST)
    if not moving.any() or known.sum() < _FEWEST:
        raise InputError(
            f"{known.sum() if moving.any() else 0} buckets in which all figures are known and change: at least {_FEWEST} are needed to say what is usual"
        )
    rows = np.clip(rests[known][:, moving], -_FARTHEST, _FARTHEST)
    found, shares, strays = np.full(count, np.nan), np.full((count, len(moving)), np.nan), np.full((count, len(moving)), np.nan)
    held_out, off, left = _held_out(rows, method)
    found[known] = held_out
    shares[known] = strays[known] = 0.0
    strays[np.ix_(known, moving)] = off
    shares[np.ix_(known, moving)] = off**2 / np.maximum((off**2).sum(axis=1, keepdims=True), 1e-12)
    tail = Tail(held_out)
    limit = float(tail.size(min(0.1, budget_a_day * step_s / _DAY_S)))
    probability = np.full(count, np.nan)
    probability[known] = tail.probability(held_out)
    with np.errstate(invalid="ignore"):
        alarms = found > limit
    return Unusual(found, probability, alarms, shares, limit, strays, _grouped(strays, found, alarms), left)


def _rest(values: Floats, scale: ScaleName, step_s: float) -> Floats:
    """In usual deviations, without trend and waves; zeros: it never changes."""
    drawn = SCALES[scale].there(values)
    known = np.isfinite(drawn)
    if known.sum() < _FEWEST or np.ptp(drawn[known]) == 0:
        return np.where(known, 0.0, np.nan) if known.sum() >= _FEWEST else np.zeros(len(values))
    waves = [period for period in periods(drawn, step_s) if period * _CYCLES <= len(drawn)]
    rest = decompose(drawn, waves).rest if waves else drawn - np.median(drawn[known])
    spread = max(1.4826 * float(np.median(np.abs(rest[known]))), float(rest[known].std()) * 0.05, 1e-12)
    found: Floats = rest / spread
    return found


def _grouped(strays: Floats, scores_: Floats, alarms: npt.NDArray[np.bool_]) -> npt.NDArray[np.intp]:
    """By the direction in which the alarms lie; of too many the least unusual are left out."""
    found = np.full(len(alarms), -1, np.intp)
    chosen = np.flatnonzero(alarms)
    chosen = np.sort(chosen[np.argsort(-scores_[chosen], kind="stable")[:MOST]])
    found[chosen] = groups(strays[chosen] / np.maximum(np.linalg.norm(strays[chosen], axis=1, keepdims=True), 1e-12))
    return found


def _held_out(rows: Floats, method: Method) -> tuple[Floats, Floats, tuple[float, float] | None]:
    """Of each row by the others: its score, how far each column strays from what the others lead to expect; and what the method leaves unexplained."""
    part = np.arange(len(rows)) * _PARTS // len(rows)
    found, strays, left = np.zeros(len(rows)), np.zeros(rows.shape), []
    for number in range(_PARTS):
        usual, judged = np.clip(rows[part != number], -_FARTHEST_USUAL, _FARTHEST_USUAL), rows[part == number]
        found[part == number] = scores(method, usual, judged)
        precision = precision_of(usual)
        strays[part == number] = (judged - usual.mean(axis=0)) @ precision / np.sqrt(np.diag(precision))
        if method == "autoencoder":
            left.append(left_over(usual, np.clip(judged, -_FARTHEST_USUAL, _FARTHEST_USUAL)))
    return found, strays, (float(np.mean([one for one, _ in left])), float(np.mean([other for _, other in left]))) if left else None
