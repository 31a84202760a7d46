"""Log records and events that match, latest first."""

from __future__ import annotations

import pyarrow as pa

from spyglass.store.read.asking import FIRST_WINDOW_NS, HIGHEST, Ask, Place, Scope, ask, wider

__all__ = ["page"]


def page(engine: Ask, scope: Scope, limit: int, after: Place | None) -> tuple[pa.Table, Place | None]:
    """A page and where the next one begins. The window of time widens until the page is full."""
    top = after.figure if after else scope.to_ns - 1
    before = {"before_ns": top if after else top + 1, "before_id": after.id.upper() if after else HIGHEST, "limit": limit + 1}
    window = FIRST_WINDOW_NS
    while True:
        low = max(scope.from_ns, top - window)
        table = ask(engine, "events/list", scope.within(low, top, **before), filter_sql=scope.filter_sql)
        if table.num_rows > limit or low <= scope.from_ns:
            break
        window = wider(window, table.num_rows, limit + 1)
    kept = table.slice(0, limit)
    following = Place(kept["time_ns"][-1].as_py(), kept["event_id"][-1].as_py().hex()) if table.num_rows > limit else None
    return kept.drop_columns(["time_ns"]), following
