"""A viewer that comes back with its cursor gets what it missed, then what is new: no gap, no repeat."""

import asyncio

import pytest

from spyglass.model.schema import Kind
from spyglass.stream.cursor import Cursor
from spyglass.testing.rows import events, spans

FAST = "rate=2000&burst=10000"


def names(*batches: range) -> list[str]:
    return [f"row {i}" for batch in batches for i in batch]


def numbered(batch: range):
    return spans(len(batch), first=batch[0], name=names(batch))


@pytest.mark.parametrize("row", [0, 3, 9])
async def test_a_socket_resumes_within_and_between_batches(live, row):
    """Whatever the last frame was, the next one is the row after it; live frames follow."""
    async with live.socket(FAST) as viewer:
        await viewer.until(len)
        live.publish(numbered(range(10)))
        cursor = (await viewer.frames(10))[row]["cursor"]
    live.publish(numbered(range(10, 20)))
    live.publish(events(3), Kind.EVENT)
    async with live.socket(f"{FAST}&kind=span&cursor={cursor}") as viewer:
        await viewer.frames(19 - row)
        live.publish(numbered(range(20, 25)))
        frames = await viewer.frames(24 - row)
    assert [frame["name"] for frame in frames] == names(range(row + 1, 25))


async def test_events_resume_from_the_last_event_id(live):
    """The header wins over the address, which a browser repeats as it was."""
    async with live.events(FAST) as viewer:
        old = (await viewer.until(len))[0]["cursor"]
        live.publish(numbered(range(10)))
        cursor = (await viewer.frames(10))[6]["cursor"]
    async with live.events(f"{FAST}&cursor={old}", **{"Last-Event-ID": cursor}) as viewer:
        assert [frame["name"] for frame in await viewer.frames(3)] == names(range(7, 10))


async def test_the_cursor_of_hello_and_of_a_heartbeat_resume(start):
    """Also a viewer that has not got a frame yet misses nothing."""
    live = await start(heartbeat_s=0.05)
    async with live.socket("query=name:none") as viewer:
        hello = (await viewer.until(len))[0]["cursor"]
        live.publish(numbered(range(4)))
        await viewer.until(lambda frames: frames[-1]["type"] == "heartbeat" and frames[-1]["cursor"] != hello)
        beat = viewer.seen[-1]["cursor"]
    live.publish(numbered(range(4, 6)))
    for cursor, first in ((hello, 0), (beat, 4)):
        async with live.socket(f"cursor={cursor}") as viewer:
            assert [frame["name"] for frame in await viewer.frames(6 - first)] == names(range(first, 6))


async def test_nothing_is_missing_while_batches_keep_coming(live):
    """Catching up and becoming live overlap with publishing, and yet each row comes once."""
    async with live.socket(FAST) as viewer:
        cursor = (await viewer.until(len))[0]["cursor"]
    batches = [range(at * 200, at * 200 + 200) for at in range(20)]
    for batch in batches[:10]:
        live.publish(numbered(batch))
    tables = [numbered(batch) for batch in batches[10:]]
    async with live.socket(f"{FAST}&cursor={cursor}") as viewer:
        for table in tables:
            live.publish(table)
            so_far = len(viewer.seen)
            await viewer.until(lambda frames, so_far=so_far: len(frames) > so_far)
        frames = await viewer.frames(4000)
        assert [frame["name"] for frame in frames] == names(range(4000))
    assert live.hub.status().dropped == {}


async def test_more_than_the_bound_is_told_with_its_time(start):
    """The newest frames come; of the older ones it is told how many and from when."""
    live = await start(replay_frames=5)
    async with live.socket(FAST) as viewer:
        await viewer.until(len)
        live.publish(numbered(range(1)))
        cursor = (await viewer.frames(1))[0]["cursor"]
    live.publish(numbered(range(1, 9)))
    live.publish(numbered(range(9, 12)))
    async with live.socket(f"{FAST}&cursor={cursor}") as viewer:
        frames = await viewer.frames(5)
        lost = await viewer.one("lost")
    assert [frame["name"] for frame in frames] == names(range(7, 12))
    assert (lost["count"], lost["reason"]) == (6, "expired")
    assert lost["since"] == "2026-01-01T00:00:00.005000000Z"  # when the row of the cursor was received
    assert lost["until"] >= lost["since"]


async def test_what_is_no_longer_in_memory_is_told(start):
    """A viewer that was away for long gets the rest, after the time from which lists have what is missing."""
    live = await start(ring_bytes=round(2.5 * numbered(range(100)).get_total_buffer_size()))
    async with live.socket(FAST) as viewer:
        await viewer.until(len)
        live.publish(numbered(range(100)))
        cursor = (await viewer.frames(100))[-1]["cursor"]
        for at in range(1, 6):
            live.publish(numbered(range(at * 100, at * 100 + 100)))
        everything = await viewer.frames(600)
    async with live.socket(f"{FAST}&cursor={cursor}") as viewer:
        lost = await viewer.one("lost")
        assert (lost["count"], lost["reason"], lost["since"]) == (None, "expired", "2026-01-01T00:00:00.104000000Z")
        assert await viewer.frames(200) == everything[-200:]


async def test_a_cursor_of_another_process_is_told_as_expired(live):
    """After a restart the viewer goes on live, and knows what to ask the lists for."""
    live.publish(numbered(range(3)))
    async with live.socket(f"cursor={Cursor(99, 1_767_225_600_000, 4)}") as viewer:
        assert (await viewer.one("lost"))["since"] == "2026-01-01T00:00:00.000000000Z"
        assert len(await viewer.frames(3)) == 3


async def test_a_paused_viewer_gets_nothing_and_then_everything(live):
    """Pausing is a gap that resuming closes."""
    async with live.socket(FAST) as viewer, live.socket(FAST) as other:
        await asyncio.gather(viewer.until(len), other.until(len))
        live.publish(numbered(range(5)))
        await asyncio.gather(viewer.frames(5), other.frames(5))
        await viewer.say(type="pause", id="p")
        assert (await viewer.one("paused"))["id"] == "p"
        live.publish(numbered(range(5, 10)))
        await other.frames(10)
        assert live.hub.status().paused == 1
        await viewer.say(type="ping")
        await viewer.one("pong")
        assert len(viewer.seen) == 6  # hello and five frames
        await viewer.say(type="resume")
        live.publish(numbered(range(10, 15)))
        assert await viewer.frames(15) == await other.frames(15)
