"""Whether the mix of something has changed: counts by bin of many series in, evidence against "as it always was" out.

A series learns its mix from its first blocks of `block` things, and from how far these blocks differ from each other how uneven its mix is anyway (what one
run does is alike, so that plain chi-square is too sure). Then each block is held against the mix: a G-test of homogeneity, within each stratum by itself,
so that a change of the strata's sizes is none of what is in them, by the tail of F, as the unevenness is itself only estimated. Its probability p becomes
evidence (`evidence.py`), which is multiplied over blocks and never falls below one: with a
threshold of c a series that stays as it was is accused once in c blocks or less often (Shin, Ramdas and Rinaldo 2023, arXiv:2203.03532).
"""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from spyglass.analyze.series.tails import incomplete_beta
from spyglass.analyze.stats.evidence import evidence_of

__all__ = ["Judged", "Mixes"]

Floats = npt.NDArray[np.float64]
Slots = npt.NDArray[np.intp]
_LEARNS: Final = 12  # blocks
_SPARSE: Final = 1.0  # things that are expected in a bin of a block, below which bins are put together


class Judged(NamedTuple):
    """The series that were judged now."""

    slots: Slots
    evidence: Floats  # logarithm of the evidence so far
    before: Floats  # slots x bins: the mix that it has
    now: Floats  # and that of the block


class Mixes:
    """By slot."""

    def __init__(self, bins: int, strata: int = 1, block: int = 100) -> None:
        """`bins`: in all, of which each stratum has as many."""
        self._bins, self._strata, self._block = bins, strata, block
        self._usual: Floats = np.zeros((0, bins))
        self._now: Floats = np.zeros((0, bins))
        self._figures: Floats = np.zeros((0, 4))  # blocks learned, G and degrees of freedom of these, evidence

    def __len__(self) -> int:
        return len(self._figures)

    def grow(self, slots: int) -> None:
        """Have at least so many."""
        more = slots - len(self)
        if more > 0:
            self._usual, self._now, self._figures = (np.concatenate([old, np.zeros((more, old.shape[1]))]) for old in (self._usual, self._now, self._figures))

    def forget(self, slots: Slots) -> None:
        """Make these slots free, or let them learn anew."""
        for array in (self._usual, self._now, self._figures):
            array[slots] = 0

    def add(self, slots: Slots, bins: Slots, counts: Floats) -> None:
        """More things; a pair may come more than once."""
        np.add.at(self._now, (slots, bins), counts)

    def judge(self) -> Judged:
        """All whose block is full: it begins anew."""
        full = np.flatnonzero(self._now.sum(axis=1) >= self._block)
        learning = full[self._figures[full, 0] < _LEARNS]
        judged = full[self._figures[full, 0] >= _LEARNS]
        self._learn(learning)
        now, before = self._now[judged].copy(), self._usual[judged].copy()
        self._figures[judged, 3] = np.maximum(self._figures[judged, 3], 0) + self._evidence(judged)
        self._now[full] = 0
        return Judged(judged, self._figures[judged, 3].copy(), before, now)

    def evidence(self, slots: Slots) -> Floats:
        """The logarithm, as it stands."""
        found: Floats = self._figures[slots, 3].copy()
        return found

    def known(self) -> Slots:
        """Who has learned."""
        found: Slots = np.flatnonzero(self._figures[:, 0] >= _LEARNS)
        return found

    def _learn(self, slots: Slots) -> None:
        known = slots[self._figures[slots, 0] > 0]
        statistic, freedom = self._difference(self._usual[known], self._now[known])
        self._figures[known, 1] += statistic
        self._figures[known, 2] += freedom
        self._usual[slots] += self._now[slots]
        self._figures[slots, 0] += 1

    def _evidence(self, slots: Slots) -> Floats:
        """Of the block alone."""
        statistic, freedom = self._difference(self._usual[slots], self._now[slots])
        learned = np.maximum(self._figures[slots, 2], 1.0)
        uneven = np.maximum(1.0, self._figures[slots, 1] / learned)
        return np.array([_evidence(*row) for row in zip(statistic / uneven, freedom, learned, strict=True)], np.float64)

    def _difference(self, usual: Floats, now: Floats) -> tuple[Floats, Floats]:
        """G and its degrees of freedom, each row by itself; bins in which little is expected are one."""
        shape = (len(usual), self._strata, self._bins // self._strata)
        left, right = usual.reshape(shape), now.reshape(shape)
        rest = right.sum(axis=2, keepdims=True) / np.maximum((left + right).sum(axis=2, keepdims=True), 1.0)
        sparse = (left + right) * rest < _SPARSE
        left, right = (np.concatenate([np.where(sparse, 0.0, one), np.where(sparse, one, 0.0).sum(axis=2, keepdims=True)], axis=2) for one in (left, right))
        both = left + right
        thin = both * rest < _SPARSE
        left, right = np.where(thin, 0.0, left), np.where(thin, 0.0, right)
        both = left + right
        totals = [one.sum(axis=2, keepdims=True) for one in (left, right, both)]
        statistic = np.zeros(shape[:2])
        with np.errstate(divide="ignore", invalid="ignore"):
            for one, total in zip((left, right), totals, strict=False):
                expected = both * total / totals[2]
                statistic += 2 * np.where(one > 0, one * np.log(one / expected), 0.0).sum(axis=2)
        freedom = np.maximum((both > 0).sum(axis=2) - 1, 0)
        return statistic.sum(axis=1), freedom.sum(axis=1).astype(np.float64)

    def save(self) -> pa.Table:
        """One row per slot."""
        wide = np.concatenate([self._usual, self._now, self._figures], axis=1)
        return pa.table({"row": pa.array([row.tobytes() for row in wide], pa.binary(wide.shape[1] * 8))})

    def restore(self, state: pa.Table) -> None:
        """See `save`."""
        width = 2 * self._bins + 4
        wide = np.frombuffer(b"".join(state["row"].to_pylist()), np.float64).reshape(-1, width).copy()
        self._usual, self._now, self._figures = wide[:, : self._bins].copy(), wide[:, self._bins : 2 * self._bins].copy(), wide[:, 2 * self._bins :].copy()


def _evidence(statistic: float, freedom: float, learned: float) -> float:
    """The logarithm; of nothing that can be compared there is none."""
    if freedom < 1:
        return 0.0
    return evidence_of(incomplete_beta(learned / 2, freedom / 2, learned / (learned + max(statistic, 0.0))))
