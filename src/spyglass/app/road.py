"""The road: bodies in, rows on the disk, viewers told. decode → refine → publish, as one thread runs it.

While a group of bodies is worked on, the next ones gather; then all of them go together, so that the fixed cost of columns (10 ms, as much as 1,000 spans)
is paid once and not per request. Where several senders had bodies under way at once, and there is much to do, a group waits for the next of each a moment,
as databases do that gather commits: senders who wait for their answers would otherwise be served in turn, by halves. An answer waits for the flush to disk,
the road does not: the next group is decoded meanwhile.
"""

from __future__ import annotations

import asyncio
import queue
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Final, Protocol, cast

import structlog
import xxhash

from spyglass.app.load import Failures, Load, Waiting
from spyglass.app.notes import read_note
from spyglass.decode.decoder import Decoded
from spyglass.decode.rules import DEFAULT_PROJECT
from spyglass.model.batch import Batch
from spyglass.model.body import Body, Outcome, Signal
from spyglass.model.clock import Clock
from spyglass.model.errors import DecodeError, Refused, SpyglassError, StoreError
from spyglass.plugin.contracts import Receipt
from spyglass.refine.chain import Refined
from spyglass.telemetry.ledger import Counts, LossLedger, counts_of
from spyglass.telemetry.metrics import ROAD_REFUSED

__all__ = ["Refinery", "Road"]

log = structlog.get_logger()

_GROUP_BYTES: Final = 4 * 2**20  # about 5,000 spans: larger groups gain nothing and delay the answers
_GROUP_BODIES: Final = 1_000
_PATIENCE: Final = 0.5  # of the time that the last group took …
_LONGEST_PATIENCE_S: Final = 0.02  # … and never longer


class Decode(Protocol):
    """`decode.decoder.Decoder.decode`."""

    def __call__(self, signal: Signal, bodies: Sequence[Body], received_ns: int) -> Decoded:
        """Bodies of one signal to one batch."""


@dataclass(frozen=True, slots=True)
class Refinery:
    """All stages as one, and how to undo what they remember of a batch that could not be kept after all."""

    refine: Callable[[Batch], Refined]
    forget: Callable[[Batch], None]
    kept: Callable[[Batch], None] = lambda _: None


class Append(Protocol):
    """`publish.log.Log`, as far as the road needs it."""

    def append(self, batches: Sequence[Batch], keys: Sequence[bytes] = ()) -> Future[Receipt]:
        """Keep batches; the future is done when they are on the disk."""

    def seen(self, key: bytes) -> bytes | None:
        """The note with which a body with this content was kept before; None: it was not."""


class Road:
    """`model.body.Sink`, and the thread behind it."""

    def __init__(
        self, decode: Decode, refinery: Refinery, keep: Append, tell: Callable[[int, Batch], None], clock: Clock, ledger: LossLedger | None = None
    ) -> None:
        self._decode, self._refinery, self._keep, self._tell, self._clock = decode, refinery, keep, tell, clock
        self._ledger = ledger or LossLedger(clock)
        self._queue: queue.SimpleQueue[Waiting | None] = queue.SimpleQueue()
        self._under_way: dict[bytes, Waiting] = {}
        self._lock = threading.Lock()
        self._thread = threading.Thread(target=self._run, name="road", daemon=True)
        self._open = False
        self._senders = 1  # as many as lately had a body under way at once

    def start(self) -> None:
        """Begin to take bodies."""
        self._open = True
        self._thread.start()

    def stop(self, timeout_s: float = 30.0) -> None:
        """Take no more bodies, finish those that were taken."""
        self._open = False
        self._queue.put(None)
        self._thread.join(timeout_s)

    def depth(self) -> int:
        """Bodies that wait."""
        return self._queue.qsize()

    async def submit(self, body: Body) -> Outcome:
        """Keep a body; see `model.body.Sink`."""
        loop = asyncio.get_running_loop()
        answer: asyncio.Future[Outcome] = loop.create_future()
        self._enter(body, lambda outcome: _resolve_in(loop, answer, outcome))
        return await answer

    def _enter(self, body: Body, tell: Callable[[Outcome | SpyglassError], None]) -> None:
        if not self._open:
            raise Refused("the server is stopping; send again in a moment", retry_after_s=5)
        key = _key(body)
        with self._lock:
            known = self._under_way.get(key)
            if known is not None:
                known.waiters.append(tell)
                return
            waiting = Waiting(body, key, [tell])
            self._under_way[key] = waiting
            self._senders = max(self._senders, len(self._under_way))
        self._queue.put(waiting)

    def _run(self) -> None:
        ended_s = worked_s = 0.0
        while (first := self._queue.get()) is not None:
            busy = time.monotonic() - ended_s < worked_s
            group = self._gather(first, min(_PATIENCE * worked_s, _LONGEST_PATIENCE_S) if busy else 0.0)
            began_s = time.monotonic()
            self._take(group)
            ended_s = time.monotonic()
            worked_s = ended_s - began_s

    def _gather(self, first: Waiting, patience_s: float) -> list[Waiting]:
        """What waits, as far as one group goes; and for a moment what as many senders as lately are about to bring."""
        group, size = [first], len(first.body.data)
        until_s = time.monotonic() + patience_s
        while size < _GROUP_BYTES and len(group) < _GROUP_BODIES:
            wait_s = until_s - time.monotonic() if len(group) < self._senders else 0.0
            try:
                further = self._queue.get(timeout=max(0.0, wait_s))
            except queue.Empty:
                self._senders = max(len(group), self._senders - 1)
                break
            if further is None:
                self._queue.put(None)
                break
            group.append(further)
            size += len(further.body.data)
        return group

    def _take(self, group: list[Waiting]) -> None:
        new = [waiting for waiting in group if not self._answered_before(waiting)]
        for signal in {waiting.body.signal for waiting in new}:
            members = [waiting for waiting in new if waiting.body.signal == signal]
            try:
                decoded = self._decode(signal, [waiting.body for waiting in members], self._clock.now_ns())
                load = Load(members, decoded.outcomes, decoded.row_counts, decoded.batch).honest()
            except Exception as error:  # decode answers for each body by itself; this is a defect
                self._finish(members, [_refusal(error)] * len(members))
            else:
                self._carry(load, Failures())

    def _answered_before(self, waiting: Waiting) -> bool:
        note = self._keep.seen(waiting.key) if waiting.body.data else None
        if note is None:
            return False
        self._finish([waiting], [read_note(note)])
        return True

    def _carry(self, load: Load, failures: Failures) -> None:
        """Bring bodies on together; where that fails, in halves, until the one at fault is alone: it harms no other."""
        try:
            self._bring(load)
        except Exception as error:
            if len(load.members) == 1:
                failures.count += 1
                self._refuse(load, error)
            elif failures.too_many:
                self._refuse(load, Refused("too many requests failed at once; the server's log says why", retry_after_s=10))
            else:
                for half in load.halves():
                    self._carry(half, failures)

    def _bring(self, load: Load) -> None:
        """Refine and keep. Raises whatever a stage or the log raises at once; then nothing of the bodies is kept."""
        refined = self._refinery.refine(load.batch) if len(load.batch) else Refined(None)
        batch = refined.batch
        if batch is None or not len(batch):
            self._account(load, refined, {})
            self._finish(load.members, load.outcomes)
            return
        try:
            counts = counts_of(batch.rows)
            future = self._keep.append([batch], load.keys())
        except BaseException:
            self._refinery.forget(batch)
            raise
        future.add_done_callback(lambda done: self._kept(done, load, refined, counts))

    def _kept(self, done: Future[Receipt], load: Load, refined: Refined, counts: Counts) -> None:
        error, batch = done.exception(), cast("Batch", refined.batch)
        if error is not None:
            self._refinery.forget(batch)
            refusal = error if isinstance(error, SpyglassError) else StoreError("the log could not be written; the server's log says why")
            self._finish(load.members, [refusal if isinstance(outcome, Outcome) and outcome.accepted else outcome for outcome in load.outcomes])
            return
        try:
            self._refinery.kept(batch)
            if not done.result().duplicate:
                self._account(load, refined, counts)
        finally:
            self._finish(load.members, load.outcomes)
        if not done.result().duplicate:
            self._tell(done.result().last, batch.without_pieces())

    def _refuse(self, load: Load, error: Exception) -> None:
        """Nothing of these bodies can be kept."""
        refusal = _refusal(error)
        outcomes = [refusal if isinstance(outcome, Outcome) and outcome.accepted else outcome for outcome in load.outcomes]
        reason = str(refusal.details.get("reason", refusal.code))
        for waiting, outcome in zip(load.members, outcomes, strict=True):
            if outcome is refusal:
                ROAD_REFUSED.labels(signal=waiting.body.signal, reason=reason).inc()
                self._ledger.refuse(waiting.body.project or DEFAULT_PROJECT, waiting.body.client, waiting.body.signal, reason)
        self._finish(load.members, outcomes)

    def _account(self, load: Load, refined: Refined, counts: Counts) -> None:
        """Write in the ledger what became of all rows."""
        kind = load.batch.kind
        self._ledger.accept(kind, counts)
        for stage, dropped in refined.dropped:
            self._ledger.accept(kind, dropped)
            self._ledger.drop(kind, dropped, stage)
        for number, (waiting, outcome) in enumerate(zip(load.members, load.outcomes, strict=True)):
            body = waiting.body
            if isinstance(outcome, DecodeError):
                self._ledger.refuse(body.project or DEFAULT_PROJECT, body.client, body.signal, str(outcome.details.get("reason", outcome.code)))
            elif outcome.reasons:
                self._ledger.reject(*load.source(number), body.signal, outcome.reasons)

    def _finish(self, members: Sequence[Waiting], outcomes: Sequence[Outcome | SpyglassError]) -> None:
        with self._lock:
            for waiting in members:
                self._under_way.pop(waiting.key, None)
        for waiting, outcome in zip(members, outcomes, strict=True):
            waiting.answer(outcome)


def _key(body: Body) -> bytes:
    """16 bytes: the same content for the same project is the same body, however often it is sent."""
    digest = xxhash.xxh3_128(body.data)
    digest.update(f"\0{body.signal}\0{body.encoding}\0{body.project or ''}".encode())
    return digest.digest()


def _refusal(error: Exception) -> SpyglassError:
    """What the sender is told; an error that is none of ours is logged."""
    if isinstance(error, SpyglassError):
        return error
    log.error("road failed", exc_info=error)
    return StoreError("the server failed on this request; its log says why")


def _resolve_in(loop: asyncio.AbstractEventLoop, answer: asyncio.Future[Outcome], outcome: Outcome | SpyglassError) -> None:
    def resolve() -> None:
        if answer.done():  # the client has gone
            return
        if isinstance(outcome, SpyglassError):
            answer.set_exception(outcome)
        else:
            answer.set_result(outcome)

    loop.call_soon_threadsafe(resolve)
