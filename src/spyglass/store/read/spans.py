"""Spans: the list, and one span whole."""

from __future__ import annotations

from typing import Any, Final

import pyarrow as pa

from spyglass.model.schema import ATTRIBUTES
from spyglass.store.read.asking import HIGHEST, Ask, Place, Scope, ask
from spyglass.store.read.whereabouts import Whereabouts
from spyglass.store.read.windows import latest
from spyglass.store.rows import restore

__all__ = ["page", "span"]

_MOST_COPIES: Final = 200_000


def page(engine: Ask, scope: Scope, limit: int, after: Place | None) -> tuple[pa.Table, Place | None]:
    """Spans that match, latest first, and where the next page begins."""
    top = after.figure if after else scope.to_ns - 1
    end = {"before_ns": after.figure if after else top + 1, "before_place": after.id if after else HIGHEST}
    table = latest(engine, scope, "spans", top, limit, lambda low, high: _within(engine, scope, scope.within(low, high, **end), limit + 1))
    kept = table.slice(0, limit)
    following = Place(kept["start_ns"][-1].as_py(), kept["place"][-1].as_py()) if table.num_rows > limit else None
    return kept.drop_columns(["start_ns", "place", "copies"]), following


def _within(engine: Ask, scope: Scope, bounds: dict[str, Any], wanted: int) -> pa.Table:
    """The best copies in a window. Mostly a span has one or two; where they leave too little room for others, more is read."""
    most = 2 * wanted
    while True:
        table = ask(engine, "spans/list", {**bounds, "limit": wanted, "copies": most}, filter_sql=scope.filter_sql)
        if table.num_rows in {0, wanted} or table["copies"][0].as_py() < most or most > _MOST_COPIES:
            return table
        most *= 8


def span(engine: Ask, project: str, trace: str, span: str) -> pa.Table | None:
    """One row with every column of the table, long attribute values in their places; None: there is no such span. Ids are hex."""
    at = Whereabouts.of(engine, project, [trace])
    if not at:
        return None
    parameters = at.parameters | {"span": span}
    found = ask(engine, "spans/detail", parameters, where=at.condition)
    if found.num_rows == 0:
        return None
    payload = ask(engine, "spans/payload", parameters | {"version": found["version"][0].as_py()})
    return _whole(found, payload) if payload.num_rows else found


def _whole(found: pa.Table, payload: pa.Table) -> pa.Table:
    own = found["attributes"][0].as_py(), found["attribute_types"][0].as_py()
    pairs, types = restore(*own, payload["attributes"][0].as_py(), payload["attribute_types"][0].as_py())
    found = found.set_column(found.schema.get_field_index("attributes"), "attributes", pa.array([pairs], ATTRIBUTES))
    return found.set_column(found.schema.get_field_index("attribute_types"), "attribute_types", pa.array([types]))
