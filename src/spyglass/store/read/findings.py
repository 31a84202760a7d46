"""What analyzers have found, grouped."""

from __future__ import annotations

import pyarrow as pa

from spyglass.store.read.asking import Ask, Scope, ask

__all__ = ["findings"]


def findings(engine: Ask, scope: Scope, limit: int, skip: int = 0) -> pa.Table:
    """One row per fingerprint, last seen first. `scope` is one of events."""
    return ask(engine, "findings/list", scope.parameters(limit=limit, skip=skip), filter_sql=scope.filter_sql)
