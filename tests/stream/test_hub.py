"""The hub as a whole: many viewers, and nothing left behind."""

import asyncio

from prometheus_client import REGISTRY

from spyglass.testing.rows import spans


async def test_fifty_viewers_get_their_rows(live):
    """Each viewer has another search, and gets exactly what it asks for."""
    async with asyncio.TaskGroup() as tasks:

        async def one(which: int) -> None:
            session = f"session-{which % 10}"
            async with live.socket(f"session={session}&rate=2000&burst=10000") as viewer:
                await viewer.until(len)
                ready.release()
                frames = await viewer.frames(16 * 3)
                assert {frame["session_id"] for frame in frames} == {session}
                assert len({frame["cursor"] for frame in frames}) == 48

        ready = asyncio.Semaphore(0)
        for which in range(50):
            tasks.create_task(one(which))
        for _ in range(50):
            await ready.acquire()
        assert live.hub.status().viewers == 50
        for _ in range(3):
            live.publish(spans(512))
    await live.viewers(0)
    assert live.hub.status().sent_frames >= 50 * 49


async def test_viewers_leave_nothing_behind(live):
    """However a viewer goes, its tasks end, its place is free, and the gauge says so."""
    before = set(asyncio.all_tasks())
    async with live.socket() as first, live.events() as second, live.socket("window_s=1") as third:
        await asyncio.gather(first.until(len), second.until(len), third.until(len))
        live.publish(spans(10))
        await asyncio.gather(first.frames(10), second.frames(10))
        assert REGISTRY.get_sample_value("spyglass_stream_viewers") == 3
        third.connection.transport.abort()  # without a word
    await live.viewers(0)
    assert REGISTRY.get_sample_value("spyglass_stream_viewers") == 0
    await live.eventually(lambda: not {task for task in asyncio.all_tasks() - before if "viewer" in task.get_name() or "ASGI" in repr(task)})


async def test_a_viewer_gone_while_catching_up_is_noticed(live):
    """Also one that reads the past leaves no task behind."""
    async with live.socket() as viewer:
        cursor = (await viewer.until(len))[0]["cursor"]
    for _ in range(5):
        live.publish(spans(500))
    async with live.socket(f"cursor={cursor}&fields=full") as viewer:
        await viewer.until(len)
        viewer.connection.transport.abort()
    await live.viewers(0)


async def test_losses_of_viewers_that_left_still_count(live):
    """The status is since the beginning."""
    async with live.socket("rate=1&burst=1") as viewer:
        await viewer.until(len)
        live.publish(spans(10))
        await viewer.one("lost")
    await live.viewers(0)
    status = live.hub.status()
    assert status.dropped == {"rate": 9}
    assert status.sent_frames >= 3
    assert (status.running, status.last_offset, status.recent_batches) == (True, 1, 1)


async def test_the_hub_ends_with_its_bus(live):
    """Health then says that the live view does not run."""
    async with live.socket() as viewer:
        await viewer.until(len)
        live.bus.close()
        await live.viewers(0)
    assert live.hub.status().running is False
