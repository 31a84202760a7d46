"""Runs that let themselves be stopped: their ids in, asked of the server every few seconds; a stop that was asked for there, out at the next step.

A run goes by its own id, by its span's (as the server names runs that tell no id), and by its trace's: that is what analyzers know of a run that loops.

Only for runs that were begun with `stoppable=True`, and only at a place where the program expects it: this is the one thing that this package raises into its
host. While the server is away, or has nothing to say, everything goes on.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from typing import Any, Final

import requests

from spyglass_sdk.api import Api
from spyglass_sdk.guard import harmless, log, tell
from spyglass_sdk.quiet import quiet

__all__ = ["STOPPABLE", "ExecutionStopped", "Stoppable"]

_EVERY_S: Final = 5.0
_REQUEST_S: Final = 10.0
_AT_ONCE: Final = 1_000
_MOST: Final = 10_000  # runs of one process


class ExecutionStopped(BaseException):
    """Somebody asked on the server that this run stop. Not an `Exception`, so that an agent that catches those and tries again does end.

    Attributes:
        execution_id: which run.
        who: who asked, a person or a policy.
        note: why.
    """

    def __init__(self, execution_id: str, who: str, note: str) -> None:
        super().__init__(f"execution {execution_id} was stopped by {who or 'somebody'}" + (f": {note}" if note else ""))
        self.execution_id, self.who, self.note = execution_id, who, note


class Stoppable:
    """The runs of this process that let themselves be stopped. Safe from any thread."""

    def __init__(self, every_s: float = _EVERY_S, api: Callable[[], Api] = Api.found) -> None:
        self._every_s, self._api = every_s, api
        self._lock = threading.Lock()
        self._running: dict[str, ExecutionStopped | None] = {}
        self._named: dict[str, tuple[str, ...]] = {}  # by the run's own id: all that it goes by
        self._thread: threading.Thread | None = None
        self._wake = threading.Event()

    @harmless(None)
    def add(self, execution_id: str, *also: str) -> None:
        """One has begun, which goes by other ids, too; too many are not asked for."""
        with self._lock:
            if len(self._running) >= _MOST:
                raise ValueError(f"{_MOST} stoppable executions run here already; this one cannot be stopped")
            self._running[execution_id] = None
            self._named[execution_id] = (execution_id, *(one for one in also if one.strip("0-")))  # zeros: nothing is recorded
            if self._thread is None or not self._thread.is_alive():
                self._thread = threading.Thread(target=self._run, name="spyglass-stops", daemon=True)
                self._thread.start()

    def drop(self, execution_id: str) -> None:
        """It has ended; with the last one nothing is asked any more."""
        with self._lock:
            self._running.pop(execution_id, None)
            self._named.pop(execution_id, None)
            idle = not self._running
        if idle:
            self._wake.set()

    def find(self, execution_id: str) -> ExecutionStopped | None:
        """Why it shall stop; None: it shall not."""
        return self._running.get(execution_id)

    def ask(self) -> None:
        """Ask for all of them once.

        Raises:
            requests.RequestException: the server is away, or does not know such questions.
            ValueError: it answered something else.
        """
        with self._lock:
            ids = list(dict.fromkeys(name for own, stop in self._running.items() if stop is None for name in self._named[own]))
        for first in range(0, len(ids), _AT_ONCE):
            self._ask(ids[first : first + _AT_ONCE])

    def _ask(self, ids: list[str]) -> None:
        api = self._api()
        url, body = f"{api.url}/api/v1/execution-stops/heard", {"execution_ids": ids}
        answer = requests.post(url, params={"project": api.project}, json=body, headers=api.headers, timeout=_REQUEST_S)
        answer.raise_for_status()
        items: list[dict[str, Any]] = answer.json()["items"]
        with self._lock:
            wanted = {item["execution_id"]: (str(item["who"]), str(item["note"])) for item in items}
            for own, names in self._named.items():
                told = next((wanted[name] for name in names if name in wanted), None)
                if told is not None and self._running[own] is None:
                    self._running[own] = ExecutionStopped(own, *told)
                    log.warning("execution %s shall stop: %s asked for it", own, told[0] or "somebody")

    def _run(self) -> None:
        quiet()
        while True:
            self._wake.wait(self._every_s)
            self._wake.clear()
            with self._lock:
                if not self._running:
                    self._thread = None
                    return
            try:
                self.ask()
            except (requests.RequestException, ValueError, KeyError, TypeError) as error:
                tell("stops", error)

    def forked(self) -> None:
        """They are the parent's."""
        self._lock, self._thread, self._wake = threading.Lock(), None, threading.Event()
        self._running, self._named = {}, {}


STOPPABLE: Final = Stoppable()

if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=STOPPABLE.forked)
