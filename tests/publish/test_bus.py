"""The fan-out in memory."""

from __future__ import annotations

import asyncio
import threading

from spyglass.model.batch import Batch
from spyglass.model.schema import Kind
from spyglass.plugin.contracts import Delivery, Subscription
from spyglass.publish.bus import Bus, BusSubscription
from spyglass.publish.policy import Policy
from spyglass.testing.rows import spans

BATCH = Batch(Kind.SPAN, spans(2))


def _publish(bus: Bus, *offsets: int) -> threading.Thread:
    """From a worker thread, as the road does."""

    def run() -> None:
        for offset in offsets:
            bus.publish(offset, BATCH)

    thread = threading.Thread(target=run)
    thread.start()
    return thread


async def _read(subscription: Subscription, count: int) -> list[Delivery]:
    deliveries: list[Delivery] = []
    async with asyncio.timeout(60):
        async for delivery in subscription:
            deliveries.append(delivery)
            if len(deliveries) == count:
                break
    return deliveries


async def test_every_subscriber_gets_every_batch_in_order() -> None:
    """From a thread to two tasks that already wait."""
    bus = Bus()
    readers = [asyncio.create_task(_read(bus.subscribe("viewer"), 5)) for _ in range(2)]
    await asyncio.sleep(0)
    thread = _publish(bus, *range(5))
    for reader in readers:
        assert [delivery.offset for delivery in await reader] == list(range(5))
    thread.join()


async def test_a_slow_subscriber_loses_its_own_and_no_others() -> None:
    """It is told how many rows, and so is the operator; the fast one has all."""
    bus = Bus()
    slow, fast = bus.subscribe("slow", Policy.DROP_OLDEST, capacity=2), bus.subscribe("fast", capacity=100)
    _publish(bus, *range(10)).join()
    assert [(delivery.offset, delivery.lost) for delivery in await _read(slow, 2)] == [(8, 16), (9, 0)]
    assert [delivery.offset for delivery in await _read(fast, 10)] == list(range(10))
    assert (slow.queue.lost, len(slow.queue), fast.queue.lost, len(fast.queue)) == (16, 0, 0, 0)


async def test_wait_slows_the_publisher_to_the_pace_of_its_reader() -> None:
    """With room for one, nothing of fifty is lost."""
    bus = Bus()
    subscription = bus.subscribe("writer", Policy.WAIT, capacity=1, timeout_s=10)
    thread = _publish(bus, *range(50))
    assert [delivery.offset for delivery in await _read(subscription, 50)] == list(range(50))
    thread.join()


async def test_who_leaves_gets_nothing_more() -> None:
    """Its iteration ends, and the bus forgets it."""
    bus = Bus()
    with bus.subscribe("viewer") as subscription:
        bus.publish(0, BATCH)
    bus.publish(1, BATCH)
    assert [delivery async for delivery in subscription] == []
    assert (subscription.queue.closed, len(subscription.queue)) == (True, 0)


async def test_closing_the_bus_ends_those_who_wait() -> None:
    """A task in the middle of `async for` goes on behind it."""
    bus = Bus()
    reader = asyncio.create_task(_read(bus.subscribe("viewer"), 1))
    await asyncio.sleep(0)
    bus.close()
    assert await reader == []


async def test_a_reader_that_is_cancelled_can_read_again() -> None:
    """A timeout around one read costs no delivery."""
    subscription = (bus := Bus()).subscribe("viewer")
    reader = asyncio.create_task(_read(subscription, 1))
    await asyncio.sleep(0)
    reader.cancel()
    await asyncio.gather(reader, return_exceptions=True)
    bus.publish(7, BATCH)
    assert [delivery.offset for delivery in await _read(subscription, 1)] == [7]


def test_a_subscriber_whose_loop_is_gone_is_let_go() -> None:
    """Nobody will ever read, so the bus keeps nothing for it."""
    bus = Bus()
    subscription: BusSubscription = bus.subscribe("viewer")

    async def abandon() -> None:
        reader = asyncio.create_task(_read(subscription, 1))
        await asyncio.sleep(0)
        reader.cancel()

    asyncio.run(abandon())
    bus.publish(0, BATCH)
    assert (subscription.queue.closed, len(subscription.queue)) == (True, 0)
