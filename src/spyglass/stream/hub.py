"""The hub of the live view: one subscription of the bus in, frames for every viewer out. One task reads; one worker thread evaluates and renders.

No viewer can slow the hub down: it never waits for one, and each has its own bounded outbox.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Final, TypeVar

import structlog

from spyglass.config.spec import Stream
from spyglass.model.clock import Clock
from spyglass.model.errors import Refused
from spyglass.plugin.contracts import Delivery, Subscription
from spyglass.stream.cursor import Cursor
from spyglass.stream.evaluate import Found, Kindred, Plan, evaluate
from spyglass.stream.filter import Filter, Want
from spyglass.stream.frame import Whole
from spyglass.stream.kin import Kinships
from spyglass.stream.ring import Entry, Ring
from spyglass.stream.shared import Limits, Shared
from spyglass.stream.viewer import Viewer
from spyglass.telemetry.metrics import STREAM_VIEWERS

__all__ = ["Hub", "HubStatus", "Limits"]

log = structlog.get_logger()

_T = TypeVar("_T")
_SHORTEST_S: Final = 0.02  # between two looks at the clock for windows that are over
_LONGEST_S: Final = 1.0


@dataclass(frozen=True, slots=True)
class HubStatus:
    """The live view in numbers, for health pages; counts are since it began."""

    running: bool
    viewers: int
    max_viewers: int
    paused: int
    waiting_frames: int  # in the queues of all viewers
    sent_frames: int
    dropped: dict[str, int] = field(default_factory=dict)  # frames by reason: slow, rate, server, expired
    recent_batches: int = 0
    recent_bytes: int = 0
    last_offset: int = -1  # of the log, of the newest batch seen; -1: none yet


class Hub:
    """Made anywhere; used by the thread of one event loop only, within `async with hub.running()`."""

    def __init__(self, subscription: Subscription, settings: Stream, clock: Clock, limits: Limits | None = None) -> None:
        self.settings, self.limits = settings, limits or Limits()
        self._subscription, self._clock = subscription, clock
        self._last_ns = clock.now_ns()
        self._ring = Ring(self.limits.ring_bytes, self.limits.ring_s, self._last_ns)
        self._kin = Kinships(self.limits.kin_bytes, self.limits.kin_s)
        self._worker = ThreadPoolExecutor(1, "stream")
        self._shared = Shared(self._ring, settings, self.limits, self._run, self._now_ns)
        self._viewers: dict[Viewer, None] = {}  # in the order in which they came
        self._turn = asyncio.Lock()  # of the ring and the live viewers: one batch, or one closing of windows
        self._running = self._closed = False
        self._lost_before = 0  # rows that did not reach the hub, still to be told
        self._gone_sent = 0
        self._gone_lost: Counter[str] = Counter()

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Feed the viewers for as long as the block lasts, or until `close`."""
        feeding = asyncio.create_task(self._feed(), name="stream-hub")
        try:
            yield
        finally:
            self.close()
            await feeding

    async def _feed(self) -> None:
        self._running = True
        try:
            async with asyncio.TaskGroup() as tasks:
                windows = tasks.create_task(self._close_windows(), name="stream-windows")
                async for delivery in self._subscription:
                    async with self._turn:
                        await self._deliver(delivery)
                windows.cancel()
        except Exception:
            log.exception("live view failed")
        finally:
            self._running = False
            self.close()
            self._worker.shutdown(wait=False)

    def close(self) -> None:
        """End every viewer; no more may join. To be called before the web server stops, which waits for its connections."""
        self._closed = True
        self._subscription.close()
        for viewer in self._viewers:
            viewer.close()

    @contextmanager
    def join(self, want: Want, whole: Whole, cursor: Cursor | None = None) -> Iterator[Viewer]:
        """A new viewer, for as long as the block lasts. With a cursor it first gets what came after it. `whole` renders records for `fields=full`.

        Raises:
            Refused: there are as many viewers as there may be, or the hub is closed.
        """
        if self._closed:
            raise Refused("the live view is closed: the server is stopping; come back in a moment", retry_after_s=5)
        if len(self._viewers) >= self.settings.max_viewers:
            raise Refused(f"there are already {len(self._viewers)} live viewers (stream.max_viewers); close one, or raise the setting", retry_after_s=10)
        viewer = Viewer(self._shared, want, whole, cursor)
        self._viewers[viewer] = None
        STREAM_VIEWERS.set(len(self._viewers))
        try:
            yield viewer
        finally:
            viewer.close()
            del self._viewers[viewer]
            STREAM_VIEWERS.set(len(self._viewers))
            self._gone_sent += viewer.sent
            self._gone_lost.update(viewer.outbox.lost)

    def status(self) -> HubStatus:
        """How the live view is doing."""
        lost = Counter(self._gone_lost)
        for viewer in self._viewers:
            lost.update(viewer.outbox.lost)
        return HubStatus(
            running=self._running,
            viewers=len(self._viewers),
            max_viewers=self.settings.max_viewers,
            paused=sum(viewer.paused for viewer in self._viewers),
            waiting_frames=sum(len(viewer.outbox) for viewer in self._viewers),
            sent_frames=self._gone_sent + sum(viewer.sent for viewer in self._viewers),
            dropped={reason: count for reason, count in lost.items() if count},
            recent_batches=len(self._ring),
            recent_bytes=self._ring.size_bytes,
            last_offset=self._ring.end_cursor.offset,
        )

    async def _deliver(self, delivery: Delivery) -> None:
        if not len(delivery.batch):
            self._lost_before += delivery.lost
            return
        before = self._ring.end_cursor
        entry = self._ring.append(replace(delivery, lost=delivery.lost + self._lost_before), self._now_ns())
        self._lost_before = 0
        live = [(viewer, viewer.plan) for viewer in self._viewers if viewer.live]
        related = {viewer.plan.want.filter for viewer in self._viewers if viewer.plan.want.filter.related}  # of those who pause, too
        if not live and not related:
            self._kin.clear()
            return
        look = partial(self._look, entry, [plan for _, plan in live], related, str(before), self._clock.monotonic())
        try:
            found = await self._run(look)
        except Exception:
            log.exception("live batch failed", kind=str(entry.batch.kind), rows=len(entry.batch))
            found = [Found(failed=len(entry.batch))] * len(live)
        for (viewer, plan), one in zip(live, found, strict=True):
            viewer.take(plan, one, entry)

    def _look(self, entry: Entry, plans: list[Plan], related: set[Filter], before: str, now_s: float) -> list[Found]:
        """In the worker's thread, while the ring stands still."""
        brought = self._kin.follow(related, self._ring.after(self._ring.start) if related else [], entry, entry.arrived_ns)
        return evaluate(entry, plans, entry.arrived_ns, now_s, Kindred(brought, self._ring.get, before))

    async def _close_windows(self) -> None:
        while True:
            async with self._turn:
                now_ns = self._now_ns()
                for viewer in self._viewers:
                    viewer.tick(now_ns)
            ends = [viewer.windows.end_ns for viewer in self._viewers if viewer.live and viewer.windows is not None and viewer.windows.end_ns is not None]
            left_s = (min(ends) - self._now_ns()) / 1e9 if ends else _LONGEST_S
            await asyncio.sleep(min(_LONGEST_S, max(_SHORTEST_S, left_s)))

    async def _run(self, function: Callable[[], _T]) -> _T:
        return await asyncio.get_running_loop().run_in_executor(self._worker, function)

    def _now_ns(self) -> int:
        self._last_ns = max(self._last_ns, self._clock.now_ns())
        return self._last_ns
