"""Facets: values with their counts, beside a search."""

from __future__ import annotations

import pyarrow as pa

from spyglass.store.read.asking import EVERYTHING, Ask, Scope, ask

__all__ = ["attribute_keys", "facets", "values"]

_ROLLED_UP_NS = 6 * 3600 * 10**9  # ranges from here on are read from the sums per hour


def facets(engine: Ask, scope: Scope, limit: int) -> pa.Table:
    """The usual fields: field, value, count, errors. Without a search, long ranges come from the sums per hour (whole hours)."""
    summed = scope.filter_sql == EVERYTHING and scope.to_ns - scope.from_ns >= _ROLLED_UP_NS
    return ask(engine, "facets/hours" if summed else "facets/spans", scope.parameters(limit=limit), filter_sql=scope.filter_sql)


def values(engine: Ask, scope: Scope, value_sql: str, prefix: str, limit: int) -> pa.Table:
    """Values of one field (SQL text of ours) that begin with `prefix`."""
    return ask(engine, "facets/values", scope.parameters(limit=limit, prefix=prefix), filter_sql=scope.filter_sql, value=value_sql)


def attribute_keys(engine: Ask, scope: Scope, limit: int, skip: int = 0) -> pa.Table:
    """Names of span attributes, most frequent first."""
    return ask(engine, "facets/attribute_keys", scope.parameters(limit=limit, skip=skip))
