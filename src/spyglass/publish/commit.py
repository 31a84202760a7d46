"""Group commit: encoded appends in from many threads, receipts out; one thread writes whatever has gathered while the last write was flushed."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Final

import structlog

from spyglass.model.errors import Refused, SpyglassError, StoreError
from spyglass.plugin.contracts import Receipt
from spyglass.publish.frame import Encoded

__all__ = ["Committer", "resolved"]

_GROUP_BYTES: Final = 16 << 20  # of one write; more waits for the next one

log = structlog.get_logger()

Write = Callable[[Sequence[Encoded]], list[Receipt]]  # all or none; raises Refused


@dataclass(eq=False, slots=True)
class _Append:
    encoded: Encoded
    future: Future[Receipt] = field(default_factory=Future)
    twins: list[Future[Receipt]] = field(default_factory=list)  # of those who brought the same keys meanwhile


class Committer:
    """The queue and its thread. The caller of `submit` and `join` holds `lock`; `write` and the futures' callbacks run without it."""

    def __init__(self, lock: threading.Lock, write: Write, counted: Callable[[Refused], Refused]) -> None:
        self.pending_bytes = 0  # queued or being written
        self.lock = lock
        self._work = threading.Condition(lock)
        self._write = write
        self._counted = counted
        self._queue: deque[_Append] = deque()
        self._flying: dict[bytes, _Append] = {}
        self._closing = False
        self._thread = threading.Thread(target=self._run, name="log-writer", daemon=True)
        self._thread.start()

    def submit(self, encoded: Encoded) -> Future[Receipt]:
        """Queue an append."""
        append = _Append(encoded)
        append.future.set_running_or_notify_cancel()  # from here on nobody can cancel it
        self._queue.append(append)
        self.pending_bytes += encoded.size_bytes
        self._flying.update(dict.fromkeys(encoded.keys, append))
        self._work.notify()
        return append.future

    def join(self, keys: Sequence[bytes]) -> Future[Receipt] | None:
        """The outcome of the append on its way that holds all these keys; None when there is none such."""
        append = self._flying.get(keys[0]) if keys else None
        if append is None or any(self._flying.get(key) is not append for key in keys):
            return None
        twin: Future[Receipt] = Future()
        twin.set_running_or_notify_cancel()
        append.twins.append(twin)
        return twin

    def close(self, timeout_s: float) -> bool:
        """Write what is queued, then end the thread; False when that takes longer."""
        with self.lock:
            self._closing = True
            self._work.notify()
        self._thread.join(timeout_s)
        return not self._thread.is_alive()

    def _run(self) -> None:
        while group := self._gather():
            outcome: list[Receipt] | Refused | StoreError
            try:
                outcome = self._write([append.encoded for append in group])
            except Refused as refusal:
                outcome = refusal
            except Exception as error:  # the thread must live on: everybody waits for it
                outcome = StoreError(f"log: the writer failed: {error!r}")
            self._settle(group, outcome)
            if isinstance(outcome, SpyglassError):
                with suppress(OSError):  # what we print may go to the same full disk
                    log.error("log write failed", error=outcome.message, appends=len(group))

    def _gather(self) -> list[_Append]:
        with self.lock:
            self._work.wait_for(lambda: self._queue or self._closing)
            group: list[_Append] = []
            size_bytes = 0
            while self._queue and size_bytes < _GROUP_BYTES:
                group.append(self._queue.popleft())
                size_bytes += group[-1].encoded.size_bytes
            return group

    def _settle(self, group: list[_Append], outcome: list[Receipt] | Refused | StoreError) -> None:
        with self.lock:
            for append in group:
                self.pending_bytes -= append.encoded.size_bytes
                for key in append.encoded.keys:
                    if self._flying.get(key) is append:
                        del self._flying[key]
        for at, append in enumerate(group):
            if isinstance(outcome, list):
                last = outcome[at].last
                append.future.set_result(outcome[at])
                for twin in append.twins:
                    twin.set_result(Receipt(last + 1, last, duplicate=True))
            else:
                for future in (append.future, *append.twins):
                    future.set_exception(self._counted(outcome) if isinstance(outcome, Refused) else StoreError(outcome.message))


def resolved(receipt: Receipt) -> Future[Receipt]:
    """A future that is done."""
    future: Future[Receipt] = Future()
    future.set_result(receipt)
    return future
