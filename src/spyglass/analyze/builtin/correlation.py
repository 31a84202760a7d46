"""What agents that stand out at once have in common: the sums of a minute and these agents in; models, tools and versions that they use and others do not, out.

A cause that is shared is mostly something that is called: it comes first where all that stand out call it and few others do.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

import pyarrow as pa

__all__ = ["Common", "in_common"]

_COVERS: Final = 0.6  # of those that stand out call it, at least
_LIFT: Final = 0.2  # by which that share is larger than among the others, at least
_FEWEST: Final = 3  # agents that stand out
_SHOWN: Final = 3
_WHAT: Final = ("model", "tool")


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


def in_common(rows: pa.Table, moved: Collection[tuple[str, str]]) -> list[Common]:
    """`rows`: project, agent, model, tool; `moved`: project and agent. What tells them apart best comes first; empty where nothing does."""
    if len(moved) < _FEWEST or not rows.num_rows:
        return []
    standing = set(moved)
    agents = set(zip(rows["project"].to_pylist(), rows["agent"].to_pylist(), strict=True))
    inside, outside = agents & standing, agents - standing
    if not inside:
        return []
    found = []
    for what in _WHAT:
        users: dict[str, set[tuple[str, str]]] = {}
        pairs = rows.select(["project", "agent", what]).group_by(["project", "agent", what], use_threads=False).aggregate([])
        for project, agent, name in zip(*(pairs[column].to_pylist() for column in ("project", "agent", what)), strict=True):
            if name:
                users.setdefault(name, set()).add((project, agent))
        for name, who in users.items():
            used, others_used = len(who & inside), len(who & outside)
            if used / len(inside) >= _COVERS and used / len(inside) - others_used / max(len(outside), 1) >= _LIFT:
                found.append(Common(what, name, used, len(inside), others_used, len(outside)))
    return sorted(found, key=lambda one: (one.others_used / max(one.others, 1) - one.used / one.moved, one.what, one.name))[:_SHOWN]
