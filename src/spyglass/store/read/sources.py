"""Telemetry health: what the telemetry of each source loses or doubles."""

from __future__ import annotations

import pyarrow as pa

from spyglass.store.read.asking import Ask, Scope, ask

__all__ = ["doubled", "issues", "sources"]


def sources(engine: Ask, scope: Scope, limit: int, skip: int = 0) -> pa.Table:
    """One row per service and instrumentation; columns of sources/spans.sql."""
    return ask(engine, "sources/spans", scope.parameters(limit=limit, skip=skip))


def issues(engine: Ask, scope: Scope) -> pa.Table:
    """Issues by service and instrumentation, most frequent first."""
    return ask(engine, "sources/issues", scope.parameters(limit=10_000))


def doubled(engine: Ask, scope: Scope) -> pa.Table:
    """Model spans and the calls they stand for, by service and instrumentation."""
    return ask(engine, "sources/doubled", scope.parameters(limit=10_000))
