"""Many tests at once: probabilities in, which of them to believe out, what each is worth, and the test of two shares that they often come from."""

from __future__ import annotations

from math import erfc, sqrt
from typing import Final

import numpy as np
import numpy.typing as npt

__all__ = ["believed", "fisher", "worth"]

Floats = npt.NDArray[np.float64]
_LEAST: Final = 1e-3  # deviations
_FAR: Final = 40.0  # deviations, beyond which a normal value's probability is no number any more
_HALVINGS: Final = 60


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


def worth(expected: Floats, level: float) -> Floats:
    """Weights of tests, one on average: by how many deviations each would stand out if there were something to find (Roeder and Wasserman 2009).

    A test that would show nothing anyway, and one that could not miss, need less than those between. What is expected must not depend on what was seen.

    Example:
        >>> worth(np.array([0.5, 3.0, 3.0, 30.0]), 0.05).round(2).tolist()
        [0.09, 1.96, 1.96, 0.0]
    """
    sizes, which, counts = np.unique(np.maximum(expected, _LEAST), return_inverse=True, return_counts=True)
    low, high = -float(sizes[-1]) * (float(sizes[-1]) / 2 + _FAR), float(sizes[-1]) * _FAR
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        if _beyond(sizes / 2 + middle / sizes) @ counts > level:
            low = middle
        else:
            high = middle
    best = _beyond(sizes / 2 + high / sizes)
    spent = float(best @ counts)
    share: Floats = best * len(which) / spent if spent > 0 else np.ones(len(sizes))
    found: Floats = share[which]
    return found


def _beyond(deviations: Floats) -> Floats:
    """The upper tail of the normal distribution."""
    return np.array([erfc(one / sqrt(2)) / 2 for one in deviations.tolist()])


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
