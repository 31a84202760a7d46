"""Log records and events that match, latest first."""

from __future__ import annotations

import pyarrow as pa

from spyglass.store.read.asking import HIGHEST, Ask, Place, Scope, ask
from spyglass.store.read.windows import latest

__all__ = ["page"]


def page(engine: Ask, scope: Scope, limit: int, after: Place | None) -> tuple[pa.Table, Place | None]:
    """A page and where the next one begins."""
    top = after.figure if after else scope.to_ns - 1
    end = {"before_ns": top if after else top + 1, "before_id": after.id.upper() if after else HIGHEST, "limit": limit + 1}
    table = latest(
        engine, scope, "events", top, limit, lambda low, high: ask(engine, "events/list", scope.within(low, high, **end), filter_sql=scope.filter_sql)
    )
    kept = table.slice(0, limit)
    following = Place(kept["time_ns"][-1].as_py(), kept["event_id"][-1].as_py().hex()) if table.num_rows > limit else None
    return kept.drop_columns(["time_ns"]), following
