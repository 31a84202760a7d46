"""What comes faster than analyzers can look is passed over, whole and counted, and can be begun anew."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from spyglass.app.backlog import Backlog
from spyglass.model.batch import Batch
from spyglass.model.schema import Kind
from spyglass.publish.bus import Bus
from spyglass.publish.policy import Policy
from spyglass.testing.rows import spans


def batch(rows: int, at_ns: int) -> Batch:
    """So many spans that arrived at a time and after it, a nanosecond after one another."""
    return Batch(Kind.SPAN, spans(rows, received=list(range(at_ns, at_ns + rows)), start=[0] * rows))


@pytest.fixture
async def flow() -> AsyncIterator[tuple[Bus, Backlog]]:
    """A bus, and a backlog of twenty rows that takes from it."""
    bus = Bus()
    with bus.subscribe("analyzers", Policy.DROP_OLDEST, capacity=3) as subscription:
        backlog = Backlog(subscription, after_ns=9, most_rows=20)
        taking = asyncio.create_task(backlog.take())
        yield bus, backlog
    await taking


async def rows(backlog: Backlog, most: int = 100) -> list[int]:
    """Rows of the batches that are given out."""
    return [len(one) for one in await backlog.next(most, silence_s=5, gather_s=0)]


async def test_what_waits_is_given_out_in_order(flow: tuple[Bus, Backlog]) -> None:
    """As many rows as are wanted; what arrived before the beginning is not among them."""
    bus, backlog = flow
    for number, at_ns in enumerate((5, 20, 30)):
        bus.publish(number, batch(3 + number, at_ns))
    assert await rows(backlog, 5) == [4]  # the first one arrived before
    assert await rows(backlog) == [5]
    assert (backlog.behind, backlog.passed_over) == (False, 0)


async def test_a_batch_across_the_beginning_is_parted(flow: tuple[Bus, Backlog]) -> None:
    """Rows until then were read elsewhere."""
    bus, backlog = flow
    bus.publish(1, batch(4, 8))
    (told,) = await backlog.next(9, silence_s=5, gather_s=0)
    assert told.rows["received"].cast("int64").to_pylist() == [10, 11]


async def test_too_much_is_passed_over_until_one_begins_anew(flow: tuple[Bus, Backlog]) -> None:
    """With what waited, because it comes after it; then what is new is kept again."""
    bus, backlog = flow
    for number in range(1, 5):
        bus.publish(number, batch(6, 100 * number))
        await asyncio.sleep(0)
        await asyncio.sleep(0)
    assert await rows(backlog) == []
    assert backlog.behind
    assert (backlog.begin(500), backlog.behind) == (24, False)
    bus.publish(5, batch(6, 498))
    assert await rows(backlog) == [3]
