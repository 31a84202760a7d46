"""Traces by a figure: largest first, or smallest first; by name.

The figure has nothing to do with time, so the whole range has to be looked through; there are no windows to stop after. What is read is as narrow as can be:

- Durations come from `traces`, which has one row of a few bytes per trace, and not from the spans. Of a search, the spans that match are found first: one
  pass over its columns. Sorting the other way round, by duration, and looking which of the longest traces match reads as much: traces that are neighbours in
  a ranking lie anywhere in time, so that a few thousand of them touch every page of the spans.
- Errors, and what calls come to, are 0 for most or many traces. Largest first, those that have any are looked for alone, and all only when they do not
  fill the page.
"""

from __future__ import annotations

from typing import Any, Final, Literal

import pyarrow as pa

from spyglass.store.read.asking import EVERYTHING, Ask, Place, Scope, ask, fragment

__all__ = ["Figure", "ranked"]

Figure = Literal["duration", "cost", "tokens", "errors", "spans", "calls", "tools", "name"]

_OF_SPANS: Final = {"errors": "uniqExactIf(s.span_id, s.status = 'error')", "spans": "uniqExact(s.span_id)"}
_OF_CALLS: Final = {
    "cost": "sum(toInt64(round(c.cost_usd * 1e12)))",  # whole numbers: a sum of floats differs from one query to the next, and pages would too
    "tokens": "sumIf(c.input_tokens + c.output_tokens, c.kind = 'llm')",
    "calls": "countIf(c.kind = 'llm')",
    "tools": "countIf(c.kind = 'tool')",
}
_MOST: Final = 2**63 - 1
_NOBODY: Final = "0" * 32


def ranked(engine: Ask, scope: Scope, figure: Figure, wanted: int, after: Place | None, *, falling: bool) -> list[Place]:
    """At most `wanted` traces after that place; ties by id, in the same direction. The place of a name has it behind the id."""
    way = {"further": "<", "direction": "DESC"} if falling else {"further": ">", "direction": "ASC"}
    if figure == "name":
        return _by_name(engine, scope, wanted, after, way)
    place = after or Place(_MOST if falling else -_MOST, _NOBODY)
    bounds = scope.parameters(after=place.figure, after_trace=place.id, limit=wanted)
    narrow, whole = _questions(figure, scope)
    found = _places(_asked(engine, scope, narrow | way, bounds)) if narrow and falling else []
    return found if len(found) >= wanted else _places(_asked(engine, scope, whole | way, bounds))


def _questions(figure: Figure, scope: Scope) -> tuple[dict[str, str], dict[str, str]]:
    """The query that looks only for traces of which the figure is not 0 (empty: there is none), and the query for all: a file (`of`) and its marks."""
    matching = _matching(scope)
    if figure in _OF_CALLS:
        by_calls = {"of": "traces/ranked_by_calls", "figure": _OF_CALLS[figure]}
        existing = fragment("traces/existing") if matching == EVERYTHING else matching
        return (
            by_calls | {"ranked": fragment("traces/ranked_with_calls"), "matching": existing},
            by_calls | {"ranked": fragment("traces/ranked_with_none"), "matching": matching},
        )
    if figure in _OF_SPANS:
        by_spans = {"of": "traces/ranked", "figure": _OF_SPANS[figure], "matching": matching}
        return (by_spans | {"counted": "s.status = 'error'"} if figure == "errors" else {}), by_spans | {"counted": EVERYTHING}
    return {}, {"of": "traces/ranked_by_duration", "matching": matching}


def _matching(scope: Scope) -> str:
    return fragment("traces/matching") if scope.filter_sql != EVERYTHING else EVERYTHING


def _asked(engine: Ask, scope: Scope, question: dict[str, str], bounds: dict[str, Any]) -> pa.Table:
    marks = {name: text for name, text in question.items() if name != "of"}
    return ask(engine, question["of"], bounds, filter_sql=scope.filter_sql, **marks)


def _by_name(engine: Ask, scope: Scope, wanted: int, after: Place | None, way: dict[str, str]) -> list[Place]:
    place = {"begun": after is not None, "after_trace": after.id[:32] if after else _NOBODY, "after_name": after.id[32:] if after else ""}
    bounds = scope.parameters(**place, limit=wanted)
    table = ask(engine, "traces/ranked_by_name", bounds, filter_sql=scope.filter_sql, matching=_matching(scope), **way)
    return [Place(0, trace.hex() + name) for name, trace in zip(table["figure"].to_pylist(), table["trace_id"].to_pylist(), strict=True)]


def _places(table: pa.Table) -> list[Place]:
    return [Place(figure, trace.hex()) for figure, trace in zip(table["figure"].to_pylist(), table["trace_id"].to_pylist(), strict=True)]
