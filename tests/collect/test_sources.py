"""When a watch has ended: what still comes is told, and there is an end to that."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from itertools import count

from spyglass.collect.records import Lost, Record
from spyglass.collect.sources import until

SECOND_NS = 1_000_000_000


class Stopped:
    """A clock that stands still."""

    def now_ns(self) -> int:
        return 100 * SECOND_NS


async def every_half_second(begin: int) -> AsyncIterator[Sequence[Record]]:
    """A machine on which something happens all the time."""
    for number in count():
        await asyncio.sleep(0)
        yield [Lost(begin * SECOND_NS + number * SECOND_NS // 2, 1)]


async def test_what_goes_on_forever_has_an_end() -> None:
    """What happened before it was over is told, also when it comes late, and what happened just after; nothing more is waited for."""
    over = asyncio.Event()
    over.set()
    told = [record.time_ns / SECOND_NS async for batch in until(every_half_second(90), over, 2, Stopped()) for record in batch]
    assert told == [90 + number / 2 for number in range(26)]  # the first that is beyond two seconds ends it


async def test_silence_is_an_end() -> None:
    """A source that has nothing left to tell is not waited for."""

    async def once() -> AsyncIterator[Sequence[Record]]:
        yield [Lost(99 * SECOND_NS, 1)]
        await asyncio.Event().wait()

    over = asyncio.Event()
    over.set()
    assert len([batch async for batch in until(once(), over, 0.05, Stopped())]) == 1
