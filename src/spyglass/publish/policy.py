"""What happens when a subscriber's queue is full: deliveries in, deliveries out in order, and a count of the rows that did not fit."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from dataclasses import replace
from enum import StrEnum

from spyglass.plugin.contracts import Delivery
from spyglass.telemetry.metrics import BUS_DROPPED

__all__ = ["Policy", "Queue"]


class Policy(StrEnum):
    """What a full queue does with a new delivery."""

    WAIT = "wait"  # holds the publisher back until there is room; drops the new one when that takes too long
    SKIP = "skip"  # drops the new one
    DROP_OLDEST = "drop_oldest"  # drops the oldest one in the queue


class Queue:
    """A bounded queue with a policy; any threads put, one consumer takes. Each delivery says how many rows were lost just before it."""

    def __init__(self, name: str, policy: Policy, capacity: int, timeout_s: float) -> None:
        """`capacity` in deliveries, at least 1; `timeout_s` is how long `wait` waits."""
        self.name, self.policy, self.capacity = name, policy, max(1, capacity)
        self.lost = 0  # rows, since the beginning
        self.closed = False
        self._timeout_s = timeout_s
        self._waiting: deque[Delivery] = deque()
        self._gap = 0  # rows lost after the newest delivery
        self._wake: Callable[[], None] | None = None
        self._changed = threading.Condition()

    def __len__(self) -> int:
        return len(self._waiting)

    def put(self, delivery: Delivery) -> None:
        """Queue a delivery, or drop what the policy says. Blocks only under `wait`, for `timeout_s` at most."""
        with self._changed:
            if self.policy is Policy.WAIT:
                self._changed.wait_for(lambda: self.closed or not self._full(), self._timeout_s)
            if self.closed:
                return
            if self._full() and self.policy is not Policy.DROP_OLDEST:
                self._gap += self._count_lost(delivery, "timeout" if self.policy is Policy.WAIT else "full")
                return
            if self._full():
                self._drop_oldest()
            self._waiting.append(replace(delivery, lost=self._gap))
            self._gap = 0
            wake = self._take_wake()
        if wake is not None:
            wake()

    def take(self, wake: Callable[[], None]) -> Delivery | None:
        """The oldest delivery. None: there is none now; `wake` is called once, from any thread, when that changes or the queue closes."""
        with self._changed:
            if not self._waiting:
                self._wake = wake
                return None
            delivery = self._waiting.popleft()
            self._changed.notify()
            return delivery

    def close(self) -> None:
        """Take nothing more, forget what is queued, and let go of whoever waits."""
        with self._changed:
            self.closed = True
            self._waiting.clear()
            self._changed.notify_all()
            wake = self._take_wake()
        if wake is not None:
            wake()

    def _full(self) -> bool:
        return len(self._waiting) >= self.capacity

    def _drop_oldest(self) -> None:
        oldest = self._waiting.popleft()
        lost = oldest.lost + self._count_lost(oldest, "oldest")
        if self._waiting:
            self._waiting[0] = replace(self._waiting[0], lost=self._waiting[0].lost + lost)
        else:
            self._gap += lost

    def _count_lost(self, delivery: Delivery, reason: str) -> int:
        rows = len(delivery.batch)
        self.lost += rows
        BUS_DROPPED.labels(self.name, reason).inc(rows)
        return rows

    def _take_wake(self) -> Callable[[], None] | None:
        wake, self._wake = self._wake, None
        return wake
