"""Whether less succeeds than before: successes and failures of many series in, evidence against "at least as much as before" out.

For each of a few lower shares a of success a betting sum is kept that grows by a/p0 with a success and (1−a)/(1−p0) with a failure and never falls below one
(e-CUSUM; Shin, Ramdas and Rinaldo 2023, arXiv:2203.03532); their mean is the evidence. With a threshold of c a series whose share stays at p0 or above is
accused once in c outcomes or less often, however often one looks. p0 is what the first outcomes show, less what they leave open.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa

__all__ = ["Outcomes"]

Floats = npt.NDArray[np.float64]
Slots = npt.NDArray[np.intp]
_SHARES: Final = np.array([0.93, 0.85, 0.7, 0.5])  # of p0
_DOUBT: Final = 1.64  # standard errors that p0 lies below what was seen (Wilson 1927)
_MOST: Final = 0.999
_COLUMNS: Final = ("good", "bad", "since_good", "since_bad")


class Outcomes:
    """By slot."""

    def __init__(self, learns: int = 100) -> None:
        """`learns`: outcomes before a series is judged."""
        self._learns = learns
        self._counts: Floats = np.zeros((0, 4))  # good and bad of the first ones; good and bad since the evidence began to grow
        self._sums: Floats = np.zeros((0, len(_SHARES)))  # logarithms

    def __len__(self) -> int:
        return len(self._counts)

    def grow(self, slots: int) -> None:
        """Have at least so many."""
        more = slots - len(self)
        if more > 0:
            self._counts, self._sums = (np.concatenate([old, np.zeros((more, old.shape[1]))]) for old in (self._counts, self._sums))

    def forget(self, slots: Slots) -> None:
        """Make these slots free, or let them learn anew."""
        self._counts[slots] = 0
        self._sums[slots] = 0

    def step(self, slots: Slots, good: Floats, bad: Floats) -> Floats:
        """More outcomes of different series: the logarithm of the evidence of each, 0 for those that still learn."""
        learning = self._counts[slots, :2].sum(axis=1) < self._learns
        self._counts[slots[learning], 0] += good[learning]
        self._counts[slots[learning], 1] += bad[learning]
        judged = slots[~learning]
        usual = self.usual(judged)[:, None]
        shares = _SHARES * usual
        change = good[~learning, None] * np.log(shares / usual) + bad[~learning, None] * np.log((1 - shares) / (1 - usual))
        self._sums[judged] = np.maximum(self._sums[judged], 0) + change
        begun = (self._sums[judged] > 0).any(axis=1)
        self._counts[judged, 2] = np.where(begun, self._counts[judged, 2] + good[~learning], 0)
        self._counts[judged, 3] = np.where(begun, self._counts[judged, 3] + bad[~learning], 0)
        evidence = np.zeros(len(slots))
        evidence[~learning] = self.evidence(judged)
        return evidence

    def evidence(self, slots: Slots) -> Floats:
        """The logarithm, as it stands."""
        largest = self._sums[slots].max(axis=1, initial=0.0)
        found: Floats = largest + np.log(np.exp(self._sums[slots] - largest[:, None]).mean(axis=1))
        return found

    def known(self) -> Slots:
        """Who has learned."""
        found: Slots = np.flatnonzero(self._counts[:, :2].sum(axis=1) >= self._learns)
        return found

    def usual(self, slots: Slots) -> Floats:
        """The share of success that is defended: p0."""
        good, count = self._counts[slots, 0], np.maximum(self._counts[slots, :2].sum(axis=1), 1.0)
        share, doubt = good / count, _DOUBT**2 / count
        low = (share + doubt / 2 - np.sqrt(doubt * (share * (1 - share) + doubt / 4))) / (1 + doubt)
        found: Floats = np.clip(low, 1e-3, _MOST)
        return found

    def lately(self, slots: Slots) -> tuple[Floats, Floats]:
        """Good and bad ones since the evidence began to grow."""
        return self._counts[slots, 2], self._counts[slots, 3]

    def save(self) -> pa.Table:
        """One row per slot."""
        sums = {f"sum{at}": self._sums[:, at] for at in range(len(_SHARES))}
        return pa.table({name: self._counts[:, at] for at, name in enumerate(_COLUMNS)} | sums)

    def restore(self, state: pa.Table) -> None:
        """See `save`."""
        self._counts = np.stack([state[name].to_numpy() for name in _COLUMNS], axis=1).copy()
        self._sums = np.stack([state[f"sum{at}"].to_numpy() for at in range(len(_SHARES))], axis=1).copy()
