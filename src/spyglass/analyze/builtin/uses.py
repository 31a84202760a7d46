"""Who calls what: rows of calls in, each pair of an agent and a model or tool once out, as numbers: sets of strings of ten thousand agents are too slow."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa

__all__ = ["CALLED", "Key", "Pairs", "Uses", "agents_of", "distinct", "pairs_of", "placed"]

Key = tuple[str, str]  # project, agent
Whole = npt.NDArray[np.intp]
CALLED: Final = ("model", "tool")
_MARKED: Final = 2**22  # numbers below are marked in a row of bits, which is quicker than to sort them


@dataclass(frozen=True, slots=True)
class Pairs:
    """Each once."""

    agents: Whole  # places of agents
    names: Whole  # places in `named`
    named: Sequence[str]  # none is empty


@dataclass(frozen=True, slots=True)
class Uses:
    """What each of some agents calls."""

    keys: Sequence[Key]
    pairs: Mapping[str, Pairs]  # by model and tool

    @classmethod
    def of(cls, rows: pa.Table) -> Uses:
        """`rows`: project, agent, model, tool, each call of many or once; empty names are none."""
        keys, places = agents_of(rows)
        return cls(keys, {what: pairs_of(rows, what, places) for what in CALLED})


def agents_of(rows: pa.Table) -> tuple[list[Key], Whole]:
    """Whose the rows are, each agent once, and the place of each row's."""
    project, agent = (rows[name].combine_chunks().dictionary_encode() for name in ("project", "agent"))
    projects, agents = project.dictionary.to_pylist(), agent.dictionary.to_pylist()
    size = max(len(agents), 1)
    both, places = distinct(_whole(project.indices) * size + _whole(agent.indices), len(projects) * size)
    return [(projects[one // size], agents[one % size]) for one in both.tolist()], places


def pairs_of(rows: pa.Table, what: str, places: Whole) -> Pairs:
    """Each pair of them once; `places`: of the row's agent."""
    column = rows[what].combine_chunks().dictionary_encode()
    named: list[str] = column.dictionary.to_pylist()
    names = _whole(column.indices)
    size = max(len(named), 1)
    kept = (places * size + names)[np.array([name != "" for name in named], np.bool_)[names]]
    both, _ = distinct(kept, (int(places.max(initial=-1)) + 1) * size)
    return Pairs(both // size, both % size, named)


def placed(places: dict[Key, int], keys: Sequence[Key]) -> Whole:
    """The place of each key; new ones get the next. A loop over ten thousand keys takes three times as long."""
    fresh = [key for key in dict.fromkeys(keys) if key not in places]
    places.update(zip(fresh, range(len(places), len(places) + len(fresh)), strict=True))
    return np.fromiter(map(places.__getitem__, keys), np.intp, len(keys))


def distinct(numbers: Whole, bound: int) -> tuple[Whole, Whole]:
    """Each of them once, going up, and where each of them is then; all are at least 0 and below `bound`."""
    if bound > _MARKED:
        return np.unique(numbers, return_inverse=True)
    there = np.zeros(bound, np.bool_)
    there[numbers] = True
    found = np.flatnonzero(there)
    places = np.zeros(bound, np.intp)
    places[found] = np.arange(len(found))
    return found, places[numbers]


def _whole(numbers: pa.Array) -> Whole:
    found: Whole = numbers.to_numpy(zero_copy_only=False).astype(np.intp)
    return found
