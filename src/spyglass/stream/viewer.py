"""One viewer: what it wants, where it stands in the stream, what waits for it. Its connection's task reads `next` and sends what it gets.

A viewer is live (the hub puts its frames into the outbox), or behind (it reads the ring itself, up to its end), or paused.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial
from typing import Any, Final, Protocol

import structlog

from spyglass.model.clock import Clock
from spyglass.stream.bucket import Bucket
from spyglass.stream.cursor import Cursor
from spyglass.stream.evaluate import Found, Plan, sums_of
from spyglass.stream.filter import Want
from spyglass.stream.frame import Whole, iso, render
from spyglass.stream.outbox import Group, Outbox
from spyglass.stream.replay import Missed, missed, page_rows, trim
from spyglass.stream.ring import Entry, Place, Ring
from spyglass.stream.windows import Windows
from spyglass.telemetry.metrics import STREAM_FRAMES

__all__ = ["Limits", "Run", "Shared", "Viewer"]

log = structlog.get_logger()

_LATEST_NS: Final = 2**63 - 1


class Run(Protocol):
    """Runs a plain function in the hub's worker thread."""

    def __call__(self, function: Callable[..., Any], *arguments: Any) -> Awaitable[Any]:
        """Its result."""


@dataclass(frozen=True, slots=True)
class Limits:
    """The bounds of the live view."""

    queue_frames: int = 2_000  # that may wait for one viewer
    max_viewers: int = 500
    heartbeat_s: float = 15.0
    replay_frames: int = 10_000  # of what a viewer missed
    ring_bytes: int = 64 * 2**20
    ring_s: float = 600.0


@dataclass(frozen=True, slots=True)
class Shared:
    """What all viewers stand on."""

    ring: Ring
    limits: Limits
    clock: Clock
    whole: Whole
    run: Run
    now_ns: Callable[[], int]  # wall time that never goes back


class Viewer:
    """Not for several threads. The hub makes it; `close` ends it."""

    def __init__(self, shared: Shared, want: Want, cursor: Cursor | None) -> None:
        self.outbox = Outbox(shared.limits.queue_frames)
        self.plan: Plan
        self.windows: Windows | None = None
        self.place: Place  # up to there everything has been put into the outbox, or was not wanted
        self.seen = ""  # the cursor of `place`
        self.paused = self.closed = self._behind = False
        self.sent = 0  # frames
        self._shared = shared
        self._missed: deque[Missed] | None = None  # what is still to be read while it is behind; None: to be looked for
        self._budget = 0
        self._woken: asyncio.Future[None] | None = None
        self.want(want, cursor, "hello")

    @property
    def live(self) -> bool:
        """Whether the hub feeds it."""
        return not (self._behind or self.paused or self.closed)

    def want(self, want: Want, cursor: Cursor | None, say: str) -> None:
        """From now on want this, from the place of the cursor or from now; what still waits is dropped. The viewer is told what was understood."""
        ring = self._shared.ring
        self.outbox.forget()
        self.plan = Plan(want, Bucket(want.wants.rate, want.burst))
        self.paused = False
        found = ring.end if cursor is None else ring.find(cursor)
        self._start(ring.start if found is None else found, str(cursor or ring.end_cursor), behind=cursor is not None)
        length_s = want.wants.window_s
        begin_ns = self._shared.now_ns() if cursor is None else None
        self.windows = length_s and Windows(length_s, tuple(name for name, _ in want.group_by), self.seen, begin_ns) or None
        self.outbox.tell({"type": say, **self._understood()})
        if cursor is not None and found is None:
            self._expired(cursor.received_ms, ring.start_ms, None)
        self.wake()

    def pause(self) -> None:
        """Send nothing but answers until `resume`."""
        self.paused = True
        self.wake()

    def resume(self) -> None:
        """Go on after the last frame, with what was missed."""
        self.paused = False
        if not self._behind:
            self._start(self.place, self.seen, behind=True)
        self.wake()

    def take(self, plan: Plan, found: Found, entry: Entry, cursor: str) -> None:
        """What the hub found in an entry under a plan, if that is still what the viewer waits for. `cursor`: of the entry's end."""
        if plan is not self.plan or not self.live or entry.end <= self.place:
            return
        self.place, self.seen = entry.end, cursor
        if found.over:
            self.outbox.lose("rate", found.over)
        if found.failed or entry.lost:
            self.outbox.lose("server", found.failed + entry.lost)
        if self.windows is not None:
            self._put(*self.windows.add(found.sums, entry.arrived_ns, cursor))
        elif found.frames:
            self.outbox.put(found.frames, found.size_bytes)
        self.wake()

    def tick(self, now_ns: int) -> None:
        """Send the windows that are over."""
        if self.live and self.windows is not None:
            self._put(*self.windows.close(now_ns))

    def close(self) -> None:
        """Send nothing more."""
        self.closed = True
        self.wake()

    def wake(self) -> None:
        """Let `next` look again."""
        if self._woken is not None and not self._woken.done():
            self._woken.set_result(None)

    async def next(self) -> Group | None:
        """What to send now; waits for it. An empty group is a heartbeat. None: the viewer is closed."""
        loop = asyncio.get_running_loop()
        heartbeat_s = loop.time() + self._shared.limits.heartbeat_s
        while not self.closed:
            catching_up = self._behind and not self.paused and not len(self.outbox)
            if catching_up:
                await self._catch_up()
            now_s, due_s = loop.time(), self.outbox.due_s(frames_too=not self.paused)
            if due_s is not None and due_s <= now_s:
                group = self.outbox.take(now_s, frames_too=not self.paused)
                self.sent += len(group.bodies)
                STREAM_FRAMES.inc(len(group.bodies))
                return group
            if heartbeat_s <= now_s:
                return Group([], self._safe_cursor())
            if not catching_up:
                await self._sleep(min(heartbeat_s, due_s or heartbeat_s))
        return None

    async def _sleep(self, until_s: float) -> None:
        loop = asyncio.get_running_loop()
        self._woken = loop.create_future()
        timer = loop.call_at(until_s, self.wake)
        try:
            await self._woken
        finally:
            timer.cancel()
            self._woken = None

    async def _catch_up(self) -> None:
        """One step: look what was missed, or put a page of it into the outbox, or become live."""
        if self._missed:
            await self._read_page(self._missed)
            return
        entries = self._shared.ring.after(self.place)
        if not entries:
            self._behind = False
            self.tick(self._shared.now_ns())
            return
        plan = self.plan
        found: list[Missed] = await self._shared.run(missed, plan, entries, self.place, self._shared.now_ns())
        if plan is self.plan and self._behind:
            self._missed = deque(found if plan.windowed else self._within_budget(found))

    def _within_budget(self, found: list[Missed]) -> list[Missed]:
        kept, left_out = trim(found, self._budget)
        if left_out:
            first = self._shared.ring.get(next((one.end.number for one in kept if len(one.rows)), kept[-1].end.number))
            since_ms = self._shared.ring.start_ms if self.place.number < 0 else self._received_ms(self.place.number)
            self._expired(since_ms, self._shared.ring.start_ms if first is None else first.last.received_ms, left_out)
        self._budget -= sum(len(one.rows) for one in kept)
        return kept

    def _received_ms(self, number: int) -> int:
        entry = self._shared.ring.get(number)
        return self._shared.ring.start_ms if entry is None else entry.last.received_ms

    async def _read_page(self, waiting: deque[Missed]) -> None:
        plan, one = self.plan, waiting[0]
        rows = one.rows if plan.windowed else one.rows[: page_rows(plan, self._shared.limits.queue_frames)]
        entry = self._shared.ring.get(one.end.number)
        if entry is None:
            self.outbox.lose("slow", len(one.rows))
            self._move(waiting, one, len(one.rows))
        elif self.windows is not None:
            sums = await self._shared.run(sums_of, plan, entry, rows, self._shared.now_ns())
            if plan is self.plan and self._behind:
                self._move(waiting, one, len(rows))
                self._put(*self.windows.add(sums, entry.arrived_ns, self.seen))
        else:
            frames = await self._shared.run(render, entry, rows, self._shared.whole if plan.full else None) if len(rows) else []
            if plan is self.plan and self._behind:
                self._move(waiting, one, len(rows))
                self._put(*frames)
