"""Everyone, or this one: agents with what they call, and who of them is in a state now, in; how many of those that are like an agent are in it, too, out.

Alike are agents that call the same model (in whichever project), or that in one project use the same tool, have the same role (the name without a number),
or only share the project. Where half of them are in the same state, the cause is theirs and not the agent's; which circle it is tells the overlap of both sets
(Dice 1945): a circle that is larger than what befell it explains less.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence, Set
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from spyglass.analyze.builtin.touched import role_of
from spyglass.analyze.builtin.uses import Key, Uses, distinct, placed
from spyglass.model.finding import Finding

__all__ = ["Circle", "Company", "Mask", "Peers", "among"]

Mask = npt.NDArray[np.bool_]
Whole = npt.NDArray[np.intp]
_WHAT: Final = ("model", "tool", "role", "project")  # who is alike more closely comes first
_HALF: Final = 0.5
_FEWEST: Final = 2  # others in the same state, for it to be everyone's
_ENOUGH: Final = 3  # others that can be asked: fewer say little
_SHOWN: Final = 4
_KEPT: Final = 7  # states of all whose counts are kept
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
    count: int  # in the same state, the agent itself not among them
    others: int  # of so many
    overlap: float  # of the circle and all that are in the state, 0 to 1
    who: Callable[[], frozenset[Key]] = field(compare=False, repr=False)  # those in the same state

    @property
    def everyone(self) -> bool:
        """Whether the cause is the circle's rather than the agent's."""
        return self.count >= _FEWEST and self.count >= _HALF * self.others

    def __str__(self) -> str:
        return f"{self.circle}: {self.count} of {self.others} others"

    @property
    def words(self) -> str:
        """For the end of a sentence about the agent."""
        if not self.count:
            return f"it alone, of {self.others + 1} agents {self.circle.words}"
        return f"{'as' if self.everyone else 'like only'} {self.count} of {self.others} others {self.circle.words}"


class _Joined:
    """Pairs of an agent and a circle, from both sides."""

    def __init__(self, agents: Whole, circles: Whole, count: int) -> None:
        """Each pair once; so many agents and circles as there are."""
        order = np.argsort(agents, kind="stable")
        self._agents, self._circles, self._count = agents, circles, count
        self._of, self._from = circles[order], np.searchsorted(agents[order], np.arange(int(agents.max(initial=-1)) + 2))
        self._counted: list[tuple[Mask, Whole, int]] = []

    def of(self, agent: int) -> list[int]:
        """The circles of an agent."""
        return self._of[self._from[agent] : self._from[agent + 1]].tolist() if agent + 1 < len(self._from) else []

    def members(self, circle: int) -> Whole:
        """The agents of a circle."""
        found: Whole = self._agents[self._circles == circle]
        return found

    def counted(self, which: Mask) -> tuple[Whole, int]:
        """How many of these agents are in each circle, and how many there are. The same masks are asked for again and again."""
        for mask, circles, everywhere in self._counted:
            if mask is which:
                return circles, everywhere
        told = self._agents < len(which)  # of others, of whom only is known what they call, nobody knows the state
        circles = np.bincount(self._circles[told][which[self._agents[told]]], minlength=self._count)
        self._counted = [(which, circles, int(which.sum())), *self._counted[:_KEPT]]
        return circles, self._counted[0][2]


class Company:
    """Who is alike. Agents and circles are numbers here: many of ten thousand agents are asked for at once, with the same states of all."""

    def __init__(self) -> None:
        self._keys: list[Key] = []
        self._places: dict[Key, int] = {}
        self._circles: list[Circle] = []
        self._numbers: dict[Circle, int] = {}
        self._pairs: list[tuple[Whole, Whole]] = []  # of an agent and a circle …
        self._joined: _Joined | None = None  # … all of them; None: some came since

    @classmethod
    def of(cls, agents: Iterable[Key], uses: Uses | None = None) -> Company:
        """By role and project, and by what they call."""
        made, keys = cls(), list(agents)
        places = made._placed(keys)
        projects, project = _numbered(pa.array([project for project, _ in keys], pa.string()))
        roles, role = _numbered(role_of(pa.array([agent for _, agent in keys], pa.string())))
        made._join(places, [Circle("project", one, one) for one in projects], project)
        size = max(len(roles), 1)
        both, which = distinct(project * size + role, len(projects) * size)
        made._join(places, [Circle("role", projects[one // size], roles[one % size]) for one in both.tolist()], which)
        if uses is None:
            return made
        callers = made._placed(uses.keys)
        for what, pairs in uses.pairs.items():
            within, of = _numbered(pa.array([project if what == "tool" else "" for project, _ in uses.keys], pa.string()))
            size = max(len(pairs.named), 1)
            both, which = distinct(of[pairs.agents] * size + pairs.names, len(within) * size)
            circles = [Circle(what, within[one // size], pairs.named[one % size]) for one in both.tolist()]
            made._join(callers[pairs.agents], circles, which)
        return made

    def join(self, key: Key, circle: Circle) -> None:
        """It is in this circle, too."""
        self._join(self._placed([key]), [circle], np.zeros(1, np.intp))

    def peers(self, key: Key, alike: Set[Key], known: Set[Key]) -> list[Peers]:
        """What explains most comes first. `alike`: who is in the state that the agent is in; `known`: of whom it is known."""
        at = self._places.get(key)
        return [] if at is None else self.near(at, self._mask(alike & known), self._mask(known))

    def near(self, at: int, alike: Mask, known: Mask) -> list[Peers]:
        """The same of the agent that was given at this place; both masks in the order in which agents were given."""
        return sorted(self._asked(at, alike, known), key=_order)

    def _asked(self, at: int, alike: Mask, known: Mask) -> Iterator[Peers]:
        joined = self._all()
        (like, everywhere), (able, _) = joined.counted(alike), joined.counted(known)
        everywhere += not alike[at]
        for number in joined.of(at):
            others, count = int(able[number] - known[at]), int(like[number] - alike[at])
            if others:
                yield Peers(self._circles[number], count, others, 2 * (count + 1) / (others + 1 + everywhere), partial(self._who, number, at, alike))

    def _who(self, number: int, at: int, alike: Mask) -> frozenset[Key]:
        members = self._all().members(number)
        members = members[members < len(alike)]
        return frozenset(self._keys[one] for one in members[alike[members]].tolist() if one != at)

    def _mask(self, agents: Set[Key]) -> Mask:
        found: Mask = np.zeros(len(self._keys), np.bool_)
        found[[self._places[key] for key in agents if key in self._places]] = True
        return found

    def _placed(self, keys: Sequence[Key]) -> Whole:
        found = placed(self._places, keys)
        self._keys = list(self._places)
        return found

    def _join(self, agents: Whole, circles: Sequence[Circle], which: Whole) -> None:
        """`which`: the place of each agent's circle."""
        numbers = np.array([self._number(circle) for circle in circles], np.intp)
        self._pairs.append((agents, numbers[which]))
        self._joined = None

    def _number(self, circle: Circle) -> int:
        found = self._numbers.setdefault(circle, len(self._circles))
        if found == len(self._circles):
            self._circles.append(circle)
        return found

    def _all(self) -> _Joined:
        if self._joined is None:
            agents, circles = (np.concatenate(one) for one in zip(*self._pairs, strict=True)) if self._pairs else (np.zeros(0, np.intp),) * 2
            count = max(len(self._circles), 1)
            both, _ = distinct(agents * count + circles, len(self._keys) * count)
            self._joined = _Joined(both // count, both % count, count)
        return self._joined


def among(told: Finding, peers: Sequence[Peers]) -> Finding:
    """The finding of an agent, with how others do; as it is where nobody can be asked."""
    if not peers:
        return told
    closest = peers[0]
    return replace(
        told,
        title=f"{told.title}; {closest.words}",
        peers=closest.count,
        compared=closest.others,
        cause=str(closest.circle) if closest.everyone else "",
        details={**told.details, "peers": [str(one) for one in peers[:_SHOWN]]},
    )


def _numbered(names: pa.Array) -> tuple[list[str], Whole]:
    """Each name once, and the place of each row's."""
    encoded = names.dictionary_encode()
    return encoded.dictionary.to_pylist(), encoded.indices.to_numpy().astype(np.intp)


def _order(one: Peers) -> tuple[bool, float, bool, int, str]:
    """Where nobody is alike, the closest circle of which enough are known."""
    return not one.everyone, -one.overlap if one.everyone else 0.0, one.others < _ENOUGH, _WHAT.index(one.circle.what), one.circle.name
