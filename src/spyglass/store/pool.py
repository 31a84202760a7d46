"""Handles to the database, lent to one thread at a time: settings come in, a clean handle that runs under them goes out.

A handle that saw an exception is only lent again after it proved itself clean (`handles.py` says why); else it is closed and a new one opened.
"""

from __future__ import annotations

import contextlib
import threading
from collections import deque
from collections.abc import Callable, Iterator
from typing import Any

import structlog

from spyglass.model.errors import Refused
from spyglass.store.handles import Handle, Settings
from spyglass.telemetry.metrics import STORE_HANDLES_REPLACED

__all__ = ["Pool"]

log = structlog.get_logger()


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
        self._waiting: deque[object] = deque()  # who asked first is first: a request that asks again and again would keep all others out

    @property
    def busy(self) -> int:
        """How many handles are lent."""
        with self._changed:
            return self._total - len(self._idle)

    @property
    def waiting(self) -> int:
        """How many wait for a handle."""
        with self._changed:
            return len(self._waiting)

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
            self._give_back(dict(settings), handle, keep=handle.clean())
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
            if not self._reach_turn(wait_s):
                text = f"all {self.size} {self.name} of the store have been busy for {wait_s:g} s; many ask at once: ask again in a moment"
                raise Refused(text, retry_after_s=2.0, reason="busy")
            if self._closed:
                raise Refused("the store is closing", retry_after_s=5.0, reason="closing")
            for index in range(len(self._idle) - 1, -1, -1):
                if not self._fenced or self._idle[index][0] == settings:
                    return self._idle.pop(index)[1]
            stale = self._idle.pop(0)[1] if self._total >= self.size else None
            self._total += stale is None
        return self._opened(settings, stale)

    def _reach_turn(self, wait_s: float) -> bool:
        """Wait until a handle is free that nobody asked for earlier, or the pool is closed."""
        turn = object()
        self._waiting.append(turn)
        try:
            return self._changed.wait_for(lambda: self._closed or (self._waiting[0] is turn and (bool(self._idle) or self._total < self.size)), wait_s)
        finally:
            self._waiting.remove(turn)
            self._changed.notify_all()  # the next one may have a free handle, too

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
        if not self._ended:
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
