"""Runs that go round in circles."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from spyglass.analyze.builtin.loops import Loops, Settings
from spyglass.analyze.builtin.steps import STEPS, taken
from spyglass.model.finding import event_of
from spyglass.plugin.contracts import Frame


def calls(arrived, steps, first=1, every=1.0, run=1, **said):
    """One tool call a second in one run: `steps` are (tool, arguments, result)."""
    count = len(steps)
    told = {
        "kind": "tool",
        "tool": [step[0] for step in steps],
        "input": [step[1] for step in steps],
        "output": [step[2] for step in steps],
        "trace_id": run.to_bytes(16),
        "span_id": [(run * 10_000 + first + at).to_bytes(8) for at in range(count)],
        "duration_ns": 10**8,
        "cost_usd": 0.0,
        "status_message": "",
        "input_messages": [[]] * count,
    }
    return arrived(count, [first + every * at for at in range(count)], **(told | said))


def found(batches, begin_ns, running=None):
    """All findings, some time after the last batch."""
    running = running or Loops(Settings())
    told = []
    for batch in batches:
        told += running.observe(Frame(STEPS, taken(batch.rows)))
        told += running.settle(max(batch.rows["received"].cast("int64").to_pylist(), default=0))
    return told + list(running.settle(begin_ns + 10_000 * 10**9))


def test_the_same_calls_with_the_same_results_are_a_loop_that_is_told_again_as_it_doubles(arrived, begin_ns):
    """Not at each repetition; with what was spent since the second round."""
    steps = [("search", '{"q": "x"}', "none"), ("read", '{"id": 7}', "empty")] * 16
    told = found([calls(arrived, [("open", "{}", "ok"), *steps], cost_usd=0.01)], begin_ns)
    assert [one.observed for one in told] == [4, 8, 16]
    assert {one.fingerprint for one in told} == {told[0].fingerprint}
    assert [one.rule for one in told] == ["loop"] * 3
    assert told[0].details["calls"] == ["search", "read"]
    assert (told[0].details["spent_usd"], told[0].details["spent_since_usd"]) == (0.09, 0.06)
    assert "search → read with the same arguments and results 4 times" in told[0].title
    assert told[0].evidence[0].span_id == (10_009).to_bytes(8).hex()


def test_ids_that_are_new_in_each_call_hide_no_loop(arrived, begin_ns):
    """Those of things do: four documents are four documents."""
    noisy = [("pay", f'{{"order": 5, "request_id": "r-{at}", "at": "2026-01-01T10:00:{at:02}.123"}}', "refused") for at in range(4)]
    paged = [("read", f'{{"id": {at}}}', "text") for at in range(4)]
    assert [one.rule for one in found([calls(arrived, noisy)], begin_ns)] == ["loop"]
    assert not found([calls(arrived, paged)], begin_ns)


def test_a_call_that_fails_again_and_again_is_a_retry_storm(arrived, begin_ns):
    """Of a model, too; a success in between ends it."""
    failing = [("pay", '{"order": 5}', "")] * 4
    tools = found([calls(arrived, failing, status="error", status_message="no funds")], begin_ns)
    models = found([calls(arrived, [("", "", "")] * 4, kind="llm", status="error", run=2)], begin_ns)
    mended = found([calls(arrived, failing * 2, status=["error"] * 3 + ["ok"] + ["error"] * 3 + ["ok"])], begin_ns)
    assert [(one.rule, one.subject.get("tool")) for one in tools] == [("retries", "pay")]
    assert [(one.rule, one.subject.get("model")) for one in models] == [("retries", "m")]
    assert [one.rule for one in mended] == []


def test_who_polls_is_told_later(arrived, begin_ns):
    """Results that differ, tools that are made for it, and calls of which nothing is known but the tool."""
    differs = [("look", "{}", f"{at} of 30") for at in range(25)]
    waits = [("wait_for_job", "{}", "pending")] * 25
    unknown = [("look", "", "")] * 25
    for run, steps in enumerate((differs, waits, unknown), 1):
        assert [(one.rule, one.observed) for one in found([calls(arrived, steps, run=run)], begin_ns)] == [("polling", 20)]


def test_spans_that_came_twice_are_seen_once(arrived, begin_ns):
    """Neither is a call that two instrumentations tell, one within the other."""
    steps = [("search", '{"q": "x"}', "none")] * 3
    batch = calls(arrived, steps)
    within = calls(arrived, steps * 2, every=0.01)
    assert not found([batch, batch], begin_ns)
    assert not found([within], begin_ns)


def test_agents_of_one_trace_and_traces_of_one_agent_are_looked_at_alone(arrived, begin_ns):
    """Two that do the same side by side do not add up."""
    steps = [("search", '{"q": "x"}', "none")] * 6
    assert not found([calls(arrived, steps, agent=["a", "b"] * 3)], begin_ns)
    assert not found([calls(arrived, steps[:3], run=1), calls(arrived, steps[:3], run=2)], begin_ns)


@settings(max_examples=25)
@given(seed=st.integers(0, 2**32), cuts=st.lists(st.integers(0, 200), max_size=8), again=st.integers(0, 8))
def test_the_same_rows_give_the_same_findings_however_they_are_cut_and_over_a_restart(arrived, begin_ns, seed, cuts, again):
    """Many runs at once, few tools, so that there are loops of all kinds."""
    random = np.random.default_rng(seed)
    said = {
        "kind": random.choice(["tool", "tool", "llm"], 200),
        "agent": random.choice(["a", "b"], 200),
        "tool": random.choice(["search", "read"], 200, p=[0.8, 0.2]),
        "input": random.choice(["{}", ""], 200, p=[0.9, 0.1]),
        "output": random.choice(["x", "y"], 200, p=[0.9, 0.1]),
        "status": random.choice(["ok", "error"], 200),
        "cost_usd": random.choice([0.0, 0.5, float("nan")], 200),
        "duration_ns": 1,
        "trace_id": [int(at).to_bytes(16) for at in random.integers(1, 4, 200)],
        "span_id": [int(at).to_bytes(8) for at in random.integers(1, 180, 200)],
    }
    whole = arrived(200, np.sort(random.integers(0, 120, 200) / 4), **said)
    edges = [0, *sorted(cuts), 200]
    parts = [whole.with_rows(whole.rows.slice(low, high - low)) for low, high in pairwise(edges) if high > low]
    once = [event_of(one) for one in found([whole], begin_ns)]
    first, second = Loops(Settings()), Loops(Settings())
    told = []
    for at, part in enumerate(parts):
        if at == again:
            second.restore(first.save())
            first = second
        told += first.observe(Frame(STEPS, taken(part.rows)))
        told += first.settle(part.rows["received"].cast("int64").to_numpy().max())
    assert once == [event_of(one) for one in [*told, *first.settle(begin_ns + 10_000 * 10**9)]]


def test_rows_that_mean_harm_do_none(arrived, begin_ns):
    """Nothing at all, NaN, endless arguments, clocks that jump, more runs than there is room for."""
    running = Loops(Settings(most_runs=100))
    huge = calls(arrived, [("write", "x" * 3_000_000, "")] * 5, cost_usd=float("nan"), start=[begin_ns, 0, 2**62, 1, 5])
    many = arrived(1000, 20, kind="tool", tool="t", input="{}", trace_id=[(at + 9).to_bytes(16) for at in range(1000)])
    empty = huge.with_rows(huge.rows.slice(0, 0))
    assert not found([empty, many], begin_ns, running)
    assert {one.rule for one in found([huge], begin_ns)} == {"loop"}
    assert running.save()["places"].num_rows <= 1100


def test_a_pattern_that_is_none_is_refused():
    """Before anything starts."""
    with pytest.raises(ValidationError, match="regular expression"):
        Settings(polling_tools="(")


def test_state_can_be_kept_in_a_file(arrived, begin_ns):
    """Each part of it is a table, whatever was seen."""
    running = Loops(Settings())
    assert all(isinstance(table, pa.Table) for table in running.save().values())
    again = Loops(Settings())
    again.restore(running.save())
    assert [one.rule for one in found([calls(arrived, [("a", "{}", "x")] * 4)], begin_ns, again)] == ["loop"]
