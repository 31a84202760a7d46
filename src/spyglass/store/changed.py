"""Times of which calls were changed long after they were told: written down before the change, forgotten when they have been counted again.

A server that ends in between, in whatever way, leaves them to the next one.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from typing import Any, Final, NamedTuple, Protocol

import pyarrow as pa

from spyglass.model.clock import Clock
from spyglass.store.read.asking import ask

__all__ = ["Changed", "Times"]

_MOST: Final = 10_000


class Times(NamedTuple):
    """When the calls started; `hi_ns` is not included."""

    project: str
    lo_ns: int
    hi_ns: int


class Store(Protocol):
    """What this needs of `store.engine.Engine`."""

    def read(self, sql: str, parameters: dict[str, Any]) -> pa.Table:
        """Run a query."""

    def insert(self, table: str, rows: pa.Table, *, token: str) -> None:
        """Insert rows once per token."""


class Changed:
    """What one that counts has to count again. Safe from any thread."""

    def __init__(self, engine: Store, reader: str, clock: Clock) -> None:
        self._engine, self._reader, self._clock = engine, reader, clock

    def expect(self, times: Times) -> None:
        """Calls of these times are about to change."""
        self._write([times], waits=True)

    def waiting(self) -> list[Times]:
        """All that were not counted since."""
        found = ask(self._engine.read, "changed/waiting", {"reader": self._reader, "limit": _MOST})
        return [Times(*row) for row in zip(*(found[name].to_pylist() for name in Times._fields), strict=True)]

    def counted(self, times: Iterable[Times]) -> None:
        """These have been."""
        self._write(sorted(times), waits=False)

    def _write(self, times: list[Times], *, waits: bool) -> None:
        if times:
            now_ns, n = self._clock.now_ns(), len(times)
            columns = {name: [getattr(one, name) for one in times] for name in Times._fields}
            rows = pa.table({"reader": [self._reader] * n, **columns, "told_ns": pa.array([now_ns] * n, pa.int64()), "waits": [waits] * n})
            self._engine.insert("changed_times", rows, token=f"changed-{secrets.token_hex(8)}")
