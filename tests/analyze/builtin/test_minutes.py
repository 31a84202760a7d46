"""Minutes that are judged in parts."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from spyglass.analyze.builtin.minutes import MINUTE_NS, MinutesInParts

LATER_NS = 2 * 10**9
END_NS = MINUTE_NS + LATER_NS


def rows(count: int) -> pa.Table:
    """Of fifty agents within the first minute."""
    agents = [f"agent-{number % 50}" for number in range(count)]
    return pa.table({"project": ["p"] * count, "agent": agents, "received": np.arange(count), "number": np.arange(count)})


def numbers(parts: list[pa.Table]) -> list[list[int]]:
    return [sorted(part["number"].to_pylist()) for part in parts]


def test_a_busy_minute_is_judged_agent_by_agent_one_part_after_the_other() -> None:
    """Each row once, all of an agent in one part, and no part is due before its time."""
    waiting, busy = MinutesInParts(LATER_NS), rows(10_000)
    waiting.add(busy)
    assert list(waiting.over(END_NS - 1)) == []
    parts = [list(waiting.over(END_NS + at * 10**7)) for at in range(100)]
    assert max(map(len, parts)) == 1
    told = [part for one in parts for part in one]
    assert len(told) > 1
    agents = [set(part["agent"].to_pylist()) for part in told]
    assert sum(map(len, agents)) == len(set().union(*agents)) == 50
    assert sorted(number for part in numbers(told) for number in part) == list(range(10_000))


def test_what_is_left_of_a_minute_outlives_a_restart() -> None:
    """And whoever looks late is given all parts at once, the same ones."""
    waiting, late = MinutesInParts(LATER_NS), MinutesInParts(LATER_NS)
    for one in (waiting, late):
        one.add(rows(10_000))
    first = list(waiting.over(END_NS))
    fresh = MinutesInParts(LATER_NS)
    fresh.restore(waiting.save())
    assert numbers(first + list(fresh.over(2 * END_NS))) == numbers(list(late.over(2 * END_NS)))


def test_a_quiet_minute_is_one() -> None:
    """Nobody waits for it."""
    waiting = MinutesInParts(LATER_NS)
    waiting.add(rows(300))
    assert numbers(list(waiting.over(END_NS))) == [list(range(300))]
