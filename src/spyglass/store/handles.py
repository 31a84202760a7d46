"""Handles: one connection to the database each, embedded or remote, behind one face. Not for two threads at once.

The embedded engine has a bug that leaks between askers (26.7 to 26.9): what a failed query had already produced is handed to the *next* query of the
same handle. So a handle that saw any exception must prove itself clean before it is lent again: its first ping swallows the leftovers and fails, the
next one is true. `tests/store/test_pool.py` shows the bug on a bare handle, so that its end is noticed.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final, Protocol

import pyarrow as pa
from clickhouse_connect.driver.client import Client

from spyglass.store.binding import bound, quoted

__all__ = ["EmbeddedHandle", "Handle", "RemoteHandle", "Settings"]

Settings = Mapping[str, str | int | float]

_PINGS: Final = 3
_FILES_IN_MEMORY: Final = sys.platform == "linux" and Path("/proc/self/fd").exists()


class Handle(Protocol):
    """One connection to the database."""

    name: str  # its queries carry this as their comment

    def use(self, settings: Settings) -> None:
        """Run what follows under these settings and no others."""

    def fence(self) -> None:
        """From now on neither data nor settings can be changed through this handle."""

    def query(self, sql: str, parameters: Mapping[str, Any] | None, form: str) -> bytes:
        """The answer in one of the database's formats; "" is tab-separated text, and leaves the statement as it is."""

    def command(self, sql: str, parameters: Mapping[str, Any] | None) -> None:
        """Run a statement that answers nothing."""

    def insert(self, table: str, rows: pa.Table, settings: Settings) -> None:
        """Add rows."""

    def clean(self) -> bool:
        """Whether the handle may be lent again after an exception."""

    def close(self) -> None:
        """Let go of it; waits for a call that is still running."""


class EmbeddedHandle:
    """A handle to the engine in this process. Settings are session state, so only what differs from the last use is set (0.2 ms)."""

    def __init__(self, name: str, client: Client, defaults: Settings) -> None:
        self.name = name
        self._client, self._defaults = client, {**defaults, "log_comment": name}
        self._current: dict[str, str] | None = {}
        self._fenced = False

    def use(self, settings: Settings) -> None:
        """Set what differs, and put back what was set for the last use alone."""
        wanted = {name: str(value) for name, value in {**self._defaults, **settings}.items()}
        current = self._current or {}
        if wanted == current:
            return
        changes = [f"{name} = {quoted(value)}" for name, value in wanted.items() if current.get(name) != value]
        changes += [f"{name} = DEFAULT" for name in current if name not in wanted]
        self._current = None  # unknown until this has succeeded
        self._client.command(f"SET {', '.join(changes)}")
        self._current = wanted

    def fence(self) -> None:
        """After this not even a setting can be changed."""
        self._client.command("SET readonly = 1")
        self._fenced = True

    def query(self, sql: str, parameters: Mapping[str, Any] | None, form: str) -> bytes:
        """Run a query."""
        return self._client.raw_query(sql, bound(sql, parameters), fmt=form or None)

    def command(self, sql: str, parameters: Mapping[str, Any] | None) -> None:
        """Run a statement."""
        self._client.command(sql, bound(sql, parameters))

    def insert(self, table: str, rows: pa.Table, settings: Settings) -> None:
        """Insert through a file in memory; the client's own way is a temporary file, which a kill -9 leaves behind, 64 MB each time."""
        if not _FILES_IN_MEMORY:
            self._client.insert_arrow(table, rows, settings=dict(settings))
            return
        with os.fdopen(os.memfd_create("rows"), "wb") as file:
            with pa.ipc.new_file(file, rows.schema) as writer:
                writer.write_table(rows)
            file.flush()
            columns = ", ".join(f"`{name.replace('`', '``')}`" for name in rows.column_names)
            clause = ", ".join(f"{name} = {quoted(str(value))}" for name, value in settings.items())
            self._client.command(f"INSERT INTO {table} ({columns}) FROM INFILE '/proc/self/fd/{file.fileno()}' SETTINGS {clause} FORMAT Arrow")

    def clean(self) -> bool:
        """Swallow what a failed query left behind; False when that does not help, and for a fenced one, whose queries were written by strangers."""
        return not self._fenced and self._current is not None and any(self._client.ping() for _ in range(_PINGS))

    def close(self) -> None:
        """Close the engine's connection."""
        self._client.close()


class RemoteHandle:
    """A place at a server over HTTP. Settings travel with each request, so nothing is left behind by a failed one, and handles can share a client."""

    def __init__(self, name: str, client: Client, defaults: Settings) -> None:
        self.name = name
        self._client, self._defaults = client, {**defaults, "log_comment": name}
        self._current: dict[str, Any] = dict(self._defaults)

    def use(self, settings: Settings) -> None:
        """Send these from now on."""
        self._current = {**self._defaults, **settings}

    def fence(self) -> None:
        """The server lets a request that says readonly=1 change nothing, not even by a SETTINGS clause."""
        self._current["readonly"] = 1

    def query(self, sql: str, parameters: Mapping[str, Any] | None, form: str) -> bytes:
        """Run a query."""
        return self._client.raw_query(sql, bound(sql, parameters), settings=self._current, fmt=form or None)

    def command(self, sql: str, parameters: Mapping[str, Any] | None) -> None:
        """Run a statement."""
        self._client.command(sql, bound(sql, parameters), settings=self._current)

    def insert(self, table: str, rows: pa.Table, settings: Settings) -> None:
        """Insert as the body of a request."""
        self._client.insert_arrow(table, rows, settings={**self._current, **settings})

    def clean(self) -> bool:
        """Always: requests share nothing."""
        return True

    def close(self) -> None:
        """Nothing: the client is the engine's."""
