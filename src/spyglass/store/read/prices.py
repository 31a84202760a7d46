"""Prices as the store sees them: calls and records to price again, models without a price."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Final, Literal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from spyglass.store.billing import as_priced
from spyglass.store.read.asking import Ask, Scope, ask

__all__ = ["RECORDS", "Records", "Reprice", "calls", "records", "unknown"]

Reprice = Callable[[pa.Table], pa.Table]
Records = Literal["spans", "events"]

RECORDS: Final[dict[Records, dict[str, str]]] = {  # marks of prices/records.sql and prices/amend.sql
    "spans": {"table": "spans", "time": "start", "key": "trace_id, span_id", "id": "cityHash64(trace_id, span_id, version)"},
    "events": {"table": "events", "time": "time", "key": "event_id", "id": "cityHash64(event_id)"},
}
_PAGE: Final = 20_000  # calls, or records
_SAME: Final = 1e-9  # costs that differ by less, in parts of the whole, are the same: nobody pays for how a sum is rounded
_COSTS: Final = ["id", "cost_usd", "input_cost_usd", "output_cost_usd", "cost_source"]


def unknown(engine: Ask, scope: Scope, limit: int, skip: int = 0) -> pa.Table:
    """Models that were called and have no price, most called first."""
    return ask(engine, "prices/unknown", scope.parameters(limit=limit, skip=skip))


def calls(engine: Ask, scope: Scope, reprice: Reprice) -> Iterator[tuple[int, pa.Table]]:
    """Page after page: how many calls were looked at, and the rows of `tellings` of those whose cost is another one now, ready to be written.

    Costs that a source reported stay as they are.
    """
    after: dict[str, Any] = {"after_hour": 0, "after": ""}
    while (page := ask(engine, "prices/calls", scope.parameters(**after, limit=_PAGE))).num_rows:
        after = {"after_hour": page["hour"][-1].as_py(), "after": page["call_key"][-1].as_py().hex().upper()}
        priced = reprice(_never_reported(as_priced(page)))
        rows = page.set_column(page.schema.get_field_index("version"), "version", pc.add(page["version"], pa.scalar(1, pa.uint64())))
        for name in ("cost_usd", "cost_source"):
            rows = rows.set_column(rows.schema.get_field_index(name), name, priced[name])
        yield page.num_rows, rows.filter(_changed(page, priced))


def records(engine: Ask, scope: Scope, of: Records, reprice: Reprice) -> Iterator[pa.Table]:
    """Page after page: columns id, cost_usd, input_cost_usd, output_cost_usd and cost_source of the records whose cost is another one now.

    Some come twice: a page begins with the record that the one before ended with.
    """
    begin, limit = (0, ""), _PAGE
    while True:
        page = ask(engine, "prices/records", scope.parameters(after_ns=begin[0], after=begin[1], limit=limit), **RECORDS[of])
        priced = reprice(page)
        yield priced.filter(_changed(page, priced)).select(_COSTS)
        if page.num_rows < limit:
            return
        last = page["start"][-1].cast(pa.int64()).as_py(), page["key"][-1].as_py()
        limit = _PAGE if last != begin else 2 * limit  # a page of nothing but copies of one record
        begin = last


def _never_reported(page: pa.Table) -> pa.Table:
    return page.append_column("reported_cost_usd", pa.array(np.zeros(page.num_rows)))


def _changed(before: pa.Table, after: pa.Table) -> pa.Array:
    cost = np.isclose(before["cost_usd"].to_numpy(), after["cost_usd"].to_numpy(), rtol=_SAME, atol=0.0)
    return pc.or_(pa.array(~cost), pc.not_equal(before["cost_source"], after["cost_source"]).combine_chunks())
