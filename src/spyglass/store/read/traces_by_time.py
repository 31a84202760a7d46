"""Traces in the order of time: window after window of it is read until the page is full, so that a page does not grow with the data.

A trace stands where its first match in the asked range is, so that pages neither repeat nor lose one. Read earliest first, a trace that was met is in its
place at once, unless it matched before; read latest first, the first match may still be further on.
"""

from __future__ import annotations

from collections.abc import Mapping
from operator import attrgetter
from typing import Final

from spyglass.store.read.asking import Ask, Place, Scope, ask
from spyglass.store.read.whereabouts import Range, Whereabouts
from spyglass.store.read.windows import after as after_window
from spyglass.store.read.windows import before, wider

__all__ = ["earliest", "latest"]

_FIRST_WINDOW_NS: Final = 60 * 10**9
_SPARE: Final = 50  # so many more are asked for, because some turn out to have matched earlier
_NOBODY: Final = "0" * 32
_DOWN: Final = {"further": "<", "direction": "DESC"}
_UP: Final = {"further": ">", "direction": "ASC"}


def latest(engine: Ask, scope: Scope, wanted: int, after: Place | None, known: dict[str, Range]) -> list[Place]:
    """Traces after that place, latest first: `wanted` of them or more, or all that there are. Ranges that had to be looked up are added to `known`."""
    firsts: dict[str, int] = {}  # of each trace, the earliest match that was seen
    high, window = after.figure if after else scope.to_ns - 1, _FIRST_WINDOW_NS
    while True:
        low, most = max(scope.from_ns, high - window), max(wanted - len(firsts), 0) + _SPARE
        found = _within(engine, scope, low, high, most, after or Place(high + 1, _NOBODY), _DOWN)
        firsts |= {place.id: place.figure for place in found}
        full = len(found) == most
        if not full and low <= scope.from_ns:
            return _in_order(firsts)
        if len(firsts) >= wanted:
            seen = found[-1].figure + 1 if full else low  # all matches from there on were seen
            sure = {trace: first for trace, first in firsts.items() if first >= seen}
            for early in _also_before(engine, scope, list(sure), seen, known):
                del sure[early], firsts[early]  # it is found again, further down
            if len(sure) >= wanted:
                return _in_order(sure)
        if full:
            after = found[-1]  # this window holds more
            continue
        if found:
            high, window = low - 1, wider(window, len(found), wanted - len(firsts))
            continue
        next_one = before(engine, scope, "spans", low, window)
        if next_one is None:
            return _in_order(firsts)
        high, window = next_one


def earliest(engine: Ask, scope: Scope, wanted: int, after: Place | None, known: dict[str, Range]) -> list[Place]:
    """The same, earliest first."""
    places: list[Place] = []
    last = scope.to_ns - 1
    low, window = after.figure if after else scope.from_ns, _FIRST_WINDOW_NS
    while low <= last:
        high, most = min(last, low + window), wanted - len(places) + _SPARE
        found = _within(engine, scope, low, high, most, after or Place(low - 1, _NOBODY), _UP)
        early = _also_before(engine, scope, [place.id for place in found], low, known)
        places += [place for place in found if place.id not in early]
        if len(places) >= wanted:
            break
        if len(found) == most:
            after = found[-1]  # this window holds more
            low = after.figure
            continue
        after = None
        if found:
            low, window = high + 1, wider(window, len(found) - len(early), wanted - len(places))
            continue
        next_one = after_window(engine, scope, "spans", high, window)
        if next_one is None:
            break
        low, window = next_one
    return places


def _in_order(firsts: Mapping[str, int]) -> list[Place]:
    return sorted((Place(first, trace) for trace, first in firsts.items()), key=attrgetter("figure", "id"), reverse=True)


def _within(engine: Ask, scope: Scope, low: int, high: int, most: int, after: Place, way: Mapping[str, str]) -> list[Place]:
    bounds = scope.within(low, high, after_ns=after.figure, after_trace=after.id, limit=most)
    table = ask(engine, "traces/matches", bounds, filter_sql=scope.filter_sql, **way)
    return [Place(first, trace.hex()) for first, trace in zip(table["first_match"].to_pylist(), table["trace_id"].to_pylist(), strict=True)]


def _also_before(engine: Ask, scope: Scope, traces: list[str], low: int, known: dict[str, Range]) -> set[str]:
    """Which of the traces have a match before `low`, too. Only those that began before it can have one."""
    if low <= scope.from_ns:
        return set()
    at = Whereabouts.of(engine, scope.project, traces, known)
    known |= {one.trace_id: one for one in at.ranges}
    began = [one for one in at.ranges if one.start < low]
    if not began:
        return set()
    first = max(scope.from_ns, min(one.start for one in began))
    parameters = scope.within(first, low, traces=[one.trace_id for one in began])
    table = ask(engine, "traces/earlier", parameters, filter_sql=scope.filter_sql)
    return {trace.hex() for trace in table["trace_id"].to_pylist()}
