"""Calls by what was called: tools, and models."""

from __future__ import annotations

from typing import Final, Literal

import pyarrow as pa

from spyglass.store.read.asking import EVERYTHING, Ask, Scope, ask
from spyglass.store.read.series import OF_MATCHING_SPANS

__all__ = ["usage"]

_KINDS: Final = {"tool": "'tool'", "model": "'llm', 'embedding'"}


def usage(engine: Ask, scope: Scope, of: Literal["tool", "model"], agent: str, limit: int, skip: int = 0) -> pa.Table:
    """Columns of calls/usage.sql: one row per tool or model, most called first; of one agent, or of all where it is empty."""
    matching = "true" if scope.filter_sql == EVERYTHING else OF_MATCHING_SPANS.replace("/*matching*/", scope.filter_sql)
    return ask(engine, "calls/usage", scope.parameters(call_agent=agent, limit=limit, skip=skip), filter_sql=matching, called=of, kinds=_KINDS[of])
