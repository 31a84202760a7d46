"""The only fan-out in memory: batches that the log has kept in, from any thread; the same batches out to each live subscriber's task.

Nothing here is durable, and a subscriber that is slow loses only its own deliveries (unless its policy is `wait`).
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from functools import partial
from typing import Self

from spyglass.model.batch import Batch
from spyglass.plugin.contracts import Delivery
from spyglass.publish.policy import Policy, Queue

__all__ = ["Bus", "BusSubscription"]


class Bus:
    """Hands each batch to every subscriber."""

    def __init__(self) -> None:
        self._subscriptions: tuple[BusSubscription, ...] = ()  # replaced as a whole, so that publishing needs no lock
        self._changing = threading.Lock()

    def subscribe(self, name: str, policy: Policy = Policy.DROP_OLDEST, capacity: int = 64, timeout_s: float = 1.0) -> BusSubscription:
        """Everything published from now on. `name` is a metric's label: one of few; it may be used by several subscribers at once.

        `capacity` is in batches; `timeout_s` is how long the policy `wait` holds a publisher back before it drops the batch.
        """
        subscription = BusSubscription(Queue(name, policy, capacity, timeout_s), self._leave)
        with self._changing:
            self._subscriptions = (*self._subscriptions, subscription)
        return subscription

    def publish(self, offset: int, batch: Batch) -> None:
        """Offer a batch to every subscriber. From any thread but that of a subscriber with the policy `wait`, which alone may make it block."""
        for subscription in self._subscriptions:
            subscription.queue.put(Delivery(offset, batch))

    def close(self) -> None:
        """End every subscription."""
        for subscription in self._subscriptions:
            subscription.close()

    def _leave(self, gone: BusSubscription) -> None:
        with self._changing:
            self._subscriptions = tuple(each for each in self._subscriptions if each is not gone)


class BusSubscription:
    """A `contracts.Subscription`. Leave it with `close`, or use it in a `with`."""

    def __init__(self, queue: Queue, leave: Callable[[BusSubscription], None]) -> None:
        self.name = queue.name
        self.queue = queue
        self._leave = leave

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> Delivery:
        """The next delivery."""
        while not self.queue.closed:
            loop = asyncio.get_running_loop()
            woken: asyncio.Future[None] = loop.create_future()
            delivery = self.queue.take(partial(self._wake, loop, woken))
            if delivery is not None:
                return delivery
            await woken
        raise StopAsyncIteration

    def close(self) -> None:
        """Leave: nothing more is queued, and the iteration ends. From any thread."""
        self._leave(self)
        self.queue.close()

    def _wake(self, loop: asyncio.AbstractEventLoop, woken: asyncio.Future[None]) -> None:
        """Once per time that the reader sleeps, not once per batch."""
        try:
            loop.call_soon_threadsafe(_finish, woken)
        except RuntimeError:  # its loop is closed: nobody will ever read
            self.close()


def _finish(woken: asyncio.Future[None]) -> None:
    if not woken.done():
        woken.set_result(None)
