"""What the server itself has to tell, on the road of all telemetry: events from any thread in, log records of the service `spyglass` out.

Told at least once: whoever tells the same again gives it the same times and attributes, so that it is the same record.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from importlib.metadata import version
from typing import Final

import structlog

from spyglass.collect.counts import Counts
from spyglass.collect.delivery import Delivery, Source, Submit
from spyglass.collect.otlp import Scope
from spyglass.model.clock import Clock
from spyglass.model.errors import Refused
from spyglass.model.finding import SERVER_SCOPE
from spyglass.model.told import Event, Told

__all__ = ["Announcer"]

log = structlog.get_logger()

_NAME: Final = "spyglass"
_MOST_EVENTS: Final = 20_000  # that wait for the road
_ENDING_S: Final = 10.0  # for what waits when the server stops


class Announcer:
    """A bounded queue, and the task that empties it in order."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._counts = Counts(_NAME)
        self._loop: asyncio.AbstractEventLoop | None = None
        self._queue: asyncio.Queue[tuple[str, Sequence[Event]]] = asyncio.Queue()
        self._waiting = 0
        self._lock = threading.Lock()

    def __call__(self, project: str, events: Sequence[Event]) -> None:
        """`plugin.contracts.Announce`.

        Raises:
            Refused: the server is not running, or too much waits; nothing was taken.
        """
        with self._lock:
            if self._loop is None or self._waiting + len(events) > _MOST_EVENTS:
                raise Refused("the server cannot tell this now; try again in a moment", retry_after_s=5)
            self._waiting += len(events)
            self._loop.call_soon_threadsafe(self._queue.put_nowait, (project, tuple(events)))

    @asynccontextmanager
    async def running(self, submit: Submit) -> AsyncIterator[None]:
        """Take events within the block; what waits at its end is still told."""
        self._loop = asyncio.get_running_loop()
        telling = asyncio.create_task(self._tell(submit), name="announcer")
        try:
            yield
        finally:
            with self._lock:
                self._loop = None
            await asyncio.sleep(0)  # what threads handed over is in the queue then
            try:
                async with asyncio.timeout(_ENDING_S):
                    await self._queue.join()
            except TimeoutError:
                log.warning("announcements not kept", events=self._waiting)
                self._counts.dropped("stopped", self._waiting)
            telling.cancel()
            await asyncio.wait([telling])

    async def _tell(self, submit: Submit) -> None:
        scope = Scope(SERVER_SCOPE, version(_NAME))
        while True:
            project, events = await self._queue.get()
            self._counts.seen(len(events))
            try:
                await Delivery(Source(_NAME, scope, project, 0.0, runner=False), submit, self._counts, self._clock).deliver(Told(events=events))
            except Exception:  # a fault of whoever made the events; those of others go on
                log.exception("announcements not told", events=len(events))
                self._counts.dropped("failed", len(events))
            finally:
                with self._lock:
                    self._waiting -= len(events)
                self._queue.task_done()
