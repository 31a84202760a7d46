"""What waits for analyzers: deliveries of the bus in, as many batches as are taken at once out.

Memory is bounded by rows. What is more is passed over, and counted, and nothing more is kept until somebody begins anew: it is all in the store, where it
can be read in its order.
"""

from __future__ import annotations

import asyncio
from collections import deque
from typing import Final

import pyarrow as pa
import pyarrow.compute as pc

from spyglass.model.batch import Batch
from spyglass.plugin.contracts import Subscription
from spyglass.telemetry.metrics import ANALYSIS_PASSED_OVER

__all__ = ["Backlog"]

_MOST_ROWS: Final = 50_000  # of some 2 kB


class Backlog:
    """Used by the tasks of one event loop."""

    def __init__(self, subscription: Subscription, after_ns: int, most_rows: int = _MOST_ROWS) -> None:
        """`after_ns`: what arrived until then is not taken."""
        self._subscription, self._most_rows = subscription, most_rows
        self._waiting: deque[Batch] = deque()
        self._rows = 0
        self._came = asyncio.Event()
        self._after_ns = after_ns
        self.behind = False  # something was passed over since the last beginning
        self.passed_over = 0  # rows, since then

    def __len__(self) -> int:
        return len(self._waiting)

    async def take(self) -> None:
        """Keep what comes, until the subscription is closed."""
        async for delivery in self._subscription:
            if delivery.lost:
                self._pass_over(delivery.lost)
            if self.behind or self._rows + len(delivery.batch) > self._most_rows:
                self._pass_over(len(delivery.batch))
            else:
                self._waiting.append(delivery.batch)
                self._rows += len(delivery.batch)
            self._came.set()

    def begin(self, after_ns: int) -> int:
        """Keep again what comes; of that, what arrived later than `after_ns` is given out. How many rows were passed over before."""
        passed_over, self.passed_over = self.passed_over, 0
        self.behind, self._after_ns = False, after_ns
        return passed_over

    async def next(self, most_rows: int, *, silence_s: float, gather_s: float) -> list[Batch]:
        """What came, and what comes within a moment after it, so many rows at most (one batch may have more); nothing after a silence."""
        try:
            async with asyncio.timeout(silence_s):
                while not self._waiting and not self.behind:
                    self._came.clear()
                    await self._came.wait()
        except TimeoutError:
            return []
        await asyncio.sleep(gather_s)
        batches: list[Batch] = []
        rows = 0
        while self._waiting and rows < most_rows:
            batch = self._waiting.popleft()
            self._rows -= len(batch)
            rows += len(batch)
            batches.append(self._fresh(batch))
        return [batch for batch in batches if len(batch)]

    def _pass_over(self, rows: int) -> None:
        """And what waits, to keep the order."""
        self.behind = True
        self.passed_over += rows + self._rows
        ANALYSIS_PASSED_OVER.inc(rows + self._rows)
        self._waiting.clear()
        self._rows = 0

    def _fresh(self, batch: Batch) -> Batch:
        arrived = batch.rows["received"].cast(pa.int64())
        if pc.min(arrived).as_py() > self._after_ns:
            return batch
        return batch.with_rows(batch.rows.filter(pc.greater(arrived, self._after_ns)))
