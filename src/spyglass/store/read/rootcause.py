"""What root causes are looked for in: figures of agents, models and tools, or of services, per bucket, and who calls whom."""

from __future__ import annotations

from typing import Final

import pyarrow as pa

from spyglass.store.read.asking import Ask, Scope, ask

__all__ = ["calls", "runs", "services"]

_MOST_ROWS: Final = 100_000  # the busiest; what is left out is told by nobody often


def calls(engine: Ask, scope: Scope, bucket_s: int) -> pa.Table:
    """Columns of rootcause/calls.sql."""
    return ask(engine, "rootcause/calls", scope.parameters(bucket_s=bucket_s, limit=_MOST_ROWS))


def runs(engine: Ask, scope: Scope, bucket_s: int) -> pa.Table:
    """Columns of rootcause/runs.sql."""
    return ask(engine, "rootcause/runs", scope.parameters(bucket_s=bucket_s, limit=_MOST_ROWS))


def services(engine: Ask, scope: Scope, bucket_s: int) -> pa.Table:
    """Columns of rootcause/services.sql."""
    return ask(engine, "rootcause/services", scope.parameters(bucket_s=bucket_s, limit=_MOST_ROWS))
