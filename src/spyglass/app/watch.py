"""Whether the threads that everything hangs on still run. In: their names. Out: those that have ended.

A thread of ours ends when it is told to; one that ended otherwise is a fault of ours that nobody else would notice: the process lives, and data stands still.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable

__all__ = ["Watch"]


class Watch:
    """Made before the threads are started; `begin` once they run."""

    def __init__(self, names: Iterable[str]) -> None:
        self._names = tuple(names)
        self._threads: dict[str, threading.Thread | None] = {}

    def begin(self) -> None:
        """Remember the threads that run now; one that should and does not has ended already."""
        running = {thread.name: thread for thread in threading.enumerate()}
        self._threads = {name: running.get(name) for name in self._names}

    def ended(self) -> list[str]:
        """Names of those that have ended since."""
        return [name for name, thread in self._threads.items() if thread is None or not thread.is_alive()]
