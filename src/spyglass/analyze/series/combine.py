"""Many forecasters into one: how wrong each was at places in the past in; a weight for each out.

Two steps. Those of one kind (smoothing without a trend, the last seasons again …) are nearly the same line under many settings, so the best few
of each kind are averaged first; then the kinds, by how well their averages did. Without the first step the kind with the most settings would win
by its number, and the average of ten nearly equal lines is no surer than one of them. Combining simple ones of different kinds does better than
choosing one (Makridakis et al. 2020, the M4 competition), and weights that are nearly even do better than fitted ones (Smith and Wallis 2009).
"""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

__all__ = ["left_out", "weights"]

Floats = npt.NDArray[np.float64]
Whole = npt.NDArray[np.int64]
_OF_A_KIND: Final = 8  # at most
_WORTH: Final = 1.15  # times the error of the best, that one of an average may have


def weights(tried: Floats, truth: Floats, kinds: Whole) -> Floats:
    """One per forecaster, together 1; `tried` places x forecasters x steps, `truth` places x steps with gaps, `kinds` 0, 1, … of each forecaster."""
    return _weights(tried, truth, kinds, _by_place(tried, truth), np.arange(len(tried)))


def left_out(tried: Floats, truth: Floats, kinds: Whole) -> Floats:
    """Errors of the average at each place (places x steps), when it is chosen by the other places."""
    if len(tried) < 2:
        alone: Floats = tried[:, 0] - truth if len(tried) else np.zeros((0, truth.shape[1]))
        return alone
    errors, places = _by_place(tried, truth), np.arange(len(tried))
    lines = [_weights(tried, truth, kinds, errors, np.delete(places, place)) @ tried[place] for place in places]
    rest: Floats = np.stack(lines) - truth
    return rest


def _weights(tried: Floats, truth: Floats, kinds: Whole, errors: Floats, places: Whole) -> Floats:
    """As `weights`, of these places alone."""
    means = _relative(errors[places]).mean(axis=0)
    inner = np.zeros((int(kinds.max()) + 1, len(kinds)))
    averages = np.zeros((len(places), len(inner), truth.shape[1]))
    for kind, row in enumerate(inner):
        of_kind = np.flatnonzero(kinds == kind)
        row[of_kind] = _shares(means[of_kind], _OF_A_KIND)
        for taken in np.flatnonzero(row):  # few: a product with all would be mostly zeros
            averages[:, kind] += row[taken] * tried[places, taken]
    outer = _shares(_relative(_by_place(averages, truth[places])).mean(axis=0), len(inner))
    found: Floats = outer @ inner
    return found


def _by_place(tried: Floats, truth: Floats) -> Floats:
    """Mean error, places x forecasters; 0 where nothing is known."""
    found = np.zeros(tried.shape[:2])
    for place, (lines, true) in enumerate(zip(tried, truth, strict=True)):
        known = np.isfinite(true)
        if known.any():
            found[place] = np.abs(lines[:, known] - true[known]).mean(axis=1)
    return found


def _relative(errors: Floats) -> Floats:
    """Each place counts as much as the others, whatever its size was."""
    middle = np.median(errors, axis=1, keepdims=True)
    shares: Floats = errors / np.where(middle > 0, middle, 1.0)
    return shares


def _shares(means: Floats, most: int) -> Floats:
    """By the inverse square of the error, of those that are nearly as good as the best."""
    best = np.argsort(means, kind="stable")[:most]
    best = best[means[best] <= _WORTH * means[best[0]] + 1e-12]
    found = np.zeros(len(means))
    found[best] = 1 / np.maximum(means[best], 1e-9) ** 2
    shares: Floats = found / found.sum()
    return shares
