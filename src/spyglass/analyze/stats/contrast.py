"""What is different about some of many: a table of things with their features in, the features that the picked ones have more often than the rest out.

Single features and pairs of them, each by Fisher's exact test; of what is told at most one in twenty is expected to be chance. What is tested, and how much
of that twentieth it gets, follows from how many things have it, and never from how many of these are picked: a pair is left out that nearly all with one half
have; one half of the weight goes where twice the usual share would just show (`multiple.worth`), the other evenly to rare and to frequent ones, of which there
are few; and each test counts with the chance that it truly has, since what few things have cannot be as rare as any limit (Tarone 1990; Heyse 2011; Döhler,
Durand and Roquain 2018, doi:10.1214/18-EJS1441). A pair is told when it says more than each of its halves.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import sqrt
from typing import Final

import numpy as np
import numpy.typing as npt

from spyglass.analyze.stats.multiple import worth

__all__ = ["Contrast", "contrasts"]

Floats = npt.NDArray[np.float64]
Whole = npt.NDArray[np.int64]
Slots = npt.NDArray[np.intp]
Flags = npt.NDArray[np.bool_]
FALSE_SHARE: Final = 0.05
_FEWEST: Final = 5  # things that have a feature
_MOST_FEATURES: Final = 2_000
_PAIRED: Final = 600  # features, the most frequent, of which pairs are looked at
_MOST_PAIRS: Final = 100_000
_RANKED: Final = 2_000  # candidates, the most telling, of which more is found out
_WORTH: Final = 2.0  # times the usual share: what should not be missed
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
    every, counts, hits = _candidates(table, picked)
    chance = _Chance(len(picked), int(picked.sum()), counts)
    probabilities = chance.of(hits)
    order, false_shares = chance.believed(probabilities)
    shares = hits / counts
    found = []
    for at, false_share in zip(order.tolist(), false_shares.tolist(), strict=True):
        members = sorted(set(every[at].tolist()))
        if false_share > FALSE_SHARE or not _more(members, shares, at):
            continue
        has = table[:, members].all(axis=1) & picked
        examples = tuple(np.flatnonzero(has)[:3].tolist())
        own = tuple(names[number] for number in members)
        told = (int(hits[at]), int(counts[at]), int(picked.sum()), len(picked), float(probabilities[at]), false_share)
        found.append(Contrast(own, *told, examples))
    return list(_distinct(found, table, names))[:most]


def _candidates(table: Flags, picked: Flags) -> tuple[Whole, Whole, Whole]:
    """Features, each with itself, and pairs that could be told; how many things have each, and how many of the picked ones."""
    count = table.shape[1]
    some = table[:, :_PAIRED].astype(np.float32)  # the most frequent; exact up to 16 million
    upper = np.triu_indices(some.shape[1], 1)
    both, chosen = ((one.T @ one)[upper].astype(np.int64) for one in (some, some[picked]))
    singly = table.sum(axis=0)
    usable = np.flatnonzero((both >= _FEWEST) & (both * _MORE <= np.minimum(singly[upper[0]], singly[upper[1]])))
    usable = np.sort(usable[np.argsort(-both[usable], kind="stable")][:_MOST_PAIRS])
    every = np.concatenate([np.stack([np.arange(count)] * 2, axis=1), np.stack(upper, axis=1)[usable]])
    return every, np.concatenate([singly, both[usable]]), np.concatenate([table[picked].sum(axis=0), chosen[usable]])


class _Chance:
    """Of picking by chance among those that have each of some features, with all that could have come out at hand."""

    def __init__(self, total: int, picked: int, counts: Whole) -> None:
        self._total, self._picked = total, picked
        self._logs: Floats = np.concatenate([[0.0], np.cumsum(np.log(np.arange(1, total + 1)))])
        self._sizes, self._which, self._often = np.unique(counts, return_inverse=True, return_counts=True)
        self._tails = [self._tail(size) for size in self._sizes.tolist()]

    def of(self, hits: Whole) -> Floats:
        """That so many or more of those with each are picked."""
        begins = np.cumsum([0, *(len(tail) for tail in self._tails)])
        found: Floats = np.concatenate(self._tails)[begins[self._which] + hits]
        return found

    def believed(self, probabilities: Floats) -> tuple[Slots, Floats]:
        """The most telling, in that order, and which share of all up to each is chance: what chance brings of each test, in sum."""
        weights = self._weights()
        rarity = probabilities / weights[self._which]
        order = np.argsort(rarity, kind="stable")[:_RANKED]
        limits = rarity[order] * (1 + 1e-9)
        expected = np.zeros(len(order))
        for tail, weight, often in zip(self._tails, weights.tolist(), self._often.tolist(), strict=True):
            rising = np.append(0.0, tail[::-1])
            expected += often * rising[np.searchsorted(rising, limits * weight, side="right") - 1]
        shares = expected / np.arange(1, len(order) + 1)
        return order, np.minimum(np.minimum.accumulate(shares[::-1])[::-1], 1.0)

    def _weights(self) -> Floats:
        """Of each size, one on average of all tests."""
        usual = self._picked / self._total
        more = min(_WORTH * usual, (1 + usual) / 2) - usual
        expected = np.sqrt(self._sizes * (1 - self._sizes / self._total)) * more / sqrt(usual * (1 - usual))
        found = np.ones(len(self._sizes))
        found[self._which] = worth(expected[self._which], FALSE_SHARE)
        octaves, which = np.unique(np.log2(self._sizes / _FEWEST).astype(np.int64), return_inverse=True)
        evenly = self._often.sum() / len(octaves) / np.bincount(which, weights=self._often)
        found += evenly[which]
        return found / 2

    def _tail(self, count: int) -> Floats:
        """Of so many things, for each number from none on: that so many or more of them are picked."""
        rest, logs = self._total - self._picked, self._logs
        fewest, most = max(0, count - rest), min(count, self._picked)
        at = np.arange(fewest, most + 1)
        others = count - at
        weights = logs[self._picked] - logs[at] - logs[self._picked - at] + logs[rest] - logs[others] - logs[rest - others]
        weights -= logs[self._total] - logs[count] - logs[self._total - count]
        found: Floats = np.minimum(np.append(np.ones(fewest), np.cumsum(np.exp(weights)[::-1])[::-1]), 1.0)
        return found


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


def _more(members: list[int], shares: Floats, at: int) -> bool:
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
