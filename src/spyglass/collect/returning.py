"""A source that failed is opened again, while another tells what it can: a probe takes seconds to begin on a busy machine, and much can happen in them."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator

from spyglass.collect.sources import Opened
from spyglass.model.clock import Clock
from spyglass.model.errors import Refused, SpyglassError

__all__ = ["Returning"]


class Returning:
    """Tries to open a source, after each of some pauses (s); `back` is set when it is there, and from `since_ns` on it sees everything."""

    def __init__(self, reopen: Callable[[], Awaitable[Opened]], pauses_s: Iterator[float], say: Callable[[str], None], clock: Clock) -> None:
        self.back = asyncio.Event()
        self.since_ns = 0
        self._reopen, self._pauses_s, self._say, self._clock = reopen, pauses_s, say, clock
        self._task = asyncio.create_task(self._try(), name="source returns")

    async def opened(self) -> Opened | None:
        """Wait for what comes of it; None: nothing. Who asks has to close it."""
        return await asyncio.shield(self._task)

    async def close(self) -> None:
        """Nobody waits for it any more."""
        self._task.cancel()
        [found] = await asyncio.gather(self._task, return_exceptions=True)
        if isinstance(found, Opened):
            await found.close()

    async def _try(self) -> Opened | None:
        for pause_s in self._pauses_s:
            await asyncio.sleep(pause_s)
            try:
                found = await self._reopen()
            except SpyglassError as error:
                self._say(error.message)
                if not isinstance(error, Refused):  # it will not be let in another time
                    return None
            else:
                self.since_ns = self._clock.now_ns()
                self.back.set()
                return found
        return None
