"""Handles to the database, lent to one thread at a time: a pool of clients comes in, a clean client under given settings goes out.

The embedded engine has a bug that leaks between askers (26.7 to 26.9): what a failed query had already produced is handed to the *next* query of the
same handle. So a handle that saw any exception must prove itself clean before it is lent again: its first ping swallows the leftovers and fails, the
next one is true. A handle that cannot prove it is closed. `tests/store/test_pool.py` shows the bug on a bare handle, so that its end is noticed.
"""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final, Protocol

import pyarrow as pa
import structlog
from clickhouse_connect.driver.client import Client

from spyglass.model.errors import Refused
from spyglass.store.binding import bound, quoted
from spyglass.telemetry.metrics import STORE_HANDLES_REPLACED

__all__ = ["EmbeddedHandle", "Handle", "Pool", "RemoteHandle", "Settings"]

log = structlog.get_logger()

Settings = Mapping[str, str | int | float]

_PINGS: Final = 3


class Handle(Protocol):
    """One connection to the database. Not for two threads at once."""

    def use(self, settings: Settings) -> None:
        """Run what follows under these settings and no others."""

    def fence(self) -> None:
        """From now on neither data nor settings can be changed through this handle."""

    def query(self, sql: str, parameters: Mapping[str, Any] | None, form: str) -> bytes:
        """The answer in one of the database's formats."""

    def command(self, sql: str, parameters: Mapping[str, Any] | None = None) -> None:
        """Run a statement that answers nothing."""

    def insert(self, table: str, rows: pa.Table, settings: Settings) -> None:
        """Add rows."""

    def clean(self) -> bool:
        """Whether the handle may be lent again after an exception."""

    def close(self) -> None:
        """Let go of it; waits for a call that is still running."""


class EmbeddedHandle:
    """A handle to the engine in this process. Settings are session state, so only what differs from the last use is set (0.2 ms)."""

    def __init__(self, client: Client, defaults: Settings) -> None:
        self._client, self._defaults = client, defaults
        self._current: dict[str, str] | None = {}

    def use(self, settings: Settings) -> None:
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
        self._client.command("SET readonly = 1")

    def query(self, sql: str, parameters: Mapping[str, Any] | None, form: str) -> bytes:
        return self._client.raw_query(sql, bound(sql, parameters), fmt=form)

    def command(self, sql: str, parameters: Mapping[str, Any] | None = None) -> None:
        self._client.command(sql, bound(sql, parameters))

    def insert(self, table: str, rows: pa.Table, settings: Settings) -> None:
        self._client.insert_arrow(table, rows, settings=dict(settings))

    def clean(self) -> bool:
        return self._current is not None and any(self._client.ping() for _ in range(_PINGS))

    def close(self) -> None:
        self._client.close()


class RemoteHandle:
    """A handle to a server over HTTP. Settings travel with each request, so nothing is left behind by a failed one."""

    def __init__(self, client: Client, defaults: Settings) -> None:
        self._client, self._defaults = client, defaults
        self._current: dict[str, Any] = dict(defaults)

    def use(self, settings: Settings) -> None:
        self._current = {**self._defaults, **settings}

    def fence(self) -> None:
        self._current["readonly"] = 1

    def query(self, sql: str, parameters: Mapping[str, Any] | None, form: str) -> bytes:
        return self._client.raw_query(sql, bound(sql, parameters), settings=self._current, fmt=form)

    def command(self, sql: str, parameters: Mapping[str, Any] | None = None) -> None:
        self._client.command(sql, bound(sql, parameters), settings=self._current)

    def insert(self, table: str, rows: pa.Table, settings: Settings) -> None:
        self._client.insert_arrow(table, rows, settings={**self._current, **settings})

    def clean(self) -> bool:
        return True

    def close(self) -> None:
        self._client.close()


class Pool:
    """At most `size` handles, opened when first needed.

    A fenced pool lends a handle under the settings it was opened with, and never again under others: with readonly=1 they cannot be changed, which is what
    makes them a fence. It closes the handle that was idle longest to make room for other settings.
    """

    def __init__(self, name: str, open_handle: Callable[[], Handle], size: int, *, fenced: bool = False) -> None:
        self.name, self.size = name, size
        self._open, self._fenced = open_handle, fenced
        self._idle: list[tuple[dict[str, Any], Handle]] = []  # the one used last at the end
        self._total = 0
        self._closed = self._ended = False
        self._changed = threading.Condition()

    @property
    def busy(self) -> int:
        """How many handles are lent."""
        with self._changed:
            return self._total - len(self._idle)

    @contextlib.contextmanager
    def lend(self, settings: Settings, wait_s: float) -> Iterator[Handle]:
        """A clean handle that runs under `settings`.

        Raises:
            Refused: none became free within `wait_s`, or the pool is closed.
        """
        handle = self._take(dict(settings), wait_s)
        try:
            if not self._fenced:
                handle.use(settings)
            yield handle
        except BaseException:
            self._give_back(dict(settings), handle, keep=not self._fenced and handle.clean())
            raise
        self._give_back(dict(settings), handle, keep=True)

    def close(self, wait_s: float) -> bool:
        """Refuse new work, wait for what is running, close all handles. False when something was still running at the end."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()
            done = self._changed.wait_for(lambda: self._total == len(self._idle), wait_s)
            idle, self._idle = self._idle, []
            self._total -= len(idle)
            self._ended = True
        for _, handle in idle:
            handle.close()
        return done

    def _take(self, settings: dict[str, Any], wait_s: float) -> Handle:
        with self._changed:
            if not self._changed.wait_for(lambda: self._closed or self._idle or self._total < self.size, wait_s):
                raise Refused(f"all {self.size} {self.name} of the store have been busy for {wait_s:g} s", retry_after_s=2.0, reason="busy")
            if self._closed:
                raise Refused("the store is closing", retry_after_s=5.0, reason="closing")
            for index in range(len(self._idle) - 1, -1, -1):
                if not self._fenced or self._idle[index][0] == settings:
                    return self._idle.pop(index)[1]
            stale = self._idle.pop(0)[1] if self._total >= self.size else None
            self._total += stale is None
        return self._opened(settings, stale)

    def _opened(self, settings: dict[str, Any], stale: Handle | None) -> Handle:
        handle: Handle | None = None
        try:
            if stale is not None:
                stale.close()
            handle = self._open()
            if self._fenced:
                handle.use(settings)
                handle.fence()
        except BaseException:
            self._drop(handle)
            raise
        return handle

    def _give_back(self, settings: dict[str, Any], handle: Handle, *, keep: bool) -> None:
        with self._changed:
            if keep and not self._ended:
                self._idle.append((settings, handle))
                self._changed.notify_all()
                return
        STORE_HANDLES_REPLACED.labels(pool=self.name).inc()
        log.debug("store handle closed after an error", pool=self.name)
        self._drop(handle)

    def _drop(self, handle: Handle | None) -> None:
        try:
            if handle is not None:
                handle.close()
        finally:
            with self._changed:
                self._total -= 1
                self._changed.notify_all()
