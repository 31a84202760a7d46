"""Log records and events that match, latest first."""

from __future__ import annotations

import pyarrow as pa

from spyglass.store.read.asking import HIGHEST, WINDOWS_NS, Ask, Place, Scope, ask

__all__ = ["page"]


def page(engine: Ask, scope: Scope, limit: int, after: Place | None) -> tuple[pa.Table, Place | None]:
    """A page and where the next one begins. The window of time widens until the page is full."""
    top = after.figure if after else scope.to_ns - 1
    before = {"before_ns": top if after else top + 1, "before_id": after.id.upper() if after else HIGHEST, "limit": limit + 1}
    for window in (*WINDOWS_NS, None):
        low = scope.from_ns if window is None else max(scope.from_ns, top - window)
        table = ask(engine, "events/list", scope.within(low, top, **before), filter_sql=scope.filter_sql)
        if table.num_rows > limit or low <= scope.from_ns:
            break
    kept = table.slice(0, limit)
    following = Place(kept["time_ns"][-1].as_py(), kept["event_id"][-1].as_py().hex()) if table.num_rows > limit else None
    return kept.drop_columns(["time_ns"]), following
