"""Runs that burn more than others before them, and conversations that fill up their model."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spyglass.analyze.builtin.progress import Progress, Settings
from spyglass.analyze.builtin.steps import STEPS, taken
from spyglass.model.finding import event_of
from spyglass.plugin.contracts import Frame


def seen(running, rows, until_ns=None):
    """What is found of these spans, and when they are over."""
    told = [*running.observe(Frame(STEPS, taken(rows)))]
    return told + list(running.settle(until_ns or max(rows["received"].cast("int64").to_pylist(), default=0)))


def found(batches, begin_ns, running=None):
    """All findings."""
    running = running or Progress(Settings())
    told = [one for batch in batches for one in seen(running, batch.rows)]
    return told + list(running.settle(begin_ns + 10**18))


@pytest.fixture(scope="module")
def runs(arrived):
    """`runs(at, run, input)`: calls of a tool; each run is a trace."""

    def make(at, run, text, **said):
        count = len(at)
        told = {
            "kind": "tool",
            "tool": "search",
            "input": text,
            "trace_id": [number.to_bytes(16) for number in run],
            "span_id": [(int(second * 1000) * 10_000 + place).to_bytes(8) for place, second in enumerate(at)],
            "input_messages": [[]] * count,
            "cost_usd": 0.01,
            "input_tokens": 0,
            "output_tokens": 0,
        }
        return arrived(count, list(at), **(told | said))

    return make


@pytest.fixture(scope="module")
def usual(runs):
    """Forty runs of five calls each."""
    numbers = np.repeat(np.arange(1, 41), 5).tolist()
    return runs([number // 20 * 60.0 for number in numbers], numbers, [f'{{"n": {at}}}' for at in range(200)])


def test_a_run_that_spends_more_than_those_before_is_told_while_it_runs(runs, usual, begin_ns):
    """And again when it has spent twice as much."""
    at = [3_600 + second // 10 * 60.0 for second in range(60)]
    burning = runs(at, [99] * 60, [f'{{"m": {number}}}' for number in range(60)])
    first, second = found([usual, burning], begin_ns)
    assert (first.rule, first.severity, dict(first.subject)) == ("overspent", "warning", {"agent": "planner", "metric": "USD"})
    assert (first.observed, second.observed) == (pytest.approx(0.2), pytest.approx(0.4))
    assert first.title.startswith("planner: a run has spent 0.2 USD in 20 calls so far and goes on; half of 40 earlier runs ended below about 0.048 USD")
    assert first.details["new_calls"] == 1.0
    assert first.fingerprint == second.fingerprint
    assert event_of(first).attributes["spyglass.finding.evidence"] == [f"{(99).to_bytes(16).hex()}/{first.evidence[0].span_id}"]


def test_one_call_may_be_too_much(runs, usual, begin_ns):
    """And is one."""
    (one,) = found([usual, runs([3_600.0], [99], ["{}"], cost_usd=9.0)], begin_ns)
    assert "has spent 9.00 USD in 1 call so far" in one.title


def test_a_run_that_spends_too_much_is_told_within_a_second(runs, usual, begin_ns):
    """Not when the minute is over: it goes on spending."""
    burning = runs([3_600.0 + number / 10 for number in range(300)], [99] * 300, [f'{{"m": {number}}}' for number in range(300)])
    first, *later = found([usual, burning], begin_ns)
    assert (first.time_ns - begin_ns) / 1e9 == 3_602.0
    assert (first.observed, [one.observed for one in later]) == (pytest.approx(0.2), pytest.approx([0.4, 0.8, 1.6]))


def test_costs_that_are_skewed_are_no_alarm_and_what_none_of_them_was_is_one(runs, begin_ns):
    """Five of a thousand such runs cost more than twice what 95 of 100 do, and nothing is wrong with them; three hundred times the usual is another matter."""
    random = np.random.default_rng(6)
    numbers = list(range(1, 1_201))
    costs = 0.01 * np.exp(random.normal(0, 1, len(numbers)))
    skewed = runs([number // 100 * 720.0 for number in numbers], numbers, "x", cost_usd=costs.tolist())
    burning = runs([10_000.0], [9_999], "x", cost_usd=3.0)
    told = found([skewed, burning], begin_ns)
    assert len(told) <= 2
    assert told[-1].observed == pytest.approx(3.0)
    assert told[-1].expected[1] > 2 * 0.01 * np.exp(1.645)


def test_a_run_of_sixty_times_the_usual_is_told_among_skewed_ones(runs, begin_ns):
    """Eight thousand lognormal runs of eight agents, 23,000 a day: by chance one run a day costs 51 times the usual. What it is told by is not much more."""
    random = np.random.default_rng(0)
    numbers = np.arange(8_000)
    agents, at, costs = numbers % 8, numbers // 16 * 60.0, 0.01 * np.exp(random.normal(0, 1, len(numbers)))
    skewed = runs(at.tolist(), (numbers + 1).tolist(), "x", cost_usd=costs.tolist(), agent=[f"agent-{agent}" for agent in agents])
    burning = runs([31_000.0] * 8, range(9_001, 9_009), "x", cost_usd=0.6, agent=[f"agent-{agent}" for agent in range(8)])
    told = [one.observed == pytest.approx(0.6) for one in found([skewed, burning], begin_ns)]
    assert told.count(False) <= 1
    assert told.count(True) >= 6


def test_a_run_that_does_the_same_again_and_again_is_an_error(runs, usual, begin_ns):
    """It brings nothing new. Without prices its calls count."""
    free = [batch.with_rows(batch.rows.set_column(batch.rows.schema.get_field_index("cost_usd"), "cost_usd", [[0.0] * len(batch)])) for batch in [usual]]
    (one,) = found([*free, runs([3_600.0] * 30, [99] * 30, "{}", cost_usd=0.0)], begin_ns)
    assert (one.severity, one.unit, one.observed) == ("error", "calls", 30.0)
    assert "stop it" in one.suggestion


def test_runs_like_those_before_and_agents_that_are_not_known_are_not_told(runs, usual, begin_ns):
    """Spans that come twice count once."""
    other = runs([3_600.0] * 60, [99] * 60, "{}", agent="other")
    again = runs([3_600.0 + second for second in range(6)], [98] * 6, "x")
    assert found([usual, other, *[again] * 4], begin_ns) == []


def test_a_conversation_that_fills_up_its_model_is_told_once(runs, begin_ns):
    """With how many calls are left; models that nobody knows have no window."""
    sizes = [70_000, 85_000, 100_000, 105_000, 110_000]
    said = {"kind": "llm", "tool": "", "model": "gpt-4o-2024-08-06", "input_tokens": sizes}
    unknown = runs([5.0] * 5, [2] * 5, "", **(said | {"model": "mine"}))
    (one,) = found([runs([1.0, 2.0, 3.0, 4.0, 65.0], [1] * 5, "", **said), unknown], begin_ns)
    assert (one.rule, one.observed) == ("context_filling", pytest.approx(105_000 / 128_000))
    assert one.title == "planner: a call of gpt-4o-2024-08-06 takes 105,000 tokens of its 128,000, full in about 2 more"


def test_how_fast_a_conversation_grows_is_known_from_its_calls_of_before(runs, begin_ns):
    """A call a minute: what was sent then counts over a restart, too."""
    said = {"kind": "llm", "tool": "", "model": "gpt-4o-2024-08-06"}
    sizes, running = [83_000, 91_000, 99_000, 107_000], Progress(Settings())
    told = []
    for number, size in enumerate(sizes):
        told += seen(running, runs([60.0 * number], [1], "", **said, input_tokens=size).rows, begin_ns + (60 * number + 30) * 10**9)
        saved = running.save()
        running = Progress(Settings())
        running.restore(saved)
    assert [one.title for one in told] == ["planner: a call of gpt-4o-2024-08-06 takes 107,000 tokens of its 128,000, full in about 3 more"]


@settings(max_examples=5, deadline=None)
@given(seed=st.integers(0, 2**16), cuts=st.lists(st.integers(0, 150), max_size=5))
def test_the_same_rows_give_the_same_findings_however_they_are_cut(runs, begin_ns, seed, cuts):
    """With a restart at each cut, late starts and copies."""
    random = np.random.default_rng(seed)
    at = np.sort(random.integers(0, 5, 150) * 900.0 + random.random(150) * 59)
    numbers = (at // 900 * 100 + random.integers(0, 20, 150) ** 2 // 40).astype(int).tolist()
    whole = runs(at, numbers, [f"{number}" for number in random.integers(0, 5, 150)], agent=[f"agent-{number % 2}" for number in numbers])
    wanted = Settings(learns_runs=10, factor=1.0)
    expected = found([whole], begin_ns, Progress(wanted))
    told, running = [], Progress(wanted)
    for low, high in pairwise([0, *sorted(cuts), 150]):
        told += seen(running, whole.rows.slice(low, high - low)) if high > low else []
        again = Progress(wanted)
        again.restore(running.save())
        running = again
    assert [*told, *running.settle(begin_ns + 10**18)] == expected


def test_hostile_rows_harm_nobody(runs, begin_ns):
    """Costs that are no numbers, sizes beyond all, times that jump."""
    said = {"cost_usd": [float("nan"), float("inf"), -1.0, 1e300], "input_tokens": 2**62, "kind": "llm", "model": "gpt-4o"}
    told = found([runs([9.0, 1.0, 10**6, 9.0], [1] * 4, "x" * 10_000, **said)] * 2, begin_ns)
    assert {one.rule for one in told} <= {"context_filling"}
