"""History priced again: a scope and a way to price come in; calls, spans and log records with today's costs are what stays.

A call's row is written anew, as any correction of it is. A record is amended in place, by a mutation: another version of a span would be counted again by the
sums per minute, the facets and whoever reads without FINAL (docs/adr/0007).
"""

from __future__ import annotations

import secrets
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, Protocol

import numpy as np
import pyarrow as pa

from spyglass.model.errors import Refused
from spyglass.store.binding import quoted
from spyglass.store.read import prices as read
from spyglass.store.read.asking import Scope
from spyglass.store.sqlfiles import load

__all__ = ["Outcome", "reprice"]

_AT_ONCE: Final = 500_000  # records that one mutation amends; each mutation rewrites the parts that it touches, and holds about 100 bytes a record
_lock = threading.Lock()  # the costs of one run at a time stand in `repriced`


class Store(Protocol):
    """What this needs of `store.engine.Engine`."""

    @property
    def database(self) -> str:
        """Its name."""

    @property
    def cluster(self) -> str | None:
        """None for one machine."""

    def read(self, sql: str, parameters: dict[str, Any]) -> pa.Table:
        """Run a query."""

    def insert(self, table: str, rows: pa.Table, *, token: str) -> None:
        """Insert rows once per token."""

    def command(self, sql: str, parameters: dict[str, Any] | None = None, *, settings: dict[str, Any] | None = None) -> None:
        """Run a statement."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """How many calls were looked at, and how many of them cost something else now."""

    calls: int
    changed: int


class Counts(Protocol):
    """Keeps numbers of calls, which it has to count again: `store.sums.Sums`, `store.figures.Figures`."""

    def expect(self, project: str, lo_ns: int, hi_ns: int) -> None:
        """Calls of these times are about to change."""

    def again(self, project: str, lo_ns: int, hi_ns: int) -> None:
        """They have."""


def reprice(engine: Store, scope: Scope, price: read.Reprice, counts: Sequence[Counts] = ()) -> Outcome:
    """Price the calls of a project and time range again. What a crash leaves undone is done by the next run: each compares with what is kept.

    `counts` know of it before the first call is written, so that what they keep is right again whenever this ends.

    In a cluster only calls are: there a mutation may not read another table, and records keep the cost of their arrival.

    Raises:
        Refused: it is under way already.
        StoreError: the store failed.
    """
    if not _lock.acquire(blocking=False):
        raise Refused("prices: history is being priced again already: wait until that has ended", retry_after_s=10.0, reason="under_way")
    try:
        if engine.cluster is None:
            for of in read.RECORDS:
                _amend(engine, scope, of, price)
        return _calls(engine, scope, price, counts)
    finally:
        _lock.release()


def _calls(engine: Store, scope: Scope, price: read.Reprice, counts: Sequence[Counts]) -> Outcome:
    looked, changed, times = 0, 0, (scope.project, scope.from_ns, scope.to_ns)
    try:
        for count, rows in read.calls(engine.read, scope, price):
            looked += count
            if not rows.num_rows:
                continue
            if not changed:
                for one in counts:
                    one.expect(*times)
            changed += rows.num_rows
            engine.insert("tellings", rows, token=f"reprice-{secrets.token_hex(8)}")
    finally:
        if changed:
            for one in counts:
                one.again(*times)
    return Outcome(looked, changed)


def _amend(engine: Store, scope: Scope, of: read.Records, price: read.Reprice) -> None:
    waiting: list[pa.Table] = []
    for costs in read.records(engine.read, scope, of, price):
        waiting.append(costs)
        if sum(table.num_rows for table in waiting) >= _AT_ONCE:
            _write(engine, scope, of, pa.concat_tables(waiting))
            waiting = []
    if any(table.num_rows for table in waiting):
        _write(engine, scope, of, pa.concat_tables(waiting))


def _write(engine: Store, scope: Scope, of: read.Records, costs: pa.Table) -> None:
    engine.command(load("prices/clear"))
    costs = costs.append_column("known", pa.array(np.ones(costs.num_rows, bool)))
    engine.insert("repriced", costs, token=f"reprice-{secrets.token_hex(8)}")
    sql = load("prices/amend").replace("/*costs*/", quoted(f"{engine.database}.repriced"))
    for mark, text in read.RECORDS[of].items():
        sql = sql.replace(f"/*{mark}*/", text)
    engine.command(sql, scope.parameters(), settings={"mutations_sync": 1})
    engine.command(load("prices/clear"))
