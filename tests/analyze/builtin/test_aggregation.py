"""Sums of ten seconds."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from spyglass.analyze.builtin.aggregation import BUCKET_NS, Aggregation, Settings


def bucketed(batches, now_ns):
    """All buckets, whatever the cut."""
    running = Aggregation(Settings())
    for batch in batches:
        assert not list(running.observe(batch))
    return [row for frame in running.settle(now_ns) for row in frame.rows.to_pylist()]


@settings(max_examples=20)
@given(seed=st.integers(0, 2**32), cuts=st.lists(st.integers(0, 300), max_size=8))
def test_every_sum_is_that_of_the_rows_however_they_were_cut(arrived, begin_ns, seed, cuts):
    """Also in another order within the same time."""
    random = np.random.default_rng(seed)
    said = {
        "agent": random.choice(["a", "b"], 300),
        "tool": random.choice(["", "search"], 300),
        "status": random.choice(["ok", "error"], 300),
        "duration_ns": random.integers(0, 10**10, 300),
        "input_tokens": random.integers(0, 10**6, 300),
        "cost_usd": random.random(300),
    }
    received = np.sort(random.random(300) * 60)
    whole = arrived(300, received, **said)
    edges = [0, *sorted(cuts), 300]
    parts = [whole.with_rows(whole.rows.slice(low, high - low)) for low, high in pairwise(edges) if high > low]
    told = bucketed([whole], begin_ns + 80 * 10**9)
    assert told == bucketed(parts, begin_ns + 80 * 10**9)
    expected: Counter[tuple] = Counter()
    for agent, tool, at, lasted, tokens, status in zip(
        said["agent"], said["tool"], received, said["duration_ns"], said["input_tokens"], said["status"], strict=True
    ):
        bucket = (begin_ns + int(at * 1e9)) // BUCKET_NS * BUCKET_NS
        for name, value in (("calls", 1), ("duration_ns", lasted), ("input_tokens", tokens), ("errors", status == "error")):
            expected[agent, tool, bucket, name] += int(value)
    found = {(row["agent"], row["tool"], row["bucket_ns"], name): row[name] for row in told for name in ("calls", "duration_ns", "input_tokens", "errors")}
    assert found == dict(expected)


def test_only_what_is_over_is_told(arrived, begin_ns):
    """The rest comes with its own time, also after a restart."""
    running = Aggregation(Settings())
    list(running.observe(arrived(2, [1, 11])))
    first = [row["calls"] for frame in running.settle(begin_ns + 12 * 10**9) for row in frame.rows.to_pylist()]
    again = Aggregation(Settings())
    again.restore(running.save())
    second = [row["calls"] for frame in again.settle(begin_ns + 20 * 10**9) for row in frame.rows.to_pylist()]
    assert (first, second) == ([1], [1])


def test_what_runs_still_is_not_counted(arrived, begin_ns):
    """It is when it has ended."""
    running = Aggregation(Settings())
    list(running.observe(arrived(3, [1, 2, 3], pending=[True, False, False])))
    assert [row["calls"] for frame in running.settle(begin_ns + 20 * 10**9) for row in frame.rows.to_pylist()] == [2]
