"""Prices as the store sees them: calls to price again, models without a price."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from spyglass.store.read.asking import Ask, Scope, ask

__all__ = ["repriced", "unknown"]

_PAGE: Final = 20_000  # calls
Reprice = Callable[[pa.Table], pa.Table]


def unknown(engine: Ask, scope: Scope, limit: int, skip: int = 0) -> pa.Table:
    """Models that were called and have no price, most called first."""
    return ask(engine, "prices/unknown", scope.parameters(limit=limit, skip=skip))


def repriced(engine: Ask, scope: Scope, reprice: Reprice) -> Iterator[tuple[int, pa.Table]]:
    """Page after page: how many calls were looked at, and those of them whose cost is another one now, ready to be written.

    Costs that a source reported stay as they are.
    """
    after: dict[str, int | str] = {"after_hour": 0, "after": ""}
    while True:
        page = ask(engine, "prices/calls", scope.parameters(**after, limit=_PAGE))
        if not page.num_rows:
            return
        after = {"after_hour": int(page["hour"][-1].as_py().timestamp()), "after": page["call_key"][-1].as_py().hex().upper()}
        yield page.num_rows, _changed(page, reprice)


def _changed(page: pa.Table, reprice: Reprice) -> pa.Table:
    n = page.num_rows
    asked = page.append_column("request_model", page["model"]).append_column("reported_cost_usd", pa.array(np.zeros(n)))
    priced = reprice(asked)
    out = page
    for name in ("cost_usd", "cost_source"):
        out = out.set_column(out.schema.get_field_index(name), name, priced[name])
    out = out.set_column(out.schema.get_field_index("version"), "version", pc.add(page["version"], pa.scalar(1, pa.uint64())))
    return out.filter(pc.or_(pc.not_equal(out["cost_usd"], page["cost_usd"]), pc.not_equal(out["cost_source"], page["cost_source"])))
