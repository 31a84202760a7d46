"""A source in a thread of its own."""

from __future__ import annotations

import asyncio
import threading

import pytest

from spyglass.collect.fallback import pump
from spyglass.collect.fallback.pump import pumped
from spyglass.collect.records import Actor, Exit, Fork, Lost

WHO = Actor(1, 1, 0, 0, 1)


class Given:
    """A source of what it is given; then it waits, or fails."""

    def __init__(self, batches, failure=None):
        self.batches, self.failure, self.closed, self.all_read = list(batches), failure, threading.Event(), threading.Event()

    def read(self, timeout_s):
        if self.batches:
            return self.batches.pop(0)
        self.all_read.set()
        if self.failure:
            raise self.failure
        self.closed.wait(0.01)
        return []

    def close(self):
        self.closed.set()


async def test_what_is_read_comes_out_and_closing_closes():
    """By the thread that read it."""
    source = Given([[Fork(1, WHO, 2, 2)], [Exit(2, WHO, 0, 0)]])
    stream, out = pumped(source), []
    async for batch in stream:
        out += batch
        if len(out) == 2:
            break
    await stream.aclose()
    assert [type(record) for record in out] == [Fork, Exit]
    assert source.closed.is_set()


async def test_a_failure_reaches_who_reads():
    """As it was raised."""
    with pytest.raises(OSError, match="gone"):
        async for _ in pumped(Given([], OSError("gone"))):
            pass


async def test_what_finds_no_room_is_counted_but_ends_of_processes_are_kept(monkeypatch):
    """When nobody reads for long."""
    monkeypatch.setattr(pump, "_MAX_WAITING", 10)
    source = Given([[Fork(1, WHO, 2, 2)] * 10, [Fork(1, WHO, 2, 2)] * 7 + [Exit(2, WHO, 0, 0)]])
    stream = pumped(source)
    coming = asyncio.ensure_future(anext(stream))
    await asyncio.sleep(0)  # the thread has started; the loop is blocked until it has read all
    assert source.all_read.wait(60)
    batch = await coming
    await stream.aclose()
    assert [type(record) for record in batch] == [Fork] * 10 + [Exit, Lost]
    assert batch[-1].counts == {"collector_behind": 7}
