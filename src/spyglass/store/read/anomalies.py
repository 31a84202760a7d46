"""What analyzers have found of one agent, grouped as all findings are."""

from __future__ import annotations

from typing import Final

import pyarrow as pa

from spyglass.store.read.asking import Ask, Scope
from spyglass.store.read.findings import findings

__all__ = ["of_agent"]

_ABOUT: Final = "(e.agent = {finding_agent:String} OR has(JSONExtract(attributes['spyglass.finding.details.agents'], 'Array(String)'), {finding_agent:String}))"


def of_agent(engine: Ask, scope: Scope, agent: str, analyzer: str, limit: int, skip: int = 0) -> pa.Table:
    """Columns of findings/list.sql: findings about the agent, and shared ones that name it. `analyzer` empty: of all of them."""
    by = " AND attributes['spyglass.finding.analyzer'] = {finding_analyzer:String}" if analyzer else ""
    bound = scope.filter_parameters | {"finding_agent": agent, "finding_analyzer": analyzer}
    return findings(engine, Scope(scope.project, scope.from_ns, scope.to_ns, f"({scope.filter_sql}) AND {_ABOUT}{by}", bound), limit, skip)
