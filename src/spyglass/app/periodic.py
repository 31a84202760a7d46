"""Work that is done again and again while the server runs: plain functions in, each called in a worker thread at its interval.

One that fails or takes long harms no other: each has a task of its own, a failure is logged and counted, and the next round comes at its time.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Final

import structlog

from spyglass.model.errors import Refused
from spyglass.telemetry.metrics import PERIODIC_RUNS, PERIODIC_SECONDS

__all__ = ["Periodic", "pause_s"]

log = structlog.get_logger()

_LONGEST_PAUSE_S: Final = 20.0  # a busy machine learns of what is new all the same


@dataclass(frozen=True, slots=True)
class _Work:
    name: str
    every_s: float
    run: Callable[[], None]


class Periodic:
    """Add work while the server is built; it is done while it runs."""

    def __init__(self, share: float = 0.02) -> None:
        """`share`: of the time, that one work may take; what has much to do does it less often."""
        self._share = share
        self._works: list[_Work] = []

    def add(self, name: str, every_s: float, run: Callable[[], None]) -> None:
        """Call `run` about every so many seconds, less often when it takes long, the first time at once. `name` is a metric's label.

        Raising `Refused` means: not now, which is no failure.
        """
        self._works.append(_Work(name, every_s, run))

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Do it within the block; what is under way at its end is waited for."""
        stopping = asyncio.Event()
        async with asyncio.TaskGroup() as group:
            for work in self._works:
                group.create_task(_again(work, self._share, stopping), name=f"periodic {work.name}")
            try:
                yield
            finally:
                stopping.set()


def pause_s(every_s: float, took_s: float, share: float) -> float:
    """Seconds until it is done again: as it was asked for, or more where it took long, but then not for ever."""
    return max(every_s, min(took_s / share, _LONGEST_PAUSE_S))


async def _again(work: _Work, share: float, stopping: asyncio.Event) -> None:
    while not stopping.is_set():
        began = time.perf_counter()
        await asyncio.to_thread(_once, work)
        try:
            async with asyncio.timeout(pause_s(work.every_s, time.perf_counter() - began, share)):
                await stopping.wait()
        except TimeoutError:
            continue


def _once(work: _Work) -> None:
    with PERIODIC_SECONDS.labels(work.name).time():
        try:
            work.run()
        except Refused:
            outcome = "refused"
        except Exception:  # the next round may go well
            log.exception("periodic work failed", work=work.name)
            outcome = "failed"
        else:
            outcome = "done"
    PERIODIC_RUNS.labels(work.name, outcome).inc()
