"""Many forecasters into one line: how wrong each was at places in the past in; which are listened to, and what they say together, out.

The best few are listened to, of whatever kind they are, and of what they say at each step the middle half is averaged (the interquartile mean). Combining
simple ones does better than choosing one (Makridakis et al. 2020, the M4 competition); a pool of the best does better than all (Kourentzes et al. 2019);
and an average that is trimmed does better than a plain or a weighted one, as a dozen places in the past tell too little for weights (Jose and Winkler 2008).
"""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

__all__ = ["best", "left_out", "together"]

Floats = npt.NDArray[np.float64]
Whole = npt.NDArray[np.intp]
_MOST: Final = 16  # 10 to 40 do the same
_WORTH: Final = 2.0  # times the error of the best, that one of them may have: where one is nearly exact, it is alone


def best(tried: Floats, truth: Floats) -> Whole:
    """Which ones to listen to; `tried` places x forecasters x steps, `truth` places x steps with gaps."""
    return _best(_relative(_by_place(tried, truth)).mean(axis=0))


def together(lines: Floats) -> tuple[Floats, Floats]:
    """What those that are listened to (forecasters x steps) say together, and the share that each has in it, 1 in all."""
    count = len(lines)
    aside = count // 4  # on either side
    order = np.argsort(lines, axis=0, kind="stable")[aside : count - aside]
    middle: Floats = np.take_along_axis(lines, order, axis=0).mean(axis=0)
    shares: Floats = np.bincount(order.ravel(), minlength=count) / order.size
    return middle, shares


def left_out(tried: Floats, truth: Floats) -> Floats:
    """Errors of the line at each place (places x steps), when those it is made of are chosen by the other places."""
    if len(tried) < 2:
        alone: Floats = tried[:, 0] - truth if len(tried) else np.zeros((0, truth.shape[1]))
        return alone
    errors = _relative(_by_place(tried, truth))
    others = (errors.sum(axis=0) - errors) / (len(errors) - 1)
    rest: Floats = np.stack([together(lines[_best(means)])[0] for lines, means in zip(tried, others, strict=True)]) - truth
    return rest


def _best(means: Floats) -> Whole:
    """Of all, by their mean errors."""
    order = np.argsort(means, kind="stable")[:_MOST]
    found: Whole = order[means[order] <= _WORTH * means[order[0]] + 1e-12]
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
