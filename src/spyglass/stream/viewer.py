"""One viewer: what it wants, where it stands in the stream, what waits for it. Its connection's task sends what `next` gives.

A viewer is live (the hub fills its outbox), or catching up (it reads the ring itself, up to its end), or paused.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any, Final

from spyglass.model.times import iso
from spyglass.stream.bucket import Bucket
from spyglass.stream.catchup import CatchUp, Page
from spyglass.stream.cursor import Cursor
from spyglass.stream.evaluate import Found, Plan
from spyglass.stream.filter import Want
from spyglass.stream.frame import Frame, Whole
from spyglass.stream.outbox import Group, Outbox
from spyglass.stream.ring import Entry, Place
from spyglass.stream.shared import Shared
from spyglass.stream.windows import Windows
from spyglass.telemetry.metrics import STREAM_FRAMES

__all__ = ["Viewer"]

_LATEST_MS: Final = (2**63 - 1) // 10**6


class Viewer:
    """Not for several threads. Made by `Hub.join`."""

    plan: Plan
    place: Place  # up to there everything is in the outbox, or was not wanted
    seen: Cursor  # of `place`

    def __init__(self, shared: Shared, want: Want, whole: Whole, cursor: Cursor | None) -> None:
        self.outbox = Outbox(shared.settings.queue_frames)
        self.windows: Windows | None = None
        self.paused = self.closed = False
        self.sent = 0  # frames
        self._shared, self._whole = shared, whole
        self._room = asyncio.Event()
        self._catch_up: CatchUp | None = None
        self._woken: asyncio.Future[None] | None = None
        self.show(want, cursor, {"type": "hello"})

    @property
    def live(self) -> bool:
        """Whether the hub feeds it."""
        return self._catch_up is None and not self.paused and not self.closed

    def show(self, want: Want, cursor: Cursor | None, say: dict[str, Any]) -> None:
        """From now on give this, from the place of the cursor or from now; what still waits is dropped. The viewer is told what was understood."""
        ring = self._shared.ring
        self.outbox.forget()
        self.paused = False
        self.plan = Plan(want, Bucket(want.wants.rate, want.burst), self._whole if want.wants.fields == "full" else None)
        self.place, self.seen, self._catch_up = ring.end, ring.end_cursor, None
        found = None if cursor is None else ring.find(cursor)
        if cursor is not None:
            self.seen = cursor
            self._catch_up = CatchUp(self._shared, self.plan, ring.start if found is None else found, cursor)
        self.windows = self._windows(want, begin_ns=self._shared.now_ns() if cursor is None else None)
        self.outbox.tell({**say, **self._understood()})
        if cursor is not None and found is None:
            self._expired(cursor.received_ms, ring.start_ms)
        self.wake()

    def tell(self, note: dict[str, Any]) -> None:
        """Answer the viewer, before any frame that waits."""
        self.outbox.tell(note)
        self.wake()

    def pause(self) -> None:
        """Send nothing but answers until `resume`."""
        self.paused = True

    def resume(self) -> None:
        """Go on where `pause` stopped, with what was missed."""
        if self.paused and self._catch_up is None:
            self._catch_up = CatchUp(self._shared, self.plan, self.place, self.seen)
        self.paused = False
        self.wake()

    def take(self, plan: Plan, found: Found, entry: Entry) -> None:
        """What the hub found in an entry under a plan, if this is still what the viewer waits for."""
        if plan is not self.plan or not self.live or entry.end <= self.place:
            return
        self.place, self.seen = entry.end, entry.last
        self.outbox.lose("rate", found.over)
        self.outbox.lose("server", found.failed + entry.lost)
        if self.windows is not None:
            self._put(self.windows.add(found.sums, entry.arrived_ns, str(entry.last)))
        else:
            self.outbox.put(found.frames, found.size_bytes)
        self.wake()

    def tick(self, now_ns: int) -> None:
        """Send the windows that are over."""
        if self.live and self.windows is not None:
            self._put(self.windows.close(now_ns))
            self.wake()

    def close(self) -> None:
        """Send nothing more."""
        self.closed = True
        self._room.set()
        self.wake()

    def wake(self) -> None:
        """Let `next` look again."""
        if self._woken is not None and not self._woken.done():
            self._woken.set_result(None)

    async def room(self) -> None:
        """Wait while the viewer asks more than it reads."""
        while self.outbox.crowded and not self.closed:
            self._room.clear()
            await self._room.wait()

    async def next(self) -> Group | None:
        """What to send now; waits for it. An empty group is a heartbeat. None: the viewer is closed."""
        loop = asyncio.get_running_loop()
        heartbeat_s = loop.time() + self._shared.limits.heartbeat_s
        while not self.closed:
            behind = self._catch_up is not None and not self.paused and self.outbox.room > 0
            if behind:
                await self._step()
            now_s, due_s = loop.time(), self.outbox.due_s(frames_too=not self.paused)
            if due_s is not None and due_s <= now_s:
                return self._group(now_s)
            if heartbeat_s <= now_s:
                return Group([], self._safe_cursor())
            if not behind:
                await self._sleep(min(heartbeat_s, heartbeat_s if due_s is None else due_s))
        return None

    def _group(self, now_s: float) -> Group:
        group = self.outbox.take(now_s, frames_too=not self.paused)
        self._room.set()
        self.sent += len(group.bodies)
        STREAM_FRAMES.inc(len(group.bodies))
        return group

    async def _sleep(self, until_s: float) -> None:
        loop = asyncio.get_running_loop()
        self._woken = loop.create_future()
        timer = loop.call_at(until_s, self.wake)
        try:
            await self._woken
        finally:
            timer.cancel()
            self._woken = None

    async def _step(self) -> None:
        """A page of what was missed into the outbox, or the end of catching up."""
        catch_up = self._catch_up
        if catch_up is None:
            return
        page = await catch_up.step(self.outbox.room)
        if catch_up is not self._catch_up:  # it wants something else now
            return
        self._read(page)
        if catch_up.done:
            self.place, self.seen, self._catch_up = catch_up.place, catch_up.seen, None
            self.tick(self._shared.now_ns())

    def _read(self, page: Page) -> None:
        self.outbox.lose("slow", page.gone)
        self.outbox.lose("server", page.failed)
        if page.expired is not None:
            left_out, until_ms = page.expired
            self._expired(self.seen.received_ms, until_ms, left_out)
        if self.windows is not None and page.entry is not None:
            self._put(self.windows.add(page.sums or {}, page.entry.arrived_ns, str(page.entry.last)))
        else:
            self._put(page.frames)

    def _put(self, frames: Sequence[Frame]) -> None:
        self.outbox.put(frames, sum(len(frame.body) for frame in frames))

    def _windows(self, want: Want, begin_ns: int | None) -> Windows | None:
        length_s = want.wants.window_s
        names = tuple(name for name, _ in want.group_by)
        return None if length_s is None else Windows(length_s, names, str(self.seen), begin_ns)

    def _expired(self, since_ms: int, until_ms: int, count: int | None = None) -> None:
        """Rows received between the two times have to be asked for elsewhere."""
        self.outbox.lose_before(count, iso(min(since_ms, _LATEST_MS) * 10**6), iso(until_ms * 10**6))

    def _safe_cursor(self) -> str | None:
        """Where to resume after what was sent so far; None where that is not the end of anything."""
        if self.windows is not None:
            return self.windows.cursor
        return str(self.seen) if self._catch_up is None and not len(self.outbox) else None

    def _understood(self) -> dict[str, Any]:
        want, limits = self.plan.want, self._shared.limits
        return {
            "query": want.query,
            "project": want.wants.project,
            "kinds": sorted(want.filter.kinds),
            "rate": want.wants.rate,
            "burst": want.burst,
            "fields": want.wants.fields,
            "window_s": want.wants.window_s,
            "group_by": [name for name, _ in want.group_by],
            "cursor": str(self.seen),
            "time": iso(self._shared.now_ns()),
            "limits": {
                "queue_frames": self._shared.settings.queue_frames,
                "replay_frames": limits.replay_frames,
                "replay_s": limits.ring_s,
                "heartbeat_s": limits.heartbeat_s,
            },
        }
