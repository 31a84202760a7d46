"""The demo, told by the server to itself: the story of `spyglass demo`, on the road of all other telemetry.

In: a wish to hear it, from the API. Out: bodies for the sink, as if agents had sent them, each counted in the ledger and the metrics. One at a time.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from typing import Final

import structlog

from spyglass.decode.pieces import Piece
from spyglass.model.body import Body, Outcome, Sink
from spyglass.model.clock import Clock
from spyglass.model.errors import Conflict, Refused, SpyglassError
from spyglass.receive.ledger import Ledger
from spyglass.show.services import Performance
from spyglass.story.day import Day
from spyglass.story.telling import Record, pieces
from spyglass.telemetry.metrics import DEMOS, RECEIVED_BYTES, RECEIVED_REQUESTS, RECEIVED_ROWS

__all__ = ["SENDER", "Demo"]

log = structlog.get_logger()

SENDER: Final = "demo"  # its name in the ledger and the metrics, where senders have an address and a transport
_TICK_S: Final = 1.0
_PER_MINUTE: Final = 6.0
_TRIES: Final = 10  # of a body that the road does not take now


class Demo:
    """`show.services.Demo`. Used by the event loop alone."""

    def __init__(self, sink: Sink, ledger: Ledger, clock: Clock) -> None:
        self._sink, self._ledger, self._clock = sink, ledger, clock
        self._group: asyncio.TaskGroup | None = None
        self._task: asyncio.Task[None] | None = None
        self._last: Performance | None = None

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """For as long as the block runs demos can be started; at its end the one that goes on is stopped."""
        async with asyncio.TaskGroup() as self._group:
            try:
                yield
            finally:
                self.stop()

    def state(self) -> Performance | None:
        """The last one, whether it goes on or not; None: nobody asked for one."""
        return self._last

    def start(self, project: str, past_s: float, live_s: float) -> Performance:
        """Begin to tell: first the past, then live.

        Raises:
            Conflict: one goes on.
            Refused: the server is stopping.
        """
        if self._task is not None and not self._task.done() and self._last is not None:
            raise Conflict(f"a demo goes on in project {self._last.project}; wait for its end, or stop it with DELETE /api/v1/demo", project=self._last.project)
        if self._group is None:
            raise Refused("the server is not ready to tell a demo; ask again in a moment")
        self._last = Performance(project, self._clock.now_ns(), past_s, live_s)
        self._task = self._group.create_task(self._perform(self._last), name="demo")
        self._task.add_done_callback(partial(_close, self._last))
        return self._last

    def stop(self) -> None:
        """End the one that goes on; what it told stays."""
        if self._task is not None:
            self._task.cancel()

    async def _perform(self, told: Performance) -> None:
        """To the end, whatever that is: a demo that fails harms nobody."""
        try:
            await self._tell(told)
            told.phase = "ended"
        except SpyglassError as error:
            told.phase, told.problem = "failed", error.message
        except Exception:
            log.exception("demo failed", project=told.project)
            told.phase, told.problem = "failed", "the server failed on it; its log says why"

    async def _tell(self, told: Performance) -> None:
        begin_ns = told.began_ns - int(told.past_s * 1e9)
        day = Day(told.began_ns, begin_ns, told.began_ns, _PER_MINUTE)
        await self._send(told, day, told.began_ns)
        told.sights = [(sight.what, sight.trace_id) for sight in {sight.what: sight for sight in day.sights}.values()]
        told.phase = "live"
        deadline = self._clock.monotonic() + told.live_s
        while self._clock.monotonic() < deadline:
            await asyncio.sleep(_TICK_S)
            await self._send(told, day, self._clock.now_ns())

    async def _send(self, told: Performance, day: Day, now_ns: int) -> None:
        """What is due. It is imagined in a thread: an hour of it takes seconds."""
        for piece in await asyncio.to_thread(_imagine, day, now_ns):
            outcome = await self._submit(Body(piece.signal, "protobuf", piece.data, told.project, SENDER, SENDER))
            self._count(told, piece, outcome)

    async def _submit(self, body: Body) -> Outcome:
        for _ in range(_TRIES - 1):
            try:
                return await self._sink.submit(body)
            except Refused as refusal:
                await asyncio.sleep(refusal.retry_after_s)
        return await self._sink.submit(body)

    def _count(self, told: Performance, piece: Piece, outcome: Outcome) -> None:
        told.records[piece.signal] += outcome.accepted
        told.rejected += outcome.rejected
        account = self._ledger.account(SENDER, told.project)
        account.requests += 1
        account.bytes += len(piece.data)
        account.accepted_rows += outcome.accepted
        account.rejected_rows += outcome.rejected
        RECEIVED_REQUESTS.labels(SENDER).inc()
        RECEIVED_BYTES.labels(SENDER).inc(len(piece.data))
        RECEIVED_ROWS.labels(piece.signal, "accepted").inc(outcome.accepted)
        RECEIVED_ROWS.labels(piece.signal, "rejected").inc(outcome.rejected)


def _close(told: Performance, task: asyncio.Task[None]) -> None:
    """A task that is stopped before its first step never runs, so its end is told here."""
    if task.cancelled():
        told.phase = "stopped"
    DEMOS.labels(told.phase).inc()


def _imagine(day: Day, now_ns: int) -> list[Piece]:
    records: list[Record] = list(day.until(now_ns))
    return list(pieces(records))
