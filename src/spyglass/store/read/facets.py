"""Facets: values with their counts, beside a search."""

from __future__ import annotations

from typing import Any, Final, NamedTuple

import pyarrow as pa

from spyglass.model.errors import QueryError
from spyglass.model.schema import SCHEMAS, Kind
from spyglass.store.read.asking import EVERYTHING, Ask, Scope, ask
from spyglass.store.read.hourly import facets_of_hours

__all__ = ["Found", "attribute_keys", "facets", "values"]

_ROLLED_UP_NS: Final = 6 * 3600 * 10**9  # ranges from here on are read from the sums per hour
_FILES: Final = {Kind.SPAN: ("facets/spans", "facets/values"), Kind.EVENT: ("facets/events", "facets/event_values")}


class Found(NamedTuple):
    """Columns field, value, count, errors; and whether each record was counted once, for certain."""

    table: pa.Table
    exact: bool


def facets(engine: Ask, scope: Scope, kind: Kind, limit: int) -> Found:
    """The usual fields of spans or events. Without a search, long ranges of spans come from the sums per hour (whole hours)."""
    if kind is Kind.SPAN and scope.filter_sql == EVERYTHING and scope.to_ns - scope.from_ns >= _ROLLED_UP_NS:
        return Found(*facets_of_hours(engine, scope, limit))
    return Found(ask(engine, _FILES[kind][0], scope.parameters(limit=limit), filter_sql=scope.filter_sql), True)


def values(engine: Ask, scope: Scope, kind: Kind, column: str, prefix: str, limit: int) -> list[dict[str, Any]]:
    """Values of one column of text that begin with `prefix`: value, count, errors; most frequent first.

    Raises:
        QueryError: spans, or events, have no such column of text.
    """
    if column not in SCHEMAS[kind].names or not pa.types.is_string(SCHEMAS[kind].field(column).type):
        raise QueryError(f"{kind}s have no text {column!r}")
    asked = scope.parameters(limit=limit, prefix=prefix)
    found: list[dict[str, Any]] = ask(engine, _FILES[kind][1], asked, filter_sql=scope.filter_sql, value=f"toString({column})").to_pylist()
    return found


def attribute_keys(engine: Ask, scope: Scope, limit: int, skip: int = 0) -> pa.Table:
    """Names of attributes of spans and log records, most frequent first."""
    return ask(engine, "facets/attribute_keys", scope.parameters(limit=limit, skip=skip))
