"""Patterns of log records: those that say the same but for numbers, ids, times and quoted texts, as one row."""

from __future__ import annotations

from typing import Final

import pyarrow as pa

from spyglass.store.read.asking import Ask, Scope, ask

__all__ = ["MOST_RECORDS", "patterns"]

MOST_RECORDS: Final = 50_000  # latest ones that are looked at: about a second of masking


def patterns(engine: Ask, scope: Scope, limit: int, skip: int = 0, most: int = MOST_RECORDS) -> pa.Table:
    """One row per pattern, most frequent first; `looked_at` is how many records they were found in."""
    return ask(engine, "events/patterns", scope.parameters(limit=limit, skip=skip, most=most), filter_sql=scope.filter_sql)
