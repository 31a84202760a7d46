"""Everyone, or this one: agents with what they call, and who of them is in a state now, in; how many of those that are like an agent are in it, too, out.

Alike are agents that call the same model (in whichever project), or that in one project use the same tool, have the same role (the name without a number),
or only share the project. Where half of them are in the same state, the cause is theirs and not the agent's; which circle it is tells the overlap of both sets
(Dice 1945): a circle that is larger than what befell it explains less.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence, Set
from dataclasses import dataclass, replace
from typing import Final, NamedTuple

import pyarrow as pa

from spyglass.analyze.builtin.touched import role_of
from spyglass.model.finding import Finding

__all__ = ["Circle", "Company", "Key", "Peers", "among"]

Key = tuple[str, str]  # project, agent
_CALLED: Final = ("model", "tool")
_WHAT: Final = (*_CALLED, "role", "project")  # who is alike more closely comes first
_HALF: Final = 0.5
_FEWEST: Final = 2  # others in the same state, for it to be everyone's
_ENOUGH: Final = 3  # others that can be asked: fewer say little
_SHOWN: Final = 4
_PHRASES: Final = {"model": "that call {}", "tool": "that use {}", "role": "of the role {}", "project": "of the project {}"}


class Circle(NamedTuple):
    """Agents that are alike."""

    what: str  # model, tool, role or project
    project: str  # empty: of all
    name: str

    def __str__(self) -> str:
        return f"{self.what} {self.name}"

    @property
    def words(self) -> str:
        """Behind `agents`."""
        return _PHRASES[self.what].format(self.name)


@dataclass(frozen=True, slots=True)
class Peers:
    """How others of a circle do."""

    circle: Circle
    alike: frozenset[Key]  # in the same state, the agent itself not among them
    others: int  # of so many
    overlap: float  # of the circle and all that are in the state, 0 to 1

    @property
    def everyone(self) -> bool:
        """Whether the cause is the circle's rather than the agent's."""
        return len(self.alike) >= _FEWEST and len(self.alike) >= _HALF * self.others

    def __str__(self) -> str:
        return f"{self.circle}: {len(self.alike)} of {self.others} others"

    @property
    def words(self) -> str:
        """For the end of a sentence about the agent."""
        if not self.alike:
            return f"it alone, of {self.others + 1} agents {self.circle.words}"
        return f"{'as' if self.everyone else 'like only'} {len(self.alike)} of {self.others} others {self.circle.words}"


class Company:
    """Who is alike."""

    def __init__(self) -> None:
        self._members: dict[Circle, set[Key]] = {}
        self._circles: dict[Key, list[Circle]] = {}
        self._known: Set[Key] | None = None  # of whom was asked last …
        self._of_known: dict[Circle, Set[Key]] = {}  # … and who of them is in a circle

    @classmethod
    def of(cls, agents: Iterable[Key], uses: pa.Table | None = None) -> Company:
        """By role and project, and by what they call. `uses`: project, agent, model, tool, each call of many or once; empty names are none."""
        made, keys = cls(), list(agents)
        roles = role_of(pa.chunked_array([pa.array([agent for _, agent in keys], pa.string())])).to_pylist()
        for key, role in zip(keys, roles, strict=True):
            made.join(key, Circle("role", key[0], role))
            made.join(key, Circle("project", key[0], key[0]))
        for what in _CALLED if uses is not None else ():
            for project, agent, name in _pairs(uses, what):
                made.join((project, agent), Circle(what, "" if what == "model" else project, name))
        return made

    def join(self, key: Key, circle: Circle) -> None:
        """It is in this circle, too."""
        members = self._members.setdefault(circle, set())
        if key not in members:
            members.add(key)
            self._known = None
            self._circles.setdefault(key, []).append(circle)

    def peers(self, key: Key, alike: Set[Key], known: Set[Key]) -> list[Peers]:
        """What explains most comes first. `alike`: who is in the state that the agent is in; `known`: of whom it is known."""
        return sorted(self._asked(key, alike & known | {key}, known), key=_order)

    def _asked(self, key: Key, alike: Set[Key], known: Set[Key]) -> Iterator[Peers]:
        for circle in self._circles.get(key, ()):
            members = self._known_of(circle, known)
            others = len(members) - (key in members)
            if others:
                like_it = frozenset((alike & members) - {key})
                yield Peers(circle, like_it, others, 2 * (len(like_it) + 1) / (others + 1 + len(alike)))

    def _known_of(self, circle: Circle, known: Set[Key]) -> Set[Key]:
        """Members of whom it is known; many agents are asked for with the same ones, and circles are large."""
        if self._known is not known:
            self._known, self._of_known = known, {}
        found = self._of_known.get(circle)
        if found is None:
            found = self._of_known[circle] = self._members[circle] & known
        return found


def among(told: Finding, peers: Sequence[Peers]) -> Finding:
    """The finding of an agent, with how others do; as it is where nobody can be asked."""
    if not peers:
        return told
    closest = peers[0]
    return replace(
        told,
        title=f"{told.title}; {closest.words}",
        peers=len(closest.alike),
        compared=closest.others,
        cause=str(closest.circle) if closest.everyone else "",
        details={**told.details, "peers": [str(one) for one in peers[:_SHOWN]]},
    )


def _order(one: Peers) -> tuple[bool, float, bool, int, str]:
    """Where nobody is alike, the closest circle of which enough are known."""
    return not one.everyone, -one.overlap if one.everyone else 0.0, one.others < _ENOUGH, _WHAT.index(one.circle.what), one.circle.name


def _pairs(uses: pa.Table, what: str) -> Iterator[tuple[str, str, str]]:
    pairs = uses.select(["project", "agent", what]).group_by(["project", "agent", what], use_threads=False).aggregate([])
    return ((project, agent, name) for project, agent, name in zip(*(pairs[column].to_pylist() for column in ("project", "agent", what)), strict=True) if name)
