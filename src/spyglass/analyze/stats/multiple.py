"""Many tests at once: probabilities in, which of them to believe out, and the test of two shares that they often come from."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

__all__ = ["believed", "fisher"]

Floats = npt.NDArray[np.float64]


def believed(probabilities: Floats) -> Floats:
    """The share of false ones among all that are at least as rare (Benjamini and Hochberg 1995), for each.

    Example:
        >>> believed(np.array([0.01, 0.04, 0.03, 0.5])).round(4).tolist()
        [0.04, 0.0533, 0.0533, 0.5]
    """
    order = np.argsort(probabilities)
    count = len(probabilities)
    scaled = probabilities[order] * count / np.arange(1, count + 1)
    smallest = np.minimum.accumulate(scaled[::-1])[::-1]
    found = np.empty(count)
    found[order] = np.minimum(smallest, 1.0)
    return found


def fisher(with_a: int, of_a: int, with_b: int, of_b: int) -> float:
    """How often chance alone makes two shares differ as much or more (Fisher's exact test, both sides)."""
    hits = with_a + with_b
    low, high = max(0, hits - of_b), min(hits, of_a)
    if low == high:
        return 1.0
    counts = np.arange(low, high + 1)
    logs = _log_choose(of_a, counts) + _log_choose(of_b, hits - counts)
    logs -= logs.max()
    weights = np.exp(logs)
    seen = weights[with_a - low]
    return float(min(1.0, weights[weights <= seen * (1 + 1e-9)].sum() / weights.sum()))


def _log_choose(total: int, chosen: npt.NDArray[np.int64]) -> Floats:
    factorials = np.concatenate([[0.0], np.cumsum(np.log(np.arange(1, total + 1)))])
    found: Floats = factorials[total] - factorials[chosen] - factorials[total - chosen]
    return found
