"""The list of traces: pages of traces with a matching span, and what a list shows of each.

Latest first is the order that everybody asks for and that must not grow with the data: window after window of time is read until the page is full.
A trace stands where its first match in the asked range is, so that pages neither repeat nor lose one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from operator import attrgetter
from typing import Final, Literal

import pyarrow as pa

from spyglass.store.read.asking import EVERYTHING, HIGHEST, Ask, Place, Scope, ask, fragment
from spyglass.store.read.whereabouts import Range, Whereabouts
from spyglass.store.read.windows import before, wider

__all__ = ["Order", "Page", "cards", "page", "totals"]

Order = Literal["start", "duration", "errors", "spans", "cost", "tokens"]

_FIGURES: Final = {
    "errors": "uniqExactIf(s.span_id, s.status = 'error')",
    "spans": "uniqExact(s.span_id)",
    "cost": "sum(toInt64(round(c.cost_usd * 1e12)))",  # whole numbers: a sum of floats differs from one query to the next, and pages would too
    "tokens": "sumIf(c.input_tokens + c.output_tokens, c.kind = 'llm')",
}
_RANKED: Final = {
    "duration": "traces/ranked_by_duration",
    "errors": "traces/ranked",
    "spans": "traces/ranked",
    "cost": "traces/ranked_by_calls",
    "tokens": "traces/ranked_by_calls",
}
_OF_ROOT: Final = ("name", "kind", "status", "status_message", "input", "output", "service", "environment")  # in traces/cards.sql
_MOST: Final = 2**63 - 1
_FIRST_WINDOW_NS: Final = 60 * 10**9
_SPARE: Final = 50  # so many more are asked for, because some turn out to have matched earlier


@dataclass(frozen=True, slots=True)
class Page:
    """Trace ids in the order of the list, and where the next page begins; `next` is None at the end."""

    traces: list[str]  # hex
    next: Place | None
    known: Mapping[str, Range]  # ranges of traces that had to be looked up on the way


def page(engine: Ask, scope: Scope, order: Order, limit: int, after: Place | None) -> Page:
    """One page of traces with a span that matches within the scope, largest figure first."""
    known: dict[str, Range] = {}
    found = _latest(engine, scope, limit + 1, after, known) if order == "start" else _ranked(engine, scope, order, limit + 1, after)
    kept = found[:limit]
    return Page([place.id for place in kept], kept[-1] if len(found) > limit and kept else None, known)


def _latest(engine: Ask, scope: Scope, wanted: int, after: Place | None, known: dict[str, Range]) -> list[Place]:
    firsts: dict[str, int] = {}  # of each trace, the earliest match that was seen
    high, window = after.figure if after else scope.to_ns - 1, _FIRST_WINDOW_NS
    while True:
        low, most = max(scope.from_ns, high - window), max(wanted - len(firsts), 0) + _SPARE
        found = _within(engine, scope, low, high, most, after)
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


def _in_order(firsts: Mapping[str, int]) -> list[Place]:
    return sorted((Place(first, trace) for trace, first in firsts.items()), key=attrgetter("figure", "id"), reverse=True)


def _within(engine: Ask, scope: Scope, low: int, top: int, most: int, after: Place | None) -> list[Place]:
    end = {"before_ns": after.figure if after else top + 1, "before_trace": after.id.upper() if after else HIGHEST}
    table = ask(engine, "traces/matches", scope.within(low, top, **end, limit=most), filter_sql=scope.filter_sql)
    return _places(table, "first_match")


def _also_before(engine: Ask, scope: Scope, traces: list[str], low: int, known: dict[str, Range]) -> set[str]:
    """Which of the traces have a match before `low`, too. Only those that began before it can have one."""
    at = Whereabouts.of(engine, scope.project, traces, known)
    known |= {one.trace_id: one for one in at.ranges}
    began = [one for one in at.ranges if one.start < low]
    if not began:
        return set()
    first = max(scope.from_ns, min(one.start for one in began))
    parameters = scope.within(first, low, traces=[one.trace_id for one in began])
    table = ask(engine, "traces/earlier", parameters, filter_sql=scope.filter_sql)
    return {trace.hex() for trace in table["trace_id"].to_pylist()}


def _ranked(engine: Ask, scope: Scope, order: Order, wanted: int, after: Place | None) -> list[Place]:
    place = {"before": after.figure if after else _MOST, "before_trace": after.id.upper() if after else HIGHEST}
    marks = {"matching": fragment("traces/matching") if scope.filter_sql != EVERYTHING else EVERYTHING, "figure": _FIGURES.get(order, "")}
    table = ask(engine, _RANKED[order], scope.parameters(**place, limit=wanted), filter_sql=scope.filter_sql, **marks)
    return _places(table, "figure")


def _places(table: pa.Table, figure: str) -> list[Place]:
    return [Place(value, trace.hex()) for value, trace in zip(table[figure].to_pylist(), table["trace_id"].to_pylist(), strict=True)]


def cards(engine: Ask, at: Whereabouts) -> pa.Table:
    """What a list shows of each trace, in no order."""
    table = ask(engine, "traces/cards", at.parameters, where=at.condition)
    for name, column in zip(_OF_ROOT, table["root"].combine_chunks().flatten(), strict=True):
        table = table.append_column(name, column)
    return table.drop_columns(["root"])


def totals(engine: Ask, at: Whereabouts) -> pa.Table:
    """Calls, tokens and cost of each trace; traces without calls are left out."""
    return ask(engine, "traces/totals", at.parameters, hours=at.hours)
