"""Facets from the sums per hour, each span once.

The sums are made as spans arrive, and count every arrival: a span that is sent again is in them twice. So each hour is looked through once: has it as many
spans as arrived, its sums are right, and stay right as long as no more arrive. Hours with copies are counted from the spans, and what they come to is
remembered. What one question may look through is bounded; hours beyond that are taken as their sums have them, and the answer is not called exact.

In: a scope without a search. Out: columns field, value, count, errors; and whether all hours were looked through.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from itertools import groupby, islice
from typing import Any, Final
from weakref import WeakKeyDictionary

import pyarrow as pa
import pyarrow.compute as pc

from spyglass.store.read.asking import Ask, Scope, ask, received_bound

__all__ = ["facets_of_hours"]

_MOST_CHECKED: Final = 2_000_000  # spans that one question counts: a third of a second
_MOST_COUNTED: Final = 1_000_000  # spans whose values it counts, in hours with copies: about the same
_MOST_HOURS: Final = 50_000  # of one question, and remembered: five years
_MOST_ROWS: Final = 500_000  # remembered values of hours with copies
_MOST_VALUES: Final = 5_000  # of one field, in hours with copies
_LARGE: Final = 200_000  # spans: such an hour without copies is not looked through again until `_GROWTH` times as many arrived
_GROWTH: Final = 1.01
_TRIES: Final = 3  # spans that arrive between two questions
_HOUR_NS: Final = 3_600 * 10**9


@dataclass(frozen=True, slots=True)
class _Hour:
    """What was found when so many spans had arrived; `facets`: without copies, where there were any."""

    arrived: int
    facets: pa.Table | None

    def holds(self, arrived: int) -> bool:
        return arrived == self.arrived or (self.facets is None and self.arrived >= _LARGE and self.arrived < arrived <= self.arrived * _GROWTH)


@dataclass(slots=True, eq=False)
class _Memory:
    """Hours by project, of one database. Bounded; the least lately found goes first."""

    hours: OrderedDict[tuple[str, int], _Hour] = field(default_factory=OrderedDict)
    rows: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)

    def known(self, project: str, arrived: Mapping[int, int]) -> dict[int, _Hour]:
        with self.lock:
            found = {hour: self.hours.get((project, hour)) for hour in arrived}
        return {hour: known for hour, known in found.items() if known is not None and known.holds(arrived[hour])}

    def learn(self, project: str, hours: Mapping[int, _Hour]) -> None:
        with self.lock:
            for hour, known in hours.items():
                self._forget((project, hour))
                self.hours[project, hour] = known
                self.rows += _size(known)
            while len(self.hours) > _MOST_HOURS or self.rows > _MOST_ROWS:
                self._forget(next(iter(self.hours)))

    def _forget(self, key: tuple[str, int]) -> None:
        gone = self.hours.pop(key, None)
        self.rows -= _size(gone) if gone is not None else 0


_memories: WeakKeyDictionary[Any, _Memory] = WeakKeyDictionary()


def facets_of_hours(engine: Ask, scope: Scope, limit: int) -> tuple[pa.Table, bool]:
    """At most `limit` values of each field, most frequent first; and whether each span was counted once, for certain."""
    for _ in range(_TRIES):
        table, sure, most = _facets(engine, scope, limit)
        if _kinds(table) <= most:
            return table, sure
    return table, False


def _facets(engine: Ask, scope: Scope, limit: int) -> tuple[pa.Table, bool, int]:
    """The same; and how many spans that is at most: sums that were asked for when more had arrived have more."""
    memory = _memories.setdefault(getattr(engine, "__self__", engine), _Memory())
    rows = ask(engine, "facets/arrivals", scope.parameters(limit=_MOST_HOURS)).to_pylist()
    arrived = {row["hour"]: row["arrived"] for row in rows}  # latest first
    known = memory.known(scope.project, arrived)
    new = _looked_through(engine, scope.project, {hour: count for hour, count in arrived.items() if hour not in known})
    memory.learn(scope.project, new)
    known |= new
    copied = {hour: found.facets for hour, found in known.items() if found.facets is not None}
    asked = scope.parameters(limit=_MOST_VALUES if copied else limit, left_out=list(copied))
    table = ask(engine, "facets/hours", asked)
    whole = _top(pa.concat_tables([table, *copied.values()]), limit) if copied else table
    most = sum(_kinds(copied[hour]) if hour in copied else count for hour, count in arrived.items())
    return whole, len(known) == len(arrived), most


def _kinds(facets: pa.Table) -> int:
    """How many spans: each has a kind."""
    return pc.sum(facets.filter(pc.equal(facets["field"], "kind"))["count"]).as_py() or 0


def _looked_through(engine: Ask, project: str, arrived: Mapping[int, int]) -> dict[int, _Hour]:
    """The hours, as far as there is time for them, the latest first."""
    checked = _affordable(arrived, _MOST_CHECKED)
    if not checked:
        return {}
    found = _ask(engine, "facets/unique", project, checked, len(checked))
    unique = dict(zip(found["hour"].to_pylist(), found["spans"].to_pylist(), strict=True))
    clean = {hour: _Hour(count, None) for hour, count in checked.items() if unique.get(hour, 0) >= count}
    copied = _affordable({hour: count for hour, count in checked.items() if hour not in clean}, _MOST_COUNTED)
    if not copied:
        return clean
    once = _ask(engine, "facets/once", project, copied, _MOST_VALUES)
    return clean | {hour: _Hour(count, once.filter(pc.equal(once["hour"], hour)).drop_columns(["hour"])) for hour, count in copied.items()}


def _affordable(arrived: Mapping[int, int], most: int) -> dict[int, int]:
    left, taken = most, {}
    for hour, count in arrived.items():
        if count <= left:
            taken[hour], left = count, left - count
    return taken


def _ask(engine: Ask, name: str, project: str, hours: Iterable[int], limit: int) -> pa.Table:
    hours = sorted(hours)
    low, high = hours[0] * 10**9, hours[-1] * 10**9 + _HOUR_NS
    return ask(engine, name, {"project": project, "lo_ns": low, "hi_ns": high, "received_ns": received_bound(low), "hours": hours, "limit": limit})


def _top(table: pa.Table, limit: int) -> pa.Table:
    """Sums of equal values, the most frequent of each field."""
    summed = table.group_by(["field", "value"]).aggregate([("count", "sum"), ("errors", "sum")]).rename_columns(table.column_names)
    ordered = summed.sort_by([("field", "ascending"), ("count", "descending"), ("value", "ascending")])
    fields = groupby(enumerate(ordered["field"].to_pylist()), key=lambda pair: pair[1])
    return ordered.take([at for _, members in fields for at, _ in islice(members, limit)])


def _size(hour: _Hour) -> int:
    return hour.facets.num_rows if hour.facets is not None else 0
