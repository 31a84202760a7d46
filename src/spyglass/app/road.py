"""The road: bodies in, rows on the disk, viewers told. decode → refine → publish, as one thread runs it.

While a group of bodies is worked on, the next ones gather; then all of them go together, so that the fixed cost of columns is paid once and not per
request. An answer waits for the flush to disk, the road does not: the next group is decoded meanwhile.
"""

from __future__ import annotations

import asyncio
import queue
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Final, Protocol

import structlog
import xxhash

from spyglass.decode.decoder import Decoded
from spyglass.model.batch import Batch
from spyglass.model.body import Body, Outcome, Signal
from spyglass.model.clock import Clock
from spyglass.model.errors import Refused, SpyglassError, StoreError
from spyglass.plugin.contracts import Receipt

__all__ = ["Refinery", "Road"]

log = structlog.get_logger()

_GROUP_BYTES: Final = 4 * 2**20  # about 5,000 spans: larger groups gain nothing and delay the answers
_GROUP_BODIES: Final = 1_000


class Decode(Protocol):
    """`decode.decoder.Decoder.decode`."""

    def __call__(self, signal: Signal, bodies: Sequence[Body], received_ns: int) -> Decoded:
        """Bodies of one signal to one batch."""


@dataclass(frozen=True, slots=True)
class Refinery:
    """All stages as one, and how to undo what they remember of a batch that could not be kept after all."""

    refine: Callable[[Batch], Batch | None]
    forget: Callable[[Batch], None]


class Append(Protocol):
    """`publish.log.Log`, as far as the road needs it."""

    def append(self, batches: Sequence[Batch], keys: Sequence[bytes] = ()) -> Future[Receipt]:
        """Keep batches; the future is done when they are on the disk."""

    def seen(self, key: bytes) -> bool:
        """Whether a body with this content was kept before."""


@dataclass(slots=True)
class _Waiting:
    """One body and everyone who waits for its outcome (a retry may overtake the answer)."""

    body: Body
    key: bytes
    waiters: list[Callable[[Outcome | SpyglassError], None]] = field(default_factory=list)

    def answer(self, outcome: Outcome | SpyglassError) -> None:
        for tell in self.waiters:
            tell(outcome)


class Road:
    """`model.body.Sink`, and the thread behind it."""

    def __init__(self, decode: Decode, refinery: Refinery, keep: Append, tell: Callable[[int, Batch], None], clock: Clock) -> None:
        self._decode, self._refinery, self._keep, self._tell, self._clock = decode, refinery, keep, tell, clock
        self._queue: queue.SimpleQueue[_Waiting | None] = queue.SimpleQueue()
        self._under_way: dict[bytes, _Waiting] = {}
        self._lock = threading.Lock()
        self._thread = threading.Thread(target=self._run, name="road", daemon=True)
        self._open = False

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

    def submit_and_wait(self, body: Body, timeout_s: float = 60.0) -> Outcome:
        """The same for a thread of its own (imports)."""
        answer: Future[Outcome] = Future()
        self._enter(body, lambda outcome: answer.set_exception(outcome) if isinstance(outcome, SpyglassError) else answer.set_result(outcome))
        return answer.result(timeout_s)

    def _enter(self, body: Body, tell: Callable[[Outcome | SpyglassError], None]) -> None:
        if not self._open:
            raise Refused("the server is stopping; send again in a moment", retry_after_s=5)
        key = _key(body)
        with self._lock:
            known = self._under_way.get(key)
            if known is not None:
                known.waiters.append(tell)
                return
            waiting = _Waiting(body, key, [tell])
            self._under_way[key] = waiting
        self._queue.put(waiting)

    def _run(self) -> None:
        while (first := self._queue.get()) is not None:
            self._take(self._gather(first))

    def _gather(self, first: _Waiting) -> list[_Waiting]:
        """What waits, as far as one group goes. Never waits for more: senders prepare their next bodies while these are worked on."""
        group, size = [first], len(first.body.data)
        while size < _GROUP_BYTES and len(group) < _GROUP_BODIES and not self._queue.empty():
            further = self._queue.get()
            if further is None:
                self._queue.put(None)
                break
            group.append(further)
            size += len(further.body.data)
        return group

    def _take(self, group: list[_Waiting]) -> None:
        new = [waiting for waiting in group if not self._answered_before(waiting)]
        for signal in {waiting.body.signal for waiting in new}:
            members = [waiting for waiting in new if waiting.body.signal == signal]
            try:
                self._carry(signal, members)
            except SpyglassError as error:
                self._finish(members, [error] * len(members))
            except Exception:
                log.exception("road failed", signal=signal, bodies=len(members))
                self._finish(members, [StoreError("the server failed on this request; its log says why")] * len(members))

    def _answered_before(self, waiting: _Waiting) -> bool:
        if not waiting.body.data or not self._keep.seen(waiting.key):
            return False
        self._finish([waiting], [Outcome(0)])
        return True

    def _carry(self, signal: Signal, members: list[_Waiting]) -> None:
        decoded = self._decode(signal, [waiting.body for waiting in members], self._clock.now_ns())
        outcomes: list[Outcome | SpyglassError] = list(decoded.outcomes)
        batch = self._refinery.refine(decoded.batch) if len(decoded.batch) else None
        if batch is None or not len(batch):
            self._finish(members, outcomes)
            return
        keys = [waiting.key for waiting, outcome in zip(members, outcomes, strict=True) if isinstance(outcome, Outcome) and outcome.accepted]
        self._keep.append([batch], keys).add_done_callback(lambda done: self._kept(done, batch, members, outcomes))

    def _kept(self, done: Future[Receipt], batch: Batch, members: list[_Waiting], outcomes: list[Outcome | SpyglassError]) -> None:
        error = done.exception()
        if error is None:
            self._finish(members, outcomes)
            if not done.result().duplicate:
                self._tell(done.result().last, batch)
            return
        self._refinery.forget(batch)
        refusal = error if isinstance(error, SpyglassError) else StoreError("the log could not be written; the server's log says why")
        self._finish(members, [refusal if isinstance(outcome, Outcome) and outcome.accepted else outcome for outcome in outcomes])

    def _finish(self, members: Sequence[_Waiting], outcomes: Sequence[Outcome | SpyglassError]) -> None:
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


def _resolve_in(loop: asyncio.AbstractEventLoop, answer: asyncio.Future[Outcome], outcome: Outcome | SpyglassError) -> None:
    def resolve() -> None:
        if answer.done():  # the client has gone
            return
        if isinstance(outcome, SpyglassError):
            answer.set_exception(outcome)
        else:
            answer.set_result(outcome)

    loop.call_soon_threadsafe(resolve)
