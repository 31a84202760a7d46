"""The list of traces: pages of traces with a matching span, and what a list shows of each.

Latest first is the order that everybody asks for and that must not grow with the data: the window of time widens from a minute until the page is full.
A trace stands where its first match in the asked range is, so that pages neither repeat nor lose one.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final, Literal

import pyarrow as pa

from spyglass.store.read.asking import GROUP_WINDOWS_NS, HIGHEST, Ask, Place, Scope, ask

__all__ = ["Order", "Page", "cards", "page", "ranges", "totals"]

Order = Literal["start", "duration", "errors", "spans", "cost", "tokens"]

_FIGURES: Final = {
    "duration": "max(toUnixTimestamp64Nano(s.start) + s.duration_ns) - min(toUnixTimestamp64Nano(s.start))",
    "errors": "uniqExactIf(s.span_id, s.status = 'error')",
    "spans": "uniqExact(s.span_id)",
    "cost": "sum(toInt64(round(c.cost_usd * 1e12)))",  # whole numbers: a sum of floats differs from one query to the next, and pages would too
    "tokens": "sumIf(c.input_tokens + c.output_tokens, c.kind = 'llm')",
}


_MOST: Final = 2**63 - 1


@dataclass(frozen=True, slots=True)
class Page:
    """Trace ids in the order of the list, and where the next page begins; `next` is None at the end."""

    traces: list[str]  # hex
    next: Place | None


def page(engine: Ask, scope: Scope, order: Order, limit: int, after: Place | None) -> Page:
    """One page of traces with a span that matches within the scope, largest figure first."""
    found = _latest(engine, scope, limit + 1, after) if order == "start" else _ranked(engine, scope, order, limit + 1, after)
    kept = found[:limit]
    return Page([place.id for place in kept], kept[-1] if len(found) > limit and kept else None)


def _latest(engine: Ask, scope: Scope, wanted: int, after: Place | None) -> list[Place]:
    top = after.figure if after else scope.to_ns - 1
    for window in (*GROUP_WINDOWS_NS, None):
        low = scope.from_ns if window is None else max(scope.from_ns, top - window)
        found = _within(engine, scope, low, top, wanted, after)
        if low <= scope.from_ns:
            return found
        early = _also_before(engine, scope, found, low)
        found = [place for place in found if place.id not in early]
        if len(found) >= wanted:
            return found
    return []


def _within(engine: Ask, scope: Scope, low: int, top: int, wanted: int, after: Place | None) -> list[Place]:
    before = {"before_ns": after.figure if after else top + 1, "before_trace": after.id.upper() if after else HIGHEST}
    # Traces that turn out to have matched earlier are taken out again, so a few more are asked for.
    table = ask(engine, "traces/matches", scope.within(low, top, **before, limit=wanted + 50), filter_sql=scope.filter_sql)
    return _places(table, "first_match")[: wanted + 50]


def _also_before(engine: Ask, scope: Scope, found: list[Place], low: int) -> set[str]:
    """Traces whose first match is before the window: seen here only by a later one."""
    if not found:
        return set()
    parameters = scope.within(scope.from_ns, low, traces=[place.id for place in found])
    table = ask(engine, "traces/earlier", parameters, filter_sql=scope.filter_sql)
    return {trace.hex() for trace in table["trace_id"].to_pylist()}


def _ranked(engine: Ask, scope: Scope, order: Order, wanted: int, after: Place | None) -> list[Place]:
    name = "traces/ranked_by_calls" if order in {"cost", "tokens"} else "traces/ranked"
    place = {"before": after.figure if after else _MOST, "before_trace": after.id.upper() if after else HIGHEST}
    table = ask(engine, name, scope.parameters(**place, limit=wanted), filter_sql=scope.filter_sql, figure=_FIGURES[order])
    return _places(table, "figure")


def _places(table: pa.Table, figure: str) -> list[Place]:
    return [Place(value, trace.hex()) for value, trace in zip(table[figure].to_pylist(), table["trace_id"].to_pylist(), strict=True)]


def cards(engine: Ask, project: str, traces: list[str]) -> pa.Table:
    """What a list shows of each trace, in no order; traces that do not exist are left out."""
    return _of_traces(engine, "traces/cards", project, traces)


def totals(engine: Ask, project: str, traces: list[str]) -> pa.Table:
    """Calls, tokens and cost of each trace; traces without calls are left out."""
    return _of_traces(engine, "traces/totals", project, traces)


def ranges(engine: Ask, project: str, traces: list[str]) -> pa.Table:
    """When each trace happened and arrived."""
    return ask(engine, "traces/ranges", {"project": project, "traces": traces})


def _of_traces(engine: Ask, name: str, project: str, traces: list[str]) -> pa.Table:
    known = ranges(engine, project, traces)
    first = min(known["first_received"].to_pylist(), default=0)
    parameters: dict[str, Any] = {"project": project, "traces": traces, "received_ns": first}
    return ask(engine, name, parameters)
