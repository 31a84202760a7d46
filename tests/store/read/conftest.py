"""Small tables to ask: one database for all, one project per test."""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable
from typing import Any

import pyarrow as pa
import pytest

from spyglass.store.calls import call_rows, calls_of_events, calls_of_spans, lean_rows
from spyglass.store.engine import Engine
from spyglass.store.read.asking import Scope
from spyglass.store.rows import message_rows, span_rows
from spyglass.testing.rows import events, messages, points, spans

HOUR_NS = 3_600 * 10**9
AT_NS = time.time_ns() // HOUR_NS * HOUR_NS - 3 * HOUR_NS  # what is older than the retention would be gone at once
_numbers = itertools.count()


class Tables:
    """The tables of one project. Rows come in as the writer would bring them."""

    def __init__(self, engine: Engine, project: str) -> None:
        self.engine, self.project = engine, project

    def spans(self, n: int, **columns: Any) -> pa.Table:
        """Insert spans with their calls."""
        return self.keep_spans(spans(n, **{"at_ns": AT_NS, "project": self.project, **columns}))

    def keep_spans(self, rows: pa.Table) -> pa.Table:
        """Insert these spans with their calls."""
        self.tell(self.keep_untold(rows))
        return rows

    def keep_untold(self, rows: pa.Table) -> pa.Table:
        """Insert these spans, whose calls are told later, and give what the table has of them."""
        lean, payloads = span_rows(rows)
        self._insert("payloads", payloads)
        self._insert("spans", lean)
        return lean

    def tell(self, lean: pa.Table) -> None:
        """Insert the calls of spans."""
        self._insert("tellings", calls_of_spans(lean_rows(lean), now_ns=next(_numbers), replace=False))

    def events(self, n: int, **columns: Any) -> pa.Table:
        """Insert events with their calls."""
        return self.keep_events(events(n, **{"at_ns": AT_NS, "project": self.project, **columns}))

    def keep_events(self, rows: pa.Table) -> pa.Table:
        """Insert these events with their calls."""
        self._insert("events", rows)
        self._insert("tellings", calls_of_events(rows, now_ns=next(_numbers)))
        return rows

    def points(self, n: int, **columns: Any) -> pa.Table:
        """Insert points."""
        rows = points(n, **{"at_ns": AT_NS, "project": self.project, **columns})
        self._insert("points", rows)
        return rows

    def messages(self, n: int, **columns: Any) -> pa.Table:
        """Insert the messages of `n` spans."""
        rows = messages(n, **{"at_ns": AT_NS, "project": self.project, **columns})
        self._insert("messages", message_rows(rows))
        return rows

    def scope(self, from_ns: int = AT_NS - HOUR_NS, to_ns: int = AT_NS + 2 * HOUR_NS, filter_sql: str = "true", **parameters: Any) -> Scope:
        """All of it, or a part of it."""
        return Scope(self.project, from_ns, to_ns, filter_sql, parameters)

    def said(self, *executions: dict[str, Any]) -> None:
        """Insert tool executions that only messages tell of."""
        told = {"project": self.project, "start": AT_NS, "received": AT_NS, "trace_id": bytes(16), "span_id": bytes(8), "kind": "tool", "failed": False}
        rows = [told | {"call_key": next(_numbers).to_bytes(16), "version": next(_numbers)} | one for one in executions]
        self._insert("tellings", call_rows(rows, source="message"))

    def _insert(self, table: str, rows: pa.Table) -> None:
        self.engine.insert(table, rows, token=f"{self.project}-{next(_numbers)}")


@pytest.fixture(scope="module")
def store(request: pytest.FixtureRequest, url: str) -> Engine:
    """A store with its tables."""
    made: Engine = request.getfixturevalue("embedded_tables" if url == "chdb://" else "remote_tables")
    return made


@pytest.fixture
def tables(store: Engine) -> Tables:
    """The tables of a project of the test's own."""
    return Tables(store, f"project-{next(_numbers)}")


def pages(ask: Callable[[Any], tuple[Any, Any]]) -> list[Any]:
    """All items of a list, page by page: `ask(place)` gives the items of a page and the next place."""
    found: list[Any] = []
    place = None
    for _ in range(1_000):
        items, place = ask(place)
        found += items
        if place is None:
            return found
    raise AssertionError("the list does not end")


@pytest.fixture
def all_pages() -> Callable[[Callable[[Any], tuple[Any, Any]]], list[Any]]:
    """`pages`."""
    return pages
