"""What a full queue does."""

from __future__ import annotations

import threading

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spyglass.model.batch import Batch
from spyglass.model.schema import Kind
from spyglass.plugin.contracts import Delivery
from spyglass.publish.policy import Policy, Queue
from spyglass.testing.rows import spans

BATCH = Batch(Kind.SPAN, spans(2))


def _put(queue: Queue, *offsets: int) -> None:
    for offset in offsets:
        queue.put(Delivery(offset, BATCH))


def _take_all(queue: Queue) -> list[tuple[int, int]]:
    """Offset and rows lost before it, of all that is queued."""
    taken = []
    while delivery := queue.take(lambda: None):
        taken.append((delivery.offset, delivery.lost))
    return taken


@pytest.mark.parametrize(
    ("policy", "left", "after"),
    [
        (Policy.SKIP, [(0, 0), (1, 0)], [(9, 6)]),
        (Policy.DROP_OLDEST, [(3, 6), (4, 0)], [(9, 0)]),
        (Policy.WAIT, [(0, 0), (1, 0)], [(9, 6)]),
    ],
)
def test_a_full_queue_drops_what_its_policy_says(policy: Policy, left: list[tuple[int, int]], after: list[tuple[int, int]]) -> None:
    """Five batches of two rows into room for two: what is lost is told with the delivery that follows the gap."""
    queue = Queue("test", policy, 2, timeout_s=0)
    _put(queue, *range(5))
    assert _take_all(queue) == left
    _put(queue, 9)
    assert _take_all(queue) == after
    assert queue.lost == 6


@settings(max_examples=50, deadline=None)
@given(steps=st.lists(st.booleans(), max_size=40), policy=st.sampled_from([Policy.SKIP, Policy.DROP_OLDEST]), capacity=st.integers(1, 4))
def test_rows_told_lost_are_exactly_those_missing(steps: list[bool], policy: Policy, capacity: int) -> None:
    """Whatever the order of puts and takes: between two deliveries, the rows lost are those of the offsets in between."""
    queue = Queue("test", policy, capacity, timeout_s=0)
    taken: list[Delivery] = []
    for offset, put in enumerate(steps):
        if put:
            queue.put(Delivery(offset, BATCH))
        elif delivery := queue.take(lambda: None):
            taken.append(delivery)
    while delivery := queue.take(lambda: None):
        taken.append(delivery)
    puts = [offset for offset, put in enumerate(steps) if put]
    expected, before = [], 0
    for delivery in taken:
        place = puts.index(delivery.offset)
        expected.append((place - before) * len(BATCH))
        before = place + 1
    assert [delivery.lost for delivery in taken] == expected
    assert len(queue) == 0


def test_wait_holds_the_publisher_until_there_is_room() -> None:
    """The batch is late, and not lost."""
    queue = Queue("test", Policy.WAIT, 1, timeout_s=10)
    _put(queue, 0)
    publisher = threading.Thread(target=_put, args=(queue, 1))
    publisher.start()
    assert _take_all(queue)[0] == (0, 0)
    publisher.join(10)
    assert not publisher.is_alive()
    assert queue.lost == 0


def test_closing_lets_a_waiting_publisher_go() -> None:
    """A subscriber that leaves holds nobody back."""
    queue = Queue("test", Policy.WAIT, 1, timeout_s=60)
    _put(queue, 0)
    publisher = threading.Thread(target=_put, args=(queue, 1))
    publisher.start()
    queue.close()
    publisher.join(10)
    assert not publisher.is_alive()
    assert _take_all(queue) == []


def test_the_reader_is_woken_once_per_sleep() -> None:
    """A thousand batches while it is away wake it once."""
    queue, woken = Queue("test", Policy.DROP_OLDEST, 4, timeout_s=0), []
    assert queue.take(lambda: woken.append(1)) is None
    _put(queue, *range(1000))
    assert woken == [1]
