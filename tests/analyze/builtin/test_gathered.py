"""Sums of steps while buckets come."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

from spyglass.analyze.builtin.correlation import in_common
from spyglass.analyze.builtin.figures import SUMS
from spyglass.analyze.builtin.gathered import Gathered, Gathering
from spyglass.analyze.builtin.uses import Uses

MINUTE_NS = 60 * 10**9


@pytest.fixture
def buckets() -> list[pa.Table]:
    """Six of one minute, and one of the next."""
    random = np.random.default_rng(3)
    return [
        pa.table(
            {
                "project": random.choice(["p", "q"], 40),
                "agent": random.choice(["a", "b", "c"], 40),
                "model": random.choice(["", "m", "n"], 40),
                "tool": random.choice(["", "read"], 40),
                "bucket_ns": np.full(40, at * 10**10),
                **{name: random.integers(0, 10**9, 40) for name in SUMS},
                "slowest_ns": random.integers(0, 50, 40),
                "slowest_trace": pa.array([random.bytes(16) for _ in range(40)], pa.binary(16)),
                "slowest_span": pa.array([random.bytes(8) for _ in range(40)], pa.binary(8)),
            }
        )
        for at in range(7)
    ]


def said(gathered: Gathered) -> dict[tuple[str, str], object]:
    """All that is known of each agent."""
    uses = {
        (gathered.keys[agent], what, pairs.named[name])
        for what, pairs in gathered.uses().pairs.items()
        for agent, name in zip(pairs.agents.tolist(), pairs.names.tolist(), strict=True)
    }
    return {
        key: ([gathered.sums(name)[at] for name in SUMS], str(gathered.slowest(key)), {one[1:] for one in uses if one[0] == key})
        for at, key in enumerate(gathered.keys)
    }


def test_every_sum_is_that_of_the_rows(buckets: list[pa.Table]) -> None:
    """With the slowest call of each agent, the first of equals, and what it calls."""
    gathering = Gathering(MINUTE_NS)
    for bucket in buckets:
        gathering.add(bucket)
    rows = pa.concat_tables(buckets[:6]).to_pylist()
    expected = {}
    for key in {(row["project"], row["agent"]) for row in rows}:
        own = [row for row in rows if (row["project"], row["agent"]) == key]
        slowest = max(own, key=lambda row: row["slowest_ns"])
        uses = {(what, row[what]) for row in own for what in ("model", "tool") if row[what]}
        expected[key] = ([sum(row[name] for row in own) for name in SUMS], f"{slowest['slowest_trace'].hex()}/{slowest['slowest_span'].hex()}", uses)
    assert said(gathering.pop(0)) == expected
    assert gathering.first == 1


def test_what_is_saved_goes_on_as_if_nothing_had_been(buckets: list[pa.Table]) -> None:
    """In the middle of a minute."""
    through, first, second = Gathering(MINUTE_NS), Gathering(MINUTE_NS), Gathering(MINUTE_NS)
    for bucket in buckets:
        through.add(bucket)
    for bucket in buckets[:3]:
        first.add(bucket)
    second.restore(first.save())
    for bucket in buckets[3:]:
        second.add(bucket)
    assert [said(second.pop(step)) for step in (0, 1)] == [said(through.pop(step)) for step in (0, 1)]


def test_what_was_gathered_tells_what_agents_have_in_common(buckets: list[pa.Table]) -> None:
    """The same as the rows themselves do."""
    gathering = Gathering(MINUTE_NS)
    for bucket in buckets[:6]:
        gathering.add(bucket)
    moved = [("p", "a"), ("p", "b"), ("q", "c")]
    assert in_common(gathering.pop(0).uses(), moved) == in_common(Uses.of(pa.concat_tables(buckets[:6])), moved)
