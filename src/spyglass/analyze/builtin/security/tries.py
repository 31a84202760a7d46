"""What was tried with one thing in common: failures in, in whatever order they come; how many of them, and of how many names, any window has at most out.

Most come in order. Then the fullest window that has the new one in it is the one that ends with it, and a search for where that begins is all it takes.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import Counter
from typing import Final, NamedTuple

from spyglass.model.finding import Evidence

__all__ = ["Tries", "Try", "most_names", "most_within"]

_MOST: Final = 64  # more than any level needs, also when they come in disorder


class Try(NamedTuple):
    """One failure."""

    at_ns: int
    name: str  # the other one: user or source
    evidence: str  # `trace/span` or the id of the event
    told: Evidence  # the same


class Tries:
    """The latest of them, sorted."""

    __slots__ = ("_names", "_seen", "kept")

    def __init__(self, kept: list[Try] | None = None) -> None:
        self.kept = kept or []
        self._seen = {one.evidence for one in self.kept}
        self._names: Counter[str] | None = None  # of no use to most

    def add(self, one: Try) -> bool:
        """Keep it; False: it was counted before."""
        if one.evidence in self._seen:
            return False
        kept, names = self.kept, self._names
        if not kept or kept[-1] < one:
            kept.append(one)
        else:
            kept.insert(bisect_right(kept, one), one)
        self._seen.add(one.evidence)
        if names is not None:
            names[one.name] += 1
        if len(kept) > _MOST:
            gone = kept.pop(0)
            self._seen.discard(gone.evidence)
            if names is not None:
                names[gone.name] -= 1
                if not names[gone.name]:
                    del names[gone.name]
        return True

    def different(self) -> int:
        """How many names there are, in all that is kept."""
        if self._names is None:
            self._names = Counter(one.name for one in self.kept)
        return len(self._names)

    def near(self, at_ns: int, window_ns: int) -> list[Try]:
        """Those that lie within a window before or behind it."""
        kept = self.kept
        begin = bisect_left(kept, (at_ns - window_ns,))
        end = len(kept) if kept and kept[-1].at_ns <= at_ns + window_ns else bisect_left(kept, (at_ns + window_ns + 1,))
        return kept[begin:end]


def most_within(near: list[Try], window_ns: int) -> int:
    """The most tries in any window; both ends belong to it."""
    if not near or near[-1].at_ns - near[0].at_ns <= window_ns:
        return len(near)
    most = last = 0
    for first, begin in enumerate(near):
        while last < len(near) and near[last].at_ns - begin.at_ns <= window_ns:
            last += 1
        most = max(most, last - first)
    return most


def most_names(near: list[Try], window_ns: int) -> int:
    """The most different names in any window."""
    if not near or near[-1].at_ns - near[0].at_ns <= window_ns:
        return len({one.name for one in near})
    counts: Counter[str] = Counter()
    most = first = 0
    for one in near:
        counts[one.name] += 1
        while one.at_ns - near[first].at_ns > window_ns:
            gone = near[first].name
            counts[gone] -= 1
            if not counts[gone]:
                del counts[gone]
            first += 1
        most = max(most, len(counts))
    return most
