"""Two sets of traces side by side: those that one search finds among those that another finds, with what each has in common with others."""

from __future__ import annotations

import re

import pyarrow as pa

from spyglass.store.read.asking import Ask, Scope, ask

__all__ = ["MOST_TRACES", "traces"]

MOST_TRACES = 20_000


def traces(engine: Ask, scope: Scope, picked: Scope, limit: int = MOST_TRACES) -> pa.Table:
    """Columns trace (hex), picked (0 or 1), features (lists of `field<tab>value`); at most `limit` traces, chosen by chance."""
    own = {name: f"picked_{name}" for name in picked.filter_parameters if name not in {"from_ns", "to_ns", "project"}}
    sql = re.sub(r"\{(\w+):", lambda found: f"{{{own.get(found[1], found[1])}:", picked.filter_sql)
    bound = {own.get(name, name): value for name, value in picked.filter_parameters.items()}
    return ask(engine, "contrast/traces", scope.parameters(limit=limit, **bound), filter_sql=scope.filter_sql, picked=sql)
