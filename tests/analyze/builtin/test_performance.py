"""Calls that became slower, dearer or less reliable."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spyglass.analyze.builtin.performance import Performance, Settings
from spyglass.analyze.stats.shares import BINS
from spyglass.model.finding import event_of

MINUTES = 120


def lognormal(random, count, by=1.0):
    """Durations as they are, a second in the middle."""
    return (np.exp(random.normal(0, 0.5, count)) * by * 1e9).astype(np.int64)


def found(batches, begin_ns, running=None):
    """All findings, some time after the last batch."""
    running = running or Performance(Settings())
    told = []
    for batch in batches:
        told += running.observe(batch)
        told += running.settle(max(batch.rows["received"].cast("int64").to_pylist(), default=0))
    return told + list(running.settle(begin_ns + 100_000 * 10**9))


@pytest.fixture(scope="module")
def minutes(arrived):
    """`minutes(said)`: forty calls of each of some agents in each of two hours; `said(minute, agents, random)` tells what differs."""

    def make(said, agents=1, calls=40, count=MINUTES, seed=3):
        random = np.random.default_rng(seed)
        batches = []
        for minute in range(count):
            names = np.repeat([f"agent-{number}" for number in range(agents)], calls)
            told = {"duration_ns": lognormal(random, len(names)), "agent_version": "1", "cost_usd": 0.01, "output_tokens": 100, "time_to_first_chunk_s": 0.2}
            batches.append(arrived(len(names), np.sort(minute * 60 + random.random(len(names)) * 59), agent=names, **(told | said(minute, names, random))))
        return batches

    return make


def test_a_tail_that_grew_is_found_with_what_it_was(minutes, begin_ns):
    """One call in five takes four times as long; the median hardly moves."""

    def said(minute, names, random):
        slow = (random.random(len(names)) < 0.2) & (minute >= 60)
        return {"duration_ns": np.where(slow, 4, 1) * lognormal(random, len(names))}

    (one,) = [one for one in found(minutes(said), begin_ns) if one.rule == "duration_grew"]
    assert one.details["quantile"] == 0.95
    assert one.expected[1] < 3 < one.observed
    assert "95th percentile" in one.title
    assert one.evidence[0].span_id
    low, high = (next(line for line in one.details["quantiles"] if line.startswith(start)) for start in ("50%", "95%"))
    assert float(low.split()[4]) < 1.3 * float(low.split()[1])
    assert float(high.split()[4]) > 1.5 * float(high.split()[1])


def test_a_new_version_is_compared_with_the_one_before(minutes, begin_ns):
    """As soon as it has enough calls, and said to be the version's."""

    def said(minute, names, random):
        late = minute >= 60
        return {"agent_version": "2" if late else "1", "cost_usd": 0.02 if late else 0.01}

    told = found(minutes(said), begin_ns)
    assert [(one.rule, one.subject["agent_version"]) for one in told] == [("cost_version", "2")]
    assert "with version 1" in told[0].title
    assert told[0].observed == pytest.approx(0.02, rel=0.2)


def test_failures_that_became_more_are_found(minutes, begin_ns):
    """As a share."""
    told = found(
        minutes(lambda minute, names, random: {"status": np.where(random.random(len(names)) < (0.2 if minute >= 60 else 0.02), "error", "ok")}), begin_ns
    )
    assert [one.rule for one in told] == ["failures_grew"]
    assert 0.1 < told[0].observed < 0.3


def test_a_slow_model_is_told_from_an_agent_that_is_slow_alone(minutes, begin_ns):
    """Those that are judged after others of the same model say how many of these became slower, too."""

    def said(slow):
        return lambda minute, names, random: {"duration_ns": lognormal(random, len(names)) * np.where(np.isin(names, slow) & (minute >= 60), 3, 1)}

    everyone = [one for one in found(minutes(said(["agent-0", "agent-1", "agent-2", "agent-3"]), agents=4), begin_ns) if one.rule == "duration_grew"]
    assert everyone[-1].title.endswith("; as 3 of 3 others that call m")
    assert (everyone[-1].peers, everyone[-1].compared, everyone[-1].cause) == (3, 3, "model m")
    (alone,) = [one for one in found(minutes(said(["agent-2"]), agents=4), begin_ns) if one.rule == "duration_grew"]
    assert alone.title.endswith("; it alone, of 4 agents that call m")
    assert (alone.peers, alone.cause) == (0, "")


def test_where_nothing_changes_hardly_anything_is_told(minutes, begin_ns):
    """Thirty agents for two hours, whose calls are slow together in some minutes; the budget is one a day."""

    def said(minute, names, random):
        return {"duration_ns": lognormal(random, len(names), np.exp(random.normal(0, 0.2)))}

    assert len(found(minutes(said, agents=30, calls=30), begin_ns)) <= 1


def test_a_slow_run_is_one_and_a_half_times_the_last_five(arrived, begin_ns):
    """No more than once an hour for an agent."""
    lasted = np.array([10, 10, 10, 10, 10, 14, 17, 30, 40]) * 10**9
    told = found([arrived(9, np.arange(9) * 60 + 0.123456789, kind="agent", duration_ns=lasted)], begin_ns)
    assert [(one.rule, one.severity, one.observed) for one in told] == [("run_slow", "info", 17.0)]
    assert told[0].expected[1] == pytest.approx(1.5 * 10.8)


SMALL = Settings(calls=50, learns_calls=50)


@pytest.fixture(scope="module")
def two_hours(arrived, begin_ns):
    """Calls of all sorts in one batch, and what is found in it."""
    random = np.random.default_rng(1)
    received = np.sort(random.integers(0, 7200, 1200))
    said = {
        "agent": random.choice(["a", "b"], 1200),
        "kind": random.choice(["llm", "agent"], 1200),
        "duration_ns": lognormal(random, 1200) * np.where(received > 3600, 3, 1),
        "cost_usd": random.choice([0.0, 0.5, float("nan"), float("inf"), -1.0], 1200),
        "span_id": [at.to_bytes(8) for at in range(1, 1201)],
    }
    whole = arrived(1200, received, **said)
    return whole, found([whole], begin_ns, Performance(SMALL))


@settings(max_examples=5)
@given(cuts=st.lists(st.integers(0, 1200), max_size=6), again=st.integers(0, 6))
def test_the_same_rows_give_the_same_findings_however_they_are_cut_and_over_a_restart(two_hours, begin_ns, cuts, again):
    """Byte for byte."""
    whole, once = two_hours
    edges, first, told = [0, *sorted(cuts), 1200], Performance(SMALL), []
    for at, (low, high) in enumerate(pairwise(edges)):
        part = whole.with_rows(whole.rows.slice(low, high - low))
        if at == again:
            second = Performance(SMALL)
            second.restore(first.save())
            first = second
        told += first.observe(part)
        told += first.settle(max(part.rows["received"].cast("int64").to_pylist(), default=0))
    told += first.settle(begin_ns + 100_000 * 10**9)
    assert once
    assert [event_of(one) for one in told] == [event_of(one) for one in once]


def test_more_series_than_there_is_room_for_push_out_the_silent_ones(arrived, begin_ns):
    """A million new names in a minute cost no more than the bound."""
    running = Performance(Settings(most_series=100))
    assert not found([arrived(3000, np.sort(np.arange(3000) % 7), agent=[f"a{at}" for at in range(3000)])], begin_ns, running)
    assert running.save()["series"].num_rows == 100


def test_figures_beyond_what_floats_count_harm_nobody(arrived, begin_ns):
    """What a broken sender tells is looked at like everything else."""
    calls = arrived(3, [1, 2, 3], duration_ns=[2**54 + 11, 2**63 - 1, 10**9], output_tokens=[2**54 + 11, 2**64 - 1, 1], start=[0] * 3)
    assert found([calls], begin_ns) == []


def test_series_beyond_the_bound_are_left_out_and_mixed_with_no_other(arrived):
    """Of 150 agents that call within a minute, where a hundred series are kept: each that is kept has its own calls and no others'."""
    running, names = Performance(Settings(most_series=100)), [f"agent-{number:03}" for number in np.repeat(range(150), 3)]
    batch = arrived(len(names), np.linspace(0, 30, len(names)), agent=names, duration_ns=10**9, agent_version="1")
    list(running.observe(batch))
    list(running.settle(max(batch.rows["received"].cast("int64").to_pylist()) + 10**9))
    series = running.save()["series"]
    assert len(set(series["agent"].to_pylist())) == 100
    assert {np.frombuffer(row, np.float32).reshape(-1, BINS)[-1].sum() for row in series["fresh"].to_pylist()} == {3}
