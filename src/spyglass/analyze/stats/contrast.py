"""What is different about some of many: a table of things with their features in, the features that the picked ones have more often than the rest out.

Single features and pairs of them. Each by Fisher's exact test; those that are too rare to ever be significant are not tested (Tarone 1990), and of what is
told at most one in twenty is expected to be chance (Benjamini and Hochberg 1995). A pair is told when it says more than each of its halves.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Final

import numpy as np
import numpy.typing as npt

from spyglass.analyze.stats.multiple import believed

__all__ = ["Contrast", "contrasts"]

Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]
FALSE_SHARE: Final = 0.05
_FEWEST: Final = 5  # things that have a feature
_MOST_FEATURES: Final = 2_000
_PAIRED: Final = 60  # features of which pairs are looked at: so many that tell most, and as many that are most frequent
_MORE: Final = 1.3  # times the share of either half, for a pair to be told


@dataclass(frozen=True, slots=True)
class Contrast:
    """A feature, or two that come together."""

    features: tuple[str, ...]
    picked_with: int  # things
    all_with: int
    picked: int
    all: int
    probability: float  # of as large a difference by chance
    false_share: float  # of all that are as rare, how many are chance
    examples: tuple[int, ...]  # indices of some that are picked and have it

    @property
    def share_with(self) -> float:
        """How many of those that have it are picked."""
        return self.picked_with / self.all_with

    @property
    def share_without(self) -> float:
        """And of the others."""
        return (self.picked - self.picked_with) / max(self.all - self.all_with, 1)

    @property
    def explained(self) -> float:
        """Which share of the picked ones has it."""
        return self.picked_with / self.picked


def contrasts(features: Sequence[Sequence[str]], picked: Flags, most: int = 50) -> list[Contrast]:
    """What the picked ones have more often than the rest, the most telling first."""
    if not picked.any() or picked.all():
        return []
    names, table = _table(features)
    if not names:
        return []
    chance = _Chance(len(picked), int(picked.sum()))
    singles = [(number,) for number in range(len(names))]
    counts, hits = table.sum(axis=0), table[picked].sum(axis=0)
    usual = chance.of(hits, counts)
    # a half of a cause may say little by itself: the frequent ones are looked at, too
    leading = np.union1d(np.argsort(usual, kind="stable")[:_PAIRED], np.arange(min(_PAIRED, len(names))))
    pairs = list(combinations(leading.tolist(), 2))
    together = _together(table, picked, leading)
    every = [*singles, *pairs]
    counts, hits = np.concatenate([counts, together[:, 0]]), np.concatenate([hits, together[:, 1]])
    testable = np.flatnonzero((counts >= _FEWEST) & chance.testable(counts, len(every)))
    probabilities = chance.of(hits[testable], counts[testable])
    false_shares = believed(probabilities) if len(testable) else probabilities
    shares = hits / np.maximum(counts, 1)
    found = []
    for place in np.argsort(probabilities, kind="stable").tolist():
        at = int(testable[place])
        if false_shares[place] > FALSE_SHARE or not _more(every[at], shares, at):
            continue
        has = table[:, list(every[at])].all(axis=1) & picked
        examples = tuple(np.flatnonzero(has)[:3].tolist())
        own = tuple(names[number] for number in every[at])
        told = (int(hits[at]), int(counts[at]), int(picked.sum()), len(picked), float(probabilities[place]), float(false_shares[place]))
        found.append(Contrast(own, *told, examples))
    return list(_distinct(found, table, names))[:most]


def _together(table: Flags, picked: Flags, leading: npt.NDArray[np.intp]) -> npt.NDArray[np.int64]:
    """Of each pair of these features, how many things have both, and how many of the picked ones."""
    some = table[:, leading].astype(np.float32)  # exact up to 16 million
    upper = np.triu_indices(len(leading), 1)
    found = [(one.T @ one)[upper] for one in (some, some[picked])]
    return np.stack(found, axis=1).astype(np.int64)


class _Chance:
    """Of picking by chance, with all factorials at hand."""

    def __init__(self, total: int, picked: int) -> None:
        self._total, self._picked = total, picked
        self._logs: Floats = np.concatenate([[0.0], np.cumsum(np.log(np.arange(1, total + 1)))])

    def of(self, hits: npt.NDArray[np.int64], counts: npt.NDArray[np.int64]) -> Floats:
        """That so many or more of those with the feature are picked."""
        return np.array([self._tail(int(hit), int(count)) for hit, count in zip(hits, counts, strict=True)])

    def testable(self, counts: npt.NDArray[np.int64], tests: int) -> Flags:
        """Whether even the most telling outcome could be believed among so many tests."""
        best = np.array([self._tail(min(int(count), self._picked), int(count)) for count in counts])
        found: Flags = best <= FALSE_SHARE / max(1, min(tests, int((best <= FALSE_SHARE).sum())))
        return found

    def _tail(self, hit: int, count: int) -> float:
        top = min(count, self._picked)
        at = np.arange(hit, top + 1)
        logs = self._logs
        rest, others = self._total - self._picked, count - at
        usable = others <= rest
        at, others = at[usable], others[usable]
        if not len(at):
            return 1.0
        weights = logs[self._picked] - logs[at] - logs[self._picked - at] + logs[rest] - logs[others] - logs[rest - others]
        weights -= logs[self._total] - logs[count] - logs[self._total - count]
        return float(min(1.0, np.exp(weights).sum()))


def _table(features: Sequence[Sequence[str]]) -> tuple[list[str], Flags]:
    """Which thing has which feature; those that nearly nobody or everybody has are left out, and of those that always come together all but one."""
    flat = [one for several in features for one in set(several)]
    unique, counts = np.unique(np.array(flat, dtype=object).astype(str), return_counts=True) if flat else (np.zeros(0, str), np.zeros(0, np.int64))
    keep = (counts >= _FEWEST) & (counts < len(features))
    order = np.flatnonzero(keep)[np.argsort(-counts[keep], kind="stable")][:_MOST_FEATURES]
    names = unique[order].tolist()
    places = {name: at for at, name in enumerate(names)}
    table = np.zeros((len(features), len(names)), np.bool_)
    for row, several in enumerate(features):
        table[row, [places[one] for one in several if one in places]] = True
    return names, table


def _more(members: tuple[int, ...], shares: Floats, at: int) -> bool:
    """A pair must say more than its halves."""
    return len(members) == 1 or bool(shares[at] >= _MORE * max(shares[one] for one in members))


def _distinct(found: list[Contrast], table: Flags, names: list[str]) -> Iterator[Contrast]:
    """Without what says of the same things the same again."""
    places = {name: at for at, name in enumerate(names)}
    told = set()
    for one in found:
        has = np.packbits(table[:, [places[name] for name in one.features]].all(axis=1)).tobytes()
        if has not in told:
            told.add(has)
            yield one
