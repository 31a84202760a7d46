"""What agents that stand out at once have in common: what all agents call and these agents in; models, tools and versions that they use and others do not, out.

A cause that is shared is mostly something that is called: it comes first where all that stand out call it and few others do.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

import numpy as np

from spyglass.analyze.builtin.uses import Key, Uses

__all__ = ["Common", "in_common"]

_COVERS: Final = 0.6  # of those that stand out call it, at least
_LIFT: Final = 0.2  # by which that share is larger than among the others, at least
_FEWEST: Final = 3  # agents that stand out
_SHOWN: Final = 3


@dataclass(frozen=True, slots=True)
class Common:
    """Something that agents call."""

    what: str  # model or tool
    name: str
    used: int  # by so many of those that stand out
    moved: int  # of so many
    others_used: int  # and by so many of the others
    others: int

    def __str__(self) -> str:
        others = f", {self.others_used} of {self.others} others do" if self.others else ""
        return f"{self.what} {self.name}: {self.used} of {self.moved} call it{others}"


def in_common(uses: Uses, moved: Collection[Key]) -> list[Common]:
    """`moved`: those that stand out. What tells them apart best comes first; empty where nothing does."""
    standing = set(moved)
    which = np.array([key in standing for key in uses.keys], np.bool_)
    inside, outside = int(which.sum()), int((~which).sum())
    if len(standing) < _FEWEST or not inside:
        return []
    found = []
    for what, pairs in uses.pairs.items():
        stands = which[pairs.agents]
        used, others_used = (np.bincount(pairs.names[one], minlength=len(pairs.named)) for one in (stands, ~stands))
        apart = (used / inside >= _COVERS) & (used / inside - others_used / max(outside, 1) >= _LIFT)
        found += [Common(what, pairs.named[at], int(used[at]), inside, int(others_used[at]), outside) for at in np.flatnonzero(apart).tolist()]
    return sorted(found, key=lambda one: (one.others_used / max(one.others, 1) - one.used / one.moved, one.what, one.name))[:_SHOWN]
