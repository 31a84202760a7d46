"""The list of traces: pages of traces with a matching span, in the order that is asked for, and what a list shows of each.

A page goes on after the figure and the id that the page before ended with, so that traces that arrive meanwhile move no other one: what was there all the
time is listed once.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

import pyarrow as pa

from spyglass.store.read.asking import Ask, Place, Scope, ask
from spyglass.store.read.traces_by_time import earliest, latest
from spyglass.store.read.traces_ranked import Figure, ranked
from spyglass.store.read.whereabouts import Range, Whereabouts

__all__ = ["Direction", "Order", "Page", "cards", "page", "totals"]

Order = Literal["start"] | Figure
Direction = Literal["desc", "asc"]

_OF_ROOT: Final = ("name", "kind", "status", "status_message", "input", "output", "service", "environment")  # in traces/cards.sql


@dataclass(frozen=True, slots=True)
class Page:
    """Trace ids in the order of the list, and where the next page begins; `next` is None at the end."""

    traces: list[str]  # hex
    next: Place | None
    known: Mapping[str, Range]  # ranges of traces that had to be looked up on the way


def page(engine: Ask, scope: Scope, order: Order, limit: int, after: Place | None, direction: Direction = "desc") -> Page:
    """One page of traces with a span that matches within the scope: latest, or largest, first; `asc`: the other way round, ties included."""
    known: dict[str, Range] = {}
    if order == "start":
        walk = latest if direction == "desc" else earliest
        found = walk(engine, scope, limit + 1, after, known)
    else:
        found = ranked(engine, scope, order, limit + 1, after, falling=direction == "desc")
    kept = found[:limit]
    return Page([place.id[:32] for place in kept], kept[-1] if len(found) > limit and kept else None, known)


def cards(engine: Ask, at: Whereabouts) -> pa.Table:
    """What a list shows of each trace, in no order."""
    table = ask(engine, "traces/cards", at.parameters, where=at.condition)
    for name, column in zip(_OF_ROOT, table["root"].combine_chunks().flatten(), strict=True):
        table = table.append_column(name, column)
    return table.drop_columns(["root"])


def totals(engine: Ask, at: Whereabouts) -> pa.Table:
    """Calls, tokens and cost of each trace; traces without calls are left out."""
    return ask(engine, "traces/totals", at.parameters, hours=at.hours)
