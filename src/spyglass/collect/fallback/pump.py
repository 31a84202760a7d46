"""A source that blocks becomes an asynchronous stream: a thread of its own reads, so that the kernel's queues are emptied in time whatever else goes on."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import AsyncIterator
from typing import Final, Protocol

import structlog

from spyglass.collect.records import Exit, Lost, Record

__all__ = ["Source", "pumped"]

_MAX_WAITING: Final = 200_000  # records; beyond, new ones are dropped and counted, but how a process ended
_WAIT_S: Final = 0.25  # how long a read may block, and so how long stopping takes

log = structlog.get_logger()


class Source(Protocol):
    """Something to read records from, by one thread."""

    def read(self, timeout_s: float) -> list[Record]:
        """What happened; waits so long for something at most, and then gives nothing."""

    def close(self) -> None:
        """Let go of everything."""


class _Pump:
    def __init__(self, source: Source, loop: asyncio.AbstractEventLoop) -> None:
        self.arrived = asyncio.Event()
        self.failed: BaseException | None = None
        self._source, self._loop = source, loop
        self._lock, self._stop = threading.Lock(), threading.Event()
        self._waiting: list[Record] = []
        self._dropped = 0

    def run(self) -> None:
        try:
            while not self._stop.is_set():
                records = self._source.read(_WAIT_S)
                if records:
                    self._put(records)
        except Exception as error:
            self.failed = error
        finally:
            self._source.close()
            self._wake()

    def stop(self) -> None:
        self._stop.set()

    def take(self) -> list[Record]:
        with self._lock:
            records, self._waiting = self._waiting, []
            dropped, self._dropped = self._dropped, 0
            self.arrived.clear()
        if dropped:
            records.append(Lost(time.time_ns(), {"collector_behind": dropped}))
        return records

    def _put(self, records: list[Record]) -> None:
        with self._lock:
            if len(self._waiting) >= _MAX_WAITING:
                kept: list[Record] = [record for record in records if type(record) is Exit]
                self._dropped += len(records) - len(kept)
                records = kept
            self._waiting += records
        self._wake()

    def _wake(self) -> None:
        try:
            self._loop.call_soon_threadsafe(self.arrived.set)
        except RuntimeError:
            log.debug("loop closed before its source")


async def pumped(source: Source) -> AsyncIterator[list[Record]]:
    """Batches of what the source reads, until it fails (with its error) or the stream is closed. The source is closed by its own thread."""
    pump = _Pump(source, asyncio.get_running_loop())
    thread = threading.Thread(target=pump.run, name="spyglass-source", daemon=True)
    thread.start()
    try:
        while pump.failed is None:
            await pump.arrived.wait()
            if records := pump.take():
                yield records
        raise pump.failed
    finally:
        pump.stop()
        await asyncio.to_thread(thread.join, 5.0)
