"""Single records in, batches to an exporter out: bounded lanes, and one daemon thread that empties them.

A full lane takes nothing more; what came too much is counted. `put` never waits.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from typing import Any, Generic, TypeVar

from spyglass_sdk.guard import tell
from spyglass_sdk.quiet import quiet
from spyglass_sdk.tally import Tally

__all__ = ["Batcher", "HeavyLane", "Lane"]

T = TypeVar("T")


class Lane(Generic[T]):
    """Records of one signal. `export` gives whether a batch was taken."""

    def __init__(self, export: Callable[[Sequence[T]], bool], tally: Tally, most: int, batch_size: int) -> None:
        self._export, self._tally = export, tally
        self._most, self._batch_size = most, min(batch_size, most)
        self._queue: deque[T] = deque()
        self.wake: Callable[[], None] = lambda: None

    def put(self, record: T) -> None:
        """Keep a record, or count it as lost."""
        self._tally.record()
        waiting = len(self._queue)
        if waiting >= self._most:
            self._tally.lose(1, "queue_full")
            return
        self._queue.append(record)
        if waiting + 1 == self._batch_size:
            self.wake()

    def empty(self) -> None:
        """Export all that waits now. Only one thread at a time may call it."""
        left = len(self._queue)
        while left > 0:
            batch = [self._queue.popleft() for _ in range(min(left, self._batch_size))]
            left -= len(batch)
            self._send(batch)

    def _send(self, batch: Sequence[T]) -> None:
        try:
            taken = self._export(batch)
        except Exception as error:  # a thread that ends would end all delivery
            tell("export", error)
            taken = False
        if taken:
            return
        if len(batch) == 1:
            self._tally.lose(1, "unencodable")
            return
        for record in batch:  # one bad record must not take the others with it
            self._send([record])


class HeavyLane(Lane[T]):
    """A lane of records that may be large: what waits, and each batch, is bounded in bytes, too."""

    def __init__(self, export: Callable[[Sequence[T]], bool], tally: Tally, most: int, batch_size: int, weigh: Callable[[T], int], most_bytes: int) -> None:
        """`weigh` says how large a record is where that matters; a batch has so many bytes as `most_bytes` / 8, or one record."""
        super().__init__(export, tally, most, batch_size)
        self._weigh, self._most_bytes = weigh, most_bytes
        self._weights: deque[int] = deque()
        self._waiting_bytes = 0
        self._putting = threading.Lock()

    def put(self, record: T) -> None:
        """Keep a record, or count it as lost."""
        size = self._weigh(record)
        with self._putting:  # a record and its size go in together
            if size and self._waiting_bytes + size > self._most_bytes:
                self._tally.record()
                self._tally.lose(1, "queue_full")
                return
            waiting = len(self._queue)
            super().put(record)
            if len(self._queue) > waiting:
                self._weights.append(size)
                self._waiting_bytes += size
        if self._waiting_bytes > self._most_bytes // 8:
            self.wake()

    def empty(self) -> None:
        """Export all that waits now. Only one thread at a time may call it."""
        left = len(self._weights)
        while left > 0:
            batch = self._batch(left)
            left -= len(batch)
            self._send(batch)

    def _batch(self, most: int) -> list[T]:
        batch: list[T] = []
        size = 0
        with self._putting:
            while len(batch) < min(most, self._batch_size) and (not batch or size + self._weights[0] <= self._most_bytes // 8):
                batch.append(self._queue.popleft())
                size += (weight := self._weights.popleft())
                self._waiting_bytes -= weight
        return batch


class Batcher:
    """Empties lanes each `interval_s`, and earlier when one holds a whole batch or somebody asks."""

    def __init__(self, lanes: Sequence[Lane[Any]], before: Callable[[int], None], collect: Callable[[], None], interval_s: float) -> None:
        """`before` is called ahead of each round with the wall time in ns, `collect` ahead of each that was asked for; what they record goes along."""
        self._lanes, self._before, self._collect, self._interval_s = lanes, before, collect, interval_s
        self._wake = threading.Event()
        self._asked: deque[threading.Event] = deque()
        self._stopped = False
        for lane in lanes:
            lane.wake = self._wake.set
        self._thread = threading.Thread(target=self._run, name="spyglass-batch", daemon=True)
        self._thread.start()

    def round(self, timeout_s: float) -> bool:
        """Have all lanes emptied once. False when that took longer; it goes on by itself."""
        if threading.current_thread() is self._thread:
            return False  # a callback of a metric that flushes would wait for itself
        done = threading.Event()
        self._asked.append(done)
        self._wake.set()
        return done.wait(timeout_s)

    def stop(self) -> None:
        """No more rounds."""
        self._stopped = True
        self._wake.set()

    def _run(self) -> None:
        quiet()
        while not self._stopped:
            self._wake.wait(self._interval_s)
            self._wake.clear()
            asked = [self._asked.popleft() for _ in range(len(self._asked))]
            try:
                if asked:
                    self._collect()
                self._before(time.time_ns())
            except Exception as error:  # as above
                tell("batcher", error)
            for lane in self._lanes:
                lane.empty()
            for done in asked:
                done.set()
