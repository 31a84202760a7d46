"""Telemetry health: what each source sends, and what its telemetry loses. What it doubles is in `store.read.doubled`."""

from __future__ import annotations

from typing import Any

import pyarrow as pa

from spyglass.store.read.asking import Ask, Scope, ask
from spyglass.store.read.doubled import Source

__all__ = ["issues", "sdks", "sources"]


def sources(engine: Ask, scope: Scope, limit: int, skip: int = 0) -> pa.Table:
    """One row per service and instrumentation, whatever it sends; columns of sources/list.sql."""
    return ask(engine, "sources/list", scope.parameters(limit=limit, skip=skip))


def sdks(engine: Ask, scope: Scope, listed: pa.Table) -> dict[Source, str]:
    """The telemetry SDKs of sources of a list, where their latest record tells one: `opentelemetry python 1.30.0`."""
    seen = sorted(set(listed["last_seen"].cast(pa.int64()).to_pylist()))
    if not seen:
        return {}
    return {_source(row): row["sdk"] for row in ask(engine, "sources/sdks", scope.parameters(seen=seen, limit=10_000)).to_pylist()}


def issues(engine: Ask, scope: Scope) -> dict[Source, dict[str, int]]:
    """What was wrong with the records of each source, and how often; most frequent first."""
    found: dict[Source, dict[str, int]] = {}
    for row in ask(engine, "sources/issues", scope.parameters(limit=10_000)).to_pylist():
        found.setdefault(_source(row), {})[row["issue"]] = row["count"]
    return found


def _source(row: dict[str, Any]) -> Source:
    return Source(row["service"], row["scope_name"])
