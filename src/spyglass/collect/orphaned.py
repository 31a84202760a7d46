"""The kernel's programs of a probe that was killed: its collector holds them, and reads their ring until there is another probe.

Only what a probe does by itself is missing: to find the TLS libraries of programs that begin now.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Final

from spyglass.collect.probe.decode import Decoder
from spyglass.collect.probe.deposit import Left
from spyglass.collect.probe.protocol import MAX_RECORDS_BYTES
from spyglass.collect.probe.ring import Ring
from spyglass.collect.records import Record

__all__ = ["Orphaned"]

_LOOK_S: Final = 0.05  # how long records wait; the ring has room for much more


class Orphaned:
    """Of one probe: what it left, the size of its ring, the decoder of its records, and how many bytes of them came from it."""

    def __init__(self, left: Left, ring_bytes: int, decoder: Decoder, received: int) -> None:
        self._left, self._decoder, self._open = left, decoder, True
        self._ring = Ring(left.ring, ring_bytes, lambda _record: None)
        self._ring.skip(received)

    async def batches(self) -> AsyncIterator[list[Record]]:
        """Records as they come, many at a time and never none; from where the probe was, until `close`."""
        while self._open:
            if batch := self._take():
                yield batch
            else:
                await asyncio.sleep(_LOOK_S)

    def _take(self) -> list[Record]:
        runs = self._ring.take(MAX_RECORDS_BYTES)
        batch = [record for run in runs for record in self._decoder.records(b"".join(run.pieces))]
        self._ring.release()
        return batch

    async def close(self) -> None:
        """The programs end."""
        if self._open:
            self._open = False
            self._ring.close()
            await asyncio.to_thread(self._left.close)
